"""A showroom visit or a video call is booked, at a time that is really free."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import verbs
from actions.backend import Appointment, Refusal
from actions.services import shop
from actions.tasks import FLEETING, Finish, ShopTask
from actions.times import MAX_TIME_CHARS, OfferTimes, corrected_time, free_time, full, time_at_the_start, time_of
from warmline.actions.forms import wrong
from warmline.actions.services import services
from warmline.actions.tasks import Shapes
from warmline.actions.turns import ask_id, report, words_of

GONE = frozenset({"taken", "no_such_time"})
"""Why the shop does not book a time that was free a moment ago."""
KINDS = {"showroom": "a visit to our showroom", "video": "a video call"}


def spoken_of(one: Appointment) -> dict[str, str]:
    """The slot *topic* for one appointment: what "it" means from now on."""
    return {"kind": "appointment", "reference": one.reference, "starts": one.starts}


def kind_of(text: str, tracker: Tracker | None = None) -> str | None:
    """``showroom`` or ``video``, when *text* says one of them."""
    lower = text.lower()
    video = re.search(r"\b(video|online|call|zoom|phone)\b", lower) is not None
    visit = re.search(r"\b(show ?room|visit|come (in|by|over|to you)|in person|store|shop)\b", lower) is not None
    return None if video == visit else "video" if video else "showroom"


class ValidateAppointmentForm(ShopTask):
    """Kind, time, address, and a last yes."""

    acts = verbs.BOOK
    slots: ClassVar[list[str]] = ["appointment_kind", "appointment_time", "email", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"appointment_book"})
    shapes: ClassVar[Shapes] = {"appointment_kind": kind_of, "appointment_time": time_of}
    forget = ("appointment_kind", "appointment_time", "offered")

    def name(self) -> str:
        return "validate_appointment_form"

    async def begin(self, text: str, tracker: Tracker) -> dict[str, Any]:
        """The kind and the time: "can I visit the showroom on Friday"."""
        kind = kind_of(text)
        return {**({"appointment_kind": kind} if kind else {}), **await time_at_the_start(text)}

    def heard(self, tracker: Tracker) -> Any:
        """After the first question another kind, day or time is a correction."""
        asked = tracker.slots.get("requested_slot")
        if asked in ("appointment_time", "email", "confirm") and not self.told(tracker):
            text = words_of(tracker)
            time = corrected_time(tracker) if asked != "appointment_time" else time_of(text, tracker)
            kind = kind_of(text) if len(text) <= MAX_TIME_CHARS and not time else None
            if time and asked != "appointment_time":
                tracker.add_slots([SlotSet("appointment_time", time)])
                return None
            if kind:
                tracker.add_slots([SlotSet("appointment_kind", kind)])
                return None
        return super().heard(tracker)

    async def validate_appointment_kind(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """One of the two kinds."""
        kind = kind_of(str(value), tracker)
        if kind:
            return {"appointment_kind": kind}
        return wrong(dispatcher, tracker, "appointment_kind", "utter_kind_wrong", "utter_kind_wrong")

    async def validate_appointment_time(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """A free time."""
        return await free_time(value, dispatcher, tracker)

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """The whole in words, for the last question."""
        time, kind, email = (tracker.slots.get(name) for name in ("appointment_time", "appointment_kind", "email"))
        if not (time and kind and email) or tracker.slots.get("warmline_form_end"):
            return {}
        return {"about": f"{KINDS[kind]} on {full(str(time))} CET"}


class OfferTimesToBook(OfferTimes):
    def name(self) -> str:
        return "action_ask_appointment_form_appointment_time"


class Book(Finish):
    """Books the time; one that has just gone is replaced by others."""

    label = "booking the appointment"
    topic = "appointment"
    way_back = "appointment_cancel"

    def name(self) -> str:
        return "action_appointment_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        time, kind, email = (tracker.get_slot(name) for name in ("appointment_time", "appointment_kind", "email"))
        forget = [SlotSet(name, None) for name in ("appointment_time", "appointment_kind", "offered")]
        try:
            booked = await shop().backend.book_appointment(time, kind, email, key=ask_id(tracker), now=services().now())
        except Refusal as refusal:
            if refusal.reason not in GONE:
                raise
            dispatcher.utter_message(response="utter_time_gone", time=full(time))
            again = [SlotSet(name, None) for name in ("appointment_time", "offered", *FLEETING)]
            return [*again, FollowupAction("appointment_form")]
        dispatcher.utter_message(
            response="utter_booked", time=full(booked.starts), reference=booked.reference, email=email
        )
        did = f"booked {kind} appointment {booked.reference} on {booked.starts}"
        return [*self.done(dispatcher, tracker, did), *forget, SlotSet("topic", spoken_of(booked))]


class TellAppointment(Action):
    """When the appointment is that was booked or moved in this conversation; of others only the mail may tell."""

    def name(self) -> str:
        return "action_appointment_when"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        topic = tracker.get_slot("topic") or {}
        if topic.get("starts"):
            dispatcher.utter_message(
                response="utter_appointment_when", time=full(topic["starts"]), reference=topic["reference"]
            )
            report(dispatcher, "answered", "told when the appointment is")
        else:
            dispatcher.utter_message(response="utter_appointment_in_mail")
            report(dispatcher, "answered", "said where the time of an appointment is found")
        return []
