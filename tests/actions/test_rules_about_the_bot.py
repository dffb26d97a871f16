"""What the actions hand to the rules of the bot's own: its intents, entities, slots, topics and what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.backend.demo import DemoShop
from actions.services import ShopServices
from warmline.actions.services import use_services
from warmline.actions.turns import denied, slots_now, taken_for, topic_of
from warmline.actions.watch import Watch, asks_by_button
from warmline.rules_file import load_rules

from ..own_rules import ROOT, source, written
from .conftest import NOW, slots_of, tracker

MAPPED = {
    "slots": {
        "plan": {"type": "text", "mappings": [{"type": "from_entity", "entity": "plan"}]},
        "wish": {"type": "text", "mappings": [{"type": "from_intent", "intent": "refund_gold", "value": "refund"}]},
        "other": {"type": "text", "mappings": [{"type": "from_entity", "entity": "plan", "not_intent": "refund_gold"}]},
        "asked": {
            "type": "text",
            "mappings": [{"type": "from_entity", "entity": "plan", "conditions": [{"active_loop": "plan_form"}]}],
        },
    }
}
GOLD = [{"entity": "plan", "value": "gold", "start": 0, "end": 4}]


@pytest.fixture
def ruled(tmp_path: Path, shop: DemoShop) -> Any:
    """The room with the shipped rules and something of a test's own."""

    def with_rules(when: str = "", **parts: str) -> None:
        rules = load_rules(written(tmp_path, source(when, **parts)))
        use_services(ShopServices(lambda: rules, shop, lambda: NOW, root=ROOT))

    return with_rules


async def rule(domain: dict[str, Any] | None = None, **kwargs: Any) -> str:
    """The rule by which this turn is handed over; empty for none."""
    slots = slots_of(await Watch().run(CollectingDispatcher(), tracker(**kwargs), domain or {}))
    return slots["warmline_verdict"]["rule"] if slots["warmline_verdict"] else ""


async def test_the_intent_of_the_turn_is_seen(ruled: Any) -> None:
    """With its confidence; of what was not understood the likeliest counts too, with its own."""
    ruled("{intent: refund_gold, confidence: 0.4}")
    assert await rule(text="the thing with gold", intent="refund_gold", confidence=0.45) == "own"
    assert await rule(text="the thing with gold", intent="refund_gold", confidence=0.35) == ""
    ranking = [{"name": "nlu_fallback", "confidence": 0.45}, {"name": "refund_gold", "confidence": 0.42}]
    assert await rule(text="the thing with gold", intent="nlu_fallback", confidence=0.45, ranking=ranking) == "own"


def test_what_a_response_selector_answers_has_its_whole_name() -> None:
    """Beside the intent that Rasa's domain knows."""
    seen = tracker("when do you open", "faq", confidence=0.9)
    answer = {"response": {"intent_response_key": "faq/opening_hours", "confidence": 0.8}}
    other = {"response": {"intent_response_key": "chitchat/weather", "confidence": 0.9}}
    seen.latest_message["response_selector"] = {"all_retrieval_intents": ["faq"], "faq": answer, "chitchat": other}
    assert taken_for(seen) == (("faq", 0.9), ("faq/opening_hours", 0.8))


async def test_slots_and_entities_of_the_turn_are_seen(ruled: Any) -> None:
    """Those filled before, and those that this very message fills."""
    ruled("{slot: {plan: gold}}")
    assert await rule(text="hello there", slots={"plan": "gold"}) == "own"
    assert await rule(text="hello there", slots={"plan": "silver"}) == ""
    assert await rule(MAPPED, text="gold please", entities=GOLD, slots={"plan": None}) == "own"
    ruled("{entity: plan}")
    assert await rule(text="gold please", entities=GOLD) == "own"
    assert await rule(text="gold please") == ""


def test_mappings_fill_slots_as_rasa_will() -> None:
    """From entities and intents, for the intents they are meant for; what is a form's own is left to the form."""
    seen = tracker("gold please", "refund_gold", entities=GOLD, slots={"plan": None, "kept": "1"})
    assert slots_now(seen, MAPPED) == {"plan": "gold", "wish": "refund", "kept": "1"}
    assert slots_now(tracker("gold", "greet", entities=GOLD), MAPPED) == {"plan": "gold", "other": "gold"}


async def test_phrases_and_intents_of_a_topic_of_ones_own_are_heard(ruled: Any) -> None:
    """In the bridge's log of the conversation, and from the classifier."""
    ruled("{topic: gold}", topics='gold: {intents: [refund_gold], phrases: ["refund for gold members"]}')
    log = [{"role": "customer", "text": "is there a refund for gold members", "seq": 1}]
    assert await rule(text=log[0]["text"], intent="greet", turns=log) == "own"
    ranking = [{"name": "refund_gold", "confidence": 0.6}, {"name": "greet", "confidence": 0.2}]
    assert await rule(text="the thing with gold", intent="refund_gold", ranking=ranking) == "own"
    ranking = [{"name": "refund_gold", "confidence": 0.4}, {"name": "greet", "confidence": 0.2}]
    assert await rule(text="the thing with gold", intent="refund_gold", ranking=ranking) == ""


def test_several_intents_of_one_grave_topic_count_together(tmp_path: Path, shop: DemoShop) -> None:
    """Torn between two ways to say it, it is still said."""
    text = source().replace("danger: {intents: danger}", "danger: {intents: [fire, shock]}")
    rules = load_rules(written(tmp_path, text))
    use_services(ShopServices(lambda: rules, shop, lambda: NOW, root=ROOT))
    assert topic_of({"greet": 0.4, "fire": 0.3, "shock": 0.28}) == "danger"
    assert topic_of({"greet": 0.4, "fire": 0.3, "danger": 0.28}) is None


def test_meanings_of_intents_are_the_project_s(ruled: Any) -> None:
    """What is off topic, what is about the bot and what a yes is, by the names that escalation.yml has for them."""
    likely = [{"name": "weather", "confidence": 0.9}, {"name": "complaint", "confidence": 0.001}]
    seen = tracker("what a complaint of a day", "weather", ranking=likely)
    ruled()
    assert denied(seen) == ()
    ruled(intents="leave_it: [weather]")
    assert {"complaint", "legal", "asked"} <= set(denied(seen))
    assert not {"crisis", "danger"} & set(denied(tracker("hm", "weather", ranking=[likely[0] | {"confidence": 0.7}])))
    ruled(intents="affirm: [oui]")
    assert asks_by_button(tracker("oui", "oui", slots={"warmline_offer": "person"}))
    assert not asks_by_button(tracker("yes", "affirm", slots={"warmline_offer": "person"}))
