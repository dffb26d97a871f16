"""What changes an account: its address, its Fern Box. Who writes is proved by a code first."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import words
from actions.forms import wrong
from actions.room import room
from actions.tasks import Finish, ProvedForm, Shapes, TaskForm
from actions.turns import ask_id
from bot.backend import PAUSE_MONTHS, Subscription

MAX_ADDRESS_CHARS = 200
_POSTCODE = re.compile(
    r"\b([A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|\d{4,5}(-\d{4})?|\d{4}\s?[A-Z]{2}|\d{2}-\d{3})\b", re.IGNORECASE
)
_LEAD = re.compile(
    r"^(no|yes|ok|sorry|actually|it'?s|it is|that'?s|my new address is|the new address is|new address is|"
    r"new address|my address is|the address is|address|use|please|to|i moved to|we moved to|[,:;\s-])+\b",
    re.IGNORECASE,
)
_A_PART = re.compile(r"\d+\w?,?\s+[^\W\d]{3,}|[^\W\d]{3,}\s+\d")
"""A number beside a word: part of an address."""
_COPY = re.compile(
    r"\b(a|the|my|only|just) (copy|download|export)\b|\b(copy|download|export) (only|instead)\b", re.IGNORECASE
)
_MONTHS = re.compile(r"\b(\d{1,2}|an?|one|two|three|four|five|six|half a year|couple of)\b", re.IGNORECASE)
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
    line = " ".join(_LEAD.sub("", " ".join(text.split())).split()).strip(" .")
    if len(line) > MAX_ADDRESS_CHARS or "@" in line or "<" in line:
        return None
    found = _POSTCODE.search(line)
    if not found:
        return None
    rest = line[: found.start()] + " " + line[found.end() :]
    return line if re.search(r"\d", rest) and len(re.findall(r"[^\W\d_]{2,}", rest)) >= 2 else None


def months_of(text: str, tracker: Tracker) -> int | None:
    """A number of months, or None."""
    found = _MONTHS.search(text) if len(text) <= 60 else None
    if not found:
        return None
    word = found[1].lower()
    return int(word) if word.isdigit() else _NUMBER[word]


class ValidateAddressForm(ProvedForm):
    """A new address for the next orders."""

    acts = frozenset({"change", "update", "put", "set", "use", "send", "address"})
    slots: ClassVar[list[str]] = ["email", "proof_code", "new_address", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"change_address"})
    shapes: ClassVar[Shapes] = {"new_address": address_of}
    forget = ("new_address",)

    def name(self) -> str:
        return "validate_address_form"

    def heard(self, tracker: Tracker) -> Any:
        """At the last question a whole address is a correction, and a part of one ("no, 9 Elm Street") begins one."""
        if tracker.slots.get("requested_slot") == "confirm":
            text = str((tracker.latest_message or {}).get("text") or "")
            corrected = address_of(text, tracker) or (text if _A_PART.search(text) else None)
            if corrected:
                tracker.add_slots([SlotSet("new_address", corrected)])
                return None
        return super().heard(tracker)

    async def validate_new_address(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """An address with number, postcode and place, else what is missing."""
        line = address_of(str(value), tracker)
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
        await room().backend.change_address(email, address, key=ask_id(tracker), now=room().now())
        dispatcher.utter_message(response="utter_address_changed", address=address)
        return [
            *self.done(dispatcher, tracker, "changed the address for the next orders"),
            SlotSet("new_address", None),
        ]


class BoxForm(ProvedForm):
    """A task for the Fern Box of a proved address."""

    async def look_further(self, email: str, tracker: Tracker) -> dict[str, Any]:
        """The box in words for the last question, or why there is nothing to do."""
        found = await room().backend.subscription(email)
        why = "unknown" if found is None else self.why_not(found)
        if found is None or why:
            return {"form_end": f"no:{why}"}
        return {"about": f"the {found.box} Fern Box, next due on {words.date_words(found.next_on or '')}"}

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

    def heard(self, tracker: Tracker) -> Any:
        """At the last question another number of months is a correction."""
        text = str((tracker.latest_message or {}).get("text") or "")
        corrected = months_of(text, tracker)
        if tracker.slots.get("requested_slot") == "confirm" and corrected and "month" in text.lower():
            tracker.add_slots([SlotSet("pause_months", corrected)])
            return None
        return super().heard(tracker)

    def why_not(self, found: Subscription) -> str | None:
        return found.state if found.state != "active" else None

    async def validate_pause_months(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """One to six, else a hint."""
        months = months_of(str(value), tracker)
        if months and 1 <= months <= PAUSE_MONTHS:
            return {"pause_months": months, "pause_words": words.months(months)}
        return wrong(dispatcher, tracker, "pause_months", "utter_months_wrong", "utter_months_wrong")


class Pause(Finish):
    """Has the box paused."""

    label = "pausing the Fern Box"
    topic = "box"

    def name(self) -> str:
        return "action_pause_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        email, months = tracker.get_slot("email"), int(tracker.get_slot("pause_months"))
        box = await room().backend.pause_subscription(email, months, key=ask_id(tracker), now=room().now())
        day = words.date_words(box.next_on or "")
        dispatcher.utter_message(response="utter_paused", months=words.months(months), day=day)
        return [
            *self.done(dispatcher, tracker, f"paused the Fern Box until {box.next_on}"),
            SlotSet("pause_months", None),
        ]

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        return box_refusal(reason)


class ValidateEndForm(BoxForm):
    """The end of the box."""

    acts = frozenset(
        {"end", "cancel", "stop", "finish", "terminate", "bin", "kill", "box", "subscription", "fern", "off"}
    )
    slots: ClassVar[list[str]] = ["email", "proof_code", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"subscription_cancel"})

    def name(self) -> str:
        return "validate_end_form"


class End(Finish):
    """Has the box ended."""

    label = "ending the Fern Box"
    topic = "box"
    way_back = "subscription_start"

    def name(self) -> str:
        return "action_end_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        email = tracker.get_slot("email")
        box = await room().backend.end_subscription(email, key=ask_id(tracker), now=room().now())
        if box.next_on:
            dispatcher.utter_message(response="utter_ended_after_one_more", day=words.date_words(box.next_on))
        else:
            dispatcher.utter_message(response="utter_ended")
        return self.done(dispatcher, tracker, "ended the Fern Box")

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        return box_refusal(reason)


def box_refusal(reason: str) -> tuple[str, dict[str, Any]]:
    """Why the shop leaves the box as it is."""
    why = {"ended": "has ended already", "paused": "is paused already"}.get(reason)
    if why:
        return "utter_box_is", {"why": why}
    return ("utter_box_none" if reason == "unknown" else "utter_task_refused"), {}


class ValidateDataForm(TaskForm):
    """A copy of the data, or its deletion. Whoever opens the mailed link confirms it, so the address proves itself."""

    slots: ClassVar[list[str]] = ["email", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"data_access", "data_delete"})
    acts = frozenset({"delete", "deletion", "erase", "erasure", "remove", "wipe", "purge", "data", "personal"})

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
        await room().backend.request_data(email, wish, key=ask_id(tracker), now=room().now())  # type: ignore[arg-type]
        dispatcher.utter_message(response=f"utter_data_{wish}_asked", email=email)
        what = "deletion of the data" if wish == "delete" else "a copy of the data"
        return self.done(dispatcher, tracker, f"handed in a request for {what}, not confirmed by mail yet")
