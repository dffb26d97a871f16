"""The action that runs on every turn, and the one that hands over."""

from __future__ import annotations

import msgspec
import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.backend.demo import DemoShop
from warmline.actions.turns import PERSON, call_person
from warmline.actions.watch import HandOff, Watch
from warmline.core.escalation import Decision
from warmline.core.mood import Mood

from .conftest import custom, said, slots_of, tracker

pytestmark = pytest.mark.usefixtures("shop")


async def watched(*args: object, **kwargs: object) -> dict[str, object]:
    return slots_of(await Watch().run(CollectingDispatcher(), tracker(*args, **kwargs), {}))  # type: ignore[arg-type]


async def test_a_calm_turn_has_a_mood_and_no_verdict() -> None:
    """The slots are written anew each time, so an old verdict cannot stay."""
    slots = await watched("where is my order", "order_status", slots={"warmline_verdict": {"escalate": True}})
    assert slots["warmline_verdict"] is None
    assert slots["warmline_tone"] == "calm"
    assert 0 <= msgspec.convert(slots["warmline_mood"], Mood).value < 0.5


async def test_anger_without_a_word_about_a_person_escalates() -> None:
    """The verdict names its cause and the turns that did it."""
    slots = await watched(
        "This is ridiculous, you are useless, I am furious",
        "complaint",
        turns=[
            {"role": "customer", "text": "where is my order", "seq": 1},
            {"role": "bot", "text": "I'm not sure what you mean.", "seq": 2, "outcome": "unsure"},
            {"role": "customer", "text": "This is ridiculous, you are useless, I am furious", "seq": 3},
        ],
    )
    decision = msgspec.convert(slots["warmline_verdict"], Decision)
    assert decision.escalate
    assert decision.cause == "mood"
    assert 3 in decision.turns
    assert slots["warmline_tone"] in ("annoyed", "distressed")


@pytest.mark.parametrize(
    ("text", "intent", "offer"),
    [("Talk to a person", "ask_person", None), ("/warmline_ask_person", "ask_person", None), ("yes", "affirm", PERSON)],
)
async def test_a_button_or_a_yes_to_the_offer_asks_for_a_person(text: str, intent: str, offer: str | None) -> None:
    """The words of the turn hold no request; what was offered makes them one."""
    slots = await watched(text, intent, slots={"warmline_offer": offer})
    assert msgspec.convert(slots["warmline_verdict"], Decision).cause == "asked"


async def test_the_pressed_yes_of_a_last_question_is_for_that_question() -> None:
    """Whatever was offered before it; a yes that is written is for the person."""
    asked = {"warmline_offer": PERSON, "requested_slot": "confirm"}
    assert (await watched("/affirm", "affirm", slots=asked))["warmline_verdict"] is None
    assert (await watched("yes", "affirm", slots=asked))["warmline_verdict"] is not None


async def test_the_offer_of_a_person_is_taken_up_in_other_words() -> None:
    """Not when they refuse it."""
    for text, taken in (
        ("can you ask a colleague whether I can return only the scale", True),
        ("yes, bring one in", True),
        ("no, don't bring a colleague", False),
    ):
        slots = await watched(text, "return_terms", slots={"warmline_offer": PERSON})
        assert (slots["warmline_verdict"] is not None) is taken


async def test_a_yes_without_an_offer_asks_for_nobody() -> None:
    """An offer lasts one turn."""
    assert (await watched("yes", "affirm"))["warmline_verdict"] is None
    assert (await watched("when are you open", "opening_hours", slots={"warmline_offer": PERSON}))[
        "warmline_offer"
    ] is None


async def test_a_signed_customer_need_not_tell_the_address() -> None:
    """The site vouches for it; a guest's address is not taken over."""
    signed = {"id": "c", "name": "Mara K.", "email": "Mara@example.com", "sure": "signed"}
    slots = await watched(customer=signed)
    assert slots["email"] == "mara@example.com"
    assert slots["warmline_identity"] == {"email": "mara@example.com", "name": "Mara K.", "by": "signed"}
    assert "email" not in await watched(customer={**signed, "sure": "guest"})
    assert "email" not in await watched(customer=signed, slots={"email": "other@example.com"})


async def test_handing_over_says_what_the_decision_says_and_ends_the_form(shop: DemoShop) -> None:
    """The engine gets the decision whole; a form that waited does not ask again after the person left."""
    verdict = (await watched("let me talk to a human", "ask_person"))["warmline_verdict"]
    waiting = {"warmline_verdict": verdict, "requested_slot": "email"}
    dispatcher = CollectingDispatcher()
    events = await HandOff().run(dispatcher, tracker(slots=waiting, loop="order_form"), {})
    assert said(dispatcher) == [msgspec.convert(verdict, Decision).say]
    assert custom(dispatcher, "handoff") == [verdict]
    assert {"event": "active_loop", "name": None, "timestamp": None} in events
    assert slots_of(events)["requested_slot"] is None


def test_an_action_may_call_a_person_whatever_the_rules_say() -> None:
    """With a reason, words, a queue and a time of its own; a form that waits ends."""
    dispatcher = CollectingDispatcher()
    calm = tracker("I have a gold card", slots={"requested_slot": "email"}, loop="order_form")
    events = call_person(dispatcher, calm, rule="vip", say="I'm passing this to Kim.", queue="support", urgency_min=3)
    decision = msgspec.convert(custom(dispatcher, "handoff")[0], Decision)
    assert (decision.escalate, decision.rule, decision.queue, decision.urgency_min) == (True, "vip", "support", 3)
    assert said(dispatcher) == ["I'm passing this to Kim."]
    assert slots_of(events) == {"requested_slot": None}


async def test_a_sentence_that_a_form_took_for_its_answer_is_forgotten(shop: DemoShop) -> None:
    """Who asks for a person in a form has not said how many people come."""
    text = "let me talk to a human"
    verdict = (await watched(text, "ask_person"))["warmline_verdict"]
    for taken, left in ((text, {"people": None}), ("4", {})):
        waiting = {"warmline_verdict": verdict, "requested_slot": "people", "people": taken}
        made = tracker(text, "ask_person", slots=waiting, loop="table_form")
        events = slots_of(await HandOff().run(CollectingDispatcher(), made, {}))
        assert {name: value for name, value in events.items() if name == "people"} == left


async def test_without_a_bridge_the_tracker_s_own_events_are_judged() -> None:
    """In rasa shell there is no metadata; the watch works all the same."""
    bare = tracker("I want to talk to a human", "ask_person")
    bare.latest_message["metadata"] = {}
    slots = slots_of(await Watch().run(CollectingDispatcher(), bare, {}))
    assert slots["warmline_verdict"] is not None
