"""
The record. One interface; everything that must survive is here, and nothing else is shared between processes.

``commit`` is the only way a conversation changes: one transaction, compared by version, kept on disk before it returns.
Methods raise :class:`~warmline.core.errors.StoreUnavailable` when the disk is full, locked, read-only or damaged;
nothing was kept then, and the same may work later. A bare :class:`~warmline.core.errors.StoreError` is a mistake of
ours: a step that breaks a rule of the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Conversation, Message, Note
from warmline.core.effects import Effect, TimerName


class PendingAsk(msgspec.Struct, frozen=True):
    """A question for the engine, waiting in the outbox since *at* (Unix seconds)."""

    conversation: str
    epoch: int
    seq: int
    payload: str | None
    at: float


class DueTimer(msgspec.Struct, frozen=True):
    """A timer whose time has come."""

    conversation: str
    name: TimerName
    at: float


class Served(msgspec.Struct, frozen=True):
    """
    A handoff that a person has dealt with, over *at* (Unix seconds) by *agent*'s *act* (``handed_back``, ``ended``).
    *rule* named it; what led to it is the log from seq *since* until *asked_at* (Unix seconds). *needed* is the
    agent's verdict, None when none was given.
    """

    conversation: str
    at: float
    agent: str
    act: str
    rule: str
    since: int
    asked_at: float
    needed: bool | None = None


LOCKED = "!"


class Account(msgspec.Struct, frozen=True):
    """
    An agent's account. *password_hash* is argon2's own string. *sessions* grows when all tokens given out so far
    become void. Connections that began under another number are closed. *status* is the
    presence the agent chose last.
    """

    id: str
    name: str
    role: Literal["agent", "supervisor"]
    password_hash: str
    sessions: int = 1
    status: Literal["online", "away"] = "online"

    @property
    def disabled(self) -> bool:
        """Whether nobody can sign in: no password fits a locked hash (the mark is that of shadow(5))."""
        return self.password_hash.startswith(LOCKED)


class Seat(msgspec.Struct, frozen=True):
    """One open console: *connection* of *agent* at process *bridge*, last heard of at *seen_at* (Unix seconds)."""

    connection: str
    agent: str
    bridge: str
    seen_at: float


class Store(Protocol):
    """See the module's docstring. All times are Unix seconds."""

    async def open(self) -> None:
        """Open or create the database and bring its schema up to date. Raises SettingsError when it cannot be used."""

    async def close(self) -> None:
        """Finish what was accepted, then close. Safe to call twice."""

    async def create(self, conversation: Conversation, effects: Sequence[Effect] = ()) -> None:
        """Store a new conversation with its first *effects*. Raises StaleVersion when the id exists."""

    async def commit(self, conversation: Conversation, effects: Sequence[Effect], *, expected_version: int) -> None:
        """
        Store one step: the conversation (its version must be *expected_version* + 1) and all *effects*, or nothing.

        Raises:
            StaleVersion: the stored version is not *expected_version*; nothing changed.
            StoreUnavailable: nothing changed.
        """

    async def conversation(self, conversation_id: str) -> Conversation:
        """Raises NotFound."""

    async def latest_of_customer(self, customer_id: str) -> Conversation | None:
        """The customer's conversation that was created last."""

    async def accepted(self, conversation_id: str, sender: str, frame_id: str) -> int | None:
        """The seq that was acknowledged for this frame before, or None."""

    async def messages(
        self, conversation_id: str, *, after: int = 0, before: int | None = None, limit: int = 200
    ) -> list[Message]:
        """The *limit* newest messages with seq > *after* and, unless that is None, < *before*, in order of seq."""

    async def message(self, conversation_id: str, seq: int) -> Message:
        """Raises NotFound."""

    async def notes(self, conversation_id: str) -> list[Note]:
        """In the order they were written."""

    async def analyses(
        self, conversation_ids: Sequence[str], *, newest: int | None = None
    ) -> Mapping[str, Mapping[int, TurnAnalysis]]:
        """
        For each conversation the analyses by seq, ascending; conversations without one are left out. Of each only the
        *newest* so many, or all.
        """

    async def memory(self, conversation_id: str) -> dict[str, Any] | None:
        """The engine's memory, as last kept."""

    async def pending_asks(self, limit: int) -> list[PendingAsk]:
        """The oldest unanswered question of each conversation, oldest first."""

    async def due_timers(self, now: float, limit: int) -> list[DueTimer]:
        """Timers with ``at <= now``, earliest first. They stay until a step sets or clears them."""

    async def timer(self, conversation_id: str, name: str) -> float | None:
        """When this timer is due; None when it is not set."""

    async def next_timer_at(self) -> float | None:
        """When the earliest timer is due."""

    async def at_desk(self) -> list[Conversation]:
        """Every conversation that agents care about: owner ``queue`` or ``agent``, or with a handoff not yet served."""

    async def handle_times(self, limit: int = 50) -> list[float]:
        """Seconds each of the last handled conversations was with an agent, newest first (from the audit log)."""

    async def served(self, conversation_id: str | None = None) -> list[Served]:
        """The handoffs that are over, of one conversation or of all, in the order they ended (from the audit log)."""

    async def add_account(self, account: Account) -> None:
        """Raises StaleVersion when the id exists."""

    async def save_account(self, account: Account) -> None:
        """Raises NotFound when the id does not exist."""

    async def set_status(self, agent_id: str, status: Literal["online", "away"]) -> None:
        """Change nothing but the presence. Raises NotFound when the id does not exist."""

    async def end_sessions(self, agent_id: str, *, password_hash: str | None = None, lock: bool = False) -> None:
        """
        Make all tokens of the account void, in the same step giving it another *password_hash* or, with *lock*,
        disabling it. Raises NotFound when the id does not exist.
        """

    async def remove_account(self, agent_id: str) -> None:
        """What the agent wrote stays in the record. Raises NotFound when the id does not exist."""

    async def account(self, agent_id: str) -> Account:
        """Raises NotFound."""

    async def accounts(self) -> list[Account]:
        """By id."""

    async def take_seat(self, seat: Seat) -> None:
        """Insert or refresh."""

    async def leave_seat(self, connection: str) -> None:
        """Nothing happens when it is not there."""

    async def seats(self) -> list[Seat]:
        """All, whoever holds them."""

    async def set_secret(self, name: str, value: bytes) -> bytes:
        """Store *value* under *name* unless there is one already; returns the one that is stored."""
