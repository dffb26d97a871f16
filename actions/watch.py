"""The action that runs on every turn, before anything is decided, and the one that hands over."""

from __future__ import annotations

from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turns import NO_FORM, PERSON, customer, hand_over, intent, judge, turns
from bot.core.escalation import Decision
from bot.language import read

ASKS = "I want to talk to a person."
"""What a pressed button, or a yes to the offer, says."""


class Watch(Action):
    """
    Judges mood and need for a person after each message of the customer. Fills the slots *verdict* (None: the bot may
    go on), *mood* and *tone*; takes a signed customer's address over; forgets an *offer* that was not taken up.
    """

    def name(self) -> str:
        return "action_watch"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        seen = turns(tracker)
        if asks_by_button(tracker):
            seen = (*seen[:-1], msgspec.structs.replace(seen[-1], features=read(ASKS)))
        verdict = judge(tracker, seen)
        mood, decision = verdict.mood, verdict.decision
        events = [
            SlotSet("verdict", msgspec.to_builtins(decision) if decision.escalate else None),
            SlotSet("mood", msgspec.to_builtins(mood)),
            SlotSet("tone", tone(mood.value)),
        ]
        if tracker.get_slot("offer"):
            events.append(SlotSet("offer", None))
        who = customer(tracker)
        if who.sure == "signed" and who.email and not tracker.get_slot("identity"):
            email = who.email.lower()
            events.append(SlotSet("identity", {"email": email, "name": who.name}))
            if not tracker.get_slot("email"):
                events.append(SlotSet("email", email))
        return events


class HandOff(Action):
    """Says what the decision says and gives it to the engine; a form that waited for an answer waits no longer."""

    def name(self) -> str:
        return "action_handoff"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        hand_over(dispatcher, msgspec.convert(tracker.get_slot("verdict"), Decision))
        return [SlotSet("verdict", None), *NO_FORM]


def asks_by_button(tracker: Tracker) -> bool:
    """Whether this message is the pressed "Talk to a person", or a yes to that offer."""
    pressed = str((tracker.latest_message or {}).get("text") or "").startswith("/ask_person")
    return pressed or (tracker.get_slot("offer") == PERSON and intent(tracker) == "affirm")


def tone(value: float) -> str:
    """The wording for a mood of *value*: ``calm``, ``annoyed`` or ``distressed``."""
    return "distressed" if value >= 0.75 else "annoyed" if value >= 0.5 else "calm"
