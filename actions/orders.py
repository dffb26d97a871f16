"""Where an order is, and where its money is. Nothing personal is told before number and address go together."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import phrasing
from actions.backend import Order
from actions.by_email import ByEmail
from actions.forms import FIND_BY_EMAIL
from actions.requests import began_with, request_of, trouble_of
from actions.services import shop
from actions.tasks import FIND
from warmline.actions.forms import MAX_TRIES
from warmline.actions.services import services
from warmline.actions.turns import PERSON, failed, report, turns

UPSET = ("annoyed", "distressed")
"""The tones in which a fact alone is not enough: somebody who can do more is offered."""


class ValidateOrderForm(ByEmail):
    """Reads number and address, and looks the order up once both are there."""

    slots: ClassVar[list[str]] = ["order_number", "email"]
    own: ClassVar[frozenset[str]] = frozenset({"order_status", "delivery_late", "refund_status"})

    def name(self) -> str:
        return "validate_order_form"

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        return await look_up_order(dispatcher, tracker)


class TellOrder(Action):
    """The answer at the end of the form: the state, the refund, or that it could not be found."""

    def name(self) -> str:
        return "action_order"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        end = tracker.get_slot("warmline_form_end")
        over: list[EventType] = [
            SlotSet("warmline_form_end", None),
            SlotSet("warmline_tries", None),
            SlotSet("topic", {"kind": "order"}),
        ]
        if end == FIND:
            return [*over, FollowupAction("find_form")]
        if end == "backend":
            return over + failed(dispatcher, tracker, "failed", "the shop's system did not answer", "utter_our_fault")
        order = remembered(tracker)
        if end or order is None:
            did = "could not find the order with what was given"
            return over + failed(dispatcher, tracker, "failed", did, "utter_order_gave_up", enough=end == "tries")
        wrote, taken_for = began_with(tracker, "order_form")
        if taken_for == "inform" and (form := request_of(wrote)):
            return [*over, FollowupAction(form)]
        if taken_for == "inform" and (response := trouble_of(wrote)):
            return over + failed(dispatcher, tracker, "failed", "left what is wrong to a person", response)
        today = phrasing.day_of(services().now())
        if tracker.get_slot("wish") == "refund":
            dispatcher.utter_message(response="utter_order", status=phrasing.refund(order, today))
            report(dispatcher, "answered", f"told the state of the refund for {order.number}")
            if tracker.get_slot("warmline_tone") in UPSET and (order.refund is None or order.refund.state != "paid"):
                dispatcher.utter_message(response="utter_refund_wait")
                return [*over, SlotSet("warmline_offer", PERSON)]
            return over
        status = phrasing.status(order, today)
        again = any(turn.role == "bot" and status in turn.text for turn in turns(tracker))
        dispatcher.utter_message(response="utter_order", status=status)
        report(dispatcher, "answered", f"told where {order.number} is: {phrasing.STATES[order.state]}")
        promise = promised(tracker, order)
        if promise:
            dispatcher.utter_message(response="utter_promised", promise=promise)
        late = order.state == "shipped" and phrasing.days_behind(order, today) > 0
        if late and (again or tracker.get_slot("warmline_tone") in UPSET):
            dispatcher.utter_message(response="utter_chase")
            return [*over, SlotSet("warmline_offer", PERSON)]
        return over


def promised(tracker: Tracker, order: Order) -> str | None:
    """What a person said about the delivery of *order*, unless the bot repeated it already or it has arrived."""
    slot = tracker.get_slot("promised") or {}
    over = order.state in ("delivered", "cancelled", "returned")
    if (
        over
        or slot.get("about", slot.get("order")) != order.number
        or any(slot["text"] in turn.text for turn in turns(tracker))
    ):
        return None
    return str(slot["text"])


async def look_up_order(dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
    """
    The order, when number and address go together; the proof of who this is comes with it. Returns the slots to set.

    Raises:
        BackendError: the shop does not answer.
    """
    number, email = tracker.slots.get("order_number"), tracker.slots.get("email")
    if not (number and email) or tracker.slots.get("warmline_form_end"):
        return {}
    order = await shop().backend.order(number, email)
    if order is not None:
        found: dict[str, Any] = {"order": kept(order)}
        if tracker.slots.get("requested_slot") != "confirm":  # wrong answers to the last question count on
            found["warmline_tries"] = None
        if (tracker.slots.get("warmline_identity") or {}).get("email") != order.shopper.email:
            found["warmline_identity"] = {"email": order.shopper.email, "name": order.shopper.name, "by": "order"}
        return found
    tries = int(tracker.slots.get("warmline_tries") or 0) + 1
    if tries >= MAX_TRIES:
        return {"email": None, "order": None, "warmline_tries": tries, "warmline_form_end": "tries"}
    dispatcher.utter_message(response="utter_order_not_found", number=number, buttons=[FIND_BY_EMAIL])
    report(dispatcher, "failed", f"looked up {number}: not with that e-mail address")
    return {"email": None, "order": None, "warmline_tries": tries}


def kept(order: Order) -> dict[str, Any]:
    """The slot *order*: what an agent reads, and the whole of it for the answer."""
    summary = phrasing.summary(order, phrasing.day_of(services().now()))
    return {**summary, "whole": msgspec.to_builtins(order)}


def remembered(tracker: Tracker) -> Order | None:
    """The order that was looked up last, when it is the one that is talked about."""
    slot = tracker.get_slot("order")
    if not slot or slot.get("number") != tracker.get_slot("order_number"):
        return None
    return msgspec.convert(slot["whole"], Order)
