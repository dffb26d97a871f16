"""Wishes that only point at something ("cancel it", "and the other one?") mean what was spoken of last."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.talk import Stop, Unsure
from actions.turns import report

CANCELS = {"order": "cancel_form", "appointment": "unbook_form", "box": "end_form"}
"""The form that cancels what the slot *topic* names."""
SPOKEN_OF_IN = {
    "order_form": "order",
    "return_form": "order",
    "invoice_form": "order",
    "move_form": "appointment",
    **{form: kind for kind, form in CANCELS.items()},
}
"""What is spoken of while one of these forms waits. In any other, "cancel it" means the form itself."""


class CancelIt(Action):
    """Begins to cancel what was spoken of last; leaves a form that has nothing to cancel; asks when nothing was."""

    def name(self) -> str:
        return "action_cancel_it"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        running = tracker.active_loop_name
        if running and running not in SPOKEN_OF_IN:
            return await Stop().run(dispatcher, tracker, domain)
        kind = SPOKEN_OF_IN.get(running or "") or (tracker.get_slot("topic") or {}).get("kind")
        kind = kind or ("order" if tracker.get_slot("order_number") else None)
        if kind is None:
            dispatcher.utter_message(response="utter_cancel_what")
            report(dispatcher, "asked", "asked what to cancel")
            return []
        left = [ActiveLoop(None), SlotSet("requested_slot", None)] if running else []
        return [*left, FollowupAction(CANCELS[kind])]


class OtherOne(Action):
    """Asks for the number of the other order; not understood when no order was spoken of."""

    def name(self) -> str:
        return "action_other_one"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if not tracker.get_slot("order_number") or (tracker.get_slot("topic") or {}).get("kind") != "order":
            return await Unsure().run(dispatcher, tracker, domain)
        return [SlotSet("order_number", None), FollowupAction("order_form")]
