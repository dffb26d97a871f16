"""Decisions on other occasions than a turn with the bot: the button, a failed engine, silence, words of danger."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.core.test_escalation import TWO_FAILURES, talk
from warmline.core.escalation_words import WITH_A_PERSON
from warmline.core.features import Features, Turn
from warmline.core.rules import Rules, When
from warmline.core.triggers import alarmed, asked_for_person, engine_down, gone_silent, silences, taken_over
from warmline.language import with_features
from warmline.language.other_languages import CRISIS
from warmline.rules_file import load_rules

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(ROOT / "escalation.yml")


def words(text: str) -> Turn:
    return with_features((Turn("customer", text, seq=9),))[0]


def test_the_button_needs_no_words(rules: Rules) -> None:
    """Pressing "Talk to a person" is certain, even before the first message; no message did it then."""
    decision = asked_for_person((), rules)
    assert (decision.escalate, decision.cause, decision.confidence) == (True, "asked", 1.0)
    assert decision.turns == ()


def test_an_engine_that_is_down_hands_over(rules: Rules) -> None:
    """With nothing else to say, the engine's own rule speaks."""
    assert engine_down(talk(("customer", "hello")), rules).cause == "engine"


def test_an_engine_that_is_down_keeps_the_more_urgent_rule(rules: Rules) -> None:
    """Somebody in danger is not told that a server is down."""
    assert engine_down(talk(("customer", "I want to kill myself")), rules).cause == "crisis"


def test_an_agent_stepping_in_is_named_as_the_cause(rules: Rules) -> None:
    """Taking over needs no mood."""
    assert taken_over(talk(("customer", "hello")), rules).cause == "taken_over"


def test_silence_after_a_failed_answer_is_seen_by_a_person(rules: Rules) -> None:
    """Silence after a good answer is not."""
    assert gone_silent(talk(*TWO_FAILURES), rules, 200.0).rule == "silent_after_failure"
    assert not gone_silent(talk(*TWO_FAILURES), rules, 20.0).escalate
    fine = talk(("customer", "opening hours?"), ("bot", "9 to 5.", "answered"))
    assert not gone_silent(fine, rules, 900.0).escalate


def test_silence_while_the_bot_owes_an_answer_tells_nothing(rules: Rules) -> None:
    """The last word is the customer's: it is the bot that is late."""
    assert not gone_silent(talk(*TWO_FAILURES, ("customer", "hello?")), rules, 900.0).escalate
    assert not gone_silent((), rules, 900.0).escalate


def test_silence_after_one_failed_answer_is_seen_only_with_a_bad_mood(rules: Rules) -> None:
    """Most who leave after one answer found another way; who left annoyed is worth a look."""
    assert not gone_silent(talk(*TWO_FAILURES[:2]), rules, 900.0).escalate
    annoyed = (
        Turn("customer", "not again", seq=1, features=Features(wording=1.5)),
        Turn("bot", "I'm not sure I understood.", seq=2, outcome="unsure"),
    )
    assert gone_silent(annoyed, rules, 200.0).rule == "silent_and_upset"
    assert not gone_silent(annoyed, rules, 20.0).escalate


def test_after_a_hand_back_for_silence_it_takes_one_failure_more(rules: Rules) -> None:
    """A person has dealt with it once."""
    again = ("silent_after_failure",)
    assert gone_silent(talk(*TWO_FAILURES), rules, 200.0).escalate
    assert not gone_silent(talk(*TWO_FAILURES), rules, 200.0, handed_back_for=again).escalate
    assert gone_silent(talk(*TWO_FAILURES, *TWO_FAILURES[:2]), rules, 200.0, handed_back_for=again).escalate


def test_the_lengths_of_silence_come_from_the_rules(rules: Rules) -> None:
    """Each once, shortest first; none when no rule asks."""
    base = next(rule for rule in rules.rules if rule.name == "silent_after_failure")
    longer = msgspec.structs.replace(base, name="longer", when=When(failures=1, silent_s=600))
    assert silences(rules) == (180,)
    assert silences(msgspec.structs.replace(rules, rules=(*rules.rules, longer, longer))) == (180, 600)
    assert silences(msgspec.structs.replace(rules, rules=())) == ()


@pytest.mark.parametrize("with_person", [False, True])
def test_words_of_harm_are_answered_with_the_help_line_wherever_they_are_written(
    rules: Rules, *, with_person: bool
) -> None:
    """In the queue and to an agent: careful words, the line to call, top urgency."""
    alarm = alarmed(words("I don't want to live anymore"), rules, with_person=with_person)
    assert alarm is not None
    assert (alarm.cause, alarm.urgency_min, alarm.turns) == ("crisis", 1, (9,))
    assert rules.help_line in alarm.say


def test_beside_an_agent_too_harm_is_answered_in_its_language(rules: Rules) -> None:
    """Every language that harm is heard in has its sentence."""
    for language, said in (("de", "ich will sterben"), ("pt", "quero morrer"), ("it", "voglio morire")):
        alarm = alarmed(words(said), rules, with_person=True)
        assert alarm is not None
        assert alarm.say.startswith(WITH_A_PERSON["crisis"][language][:10])
        assert rules.help_line_in[language] in alarm.say
    assert set(WITH_A_PERSON["crisis"]) == set(WITH_A_PERSON["danger"]) == {"en", *CRISIS}


def test_a_high_stakes_topic_raises_the_urgency_and_only_danger_is_answered_beside_an_agent(rules: Rules) -> None:
    """Who has a person needs no sentence about a person; who is in danger is told what to do first."""
    hacked, fire = words("someone hacked my account"), words("the charger caught fire in my hand")
    waiting, talking = alarmed(hacked, rules, with_person=False), alarmed(hacked, rules, with_person=True)
    assert waiting is not None
    assert waiting.rule == "fraud"
    assert waiting.say
    assert talking is not None
    assert talking.rule == "fraud"
    assert not talking.say
    danger = alarmed(fire, rules, with_person=True)
    assert danger is not None
    assert "call 112" in danger.say


@pytest.mark.parametrize("text", ["hello?", "are you there", "FINALLY, useless garbage", "I want to talk to a human"])
def test_impatience_is_no_alarm(rules: Rules, text: str) -> None:
    """Anger and asking again change nothing for somebody who waits already."""
    assert alarmed(words(text), rules, with_person=False) is None
