"""
When a person must take over, decided by one pure function from what was said and the rules of escalation.yml.

What was said is first boiled down to :class:`Evidence`; a rule holds or does not hold for an evidence. The
counterfactual of a decision is found by changing the evidence and asking the rules again, so it is true by
construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Union

import msgspec

from bot.core.escalation_words import counterfactuals, explain, fill
from bot.core.mood import WINDOW, Mood, Turn, failed_turns, frustration, read_features, repeats, without

Level = Literal["upset", "angry", "furious"]
Count = Union[int, Literal["limit"]]
Cause = Literal["asked", "topic", "crisis", "mood", "failure", "engine", "taken_over"]

MOOD_TURNS = 6
STILL = 0.75
"""The share of the level asked for that the last words alone must reach for a handoff by mood."""

WAS_CALM = 0.65
"""The share of *upset* below which somebody was calm the turn before."""
OPENING = 0.05
"""How much more a first message needs where outbursts are let pass: nobody has tried to help yet."""


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
    counted as upset and as angry.
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


class Assessment(msgspec.Struct, frozen=True):
    """The mood after the last customer turn, and the decision it leads to (decision.escalate may be False)."""

    mood: Mood
    decision: Decision


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What a sensitivity means. *upset*, *angry* and *furious* are moods, 0..1. *failures* and *repeats* are the
    ``limit`` of the rules: so many answers of the bot that did not help, so many times the customer asked the same
    thing.
    """

    upset: float
    angry: float
    furious: float
    failures: int
    repeats: int


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    The conditions of a rule; all that are given must hold.

    *asked*: the customer asks for a person. *crisis*: words of harm. *topic*: one of these topics is named.
    *mood*: the mood is at least that level, after the last *turns* customer turns each; with *sudden* false it does not
    hold for an outburst, when the customer was calm (below two thirds of *upset*) the turn before, and a first message
    needs a little more. Whoever has calmed down, so that the last words alone are below three quarters of the level, is
    not handed over for the mood of earlier ones. *failures*, *repeats*: at least so many. *silent_s*: the customer has
    been silent so long after an answer that did not help. *engine_down*, *taken_over*: the bot cannot answer; an agent
    stepped in.
    """

    asked: bool = False
    crisis: bool = False
    topic: tuple[str, ...] = ()
    mood: Level | None = None
    turns: int = 1
    sudden: bool = True
    failures: Count | None = None
    repeats: Count | None = None
    silent_s: int | None = None
    engine_down: bool = False
    taken_over: bool = False


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What the customer is told: for a calm, an annoyed (mood from *upset*) and a distressed (from *angry*) customer.
    """

    calm: str
    annoyed: str
    distressed: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    One rule of escalation.yml; the first that holds names the handoff, the most urgent that holds sets the urgency.
    *say_in* is what is said instead to somebody who was heard in another language, by its two-letter code.
    """

    name: str
    when: When
    urgency_min: int
    queue: str
    say: Say
    say_in: dict[str, Say] = {}


class Rules(msgspec.Struct, frozen=True):
    """
    escalation.yml, validated: see bot.rules_file. *thresholds* are those of the chosen *sensitivity*.

    *after_hand_back* is added to the mood levels (and one to the counts) of a rule whose handoff a person already
    dealt with.
    """

    sensitivity: str
    thresholds: Thresholds
    help_line: str
    after_hand_back: float
    rules: tuple[Rule, ...]
    help_line_in: dict[str, str] = {}

    def help_line_for(self, tongue: str) -> str:
        """The help line in the language *tongue*, or the plain one where the file has none."""
        return self.help_line_in.get(tongue, self.help_line)


class Evidence(msgspec.Struct, frozen=True):
    """
    What the rules look at. *moods* are those after the last customer turns, newest first, with their *mood_seqs*;
    they end where the customer had cooled down. *without* says, for each signal that raises the newest mood, what it
    would be without it, lowest first. *own* is the mood of the last words taken alone. *failed* and *repeated* are
    seqs. *last* is the seq of the last customer turn, *tongue* as in Features.
    """

    moods: tuple[float, ...] = ()
    mood_seqs: tuple[int, ...] = ()
    without: tuple[tuple[str, float], ...] = ()
    own: float = 1.0
    asked: bool = False
    crisis: bool = False
    topics: tuple[str, ...] = ()
    failed: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    last: int = 0
    silent_s: float = 0.0
    engine_down: bool = False
    taken_over: bool = False
    tongue: str = ""


CONFIDENCE = {"asked": 0.95, "crisis": 0.9, "topic": 0.9}
"""
How often such words mean it: measured for requests (479 of the 505 heard in asks_for_human), thought for the others.
"""
MOST_SURE = 0.95
"""No mood is surer: of the turns read as 0.95 and more, 95 % were rated as frustrated (docs/measurements.md)."""


def cause_of(rule: Rule) -> Cause:
    """What kind of rule this is, from its conditions."""
    when = rule.when
    if when.crisis:
        return "crisis"
    if when.topic:
        return "topic"
    if when.asked:
        return "asked"
    if when.engine_down:
        return "engine"
    if when.taken_over:
        return "taken_over"
    return "mood" if when.mood is not None else "failure"


def holds(rule: Rule, evidence: Evidence, rules: Rules, handed_back_for: tuple[str, ...] = ()) -> bool:
    """
    Whether all conditions of *rule* are met. After a hand-back for the same rule the bar is higher, except for
    crisis.
    """
    when, limits = rule.when, rules.thresholds
    again = rule.name in handed_back_for
    raised = rules.after_hand_back if again else 0.0
    extra = 1 if again else 0

    def mood_is(level: Level, turns: int) -> bool:
        needed = min(0.99, getattr(limits, level) + raised)
        newest = evidence.moods[:turns]
        return len(newest) == turns and all(mood >= needed for mood in newest)

    def still(level: Level) -> bool:
        return evidence.own >= STILL * float(getattr(limits, level))

    def outburst(level: Level | None) -> bool:
        if len(evidence.moods) > 1:
            return evidence.moods[1] < WAS_CALM * limits.upset
        needed = min(0.99, getattr(limits, level) + raised + OPENING) if level else 0.0
        return bool(evidence.moods) and evidence.moods[0] < needed

    def reaches(found: int, needed: Count | None, limit: int) -> bool:
        return needed is None or found >= (limit if needed == "limit" else needed) + extra

    return (
        (not when.asked or evidence.asked)
        and (not when.crisis or evidence.crisis)
        and (not when.topic or (bool(set(when.topic) & set(evidence.topics)) and (not again or mood_is("upset", 1))))
        and (when.mood is None or (mood_is(when.mood, when.turns) and still(when.mood)))
        and (when.sudden or not outburst(when.mood))
        and reaches(len(evidence.failed), when.failures, limits.failures)
        and reaches(len(evidence.repeated), when.repeats, limits.repeats - 1)
        and (when.silent_s is None or evidence.silent_s >= when.silent_s)
        and when.engine_down <= evidence.engine_down
        and when.taken_over <= evidence.taken_over
    )


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
        own=frustration(turns[asked[-1] : asked[-1] + 1]).value,
        without=tuple(sorted(without(turns[: asked[-1] + 1]).items(), key=lambda one: (one[1], one[0]))),
        asked=fresh and last.asks_person,
        crisis=fresh and last.crisis,
        topics=last.topics if fresh else (),
        failed=tuple(turn.seq for turn in failed_turns(window)),
        repeated=tuple(turn.seq for turn in repeats(window)),
        last=turns[asked[-1]].seq,
        tongue=last.tongue,
    )


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
        confidence=round(min(MOST_SURE, evidence.moods[0]), 3) if cause == "mood" else CONFIDENCE.get(cause, 1.0),
        counterfactual=_counterfactual(rule, evidence, rules, handed_back_for),
        limits=(rules.thresholds.upset, rules.thresholds.angry),
    )


def _say(rule: Rule, evidence: Evidence, rules: Rules) -> str:
    now = evidence.moods[0] if evidence.moods else 0.0
    limits = rules.thresholds
    tone = "distressed" if now >= limits.angry else "annoyed" if now >= limits.upset else "calm"
    return fill(
        getattr(rule.say_in.get(evidence.tongue, rule.say), tone),
        help_line=rules.help_line_for(evidence.tongue),
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
    if when.asked or when.topic or when.crisis or not seqs:
        seqs.add(evidence.last)
    return tuple(sorted(seqs))


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
) -> Assessment:
    """
    Judge the conversation after the last of *turns*: the mood, and whether a person should take over now.

    The last turn is usually the customer's. It may also be a bot's answer that has just failed (with its *outcome*):
    then only moods, failures and repeats count. *handed_back_for* names rules whose handoffs a person already dealt
    with. *topics* are what else is known of the customer's last text, by an intent classifier for example: they count
    like topics that its words name, and ``crisis`` like words of harm.

    Raises:
        ValueError: as :func:`gather`.
    """
    mood, evidence = gather(turns, handed_back_for=handed_back_for)
    if topics and turns[-1].role == "customer":
        known = (*evidence.topics, *(topic for topic in topics if topic != "crisis" and topic not in evidence.topics))
        evidence = msgspec.structs.replace(evidence, topics=known, crisis=evidence.crisis or "crisis" in topics)
    return Assessment(mood=mood, decision=decide(mood, evidence, rules, handed_back_for))
