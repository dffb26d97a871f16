"""
What all forms share: an answer that is of no use is a failure. The second brings the offer of a person, and the third a
person.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from warmline.actions.turns import PERSON, TALK_TO_PERSON, confidence, intent, report, words_of
from warmline.core.errors import BackendError

MAX_TRIES = 3
NOT_KNOWING = frozenset({"dont_know", "deny"})
USUAL_ANSWERS = frozenset({"inform", "affirm", "deny", "dont_know", "nlu_fallback", "out_of_scope", "greet", "thanks"})
"""Intents that are, or may be, an answer to what a form asked, as most bots call them."""
SURE = 0.5
"""From here on a message that names what was asked for, but means something else, is a question in between
(docs/measurements.md, "Where the lines are drawn")."""


class AboutSlot(NamedTuple):
    """
    What is to be known of a slot that forms ask for: as an agent reads of it (*spoken*), what an answer has in it even
    when it is a wrong one (*attempt*; None: an answer has no form of its own), the response that explains the question
    (*hint*), whether a value could be one of this slot's (*fits*), and the *buttons* beside the hint.
    """

    spoken: str
    attempt: re.Pattern[str] | None = None
    hint: str | None = None
    fits: Callable[[Any], bool] | None = None
    buttons: tuple[dict[str, str], ...] = ()


_slots: dict[str, AboutSlot] = {"confirm": AboutSlot("last yes")}


def describe(slot: str, about: AboutSlot) -> None:
    """From now on *about* is what is known of *slot*."""
    _slots[slot] = about


def about_slot(slot: str) -> AboutSlot:
    """What is known of *slot*: by default that it is called as it is named."""
    return _slots.get(slot) or AboutSlot(slot.replace("_", " "))


class CountingForm(FormValidationAction):
    """
    A form with *slots* that gives up after :data:`MAX_TRIES` wrong answers. It ends early by the slot *form_end*, which
    says why; the action after the form tells the customer. *own* are the intents that start it, *answers* those
    that may answer its questions. A message of another intent is answered first, even when it names something the form
    waits for ("can I move B-2041?").
    """

    slots: ClassVar[list[str]] = []
    own: ClassVar[frozenset[str]] = frozenset()
    answers: ClassVar[frozenset[str]] = USUAL_ANSWERS

    @abstractmethod
    def name(self) -> str:
        """``validate_`` and the form's name. Abstract, so that rasa-sdk does not register this class."""

    def domain_slots(self, domain: Any) -> list[str]:
        return list(self.slots)

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> list[str]:
        return [] if tracker.slots.get("warmline_form_end") else domain_slots

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
                elif told.get(slot) is not None and not tracker.slots.get("warmline_form_end"):
                    found = await getattr(self, f"validate_{slot}")(told[slot], dispatcher, tracker)
                    events += self._keep(tracker, found)
            events += self._keep(tracker, await self.look_up(dispatcher, tracker))
        except BackendError:
            events += self._keep(tracker, {"warmline_form_end": "backend"})
        if not events and intent(tracker) in self.own:
            # the same request again, and no answer: unless a slot is set Rasa takes it for no matter of the form
            events = self._keep(tracker, {"warmline_tries": tracker.slots.get("warmline_tries")})
        return events

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """Called when the told slots were read; may ask the backend. Returns slots to set."""
        return {}

    def _interrupts(self, tracker: Tracker) -> bool:
        """Whether the message is about something else, and this form runs already."""
        if tracker.active_loop_name != self.form_name() or not tracker.slots_to_validate() or self._begins(tracker):
            return False
        return (
            intent(tracker) not in self.answers | self.own and confidence(tracker) >= SURE and not only_named(tracker)
        )

    def _begins(self, tracker: Tracker) -> bool:
        """Whether the form was started in this turn: Rasa has made it the active one by then."""
        for event in reversed(tracker.events):
            if event["event"] == "user":
                break
            if event["event"] == "active_loop":
                return bool(event.get("name") == self.form_name())
        return False

    def _is_about_another(self, slot: str, told: dict[str, Any], tracker: Tracker) -> bool:
        """Whether the whole text was taken for *slot*, while it names another one ("no, not that one, B-2042")."""
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
    tries = int(tracker.slots.get("warmline_tries") or 0) + 1
    if tries >= MAX_TRIES:
        return {slot: None, "warmline_tries": tries, "warmline_form_end": "tries"}
    text = words_of(tracker)
    unknowing, again = intent(tracker) in NOT_KNOWING, tries > 1
    about = about_slot(slot)
    if again and about.attempt is not None:
        said = "utter_warmline_second_miss"
    elif unknowing or attempts(slot, text):
        said = hint if unknowing else response
    else:
        said = "utter_warmline_no_answer"
    with_button = ("utter_warmline_second_miss", "utter_warmline_no_answer", "utter_warmline_confirm_wrong")
    own = said in with_button
    buttons = list(about.buttons) if said in ("utter_warmline_second_miss", hint) else []
    buttons += [TALK_TO_PERSON] if again and not own else []
    dispatcher.utter_message(response=said, **({"buttons": buttons} if buttons else {}), **values)
    helped = unknowing and not again
    report(dispatcher, "asked" if helped else "unsure", f"asked again for the {about.spoken}")
    return {
        slot: None,
        "warmline_tries": tries,
        **({"warmline_offer": PERSON} if again and about.attempt is not None else {}),
    }


def attempts(slot: str, text: str) -> bool:
    """Whether *text* tries to answer the question for *slot*; True where an answer has no form of its own."""
    trace = about_slot(slot).attempt
    return trace is None or trace.search(text) is not None


def only_named(tracker: Tracker) -> bool:
    """
    Whether the message is an e-mail address, a reference or a code and nothing else: always an answer, whatever
    intent its letters remind of.
    """
    message = tracker.latest_message or {}
    rest = list(message.get("text") or "")
    for entity in message.get("entities") or []:
        rest[entity["start"] : entity["end"]] = " " * (entity["end"] - entity["start"])
    return bool(message.get("entities")) and not any(char.isalnum() for char in rest)


def form_of(slot: str, value: Any) -> bool:
    """Whether *value* could be one of *slot*'s; False where nobody said what those look like."""
    fits = about_slot(slot).fits
    return fits is not None and fits(value)
