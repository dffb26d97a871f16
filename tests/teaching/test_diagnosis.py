"""What ``warmline doctor`` says about domain, config.yml and the training data: file, line, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from tests.cli.conftest import warmline as warmline
from warmline.teaching.diagnosis import of_config, of_domain, of_nlu

from . import shapes

ROOT = Path(__file__).resolve().parents[2]
INTENTS, TALK, ASKED = "domain/intents.yml", "domain/talk/rest.yml", "data/training/questions.yml"
CHECKS = (of_domain, of_config, of_nlu)


def told(root: Path) -> list[str]:
    return [str(problem) for check in CHECKS for problem in check(root)]


@pytest.mark.parametrize("shape", [shapes.flat, shapes.split, lambda _: ROOT])
def test_what_is_right_is_not_called_wrong(tmp_path: Path, shape: Callable[[Path], Path]) -> None:
    """Neither in bots of other shapes nor in the demo shop."""
    assert told(shape(tmp_path / "bot")) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (INTENTS, "  - book", "  - book\n  - greet", "domain/intents.yml, line 6: the intent 'greet' is li"),
        (INTENTS, "intents:", "intent:", "domain/intents.yml, line 2: 'intent' is no part of such a file."),
        (INTENTS, "  - greet", "  - [greet", "domain/intents.yml, line 6: this is not YAML: "),
        (TALK, "    type: text", "    type: txt", "domain/talk/rest.yml, line 4: 'txt' is no type of sl"),
        (TALK, "    type: text\n", "", "domain/talk/rest.yml, line 3: the slot 'city' has no 'type'."),
        (TALK, "from_entity", "from_entty", "domain/talk/rest.yml, line 6: 'from_entty' is no mapping"),
        (TALK, "[city]", "[cty]", "domain/talk/rest.yml, line 10: the form 'book_form' asks for the"),
        (TALK, "  utter_greet:\n  - text: Hello.", "  utter_greet: Hello.", "line 12: 'utter_greet': exp"),
        (TALK, "  utter_greet:", "  greet:", "line 12: the response 'greet' must be called 'utter_...'"),
        ("config.yml", "DIETClassifier", "DIETClasifier", "config.yml, line 6: Rasa has no component 'DIETClasifier'."),
        ("config.yml", "- name: TEDPolicy", "- nme: TEDPolicy", "config.yml, line 13: a component of 'policies' has"),
        ("config.yml", "- name: TEDPolicy", "- name: actions.mine.Policy", "'actions.mine.Policy' is not there"),
        ("config.yml", "policies:\n", "policies: {}\nother:\n", "config.yml, line 11: 'policies': expected a list"),
        (ASKED, "intent: greet", "intent: great", "line 6: the intent 'great' is not in the domain."),
        (ASKED, "](city)", "](town)", "line 11: the entity 'town' is not in the domain. List it"),
        (ASKED, "](city)", "](city", "line 11: a bracket of an entity is never closed."),
        (ASKED, "    - hello", "    hello", "line 7: an example begins with '- '; this does not: 'h"),
        (ASKED, "- intent: greet\n  ex", "- intents: greet\n  ex", "line 4: expected one of intent,"),
        (ASKED, "nlu:", "nlus:", "questions.yml, line 3: 'nlus' is no part of such a file. Did"),
        ("data/paths/rules.yml", "rules:", "rules: [", "data/paths/rules.yml, line 3: this is not YAML: "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, file: str, old: str, new: str, expected: str) -> None:
    """One edit that is wrong, one line that says where."""
    root = shapes.split(tmp_path / "bot")
    (root / "actions").mkdir()
    before = (root / file).read_text()
    assert old in before
    (root / file).write_text(before.replace(old, new, 1))
    found = told(root)
    assert any(expected in one for one in found), found


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ("domain.yml", "neither a file domain.yml nor a folder domain"),
        ("config.yml", "config.yml: there is none"),
        ("data/nlu.yml", "data: no file has examples"),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, gone: str, expected: str) -> None:
    """By the name it should have."""
    root = shapes.flat(tmp_path / "bot")
    (root / gone).unlink()
    assert any(expected in one for one in told(root))


def test_the_doctor_has_a_line_for_each_mistake(
    warmline: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them in one run, of all four files; and how many more there are, when there are very many."""
    root = shapes.split(tmp_path / "bot")
    for file, old, new in (
        ("domain/talk/rest.yml", "text\n", "txt\n"),
        ("config.yml", "TEDPolicy", "TDPolicy"),
        ("data/training/questions.yml", "](city)", "](town)"),
    ):
        (root / file).write_text((root / file).read_text().replace(old, new, 1))
    (root / "data/many.yml").write_text(
        "nlu:\n" + "".join(f"- intent: new_{at}\n  examples: |\n    - x{at}\n" for at in range(40))
    )
    (root / "escalation.yml").write_text("sensitivity: balanced\nrulez: []\n")
    monkeypatch.setenv("WARMLINE_ROOT", str(root))
    lines = warmline("doctor").out.splitlines()
    assert any(line.startswith("fail  domain") and "domain/talk/rest.yml, line 4:" in line for line in lines)
    assert any(line.startswith("fail  config") and "config.yml, line 13:" in line for line in lines)
    assert sum(line.startswith("fail  nlu") for line in lines) == 21
    assert any(line.endswith("and 21 more; mend these first.") for line in lines)
    assert any(line.startswith("fail  rules") and "escalation.yml, line 2:" in line for line in lines)
