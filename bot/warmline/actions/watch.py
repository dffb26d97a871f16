"""The action that runs on every turn, before anything is decided, and the one that hands over."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from warmline.actions.services import services
from warmline.actions.turns import PERSON, customer, end_form, hand_over, intent, judge, metadata, turns, words_of
from warmline.core.escalation import Decision
from warmline.language import read
from warmline.language.language_detection import other_language

SORRY = {
    "de": "Ich kann leider nur auf Englisch antworten. ",
    "fr": "Je ne peux malheureusement répondre qu'en anglais. ",
    "es": "Lo siento, solo puedo responder en inglés. ",
    "it": "Purtroppo posso rispondere solo in inglese. ",
    "pt": "Infelizmente, só posso responder em inglês. ",
    "nl": "Ik kan helaas alleen in het Engels antwoorden. ",
    "pl": "Niestety mogę odpowiadać tylko po angielsku. ",
    "ru": "К сожалению, я могу отвечать только по-английски. ",
    "zh": "抱歉,我只能用英语回答。",
    "ja": "申し訳ありませんが、英語でしかお答えできません。",
    "ko": "죄송하지만 영어로만 답변할 수 있습니다. ",
    "ar": "عذرًا، لا أستطيع الرد إلا بالإنجليزية. ",
}
ASKS = "I want to talk to a person."
"""What a pressed button, or a yes to the offer, says."""


_TAKES_UP = re.compile(
    r"^(?!.*\b(?:no|not|don'?t|never|without)\b).*\b(?:bring|get|ask|fetch|call|connect|pass|put)\b[^.!?]{0,20}"
    r"\b(?:one in|colleague|person|someone|somebody|human|agent)\b",
    re.IGNORECASE | re.DOTALL,
)
"""The offer of a person, said again: "can you ask a colleague whether ..."."""


class Watch(Action):
    """
    Judges mood and need for a person after each message of the customer. Fills the slots *verdict* (None: the bot may
    go on), *mood* and *tone*; takes a signed customer's address over; forgets an *offer* that was not taken up.
    """

    def name(self) -> str:
        return "action_warmline_watch"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        seen = turns(tracker)
        if asks_by_button(tracker):
            seen = (*seen[:-1], msgspec.structs.replace(seen[-1], features=read(ASKS)))
        verdict = judge(tracker, seen, domain=domain)
        mood, decision = verdict.mood, verdict.decision
        events = [
            SlotSet("warmline_verdict", msgspec.to_builtins(decision) if decision.escalate else None),
            SlotSet("warmline_mood", msgspec.to_builtins(mood)),
            SlotSet("warmline_tone", tone(mood.value)),
        ]
        if tracker.get_slot("warmline_offer"):
            events.append(SlotSet("warmline_offer", None))
        events += [] if decision.escalate else own_language(tracker)
        who = customer(tracker)
        if who.sure == "signed" and who.email and not tracker.get_slot("warmline_identity"):
            email = who.email.lower()
            events.append(SlotSet("warmline_identity", {"email": email, "name": who.name, "by": "signed"}))
            if not tracker.get_slot("email"):
                events.append(SlotSet("email", email))
        return events


class HandOff(Action):
    """Says what the decision says and gives it to the engine; a form that waited for an answer waits no longer."""

    def name(self) -> str:
        return "action_warmline_handoff"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        hand_over(dispatcher, msgspec.convert(tracker.get_slot("warmline_verdict"), Decision))
        return [SlotSet("warmline_verdict", None), *end_form(tracker)]


def asks_by_button(tracker: Tracker) -> bool:
    """
    Whether this message is the pressed "Talk to a person", or a yes to that offer. The pressed yes of a last question
    answers that one.
    """
    text = words_of(tracker)
    if text.startswith("/affirm") and tracker.get_slot("requested_slot") == "confirm":
        return False
    taken_up = intent(tracker) in services().rules.intents.affirm or _TAKES_UP.search(text) is not None
    return text.startswith("/warmline_ask_person") or (tracker.get_slot("warmline_offer") == PERSON and taken_up)


def own_language(tracker: Tracker) -> list[EventType]:
    """Has it said once, in the customer's language too, that answers come in English. Returns the events to add."""
    if metadata(tracker).get("language", "en") != "en":
        return []  # the bot itself speaks another one
    language = other_language(words_of(tracker))
    asked = tracker.get_slot("requested_slot")
    if tracker.active_loop_name == "address_form" and asked in ("new_address", "confirm"):
        return []  # an address is in no language
    if language is None or tracker.get_slot("warmline_language_told") == language:
        return []
    preface = {"response": "utter_warmline_english_only", "sorry": SORRY.get(language, "")}
    return [SlotSet("warmline_preface", preface), SlotSet("warmline_language_told", language)]


def tone(value: float) -> str:
    """The wording for a mood of *value*: ``calm``, ``annoyed`` or ``distressed``."""
    return "distressed" if value >= 0.75 else "annoyed" if value >= 0.5 else "calm"
