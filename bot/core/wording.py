"""
The sentences the bridge itself says to customers. Facts first, then what happens next, then the choice; no promise.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.conversation import Fact
from bot.core.told import PROMISED

OPENING = (
    "Hi, I'm {team}'s assistant, an AI. I can help with orders, accounts and questions. "
    "You can ask for a person at any time."
)
REOPENED = "New conversation. You are writing with {team}'s assistant, an AI. You can ask for a person at any time."
QUEUED = "You're in the queue for a person. Everything you wrote goes with you."
ENGINE_FAILED = "Something on our side isn't working. Your message is safe. A colleague will see it."
DELAYED = (
    "This takes longer than usual. Your message is safe: an answer, or a person, comes within about {seconds} seconds."
)
CROWDED = (
    "Many people are writing right now. Your message is safe: an answer, or a person, comes within {seconds} seconds. "
    "You can ask for a person at any time."
)
BACK_WITH_BOT = "You're back with the assistant, an AI. You can ask for a person at any time."
BACK_WITH_BOT_REQUEST_STAYS = (
    "You're back with the assistant, an AI. Your request for a person stays open: a colleague will see it."
)
CONTACT_KEPT = "Thank you. A colleague will answer at {contact}."
JOINED = "{agent} has joined and has your whole conversation, so you don't have to repeat anything."
AGENT_LOST = "{agent} lost the connection. You are at the front of the queue, and nothing you wrote is lost."
TRANSFERRED = "{agent} is passing you to a colleague. You keep your place and don't have to repeat anything."
ENDED_BY_AGENT = "{agent} has closed this conversation. Write again whenever you need us."
ENDED_WHILE_WAITING = (
    "You closed this conversation, and with it your request for a person. Write again whenever you need us."
)
ENDED_BY_CUSTOMER = "You closed this conversation. Write again whenever you need us."


DONE_BEFORE = "The assistant had already done this before: {done}."
NOTED = "Noted for your colleague: they will see it."
NOTED_OFFLINE = "Noted with your request: a colleague will see it."
MEANWHILE = "While you wait: {answer}"
MEANWHILE_OFFLINE = "From the assistant, an AI: {answer}"


def waiting(place: int | None, wait_min: tuple[int, int] | None) -> str:
    """Where the customer is in the queue, and how long it takes as far as that is known."""
    if place is None:
        return "You're still in the queue, and everything you wrote is kept. I can't say yet how long it takes."
    where = "You're next." if place == 1 else f"You're number {place} in the queue."
    if wait_min is None:
        return f"{where} I can't say yet how long it takes."
    low, high = wait_min
    return f"{where} Usually {low} to {high} minutes."


def still_nobody_there(back: str | None) -> str:
    """As :func:`waiting`, while no agent is online."""
    when = (
        f"Our team is back {back}." if back else "Nobody from our team is here right now, and I can't say until when."
    )
    return f"{when} Your request is saved. You can go on with the assistant meanwhile."


def nobody_there(back: str | None) -> str:
    """What the customer hears when no agent is online; *back* is when the team returns, None when it is not known."""
    when = f"Our team is back {back}." if back else "Nobody from our team is here right now."
    return (
        f"{when} Your request is saved and a colleague will see it. "
        "You can leave your e-mail address for the answer, or go on with the assistant."
    )


def handed_back(agent: str, facts: Sequence[Fact], told: Sequence[Fact] = ()) -> str:
    """
    What the assistant says when *agent* gives the conversation back: that it is the assistant, what it knows, and what
    was promised now (*told*; a promise of an earlier hand-back was repeated then).
    """
    known = [fact.value for fact in facts if fact.name in ("order_number", "topic")]
    know = f"; I know about {_listed(known)}" if known else ""
    promises = "".join(f" {fact.value}" for fact in told if fact.name.startswith(PROMISED))
    return f"{agent} has left. I'm the assistant again, an AI{know}.{promises} What else can I do?"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
