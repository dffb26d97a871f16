"""What the actions stand on: the rules, the shop and the clock, made once from the settings, at their first use."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path

from actions.backend import Backend
from actions.backend.demo import DemoShop
from actions.backend.http import HttpShop
from actions.titles import Titles
from warmline import settings
from warmline.core.order_number import OrderNumbers
from warmline.core.rules import Rules
from warmline.order_number_file import OrderNumberFile
from warmline.rules_file import load_rules

WRITTEN_AT: ContextVar[float] = ContextVar("written_at", default=0.0)
"""Unix seconds at which the bridge kept the message that is answered; 0.0 where nobody says. "Tomorrow" goes by it."""


class Room:
    """
    *rules* are escalation.yml's; *clock* gives Unix seconds; *titles* are the words on buttons for an intent; *orders*
    says what an order number looks like; *zone* is the IANA time zone in which times of day are told.

    Raises:
        SettingsError: data/order_number.yml under *root* cannot be read.
    """

    def __init__(
        self,
        rules: Rules,
        backend: Backend,
        clock: Callable[[], float] = time.time,
        *,
        root: Path,
        zone: str = "UTC",
    ) -> None:
        self.rules, self.backend, self.zone, self._clock = rules, backend, zone, clock
        self.titles = Titles(root / "data" / "responses")
        self._orders = OrderNumberFile(root)
        self._orders.now()

    def now(self) -> float:
        """Unix seconds: when the message was written that is answered, else what the clock says."""
        return WRITTEN_AT.get() or self._clock()

    @property
    def orders(self) -> OrderNumbers:
        """As data/order_number.yml says it now."""
        return self._orders.now()


_room: Room | None = None


def room() -> Room:
    """
    The one room of this process.

    Raises:
        SettingsError: a setting, escalation.yml, data/order_number.yml or the shop's token cannot be read.
        BackendError: the certificates for the shop's system cannot be read.
    """
    global _room
    if _room is None:
        chosen = settings.load()
        _room = Room(load_rules(chosen.rules_path), backend(chosen), root=chosen.root, zone=chosen.hours.zone)
    return _room


def backend(chosen: settings.Settings) -> Backend:
    """The shop that the settings choose. Raises as :func:`room`."""
    if chosen.backend == "demo":
        return DemoShop(chosen.shop_path, time.time())
    token = settings.load_backend_token(chosen)
    return HttpShop(chosen.backend_url, token, limit_s=chosen.backend_limit_s, ca_file=chosen.backend_ca_file)


def furnish(other: Room | None) -> None:
    """Use *other* from now on; for tests. None goes back to the settings."""
    global _room
    _room = other
