"""What every session needs, in one value: handed to the customer and agent sessions by the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from warmline.bridge.accounts import Accounts
from warmline.bridge.engines import Engines
from warmline.bridge.hub import Hub
from warmline.bridge.meanwhile import Identifiers, Meanwhile
from warmline.bridge.presence import Presence
from warmline.bridge.refresh import Refresh
from warmline.bridge.steps import Steps
from warmline.bridge.tickets import Tickets
from warmline.core.limits import Buckets
from warmline.core.rules import Rules
from warmline.settings import Settings
from warmline.store import Store


@dataclass(frozen=True)
class SessionContext:
    """
    The parts of a running bridge. *openings* and *sign_ins* limit new guests and password tries, by address; *writing*
    and *acting* what a customer writes and presses, by conversation, so that a new connection is no new allowance;
    *clients* limits all that one address writes and presses, so that a new conversation is none either.
    *catching_up* is how many clients at once are read what they missed: after a restart all come back together.
    *in_force* gives the rules of escalation.yml as they stand now. *meanwhile* answers those who wait, *identifiers*
    says what identifiers look like.
    """

    settings: Settings
    store: Store
    in_force: Callable[[], Rules]
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
    identifiers: Identifiers

    @property
    def rules(self) -> Rules:
        """The rules in force."""
        return self.in_force()

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue there is; rules name no others."""
        return self.settings.queues
