"""MultiIntent that only point at something ("cancel it", "and the other one?") mean what was spoken of last."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.requests import OF_AN_ACCOUNT, request_of
from actions.services import shop
from actions.small_talk import Stop, Unsure
from warmline.actions.turns import report, turns, words_of

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
    """
    Tells of the other order that was named ("where are A1042 and A1024"), or asks for its number; not understood when
    no order was spoken of.
    """

    def name(self) -> str:
        return "action_other_one"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        known = tracker.get_slot("order_number")
        if not known or (tracker.get_slot("topic") or {}).get("kind") != "order":
            return await Unsure().run(dispatcher, tracker, domain)
        told = {
            one.value for turn in turns(tracker) if turn.role == "customer" for one in shop().orders.find(turn.text)
        }
        others = sorted(told - {known})
        return [SlotSet("order_number", others[0] if len(others) == 1 else None), FollowupAction("order_form")]


class Told(Action):
    """
    An answer that nobody asked for. An address beside the name of a request begins it; one for an order that was named
    goes on with that order.
    """

    def name(self) -> str:
        return "action_told"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        entities = (tracker.latest_message or {}).get("entities") or []
        told = any(one.get("entity") == "email" for one in entities)
        form = request_of(words_of(tracker), OF_AN_ACCOUNT) if told else None
        if form:
            return [FollowupAction(form)]
        if tracker.get_slot("order_number") and told:
            return [FollowupAction("order_form")]
        return await Unsure().run(dispatcher, tracker, domain)
