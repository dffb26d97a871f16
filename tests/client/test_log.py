"""Merging frames into a log: whatever comes in whatever order, each message is shown once, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warmline.client.log import Log, merge
from warmline.core.frames import MessageFrame, Snapshot

HERE = "c_1"


def message(seq: int, conversation: str = HERE) -> MessageFrame:
    return MessageFrame(conversation, seq, 1, 0.0, "bot", f"text {seq}")


def snapshot(last: int, first: int = 1) -> Snapshot:
    return Snapshot(HERE, 1, last, tuple(message(seq) for seq in range(first, last + 1)), more=first > 1)


def test_the_next_message_is_shown() -> None:
    """It becomes the last one held."""
    merged = merge(Log(HERE, 1, 4), message(5))
    assert (merged.log.seq, [m.seq for m in merged.fresh], merged.gap) == (5, [5], False)


def test_what_is_held_already_is_dropped() -> None:
    """A repeated message changes nothing."""
    log = Log(HERE, 1, 4)
    merged = merge(log, message(4))
    assert (merged.log, merged.fresh, merged.gap) == (log, (), False)


def test_a_gap_is_told_and_nothing_is_shown() -> None:
    """A message that is too new waits for the ones before it."""
    log = Log(HERE, 1, 4)
    merged = merge(log, message(6))
    assert (merged.log, merged.fresh, merged.gap) == (log, (), True)


def test_another_conversations_message_changes_nothing() -> None:
    """Logs do not mix."""
    log = Log(HERE, 1, 4)
    assert merge(log, message(5, "c_2")).log == log


def test_a_snapshot_brings_what_is_missing_and_repeats_nothing() -> None:
    """Only messages after the last one held are fresh; a hole before the snapshot is bridged by it."""
    merged = merge(Log(HERE, 1, 4), snapshot(9, first=3))
    assert (merged.log.seq, [m.seq for m in merged.fresh]) == (9, [5, 6, 7, 8, 9])
    assert [m.seq for m in merge(Log(HERE, 1, 4), snapshot(9, first=7)).fresh] == [7, 8, 9]


@given(st.lists(st.integers(1, 12), max_size=60))
def test_any_order_of_arrival_shows_each_message_once_and_in_order(arrivals: list[int]) -> None:
    """With a resume after each gap, what was shown is 1, 2, 3, ... without a hole or a repeat."""
    log, shown = Log(HERE), list[int]()
    for seq in arrivals:
        merged = merge(log, message(seq))
        if merged.gap:
            merged = merge(log, snapshot(seq))
        log = merged.log
        shown += [m.seq for m in merged.fresh]
    assert shown == list(range(1, max(arrivals, default=0) + 1))
