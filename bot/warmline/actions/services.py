"""What the actions stand on: the rules, the clock and the words on buttons, made once for a process."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path

from warmline import settings
from warmline.actions.titles import Titles
from warmline.core import notice
from warmline.core.rules import Rules
from warmline.language import use_own
from warmline.live_rules import LOOK_EVERY_S, LiveRules
from warmline.plugins import load_plugins

WRITTEN_AT: ContextVar[float] = ContextVar("written_at", default=0.0)
"""Unix seconds at which the bridge kept the message that is answered; 0.0 where nobody says. "Tomorrow" goes by it."""


class Services:
    """
    *rules* gives those of escalation.yml that are in force; *clock* gives Unix seconds; *titles* are the words on
    buttons for an intent, from the responses under *root*; *zone* is the IANA time zone in which times of day are told.

    A project that has more to offer its actions (a backend, for example) makes a class of its own of this one and names
    it as a plugin (docs/extending.md).
    """

    def __init__(
        self,
        rules: Callable[[], Rules],
        clock: Callable[[], float] = time.time,
        *,
        root: Path,
        zone: str = "UTC",
    ) -> None:
        self._rules, self.zone, self.root, self._clock = rules, zone, root, clock
        self.titles = Titles(root / "data" / "responses")

    @property
    def rules(self) -> Rules:
        """As escalation.yml says them now."""
        return self._rules()

    def now(self) -> float:
        """Unix seconds: when the message was written that is answered, else what the clock says."""
        return WRITTEN_AT.get() or self._clock()

    async def check(self) -> None:
        """
        Whether what these services need is there; called once before the first turn.

        Raises:
            BackendError: it is not; the actions start all the same, and customers are told honestly.
        """


_services: Services | None = None


def services() -> Services:
    """
    The services of this process: those of the project's plugin, else the plain ones.

    Raises:
        SettingsError: a setting, escalation.yml or a plugin cannot be read.
        BackendError: what the plugin needs is not there.
    """
    global _services
    if _services is None:
        chosen = settings.load()
        plugins = load_plugins(chosen)
        use_own(plugins.readers, plugins.signals)
        make = plugins.services
        _services = make(chosen) if make else plain(chosen)
    return _services


def plain(chosen: settings.Settings) -> Services:
    """The services of a bot without plugins. Raises SettingsError when escalation.yml cannot be read."""
    return Services(live_rules(chosen).now, root=chosen.root, zone=chosen.hours.zone)


def live_rules(chosen: settings.Settings) -> LiveRules:
    """The rules of the project as they stand at each use. Raises SettingsError when escalation.yml cannot be read."""
    return LiveRules(chosen.rules_path, chosen.queues, tell, kept=chosen.kept_rules_path)


def tell(text: str) -> None:
    """A line of the log that the supervisor shows."""
    print(notice.as_line(text), file=sys.stderr, flush=True)  # noqa: T201 (the log is what is printed)


async def keep_looking() -> None:
    """
    Until cancelled: look for a changed escalation.yml also while nobody writes, so that a mistake is told at once.
    """
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        await asyncio.to_thread(lambda: services().rules)


def use_services(other: Services | None) -> None:
    """Use *other* from now on; for tests. None goes back to the settings."""
    global _services
    _services = other
