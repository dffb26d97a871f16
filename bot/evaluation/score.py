"""Scoring a log: the mood and the decision after each customer turn, from what came before it only."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from bot.core.escalation import Assessment, Rules, assess
from bot.core.mood import WINDOW, Turn
from bot.evaluation.dialogues import Line
from bot.language import bot_outcome, embed, read

AT_ONCE = 256
"""
So many lines have their embeddings made together, which is three times as fast; each is still judged by its past
only.
"""


class Scored(msgspec.Struct, frozen=True):
    """A line, and for a customer's what the rules made of it (None for the others)."""

    line: Line
    assessment: Assessment | None


def score(lines: Iterable[Line], rules: Rules) -> Iterator[Scored]:
    """
    Judge *lines* one after the other; dialogues may be mixed, each has its own past of at most 12 turns.

    A bot's line without an outcome gets one from its words (bot.language.bot_outcome).
    """
    past: dict[str, deque[Turn]] = {}
    counted: dict[str, int] = {}
    rest = iter(lines)
    while some := list(islice(rest, AT_ONCE)):
        texts = [line.text for line in some if line.role == "customer"]
        vectors = iter(embed(texts))
        for line in some:
            counted[line.dialogue] = seq = counted.get(line.dialogue, 0) + 1
            turns = past.setdefault(line.dialogue, deque(maxlen=WINDOW))
            outcome = line.outcome
            if line.role == "bot" and outcome is None:
                outcome = bot_outcome(line.text)
            features = read(line.text, next(vectors)) if line.role == "customer" else None
            turns.append(Turn(line.role, line.text, seq=seq, at=line.at, outcome=outcome, features=features))
            done = assess(tuple(turns), rules) if line.role == "customer" else None
            yield Scored(line, done)


def as_json(scored: Scored) -> dict[str, object]:
    """
    The line as it was, and for a customer's ``frustration``, ``reasons``, ``escalate`` and ``rule`` (null for none).
    """
    if scored.assessment is None:
        return dict(scored.line.raw)
    mood, decision = scored.assessment.mood, scored.assessment.decision
    return {
        **scored.line.raw,
        "frustration": mood.value,
        "reasons": [{"name": one.name, "weight": one.weight, "text": one.text} for one in mood.reasons],
        "escalate": decision.escalate,
        "rule": decision.rule or None,
    }
