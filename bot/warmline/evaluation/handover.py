"""
How good a way of handing over is, dialogue by dialogue: who needed a person, who got one, and when.

The need comes from rated turns. A dialogue *needs* a person from its first turn rated at least ``NEEDS``, and is
*fine* when all its ratings stay below ``FINE``; those between are neither right nor wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from warmline.evaluation.score import Scored
from warmline.language.vader import tone

NEEDS, FINE = 3.0, 2.0
KEYWORDS = ("agent", "human", "person", "manager", "supervisor", "complaint", "refund", "unacceptable", "ridiculous")
VADER_BELOW = -0.5


class Point(msgspec.Struct, frozen=True):
    """A customer turn: its rating (None: not rated), and whether each way of deciding would hand over here."""

    rating: float | None
    says: dict[str, bool]


class Row(msgspec.Struct, frozen=True):
    """
    A way of deciding. *caught* of *needing* dialogues were handed over at or within one customer turn of the first high
    rating, *alarmed* of *fine* ones at all; *delay* is the mean distance in customer turns from that rating, over the
    dialogues that need a person and were handed over (negative: earlier).
    """

    name: str
    caught: int
    needing: int
    alarmed: int
    fine: int
    delay: float | None

    @property
    def recall(self) -> float:
        return self.caught / self.needing if self.needing else 0.0

    @property
    def precision(self) -> float:
        return self.caught / (self.caught + self.alarmed) if self.caught + self.alarmed else 0.0

    @property
    def false_alarms_per_100(self) -> float:
        return 100 * self.alarmed / self.fine if self.fine else 0.0


WAYS: dict[str, Callable[[str], bool]] = {
    "always the bot": lambda text: False,
    "always a person": lambda text: True,
    "keyword rule": lambda text: any(word in text.lower() for word in KEYWORDS),
    "VADER threshold": lambda text: tone(text[:1_000]) <= VADER_BELOW,
}
OURS = "Warmline"


def points(scored: Iterable[Scored]) -> dict[str, list[Point]]:
    """The customer turns of each dialogue, with their ratings (``mean``) and what each way would do."""
    found: dict[str, list[Point]] = {}
    for one in scored:
        if one.assessment is None:
            continue
        rating = one.line.raw.get("mean")
        says = {name: way(one.line.text) for name, way in WAYS.items()} | {OURS: one.assessment.decision.escalate}
        found.setdefault(one.line.dialogue, []).append(
            Point(rating=float(rating) if isinstance(rating, (int, float)) else None, says=says)
        )
    return found


def row(name: str, dialogues: Iterable[Sequence[Point]]) -> Row:
    """How the way called *name* did; the first hand-over of a dialogue counts."""
    caught = needing = alarmed = fine = 0
    delays = []
    for talk in dialogues:
        handed = next((n for n, point in enumerate(talk) if point.says[name]), None)
        needed = next((n for n, point in enumerate(talk) if point.rating is not None and point.rating >= NEEDS), None)
        if needed is not None:
            needing += 1
            if handed is not None:
                delays.append(handed - needed)
                caught += abs(handed - needed) <= 1
        elif all(point.rating is None or point.rating < FINE for point in talk):
            fine += 1
            alarmed += handed is not None
    return Row(name, caught, needing, alarmed, fine, sum(delays) / len(delays) if delays else None)


def table(scored: Iterable[Scored]) -> list[Row]:
    """One row for each way of deciding, ours last."""
    dialogues = list(points(scored).values())
    return [row(name, dialogues) for name in (*WAYS, OURS)]
