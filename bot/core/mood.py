"""How frustrated the customer is after the last of their turns, and why. Pure: texts were read by bot.language before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec


class Features(msgspec.Struct, frozen=True):
    """What bot.language reads in one text; a function of the text alone."""

    vader: float = 0.0


class Turn(msgspec.Struct, frozen=True):
    """
    One line of a conversation, as mood and escalation see it.

    *seq* is the message's in the log (0 when there is no log), *at* Unix seconds (0.0 unknown). *outcome* is how the bot did
    in this answer (bot turns), see bot.core.ask.Outcome. *features* may be given to spare reading the text again.
    """

    role: Literal["customer", "bot", "agent"]
    text: str
    seq: int = 0
    at: float = 0.0
    outcome: str | None = None
    features: Features | None = None


class Reason(msgspec.Struct, frozen=True):
    """One thing that moved the mood: *weight* is its share in points of frustration (-1..1), *text* says it to an agent."""

    name: str
    weight: float
    text: str


class Mood(msgspec.Struct, frozen=True):
    """*value* 0.0 (calm) to 1.0 (about to leave); *reasons* largest first."""

    value: float
    reasons: tuple[Reason, ...] = ()


def frustration(turns: Sequence[Turn]) -> Mood:
    raise NotImplementedError
