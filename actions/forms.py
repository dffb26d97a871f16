"""
What all forms share: an answer that is of no use is a failure. The second brings the offer of a person, and the third a
person.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Any, ClassVar

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.room import room
from actions.turns import PERSON, TALK_TO_PERSON, confidence, intent, report, words_of
from warmline.core.errors import BackendError

MAX_TRIES = 3
FIND_BY_EMAIL = {"title": "Find it by e-mail", "payload": "/find_order"}
EMAIL = re.compile(r"[^@\s,;:<>()\"]{1,64}@[^@\s,;:<>()\"]{1,190}\.[a-z]{2,24}")
_RULED_OUT = re.compile(
    r"\b(not|instead of|rather than|forget|isn'?t|wasn'?t|no longer)\s+(order\s+)?#?\s*$", re.IGNORECASE
)
CODE = re.compile(r"\d{6}")
ATTEMPTS = {
    "order_number": re.compile(r"\d"),
    "email": re.compile(r"@|\bat\b.*\bdot\b|\.[a-z]{2,}$|\(at\)", re.IGNORECASE),
    "reset_code": re.compile(r"\d"),
    "proof_code": re.compile(r"\d"),
}
"""What an answer to each slot has in it, even a wrong one."""
SPOKEN = {
    "order_number": "order number",
    "email": "e-mail address",
    "reset_code": "code",
    "proof_code": "code",
    "confirm": "last yes",
    "appointment_time": "time",
    "appointment_kind": "kind of appointment",
    "new_address": "new address",
    "pause_months": "months",
    "order_choice": "order",
}
"""The slots as an agent reads of them."""
NOT_KNOWING = frozenset({"dont_know", "deny"})
ANSWERS = frozenset(
    {"inform", "affirm", "deny", "dont_know", "nlu_fallback", "out_of_scope", "unclear", "other_one", "greet", "thanks"}
)
"""Intents that are, or may be, an answer to what the form asked."""
SURE = 0.5
"""From here on a message that names what was asked for, but means something else, is a question in between
(docs/measurements.md, "Where the lines are drawn")."""


class CountingForm(FormValidationAction):
    """
    A form with *slots* that gives up after :data:`MAX_TRIES` wrong answers. It ends early by the slot *form_end*, which
    says why; the action after the form tells the customer. *own* are the intents that start it. A message of another
    intent is answered first, even when it names something the form waits for ("can I return A1042?").
    """

    slots: ClassVar[list[str]] = []
    own: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def name(self) -> str:
        """``validate_`` and the form's name. Abstract, so that rasa-sdk does not register this class."""

    def domain_slots(self, domain: Any) -> list[str]:
        return list(self.slots)

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> list[str]:
        return [] if tracker.slots.get("form_end") else domain_slots

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> list[EventType]:
        if self._interrupts(tracker):
            return [ActionExecutionRejected(self.form_name()), *self._take_along(tracker)]
        events: list[EventType] = []
        try:
            for slot in self.slots:
                told = tracker.slots_to_validate()
                if self._is_about_another(slot, told, tracker):
                    events += self._keep(tracker, {slot: None})
                elif told.get(slot) is not None and not tracker.slots.get("form_end"):
                    found = await getattr(self, f"validate_{slot}")(told[slot], dispatcher, tracker)
                    events += self._keep(tracker, found)
            events += self._keep(tracker, await self.look_up(dispatcher, tracker))
        except BackendError:
            events += self._keep(tracker, {"form_end": "backend"})
        if not events and intent(tracker) in self.own:
            # the same wish again, and no answer: unless a slot is set Rasa takes it for no matter of the form
            events = self._keep(tracker, {"tries": tracker.slots.get("tries")})
        return events

    async def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """A number of the right form, else a hint."""
        number = read_order_number(value, tracker)
        if number:
            return {"order_number": number}
        return wrong(dispatcher, tracker, "order_number", "utter_order_number_wrong", "utter_order_number_hint")

    async def validate_email(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """An address of the right form, else a hint."""
        email = told_email(value, tracker)
        if email:
            return {"email": email}
        return wrong(dispatcher, tracker, "email", "utter_email_wrong", "utter_email_hint")

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """Called when the told slots were read; may ask the backend. Returns slots to set."""
        return {}

    def _interrupts(self, tracker: Tracker) -> bool:
        """Whether the message is about something else, and this form runs already."""
        if tracker.active_loop_name != self.form_name() or not tracker.slots_to_validate() or self._begins(tracker):
            return False
        return intent(tracker) not in ANSWERS | self.own and confidence(tracker) >= SURE and not only_named(tracker)

    def _begins(self, tracker: Tracker) -> bool:
        """Whether the form was started in this turn: Rasa has made it the active one by then."""
        for event in reversed(tracker.events):
            if event["event"] == "user":
                break
            if event["event"] == "active_loop":
                return bool(event.get("name") == self.form_name())
        return False

    def _is_about_another(self, slot: str, told: dict[str, Any], tracker: Tracker) -> bool:
        """Whether the whole text was taken for *slot*, while it names another one ("no, not that one, A1024")."""
        whole = told.get(slot) is not None and told[slot] == (tracker.latest_message or {}).get("text")
        return (
            whole
            and not form_of(slot, told[slot])
            and any(
                form_of(other, told[other]) for other in self.slots if other != slot and told.get(other) is not None
            )
        )

    def _take_along(self, tracker: Tracker) -> list[EventType]:
        """What such a message named in passing is kept for the form, when it is of the right form."""
        told = tracker.slots_to_validate()
        return [SlotSet(slot, told[slot] if form_of(slot, told[slot]) else None) for slot in self.slots if slot in told]

    @staticmethod
    def _keep(tracker: Tracker, found: dict[str, Any]) -> list[EventType]:
        tracker.slots.update(found)
        return [SlotSet(name, value) for name, value in found.items()]


def wrong(
    dispatcher: CollectingDispatcher, tracker: Tracker, slot: str, response: str, hint: str, **values: Any
) -> dict[str, Any]:
    """
    The answer for *slot* was of no use: say *response*, or *hint* to somebody who does not know, or that it was no
    answer when it did not even try to be one. The second time a person is offered. Returns the slots to set.
    """
    tries = int(tracker.slots.get("tries") or 0) + 1
    if tries >= MAX_TRIES:
        return {slot: None, "tries": tries, "form_end": "tries"}
    text = words_of(tracker)
    unknowing, again = intent(tracker) in NOT_KNOWING, tries > 1
    if again and slot in ATTEMPTS:
        said = "utter_second_miss"
    elif unknowing or attempts(slot, text):
        said = hint if unknowing else response
    else:
        said = "utter_no_answer"
    own = said in ("utter_second_miss", "utter_no_answer", "utter_confirm_wrong")  # these have the button themselves
    buttons = [FIND_BY_EMAIL] if slot == "order_number" and said in ("utter_second_miss", hint) else []
    buttons += [TALK_TO_PERSON] if again and not own else []
    dispatcher.utter_message(response=said, **({"buttons": buttons} if buttons else {}), **values)
    helped = unknowing and not again
    report(dispatcher, "asked" if helped else "unsure", f"asked again for the {SPOKEN.get(slot, slot)}")
    return {slot: None, "tries": tries, **({"offer": PERSON} if again and slot in ATTEMPTS else {})}


def attempts(slot: str, text: str) -> bool:
    """Whether *text* tries to answer the question for *slot*; True where an answer has no form of its own."""
    trace = ATTEMPTS.get(slot)
    return trace is None or trace.search(text) is not None


def only_named(tracker: Tracker) -> bool:
    """
    Whether the message is an e-mail address, an order number or a code and nothing else: always an answer, whatever
    intent its letters remind of.
    """
    message = tracker.latest_message or {}
    rest = list(message.get("text") or "")
    for entity in message.get("entities") or []:
        rest[entity["start"] : entity["end"]] = " " * (entity["end"] - entity["start"])
    return bool(message.get("entities")) and not any(char.isalnum() for char in rest)


def form_of(slot: str, value: Any) -> bool:
    """Whether *value* could be one of *slot*'s."""
    if slot == "order_number":
        return bool(room().orders.read(str(value)) == value)
    return slot == "email" and read_email(value) is not None


def read_order_number(value: Any, tracker: Tracker) -> str | None:
    """
    The number in the shop's spelling, or None when *value* is none. When the message names several ("A1024, not
    A1042"), the first that the words before it do not rule out: Rasa took the last.
    """
    text = words_of(tracker)
    named = room().orders.find(text)
    if len({one.value for one in named}) > 1 and any(one.value == value for one in named):
        meant = [one.value for one in named if not _RULED_OUT.search(text[: one.start])]
        return meant[0] if meant else named[-1].value
    return room().orders.read(str(value))


def told_email(value: Any, tracker: Tracker) -> str | None:
    """
    The address in one spelling, or None. When the message names several ("mara@example.com, not mary@example.com"), the
    only one that the words before it do not rule out; None when more than one is left: which of them is asked.
    """
    text = words_of(tracker).lower()
    named = list(EMAIL.finditer(text))
    if len({one[0] for one in named}) > 1 and any(one[0] == str(value).strip().lower() for one in named):
        meant = {one[0] for one in named if not _RULED_OUT.search(text[: one.start()])}
        return meant.pop() if len(meant) == 1 else None
    return read_email(value)


def read_email(value: Any) -> str | None:
    """The address in one spelling, or None when *value* is not one."""
    text = str(value).strip().lower()
    return text if EMAIL.fullmatch(text) else None
