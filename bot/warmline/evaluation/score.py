"""Scoring a log: the mood and the decision after each customer turn, from what came before it only."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from warmline.core.escalation import Assessment, assess
from warmline.core.features import Turn
from warmline.core.mood import WINDOW
from warmline.core.rules import OwnPhrases, Rules
from warmline.evaluation.dialogues import Line
from warmline.language import bot_outcome, embed, read, with_own_topics

AT_ONCE = 256
"""
So many lines have their embeddings made together, which is three times as fast; each is still judged by its past
only.
"""


class Scored(msgspec.Struct, frozen=True):
    """A line, and for a customer's what the rules made of it (None for the others)."""

    line: Line
    assessment: Assessment | None


def streamed(lines: Iterable[Line], own: OwnPhrases = ()) -> Iterator[tuple[Line, tuple[Turn, ...]]]:
    """
    Each of *lines*, with the last 12 turns of its dialogue as they stood when it was said; dialogues may be mixed.
    *own* are the phrases of topics in escalation.yml (``Rules.phrases``).

    As in warmline.core.turns, several lines of the bot in a row are one answer. One without an outcome gets it from its
    words (warmline.language.bot_outcome); what the bot says before the customer's first words answers nothing, and has
    none.
    """
    past: dict[str, deque[Turn]] = {}
    counted: dict[str, int] = {}
    begun: set[str] = set()
    rest = iter(lines)
    while some := list(islice(rest, AT_ONCE)):
        vectors = iter(embed([line.text for line in some if line.role == "customer"]))
        for line in some:
            counted[line.dialogue] = seq = line.seq or counted.get(line.dialogue, 0) + 1
            turns = past.setdefault(line.dialogue, deque(maxlen=WINDOW))
            if line.role == "customer":
                vector = next(vectors)
                features = line.features or with_own_topics(read(line.text, vector), line.text, own)
                begun.add(line.dialogue)
                turns.append(Turn("customer", line.text, seq=seq, at=line.at, features=features))
            else:
                text = line.text
                if line.role == "bot" and turns and turns[-1].role == "bot":
                    text = f"{turns.pop().text}\n{text}"
                answers = line.role == "bot" and line.dialogue in begun
                outcome = line.outcome or (bot_outcome(text) if answers else None)
                turns.append(Turn(line.role, text, seq=seq, at=line.at, outcome=outcome))
            yield line, tuple(turns)


def score(lines: Iterable[Line], rules: Rules) -> Iterator[Scored]:
    """Judge *lines* one after the other, see :func:`streamed`."""
    for line, turns in streamed(lines, rules.phrases):
        done = assess(turns, rules, handed_back_for=line.handed_back_for) if line.role == "customer" else None
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
