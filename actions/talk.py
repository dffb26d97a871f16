"""The turns that are about the conversation itself: not understood, not possible, stop, again, what do you know."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.account_tasks import asks_for_box
from actions.errands import errand_of
from actions.room import room
from actions.tasks import offer_to_put_back
from actions.turns import PERSON, TALK_TO_PERSON, confidence, failed, intent, report, turns, words_of

_AGAIN = re.compile(r"^((Once more|Here it is again|Once again|To say it again): )+")
_CANCELLING = re.compile(r"\b(cancel|order|keep|stornier|bestell|annul|command|pedid|ordin)", re.IGNORECASE)
"""Words of somebody who does not want an order cancelled, in the languages that are heard."""
MIN_CONFIDENCE = 0.15
"""What is likelier is offered on a button. With less likely meanings 26 of 39 such questions offered absurd ones."""
MAX_CHOICES = 2
SURE_IT_IS_NOT_OURS = 0.9
"""Below, words that fit nothing are more likely to be a question of ours that was not understood."""


LISTEN = FollowupAction("action_listen")
"""Rasa asks for action_unsure also where no rule says what comes next, and would ask for it again, up to ten times."""
_WANTS_IT = re.compile(
    r"\b(?:do it|do that|go ahead|go for it|send it|send the|just send|i said yes|yes|yeah|yep|yup|sure|ok(?:ay)? do)\b"
)
_LEAVES_IT = re.compile(
    r"\b(?:stop|leave|forget|never ?mind|nvm|cancel that|quit|abort|no|not|don'?t|enough|drop it|skip it|give up|later|"
    r"another time|call it off)\b"
)


HINTS = {
    "order_number": "utter_order_number_hint",
    "email": "utter_email_hint",
    "reset_code": "utter_code_hint",
    "proof_code": "utter_code_hint",
}
"""What explains the question for a slot."""


_REGRET = re.compile(
    r"\bcancel|\bkeep\b|\bafter all\b|\b(?:my|changed) mind\b|\bmistake\b|"
    r"\b(?:get|have|put|take) (?:it|that|them) back\b|"
    r"\bstill (?:have|get|want)\b",
    re.IGNORECASE,
)
"""Words of somebody who may want back what was cancelled just now."""


class Unsure(Action):
    """
    Not understood. The first time in a row it asks which of the likeliest things was meant, the second time it offers
    a person as well, the third time warmline.core.escalation hands over.
    """

    def name(self) -> str:
        return "action_unsure"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if intent(tracker) == "out_of_scope" and confidence(tracker) >= SURE_IT_IS_NOT_OURS:
            dispatcher.utter_message(response="utter_out_of_scope")
            report(dispatcher, "answered", "said that this is nothing it can help with")
            return [LISTEN]
        text = words_of(tracker)
        if (
            not tracker.active_loop_name
            and _REGRET.search(text)
            and (put_back := offer_to_put_back(dispatcher, tracker))
        ):
            return put_back
        form = errand_of(text)
        if form and not tracker.active_loop_name and about_an_order(tracker):
            return [FollowupAction(form)]
        if not tracker.active_loop_name and asks_for_box(tracker):
            return [FollowupAction("pause_form")]  # it tells, and ends
        choices = likely(tracker)
        again = unsure_in_a_row(tracker) > 0
        response = "utter_unsure" + ("_again" if again else "") + ("", "_one", "_choice")[len(choices)]
        buttons = choices if choices and not again else [*choices, TALK_TO_PERSON]
        events = failed(
            dispatcher, tracker, "unsure", "did not understand, asked what was meant", response, buttons=buttons
        )
        if len(choices) == 1 and not again and events and events[-1].get("name") == "offer":
            events = [*events[:-1], SlotSet("offer", choices[0]["payload"])]  # a yes means the only one
        elif choices and not again:
            events = [event for event in events if event.get("name") != "offer"]
        return [*events, LISTEN]


class NotMeant(Action):
    """Answered something else than was asked: asks what was meant, and counts it as an answer that did not help."""

    def name(self) -> str:
        return "action_not_meant"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return failed(
            dispatcher, tracker, "unsure", "had answered something else, asked what was meant", "utter_not_meant"
        )


class Cannot(Action):
    """Understood, and not for a machine to answer: says so and offers a person."""

    def name(self) -> str:
        return "action_cannot"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        did = f"left it to a person: {intent(tracker).replace('_', ' ')}"
        return failed(dispatcher, tracker, "failed", did, "utter_for_a_person")


class WhyNot(Action):
    """Asked why something cannot be done: what decides is not the assistant, and somebody else may."""

    def name(self) -> str:
        return "action_why_not"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return failed(dispatcher, tracker, "failed", "could not say more about why it is not possible", "utter_why_not")


class OfferPerson(Action):
    """Asked for a person in words that the rules do not know: better ask than guess."""

    def name(self) -> str:
        return "action_person"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        dispatcher.utter_message(response="utter_offer_person")
        report(dispatcher, "asked", "offered a person")
        return [SlotSet("offer", PERSON)]


class Stop(Action):
    """
    Leaves the form that runs; what was told so far stays known. At a last question words of a yes ("yeah do it,
    whatever") are asked about again: nobody who said them wanted to stop.
    """

    def name(self) -> str:
        return "action_stop"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        said = words_of(tracker)
        if tracker.active_loop_name and tracker.get_slot("requested_slot") == "confirm" and sounds_like_yes(said):
            dispatcher.utter_message(response="utter_confirm_unclear")
            report(dispatcher, "asked", "could not tell whether that was a yes")
            return [FollowupAction(tracker.active_loop_name)]
        dispatcher.utter_message(response="utter_stopped")
        report(dispatcher, "answered", "stopped at the customer's wish")
        over = (
            "requested_slot",
            "form_end",
            "tries",
            "reset_code",
            "reset_sent_to",
            "proof_code",
            "proof_sent_to",
            "confirm",
            "errand",
            "own_orders",
            "order_choice",
        )
        return [ActiveLoop(None), *(SlotSet(name, None) for name in over)]


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


class Repeat(Action):
    """
    Says the last words of the bot again, with their choices. In a form it says what the question is about in other
    words; the form asks again by itself.
    """

    def name(self) -> str:
        return "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        said, asked = last_words(tracker), tracker.get_slot("requested_slot")
        if tracker.active_loop_name and asked:
            dispatcher.utter_message(response=HINTS.get(str(asked), "utter_in_other_words"))
            report(dispatcher, "answered", "put its question in other words")
        elif unsure_in_a_row(tracker):
            dispatcher.utter_message(
                response="utter_unsure_explained", buttons=last_buttons(tracker) or [TALK_TO_PERSON]
            )
            report(dispatcher, "asked", "put its question in other words")
        elif said:
            dispatcher.utter_message(response="utter_again", words=said, buttons=last_buttons(tracker))
            report(dispatcher, "answered", "repeated its last answer")
        else:
            dispatcher.utter_message(response="utter_nothing_said")
            report(dispatcher, "answered", "had nothing to repeat")
        return []


class WhatYouKnow(Action):
    """Tells what is known by now, after a hand-back for example."""

    def name(self) -> str:
        return "action_what_you_know"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        known = known_in_words(tracker)
        if known:
            dispatcher.utter_message(response="utter_known", known=known)
        else:
            dispatcher.utter_message(response="utter_nothing_known")
        report(dispatcher, "answered", "told what it knows")
        return []


def about_an_order(tracker: Tracker) -> bool:
    """Whether an order was spoken of last, or is named in this message."""
    spoken_of = (tracker.get_slot("topic") or {}).get("kind") == "order" and tracker.get_slot("order_number")
    entities = (tracker.latest_message or {}).get("entities") or []
    return bool(spoken_of) or any(one.get("entity") == "order_number" for one in entities)


def sounds_like_yes(text: str) -> bool:
    """Whether *text* has words that want it done, and none that want it left."""
    lower = text.lower().replace("\u2019", "'")
    return _WANTS_IT.search(lower) is not None and _LEAVES_IT.search(lower) is None


def likely(tracker: Tracker) -> list[dict[str, str]]:
    """Buttons for the one or two likeliest things that can be chosen; none when nothing is likely enough."""
    ranking = (tracker.latest_message or {}).get("intent_ranking") or []
    titled = [
        (one["name"], title)
        for one in ranking
        if one.get("confidence", 0.0) >= MIN_CONFIDENCE and (title := room().titles.of(str(one.get("name"))))
    ]
    return [{"title": title, "payload": f"/{name}"} for name, title in titled[:MAX_CHOICES]]


def last_buttons(tracker: Tracker) -> list[dict[str, str]]:
    """The buttons under the bot's last words before this message."""
    asked = False
    for event in reversed(tracker.events):
        if event["event"] == "user":
            if asked:
                break
            asked = True
        elif asked and event["event"] == "bot" and (event.get("data") or {}).get("buttons"):
            return list(event["data"]["buttons"])
    return []


def unsure_in_a_row(tracker: Tracker) -> int:
    """How many of the bot's last turns in a row were not understood."""
    count = 0
    for turn in reversed(turns(tracker)):
        if turn.role == "agent" or (turn.role == "bot" and turn.outcome not in ("unsure", None)):
            break
        count += turn.role == "bot" and turn.outcome == "unsure"
    return count


def last_words(tracker: Tracker) -> str:
    """What the bot said last, without the words that said it was a repetition."""
    said: list[str] = []
    for turn in reversed(turns(tracker)[:-1]):
        if turn.role != "bot":
            break
        said.append(turn.text)
    return _AGAIN.sub("", " ".join(reversed(said)))


def known_in_words(tracker: Tracker) -> str:
    """The slots as a customer may read them."""
    order = tracker.get_slot("order") or {}
    number, email, reset = (tracker.get_slot(name) for name in ("order_number", "email", "reset_state"))
    parts = []
    if number:
        same = order.get("number") == number
        state = f" ({order['state']})" if same else ""
        parts.append(f"your order {number}{state}")
        if same and order.get("refund"):
            parts.append(f"a refund of {order['refund']}")
    if email:
        parts.append(f"your e-mail address {email}")
    if reset:
        parts.append(f"your password reset: {reset}")
    parts += [f"done so far: {deed}" for deed in tracker.get_slot("deeds") or []]
    return ", ".join(parts)
