"""
Forms that end in an act: what is asked is read by its shape first, and the last question wants an unambiguous yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from warmline.actions.forms import CountingForm, wrong
from warmline.actions.turns import confidence, intent, leaves_it, report, words_of
from warmline.language.consent import consent

OWN_TO_A_RUN = ("warmline_tries", "warmline_form_end", "confirm", "about")
"""Slots of the task that runs; the next one begins without them."""

_ASKS = re.compile(
    r"\?|^\W*(?:(?:hm+|wait|so|but|ok|and|sorry)\b[\s,.]*)*(?:what|when|which|where|why|how|who|is|are|does|do|did|will|"
    r"would|can|could|has|have)\b(?! (?:it|that|so|this|you dare)\s*[.!]*$)",
    re.IGNORECASE,
)
Shapes = dict[str, Callable[[str, Tracker], Any]]
"""How an answer to a slot is known by its form: text and tracker to the answer, or None when it is no such thing."""


class TaskForm(CountingForm):
    """
    A form for a request. What is asked is read by its shape first, then by the intent: anything else that may be an
    answer is a wrong one (the request's own intent too: "the new house"), and the rest is a question in between.

    *form_end* is ``tries``, ``backend``, ``declined``, ``locked``, ``too_often``, ``find`` or ``no:`` and the reason
    why it will not be done.
    """

    fleeting: ClassVar[tuple[str, ...]] = OWN_TO_A_RUN
    """Slots that hold only while it runs; the next one begins without them."""
    shapes: ClassVar[Shapes] = {}
    acts: ClassVar[frozenset[str]] = frozenset()
    """What its last question would do, in words that a yes may say again: "yes, cancel it"."""
    forget: ClassVar[tuple[str, ...]] = ()
    """Slots of this form that an earlier run must not fill."""

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> list[EventType]:
        fresh: list[EventType] = []
        text = words_of(tracker)
        if self._begins(tracker):
            # it begins with this turn: an earlier task's yes must not count, nor what the customer said to begin it
            old = [SlotSet(slot, None) for slot in (*self.fleeting, *self.forget)]
            tracker.add_slots(old)
            fresh = [*old, *self._keep(tracker, await self.begin(text, tracker))]
            self.say_first(text, dispatcher, tracker)
        elif fresh_words(tracker):
            if leaves_it(text):
                return self._keep(tracker, {"warmline_form_end": "declined"})
            heard = self.heard(tracker)
            if heard is not None:
                tracker.add_slots([SlotSet(tracker.slots["requested_slot"], heard)])
        return fresh + await super().get_validation_events(dispatcher, tracker, domain)

    async def begin(self, text: str, tracker: Tracker) -> dict[str, Any]:
        """What the sentence that begins the request says already, beside its entities; returns slots to set."""
        return {}

    def say_first(self, text: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """What has to be known before anything is asked; called once, when the request begins with *text*."""

    def heard(self, tracker: Tracker) -> Any:
        """What the message says to the slot that was asked for; None when it says nothing about it."""
        asked = tracker.slots.get("requested_slot")
        if asked not in self.slots or self.told(tracker):
            return None
        text = words_of(tracker)
        if asked == "confirm":
            found = self.answer(text, tracker)
        else:
            found = self.shapes[asked](text, tracker) if asked in self.shapes else None
        if found is not None:
            return found
        return text if intent(tracker) in self.answers | self.own else None

    def answer(self, text: str, tracker: Tracker) -> str | None:
        """What *text* says to the last question; None when it is no unambiguous yes or no."""
        named = self.named(str(tracker.slots.get("about") or ""))
        return consent(text, acts=self.acts, named=named, intent=intent(tracker), confidence=confidence(tracker))

    def named(self, about: str) -> str:
        """What of *about*, the slot that the last question names, a yes may say again without being a reservation."""
        return about

    def told(self, tracker: Tracker) -> bool:
        """Whether the message named something this form waits for, by an entity."""
        return any(tracker.slots_to_validate().get(slot) is not None for slot in self.slots)

    def _interrupts(self, tracker: Tracker) -> bool:
        if not fresh_words(tracker) or tracker.active_loop_name != self.form_name():
            return False
        if intent(tracker) in self.answers | self.own:
            return False
        if not self.told(tracker):
            return True
        # what was read by its shape is an answer, or corrects one, whatever the intent
        answered = any(tracker.slots_to_validate().get(slot) is not None for slot in (*self.shapes, "confirm"))
        return not answered and super()._interrupts(tracker)

    async def validate_confirm(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """A yes goes on, a no ends it without anything done. A question brings once more what a yes would do."""
        if value in ("yes", "no"):
            return {"confirm": "yes"} if value == "yes" else {"confirm": None, "warmline_form_end": "declined"}
        if asks(str(value)) and not tracker.slots.get("warmline_tries"):
            dispatcher.utter_message(response="utter_warmline_confirm_question")
            report(dispatcher, "asked", "said again what a yes would do")
            return {"confirm": None, "warmline_tries": 1}
        return wrong(dispatcher, tracker, "confirm", "utter_warmline_confirm_wrong", "utter_warmline_confirm_wrong")


def asks(text: str) -> bool:
    """Whether *text* is a question rather than an answer."""
    return _ASKS.search(text) is not None


def fresh_words(tracker: Tracker) -> bool:
    """Whether the message is still to be read: not so when it was answered in this turn, and a form only goes on."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return True
        if event["event"] == "action" and event["name"] not in (tracker.active_loop_name, "action_listen"):
            return False
    return True
