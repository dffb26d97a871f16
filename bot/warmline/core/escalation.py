"""
When a person must take over, decided by one pure function from what was said and the rules of escalation.yml.

What was said is first boiled down to :class:`Evidence`; a rule holds or does not hold for an evidence. The
counterfactual of a decision is found by changing the evidence and asking the rules again, so it is true by
construction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from warmline.core.escalation_words import counterfactuals, explain, fill
from warmline.core.features import Turn, read_features
from warmline.core.mood import WINDOW, Mood, failed_turns, frustration, repeats, without
from warmline.core.rules import Cause, Evidence, Rule, Rules, cause_of, holds, of_the_bot

MOOD_TURNS = 6


class Signal(msgspec.Struct, frozen=True):
    """
    One thing that spoke for or against a handoff. *value* as measured, *weight* its share, *text* for an agent to
    read.
    """

    name: str
    value: float
    weight: float
    text: str


class Decision(msgspec.Struct, frozen=True):
    """
    Whether a person should take over now, and everything needed to explain it.

    *rule* is the name in escalation.yml. *cause*: ``asked``, ``topic``, ``crisis``, ``mood``, ``failure``, ``engine``,
    ``taken_over``; rule and cause are empty when the bot keeps the conversation. *urgency_min*: minutes within which
    somebody should answer. *say* is what the customer is told. *turns* are the seqs that did it. *confidence* 0..1: how
    likely the reading is right that the rule rests on (for a mood, that the customer is frustrated), not how sure the
    rule is. *counterfactual* says what would have kept it with the bot, one sentence. *limits* are the moods that
    counted as upset and as angry. *again* is what is said when it is named once more while the customer waits, empty
    when nothing is.
    """

    escalate: bool
    rule: str
    cause: str
    urgency_min: int
    queue: str
    say: str
    signals: tuple[Signal, ...] = ()
    turns: tuple[int, ...] = ()
    confidence: float = 1.0
    counterfactual: str = ""
    limits: tuple[float, float] | None = None
    again: str = ""


class Assessment(msgspec.Struct, frozen=True):
    """The mood after the last customer turn, and the decision it leads to (decision.escalate may be False)."""

    mood: Mood
    decision: Decision


_BARE_ANSWER = re.compile(r"\s*(?:\S*\d\S*|\S+@\S+)\s*[.!]?\s*")
"""A reference, a code or an address, and nothing else."""
CONFIDENCE = {"asked": 0.95, "crisis": 0.9, "topic": 0.9}
"""
How often such words mean it: measured for requests (479 of the 505 heard in asks_for_human), thought for the others.
"""
MOST_SURE = 0.95
"""No mood is surer: of the turns read as 0.95 and more, 95 % were rated as frustrated (docs/measurements.md)."""


def escalates(evidence: Evidence, rules: Rules, handed_back_for: tuple[str, ...] = ()) -> bool:
    """Whether any rule holds: :func:`decide` without its explanation."""
    return any(holds(rule, evidence, rules, handed_back_for) for rule in rules.rules)


def gather(turns: Sequence[Turn], *, handed_back_for: tuple[str, ...] = ()) -> tuple[Mood, Evidence]:
    """
    Boil *turns* down to the mood after the last customer turn and the evidence.

    Once a person has dealt with the conversation, what was before their last turn is not counted again. Nor are moods
    before the customer said thanks. When the last turn is the bot's, the customer's words were judged before and
    count no more.

    Raises:
        ValueError: there is no customer turn, or one of the last 12 without features.
    """
    if handed_back_for:
        people = [index for index, turn in enumerate(turns) if turn.role == "agent"]
        if people and any(turn.role == "customer" for turn in turns[people[-1] + 1 :]):
            turns = turns[people[-1] + 1 :]
    asked = [index for index, turn in enumerate(turns) if turn.role == "customer"]
    if not asked:
        raise ValueError("A conversation without a customer turn cannot be assessed.")
    mood = frustration(turns[: asked[-1] + 1])
    moods, seqs = [], []
    for index in reversed(asked[-MOOD_TURNS:]):
        features = read_features(turns[index])
        cooled = (features.thanks or features.solved) and not features.negated_help
        moods.append(mood.value if index == asked[-1] else frustration(turns[: index + 1]).value)
        seqs.append(turns[index].seq)
        if cooled:
            break
    last, window = read_features(turns[asked[-1]]), turns[-WINDOW:]
    fresh = turns[-1].role == "customer"
    return mood, Evidence(
        moods=tuple(moods),
        mood_seqs=tuple(seqs),
        own=_own_words(turns, asked),
        without=tuple(sorted(without(turns[: asked[-1] + 1]).items(), key=lambda one: (one[1], one[0]))),
        asked=fresh and last.asks_person,
        crisis=fresh and last.crisis,
        topics=last.topics if fresh else (),
        signals={one.name: one.value for one in last.own} if fresh else {},
        failed=tuple(turn.seq for turn in failed_turns(window)),
        repeated=tuple(turn.seq for turn in repeats(window)),
        last=turns[asked[-1]].seq,
        language=last.language,
    )


def _own_words(turns: Sequence[Turn], asked: Sequence[int]) -> float:
    """The mood of the last words alone; a bare number, code or address says nothing, so the words before it count."""
    spoken = [index for index in asked if not _BARE_ANSWER.fullmatch(turns[index].text)] or list(asked)
    return frustration(turns[spoken[-1] : spoken[-1] + 1]).value


def decide(mood: Mood, evidence: Evidence, rules: Rules, handed_back_for: tuple[str, ...] = ()) -> Decision:
    """Apply *rules* to *evidence*; *mood* is only for the explanation."""
    held = [rule for rule in rules.rules if holds(rule, evidence, rules, handed_back_for)]
    found = tuple(Signal(*one) for one in explain(mood, evidence, rules.thresholds))
    if not held:
        return Decision(
            escalate=False,
            rule="",
            cause="",
            urgency_min=0,
            queue="",
            say="",
            signals=found,
            confidence=round(1.0 - (evidence.moods[0] if evidence.moods else 0.0), 3),
        )
    rule = held[0]
    cause = cause_of(rule)
    return Decision(
        escalate=True,
        rule=rule.name,
        cause=cause,
        urgency_min=min(one.urgency_min for one in held),
        queue=rule.queue,
        say=_say(rule, evidence, rules),
        signals=found,
        turns=_turns_of(rule, evidence),
        confidence=_confidence(rule, cause, evidence),
        counterfactual=_counterfactual(rule, evidence, rules, handed_back_for),
        limits=(rules.thresholds.upset, rules.thresholds.angry),
        again=_filled(rule.say_again_in.get(evidence.language, rule.say_again), evidence, rules),
    )


def _confidence(rule: Rule, cause: Cause, evidence: Evidence) -> float:
    if cause == "mood":
        return round(min(MOST_SURE, evidence.moods[0]), 3)
    if cause == "topic" and not rule.when.topic:  # a slot or an entity is there or not; an intent is only likely
        sure = [confidence for name, confidence in evidence.intents if name in rule.when.intent]
        return round(min(MOST_SURE, max(sure)), 3) if sure else 1.0
    return CONFIDENCE.get(cause, 1.0)


def _say(rule: Rule, evidence: Evidence, rules: Rules) -> str:
    now = evidence.moods[0] if evidence.moods else 0.0
    limits = rules.thresholds
    tone = "distressed" if now >= limits.angry else "annoyed" if now >= limits.upset else "calm"
    return _filled(getattr(rule.say_in.get(evidence.language, rule.say), tone), evidence, rules)


def _filled(sentence: str, evidence: Evidence, rules: Rules) -> str:
    return fill(
        sentence,
        help_line=rules.help_line_for(evidence.language),
        failures=len(evidence.failed),
        asked=len(evidence.repeated) + 1,
    )


def _turns_of(rule: Rule, evidence: Evidence) -> tuple[int, ...]:
    when = rule.when
    seqs: set[int] = set()
    if when.mood is not None:
        seqs |= set(evidence.mood_seqs[: when.turns])
    if when.failures is not None or when.silent_s is not None:
        seqs |= set(evidence.failed)
    if when.repeats is not None:
        seqs |= {*evidence.repeated, evidence.last}
    if when.asked or when.topic or when.crisis or when.intent or when.entity or when.signal or not seqs:
        seqs.add(evidence.last)
    return tuple(sorted(seqs - {0}))  # 0 is no message: who pressed the button first has written nothing yet


def _counterfactual(rule: Rule, evidence: Evidence, rules: Rules, handed_back_for: tuple[str, ...]) -> str:
    for changed, sentence in counterfactuals(rule.when, evidence, rules.thresholds):
        if not any(holds(one, changed, rules, handed_back_for) for one in rules.rules):
            return sentence
    return "Several rules held at once: no single change would have kept it with the bot."


def assess(
    turns: Sequence[Turn],
    rules: Rules,
    *,
    handed_back_for: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
    denied: tuple[str, ...] = (),
    enough: bool = False,
    intents: Sequence[tuple[str, float]] = (),
    entities: Sequence[str] = (),
    slots: Mapping[str, Any] | None = None,
) -> Assessment:
    """
    Judge the conversation after the last of *turns*: the mood, and whether a person should take over now.

    The last turn is usually the customer's. It may also be a bot's answer that has just failed (with its *outcome*):
    then only moods, failures and repeats count. *handed_back_for* names rules whose handoffs a person already dealt
    with. *topics* are what else is known of the customer's last text, by an intent classifier for example: they count
    like topics that its words name, ``crisis`` like words of harm, and ``asked`` like a request for a person.
    *denied* are those that its words seem to name, while something else knows better. *enough*: nothing that was
    tried helped, so that the failures count as the rules' ``limit``. *intents* (with their confidence, 0..1) and
    *entities* are what the bot understood in the customer's last message, *slots* all that it knows by now.

    Raises:
        ValueError: as :func:`gather`.
    """
    mood, evidence = gather(turns, handed_back_for=handed_back_for)
    if enough:
        missing = rules.thresholds.failures + 1 - len(evidence.failed)
        evidence = msgspec.structs.replace(evidence, failed=evidence.failed + (turns[-1].seq,) * missing)
    if denied and turns[-1].role == "customer":
        evidence = msgspec.structs.replace(
            evidence,
            topics=tuple(topic for topic in evidence.topics if topic not in denied),
            asked=evidence.asked and "asked" not in denied,
        )
    if topics and turns[-1].role == "customer":
        found = tuple(topic for topic in rules.heard(topics) if topic not in evidence.topics)
        evidence = msgspec.structs.replace(
            evidence,
            topics=(*evidence.topics, *found),
            crisis=evidence.crisis or "crisis" in topics,
            asked=evidence.asked or "asked" in topics,
        )
    fresh = turns[-1].role == "customer"
    evidence = of_the_bot(
        evidence, rules, intents=intents if fresh else (), entities=entities if fresh else (), slots=slots
    )
    return Assessment(mood=mood, decision=decide(mood, evidence, rules, handed_back_for))
