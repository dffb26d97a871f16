"""The turns about the conversation itself in which the shop knows more to do than every bot does."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.account_tasks import asks_for_box
from actions.requests import request_of
from actions.tasks import offer_to_put_back
from warmline.actions import small_talk
from warmline.actions.turns import failed, report, words_of

_CANCELLING = re.compile(r"\b(cancel|order|keep|stornier|bestell|annul|command|pedid|ordin)", re.IGNORECASE)
"""Words of somebody who does not want an order cancelled, in the languages that are heard."""
_REGRET = re.compile(
    r"\bcancel|\bkeep\b|\bafter all\b|\b(?:my|changed) mind\b|\bmistake\b|"
    r"\b(?:get|have|put|take) (?:it|that|them) back\b|"
    r"\bstill (?:have|get|want)\b",
    re.IGNORECASE,
)
"""Words of somebody who may want back what was cancelled just now."""


class Unsure(small_talk.Unsure):
    """Not understood: what was cancelled just now may be wanted back, or a request is named beside an order."""

    def name(self) -> str:
        return "action_unsure"

    async def instead(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        if tracker.active_loop_name:
            return []
        text = words_of(tracker)
        if _REGRET.search(text) and (put_back := offer_to_put_back(dispatcher, tracker)):
            return put_back
        form = request_of(text)
        if form and about_an_order(tracker):
            return [FollowupAction(form)]
        return [FollowupAction("pause_form")] if asks_for_box(tracker) else []  # it tells, and ends


class Stop(small_talk.Stop):
    """Leaves the form that runs."""

    fleeting: ClassVar[tuple[str, ...]] = (
        "reset_code",
        "reset_sent_to",
        "proof_code",
        "proof_sent_to",
        "pending_request",
        "own_orders",
        "order_choice",
    )

    def name(self) -> str:
        return "action_stop"


class WhyNot(Action):
    """Asked why something cannot be done: what decides is not the assistant, and somebody else may."""

    def name(self) -> str:
        return "action_why_not"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return failed(dispatcher, tracker, "failed", "could not say more about why it is not possible", "utter_why_not")


class LeaveIt(Action):
    """Something is not wanted ("please don't cancel my order"): leaves the form that runs, if any, and says so."""

    def name(self) -> str:
        return "action_leave_it"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if tracker.active_loop_name:
            return await Stop().run(dispatcher, tracker, domain)
        text = words_of(tracker)
        if _CANCELLING.search(text) and (put_back := offer_to_put_back(dispatcher, tracker)):
            return put_back
        dispatcher.utter_message(response="utter_left")
        report(dispatcher, "answered", "left everything as it is")
        return []


def about_an_order(tracker: Tracker) -> bool:
    """Whether an order was spoken of last, or is named in this message."""
    spoken_of = (tracker.get_slot("topic") or {}).get("kind") == "order" and tracker.get_slot("order_number")
    entities = (tracker.latest_message or {}).get("entities") or []
    return bool(spoken_of) or any(one.get("entity") == "order_number" for one in entities)
