"""
What somebody who waits for a person is told. Every message gets a word that fits it, and none gets the same twice in a
row: silence reads as if nobody had got it. Where it is grave the words are plain, and come with what to do.
"""

from __future__ import annotations

import msgspec

from warmline.core import inputs, wording
from warmline.core.contact import kinds, with_contact
from warmline.core.conversation import Handoff, Owner
from warmline.core.escalation import Decision
from warmline.core.step import CUSTOMER, Step

WAIT_TOLD_EVERY_S = 10.0
"""Asked again sooner, the same place is told in fewer words."""
WARN_EVERY_S = 60.0
"""Who only asks what to do is told so often; who writes of danger again, each time."""
GRAVE = ("crisis", "danger", "threat", "bereavement")
"""Why a person is needed, where no light word is fit."""
NO_ANSWERS = ("crisis", "danger", "threat")
"""Where prices and opening hours are no answer."""


def gravity(decision: Decision) -> str:
    """The one of ``GRAVE`` that *decision* is about, or the empty string."""
    if decision.cause == "crisis":
        return "crisis"
    heard = {signal.name for signal in decision.signals}
    return next((kind for kind in GRAVE if decision.rule == kind or f"topic:{kind}" in heard), "")


def customer_waits(step: Step, happened: inputs.CustomerWaits) -> None:
    """Nobody has the conversation: say what is known. The bot is not asked to act, and nothing is done."""
    handoff = step.conversation.handoff
    if step.conversation.owner is not Owner.QUEUE or handoff is None:
        return
    if happened.contact:
        given = with_contact(happened.contact, handoff.contact or "")  # what was given since stands
        if given != handoff.contact:
            step.audit(CUSTOMER, "left_contact")
        handoff = msgspec.structs.replace(handoff, contact=given)
    code, sentence, changed = _line(handoff, happened, step.now)
    step.change(handoff=msgspec.structs.replace(changed, lines=changed.lines + 1))
    step.keep("system", sentence, code=code)


def _line(handoff: Handoff, happened: inputs.CustomerWaits, now: float) -> tuple[str, str, Handoff]:
    """The code and the words of the one line that is said, and *handoff* with what is to be known of it."""
    grave, again = gravity(handoff.decision), handoff.decision.again
    said = happened.said
    if said in ("number", "address") or (happened.contact and said == "open"):
        return "contact_kept", _contact_there(handoff.contact or "", said), handoff
    if happened.contact:
        pool = wording.PASSED_ON_GRAVE if grave else wording.PASSED_ON
        noted = _of(pool, handoff).format(contact=happened.contact)
        if said == "question":  # "Yes, I have it" would sound like the answer
            noted = f"{noted} {_of(_pool(said, grave, online=happened.there.anyone), handoff)}"
        return "contact_kept", noted, handoff
    if happened.answer and grave not in NO_ANSWERS:
        sentence = wording.MEANWHILE if happened.there.anyone else wording.MEANWHILE_OFFLINE
        return "meanwhile", sentence.format(answer=happened.answer), handoff
    if said == "who":
        told = f"{wording.WHO} {again or wording.WHO_NEXT}"
        return "noted", told, msgspec.structs.replace(handoff, warned_at=now) if again else handoff
    if said in ("wait", "open"):
        return _the_wait(handoff, happened, now)
    if said == "back":
        return "noted", wording.BACK if happened.there.anyone else wording.BACK_OFFLINE, handoff
    goes_in_a_crisis = said == "leaving" and grave == "crisis"
    asks_what_to_do = said == "question" and handoff.warned_at + WARN_EVERY_S <= now
    if again and (goes_in_a_crisis or asks_what_to_do):
        return "told", again, msgspec.structs.replace(handoff, warned_at=now)
    return "noted", _of(_pool(said, grave, online=happened.there.anyone), handoff), handoff


def _of(pool: tuple[str, ...], handoff: Handoff) -> str:
    return pool[handoff.lines % len(pool)]


def _pool(said: inputs.Said, grave: str, *, online: bool) -> tuple[str, ...]:
    if said in ("thanks", "courtesy", "leaving"):
        return wording.KEPT_OPEN_GRAVE if grave else wording.COURTESY[said]
    if grave:
        return (wording.QUESTION_NOTED_GRAVE if said == "question" else wording.NOTED_GRAVE)[grave]
    if said == "question":
        return wording.QUESTION_NOTED
    return wording.NOTED if online else wording.NOTED_OFFLINE


def _the_wait(handoff: Handoff, happened: inputs.CustomerWaits, now: float) -> tuple[str, str, Handoff]:
    online = happened.there.anyone
    place = happened.place if online else None
    just_told = handoff.told_at + WAIT_TOLD_EVERY_S > now and handoff.told_place == place
    if just_told:
        sentence = wording.waiting_still(happened.place) if online else _of(wording.STILL_NOBODY, handoff)
    elif online:
        sentence = wording.waiting(happened.place, happened.wait_min)
    else:
        sentence = wording.still_nobody_there(
            happened.there.back, happened.hours, grave=bool(gravity(handoff.decision))
        )
    if happened.said == "open":
        sentence = f"{wording.OPEN} {sentence}"
    if not online and handoff.decision.again:
        sentence = f"{sentence} {handoff.decision.again}"
        handoff = msgspec.structs.replace(handoff, warned_at=now)
    return "waiting", sentence, msgspec.structs.replace(handoff, told_at=now, told_place=place)


def _contact_there(kept: str, said: inputs.Said) -> str:
    """The answer to "did you get my number?": true, and with what to do when it is not there."""
    mail, phone = kinds(kept)
    wanted, lacking = (phone, wording.NO_NUMBER) if said == "number" else (mail, wording.NO_ADDRESS)
    if not kept:
        return lacking
    if said in ("number", "address") and not wanted:
        return f"{wording.CONTACT_THERE.format(contact=kept)} {lacking}"
    return wording.CONTACT_THERE.format(contact=kept)
