"""A new password: an address, a code by mail, a link by mail. Whether the address has an account is never told."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import CODE, CountingForm, wrong
from actions.room import room
from actions.turns import ask_id, failed, report
from bot.core.errors import BackendError

DONE = "done"
"""What the slot *reset_code* holds after the right code: the code itself is not kept."""


class ValidateResetForm(CountingForm):
    """Sends the code as soon as there is an address, and tries what the customer types."""

    slots: ClassVar[list[str]] = ["email", "reset_code"]
    own: ClassVar[frozenset[str]] = frozenset({"password_reset"})

    def name(self) -> str:
        return "validate_reset_form"

    async def validate_reset_code(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """Tries the code; an expired one is replaced at once."""
        email = tracker.slots.get("reset_sent_to")
        if not email or tracker.slots.get("email") != email:
            return {"reset_code": None}
        code = str(value).replace(" ", "").replace("-", "")
        if value == DONE or not CODE.fullmatch(code):
            return wrong(dispatcher, tracker, "reset_code", "utter_code_form_wrong", "utter_code_hint")
        now, key = room().now(), ask_id(tracker)
        tried = await room().backend.try_reset_code(email, code, key=key, now=now)
        if tried.result == "right":
            return {"reset_code": DONE, "tries": None}
        if tried.result == "wrong":
            left = "You have one try left." if tried.tries_left == 1 else f"You have {tried.tries_left} tries left."
            dispatcher.utter_message(response="utter_code_wrong", left=left)
            report(dispatcher, "asked", "tried a reset code: wrong")
            return {"reset_code": None}
        if tried.result == "expired":
            await room().backend.send_reset_code(email, key=key + ":again", now=now)
            dispatcher.utter_message(response="utter_code_expired", email=email)
            report(dispatcher, "asked", "sent a new reset code, the old one had expired")
            return {"reset_code": None}
        return {"reset_code": None, "form_end": "locked"}

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """Sends a code to an address that got none yet."""
        email = tracker.slots.get("email")
        if not email or email == tracker.slots.get("reset_sent_to") or tracker.slots.get("form_end"):
            return {}
        return await send_code(dispatcher, tracker, email)


class FinishReset(Action):
    """Says how the reset ended, and forgets the code."""

    def name(self) -> str:
        return "action_reset_done"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        end, done = tracker.get_slot("form_end"), tracker.get_slot("reset_code") == DONE
        over: list[EventType] = [
            SlotSet(name, None) for name in ("form_end", "tries", "reset_code", "reset_sent_to", "requested_slot")
        ]
        if done and not end:
            dispatcher.utter_message(response="utter_reset_done", email=tracker.get_slot("email"))
            report(dispatcher, "answered", "checked the code and sent the link for a new password")
            return [*over, SlotSet("reset_state", "link for a new password sent")]
        response, did = {
            "locked": ("utter_reset_locked", "stopped the reset after five wrong codes"),
            "too_often": ("utter_reset_too_often", "could not send a code: too many were asked for"),
            "backend": ("utter_our_fault", "the shop's system did not answer"),
        }.get(end or "", ("utter_reset_gave_up", "gave up the reset after wrong answers"))
        return [
            *over,
            *failed(dispatcher, tracker, "failed", did, response),
            SlotSet("reset_state", f"not done ({did})"),
        ]


class ResendCode(Action):
    """Sends another code, on request, while the reset waits for it."""

    def name(self) -> str:
        return "action_resend_code"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        email = tracker.get_slot("reset_sent_to")
        if not email:
            return []
        return [SlotSet(name, value) for name, value in (await send_code(dispatcher, tracker, email)).items()]


async def send_code(dispatcher: CollectingDispatcher, tracker: Tracker, email: str) -> dict[str, Any]:
    """Mail a code to *email* and say so. Returns the slots to set."""
    try:
        await room().backend.send_reset_code(email, key=ask_id(tracker), now=room().now())
    except BackendError:
        return {"form_end": "too_often"}
    dispatcher.utter_message(response="utter_code_sent", email=email)
    report(dispatcher, "asked", "sent a reset code by mail")
    return {"reset_sent_to": email, "reset_state": "code sent"}
