"""With the real Rasa, on a bot of another shape: what it says arrives whole, and what is taught can be trained."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from warmline.cli import main

from . import shapes

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]
CONFIG = """recipe: default.v1
assistant_id: test
language: en
pipeline:
- name: WhitespaceTokenizer
- name: CountVectorsFeaturizer
- name: LogisticRegressionClassifier
policies:
- name: MemoizationPolicy
- name: RulePolicy
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if not os.access(ROOT / ".venv-engine" / "bin" / "python", os.X_OK):
        pytest.skip("the engine's environment .venv-engine is missing: run make setup")
    root = shapes.split(tmp_path / "bot")
    (root / "config.yml").write_text(CONFIG)
    (root / ".venv-engine").symlink_to(ROOT / ".venv-engine")
    monkeypatch.setenv("WARMLINE_ROOT", str(root))
    return root


@pytest.fixture
def warmline(root: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def call(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((out + err).split())

    return call


def test_a_split_domain_is_accepted_and_trained_with_what_was_taught(
    warmline: Callable[..., tuple[int, str]], root: Path
) -> None:
    """A question, an intent and an example more: Rasa has nothing against them, and makes a model."""
    assert warmline("faq", "add", "faq/pets", "-q", "can my dog come", "-a", "Yes.")[0] == 0
    assert warmline("faq", "add", "gift_wrapping", "-q", "do you wrap gifts", "-q", "gift wrap", "-a", "Yes.")[0] == 0
    assert (
        warmline("intent", "new", "vegan", "-e", "is it vegan", "-e", "vegan?", "-e", "no meat", "-a", "Yes.")[0] == 0
    )
    assert warmline("intent", "example", "greet", "good evening")[0] == 0
    code, said = warmline("check", "--few", "1")
    assert (code, "Rasa accepts the files." in said) == (0, True), said
    code, said = warmline("train")
    assert (code, "Trained warmline-" in said) == (0, True), said
    assert "Nothing has changed" in warmline("train")[1]


def test_what_rasa_has_against_a_file_is_told_with_its_place(
    warmline: Callable[..., tuple[int, str]], root: Path
) -> None:
    """A warning of two lines, and a training that fails: the file, the line and the reason are all there."""
    path = root / "data" / "paths" / "stories.yml"
    before = path.read_text()
    path.write_text(before.replace("  - intent: greet\n", "  - intent: great\n", 1))
    _, said = warmline("check", "--few", "1")
    assert "Issue found in 'data/paths/stories.yml': Found intent 'great' in stories which is not part of" in said
    path.write_text(before.replace("- intent: greet", "- intent: [greet", 1))
    code, said = warmline("train")
    assert code == 1
    assert "paths/stories.yml'" in said
    assert "line 6" in said
    assert said.count("The whole story is in") == 1
