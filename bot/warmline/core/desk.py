"""
The desk: who waits, in which order, how long it will take, and who is there.

Order: somebody in a crisis comes first, then conversations whose agent was lost, then by the moment they are due (time
of asking plus the urgency the rule gave), so that an urgent matter overtakes and nobody is overtaken for ever.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Conversation, Owner
from warmline.core.frames import Colleague, Waiting
from warmline.core.packet import TELL_NOTHING, wanted

CUSTOMER_NAME = "warmline_identity.name"
"""The fact that says what a customer is called, once it is known who that is."""
OPEN_LIMIT = 3
"""Conversations an agent is expected to hold at once; only used to tell the customer the wait."""

FEWEST_SAMPLES = 5
"""Handled conversations needed before a wait is told in minutes: a range that is not known is not said."""


def in_order(conversations: Iterable[Conversation]) -> list[Conversation]:
    """Those that wait in the queue, the next one first."""
    return sorted((c for c in conversations if c.owner is Owner.QUEUE), key=turn)


def turn(conversation: Conversation) -> tuple[bool, bool, float, float, str]:
    """What decides its place in the queue: the smaller comes first."""
    handoff = conversation.handoff
    if handoff is None:
        return (True, True, conversation.updated_at, conversation.updated_at, conversation.id)
    due = handoff.asked_at + 60 * handoff.decision.urgency_min
    return (handoff.decision.cause != "crisis", not handoff.front, due, handoff.asked_at, conversation.id)


def requests(conversations: Iterable[Conversation]) -> list[Conversation]:
    """Those who asked for a person when nobody was there and went on with the bot, or left: longest first."""
    unserved = (c for c in conversations if c.handoff is not None and c.owner is Owner.BOT)
    return sorted(unserved, key=lambda c: c.handoff.asked_at if c.handoff else 0.0)


def place(conversation_id: str, waiting: Sequence[Conversation]) -> int | None:
    """The place in the queue from 1; None when it does not wait."""
    return next((n for n, c in enumerate(waiting, 1) if c.id == conversation_id), None)


def wait_minutes(
    position: int, colleagues: Sequence[Colleague], handle_times_s: Sequence[float]
) -> tuple[int, int] | None:
    """
    The wait of the one at *position*, as a range in whole minutes, or None when it is not known.

    *handle_times_s* are the seconds the last conversations were with an agent: the quarter and three-quarter values,
    times the
    rounds that the agents who are online need, make the range. Not known: nobody online, or fewer than
    ``FEWEST_SAMPLES``.
    """
    online = [c for c in colleagues if c.status == "online"]
    if not online or len(handle_times_s) < FEWEST_SAMPLES:
        return None
    free = sum(max(0, OPEN_LIMIT - c.open) for c in online)
    if position <= free:
        return (1, 2)
    short, _, long = statistics.quantiles(handle_times_s, n=4, method="inclusive")
    rounds = math.ceil((position - free) / (OPEN_LIMIT * len(online)))
    low = max(1, math.floor(short / OPEN_LIMIT * rounds / 60))
    return (low, max(low + 1, math.ceil(long * rounds / 60)))


def row(
    conversation: Conversation, analyses: Mapping[int, TurnAnalysis], tell_nothing: Collection[str] = TELL_NOTHING
) -> Waiting:
    """
    What the desk shows of *conversation*. *analyses* are its own, by seq; intents that *tell_nothing* are not what the
    customer wants.
    """
    here = [(seq, a) for seq, a in sorted(analyses.items()) if seq >= conversation.opened_seq]
    handoff = conversation.handoff
    return Waiting(
        conversation=conversation.id,
        customer=display_name(conversation),
        wants=wanted(conversation, dict(here), tell_nothing),
        why=handoff.decision.say if handoff else "",
        rule=handoff.decision.rule if handoff else "",
        since=handoff.asked_at if handoff else conversation.updated_at,
        urgency_min=handoff.decision.urgency_min if handoff else 60,
        curve=tuple(round(a.mood.value, 3) for _, a in here),
        owner=conversation.owner.value,
        agent=conversation.agent.name if conversation.agent else None,
        offline=bool(handoff and handoff.offline),
        contact=handoff.contact if handoff else None,
    )


def display_name(conversation: Conversation) -> str:
    """What to call the customer: a name that is known, else ``Guest`` with the end of the id."""
    told = next((fact.value for fact in conversation.facts if fact.name == CUSTOMER_NAME), None)
    return conversation.customer.name or told or f"Guest {conversation.customer.id[-4:]}"
