"""``warmline adopt``: two files beside a Rasa 3 project, or one sentence why not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from warmline.rules_file import load_rules
from warmline.settings import load

BOTS = Path(__file__).resolve().parents[1] / "adopted" / "bots"


def files_of(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", sorted(path.name for path in BOTS.iterdir()))
def test_a_project_gets_two_files_that_can_be_read(warmline: Callable[..., Any], tmp_path: Path, name: str) -> None:
    """Nothing else changes; the rules hold, and all their queues exist."""
    root = tmp_path / name
    shutil.copytree(BOTS / name, root)
    before = files_of(root)
    told = warmline("adopt", str(root))
    assert told.code == 0, told.err
    now = files_of(root)
    assert set(now) - set(before) == {"warmline.toml", "escalation.yml"}
    assert {file: now[file] for file in before} == before
    settings = load({}, root=root)
    assert {rule.queue for rule in load_rules(settings.rules_path).rules} == set(settings.queues)
    assert "domain" in told.out
    assert "config.yml: " in told.out


def test_it_says_what_it_found_and_what_becomes_of_it(warmline: Callable[..., Any], tmp_path: Path) -> None:
    """The domain, the components, the actions and where they run, in words for whoever knows Rasa."""
    shutil.copytree(BOTS / "tables", tmp_path / "tables")
    said = warmline("adopt", str(tmp_path / "tables")).out
    assert "8 intents, 3 slots, 1 form, 8 responses, 3 actions" in said
    assert "DIETClassifier" in said
    assert "http://localhost:5055/webhook: keep it running" in said
    assert "warmline up" in said
    shutil.copytree(BOTS / "clinic", tmp_path / "clinic")
    assert "domain (2 files)" in warmline("adopt", str(tmp_path / "clinic")).out


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "is no Rasa project"),
        ({"domain.yml": "intents: []\n"}, "there is no config.yml"),
        ({"config.yml": "pipeline: []\n"}, "no domain.yml"),
        ({"config.yml": "pipeline: []\n", "domain.yml": "version: '2.0'\nintents: []\n"}, "domain.yml, line 1"),
        ({"config.yml": "recipe: graph.v1\n", "domain.yml": "intents: []\n"}, "config.yml, line 1"),
        ({"config.yml": "pipeline: [\n", "domain.yml": "intents: []\n"}, "not YAML"),
        ({"config.yml": "pipeline: []\n", "domain.yml": "intents:\n- warmline_ask_person\n"}, "domain.yml, line 2"),
        ({"config.yml": "a: 1\n", "domain.yml": "intents: []\n", "escalation.yml": "x"}, "is there already"),
    ],
)
def test_what_cannot_be_adopted_is_left_alone(
    warmline: Callable[..., Any], tmp_path: Path, files: dict[str, str], why: str
) -> None:
    """One sentence that names the place, and no file more than before."""
    root = tmp_path / "project"
    root.mkdir()
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    before = files_of(root)
    told = warmline("adopt", str(root))
    assert told.code == 1
    assert why in told.err
    assert files_of(root) == before
