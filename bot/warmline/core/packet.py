"""
The packet: everything an agent must know about a conversation before the first word, as one frozen value.

Built by one pure function from the bridge's own log, the turn analyses and the decision: the same inputs, the same
packet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Conversation, Customer, Fact, Message, Note, Owner
from warmline.core.escalation import Decision
from warmline.core.facts import subject
from warmline.core.rules import Intents

TELL_NOTHING = Intents().tell_nothing
"""Intents that say nothing about what the customer wants, where escalation.yml names no others."""


class MoodPoint(msgspec.Struct, frozen=True):
    """
    The mood after the customer's message *seq*: *value* 0..1, and the reasons, strongest first, as short
    sentences.
    """

    seq: int
    value: float
    reasons: tuple[str, ...]


class Attempt(msgspec.Struct, frozen=True):
    """What the bot tried after message *seq*: *did* in a few words, *outcome* as in warmline.core.ask.Outcome."""

    seq: int
    did: str
    outcome: str


class Episode(msgspec.Struct, frozen=True):
    """
    Something that ended earlier in the same log: *seq* and time *at* (Unix seconds) of the line *text* that says
    so.
    """

    seq: int
    at: float
    text: str


class Packet(msgspec.Struct, frozen=True):
    """
    What the agent reads. The transcript is the log itself and comes beside it.

    *wants* is one line, *words* the customer's own message it comes from. *decision* explains why a person is needed
    (None
    while nobody asked). Somebody should answer within *urgency_min* minutes of *asked_at* (Unix seconds). *language*
    is a
    BCP 47 tag, None when unknown. *next* are suggested steps, *drafts* are replies that a person may edit and send.
    """

    conversation: str
    owner: str
    epoch: int
    customer: Customer
    wants: str
    words: str
    facts: tuple[Fact, ...]
    tried: tuple[Attempt, ...]
    mood: tuple[MoodPoint, ...]
    decision: Decision | None
    asked_at: float | None
    urgency_min: int | None
    language: str | None
    earlier: tuple[Episode, ...]
    next: tuple[str, ...]
    drafts: tuple[str, ...]
    notes: tuple[Note, ...]
    contact: str | None = None


def build(
    conversation: Conversation,
    messages: Sequence[Message],
    analyses: Mapping[int, TurnAnalysis],
    notes: Sequence[Note],
    tell_nothing: Collection[str] = TELL_NOTHING,
) -> Packet:
    """
    The packet of *conversation*, from its *messages* (ascending), its *analyses* by seq and its *notes*. Intents that
    *tell_nothing* are not what the customer wants.

    What was tried, felt and wanted is read from the present episode; earlier ones are listed.
    """
    here = {seq: a for seq, a in sorted(analyses.items()) if seq >= conversation.opened_seq}
    handoff = conversation.handoff
    return Packet(
        conversation=conversation.id,
        owner=conversation.owner.value,
        epoch=conversation.epoch,
        customer=conversation.customer,
        wants=wanted(conversation, here, tell_nothing),
        words=_words(conversation, messages, here, tell_nothing),
        facts=conversation.facts,
        tried=tuple(Attempt(seq, a.did, a.outcome) for seq, a in here.items() if a.did),
        mood=tuple(MoodPoint(seq, a.mood.value, tuple(r.text for r in a.mood.reasons)) for seq, a in here.items()),
        decision=handoff.decision if handoff else None,
        asked_at=handoff.asked_at if handoff else None,
        urgency_min=handoff.decision.urgency_min if handoff else None,
        language=conversation.customer.language,
        earlier=_earlier(messages),
        next=_next_steps(conversation, here),
        drafts=_drafts(conversation, messages),
        notes=tuple(notes),
        contact=handoff.contact if handoff else None,
    )


def wanted(
    conversation: Conversation, analyses: Mapping[int, TurnAnalysis], tell_nothing: Collection[str] = TELL_NOTHING
) -> str:
    """
    What the customer wants in one line: the last intent that says so (not one that *tell_nothing*), and the subject it
    is about.
    """
    seq = _telling_seq(analyses, tell_nothing)
    if seq is None:
        if conversation.handoff and conversation.handoff.decision.cause == "engine":
            return "Not clear yet: the assistant could not answer"
        return "Not clear yet" if analyses else "Asked for a person at once"
    line = analyses[seq].intent.replace("_", " ").capitalize()
    about = subject(conversation.facts)
    return f"{line} · {about}" if about else line


def _telling_seq(analyses: Mapping[int, TurnAnalysis], tell_nothing: Collection[str]) -> int | None:
    """
    The last turn whose intent says what the customer wants: one that the bot worked on, else the one that led to the
    handoff (which is often only the anger about the matter). An intent that was only guessed says nothing.
    """
    telling = [seq for seq, a in analyses.items() if a.outcome != "unsure" and a.intent not in tell_nothing]
    worked_on = [seq for seq in telling if analyses[seq].outcome != "handoff"]
    return max(worked_on or telling, default=None)


def _words(
    conversation: Conversation,
    messages: Sequence[Message],
    analyses: Mapping[int, TurnAnalysis],
    tell_nothing: Collection[str],
) -> str:
    theirs = [m for m in messages if m.author == "customer" and m.seq >= conversation.opened_seq]
    seq = _telling_seq(analyses, tell_nothing)
    told = next((m.text for m in theirs if m.seq == seq), None)
    return told or max((m.text for m in theirs), key=len, default="")


def _earlier(messages: Sequence[Message]) -> tuple[Episode, ...]:
    ends = ("handed_back", "ended", "agent_lost", "transferred")
    return tuple(Episode(m.seq, m.at, m.text) for m in messages if m.code in ends)


def _next_steps(conversation: Conversation, analyses: Mapping[int, TurnAnalysis]) -> tuple[str, ...]:
    steps: list[str] = []
    handoff = conversation.handoff
    if handoff and handoff.contact:
        steps.append(f"Answer at {handoff.contact}: the customer did not want to wait here.")
    failed = list(dict.fromkeys(a.did for a in analyses.values() if a.did and a.outcome in ("failed", "unsure")))
    if failed:
        steps.append(f"Do not try again what did not help: {', '.join(failed)}.")
    unverified = [fact.label for fact in conversation.facts if not fact.verified]
    if unverified:
        steps.append(f"Check before you rely on it: {', '.join(unverified)} (not verified).")
    if handoff and handoff.decision.cause in ("mood", "failure"):
        steps.append("Say what went wrong first, then what you will do and by when.")
    return tuple(steps)


def _drafts(conversation: Conversation, messages: Sequence[Message]) -> tuple[str, ...]:
    """A first sentence, until the agent who has the conversation wrote one."""
    handoff = conversation.handoff
    spoken = next((m for m in reversed(messages) if m.author == "agent" or m.code == "agent_joined"), None)
    if handoff is None or (spoken is not None and spoken.author == "agent" and conversation.owner is Owner.AGENT):
        return ()
    about = subject(conversation.facts)
    read = f"your whole conversation about {about}" if about else "your whole conversation"
    opening = f"Hello, I have read {read}, so you don't have to repeat anything."
    if handoff.decision.cause in ("mood", "failure", "engine"):
        return (f"{opening} I'm sorry that the assistant did not solve this. I'm looking at it now.",)
    return (f"{opening} I'm looking at it now.",)
