"""Opening hours: open or not, and when next."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmline.core.hours import parse_hours

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = parse_hours("mon-fri 08:00-18:00, sat 10:00-14:00", "Europe/Berlin")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T08:00", True),  # a Monday
        ("2026-11-23T07:59", False),
        ("2026-11-23T17:59", True),
        ("2026-11-23T18:00", False),
        ("2026-11-28T10:00", True),
        ("2026-11-28T14:00", False),
        ("2026-11-29T12:00", False),
    ],
)
def test_the_first_minute_counts_and_the_last_does_not(moment: str, is_open: bool) -> None:
    """Spans are open from their start until just before their end, in their own zone."""
    assert OFFICE.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-23T07:00", "2026-11-23T08:00"),
        ("2026-11-23T18:00", "2026-11-24T08:00"),
        ("2026-11-27T19:00", "2026-11-28T10:00"),
        ("2026-11-28T15:00", "2026-11-30T08:00"),
        ("2026-10-24T20:00", "2026-10-26T08:00"),  # the clocks go back in between
    ],
)
def test_the_next_opening_is_found_over_days_and_clock_changes(moment: str, opening: str) -> None:
    """Local wall time, whatever the clocks do in between."""
    assert OFFICE.opens_next(at(moment)) == datetime.fromisoformat(opening).replace(tzinfo=BERLIN)


def test_always_is_always_open() -> None:
    """No opening is promised to anybody."""
    always = parse_hours("Always", "UTC")
    assert always.is_open(0.0)
    assert always.opens_next(0.0) is None


def test_a_week_with_one_span_comes_round() -> None:
    """The opening a whole week ahead is found when today's has just passed."""
    weekly = parse_hours("wed 12:00-12:01", "UTC")
    passed = datetime(2026, 11, 25, 12, 1, tzinfo=timezone.utc)
    assert weekly.opens_next(passed.timestamp()) == datetime(2026, 12, 2, 12, 0, tzinfo=timezone.utc)


@given(st.floats(1.7e9, 1.9e9))
def test_the_next_opening_is_open(moment: float) -> None:
    """Whenever it is closed, the moment opens_next() names is open, later, and at most a week away."""
    opening = OFFICE.opens_next(moment)
    assert (opening is None) == OFFICE.is_open(moment)
    if opening is not None:
        assert OFFICE.is_open(opening.timestamp())
        assert 0 < opening.timestamp() - moment <= 7 * 86_400 + 3_600
