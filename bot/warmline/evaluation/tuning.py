"""Choosing the mood levels of escalation.yml from conversations with a verdict, given what each mistake costs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from warmline.core.errors import SettingsError
from warmline.core.escalation import escalates, gather
from warmline.core.rules import Evidence, Rules
from warmline.evaluation.dialogues import Line
from warmline.evaluation.score import streamed

GRID = tuple(n / 50 for n in range(15, 50))
"""The levels tried, 0.30 to 0.98."""


class Case(msgspec.Struct, frozen=True):
    """
    One conversation: what the rules saw at each customer turn (the evidence, and the rules that a person had dealt
    with by then), and whether a person was *needed*, by an agent's verdict.
    """

    dialogue: str
    needed: bool
    moments: tuple[tuple[Evidence, tuple[str, ...]], ...]


class Outcome(msgspec.Struct, frozen=True):
    """What some rules do to some cases. *cost* is the sum over the mistakes."""

    cases: int
    false_alarms: int
    misses: int
    cost: float


class Tuned(msgspec.Struct, frozen=True):
    """*before* and *after* are both measured on the cases held out, which the choice never saw."""

    rules: Rules
    learned_from: int
    before: Outcome
    after: Outcome


def cases(lines: Iterable[Line]) -> list[Case]:
    """
    The conversations that have a verdict: ``needed`` (true or false) on any of their lines.

    Raises:
        SettingsError: no conversation has one.
    """
    said = list(lines)
    verdicts = {line.dialogue: line.raw["needed"] for line in said if isinstance(line.raw.get("needed"), bool)}
    if not verdicts:
        raise SettingsError(
            'No conversation has a verdict to learn from: expected "needed": true or false on one of its lines.'
        )
    moments: dict[str, list[tuple[Evidence, tuple[str, ...]]]] = {name: [] for name in verdicts}
    for line, turns in streamed(line for line in said if line.dialogue in verdicts):
        if line.role == "customer":
            again = line.handed_back_for
            moments[line.dialogue].append((gather(turns, handed_back_for=again)[1], again))
    return [Case(name, needed, tuple(moments[name])) for name, needed in verdicts.items()]


def measure(some: Sequence[Case], rules: Rules, *, alarm_cost: float, miss_cost: float) -> Outcome:
    """What *rules* do to *some* cases; a case is handed over when any of its moments is."""
    alarms = misses = 0
    for case in some:
        handed = any(escalates(evidence, rules, again) for evidence, again in case.moments)
        alarms += handed and not case.needed
        misses += case.needed and not handed
    return Outcome(len(some), alarms, misses, alarms * alarm_cost + misses * miss_cost)


def held_out(case: Case) -> bool:
    """Every third case, by its name, is kept for the comparison."""
    return hashlib.sha256(case.dialogue.encode()).digest()[0] % 3 == 0


def tune(some: Sequence[Case], rules: Rules, *, alarm_cost: float, miss_cost: float) -> Tuned:
    """
    The rules with the levels of the mood that cost least on two thirds of the cases; of equals, the nearest to now.

    Raises:
        SettingsError: a third is not enough to compare on (fewer than 5 cases, or only one kind of verdict).
    """
    learn, test = [case for case in some if not held_out(case)], [case for case in some if held_out(case)]
    if len(test) < 5 or len({case.needed for case in learn}) < 2:
        needed = sum(case.needed for case in some)
        raise SettingsError(
            f"Too few verdicts to tune on: {needed} conversations needed a person and {len(some) - needed} did not. "
            "Needed are at least 15, of both kinds, so that some can be held out to compare on."
        )
    now = rules.thresholds
    best, least = rules, (float("inf"), float("inf"))
    for upset in GRID:
        for angry in GRID:
            if angry < upset:
                continue
            levels = msgspec.structs.replace(now, upset=upset, angry=angry, furious=max(angry, now.furious))
            tried = msgspec.structs.replace(rules, thresholds=levels)
            cost = measure(learn, tried, alarm_cost=alarm_cost, miss_cost=miss_cost).cost
            rank = (cost, abs(upset - now.upset) + abs(angry - now.angry))
            if rank < least:
                best, least = tried, rank
    return Tuned(
        rules=best,
        learned_from=len(learn),
        before=measure(test, rules, alarm_cost=alarm_cost, miss_cost=miss_cost),
        after=measure(test, best, alarm_cost=alarm_cost, miss_cost=miss_cost),
    )


def write_levels(path: Path, rules: Rules) -> None:
    """
    Put the levels of *rules* into the file at *path*, under its sensitivity; all else, comments too, stays as it was.
    """
    from ruamel.yaml import YAML  # here for the same reason as in warmline.rules_file

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 1_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(path.read_text(encoding="utf-8"))
    levels = tree["thresholds"][rules.sensitivity]
    for name in ("upset", "angry", "furious"):
        levels[name] = getattr(rules.thresholds, name)
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        yaml.dump(tree, file)
    part.replace(path)
