"""What an action sees of the conversation, and how it tells the engine what it did."""

from __future__ import annotations

from typing import Any

import msgspec
from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.room import room
from bot.core.ask import Outcome
from bot.core.conversation import Customer
from bot.core.escalation import Assessment, Decision, assess
from bot.core.features import Turn
from bot.core.mood import WINDOW, failed_turns
from bot.language import with_features

PERSON = "person"
"""The value of the slot *offer* while a yes means: bring in a person."""

TALK_TO_PERSON = {"title": "Talk to a person", "payload": "/ask_person"}

NO_FORM: tuple[EventType, ...] = (ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("tries", None))
"""A form that waited for an answer waits no longer: nothing is asked once a person takes over."""

LOOK_BACK = 12

TOPICS = {
    "crisis": "crisis",
    "fraud": "fraud",
    "legal_threat": "legal",
    "outage": "outage",
    "billing_dispute": "billing_dispute",
    "contract_change": "contract_change",
    "complaint": "complaint",
}
"""Intents that a person should see, and the topic in escalation.yml that each is."""
SURE_OF_TOPIC = {"crisis": 0.0}
"""How sure the classifier must be of a topic; a crisis counts whenever nothing else is likelier."""
OTHER_TOPIC = 0.5
"""docs/measurements.md, "Where the lines are drawn", says why these."""
MIN_LETTERS = 4
COMPLAINT = "complaint"


def metadata(tracker: Tracker) -> dict[str, Any]:
    """What the bridge sent along with the customer's message; empty in ``rasa shell``."""
    found = (tracker.latest_message or {}).get("metadata")
    return found if isinstance(found, dict) else {}


def customer(tracker: Tracker) -> Customer:
    """Who writes; a guest without a name when nobody said."""
    return msgspec.convert(metadata(tracker).get("customer") or {"id": "guest"}, Customer)


def ask_id(tracker: Tracker) -> str:
    """The key of this question: the same again must not act twice."""
    return str(metadata(tracker).get("id") or (tracker.latest_message or {}).get("message_id") or tracker.sender_id)


def intent(tracker: Tracker) -> str:
    """What the customer's message was taken for."""
    return str(((tracker.latest_message or {}).get("intent") or {}).get("name") or "")


def confidence(tracker: Tracker) -> float:
    """How sure that is, 0 to 1."""
    return float(((tracker.latest_message or {}).get("intent") or {}).get("confidence") or 0.0)


def turns(tracker: Tracker) -> tuple[Turn, ...]:
    """
    The last turns as the bridge's log has them, the customer's newest last, with their features; without a bridge, as
    the tracker has them.
    """
    sent = metadata(tracker).get("turns")
    if sent:
        return with_features(msgspec.convert(sent, tuple[Turn, ...]))
    told = [
        Turn(role="customer" if event["event"] == "user" else "bot", text=event.get("text") or "")
        for event in tracker.events
        if event["event"] in ("user", "bot") and event.get("text")
    ]
    return with_features(told[-LOOK_BACK:], infer_outcomes=True)


def judge(tracker: Tracker, seen: tuple[Turn, ...]) -> Assessment:
    """bot.core.escalation's verdict on *seen*, under the rules, the intent and what a person already dealt with."""
    again = tuple(metadata(tracker).get("handed_back_for") or ())
    found = topics(tracker)
    certain = tuple(topic for topic in found if topic != COMPLAINT)
    verdict = assess(seen, room().rules, handed_back_for=again, topics=certain)
    if verdict.decision.escalate or certain == found or again:
        return verdict
    # what sounds like a complaint is one only when nothing says more, the mood for example, and nobody has heard it yet
    return assess(seen, room().rules, topics=found)


def topics(tracker: Tracker) -> tuple[str, ...]:
    """
    The high-stakes topic that the intent classifier found in the customer's message, if any: the phrases of
    bot.language find most of them, and the classifier those in other words.

    Read from the ranking, so that "not sure enough to answer" does not hide it. A text that is nothing but an order
    number, an address or a code has no topic.
    """
    message = tracker.latest_message or {}
    text = str(message.get("text") or "")
    for entity in message.get("entities") or []:
        text = text.replace(text[entity.get("start") or 0 : entity.get("end") or 0], " ")
    if sum(char.isalpha() for char in text) < MIN_LETTERS or text.lstrip().startswith("/"):
        return ()
    ranking = message.get("intent_ranking") or [message.get("intent") or {}]
    top: dict[str, Any] = next((one for one in ranking if one.get("name") not in (None, "nlu_fallback")), {})
    topic = TOPICS.get(str(top.get("name")))
    if topic is None or float(top.get("confidence") or 0.0) < SURE_OF_TOPIC.get(topic, OTHER_TOPIC):
        return ()
    return (topic,)


def report(dispatcher: CollectingDispatcher, outcome: Outcome, did: str) -> None:
    """Tell the engine how it went, for the turn's analysis; *did* in a few words for an agent."""
    dispatcher.utter_message(json_message={"report": {"outcome": outcome, "did": did}})


def hand_over(dispatcher: CollectingDispatcher, decision: Decision) -> None:
    """Say what *decision* says, and give it to the engine."""
    dispatcher.utter_message(text=decision.say)
    dispatcher.utter_message(json_message={"handoff": msgspec.to_builtins(decision)})


def failed(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    outcome: Outcome,
    did: str,
    response: str,
    *,
    enough: bool = False,
    **values: Any,
) -> list[EventType]:
    """
    The bot did not help this time. When that was one time too often, or *enough* says so, a person takes over at once
    instead of another apology; else *response* is said. Returns the events to add.
    """
    report(dispatcher, outcome, did)
    seen = turns(tracker)
    count = max(1, room().rules.thresholds.failures - len(failed_turns(seen[-WINDOW:]))) if enough else 1
    decision = (
        judge(tracker, (*seen, *[Turn(role="bot", text="", seq=seen[-1].seq, outcome=outcome)] * count)).decision
        if seen
        else None
    )
    if decision is not None and decision.escalate:
        hand_over(dispatcher, decision)
        return list(NO_FORM)
    dispatcher.utter_message(response=response, **values)
    return [SlotSet("offer", PERSON)]
