"""What both forms share: wrong answers are counted, and the third ends the form honestly."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Any, ClassVar

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turns import intent, report
from bot.core.errors import BackendError

MAX_TRIES = 3
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[a-z]{2,24}")
ORDER_NUMBER = re.compile(r"A\d{4}")
CODE = re.compile(r"\d{6}")
NOT_KNOWING = frozenset({"dont_know", "deny"})


class CountingForm(FormValidationAction):
    """
    A form with *slots* that gives up after :data:`MAX_TRIES` wrong answers. It ends early by the slot *form_end*, which
    says why; the action after the form tells the customer.
    """

    slots: ClassVar[list[str]] = []

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
        events: list[EventType] = []
        try:
            for slot in self.slots:
                told = tracker.slots_to_validate()
                if slot in told and not tracker.slots.get("form_end"):
                    found = await getattr(self, f"validate_{slot}")(told[slot], dispatcher, tracker)
                    events += self._keep(tracker, found)
            events += self._keep(tracker, await self.look_up(dispatcher, tracker))
        except BackendError:
            events += self._keep(tracker, {"form_end": "backend"})
        return events

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """Called when the told slots were read; may ask the backend. Returns slots to set."""
        return {}

    @staticmethod
    def _keep(tracker: Tracker, found: dict[str, Any]) -> list[EventType]:
        tracker.slots.update(found)
        return [SlotSet(name, value) for name, value in found.items()]


def wrong(
    dispatcher: CollectingDispatcher, tracker: Tracker, slot: str, response: str, hint: str, **values: Any
) -> dict[str, Any]:
    """
    The answer for *slot* was of no use: say *response*, or *hint* to somebody who does not know; count it. Returns the
    slots to set.
    """
    tries = int(tracker.slots.get("tries") or 0) + 1
    if tries >= MAX_TRIES:
        return {slot: None, "tries": tries, "form_end": "tries"}
    dispatcher.utter_message(response=hint if intent(tracker) in NOT_KNOWING else response, **values)
    report(dispatcher, "asked", f"asked again for the {slot.replace('_', ' ')}")
    return {slot: None, "tries": tries}


def read_email(value: Any) -> str | None:
    """The address in one spelling, or None when *value* is not one."""
    text = str(value).strip().lower()
    return text if EMAIL.fullmatch(text) else None
