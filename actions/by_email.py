"""
An order whose number is missing is found by the e-mail address it was placed with. The address is proved by a mailed
code first: until then an address that has no orders looks like any other, and nothing of an order is told.
"""

from __future__ import annotations

import re
from abc import ABC
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import phrasing
from actions.backend import Order
from actions.forms import ANSWERS, ShopAnswers, read_order_number, told_email
from actions.services import shop
from actions.tasks import FIND, Finish, ProvedForm
from warmline.actions.forms import SURE, CountingForm, wrong
from warmline.actions.services import services
from warmline.actions.tasks import Shapes, fresh_words
from warmline.actions.turns import confidence, intent, report, words_of

FORM = "find_form"
MAX_LISTED = 5
MAX_CHOICE_CHARS = 120
"""A longer text is about more than which of the orders it is."""
REQUESTS = {
    "order_status": "order_form",
    "delivery_late": "order_form",
    "refund_status": "order_form",
    "cancel_order": "cancel_form",
    "return_item": "return_form",
    "invoice": "invoice_form",
    "cancel_it": "cancel_form",
}
"""What is wanted of an order, and the form that asks for its number."""
OFFER = "utter_order_number_hint"
"""The response that offers it in a form: a yes, or an address, takes the offer."""
FORGET = ("own_orders", "order_choice", "pending_request")
NO_MORE = {"thanks": "utter_thanks", "deny": "utter_deny", "bye": "utter_bye"}
"""After these intents somebody who only wanted to see the orders has seen them; and what is answered."""
_PLACES = {
    word: at
    for at, said in enumerate(("first 1st newest latest", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th"))
    for word in said.split()
} | {"oldest": -1}
_PLACE = re.compile(rf"\b({'|'.join(_PLACES)})\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")


class ByEmail(ShopAnswers, CountingForm, ABC):
    """A form that asks for an order number. Who takes the offer to find it by e-mail goes there first."""

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> list[EventType]:
        if not self._takes_the_offer(tracker):
            return await super().get_validation_events(dispatcher, tracker, domain)
        email = self._email_told(tracker)
        told = {"email": email} if email else {}
        return self._keep(
            tracker, {"order_number": None, **told, "warmline_form_end": FIND, "pending_request": self.form_name()}
        )

    def _takes_the_offer(self, tracker: Tracker) -> bool:
        """Whether the message is a yes to the offer just made, or an address in place of the number that was asked."""
        if tracker.slots.get("requested_slot") != "order_number" or OFFER not in just_said(tracker):
            return False
        if self._names_an_order(tracker):
            return False
        answers = intent(tracker) in ANSWERS | self.own
        return intent(tracker) == "affirm" or (answers and self._email_told(tracker) is not None)

    @staticmethod
    def _names_an_order(tracker: Tracker) -> bool:
        return bool(shop().orders.find(words_of(tracker)))

    @staticmethod
    def _email_told(tracker: Tracker) -> str | None:
        entities = (tracker.latest_message or {}).get("entities") or []
        told = next((one.get("value") for one in entities if one.get("entity") == "email"), None)
        return told_email(told, tracker) if told else None

    def _interrupts(self, tracker: Tracker) -> bool:
        return fresh_words(tracker) and super()._interrupts(tracker)


def just_said(tracker: Tracker) -> set[str]:
    """The names of the responses between the customer's message before and this one: the engine keeps no buttons."""
    said: set[str] = set()
    before = False
    for event in reversed(tracker.events):
        if event["event"] == "user":
            if before:
                break
            before = True
        elif before and event["event"] == "bot":
            said.add(str((event.get("metadata") or {}).get("utter_action")))
    return said


class FindOrder(Action):
    """Begins to find an order by e-mail; a request that waits for its number goes on when one is chosen."""

    def name(self) -> str:
        return "action_find_order"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        running = tracker.active_loop_name
        request = running if running in REQUESTS.values() else None
        left = [ActiveLoop(None), SlotSet("requested_slot", None)] if running else []
        wish = [] if request else [SlotSet("wish", "status")]
        return [*left, *wish, SlotSet("pending_request", request), FollowupAction(FORM)]


def which_of(text: str, tracker: Tracker) -> str | None:
    """
    The number of the one order that *text*, or the pressed button, names by number, place or a word of its goods; a yes
    is enough when there is only one.
    """
    if len(text) > MAX_CHOICE_CHARS:
        return None
    named = shop().orders.find(text)
    if named:
        return read_order_number(named[-1].value, tracker)
    mine = tracker.slots.get("own_orders") or []
    if len(mine) == 1 and intent(tracker) == "affirm":
        return str(mine[0]["number"])
    place = _PLACE.search(text)
    if place:
        at = _PLACES[place[1].lower()]
        return mine[at]["number"] if mine and at < len(mine) else None
    said = {word.lower() for word in _WORD.findall(text)}
    fits = [one["number"] for one in mine if said & {word.lower() for word in _WORD.findall(one["items"])}]
    return fits[0] if len(fits) == 1 else None


class ValidateFindForm(ProvedForm):
    """The address, its proof, and which of its newest orders it is."""

    slots: ClassVar[list[str]] = ["email", "proof_code", "order_choice"]
    own: ClassVar[frozenset[str]] = frozenset({"find_order"})
    shapes: ClassVar[Shapes] = {"order_choice": which_of}
    forget = ("own_orders", "order_choice")

    def name(self) -> str:
        return "validate_find_form"

    def heard(self, tracker: Tracker) -> Any:
        """A goodbye to the list ends it too."""
        seen = tracker.slots.get("requested_slot") == "order_choice" and not tracker.slots.get("pending_request")
        return "bye" if seen and intent(tracker) == "bye" else super().heard(tracker)

    async def look_further(self, email: str, tracker: Tracker) -> dict[str, Any]:
        """Their newest orders, once the address is proved."""
        found = await shop().backend.orders(email, limit=MAX_LISTED, now=services().now())
        if not found:
            return {"warmline_form_end": "no:none"}
        return {"own_orders": [listed(order) for order in found]}

    async def validate_order_choice(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """
        One of the orders, or any number: whether that is theirs is looked up afterwards. Another request goes along.
        """
        if shop().orders.read(str(value)) == value:
            other = REQUESTS.get(intent(tracker)) if confidence(tracker) >= SURE else None
            return {"order_choice": value, "warmline_tries": None, **({"pending_request": other} if other else {})}
        if intent(tracker) in NO_MORE and not tracker.slots.get("pending_request"):
            return {"order_choice": None, "warmline_form_end": "declined"}
        return wrong(dispatcher, tracker, "order_choice", "utter_which_order_wrong", "utter_which_order_wrong")


def listed(order: Order) -> dict[str, str]:
    """What is told of *order* in a list."""
    items = ", ".join(f"{item.quantity} x {item.title}" for item in order.items)
    return {"number": order.number, "on": phrasing.date_words(order.ordered_on), "items": items}


class AskWhichOrder(Action):
    """Lists the newest orders of the proved address, and asks which one it is."""

    def name(self) -> str:
        return "action_ask_find_form_order_choice"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        mine = tracker.get_slot("own_orders") or []
        buttons = [
            {
                "title": f"{one['number']}, {one['on']}",
                "payload": '/inform{"order_number": "' + one["number"] + '"}',
            }
            for one in mine
        ]
        told = "; ".join(f"{one['number']} of {one['on']} ({one['items']})" for one in mine)
        response = "utter_only_order" if len(mine) == 1 else "utter_which_order"
        dispatcher.utter_message(response=response, listed=told, buttons=buttons)
        report(dispatcher, "asked", "listed the newest orders of the proved address, asked which one")
        return []


class OrderFound(Finish):
    """Goes on with the request that lacked the number, or tells where the chosen order is."""

    label = "finding the order"
    topic = "order"
    gave_up = "utter_order_gave_up"
    changes = False

    def name(self) -> str:
        return "action_find_done"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return [*(SlotSet(name, None) for name in FORGET), *await super().run(dispatcher, tracker, domain)]

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        report(dispatcher, "asked", "found the order by the proved e-mail address")
        request = tracker.get_slot("pending_request") or "order_form"
        return [SlotSet("order_number", tracker.get_slot("order_choice")), FollowupAction(request)]

    def declined(self, tracker: Tracker) -> str:
        """What fits the last words: nothing more was wanted."""
        return NO_MORE.get(intent(tracker), "utter_deny")

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        """No order with that address; said only to who has proved it."""
        if reason != "none":
            return super().refuse(reason, tracker)
        return "utter_find_none", {"email": tracker.get_slot("email")}
