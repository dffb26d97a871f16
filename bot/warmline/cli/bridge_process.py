"""The bridge's process, ``python -m warmline.cli.bridge_process``: its parts are put together here, the demo's too."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

import msgspec
import structlog

from warmline.bridge.server import Bridge
from warmline.core import notice
from warmline.core.errors import SettingsError, WarmlineError
from warmline.language import use_own
from warmline.live_rules import LiveRules
from warmline.plugins import load_plugins
from warmline.settings import Settings, load, load_secrets
from warmline.store.sqlite import SqliteStore

TEAM_DEFAULT = "Warmline"


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
    plugins = load_plugins(settings)
    use_own(plugins.readers, plugins.signals)
    make_demo = plugins.demo if settings.demo else None
    demo = make_demo(settings) if make_demo else None
    if demo and settings.team_name == TEAM_DEFAULT:
        settings = msgspec.structs.replace(settings, team_name=demo.team_name)
    store = SqliteStore(settings.store_path)
    rules = LiveRules(settings.rules_path, settings.queues, _tell, kept=settings.kept_rules_path)
    async with Bridge(settings, load_secrets(settings), store, rules.in_force, demo=demo) as bridge:
        assert bridge.failed is not None
        bridge.failed.add_done_callback(lambda _: stop.set())
        watching = asyncio.create_task(rules.watch())
        try:
            await stop.wait()
        finally:
            watching.cancel()
        if bridge.failed.done():
            bridge.failed.result()


def _tell(text: str) -> None:
    """A line of the log that the supervisor shows."""
    structlog.get_logger().warning("rules", **{notice.KEY: text})


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
