"""The packet: what an agent reads before the first word."""

from __future__ import annotations

import msgspec

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Agent, Conversation, Customer, Fact, Handoff, Message, Note, Owner
from warmline.core.escalation import Decision
from warmline.core.mood import Mood, Reason
from warmline.core.packet import build, wanted
from warmline.core.rules import Intents

DECISION = Decision(True, "frustrated", "mood", 5, "support", "passing you on", turns=(6,))
ORDER = Fact("order_number", "Order", "A1042", verified=True, role="subject")
EMAIL = Fact("email", "E-mail", "mara@example.com")
CONVERSATION = Conversation(
    "c_1",
    Customer("g_1", language="en-GB"),
    0.0,
    owner=Owner.QUEUE,
    epoch=2,
    seq=7,
    facts=(ORDER, EMAIL),
    handoff=Handoff(100.0, "escalated", DECISION, contact="mara@example.com"),
    opened_seq=3,
)


def line(seq: int, author: str, text: str, code: str | None = None) -> Message:
    return Message("c_1", seq, 1, float(seq), author, text, code=code)  # type: ignore[arg-type]


LOG = [
    line(1, "customer", "an older matter"),
    line(2, "system", "You closed this conversation.", "ended"),
    line(3, "system", "New conversation.", "reopened"),
    line(4, "customer", "where is my lamp, it was due on tuesday"),
    line(5, "bot", "It is on its way."),
    line(6, "customer", "hm"),
    line(7, "bot", "Do you mean A or B?"),
]


def felt(value: float, intent: str, outcome: str, did: str) -> TurnAnalysis:
    reasons = (Reason("negated_help", 0.3, "says it did not help"),)
    return TurnAnalysis(intent, 0.9, Mood(value, reasons), outcome, did)  # type: ignore[arg-type]


ANALYSES = {
    1: felt(0.1, "invoice", "answered", "invoice"),
    4: felt(0.2, "order_late", "answered", "order status"),
    6: felt(0.8, "nlu_fallback", "unsure", "asked back"),
}


def test_it_reads_the_present_episode_and_lists_the_earlier_one() -> None:
    """Mood and attempts start where this episode began; what ended before is one line."""
    packet = build(CONVERSATION, LOG, ANALYSES, [])
    assert [(p.seq, p.value) for p in packet.mood] == [(4, 0.2), (6, 0.8)]
    assert [(t.did, t.outcome) for t in packet.tried] == [("order status", "answered"), ("asked back", "unsure")]
    assert [e.seq for e in packet.earlier] == [2]


def test_it_says_what_the_customer_wants_in_one_line_and_in_their_words() -> None:
    """The last intent that says so, with the order; a guess does not count; the words are that turn's."""
    packet = build(CONVERSATION, LOG, ANALYSES, [])
    assert packet.wants == "Order late · A1042"
    assert packet.words == "where is my lamp, it was due on tuesday"


def test_what_is_small_talk_is_the_project_s() -> None:
    """An intent that its escalation.yml lists there is not what the customer wants."""
    talk = {4: felt(0.1, "invoice", "answered", "invoice"), 6: felt(0.1, "weather", "answered", "talked")}
    assert wanted(CONVERSATION, talk).startswith("Weather")
    rules = Intents(small_talk=("weather",))
    assert wanted(CONVERSATION, talk, rules.tell_nothing).startswith("Invoice")
    assert build(CONVERSATION, LOG, talk, [], rules.tell_nothing).wants.startswith("Invoice")


def test_who_asked_for_a_person_before_saying_anything_is_told_so() -> None:
    """No intent is invented."""
    assert wanted(msgspec.structs.replace(CONVERSATION, facts=()), {}) == "Asked for a person at once"
    assert wanted(CONVERSATION, {6: ANALYSES[6]}) == "Not clear yet"


def test_it_carries_why_when_and_what_is_not_sure() -> None:
    """The decision whole, the time of asking, and next steps that name the unverified fact and what failed."""
    packet = build(CONVERSATION, LOG, ANALYSES, [])
    assert packet.decision == DECISION
    assert (packet.asked_at, packet.urgency_min, packet.language) == (100.0, 5, "en-GB")
    steps = " ".join(packet.next)
    assert "E-mail (not verified)" in steps
    assert "asked back" in steps
    assert "mara@example.com" in steps
    assert "Order (not verified)" not in steps


def test_notes_come_along_and_drafts_only_with_a_request() -> None:
    """Without a handoff there is nothing to draft."""
    note = Note("c_1", "n1", 7, 8.0, "anna", "Anna", "knows the carrier")
    packet = build(CONVERSATION, LOG, ANALYSES, [note])
    assert packet.notes == (note,)
    assert packet.drafts
    assert build(msgspec.structs.replace(CONVERSATION, handoff=None), LOG, ANALYSES, []).drafts == ()


def test_the_opening_is_drafted_until_the_agent_has_written() -> None:
    """A colleague who takes over opens anew."""
    held = msgspec.structs.replace(CONVERSATION, owner=Owner.AGENT, agent=Agent("anna", "Anna"))
    joined = [*LOG, line(8, "system", "Anna has joined.", "agent_joined")]
    assert len(build(held, joined, ANALYSES, []).drafts) == 1
    answered = [*joined, line(9, "agent", "Hello, I am looking."), line(10, "customer", "thanks")]
    assert build(held, answered, ANALYSES, []).drafts == ()
    back = [*answered, line(11, "system", "Waiting again.", "transferred")]
    assert len(build(CONVERSATION, back, ANALYSES, []).drafts) == 1
    assert len(build(held, [*back, line(12, "system", "Ben has joined.", "agent_joined")], ANALYSES, []).drafts) == 1


def test_the_same_inputs_give_the_same_packet_and_it_survives_the_wire() -> None:
    """A pure function of its arguments, and plain data."""
    one, two = build(CONVERSATION, LOG, ANALYSES, []), build(CONVERSATION, list(LOG), dict(ANALYSES), ())
    assert one == two
    assert msgspec.json.decode(msgspec.json.encode(one), type=type(one)) == one
