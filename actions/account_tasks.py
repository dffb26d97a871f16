"""What changes an account: its address, its Fern Box. Who writes is proved by a code first."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from datetime import date
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import phrasing, verbs
from actions.addresses import find_address
from actions.backend import NOTICE_DAYS, PAUSE_MONTHS, Subscription
from actions.services import shop
from actions.tasks import Finish, ProvedForm, ShopTask, proved
from warmline.actions.forms import wrong
from warmline.actions.services import services
from warmline.actions.tasks import Shapes, asks
from warmline.actions.turns import ask_id, report, words_of

_A_PART = re.compile(r"\b\d{1,5}[a-z]?,?\s+[^\W\d]{3,}|[^\W\d]{3,}\s+\d", re.IGNORECASE)
"""A number beside a word: part of an address."""
_PLACED_ONE = re.compile(
    r"\b(?:parcel|package|packet|shipment|delivery|order|it's already|already (?:ordered|shipped|sent|on its way))\b",
    re.IGNORECASE,
)
"""Words for something that was ordered before, not "my next orders"."""
_NOT_NEXT = re.compile(
    r"\bnot (?:for |the |my )*(?:next|future)\b|\b(?:this|that|current) (?:order|parcel|package|delivery)\b",
    re.IGNORECASE,
)
_UNDER_WAY = {
    "placed, not packed yet": "is placed",
    "packed, about to leave": "is packed",
    "on its way": "is on its way",
}
_COPY = re.compile(
    r"\b(a|the|my|only|just) (copy|download|export)\b|\b(copy|download|export) (only|instead)\b", re.IGNORECASE
)
_COMES = re.compile(r"\b(?:come|comes|coming|arrive|arrives|get|deliver|delivered|still|when|due)\b", re.IGNORECASE)
_CHANGES = re.compile(
    r"\b(?:pause|skip|rest|hold|stop|end|cancel|quit|away|holiday|vacation|without|miss|suspend|freeze)\b",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    r"\b(\d{1,2}|(?<!next )(?<!this )(?<!that )(?<!which )(?<!last )(?<!first )one|an?(?= (?:\w+ )?months?\b)|"
    r"two|three|four|five|six|half a year|couple of)\b",
    re.IGNORECASE,
)
_SO_MANY_MONTHS = re.compile(r"\b(?:\w+|half a|couple of) (?:months?|year)\b", re.IGNORECASE)
_NUMBER = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "half a year": 6,
    "couple of": 2,
}


def address_of(text: str, tracker: Tracker) -> str | None:
    """The address in one line, when *text* holds a house number, a postcode and a place."""
    return find_address(text)


def months_of(text: str, tracker: Tracker) -> int | None:
    """A number of months, or None."""
    found = _MONTHS.search(text) if len(text) <= 60 else None
    if not found:
        return None
    word = found[1].lower()
    return int(word) if word.isdigit() else _NUMBER[word]


class ValidateAddressForm(ProvedForm):
    """A new address for the next orders."""

    acts = verbs.CHANGE
    slots: ClassVar[list[str]] = ["email", "proof_code", "new_address", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"change_address"})
    shapes: ClassVar[Shapes] = {"new_address": address_of}
    forget = ("new_address",)

    def name(self) -> str:
        return "validate_address_form"

    async def begin(self, text: str, tracker: Tracker) -> dict[str, Any]:
        """The new address, when it is told at once: "change it to 5 Rose Street, Leeds LS1 1AA"."""
        line = find_address(text)
        return {"new_address": line, "about": line} if line else {}

    def say_first(self, text: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """That it is for the next orders, and not for a parcel that is under way."""
        order = tracker.slots.get("order") or {}
        way = _UNDER_WAY.get(str(order.get("state")))
        spoken_of = (tracker.slots.get("topic") or {}).get("kind") == "order"
        if (way and spoken_of) or _PLACED_ONE.search(text) or named(text):
            number = named(text) or (order.get("number") if way else None)
            known = way if number == order.get("number") else None
            what = (
                f"{number} {known} and keeps"
                if known
                else f"{number} keeps"
                if number
                else "A parcel that is ordered keeps"
            )
            dispatcher.utter_message(response="utter_address_not_placed", what=what)
            report(dispatcher, "asked", "said that the address of a placed order is not changed with it")
        elif tracker.slots.get("email") and not proved(tracker):  # else the first question says so
            dispatcher.utter_message(response="utter_address_next")

    def heard(self, tracker: Tracker) -> Any:
        """
        Whatever is asked, a whole address is taken. At the last question it is a correction, and a part of one ("no, 9
        Elm Street") begins one.
        """
        asked, text = tracker.slots.get("requested_slot"), words_of(tracker)
        corrected = find_address(text)
        if asked == "confirm" and not corrected and not named(text):
            corrected = text if _A_PART.search(text) else None
        if corrected and asked in ("email", "proof_code", "confirm"):
            tracker.add_slots([SlotSet("new_address", corrected)])
            return None
        if asked in ("confirm", "new_address") and not corrected and (named(text) or _NOT_NEXT.search(text)):
            tracker.add_slots([SlotSet("confirm", "placed")])
            return None
        if asked == "confirm" and asks(text) and _PLACED_ONE.search(text):
            return "whether"
        return super().heard(tracker)

    async def validate_confirm(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """A yes or a no; somebody who means an order that is placed is told that it keeps its address."""
        if value == "placed":
            return {"confirm": None, "warmline_form_end": "no:placed"}
        if value == "whether":
            dispatcher.utter_message(response="utter_address_not_placed", what="What is ordered already keeps")
            report(dispatcher, "answered", "said that the address of a placed order is not changed with it")
            return {"confirm": None}
        return await super().validate_confirm(value, dispatcher, tracker)

    async def validate_new_address(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """An address with number, postcode and place, else what is missing."""
        line = find_address(str(value))
        if line:
            return {"new_address": line, "about": line}
        return wrong(dispatcher, tracker, "new_address", "utter_address_wrong", "utter_address_wrong")


class ChangeAddress(Finish):
    """Has the address changed."""

    label = "changing the address"
    way_back = "change_address"

    def name(self) -> str:
        return "action_address_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        email, address = tracker.get_slot("email"), tracker.get_slot("new_address")
        await shop().backend.change_address(email, address, key=ask_id(tracker), now=services().now())
        dispatcher.utter_message(response="utter_address_changed", address=address)
        return [
            *self.done(dispatcher, tracker, "changed the address for the next orders"),
            SlotSet("new_address", None),
        ]

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        if reason != "placed":
            return super().refuse(reason, tracker)
        number = tracker.get_slot("order_number")
        return "utter_address_placed", {"what": number or "An order that is placed"}


def named(text: str) -> str | None:
    """The order number in *text*, if any."""
    return next((one.value for one in shop().orders.find(text)), None)


class BoxForm(ProvedForm, ABC):
    """A task for the Fern Box of a proved address."""

    async def look_further(self, email: str, tracker: Tracker) -> dict[str, Any]:
        """The box in words for the last question, or why there is nothing to do."""
        found = await shop().backend.subscription(email)
        if found is None:
            return {"warmline_form_end": "no:unknown"}
        kept = still_coming(found, tracker)
        why = self.why_not(found) or ("active" if self._begins(tracker) and only_asks(words_of(tracker)) else None)
        if why:
            return {
                **kept,
                "warmline_form_end": f"no:{why}",
                "about": what_comes(found, kept["still_comes"], words_of(tracker)),
            }
        return {**kept, "about": self.about(found, kept["still_comes"])}

    @abstractmethod
    def about(self, found: Subscription, still: dict[str, str] | None) -> str:
        """What a yes would do, with its days; *still* is the box that comes nevertheless."""

    def heard(self, tracker: Tracker) -> Any:
        """At the last question, whether a box comes is a question about that, whatever the classifier takes it for."""
        text = words_of(tracker)
        if tracker.slots.get("requested_slot") == "confirm" and _COMES.search(text) and asks(text):
            return text
        return super().heard(tracker)

    def why_not(self, found: Subscription) -> str | None:
        """As the shop would refuse it."""
        return "ended" if found.state == "ended" else None


class ValidatePauseForm(BoxForm):
    """A rest of one to six months."""

    acts = frozenset({"pause", "box"})
    slots: ClassVar[list[str]] = ["email", "proof_code", "pause_months", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"subscription_pause"})
    shapes: ClassVar[Shapes] = {"pause_months": months_of}
    forget = ("pause_months",)

    def name(self) -> str:
        return "validate_pause_form"

    async def begin(self, text: str, tracker: Tracker) -> dict[str, Any]:
        """How long, when it is said at once: "pause it for two months"."""
        found = _SO_MANY_MONTHS.search(text)
        months = months_of(found[0], tracker) if found else None
        told = months is not None and 1 <= months <= PAUSE_MONTHS
        return {"pause_months": months, "pause_words": phrasing.months(months)} if months and told else {}

    def heard(self, tracker: Tracker) -> Any:
        """At the last question another number of months is a correction."""
        text = words_of(tracker)
        corrected = months_of(text, tracker)
        if tracker.slots.get("requested_slot") == "confirm" and corrected and "month" in text.lower():
            tracker.add_slots([SlotSet("pause_months", corrected)])
            return None
        return super().heard(tracker)

    def why_not(self, found: Subscription) -> str | None:
        return found.state if found.state != "active" else None

    def about(self, found: Subscription, still: dict[str, str] | None) -> str:
        """From which box on; the months are a slot of their own."""
        day = phrasing.date_words(found.next_on or "")
        if still:
            return f"the {found.box} Fern Box after the one of {day} (that one is too near to stop and still comes)"
        return f"the {found.box} Fern Box from the one of {day} on"

    async def validate_pause_months(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """One to six, else a hint."""
        months = months_of(str(value), tracker)
        if months and 1 <= months <= PAUSE_MONTHS:
            return {"pause_months": months, "pause_words": phrasing.months(months)}
        return wrong(dispatcher, tracker, "pause_months", "utter_months_wrong", "utter_months_wrong")


class Pause(Finish):
    """Has the box paused."""

    label = "pausing the Fern Box"
    topic = "box"

    def name(self) -> str:
        return "action_pause_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        email, months = tracker.get_slot("email"), int(tracker.get_slot("pause_months"))
        box = await shop().backend.pause_subscription(email, months, key=ask_id(tracker), now=services().now())
        values = {"months": phrasing.months(months), "day": phrasing.date_words(box.next_on or "")}
        still = remembered_box(tracker)
        if still:
            dispatcher.utter_message(
                response="utter_paused_after_one_more", still=phrasing.date_words(still["on"]), **values
            )
        else:
            dispatcher.utter_message(response="utter_paused", **values)
        did = f"paused the Fern Box until {box.next_on}" + (f"; the box of {still['on']} still comes" if still else "")
        return [*self.done(dispatcher, tracker, did), SlotSet("pause_months", None)]

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        return box_refusal(reason, tracker)


class ValidateEndForm(BoxForm):
    """The end of the box."""

    acts = verbs.END
    slots: ClassVar[list[str]] = ["email", "proof_code", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"subscription_cancel"})

    def name(self) -> str:
        return "validate_end_form"

    def about(self, found: Subscription, still: dict[str, str] | None) -> str:
        """With the next box, and whether that one still comes."""
        day = phrasing.date_words(found.next_on or "")
        if still:
            return f"the {found.box} Fern Box after the one of {day} (that one is too near to stop and still comes)"
        return f"the {found.box} Fern Box, so that the one of {day} does not come any more"


class End(Finish):
    """Has the box ended."""

    label = "ending the Fern Box"
    topic = "box"
    way_back = "subscription_start"

    def name(self) -> str:
        return "action_end_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        email = tracker.get_slot("email")
        box = await shop().backend.end_subscription(email, key=ask_id(tracker), now=services().now())
        if box.next_on:
            dispatcher.utter_message(response="utter_ended_after_one_more", day=phrasing.date_words(box.next_on))
        else:
            dispatcher.utter_message(response="utter_ended")
        return self.done(dispatcher, tracker, "ended the Fern Box")

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        return box_refusal(reason, tracker)


def box_refusal(reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
    """Why the shop leaves the box as it is; which box comes next is said with it, and first to who asked for that."""
    why = {"ended": "has ended already", "paused": "is paused already"}.get(reason)
    comes = str(tracker.get_slot("about") or "").strip()
    if comes and (reason == "active" or (why and _COMES.search(words_of(tracker)) and asks(words_of(tracker)))):
        return "utter_box_when", {"comes": comes}
    if why:
        return "utter_box_is", {"why": why, "comes": f" {comes}" if comes else ""}
    return ("utter_box_none" if reason == "unknown" else "utter_task_refused"), {}


def still_coming(found: Subscription, tracker: Tracker) -> dict[str, Any]:
    """The slot *still_comes*: a box that is too near for what is changed now, or that was so when it was changed."""
    today = phrasing.day_of(services().now())
    if found.state == "active" and found.next_on:
        near = (date.fromisoformat(found.next_on) - today).days <= NOTICE_DAYS
        return {"still_comes": {"email": found.email, "on": found.next_on} if near else None}
    return {"still_comes": remembered_box(tracker)}


def remembered_box(tracker: Tracker) -> dict[str, str] | None:
    """The box of this customer that still comes after a change, until its day is over."""
    slot = tracker.slots.get("still_comes") or {}
    over = not slot or slot["on"] < phrasing.day_of(services().now()).isoformat()
    return None if over or slot["email"] != tracker.slots.get("email") else slot


def what_comes(found: Subscription, still: dict[str, str] | None, text: str) -> str:
    """Which box comes next, as the shop says; a yes first, when that is what *text* asks."""
    day = phrasing.date_words(found.next_on) if found.next_on else ""
    if found.state == "ended":
        still = {"on": found.next_on} if found.next_on else None
    if found.state == "active":
        return f"The next {found.box} Fern Box comes on {day}."
    last = f"The box of {phrasing.date_words(still['on'])} still comes" if still else ""
    if last and asks(text) and not re.search(r"\bwhen\b|\bwhich\b", text, re.IGNORECASE):
        last = f"Yes, {last[0].lower()}{last[1:]}"
    if found.state == "ended":
        return f"{last}, and none after it." if last else "No more boxes come."
    after = f"fter the pause the next one comes on {day}."
    return f"{last}. A{after}" if last else f"A{after}"


def only_asks(text: str) -> bool:
    """Whether *text* only wants to know when a box comes."""
    return bool(_COMES.search(text)) and asks(text) and not _CHANGES.search(text)


def asks_for_box(tracker: Tracker) -> bool:
    """Whether the message asks when a box comes, after it was spoken of, and whose it is is proved."""
    text = words_of(tracker)
    spoken_of = (tracker.slots.get("topic") or {}).get("kind") == "box"
    return spoken_of and proved(tracker) and re.search(r"\b(?:box|one)\b", text) is not None and only_asks(text)


class ValidateDataForm(ShopTask):
    """A copy of the data, or its deletion. Whoever opens the mailed link confirms it, so the address proves itself."""

    slots: ClassVar[list[str]] = ["email", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"data_access", "data_delete"})
    acts = verbs.DELETE

    def name(self) -> str:
        return "validate_data_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> list[str]:
        wanted = await super().required_slots(domain_slots, dispatcher, tracker, domain)
        return wanted if tracker.slots.get("data_wish") == "delete" else [slot for slot in wanted if slot != "confirm"]

    def answer(self, text: str, tracker: Tracker) -> str | None:
        """``copy`` when *text* rather asks for a copy of the data."""
        return "copy" if _COPY.search(text) else super().answer(text, tracker)

    async def validate_confirm(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """A yes or a no; who would rather have a copy gets that, and nothing is deleted."""
        if value == "copy":
            return {"confirm": None, "data_wish": "access"}
        return await super().validate_confirm(value, dispatcher, tracker)


class RequestData(Finish):
    """Hands the request in."""

    label = "the data request"

    def name(self) -> str:
        return "action_data_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        email = tracker.get_slot("email")
        wish = "delete" if tracker.get_slot("data_wish") == "delete" else "access"
        await shop().backend.request_data(email, wish, key=ask_id(tracker), now=services().now())  # type: ignore[arg-type]
        dispatcher.utter_message(response=f"utter_data_{wish}_asked", email=email)
        what = "deletion of the data" if wish == "delete" else "a copy of the data"
        return self.done(dispatcher, tracker, f"handed in a request for {what}, not confirmed by mail yet")
