"""Six digits by mail: sent, tried, sent again. For a new password, and to prove who writes; the rules are the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend import Purpose, Refusal
from actions.forms import CODE
from actions.services import shop
from warmline.actions.forms import wrong
from warmline.actions.services import services
from warmline.actions.turns import ask_id, report
from warmline.core.errors import BackendError

DONE = "done"
"""What the code's slot holds after the right code: the code itself is not kept."""


class Code(msgspec.Struct, frozen=True):
    """A code for *purpose*, told in *slot*; *sent_to* is the slot of where it was mailed, *sent* says that it was."""

    purpose: Purpose
    slot: str
    sent_to: str
    sent: str


RESET = Code("reset", "reset_code", "reset_sent_to", "utter_code_sent")
PROOF = Code("proof", "proof_code", "proof_sent_to", "utter_proof_sent")


async def send(code: Code, dispatcher: CollectingDispatcher, tracker: Tracker, email: str) -> dict[str, Any]:
    """Mail a code to *email* and say so. Returns the slots to set; *form_end* when it could not be."""
    try:
        await shop().backend.send_code(code.purpose, email, key=ask_id(tracker), now=services().now())
    except Refusal:
        return {"warmline_form_end": "too_often"}
    except BackendError:
        return {"warmline_form_end": "backend"}
    dispatcher.utter_message(response=code.sent, email=email)
    report(dispatcher, "asked", f"sent a {code.purpose} code by mail")
    return {code.sent_to: email, code.slot: None}


async def check(code: Code, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
    """
    Try what the customer typed; an expired code is replaced at once. Returns the slots to set: the code's own is
    :data:`DONE` after the right one.

    Raises:
        BackendError: the shop does not answer.
    """
    email = tracker.slots.get(code.sent_to)
    if not email or tracker.slots.get("email") != email:
        return {code.slot: None}
    typed = str(value).replace(" ", "").replace("-", "")
    if not CODE.fullmatch(typed):
        return wrong(dispatcher, tracker, code.slot, "utter_code_form_wrong", "utter_code_hint")
    now, key = services().now(), ask_id(tracker)
    tried = await shop().backend.try_code(code.purpose, email, typed, key=key, now=now)
    if tried.result == "right":
        return {code.slot: DONE, "warmline_tries": None}
    if tried.result == "wrong":
        left = "You have one try left." if tried.tries_left == 1 else f"You have {tried.tries_left} tries left."
        dispatcher.utter_message(response="utter_code_wrong", left=left)
        report(dispatcher, "asked", f"tried a {code.purpose} code: wrong")
        return {code.slot: None}
    if tried.result == "used":
        dispatcher.utter_message(response="utter_code_used")
        report(dispatcher, "asked", f"tried a {code.purpose} code that was used before")
        return {code.slot: None}
    if tried.result == "unknown":  # the shop forgot that it sent one
        return {code.slot: None, **await send(code, dispatcher, tracker, email)}
    if tried.result == "expired":
        try:
            await shop().backend.send_code(code.purpose, email, key=key + ":again", now=now)
        except Refusal:
            return {code.slot: None, "warmline_form_end": "too_often"}
        dispatcher.utter_message(response="utter_code_expired", email=email)
        report(dispatcher, "asked", f"sent a new {code.purpose} code, the old one had expired")
        return {code.slot: None}
    return {code.slot: None, "warmline_form_end": "locked"}


class Resend(Action, ABC):
    """Sends another code, on request, while a form waits for it."""

    code: ClassVar[Code]

    @abstractmethod
    def name(self) -> str:
        """Abstract, so that rasa-sdk does not register this class."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        email = tracker.get_slot(self.code.sent_to)
        if not email:
            return []
        return [SlotSet(name, value) for name, value in (await send(self.code, dispatcher, tracker, email)).items()]


class ResendCode(Resend):
    code = RESET

    def name(self) -> str:
        return "action_resend_code"


class ResendProof(Resend):
    code = PROOF

    def name(self) -> str:
        return "action_resend_proof"
