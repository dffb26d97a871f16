"""
The rules of escalation.yml, what they look at, and whether one of them holds. Reading the file is
warmline.rules_file's.
"""

from __future__ import annotations

from typing import Literal, Union

import msgspec

from warmline.core.fact_list import FactList

Level = Literal["upset", "angry", "furious"]
Count = Union[int, Literal["limit"]]
Cause = Literal["asked", "topic", "crisis", "mood", "failure", "engine", "taken_over"]
STILL = 0.75
"""The share of the level asked for that the last words alone must reach for a handoff by mood."""
WAS_CALM = 0.65
"""The share of *upset* below which somebody was calm the turn before."""
OPENING = 0.05
"""How much more a first message needs where outbursts are let pass: nobody has tried to help yet."""


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
    *say_in* is what is said instead to somebody who was heard in another language, by its two-letter code. *say_again*
    (and *say_again_in*) is what is said each time it is named again by somebody who already waits, or asks what to do:
    a rule without it says nothing again.
    """

    name: str
    when: When
    urgency_min: int
    queue: str
    say: Say
    say_in: dict[str, Say] = {}
    say_again: str = ""
    say_again_in: dict[str, str] = {}


class Rules(msgspec.Struct, frozen=True):
    """
    escalation.yml, validated: see warmline.rules_file. *thresholds* are those of the chosen *sensitivity*.

    *after_hand_back* is added to the mood levels (and one to the counts) of a rule whose handoff a person already
    dealt with. *facts* says which slots of the bot are facts.
    """

    sensitivity: str
    thresholds: Thresholds
    help_line: str
    after_hand_back: float
    rules: tuple[Rule, ...]
    help_line_in: dict[str, str] = {}
    facts: FactList = FactList()

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
