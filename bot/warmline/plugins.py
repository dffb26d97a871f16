"""
What a project adds to Warmline: functions of its own, named in warmline.toml, called once in each process.

    plugins = ["actions.plugin:mine"]

Each gets a :class:`Plugins` and registers there what it brings. docs/extending.md tells it with examples.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from warmline.core.errors import SettingsError
from warmline.settings import Settings

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
    """Where plugins register what they bring. *services*, *demo*, *checks* and *test_data* are what was registered."""

    def __init__(self) -> None:
        self.test_data: Callable[[Path], TestData] | None = None
        self.services: Callable[[Settings], Any] | None = None
        self.demo: Callable[[Settings], Demo] | None = None
        self.checks: list[tuple[str, Callable[[Settings], tuple[Level, str]]]] = []

    def provide_services(self, make: Callable[[Settings], Any]) -> None:
        """*make* gives the project's own :class:`warmline.actions.services.Services`, in the actions' process."""
        self.services = make

    def provide_demo(self, make: Callable[[Settings], Demo]) -> None:
        """*make* gives what ``--demo`` shows, in the bridge's process."""
        self.demo = make

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


def _reason(wrong: Exception) -> str:
    last = traceback.extract_tb(wrong.__traceback__)[-1]
    return f"{type(wrong).__name__}: {wrong} ({Path(last.filename).name}, line {last.lineno})"
