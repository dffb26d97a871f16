"""Small true values for the store's tests."""

from __future__ import annotations

from typing import Any

import msgspec

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Agent, Button, Conversation, Customer, Fact, Handoff, Message, Note, Owner
from warmline.core.effects import Accept, Effect, Keep
from warmline.core.escalation import Decision, Signal
from warmline.core.mood import Mood, Reason
from warmline.store.sqlite import SqliteStore

AWKWARD = 'naïve "quotes" \\ \x00 \u2028 😡 שלום'

DECISION = Decision(
    escalate=True,
    rule="angry",
    cause="mood",
    urgency_min=5,
    queue="general",
    say="I'll bring in a colleague.",
    signals=(Signal("vader", -0.7, 0.4, "harsh words"),),
    turns=(2, 4),
    confidence=0.8,
    counterfactual="One answer that helped.",
)
HANDOFF = Handoff(asked_at=50.0, event="escalated", decision=DECISION, contact="mara@example.org")
ANALYSIS = TurnAnalysis("order_status", 0.9, Mood(0.7, (Reason("caps", 0.2, "shouting"),)), "failed", "looked up A1042")


def fresh(name: str = "c1", customer: str = "u1", **changes: Any) -> Conversation:
    """A conversation as it is first stored, without a message."""
    base = Conversation(
        name, Customer(customer, "Mara K.", "mara@example.org", "signed"), 10.0, version=1, updated_at=10.0
    )
    return msgspec.structs.replace(base, **changes)


def full(name: str = "c1") -> Conversation:
    """A conversation with every field set."""
    return fresh(
        name,
        owner=Owner.AGENT,
        agent=Agent("anna", "Anna"),
        handoff=HANDOFF,
        facts=(Fact("order", "Order", "A1042", verified=True), Fact("name", "Name", AWKWARD)),
        handed_back_for=("angry", "crisis"),
        opened_seq=1,
    )


def said(conversation: Conversation, seq: int, text: str = "hello", **changes: Any) -> Message:
    base = Message(conversation.id, seq, conversation.epoch, conversation.updated_at, "customer", text)
    return msgspec.structs.replace(base, **changes)


def step(conversation: Conversation, *texts: str, **changes: Any) -> tuple[Conversation, list[Effect]]:
    """The next step: the customer says *texts*, and *changes* happen to the conversation."""
    usual = {"version": conversation.version + 1, "seq": conversation.seq + len(texts)}
    after = msgspec.structs.replace(conversation, **(usual | changes))
    kept: list[Effect] = [Keep(said(after, conversation.seq + 1 + index, text)) for index, text in enumerate(texts)]
    return after, kept


async def take(
    store: SqliteStore, conversation: Conversation, *effects: Effect, texts: tuple[str, ...] = (), **changes: Any
) -> Conversation:
    """Commit the next step and return the conversation after it."""
    after, kept = step(conversation, *texts, **changes)
    await store.commit(after, [*kept, *effects], expected_version=conversation.version)
    return after


async def begun(store: SqliteStore, name: str = "c1", texts: tuple[str, ...] = (), **changes: Any) -> Conversation:
    """Create a conversation in which *texts* were said."""
    conversation = fresh(name, seq=len(texts), **changes)
    await store.create(conversation, [Keep(said(conversation, index + 1, text)) for index, text in enumerate(texts)])
    return conversation


def a_note(conversation: Conversation, name: str, agent: str = "anna", after_seq: int = 0) -> Note:
    return Note(conversation.id, name, after_seq, 20.0, agent, agent.title(), AWKWARD)


def accept(seq: int, frame: str = "f1", sender: str = "customer") -> Accept:
    return Accept(sender, frame, seq)


BUTTONS = (Button("Yes", "/affirm"), Button("No", "/deny"))
