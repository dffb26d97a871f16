"""Rules that look at the bot's own intents, slots, entities and topics: when they hold, and how they are explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from warmline.core.ask import slots_in
from warmline.core.escalation import Decision, assess
from warmline.core.features import Turn
from warmline.core.triggers import asked_for_person, engine_down, gone_silent
from warmline.language import with_features
from warmline.rules_file import load_rules

from ..own_rules import source, written

CALM = "could you look at this please"


def decided(
    folder: Path,
    when: str,
    text: str = CALM,
    *,
    topics: str = "",
    before: tuple[Turn, ...] = (),
    handed_back_for: tuple[str, ...] = (),
    **bot: Any,
) -> Decision:
    rules = load_rules(written(folder, source(when, topics=topics)))
    turns = (*before, Turn("customer", text, seq=len(before) + 1))
    return assess(with_features(turns, own=rules.phrases), rules, handed_back_for=handed_back_for, **bot).decision


@pytest.mark.parametrize(
    ("when", "intents", "holds"),
    [
        ("{intent: refund_gold}", (("refund_gold", 0.9),), True),
        ("{intent: refund_gold}", (("refund_gold", 0.49),), False),
        ("{intent: refund_gold}", (("order_status", 0.9),), False),
        ("{intent: refund_gold}", (), False),
        ("{intent: [refund_gold, refund_silver]}", (("refund_silver", 0.6),), True),
        ("{intent: refund_gold, confidence: 0.8}", (("refund_gold", 0.79),), False),
        ("{intent: refund_gold, confidence: 0.3}", (("nlu_fallback", 0.3), ("refund_gold", 0.31)), True),
        ("{intent: faq/refunds}", (("faq", 0.9), ("faq/refunds", 0.8)), True),
    ],
)
def test_an_intent_holds_when_the_bot_is_sure_enough(
    tmp_path: Path, when: str, intents: tuple[tuple[str, float], ...], holds: bool
) -> None:
    """With at least the confidence of the rule, 0.5 when it names none."""
    assert decided(tmp_path, when, intents=intents).escalate == holds


@pytest.mark.parametrize(
    ("when", "slots", "holds"),
    [
        ("{slot: plan}", {"plan": "gold"}, True),
        ("{slot: plan}", {"plan": None}, False),
        ("{slot: plan}", {"plan": ""}, False),
        ("{slot: plan}", {}, False),
        ("{slot: vip}", {"vip": False}, True),
        ("{slot: {plan: gold}}", {"plan": "Gold"}, True),
        ("{slot: {plan: gold}}", {"plan": "silver"}, False),
        ("{slot: {plan: [gold, silver]}}", {"plan": "silver"}, True),
        ("{slot: {plan: gold, country: de}}", {"plan": "gold", "country": "de"}, True),
        ("{slot: {plan: gold, country: de}}", {"plan": "gold", "country": "fr"}, False),
        ("{slot: {vip: true}}", {"vip": True}, True),
        ("{slot: {vip: true}}", {"vip": False}, False),
        ("{slot: {vip: true}}", {"vip": 1}, False),
        ("{slot: {months: 12}}", {"months": 12.0}, True),
        ("{slot: {months: 12}}", {"months": "12"}, True),
        ("{slot: {tags: urgent}}", {"tags": ["new", "urgent"]}, True),
    ],
)
def test_a_slot_holds_when_it_is_filled_with_that_value(
    tmp_path: Path, when: str, slots: dict[str, Any], holds: bool
) -> None:
    """Filled is enough without a value; several slots must all hold."""
    assert decided(tmp_path, when, slots=slots).escalate == holds


def test_an_entity_holds_for_the_last_message_only(tmp_path: Path) -> None:
    """It was found in it, whatever its value."""
    assert decided(tmp_path, "{entity: [card, iban]}", entities=("iban",)).escalate
    assert not decided(tmp_path, "{entity: card}", entities=("iban",)).escalate


def test_all_conditions_must_hold_together(tmp_path: Path) -> None:
    """An intent beside a slot and a mood: each alone is not enough."""
    when = "{intent: refund_gold, slot: {plan: gold}, mood: upset}"
    known: dict[str, Any] = {"intents": (("refund_gold", 0.9),), "slots": {"plan": "gold"}}
    angry = "this is ridiculous, you are useless, it still has not arrived!!"
    assert not decided(tmp_path, when, **known).escalate
    assert decided(tmp_path, when, angry, **known).rule == "own"
    assert decided(tmp_path, when, angry, intents=known["intents"], slots={"plan": "silver"}).rule != "own"


def test_a_failed_answer_after_the_message_no_longer_counts_its_intent(tmp_path: Path) -> None:
    """The customer's words were judged when they came; what the bot knows by now still counts."""
    rules = load_rules(written(tmp_path, source("{intent: refund_gold}")))
    seen = with_features((Turn("customer", CALM, seq=1), Turn("bot", "Sorry?", seq=2, outcome="failed")))
    assert not assess(seen, rules, intents=(("refund_gold", 0.9),)).decision.escalate
    rules = load_rules(written(tmp_path, source("{slot: {plan: gold}, failures: 1}")))
    assert assess(seen, rules, slots={"plan": "gold"}).decision.rule == "own"


@pytest.mark.parametrize(
    ("when", "bot", "signal", "text", "without"),
    [
        (
            "{intent: refund_gold}",
            {"intents": (("refund_gold", 0.8), ("other", 0.2))},
            "intent:refund_gold",
            "Message 1 was taken for \u201crefund gold\u201d (0.80 of 1 sure).",
            "Had message 1 not been taken for \u201crefund gold\u201d, it would have stayed with the bot.",
        ),
        (
            "{entity: card}",
            {"entities": ("card", "order_number")},
            "entity:card",
            "\u201ccard\u201d was found in message 1.",
            "Without \u201ccard\u201d in message 1 it would have stayed with the bot.",
        ),
        (
            "{slot: {plan: gold}}",
            {"slots": {"plan": "gold", "email": "mara@example.com"}},
            "slot:plan",
            "The bot knows \u201cplan\u201d: gold.",
            "With another value of \u201cplan\u201d it would have stayed with the bot.",
        ),
        (
            "{slot: claim}",
            {"slots": {"claim": {"id": 7}}},
            "slot:claim",
            "The bot knows \u201cclaim\u201d.",
            "Without \u201cclaim\u201d it would have stayed with the bot.",
        ),
    ],
)
def test_the_agent_reads_why_and_what_would_have_kept_it_with_the_bot(
    tmp_path: Path, when: str, bot: dict[str, Any], signal: str, text: str, without: str
) -> None:
    """A signal for each condition that was met, and none for what no rule asks about."""
    decision = decided(tmp_path, when, **bot)
    own = {one.name: one.text for one in decision.signals if ":" in one.name and not one.name.startswith("mood")}
    assert own == {signal: text}
    assert decision.counterfactual == without
    assert (decision.rule, decision.cause, decision.urgency_min, decision.say) == ("own", "topic", 4, "Mine.")


def test_an_intent_is_as_certain_as_the_bot_is_and_a_slot_is_certain(tmp_path: Path) -> None:
    """The confidence of the decision is that of the reading it rests on."""
    assert decided(tmp_path, "{intent: refund_gold}", intents=(("refund_gold", 0.71),)).confidence == 0.71
    assert decided(tmp_path, "{slot: plan}", slots={"plan": "gold"}).confidence == 1.0


def test_a_conversation_does_not_bounce_over_a_slot_that_stays_filled(tmp_path: Path) -> None:
    """Once a person dealt with it, only an upset customer goes back for the same rule."""
    back = (Turn("customer", CALM, seq=1), Turn("agent", "Done.", seq=2))
    known: dict[str, Any] = {"slots": {"plan": "gold"}, "before": back, "handed_back_for": ("own",)}
    assert not decided(tmp_path, "{slot: plan}", "thank you, and when does it come", **known).escalate
    again = decided(tmp_path, "{slot: plan}", "nothing was done, this is ridiculous, you are all useless!!", **known)
    assert again.rule == "own"


GOLD = 'gold_refund: {phrases: ["refund for gold members", "^ premium|gold ..2 money back"]}'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Hello, I would like the REFUND for Gold members.", True),
        ("I would like the refund for gold members, please", True),
        ("Gold card money back", True),
        ("my gold card money back", False),
        ("I do not want a refund for gold members", False),
        ("refund for golden members", False),
    ],
)
def test_a_topic_of_ones_own_is_named_by_its_phrases(tmp_path: Path, text: str, named: bool) -> None:
    """In any capitals, at the anchors, and not after a "not" just before."""
    decision = decided(tmp_path, "{topic: gold_refund}", text, topics=GOLD)
    assert (decision.rule == "own") == named
    if named:
        assert decision.cause == "topic"
        assert "topic:gold_refund" in {one.name for one in decision.signals}
        assert decision.counterfactual.startswith("Without the topic in message 1")


def test_phrases_may_be_written_as_people_write(tmp_path: Path) -> None:
    """A contraction, capitals and a hyphen are read as they are in texts; umlauts stay what they are."""
    topics = 'own_one: {phrases: ["Can\'t use my Gold-Card", "Rückerstattung für Goldkunden"]}'
    for text in ("I cannot use my gold card", "cant use my gold-card", "die rückerstattung für goldkunden bitte"):
        assert decided(tmp_path, "{topic: own_one}", text, topics=topics).rule == "own", text


def test_phrases_add_to_what_is_built_in(tmp_path: Path) -> None:
    """More words of a topic that we know, and more words of harm."""
    more = "bereavement: {intents: bereavement, phrases: [probate form]}"
    text = source().replace("  bereavement: {intents: bereavement}", f"  {more}")
    text = text.replace("  crisis: {intents: crisis}", "  crisis: {intents: crisis, phrases: [project nightfall]}")
    rules = load_rules(written(tmp_path, text))
    for words, rule in (("here is the probate form", "bereavement"), ("this is project nightfall", "crisis")):
        seen = with_features((Turn("customer", words, seq=1),), own=rules.phrases)
        assert assess(seen, rules).decision.rule == rule


def test_the_bot_s_own_words_name_no_topic(tmp_path: Path) -> None:
    """Only what customers write is read."""
    said = Turn("bot", "There is a refund for gold members.", seq=1)
    assert not decided(tmp_path, "{topic: gold_refund}", topics=GOLD, before=(said,)).escalate


def test_an_intent_that_means_a_topic_of_ones_own_counts(tmp_path: Path) -> None:
    """What the classifier found counts like the phrases; a topic that the file does not have is nothing."""
    topics = "gold_refund: {intents: [refund_gold]}"
    rules = load_rules(written(tmp_path, source("{topic: gold_refund}", topics=topics)))
    seen = with_features((Turn("customer", CALM, seq=1),))
    assert rules.topic_of["refund_gold"] == "gold_refund"
    assert assess(seen, rules, topics=("gold_refund",)).decision.rule == "own"
    assert not assess(seen, rules, topics=("silver_refund",)).decision.escalate


def test_the_button_a_silence_and_a_broken_bot_know_the_slots(tmp_path: Path) -> None:
    """The bridge decides then, by what the bot knew last."""
    seen = with_features((Turn("customer", CALM, seq=1), Turn("bot", "Sorry?", seq=2, outcome="failed")))
    gold, silver = {"plan": "gold"}, {"plan": "silver"}
    rules = load_rules(written(tmp_path, source("{asked: true, slot: {plan: gold}}")))
    assert asked_for_person(seen, rules, slots=gold).rule == "own"
    assert asked_for_person(seen, rules, slots=silver).rule == "asked"
    rules = load_rules(written(tmp_path, source("{engine_down: true, slot: {plan: gold}}")))
    assert engine_down(seen, rules, slots=gold).rule == "own"
    assert engine_down(seen, rules).rule == "engine_down"
    rules = load_rules(written(tmp_path, source("{silent_s: 60, failures: 1, slot: {plan: gold}}")))
    assert gone_silent(seen, rules, 61.0, slots=gold).rule == "own"
    assert not gone_silent(seen, rules, 61.0, slots=silver).escalate


def test_the_memory_of_an_answer_says_what_the_bot_knows() -> None:
    """The base, then what came after it; a restart forgets it all, and there may be no memory yet."""
    told = [{"event": "slot", "name": name, "value": value} for name, value in (("plan", "gold"), ("gone", None))]
    base = {"slots": {"plan": "silver", "gone": 1, "kept": 2}}
    assert slots_in({"base": base, "events": told}) == {"plan": "gold", "kept": 2}
    assert slots_in({"base": base, "events": [{"event": "restart"}, *told]}) == {"plan": "gold"}
    assert slots_in(None) == slots_in({"n": 1}) == {}
