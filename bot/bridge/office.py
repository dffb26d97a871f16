"""What every session needs, in one value: handed to the customer and agent sessions by the server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.bridge.accounts import Accounts
from bot.bridge.engines import Engines
from bot.bridge.hub import Hub
from bot.bridge.meanwhile import Meanwhile, Orders
from bot.bridge.presence import Presence
from bot.bridge.refresh import Refresh
from bot.bridge.steps import Steps
from bot.bridge.tickets import Tickets
from bot.core.limits import Buckets
from bot.core.rules import Rules
from bot.settings import Settings
from bot.store import Store


@dataclass(frozen=True)
class Office:
    """
    The parts of a running bridge. *openings* and *sign_ins* limit new guests and password tries, by address; *writing*
    and *acting* what a customer writes and presses, by conversation, so that a new connection is no new allowance;
    *clients* limits all that one address writes and presses, so that a new conversation is none either.
    *catching_up* is how many clients at once are read what they missed: after a restart all come back together.
    *meanwhile* answers those who wait, *orders* knows what an order number looks like.
    """

    settings: Settings
    store: Store
    rules: Rules
    hub: Hub
    steps: Steps
    presence: Presence
    refresh: Refresh
    engine: Engines
    tickets: Tickets
    accounts: Accounts
    openings: Buckets
    sign_ins: Buckets
    writing: Buckets
    acting: Buckets
    clients: Buckets
    catching_up: asyncio.Semaphore
    meanwhile: Meanwhile
    orders: Orders

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue there is: the configured ones, and those that rules name."""
        return tuple(dict.fromkeys((*self.settings.queues, *(rule.queue for rule in self.rules.rules))))
