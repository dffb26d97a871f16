"""A new password: an address, a code by mail, a link by mail. Whether the address has an account is never told."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.codes import DONE, RESET, check, send
from actions.forms import ShopAnswers
from warmline.actions.forms import CountingForm
from warmline.actions.turns import failed, report


class ValidateResetForm(ShopAnswers, CountingForm):
    """Sends the code as soon as there is an address, and tries what the customer types."""

    slots: ClassVar[list[str]] = ["email", "reset_code"]
    own: ClassVar[frozenset[str]] = frozenset({"password_reset"})

    def name(self) -> str:
        return "validate_reset_form"

    async def validate_reset_code(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """Tries the code."""
        return await check(RESET, value, dispatcher, tracker)

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """Sends a code to an address that got none yet."""
        email = tracker.slots.get("email")
        if not email or email == tracker.slots.get("reset_sent_to") or tracker.slots.get("warmline_form_end"):
            return {}
        sent = await send(RESET, dispatcher, tracker, email)
        return sent if sent.get("warmline_form_end") else {**sent, "reset_state": "code sent"}


class FinishReset(Action):
    """Says how the reset ended, and forgets the code."""

    def name(self) -> str:
        return "action_reset_done"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        end, done = tracker.get_slot("warmline_form_end"), tracker.get_slot("reset_code") == DONE
        over: list[EventType] = [
            SlotSet(name, None)
            for name in ("warmline_form_end", "warmline_tries", "reset_code", "reset_sent_to", "requested_slot")
        ]
        if done and not end:
            dispatcher.utter_message(response="utter_reset_done", email=tracker.get_slot("email"))
            report(dispatcher, "answered", "checked the code and sent the link for a new password")
            last = {"deed": "sending the link for a new password", "way": None}
            return [*over, SlotSet("reset_state", "link for a new password sent"), SlotSet("last_deed", last)]
        response, did = {
            "locked": ("utter_reset_locked", "stopped the reset after too many wrong codes"),
            "too_often": ("utter_reset_too_often", "could not send a code: too many were asked for"),
            "backend": ("utter_not_reached", "the shop's system did not answer"),
        }.get(end or "", ("utter_reset_gave_up", "gave up the reset after wrong answers"))
        return [
            *over,
            *failed(dispatcher, tracker, "failed", did, response, enough=end == "tries"),
            SlotSet("reset_state", f"not done ({did})"),
        ]
