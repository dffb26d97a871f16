"""When a person must take over, decided by one pure function from what was said and the rules of escalation.yml."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.core.mood import Mood, Turn


class Signal(msgspec.Struct, frozen=True):
    """One thing that spoke for or against a handoff. *value* as measured, *weight* its share, *text* for an agent to read."""

    name: str
    value: float
    weight: float
    text: str


class Decision(msgspec.Struct, frozen=True):
    """
    Whether a person should take over now, and everything needed to explain it.

    *rule* is the name in escalation.yml. *cause*: ``asked``, ``topic``, ``crisis``, ``mood``, ``failure``, ``engine``,
    ``taken_over``. *urgency_min*: minutes within which somebody should answer. *say* is what the customer is told. *turns* are the seqs
    that did it. *confidence* 0..1. *counterfactual* says what would have kept it with the bot, one sentence.
    """

    escalate: bool
    rule: str
    cause: str
    urgency_min: int
    queue: str
    say: str
    signals: tuple[Signal, ...] = ()
    turns: tuple[int, ...] = ()
    confidence: float = 1.0
    counterfactual: str = ""


class Assessment(msgspec.Struct, frozen=True):
    """The mood after the last customer turn, and the decision it leads to (decision.escalate may be False)."""

    mood: Mood
    decision: Decision


class Rules(msgspec.Struct, frozen=True):
    """escalation.yml, validated."""


def assess(turns: Sequence[Turn], rules: Rules, *, handed_back_for: tuple[str, ...] = ()) -> Assessment:
    raise NotImplementedError
