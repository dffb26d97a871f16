"""What the actions stand on: the rules, the shop and the clock, made once from the settings, at their first use."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot import settings
from bot.backend import Backend
from bot.backend.demo import DemoShop
from bot.core.escalation import Rules
from bot.rules_file import load_rules


class Room:
    """*rules* are escalation.yml's; *clock* gives Unix seconds."""

    def __init__(self, rules: Rules, backend: Backend, clock: Callable[[], float] = time.time) -> None:
        self.rules, self.backend, self.now = rules, backend, clock


_room: Room | None = None


def room() -> Room:
    """
    The one room of this process.

    Raises:
        SettingsError: a setting or escalation.yml cannot be read.
    """
    global _room
    if _room is None:
        chosen = settings.load()
        _room = Room(load_rules(chosen.rules_path), DemoShop(chosen.shop_path, time.time()))
    return _room


def furnish(other: Room | None) -> None:
    """Use *other* from now on; for tests. None goes back to the settings."""
    global _room
    _room = other
