"""Figures: against values worked out by hand, and what must hold for any scores."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from warmline.evaluation.metrics import (
    auroc,
    average_precision,
    best_f1,
    brier,
    calibration,
    calibration_error,
    count,
    f1_at,
    interval,
    roc,
)

pairs = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])), min_size=2, max_size=40
)


def test_figures_of_a_small_case_are_those_on_paper() -> None:
    """Four scores, one pair out of order."""
    labels, scores = [0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9]
    assert auroc(labels, scores) == pytest.approx(0.75)
    assert average_precision(labels, scores) == pytest.approx(0.5 * 1.0 + 0.5 * 2 / 3)
    assert f1_at(0.4)(labels, scores) == pytest.approx(0.8)
    assert best_f1(labels, scores) == (pytest.approx(0.8), 0.4)
    assert brier(labels, scores) == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)


def test_equal_scores_say_nothing() -> None:
    """Ties count half: no skill is 0.5."""
    assert auroc([0, 1, 1, 0], [0.3] * 4) == pytest.approx(0.5)


@given(pairs)
def test_the_area_is_the_share_of_pairs_in_order(found: list[tuple[int, float]]) -> None:
    """The ranks give the same as comparing every positive with every negative, and so does the curve's trapezoid."""
    labels, scores = [label for label, _ in found], [score for _, score in found]
    assume(0 < sum(labels) < len(labels))
    better = [
        1.0 if up > down else 0.5 if up == down else 0.0
        for up, positive in zip(scores, labels, strict=True)
        if positive
        for down, other in zip(scores, labels, strict=True)
        if not other
    ]
    assert auroc(labels, scores) == pytest.approx(sum(better) / len(better))
    curve = roc(labels, scores)
    assert (curve[0][:2], curve[-1][:2]) == ((0.0, 0.0), (1.0, 1.0))
    trapezoid = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(curve))
    assert trapezoid == pytest.approx(auroc(labels, scores))


@given(pairs)
def test_no_threshold_beats_the_best_f1(found: list[tuple[int, float]]) -> None:
    """The one it names reaches it."""
    labels, scores = [label for label, _ in found], [score for _, score in found]
    best, at = best_f1(labels, scores)
    assert all(f1_at(threshold)(labels, scores) <= best + 1e-12 for threshold in (*scores, 0.33))
    if sum(labels):
        assert f1_at(at)(labels, scores) == pytest.approx(best)


def test_calibration_compares_promise_and_share() -> None:
    """Two bins: one right, one off by 0.2."""
    labels, scores = [0, 1, 1, 1, 1, 0], [0.5, 0.5, 0.9, 0.9, 0.9, 0.9]
    bins = calibration(labels, scores)
    assert [(one.size, one.share) for one in bins] == [(2, 0.5), (4, 0.75)]
    assert calibration_error(labels, scores) == pytest.approx((2 * 0.0 + 4 * 0.15) / 6)


def test_ratios_without_a_denominator_are_zero() -> None:
    """No prediction and no need is neither success nor crash."""
    nothing = count([0, 0], [False, False])
    assert (nothing.precision, nothing.recall, nothing.f1) == (0.0, 0.0, 0.0)


def test_the_interval_draws_dialogues_and_repeats() -> None:
    """It holds the figure, is the same every time, and is wider when turns of one dialogue go together."""
    labels = [0, 1] * 30
    scores = [0.2 + 0.01 * (n % 7) + (0.1 if label and n % 5 else 0.0) for n, label in enumerate(labels)]
    alone, together = [str(n) for n in range(60)], [str(n // 20) for n in range(60)]
    low, high = interval(auroc, labels, scores, alone)
    assert low <= auroc(labels, scores) <= high
    assert interval(auroc, labels, scores, alone) == (low, high)
    assert interval(auroc, labels, scores, together) != (low, high)


def test_one_class_alone_has_no_curve() -> None:
    """Better an error than a number that means nothing."""
    with pytest.raises(ValueError, match="Both classes"):
        auroc([1, 1], [0.1, 0.2])
    with pytest.raises(ValueError, match="positive"):
        average_precision([0, 0], [0.1, 0.2])
