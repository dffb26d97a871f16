"""
The sentences the bridge itself says to customers. Facts first, then what happens next, then the choice; no promise.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.conversation import Fact

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


def nobody_there(back: str | None) -> str:
    """What the customer hears when no agent is online; *back* is when the team returns, None when it is not known."""
    when = f"Our team is back {back}." if back else "Nobody from our team is here right now."
    return (
        f"{when} Your request is saved and a colleague will see it. "
        "You can leave your e-mail address for the answer, or go on with the assistant."
    )


def handed_back(agent: str, facts: Sequence[Fact]) -> str:
    """What the assistant says when *agent* gives the conversation back: that it is the assistant, and what it knows."""
    known = [fact.value for fact in facts if fact.name in ("order_number", "topic")]
    know = f"; I know about {_listed(known)}" if known else ""
    return f"{agent} has left. I'm the assistant again, an AI{know}. What else can I do?"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
