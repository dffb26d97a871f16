"""
The packet: everything an agent must know about a conversation before the first word, as one frozen value.

Built by one pure function from the bridge's own log, the turn analyses and the decision: the same inputs give the same packet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bot.core.ask import TurnAnalysis
from bot.core.conversation import Conversation, Customer, Fact, Message, Note
from bot.core.escalation import Decision


class MoodPoint(msgspec.Struct, frozen=True):
    """The mood after the customer's message *seq*: *value* 0..1 and the reasons, strongest first, as short sentences."""

    seq: int
    value: float
    reasons: tuple[str, ...]


class Attempt(msgspec.Struct, frozen=True):
    """Something the bot tried after message *seq*: *did* in a few words, *outcome* as in bot.core.ask.Outcome."""

    seq: int
    did: str
    outcome: str


class Episode(msgspec.Struct, frozen=True):
    """An earlier stay with a person, or an earlier closed conversation: *seq* where it began, *text* one line about it."""

    seq: int
    at: float
    text: str


class Packet(msgspec.Struct, frozen=True):
    """
    *wants* is one line, *words* the customer's own last words on it. *decision* explains why a person is needed (None while the
    bot still has it). *urgency_min*: minutes left until somebody should have answered, negative when overdue is not used: see
    *asked_at*. *language* is a BCP 47 tag. *next* are suggested next steps, *drafts* replies that a person may send.
    """

    conversation: str
    owner: str
    epoch: int
    customer: Customer
    wants: str
    words: str
    facts: tuple[Fact, ...]
    tried: tuple[Attempt, ...]
    mood: tuple[MoodPoint, ...]
    decision: Decision | None
    asked_at: float | None
    urgency_min: int | None
    language: str
    earlier: tuple[Episode, ...]
    next: tuple[str, ...]
    drafts: tuple[str, ...]
    notes: tuple[Note, ...]
    contact: str | None = None


def build(
    conversation: Conversation,
    messages: Sequence[Message],
    analyses: Mapping[int, TurnAnalysis],
    notes: Sequence[Note],
) -> Packet:
    raise NotImplementedError
