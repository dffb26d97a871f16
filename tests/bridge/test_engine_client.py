"""The breaker in front of the engine."""

from __future__ import annotations

import pytest

from bot.bridge.engine import Breaker
from bot.core.errors import EngineUnavailable


def test_it_opens_after_the_failures_in_a_row_and_lets_one_try_after_the_pause() -> None:
    """Closed, open, one trial, and what the trial decides."""
    breaker = Breaker(failures=2, break_s=5.0)
    breaker.failed(0.0)
    breaker.check(0.0)
    breaker.failed(1.0)
    with pytest.raises(EngineUnavailable):
        breaker.check(2.0)
    breaker.check(6.5)
    with pytest.raises(EngineUnavailable):
        breaker.check(6.6)
    breaker.succeeded()
    breaker.check(6.7)


def test_a_success_in_between_starts_the_count_again() -> None:
    """Only failures in a row open it."""
    breaker = Breaker(failures=2, break_s=5.0)
    for _ in range(5):
        breaker.failed(0.0)
        breaker.succeeded()
    breaker.failed(0.0)
    breaker.check(0.0)
