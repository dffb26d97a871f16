"""Cancel an order, send one back, get its invoice. Number and address must go together before anything is told."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import phrasing, verbs
from actions.backend import Order
from actions.backend.policy import why_no_return
from actions.by_email import ByEmail
from actions.orders import kept, look_up_order, remembered
from actions.services import shop
from actions.tasks import Finish, ShopTask, offer_to_put_back
from warmline.actions.services import services
from warmline.actions.turns import ask_id

UNDO = {"title": "Undo", "payload": "/undo"}
_A_PART = re.compile(
    r"\b(?:only|just) (?:the|my|one|some|half|part|a part|that|this|these|those) (?!whole|order|parcel|label|money)\w+|"
    r"\b(?:a )?part of (?:it|the|my|an|this)\b|\bpartial(?:ly)?\b|"
    r"\b(?:one|two|three|some|half) of (?:them|the|these|those|my)\b|\bexcept\b|\bnot (?:all|everything|the whole)\b|"
    r"\b(?:keep|keeping) (?:the|my|one|some|half|those|these) (?!order|parcel|label|whole|money|things|box)\w+",
    re.IGNORECASE,
)
"""The rest of the order is to stay."""


class OrderTaskForm(ByEmail, ShopTask):
    """A task for one order, which :meth:`why_not` may forbid."""

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """The order; whether the task can be done with it at all is said before the last question."""
        found = await look_up_order(dispatcher, tracker)
        tracker.slots.update(found)
        order = remembered(tracker)
        if not found.get("order") or order is None:
            return found
        why = self.why_not(order)
        ending = {"warmline_form_end": f"no:{why}"} if why else {"about": phrasing.named(order)}
        return {**found, **ending}

    def why_not(self, order: Order) -> str | None:
        """The reason, as the shop would give it; None when it can be tried."""
        return None


class ValidateCancelForm(OrderTaskForm):
    """Cancelling, until the order is packed."""

    acts = verbs.CANCEL
    slots: ClassVar[list[str]] = ["order_number", "email", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"cancel_order"})

    def name(self) -> str:
        return "validate_cancel_form"

    def why_not(self, order: Order) -> str | None:
        return None if order.state == "placed" else order.state


class Cancel(Finish):
    """Cancels the order that was confirmed."""

    label = "cancelling the order"
    topic = "order"

    def name(self) -> str:
        return "action_cancel_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        number, email = tracker.get_slot("order_number"), tracker.get_slot("email")
        order = await shop().backend.cancel_order(number, email, key=ask_id(tracker), now=services().now())
        amount = f"{phrasing.money(order.refund)} goes" if order.refund else "What you paid goes"
        left_s = (order.undo_until or 0.0) - services().now()
        undo = (
            phrasing.can_be_undone(left_s, phrasing.clock(order.undo_until, services().zone))
            if order.undo_until
            else ""
        )
        dispatcher.utter_message(
            response="utter_cancelled", number=number, amount=amount, undo=undo, buttons=[UNDO] if undo else []
        )
        what = {"order": {"number": number, "email": email}} if undo else {}
        return [
            *self.done(dispatcher, tracker, f"cancelled order {number}", **what),
            SlotSet("order", kept(order)),
        ]

    def instead(self, reason: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """What was cancelled here just now is offered back: "I cancelled it, keep the order!"."""
        last = (tracker.get_slot("last_deed") or {}).get("order") or {}
        just_now = reason == "cancelled" and last.get("number") == tracker.get_slot("order_number")
        return offer_to_put_back(dispatcher, tracker, "answered") if just_now else []

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        number = tracker.get_slot("order_number")
        if reason in ("cancelled", "returned"):
            return "utter_cancel_over", {"number": number, "state": reason}
        known = {
            "packed": "is packed already",
            "shipped": "is on its way already",
            "delivered": "was delivered already",
        }
        if reason not in known:
            return super().refuse(reason, tracker)
        return "utter_cancel_too_late", {"number": number, "why": known[reason]}


class ValidateReturnForm(OrderTaskForm):
    """Sending back, within the days the shop gives."""

    acts = verbs.SEND
    slots: ClassVar[list[str]] = ["order_number", "email", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"return_item"})

    def name(self) -> str:
        return "validate_return_form"

    def why_not(self, order: Order) -> str | None:
        return why_no_return(order, phrasing.day_of(services().now()))

    async def begin(self, text: str, tracker: Tracker) -> dict[str, Any]:
        """A part of an order is nothing that a label can be mailed for: said before anything is asked."""
        return {"warmline_form_end": "no:part"} if only_a_part(text) else {}

    def answer(self, text: str, tracker: Tracker) -> str | None:
        """``part`` when *text* wants that: neither a yes nor a no to the whole."""
        order = remembered(tracker)
        single = order is not None and sum(item.quantity for item in order.items) == 1
        return "part" if only_a_part(text) and not single else super().answer(text, tracker)

    async def validate_confirm(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """A yes or a no; a part is left to a person."""
        if value == "part":
            return {"confirm": None, "warmline_form_end": "no:part"}
        return await super().validate_confirm(value, dispatcher, tracker)


def only_a_part(text: str) -> bool:
    """Whether *text* wants to send back some of an order and keep the rest."""
    return _A_PART.search(text) is not None


class Return(Finish):
    """Has the label mailed."""

    label = "returning the order"
    topic = "order"

    def name(self) -> str:
        return "action_return_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        number, email = tracker.get_slot("order_number"), tracker.get_slot("email")
        label = await shop().backend.start_return(number, email, key=ask_id(tracker), now=services().now())
        dispatcher.utter_message(
            response="utter_return_started", number=number, email=email, until=phrasing.date_words(label.until)
        )
        return self.done(dispatcher, tracker, f"mailed the return label for order {number}")

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        number, order = tracker.get_slot("order_number"), remembered(tracker)
        today = phrasing.day_of(services().now())
        if reason == "part":
            return "utter_return_part", {"what": f"order {number}" if number else "an order"}
        if reason == "not_delivered" and order is not None:
            return "utter_return_not_yet", {"status": phrasing.status(order, today)}
        if reason == "too_late" and order is not None:
            when = phrasing.date_words(order.delivered_on or order.expected_on)
            return "utter_return_too_late", {"number": number, "when": when}
        why = {
            "refunded": phrasing.refund(order, today) if order else "",
            "label_sent": f"The label for {number} was mailed to you already.",
            "cancelled": f"{number} was cancelled already.",
            "returned": f"{number} was returned already.",
        }.get(reason)
        return ("utter_return_over", {"why": why}) if why else super().refuse(reason, tracker)


class ValidateInvoiceForm(OrderTaskForm):
    """The invoice goes to the order's own address, so there is nothing to confirm."""

    slots: ClassVar[list[str]] = ["order_number", "email"]
    own: ClassVar[frozenset[str]] = frozenset({"invoice"})

    def name(self) -> str:
        return "validate_invoice_form"


class Invoice(Finish):
    """Has the invoice mailed."""

    label = "mailing the invoice"
    topic = "order"

    def name(self) -> str:
        return "action_invoice_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        number, email = tracker.get_slot("order_number"), tracker.get_slot("email")
        await shop().backend.mail_invoice(number, email, key=ask_id(tracker), now=services().now())
        dispatcher.utter_message(response="utter_invoice_sent", number=number, email=email)
        return self.done(dispatcher, tracker, f"mailed the invoice for order {number}")

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        if reason != "cancelled":
            return super().refuse(reason, tracker)
        return "utter_invoice_none", {"number": tracker.get_slot("order_number")}
