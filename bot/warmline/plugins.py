"""
What a project adds to Warmline: functions of its own, named in warmline.toml, called once in each process.

    plugins = ["actions.plugin:mine"]

Each gets a :class:`Plugins` and registers there what it brings. docs/extending.md tells it with examples.
"""

from __future__ import annotations

import importlib
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from warmline.core.errors import SettingsError
from warmline.core.features import Features
from warmline.settings import Settings

log = logging.getLogger(__name__)

Level = Literal["ok", "warn", "fail"]


class Demo(msgspec.Struct, frozen=True):
    """
    What ``warmline up --demo`` shows beside the chat: the folder *pages* at ``/``, coroutines that make JSON by their
    path, and the name of the team that customers see.
    """

    pages: Path
    json: dict[str, Callable[[], Awaitable[bytes]]]
    team_name: str


class TestData(Protocol):
    """What the conversation tests of a project need beside the engine and the actions: data that can be put back."""

    def reset(self) -> None:
        """Put the data that the actions work on back to what they were at first; called before each conversation."""

    def code_for(self, address: str) -> str | None:
        """The newest code that was sent to *address*, for ``{code of ADDRESS}``; None when there is none."""


class Plugins:
    """Where plugins register what they bring. The attributes are what was registered."""

    def __init__(self) -> None:
        self.test_data: Callable[[Path], TestData] | None = None
        self.services: Callable[[Settings], Any] | None = None
        self.demo: Callable[[Settings], Demo] | None = None
        self.readers: list[Callable[[str, Features], Features]] = []
        self.signals: list[tuple[str, str, float, Callable[[str], float]]] = []
        self.checks: list[tuple[str, Callable[[Settings], tuple[Level, str]]]] = []

    def provide_services(self, make: Callable[[Settings], Any]) -> None:
        """*make* gives the project's own :class:`warmline.actions.services.Services`, in the actions' process."""
        self.services = make

    def provide_demo(self, make: Callable[[Settings], Demo]) -> None:
        """*make* gives what ``--demo`` shows, in the bridge's process."""
        self.demo = make

    def add_signal(self, name: str, text: str, read: Callable[[str], float], *, weight: float = 0.0) -> None:
        """
        A signal of one's own: *read* says how strong it is in a customer's text, 0..1, in a millisecond or so. It
        raises the mood by up to *weight* (log-odds; 1.0 is about as much as one angry word), and rules may ask for it
        (``signal: name``). *text* is the sentence for the agent, like "Names a competitor."

        Raises:
            ValueError: the *name* is taken, or *weight* is not between -4 and 4.
        """
        if any(name == other for other, *_ in self.signals) or not name.isidentifier():
            raise ValueError(f"the signal '{name}' is there already, or is no name")
        if not -4.0 <= weight <= 4.0:
            raise ValueError(f"the weight of '{name}' must be between -4 and 4")
        self.signals.append((name, text, weight, _never_raises(name, read, 0.0)))

    def add_reader(self, read: Callable[[str, Features], Features]) -> None:
        """
        Another reader of texts: *read* gets a customer's text and what Warmline found in it, and returns what counts
        (``msgspec.structs.replace(features, asks_person=True)``).
        """
        self.readers.append(_never_fails(read))

    def provide_test_data(self, make: Callable[[Path], TestData]) -> None:
        """*make* gives what conversation tests need, where the actions under test keep what they write in a folder."""
        self.test_data = make

    def add_check(self, name: str, check: Callable[[Settings], tuple[Level, str]]) -> None:
        """``warmline doctor`` calls *check*, which says how it is and what to do, in one sentence."""
        self.checks.append((name, check))


def load_plugins(settings: Settings) -> Plugins:
    """
    Call every plugin of the project.

    Raises:
        SettingsError: one cannot be found or fails; the text says which, and where.
    """
    loaded = Plugins()
    if settings.plugins and str(settings.root) not in sys.path:
        sys.path.insert(0, str(settings.root))  # for good: a project's modules may import each other later
    for name in settings.plugins:
        _function(name)(loaded)
    return loaded


def _function(name: str) -> Callable[[Plugins], None]:
    module, _, attribute = name.partition(":")
    try:
        found: Any = getattr(importlib.import_module(module), attribute)
    except Exception as wrong:
        raise SettingsError(f"The plugin '{name}' of warmline.toml cannot be loaded: {_reason(wrong)}.") from None

    def guarded(plugins: Plugins) -> None:
        try:
            found(plugins)
        except Exception as wrong:
            raise SettingsError(f"The plugin '{name}' of warmline.toml failed: {_reason(wrong)}.") from None

    return guarded


def _reason(wrong: Exception, *, told: bool = True) -> str:
    """What went wrong, and where; without its words unless *told*, for they may be a customer's."""
    last = traceback.extract_tb(wrong.__traceback__)[-1]
    what = f"{type(wrong).__name__}: {wrong}" if told else type(wrong).__name__
    return f"{what} ({Path(last.filename).name}, line {last.lineno})"


def _never_raises(name: str, read: Callable[[str], float], otherwise: float) -> Callable[[str], float]:
    """*read*, whose failure is told and takes no turn down."""

    def guarded(text: str) -> float:
        try:
            return float(read(text))
        except Exception as wrong:
            log.warning("The signal '%s' of a plugin failed: %s", name, _reason(wrong, told=False))
            return otherwise

    return guarded


def _never_fails(read: Callable[[str, Features], Features]) -> Callable[[str, Features], Features]:
    """*read*; where it fails, or returns something else, what was found before counts."""

    def guarded(text: str, found: Features) -> Features:
        try:
            features = read(text, found)
        except Exception as wrong:
            log.warning("A reader of a plugin failed: %s", _reason(wrong, told=False))
            return found
        if isinstance(features, Features):
            return features
        log.warning("A reader of a plugin returned %s in place of Features", type(features).__name__)
        return found

    return guarded
