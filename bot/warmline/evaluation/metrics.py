"""Figures about scores and labels, and how sure they are. Labels are 0 or 1; all are computed with ties in mind."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import msgspec

Figure = Callable[[Sequence[int], Sequence[float]], float]


def auroc(labels: Sequence[int], scores: Sequence[float]) -> float:
    """
    The chance that a positive scores above a negative, ties half. Raises ValueError when one of the classes is
    missing.
    """
    order = sorted(range(len(scores)), key=lambda n: scores[n])
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and scores[order[end + 1]] == scores[order[start]]:
            end += 1
        for n in order[start : end + 1]:
            ranks[n] = (start + end) / 2 + 1
        start = end + 1
    positives = sum(labels)
    negatives = len(labels) - positives
    if not positives or not negatives:
        raise ValueError("Both classes are needed for a ROC curve.")
    total = sum(rank for rank, label in zip(ranks, labels, strict=True) if label)
    return (total - positives * (positives + 1) / 2) / (positives * negatives)


def roc(labels: Sequence[int], scores: Sequence[float]) -> list[tuple[float, float, float]]:
    """
    Points of the ROC curve from (0, 0): false positive rate, true positive rate, and the threshold that gives them.
    """
    positives = max(1, sum(labels))
    negatives = max(1, len(labels) - sum(labels))
    points, hits, alarms = [(0.0, 0.0, math.inf)], 0, 0
    pairs = sorted(zip(scores, labels, strict=True), reverse=True)
    for n, (value, label) in enumerate(pairs):
        hits += label
        alarms += 1 - label
        if n + 1 == len(pairs) or pairs[n + 1][0] != value:
            points.append((alarms / negatives, hits / positives, value))
    return points


def average_precision(labels: Sequence[int], scores: Sequence[float]) -> float:
    """The mean precision over the recalls, as the step-wise area under the precision-recall curve."""
    positives = sum(labels)
    if not positives:
        raise ValueError("Average precision needs a positive.")
    area, hits, before = 0.0, 0, 0.0
    pairs = sorted(zip(scores, labels, strict=True), reverse=True)
    for n, (value, label) in enumerate(pairs):
        hits += label
        seen = n + 1
        if seen == len(pairs) or pairs[seen][0] != value:
            recall = hits / positives
            area += (recall - before) * hits / seen
            before = recall
    return area


class Counts(msgspec.Struct, frozen=True):
    """How predictions met the labels. Ratios without a denominator are 0."""

    hits: int
    false_alarms: int
    misses: int
    calm: int

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false_alarms) if self.hits + self.false_alarms else 0.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else 0.0

    @property
    def f1(self) -> float:
        wrong = self.false_alarms + self.misses
        return 2 * self.hits / (2 * self.hits + wrong) if self.hits or wrong else 0.0


def count(labels: Sequence[int], predicted: Sequence[bool]) -> Counts:
    """Compare *predicted* with *labels*."""
    pairs = list(zip(labels, predicted, strict=True))
    return Counts(
        hits=sum(1 for label, said in pairs if label and said),
        false_alarms=sum(1 for label, said in pairs if not label and said),
        misses=sum(1 for label, said in pairs if label and not said),
        calm=sum(1 for label, said in pairs if not label and not said),
    )


def f1_at(threshold: float) -> Figure:
    """F1 of "the score is at least *threshold*", as a figure of labels and scores."""
    return lambda labels, scores: count(labels, [score >= threshold for score in scores]).f1


def best_f1(labels: Sequence[int], scores: Sequence[float]) -> tuple[float, float]:
    """
    The highest F1 that any threshold gives on these very data, and that threshold: an upper bound, not a forecast.
    """
    positives = sum(labels)
    best, hits = (0.0, 1.0), 0
    pairs = sorted(zip(scores, labels, strict=True), reverse=True)
    for n, (value, label) in enumerate(pairs):
        hits += label
        seen = n + 1
        if seen == len(pairs) or pairs[seen][0] != value:
            best = max(best, (2 * hits / (seen + positives) if seen + positives else 0.0, value))
    return best


class Bin(msgspec.Struct, frozen=True):
    """Scores from *low* up to the next bin's: how many, their mean, and the share of positives among them."""

    low: float
    size: int
    mean: float
    share: float


def calibration(labels: Sequence[int], scores: Sequence[float], bins: int = 10) -> list[Bin]:
    """Equal-width bins over 0..1, empty ones left out."""
    found = []
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        inside = [n for n, score in enumerate(scores) if low <= score < high or (score >= 1.0 and number == bins - 1)]
        if inside:
            found.append(
                Bin(
                    low=low,
                    size=len(inside),
                    mean=sum(scores[n] for n in inside) / len(inside),
                    share=sum(labels[n] for n in inside) / len(inside),
                )
            )
    return found


def calibration_error(labels: Sequence[int], scores: Sequence[float], bins: int = 10) -> float:
    """The mean distance between what the scores promise and what came, weighted by bin size; 0 is perfect."""
    return sum(one.size * abs(one.mean - one.share) for one in calibration(labels, scores, bins)) / len(labels)


def brier(labels: Sequence[int], scores: Sequence[float]) -> float:
    """The mean squared error of the scores as probabilities."""
    return sum((score - label) ** 2 for label, score in zip(labels, scores, strict=True)) / len(labels)


def interval(
    figure: Figure, labels: Sequence[int], scores: Sequence[float], dialogues: Sequence[str], *, rounds: int = 500
) -> tuple[float, float]:
    """
    The 95 % interval of *figure* by drawing whole dialogues with replacement. Always the same for the same data.

    Draws without both classes are left out.
    """
    luck = random.Random(20_260_101)  # noqa: S311 - repeatable on purpose
    by_dialogue: dict[str, list[int]] = {}
    for n, dialogue in enumerate(dialogues):
        by_dialogue.setdefault(dialogue, []).append(n)
    groups = list(by_dialogue.values())
    values = []
    for _ in range(rounds):
        drawn = [n for group in luck.choices(groups, k=len(groups)) for n in group]
        some = [labels[n] for n in drawn]
        if 0 < sum(some) < len(some):
            values.append(figure(some, [scores[n] for n in drawn]))
    values.sort()
    if not values:
        raise ValueError("Too few labels for an interval.")
    return values[int(0.025 * len(values))], values[min(len(values) - 1, int(0.975 * len(values)))]
