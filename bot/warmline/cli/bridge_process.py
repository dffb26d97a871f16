"""The bridge's process, ``python -m warmline.cli.bridge_process``: its parts are put together here, the demo's too."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time

import msgspec
import structlog

from actions.backend.demo import DemoShop
from warmline.bridge.pages import Body
from warmline.bridge.server import Bridge
from warmline.core.errors import SettingsError, WarmlineError
from warmline.rules_file import load_rules
from warmline.settings import Settings, load, load_secrets
from warmline.store.sqlite import SqliteStore

OUTBOX_SHOWN = 20
TEAM_DEFAULT, DEMO_TEAM = "Warmline", "Fjord & Fern"


def main() -> None:
    """Serve until SIGTERM or SIGINT, then drain. Exits 1, or 78 for a person to mend something, with one sentence."""
    try:
        settings = load()
        _log(settings)
        asyncio.run(serve(settings))
    except SettingsError as wrong:
        sys.stderr.write(wrong.text + "\n")
        sys.exit(os.EX_CONFIG)  # the supervisor does not try again what a person has to mend
    except WarmlineError as wrong:
        sys.exit(wrong.text)
    except OSError as wrong:
        sys.exit(f"The bridge cannot listen on {settings.host}:{settings.port}: {wrong.strerror}.")


async def serve(settings: Settings) -> None:
    """Run a bridge with *settings* until it is told to stop, or a part of it fails (raises what the part raised)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if settings.demo and settings.team_name == TEAM_DEFAULT:
        settings = msgspec.structs.replace(settings, team_name=DEMO_TEAM)
    store = SqliteStore(settings.store_path)
    extra = {"/demo/outbox.json": _outbox(settings)} if settings.demo else {}
    async with Bridge(settings, load_secrets(settings), store, load_rules(settings.rules_path), extra=extra) as bridge:
        assert bridge.failed is not None
        bridge.failed.add_done_callback(lambda _: stop.set())
        await stop.wait()
        if bridge.failed.done():
            bridge.failed.result()


def _outbox(settings: Settings) -> Body:
    """The demo shop's mails as JSON: the demo page shows them in place of a mailbox."""
    shop = DemoShop(settings.shop_path, time.time())

    async def body() -> bytes:
        mails = await shop.outbox(OUTBOX_SHOWN)
        return msgspec.json.encode([{"to": m.to, "subject": m.subject, "body": m.text, "at": m.at} for m in mails])

    return body


def _log(settings: Settings) -> None:
    """One JSON object a line on stderr."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main()
