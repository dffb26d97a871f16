"""The judge itself: what it must let pass, and what it must not."""

from __future__ import annotations

import random
import sqlite3

import pytest

from warmline.bridge.session import BACKLOG
from warmline.core import frames

from .clients import Agent
from .verdict import Verdict, _seen

LENGTH = BACKLOG + 50


def message(seq: int) -> frames.MessageFrame:
    return frames.MessageFrame("c1", seq, 1, float(seq), "customer", f"line {seq}")


def snapshot(first: int) -> frames.Snapshot:
    return frames.Snapshot("c1", 1, LENGTH, tuple(message(seq) for seq in range(first, LENGTH + 1)), more=first > 1)


def judged(*heard: frames.BridgeFrame) -> Verdict:
    """What comes of an agent who was told *heard* of a conversation of ``LENGTH`` lines."""
    agent = Agent("anna", 0, random.Random(1))
    for frame in heard:
        agent._take(frame)
    verdict = Verdict()
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE messages (conversation, seq, author, text)")
        lines = [("c1", seq, "customer", f"line {seq}") for seq in range(1, LENGTH + 1)]
        db.executemany("INSERT INTO messages VALUES (?, ?, ?, ?)", lines)
        _seen(db, agent, verdict)
    return verdict


def test_a_whole_snapshot_may_leave_out_what_is_too_far_behind() -> None:
    """At the first look and after a while away."""
    assert judged(snapshot(LENGTH - BACKLOG + 1)).wrong == []
    assert judged(message(1), message(2), snapshot(LENGTH - BACKLOG + 1)).wrong == []
    assert judged(*(message(seq) for seq in range(1, LENGTH + 1))).wrong == []


@pytest.mark.parametrize(
    "heard",
    [
        [snapshot(LENGTH - BACKLOG + 2)],
        [*(message(seq) for seq in range(1, 9)), snapshot(LENGTH - 3)],
    ],
    ids=["a snapshot that is not whole", "a snapshot of a few"],
)
def test_a_line_that_nothing_excuses_is_lost(heard: list[frames.BridgeFrame]) -> None:
    """However it was left out."""
    verdict = judged(*heard)
    assert verdict.lost > 0
    assert "anna did not see" in verdict.wrong[0]
