"""The decision: which rule holds, why, and what would have kept the conversation with the bot."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from warmline.core.escalation import Decision, assess
from warmline.core.features import Features, Turn
from warmline.core.rules import Rules
from warmline.language import with_features
from warmline.rules_file import load_rules

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(ROOT / "escalation.yml")


def talk(*lines: tuple[str, ...]) -> tuple[Turn, ...]:
    """``("customer", text)`` or ``("bot", text, outcome)``, numbered from 1."""
    turns = [
        Turn(role=line[0], text=line[1], seq=seq, outcome=line[2] if len(line) > 2 else None)
        for seq, line in enumerate(lines, 1)
    ]
    return with_features(turns)


TWO_FAILURES = (
    ("customer", "where is my parcel"),
    ("bot", "Do you mean an order or a return?", "unsure"),
    ("customer", "the parcel, the one with the lamp"),
    ("bot", "I'm not getting this right.", "unsure"),
)


def decided(rules: Rules, *lines: tuple[str, ...], handed_back_for: tuple[str, ...] = ()) -> Decision:
    return assess(talk(*lines), rules, handed_back_for=handed_back_for).decision


def test_two_failed_answers_and_an_angry_customer_hand_over(rules: Rules) -> None:
    """Nobody asked for a person: mood and failures alone escalate, and the failed answers are among the reasons."""
    decision = decided(rules, *TWO_FAILURES, ("customer", "this is ridiculous, you are useless, it has not arrived!!"))
    assert decision.escalate
    assert decision.cause == "mood"
    assert {signal.name for signal in decision.signals} >= {"mood", "failures"}
    assert 5 in decision.turns
    assert decision.counterfactual


def test_two_failed_answers_and_a_calm_customer_stay(rules: Rules) -> None:
    """Failures alone do not make a mood: the bot may try a third time."""
    assert not decided(rules, *TWO_FAILURES, ("customer", "ok, it is order A1042")).escalate


def test_a_third_failed_answer_hands_a_calm_customer_over(rules: Rules) -> None:
    """The limit of failures escalates whatever the mood, names the answers, and one fewer would have kept it."""
    decision = decided(
        rules,
        *TWO_FAILURES,
        ("customer", "ok, it is order A1042"),
        ("bot", "Sorry, once more?", "unsure"),
        ("customer", "order A1042"),
    )
    assert decision.cause == "failure"
    assert decision.turns == (2, 4, 6)
    assert decision.counterfactual.startswith("One failed answer fewer")


def test_the_third_failure_counts_before_the_customer_speaks_again(rules: Rules) -> None:
    """An engine can ask about the answer it is just giving: the last turn may be a failed bot turn."""
    decision = decided(rules, *TWO_FAILURES, ("customer", "ok, it is order A1042"), ("bot", "Sorry?", "unsure"))
    assert decision.cause == "failure"


def test_thanks_forgive_earlier_failures(rules: Rules) -> None:
    """A customer who cooled down is not escalated by old turns."""
    decision = decided(
        rules,
        *TWO_FAILURES,
        ("customer", "ah, found it. thank you"),
        ("bot", "Can I do anything else?", "unsure"),
        ("customer", "what are your opening hours"),
    )
    assert not decision.escalate


def test_who_has_calmed_down_is_not_handed_over_for_old_anger(rules: Rules) -> None:
    """After two upset turns a matter-of-fact one stays; a third upset one does not."""
    upset = Features(wording=2.0, words=9)
    before = (Turn("customer", "a", seq=1, features=upset), Turn("customer", "b", seq=2, features=upset))
    plain = Turn("customer", "c", seq=3, features=Features(words=4))
    again = Turn("customer", "c", seq=3, features=upset)
    assert not assess((*before, plain), rules).decision.escalate
    assert assess((*before, again), rules).decision.cause == "mood"


def test_an_outburst_of_a_calm_customer_gets_another_answer_first(rules: Rules) -> None:
    """One angry message after calm ones stays; a furious one, a second angry one or an angry opening does not."""
    calm = Turn("customer", "a", seq=1, features=Features(wording=-4.0, words=5))
    angry = Turn("customer", "b", seq=2, features=Features(wording=3.6, words=9))
    furious = Turn("customer", "b", seq=2, features=Features(wording=6.0, angry_words=2, exclamations=3))
    assert rules.thresholds.angry <= assess((calm, angry), rules).mood.value < rules.thresholds.furious
    assert not assess((calm, angry), rules).decision.escalate
    assert assess((calm, furious), rules).decision.rule == "furious"
    assert assess((calm, angry, angry), rules).decision.escalate
    assert assess((angry,), rules).decision.rule == "angry"


@pytest.mark.parametrize(
    ("text", "cause", "rule"),
    [
        ("can I speak to a human?", "asked", "asked"),
        ("my account was hacked", "topic", "fraud"),
        ("I was charged twice for this order", "topic", "billing_dispute"),
        ("I will sue you, my lawyer will call", "topic", "legal"),
        ("I want to file a complaint", "topic", "complaint"),
        ("the charger caught fire", "topic", "danger"),
        ("I want to kill myself", "crisis", "crisis"),
    ],
)
def test_high_stakes_words_go_straight_to_a_person(rules: Rules, text: str, cause: str, rule: str) -> None:
    """One message is enough, whatever the mood."""
    decision = decided(rules, ("customer", text))
    assert (decision.escalate, decision.cause, decision.rule) == (True, cause, rule)
    assert decision.turns == (1,)


def test_a_crisis_comes_first_and_names_the_help_line(rules: Rules) -> None:
    """Whatever else is said, the crisis rule speaks, with the configured line, at top urgency."""
    decision = decided(rules, ("customer", "let me talk to a human, I was hacked and I want to kill myself"))
    assert decision.rule == "crisis"
    assert decision.urgency_min == 1
    assert rules.help_line in decision.say


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("de", "ich will nicht mehr leben", "Sie sind wichtig"),
        ("fr", "je veux mourir", "Vous comptez"),
        ("es", "no quiero vivir más", "Usted importa"),
        ("pt", "não quero mais viver", "Você é importante"),
        ("it", "voglio farla finita", "Lei è importante"),
    ],
)
def test_a_crisis_is_answered_in_the_language_it_was_heard_in(
    rules: Rules, language: str, text: str, said: str
) -> None:
    """The sentence and the line to call; English where the file has no words in that language."""
    decision = decided(rules, ("customer", text))
    assert decision.say.startswith(said)
    assert rules.help_line_in[language] in decision.say
    plain = msgspec.structs.replace(
        rules, help_line_in={}, rules=tuple(msgspec.structs.replace(one, say_in={}) for one in rules.rules)
    )
    assert decided(plain, ("customer", text)).say.startswith("You matter")


@pytest.mark.parametrize("text", ["are you a human?", "am I talking to a real person?", "where is my order A1042?"])
def test_ordinary_questions_stay_with_the_bot(rules: Rules, text: str) -> None:
    """Wondering who answers is no request for a person."""
    assert not decided(rules, ("customer", text)).escalate


def test_after_a_hand_back_the_bar_is_higher_for_the_same_cause(rules: Rules) -> None:
    """What tipped the scale at the limit once does not do so again; a little more does."""
    third = (
        *TWO_FAILURES,
        ("customer", "order A1042"),
        ("bot", "Sorry?", "failed"),
        ("customer", "order A1042 please"),
    )
    assert decided(rules, *third).rule == "bot_keeps_failing"
    assert not decided(rules, *third, handed_back_for=("bot_keeps_failing",)).escalate


def test_turns_a_person_dealt_with_are_not_counted_again(rules: Rules) -> None:
    """After a hand-back only what came after the agent's last words matters."""
    decision = decided(
        rules,
        *TWO_FAILURES,
        ("customer", "useless! this is a joke, where is it???"),
        ("agent", "It arrives today."),
        ("customer", "what about my invoice"),
        handed_back_for=("upset_after_failures",),
    )
    assert not decision.escalate


def test_the_urgency_is_that_of_the_most_urgent_rule_that_holds(rules: Rules) -> None:
    """A furious customer who asks for a person is served as an angry one, under the request's name."""
    decision = decided(rules, ("customer", "FUCKING useless garbage bot, worst service ever!!! give me a human"))
    assert decision.rule == "asked"
    assert decision.urgency_min < next(rule for rule in rules.rules if rule.name == "asked").urgency_min


def test_a_turn_without_features_is_refused(rules: Rules) -> None:
    """Text is read at the edge; the core does not guess that an unread text is calm."""
    with pytest.raises(ValueError, match="with_features"):
        assess((Turn("customer", "hello", seq=1),), rules)


def test_the_decision_does_not_depend_on_where_the_numbering_starts(rules: Rules) -> None:
    """Other seqs, the same decision, about the same turns."""
    turns = talk(*TWO_FAILURES, ("customer", "useless, this is ridiculous, still nothing!!"))
    shifted = tuple(msgspec.structs.replace(turn, seq=turn.seq + 700) for turn in turns)
    first, second = assess(turns, rules).decision, assess(shifted, rules).decision
    assert (first.rule, first.confidence) == (second.rule, second.confidence)
    assert tuple(seq + 700 for seq in first.turns) == second.turns


def test_a_calm_conversation_says_so(rules: Rules) -> None:
    """No rule, no words for the customer, and a high confidence that it may stay."""
    decision = assess((Turn("customer", "hi", seq=1, features=Features(words=1)),), rules).decision
    assert (decision.escalate, decision.rule, decision.say) == (False, "", "")
    assert decision.confidence > 0.5
