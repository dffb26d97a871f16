"""
The sentences the bridge itself says to customers. Facts first, then what happens next, then the choice; no promise.
"""

from __future__ import annotations

from collections.abc import Sequence

from warmline.core.conversation import Fact
from warmline.core.facts import subject

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
NOTED = (
    "Noted for your colleague: they will see it.",
    "Got it. That goes with your request.",
    "Thank you, I've added that.",
    "All right, that's passed on too.",
)
NOTED_OFFLINE = (
    "Noted with your request: a colleague will see it.",
    "Got it. It's kept with the rest of what you wrote.",
    "Thank you, I've added that to your request.",
    "All right, a colleague will see that too.",
)
QUESTION_NOTED = (
    "That is for a colleague to answer. Your question is noted with your request.",
    "I can't answer that one. It's noted, and a colleague will see it.",
    "I've added that question: a colleague has to answer it.",
)
_FOR_A_COLLEAGUE = (
    "A colleague will answer that. It is kept with what you wrote.",
    "That question is for a colleague. You won't have to ask it again.",
)
QUESTION_NOTED_GRAVE = {
    "crisis": _FOR_A_COLLEAGUE,
    "danger": (
        "A colleague will answer that. Until then, please leave it alone and keep away from it.",
        "That question is for a colleague. Until then, please keep away from it; if anyone feels unwell, get help now.",
    ),
    "threat": _FOR_A_COLLEAGUE,
    "bereavement": _FOR_A_COLLEAGUE,
}
NOTED_GRAVE = {
    "crisis": (
        "Thank you for writing that. A person will read it.",
        "That is kept just as you wrote it. You can go on writing here.",
        "I've added that. You won't have to say it again.",
    ),
    "danger": (
        "That is passed on, marked urgent. If it gets worse, please don't wait for us.",
        "I've added that. Your safety comes first: if anyone feels unwell, please get help now.",
        "That is kept with your request, marked urgent. Please keep well away from it.",
    ),
    "threat": (
        "That is passed on, marked urgent. If you are in danger, please don't wait for us.",
        "I've added that for a colleague. Nothing is changed or sent meanwhile.",
    ),
    "bereavement": (
        "Thank you for telling us. A colleague will read it.",
        "I've added that. You won't have to explain it again.",
        "That is kept with what you wrote. There is nothing you have to do now.",
    ),
}
"""What is added where a light word is not fit: see warmline.core.waiting."""
COURTESY = {
    "thanks": ("You're welcome.", "You're welcome. Your request stays open."),
    "courtesy": ("All right. You can write here at any time.", "All right.", "Good. Your request stays open."),
    "leaving": (
        "All right. Your request stays open in case you still need it; ending the conversation takes it back.",
        "All right. If you don't need a person any more, you can end the conversation; else a colleague will see it.",
    ),
}
KEPT_OPEN_GRAVE = ("You can write here at any time.", "Your request stays open, and you can go on writing here.")
WHO = "These lines are automatic, from the assistant; no person is writing them."
WHO_NEXT = "A colleague who takes over says their name."
OPEN = "Yes, your request is open, and everything you wrote is kept."
PASSED_ON = (
    "I'll pass on {contact}, with what you wrote: a colleague can answer you there.",
    "Thank you. {contact} is noted for the answer.",
)
PASSED_ON_GRAVE = ("{contact} is noted: a colleague can reach you there.",)
CONTACT_THERE = "Yes, I have {contact} noted for the answer."
NO_NUMBER = "I have no phone number from you yet. Write it here, and it goes with your request."
NO_ADDRESS = "I have no e-mail address from you yet. Write it here, and it goes with your request."
BACK = "To go on with the assistant, press “Back to assistant”. Your place in the queue is then given up."
BACK_OFFLINE = (
    "To go on with the assistant, press “Back to assistant”. Your request stays open: a colleague will see it."
)
STILL_NOBODY = (
    "Still nobody from our team here. Your request is saved.",
    "Nobody has come yet. What you wrote is saved, and a colleague will see it.",
)
MEANWHILE = "While you wait: {answer}"
MEANWHILE_OFFLINE = "From the assistant, an AI: {answer}"


def opening(team: str, helps_with: str = "") -> str:
    """The first words of a conversation; *helps_with* is what the bot is for, as the project says it."""
    helps = f" I can help with {helps_with}." if helps_with else ""
    return f"Hi, I'm {team}'s assistant, an AI.{helps} You can ask for a person at any time."


def waiting(place: int | None, wait_min: tuple[int, int] | None) -> str:
    """Where the customer is in the queue, and how long it takes as far as that is known."""
    if place is None:
        return "You're still in the queue, and everything you wrote is kept. I can't say yet how long it takes."
    where = "You're next." if place == 1 else f"You're number {place} in the queue."
    if wait_min is None:
        return f"{where} I can't say yet how long it takes."
    low, high = wait_min
    return f"{where} Usually {low} to {high} minutes."


def waiting_still(place: int | None) -> str:
    """As :func:`waiting`, for somebody who was told the same a moment ago."""
    if place is None:
        return "You're still in the queue. Nothing you wrote is lost."
    return "You're still next." if place == 1 else f"You're still number {place} in the queue."


def still_nobody_there(back: str | None, hours: str = "", *, grave: bool = False) -> str:
    """
    As :func:`waiting`, while no agent is online. *hours* are said when it is not known when the team returns. Where it
    is *grave* the assistant is not offered.
    """
    if back:
        when = f"Our team is back {back}."
    elif hours:
        when = f"Nobody from our team is here right now. The usual hours: {hours}"
    else:
        when = "Nobody from our team is here right now, and I can't say until when."
    return f"{when} Your request is saved." + ("" if grave else " You can go on with the assistant meanwhile.")


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
    about = subject(facts)
    know = f"; I know about {about}" if about else ""
    promises = "".join(f" {fact.value}" for fact in told if fact.role == "promise")
    return f"{agent} has left. I'm the assistant again, an AI{know}.{promises} What else can I do?"
