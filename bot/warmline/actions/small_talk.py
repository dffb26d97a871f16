"""The turns that are about the conversation itself: not understood, not possible, stop, again, what do you know."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from warmline.actions.forms import about_slot
from warmline.actions.services import services
from warmline.actions.tasks import OWN_TO_A_RUN
from warmline.actions.turns import PERSON, TALK_TO_PERSON, confidence, failed, intent, metadata, report, turns, words_of
from warmline.core.facts import for_customer, known

_AGAIN = re.compile(r"^((Once more|Here it is again|Once again|To say it again): )+")
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


class Unsure(Action):
    """
    Not understood. The first time in a row it asks which of the likeliest things was meant, the second time it offers
    a person as well, the third time warmline.core.escalation hands over.
    """

    def name(self) -> str:
        return "action_warmline_unsure"

    async def instead(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """What a bot of one's own knows to do before it asks; returns its events, none when there is nothing."""
        return []

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if intent(tracker) == "out_of_scope" and confidence(tracker) >= SURE_IT_IS_NOT_OURS:
            dispatcher.utter_message(response="utter_warmline_out_of_scope")
            report(dispatcher, "answered", "said that this is nothing it can help with")
            return [LISTEN]
        instead = await self.instead(dispatcher, tracker)
        if instead:
            return instead
        choices = likely(tracker)
        again = unsure_in_a_row(tracker) > 0
        response = "utter_warmline_unsure" + ("_again" if again else "") + ("", "_one", "_choice")[len(choices)]
        buttons = choices if choices and not again else [*choices, TALK_TO_PERSON]
        events = failed(
            dispatcher, tracker, "unsure", "did not understand, asked what was meant", response, buttons=buttons
        )
        if len(choices) == 1 and not again and events and events[-1].get("name") == "warmline_offer":
            events = [*events[:-1], SlotSet("warmline_offer", choices[0]["payload"])]  # a yes means the only one
        elif choices and not again:
            events = [event for event in events if event.get("name") != "warmline_offer"]
        return [*events, LISTEN]


class NotMeant(Action):
    """Answered something else than was asked: asks what was meant, and counts it as an answer that did not help."""

    def name(self) -> str:
        return "action_warmline_not_meant"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return failed(
            dispatcher,
            tracker,
            "unsure",
            "had answered something else, asked what was meant",
            "utter_warmline_not_meant",
        )


class Cannot(Action):
    """Understood, and not for a machine to answer: says so and offers a person."""

    def name(self) -> str:
        return "action_warmline_cannot"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        did = f"left it to a person: {intent(tracker).replace('_', ' ')}"
        return failed(dispatcher, tracker, "failed", did, "utter_warmline_for_a_person")


class OfferPerson(Action):
    """Asked for a person in words that the rules do not know: better ask than guess."""

    def name(self) -> str:
        return "action_warmline_offer_person"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        dispatcher.utter_message(response="utter_warmline_offer_person")
        report(dispatcher, "asked", "offered a person")
        return [SlotSet("warmline_offer", PERSON)]


class Stop(Action):
    """
    Leaves the form that runs; what was told so far stays known, but for *fleeting* slots. At a last question words of a
    yes ("yeah do it, whatever") are asked about again: nobody who said them wanted to stop.
    """

    fleeting: ClassVar[tuple[str, ...]] = ()

    def name(self) -> str:
        return "action_warmline_stop"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        said = words_of(tracker)
        if tracker.active_loop_name and tracker.get_slot("requested_slot") == "confirm" and sounds_like_yes(said):
            dispatcher.utter_message(response="utter_warmline_confirm_unclear")
            report(dispatcher, "asked", "could not tell whether that was a yes")
            return [FollowupAction(tracker.active_loop_name)]
        dispatcher.utter_message(response="utter_warmline_stopped")
        report(dispatcher, "answered", "stopped at the customer's wish")
        over = ("requested_slot", *OWN_TO_A_RUN, *self.fleeting)
        return [ActiveLoop(None), *(SlotSet(name, None) for name in over if name in tracker.slots)]


class Repeat(Action):
    """
    Says the last words of the bot again, with their choices. In a form it says what the question is about in other
    words; the form asks again by itself.
    """

    def name(self) -> str:
        return "action_warmline_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        said, asked = last_words(tracker), tracker.get_slot("requested_slot")
        if tracker.active_loop_name and asked:
            dispatcher.utter_message(response=about_slot(str(asked)).hint or "utter_warmline_in_other_words")
            report(dispatcher, "answered", "put its question in other words")
        elif unsure_in_a_row(tracker):
            dispatcher.utter_message(
                response="utter_warmline_unsure_explained", buttons=last_buttons(tracker) or [TALK_TO_PERSON]
            )
            report(dispatcher, "asked", "put its question in other words")
        elif said:
            dispatcher.utter_message(response="utter_warmline_again", words=said, buttons=last_buttons(tracker))
            report(dispatcher, "answered", "repeated its last answer")
        else:
            dispatcher.utter_message(response="utter_warmline_nothing_said")
            report(dispatcher, "answered", "had nothing to repeat")
        return []


class WhatYouKnow(Action):
    """Tells what is known by now, after a hand-back for example."""

    def name(self) -> str:
        return "action_warmline_what_you_know"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        told = self.known(tracker)
        if told:
            dispatcher.utter_message(response="utter_warmline_known", known=told)
        else:
            dispatcher.utter_message(response="utter_warmline_nothing_known")
        report(dispatcher, "answered", "told what it knows")
        return []

    def known(self, tracker: Tracker) -> str:
        """The facts as a customer may read them, the same that agents are shown; empty when there are none."""
        listed = services().rules.facts
        facts = known(listed, tracker.current_slot_values(), metadata(tracker).get("slots_at_start"))
        return for_customer(facts, listed)


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
        if one.get("confidence", 0.0) >= MIN_CONFIDENCE and (title := services().titles.of(str(one.get("name"))))
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
