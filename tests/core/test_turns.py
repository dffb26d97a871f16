"""From the log to the turns that mood and escalation read."""

from __future__ import annotations

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Button, Message
from warmline.core.features import Features
from warmline.core.mood import Mood
from warmline.core.turns import TURNS, turns_of


def line(seq: int, author: str, text: str, *, about: int | None = None, code: str | None = None) -> Message:
    return Message("c_1", seq, 1, float(seq), author, text, code=code, about=about)  # type: ignore[arg-type]


def outcome(name: str) -> TurnAnalysis:
    return TurnAnalysis("x", 1.0, Mood(0.0), name)  # type: ignore[arg-type]


def test_bubbles_of_one_answer_are_one_turn_with_its_outcome_and_system_lines_are_none() -> None:
    """Two bubbles about the same message join; answers to two messages stay two turns."""
    log = [
        line(1, "bot", "Hi, I'm the assistant.", code="opening"),
        line(2, "customer", "where is it"),
        line(3, "customer", "and the invoice"),
        line(4, "bot", "On its way.", about=2),
        line(5, "bot", "Due tomorrow.", about=2),
        line(6, "bot", "Which invoice?", about=3),
        line(7, "system", "You're in the queue.", code="queued"),
        line(8, "agent", "Hello"),
    ]
    turns = turns_of(log, {2: outcome("answered"), 3: outcome("asked")}, until=8, since=1)
    assert [(t.role, t.seq, t.outcome) for t in turns] == [
        ("customer", 2, None),
        ("customer", 3, None),
        ("bot", 5, "answered"),
        ("bot", 6, "asked"),
        ("agent", 8, None),
    ]
    assert turns[2].text == "On its way.\nDue tomorrow."


def test_a_pressed_button_says_nothing_about_how_the_customer_feels() -> None:
    """The title is the bot's wording; the same words typed later are the customer's."""
    log = [
        Message("c_1", 1, 1, 1.0, "bot", "End it, or pause?", buttons=(Button("Pause instead", "/pause"),)),
        line(2, "customer", "Pause instead"),
        line(3, "customer", "Pause instead"),
    ]
    pressed, typed = turns_of(log, {}, until=3, since=1)[1:]
    assert pressed.features == Features()
    assert typed.features is None


def test_only_the_asked_span_and_the_last_turns_are_read() -> None:
    """Nothing after *until* (the future), nothing before *since* (an earlier episode), at most ``TURNS``."""
    log = [line(seq, "customer", str(seq)) for seq in range(1, 40)]
    assert [t.seq for t in turns_of(log, {}, until=10, since=5)] == [5, 6, 7, 8, 9, 10]
    assert len(turns_of(log, {}, until=39, since=1)) == TURNS
