"""
What a step of a conversation asks the outside to do. Named in the imperative; all of one step are stored in one
transaction.
"""

from __future__ import annotations

from typing import Any, Literal, Union

import msgspec

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Message, Note

TimerName = Literal["agent_grace", "silence"]
"""``agent_grace``: a lost agent may come back until then. ``silence``: the customer has not answered a failure."""


class Keep(msgspec.Struct, frozen=True):
    """Append *message* to the log; its seq is the conversation's next."""

    message: Message


class Accept(msgspec.Struct, frozen=True):
    """
    Remember that *sender*'s frame *id* was done and led up to *seq*, so that the same id again gets the same
    answer.
    """

    sender: str
    id: str
    seq: int


class AskBot(msgspec.Struct, frozen=True):
    """
    Put the customer's message *seq* into the outbox for the engine. *payload* is the pressed button's, if one
    was.
    """

    seq: int
    epoch: int
    payload: str | None = None


class Settle(msgspec.Struct, frozen=True):
    """Take the question about message *seq* out of the outbox: it was answered, failed or is no longer wanted."""

    seq: int


class ForgetAsks(msgspec.Struct, frozen=True):
    """Take all questions of this conversation out of the outbox: the bot no longer owns it."""


class KeepNote(msgspec.Struct, frozen=True):
    """Store a private note."""

    note: Note


class KeepAnalysis(msgspec.Struct, frozen=True):
    """Store what was understood of the customer's message *seq*."""

    seq: int
    analysis: TurnAnalysis


class KeepMemory(msgspec.Struct, frozen=True):
    """Replace the engine's memory of this conversation (None forgets it)."""

    memory: dict[str, Any] | None


class SetTimer(msgspec.Struct, frozen=True):
    """Ask to be told at *at* (Unix seconds). A conversation has at most one timer of each name; the later call wins."""

    name: TimerName
    at: float


class ClearTimer(msgspec.Struct, frozen=True):
    """Take the timer back, if it is set."""

    name: TimerName


class Audit(msgspec.Struct, frozen=True):
    """
    One line for the audit log: who (*actor*: ``customer``, ``bot``, ``system`` or an agent's id) did what. No
    customer's words.
    """

    actor: str
    act: str
    detail: dict[str, Any] = {}


Effect = Union[
    Keep, Accept, AskBot, Settle, ForgetAsks, KeepNote, KeepAnalysis, KeepMemory, SetTimer, ClearTimer, Audit
]
