"""
Eighty-four short support conversations of our own, on which nothing is fitted: who needs a person gets one, who is fine
is left alone, and the three sensitivities differ as they should.

own_talk.jsonl (30 need a person, 30 are fine) was written before any of it was scored, and read when general causes of
mistakes were mended; own_talk_later.jsonl (12 and 12) was written after that and not mended by. Ratings are 0 to 4, as
those of ``warmline eval handover``; from 3 a person is needed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import pytest

from warmline.core.escalation import escalates, gather
from warmline.core.rules import Evidence, Rules
from warmline.evaluation.dialogues import read_lines
from warmline.evaluation.handover import OURS, Point, row
from warmline.evaluation.score import streamed
from warmline.rules_file import SENSITIVITIES, load_rules

FILES = ("own_talk.jsonl", "own_talk_later.jsonl")
HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "escalation.yml"


@cache
def moments(name: str) -> dict[str, list[tuple[float, Evidence]]]:
    """The customer turns of each conversation: their rating, and what the rules look at."""
    found: dict[str, list[tuple[float, Evidence]]] = {}
    for line, turns in streamed(read_lines(HERE / name)):
        if line.role == "customer":
            found.setdefault(line.dialogue, []).append((line.raw["mean"], gather(turns)[1]))
    return found


def rules_at(sensitivity: str, folder: Path) -> Rules:
    source = SHIPPED.read_text(encoding="utf-8")
    file = folder / f"{sensitivity}.yml"
    file.write_text(source.replace("sensitivity: balanced", f"sensitivity: {sensitivity}", 1), encoding="utf-8")
    return load_rules(file)


def outcome(name: str, rules: Rules) -> tuple[int, int, int, int]:
    """Caught, of so many that need a person (at or within one turn); alarmed, of so many that are fine."""
    talks = [
        [Point(rating, {OURS: escalates(evidence, rules)}) for rating, evidence in talk]
        for talk in moments(name).values()
    ]
    found = row(OURS, talks)
    return found.caught, found.needing, found.alarmed, found.fine


@pytest.mark.parametrize(
    ("name", "size", "floor", "ceiling"), [("own_talk.jsonl", 30, 18, 4), ("own_talk_later.jsonl", 12, 2, 2)]
)
def test_who_needs_a_person_and_who_is_fine(name: str, size: int, floor: int, ceiling: int, tmp_path: Path) -> None:
    """A floor and a ceiling a little off what docs/measurements.md reports; most of them are hard on purpose."""
    caught, needy, alarmed, fine = outcome(name, rules_at("balanced", tmp_path))
    assert (needy, fine) == (size, size)
    assert caught >= floor
    assert alarmed <= ceiling


def test_the_sensitivities_are_apart(tmp_path: Path) -> None:
    """From calm to eager nobody is lost and nobody's alarm goes; eager catches more, calm alarms less."""
    found = [[outcome(name, rules_at(one, tmp_path)) for name in FILES] for one in SENSITIVITIES]
    caught = [sum(each[0] for each in one) for one in found]
    handed = [sum(each[0] + each[2] for each in one) for one in found]
    assert handed == sorted(handed)
    assert caught[0] < caught[1] < caught[2]


def test_what_a_calm_setting_hands_over_an_eager_one_does_too(tmp_path: Path) -> None:
    """Turn by turn: a handoff at one sensitivity is one at every sensitivity above it."""
    calm, balanced, eager = (rules_at(one, tmp_path) for one in SENSITIVITIES)
    for name in FILES:
        for talk in moments(name).values():
            for _, evidence in talk:
                for changed in (evidence, msgspec.structs.replace(evidence, own=1.0, repeated=(1,), failed=(2, 3))):
                    assert escalates(changed, calm) <= escalates(changed, balanced) <= escalates(changed, eager)
