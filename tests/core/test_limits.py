"""A token bucket that is told the time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmline.core.errors import TooFast
from warmline.core.limits import Bucket, Buckets


def test_a_burst_is_allowed_and_then_the_wait_is_told() -> None:
    """The third of two is refused, and waiting as long as told is enough."""
    bucket = Bucket(2, 0.5, 0.0)
    bucket.take(0.0)
    bucket.take(0.0)
    with pytest.raises(TooFast) as refused:
        bucket.take(0.0)
    assert refused.value.retry_after_s == 2.0
    bucket.take(2.0)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=200))
def test_no_clock_lets_more_through_than_the_burst_and_the_rate(steps: list[float]) -> None:
    """Whatever the clock does, at most burst + rate x (time that went forwards) are allowed."""
    bucket, now, forwards, allowed = Bucket(5, 1.0, 0.0), 0.0, 0.0, 0
    for step in steps:
        now += step
        forwards += max(0.0, step)
        try:
            bucket.take(now)
        except TooFast:
            continue
        allowed += 1
    assert allowed <= 5 + forwards + 1e-6


def test_full_buckets_are_forgotten() -> None:
    """Memory follows what is in use, not every key ever seen."""
    buckets = Buckets(1, 1.0)
    for n in range(Buckets.SWEEP_AT + 5):
        buckets.take(str(n), n * 10.0)
    assert len(buckets._buckets) < 10
