"""What is not yet known to be kept: order, retries and their end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warmline.client import pending
from warmline.core.frames import Nack, Reply, Say


def say(number: int) -> Say:
    return Say(f"m{number}", f"text {number}")


def later(frame_id: str, seconds: float = 2.0) -> Nack:
    return Nack(frame_id, "too_fast", "Slower.", seconds)


def never(frame_id: str) -> Nack:
    return Nack(frame_id, "not_allowed", "No.")


def two() -> pending.Items:
    return pending.add(pending.add((), say(1)), say(2))


def ids(items: pending.Items) -> list[str]:
    return [item.id for item in items]


def test_the_second_waits_for_the_first_ones_answer() -> None:
    """Of one conversation, one frame is under way at a time."""
    items = two()
    assert ids(pending.due(items, 0.0)) == ["m1"]
    items = pending.sent(items, "m1", 0.0)
    assert ids(pending.due(items, 0.0)) == []
    assert ids(pending.due(pending.answered(items, "m1"), 0.0)) == ["m2"]


def test_conversations_do_not_wait_for_each_other() -> None:
    """An agent's frames for two conversations leave at once."""
    items = pending.add(pending.add((), Reply("a", "c_1", "x")), Reply("b", "c_2", "y"))
    assert ids(pending.due(items, 0.0)) == ["a", "b"]


def test_a_lost_link_sends_it_again_under_the_same_id() -> None:
    """What was on the wire may or may not have arrived."""
    items = pending.unsent(pending.sent(two(), "m1", 0.0))
    assert ids(pending.due(items, 0.0)) == ["m1"]


def test_later_means_not_before() -> None:
    """After a nack with a time, the frame waits that long and nothing overtakes it."""
    items, again = pending.refused(pending.sent(two(), "m1", 10.0), later("m1"), 10.0)
    assert again
    assert ids(pending.due(items, 11.9)) == []
    assert pending.next_due_s(items, 11.0) == 1.0
    assert ids(pending.due(items, 12.0)) == ["m1"]


def test_a_refusal_for_good_lets_the_next_one_go() -> None:
    """The refused frame is dropped, and its sender is told by the False."""
    items, again = pending.refused(pending.sent(two(), "m1", 0.0), never("m1"), 0.0)
    assert not again
    assert ids(pending.due(items, 0.0)) == ["m2"]


def test_patience_ends() -> None:
    """After so many "later" the sender is told."""
    items, again = two(), True
    tries = 0
    while again:
        items, again = pending.refused(items, later("m1"), 0.0)
        tries += 1
    assert tries == pending.MOST_TRIES
    assert ids(items) == ["m2"]


def test_a_nack_for_nobody_changes_nothing() -> None:
    """It may belong to a frame that was answered before."""
    items, again = pending.refused(two(), never("m9"), 0.0)
    assert (items, again) == (two(), False)


def test_silence_sends_it_again() -> None:
    """No answer in time, on a link that lives: again, under the same id."""
    items = pending.sent(two(), "m1", 0.0)
    assert pending.overdue(items, pending.ANSWER_LIMIT_S - 0.1) == items
    assert ids(pending.due(pending.overdue(items, pending.ANSWER_LIMIT_S), pending.ANSWER_LIMIT_S)) == ["m1"]


def test_nothing_is_due_when_nothing_is_there() -> None:
    """None: only a frame can change that."""
    assert pending.next_due_s((), 5.0) is None


@given(st.lists(st.sampled_from(["say", "ack", "lose the answer", "lose the frame", "later"]), max_size=80))
def test_frames_are_kept_once_and_in_the_order_they_were_said(events: list[str]) -> None:
    """Whatever the link does, a bridge that keeps each id once has the sender's order, and misses what it refused."""
    items: pending.Items = ()
    kept: list[int] = []
    refused: set[int] = set()
    said, now = 0, 0.0
    for event in [*events, *["ack"] * len(events)]:
        now += 1.0
        if event == "say":
            said += 1
            items = pending.add(items, say(said))
            continue
        for item in pending.due(items, now):
            items, number = pending.sent(items, item.id, now), int(item.id[1:])
            if event in ("ack", "lose the answer") and number not in kept:
                kept.append(number)
            if event == "ack":
                items = pending.answered(items, item.id)
            elif event == "later":
                items, again = pending.refused(items, later(item.id, 0.5), now)
                refused |= set() if again else {number}
            else:
                items = pending.unsent(items)
    assert kept == sorted(set(kept))
    assert set(kept) | refused == set(range(1, said + 1))
