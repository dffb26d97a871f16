"""
``python -m warmline.actions``: the action server, on loopback only, in one process, warm before it answers.

``python -m rasa_sdk --actions actions`` serves the same actions, from two processes and cold: the first customer would
wait some seconds for what is read at the first use.
"""

from __future__ import annotations

import argparse
import hmac
import importlib.util
import logging
import sys
from typing import Any

from warmline import settings
from warmline.actions.services import WRITTEN_AT, services
from warmline.core.errors import BackendError, SettingsError
from warmline.language import read

LISTEN_ON = "127.0.0.1"
WEBHOOK = "/webhook"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m warmline.actions")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--guarded", action="store_true", help="serve only who shows WARMLINE_ENGINE_TOKEN")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        services()
        token = settings.load_secrets(settings.load()).engine_token if options.guarded else None
    except (SettingsError, BackendError) as wrong:
        print(f"The actions cannot start: {wrong.text}", file=sys.stderr)  # noqa: T201 (the supervisor shows it)
        return 1
    make_app(token).run(host=LISTEN_ON, port=options.port, single_process=True, access_log=False, motd=False)
    return 0


def make_app(token: str | None) -> Any:
    """
    rasa-sdk's own application with all our actions; it reads a text and looks for what they need before it serves. With
    a *token*, calls without it get 401.
    """
    from rasa_sdk.endpoint import create_app
    from rasa_sdk.executor import ActionExecutor
    from sanic.response import json

    executor = ActionExecutor()
    executor.register_package("warmline.actions")
    if importlib.util.find_spec("actions") is not None:
        executor.register_package("actions")
    app = create_app(executor, cors_origins=[])

    async def guard(request: Any) -> Any:
        shown = request.headers.get("authorization", "").encode()
        if token and request.path != "/health" and not hmac.compare_digest(shown, f"Bearer {token}".encode()):
            return json({"error": "The engine's token is missing."}, status=401)
        return None

    async def keep_time(request: Any) -> None:
        if request.path == WEBHOOK:
            WRITTEN_AT.set(written_at(request.json))

    app.register_middleware(guard, "request")
    app.register_middleware(keep_time, "request")

    async def warm_up(app: Any) -> None:
        read("where is my order")
        try:
            await services().check()
        except BackendError as wrong:  # customers are told honestly, and it may come back
            logging.getLogger(__name__).warning("The assistant starts without what its actions need. %s", wrong.text)

    app.register_listener(warm_up, "before_server_start")
    return app


def written_at(call: Any) -> float:
    """When the message of Rasa's *call* was kept, in Unix seconds; 0.0 when the call does not say."""
    try:
        return float(call["tracker"]["latest_message"]["metadata"]["turns"][-1]["at"])
    except (KeyError, IndexError, TypeError, ValueError):
        return 0.0


if __name__ == "__main__":
    sys.exit(main())
