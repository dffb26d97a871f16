"""
``python -m warmline.engine.serve``: the engine's process, on loopback only, with nothing but our own channel.

Rasa's own server would bring an HTTP API that can swap models and read conversations, and TensorFlow: this one starts
in a third of the time and answers two paths.
"""

import argparse
import asyncio
import json
import logging
import sys
import tarfile
import warnings
from pathlib import Path
from typing import Any

from warmline.core.errors import SettingsError
from warmline.engine import lean_start, project

LISTEN_ON = "127.0.0.1"
HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m warmline.engine.serve")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    warnings.simplefilter("ignore")
    try:
        if not lean_start.needed(lean_start.components_of_model(json.loads(_metadata(options.model)))):
            lean_start.leave_tensorflow_out()
        app = make_app(options.root, options.model)
    except (SettingsError, OSError, ValueError, tarfile.TarError, KeyError) as wrong:
        print(f"The engine cannot start: {wrong}", file=sys.stderr)  # noqa: T201 (the supervisor shows this line)
        return 1
    app.run(host=LISTEN_ON, port=options.port, workers=1, access_log=False, debug=False, motd=False)
    return 0


def make_app(root: Path, model: Path) -> Any:
    """The Sanic application of *model*, of the project at *root*; the model is loaded at its start."""
    import rasa.core.agent
    from rasa.shared.utils.io import read_config_file
    from rasa.utils.log_utils import configure_structlog
    from sanic import Sanic

    from warmline.engine.channel import WarmlineChannel

    configure_structlog(logging.WARNING)  # Rasa's debug lines hold what customers wrote
    endpoints = endpoints_of(root)
    credentials = read_config_file(str(HERE / "credentials.yml"))
    channel = WarmlineChannel.from_credentials(credentials["warmline.engine.channel.WarmlineChannel"])
    app = Sanic("warmline_engine", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = 2 * 1024 * 1024
    app.config.RESPONSE_TIMEOUT = 30
    app.blueprint(channel.blueprint(_unused), url_prefix="/webhooks/warmline")

    async def load(app: Any, loop: asyncio.AbstractEventLoop) -> None:
        agent = await rasa.core.agent.load_agent(model_path=str(model), endpoints=endpoints, loop=loop)
        if not agent.is_ready():
            raise RuntimeError("The model cannot be loaded.")
        app.ctx.agent = agent
        await warm_up(agent)

    app.register_listener(load, "before_server_start")
    return app


def endpoints_of(root: Path) -> Any:
    """
    Our endpoints.yml, and of that of the project at *root* how it chooses words (``nlg``) and whether its actions do
    without the domain (``enable_selective_domain``). Its tracker store, event broker, lock store and model server are
    left aside: the bridge keeps the record, and a model is a file. Where its action server is, is the action server's
    concern.
    """
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import read_endpoint_config

    ours = AvailableEndpoints.read_endpoints(str(HERE / "endpoints.yml"))
    theirs = project.find(root).endpoints
    if theirs is not None:
        ours.nlg = read_endpoint_config(str(theirs), "nlg") or ours.nlg
        action = (project.read(theirs) or {}).get("action_endpoint") or {}
        ours.action.kwargs["enable_selective_domain"] = action.get("enable_selective_domain") is True
    return ours


async def warm_up(agent: Any) -> None:
    """Read one text, so that the first customer does not wait for what is loaded at the first use."""
    await agent.parse_message("Hello, can you help me?")


async def _unused(message: Any) -> None:
    raise NotImplementedError("The channel does not go through Rasa's own handler.")


def _metadata(model: Path) -> str:
    with tarfile.open(model) as archive:
        member = next(one for one in archive.getmembers() if Path(one.name).name == "metadata.json")
        file = archive.extractfile(member)
        return file.read().decode() if file else ""


if __name__ == "__main__":
    sys.exit(main())
