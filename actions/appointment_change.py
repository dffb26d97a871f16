"""An appointment is moved to another free time, or cancelled. Whose it is is proved by a mailed code first."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import phrasing
from actions.appointment import GONE, kind_of, spoken_of
from actions.backend import Appointment, Refusal
from actions.services import shop
from actions.tasks import FLEETING, Finish, ProvedForm
from actions.times import OfferTimes, corrected_time, free_time, full, short, time_at_the_start, time_of, wanted_time
from warmline.actions.forms import wrong
from warmline.actions.services import services
from warmline.actions.tasks import Shapes
from warmline.actions.turns import TALK_TO_PERSON, ask_id, intent, report, turns

YOURS = {"showroom": "your visit to our showroom", "video": "your video call"}
FORGET = ("appointment", "own_appointments", "appointment_time", "offered")
REFERENCE = re.compile(r"\bT\d{8}\b", re.IGNORECASE)
MAX_OFFERED = 4
_IT = re.compile(r"\b(it|that|this)\b", re.IGNORECASE)

_OF_A_PARCEL = re.compile(r"\b(?:parcel|package|delivery|deliver|delivered|courier|carrier|driver)\b", re.IGNORECASE)
_OF_AN_APPOINTMENT = re.compile(
    r"\b(?:appointment|booking|booked|visit|showroom|video|call|consultation|meeting|reschedule|slot|move)\b",
    re.IGNORECASE,
)
"""Whether a time is one of the calendar's or the carrier's."""


def said_lately(tracker: Tracker) -> str:
    """The customer's last words, this message and those before it."""
    return "\n".join(turn.text for turn in turns(tracker) if turn.role == "customer")


def booked(tracker: Tracker) -> list[Appointment]:
    """The customer's appointments, as the shop named them once the address was proved."""
    return msgspec.convert(tracker.slots.get("own_appointments") or [], list[Appointment])


def chosen(tracker: Tracker) -> Appointment | None:
    """The one that is talked about."""
    return next((one for one in booked(tracker) if one.reference == tracker.slots.get("appointment")), None)


def which_of(text: str, tracker: Tracker) -> str | None:
    """The reference of the one appointment that *text*, or the pressed button, names; None when it is not just one."""
    mine = booked(tracker)
    told = next((e["value"] for e in (tracker.latest_message or {}).get("entities") or [] if e["entity"] == "time"), "")
    named = REFERENCE.search(text)
    if named:
        fits = [one for one in mine if one.reference == named[0].upper()]
    else:
        day, clock = wanted_time(str(told) or text, phrasing.day_of(services().now()), [one.starts for one in mine])
        kind = kind_of(text)
        fits = [
            one
            for one in mine
            if (day or clock or kind)
            and one.starts[:10] == (day or one.starts[:10])
            and one.starts[11:] == (clock or one.starts[11:])
            and one.kind == (kind or one.kind)
        ]
    return fits[0].reference if len(fits) == 1 else None


class OwnForm(ProvedForm):
    """A task for one of the customer's appointments; it is asked which when there are several."""

    forget = FORGET

    async def begin(self, text: str, tracker: Tracker) -> dict[str, Any]:
        """Which one "it" is: the one that was spoken of last."""
        topic = tracker.slots.get("topic") or {}
        meant = intent(tracker) == "cancel_it" or _IT.search(text) is not None
        return {"appointment": topic["reference"]} if meant and topic.get("reference") else {}

    async def validate_appointment(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """One of theirs, else asked again."""
        if any(one.reference == value for one in booked(tracker)):
            return {"appointment": value, "warmline_tries": None}
        return wrong(dispatcher, tracker, "appointment", "utter_which_wrong", "utter_which_wrong")

    async def look_further(self, email: str, tracker: Tracker) -> dict[str, Any]:
        """Their appointments; the only one is taken."""
        mine = await shop().backend.appointments(email, now=services().now())
        if not mine:
            return {"warmline_form_end": "no:none"}
        found: dict[str, Any] = {"own_appointments": msgspec.to_builtins(mine), "appointment": None}
        tracker.slots.update(found | {"appointment": tracker.slots.get("appointment")})
        one = chosen(tracker) or (mine[0] if len(mine) == 1 else None)
        if one is None:
            return found
        return {**found, "appointment": one.reference, **self.about(one, tracker)}

    @abstractmethod
    def about(self, one: Appointment, tracker: Tracker) -> dict[str, Any]:
        """What the last question is about; returns slots to set."""


class ValidateMoveForm(OwnForm):
    """Another time, until the day before."""

    acts = frozenset({"move", "reschedule", "change", "appointment"})
    slots: ClassVar[list[str]] = ["email", "proof_code", "appointment", "appointment_time", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"appointment_move"})
    shapes: ClassVar[Shapes] = {"appointment": which_of, "appointment_time": time_of}

    def name(self) -> str:
        return "validate_move_form"

    async def begin(self, text: str, tracker: Tracker) -> dict[str, Any]:
        """The new time: what comes after the last "to", or the only one when it is to be "instead"."""
        lately = said_lately(tracker)
        if _OF_A_PARCEL.search(lately) and not _OF_AN_APPOINTMENT.search(lately):
            return {"warmline_form_end": "no:parcel"}
        to = re.search(r".*\bto\b(.*)", text, re.IGNORECASE | re.DOTALL)
        new = text if "instead" in text.lower() else to[1] if to else ""
        return {**await super().begin(text, tracker), **await time_at_the_start(new)}

    def heard(self, tracker: Tracker) -> Any:
        """At the last question another day or time is a correction."""
        if tracker.slots.get("requested_slot") == "confirm" and not self.told(tracker):
            time = corrected_time(tracker)
            if time:
                tracker.add_slots([SlotSet("appointment_time", time)])
                return None
        return super().heard(tracker)

    async def validate_appointment_time(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """A free time."""
        return await free_time(value, dispatcher, tracker)

    def about(self, one: Appointment, tracker: Tracker) -> dict[str, Any]:
        """From when to when; one of today is not moved from here."""
        if one.starts[:10] <= phrasing.day_of(services().now()).isoformat():
            return {"warmline_form_end": "no:too_late"}
        time = tracker.slots.get("appointment_time")
        to = f" to {full(str(time))} CET" if time else ""
        return {"about": f"{YOURS[one.kind]} from {full(one.starts)}{to}"}


class ValidateUnbookForm(OwnForm):
    """Cancelling, before it begins."""

    acts = frozenset({"cancel", "cancellation", "appointment"})
    slots: ClassVar[list[str]] = ["email", "proof_code", "appointment", "confirm"]
    own: ClassVar[frozenset[str]] = frozenset({"appointment_cancel"})
    shapes: ClassVar[Shapes] = {"appointment": which_of}

    def name(self) -> str:
        return "validate_unbook_form"

    def about(self, one: Appointment, tracker: Tracker) -> dict[str, Any]:
        """What it is and when."""
        return {"about": f"{YOURS[one.kind]} on {full(one.starts)} CET"}


class AskWhich(Action, ABC):
    """Asks which of several appointments it is about."""

    @abstractmethod
    def name(self) -> str:
        """``action_ask_``, the form and the slot. Abstract, so that rasa-sdk does not register this class."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        mine = booked(tracker)[:MAX_OFFERED]
        buttons = [{"title": short(one.starts), "payload": '/inform{"time": "' + one.starts + '"}'} for one in mine]
        listed = "; ".join(f"{YOURS[one.kind]} on {full(one.starts)}" for one in mine)
        dispatcher.utter_message(response="utter_which_appointment", listed=listed, buttons=[*buttons, TALK_TO_PERSON])
        report(dispatcher, "asked", "asked which appointment")
        return []


class AskWhichToMove(AskWhich):
    def name(self) -> str:
        return "action_ask_move_form_appointment"


class AskWhichToCancel(AskWhich):
    def name(self) -> str:
        return "action_ask_unbook_form_appointment"


class OfferTimesToMove(OfferTimes):
    def name(self) -> str:
        return "action_ask_move_form_appointment_time"


class ChangeAppointment(Finish):
    """What moving and cancelling share: how a refusal is told."""

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        """None with that address, too late, a parcel was meant, or another reason."""
        if reason == "parcel":
            return "utter_delivery_no_time", {}
        if reason in ("none", "unknown"):
            return "utter_appointment_none", {"email": tracker.get_slot("email")}
        if reason == "too_late":
            return "utter_appointment_too_late", {}
        return super().refuse(reason, tracker)


class Move(ChangeAppointment):
    """Moves it; a time that has just gone is replaced by others, and the old one stays booked."""

    label = "moving the appointment"
    topic = "appointment"
    way_back = "appointment_move"

    def name(self) -> str:
        return "action_move_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        time, reference, email = (tracker.get_slot(name) for name in ("appointment_time", "appointment", "email"))
        now, key = services().now(), ask_id(tracker)
        try:
            moved = await shop().backend.move_appointment(reference, time, email, key=key, now=now)
        except Refusal as refusal:
            if refusal.reason not in GONE:
                raise
            dispatcher.utter_message(response="utter_move_time_gone", time=full(time))
            again = [SlotSet(name, None) for name in ("appointment_time", "offered", *FLEETING)]
            return [*again, FollowupAction("move_form")]
        values = {"time": full(moved.starts), "reference": moved.reference, "email": email}
        dispatcher.utter_message(response="utter_moved", **values)
        did = f"moved the {moved.kind} appointment to {moved.starts}, now {moved.reference}"
        return [
            *self.done(dispatcher, tracker, did),
            *(SlotSet(name, None) for name in FORGET),
            SlotSet("topic", spoken_of(moved)),
        ]


class CancelAppointment(ChangeAppointment):
    """Cancels it."""

    label = "cancelling the appointment"
    topic = "appointment"
    way_back = "appointment_book"

    def name(self) -> str:
        return "action_unbook_done"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        reference, email = tracker.get_slot("appointment"), tracker.get_slot("email")
        gone = await shop().backend.cancel_appointment(reference, email, key=ask_id(tracker), now=services().now())
        dispatcher.utter_message(response="utter_unbooked", time=full(gone.starts), email=email)
        did = f"cancelled the {gone.kind} appointment of {gone.starts}"
        return [*self.done(dispatcher, tracker, did), *(SlotSet(name, None) for name in FORGET)]
