"""``warmline init`` from a clone: what it makes, what it refuses, and what it says comes next."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.cli.conftest import Outcome
from warmline.rules_file import load_rules
from warmline.settings import load
from warmline.templates import SHOP

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("template", ["bare", "shop"])
def test_a_project_is_made(
    warmline: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    """Its settings and rules can be read, git leaves alone what Warmline writes, and the next commands are said."""
    monkeypatch.chdir(tmp_path)
    outcome = warmline("init", "mine", "--template", template)
    assert outcome.code == 0, outcome.err
    assert "cd mine" in outcome.out
    assert "warmline up" in outcome.out
    settings = load({}, root=tmp_path / "mine")
    load_rules(settings.rules_path)
    assert ".warmline/" in (tmp_path / "mine" / ".gitignore").read_text()
    assert (tmp_path / "mine" / "tests" / "assistant" / "conversations").is_dir()
    assert not list((tmp_path / "mine").rglob("__pycache__"))


def test_bare_is_what_is_made_when_nobody_says(warmline: Callable[..., Outcome], tmp_path: Path) -> None:
    """Also in a folder that is there and empty, and below one that is not there yet."""
    (tmp_path / "empty").mkdir()
    for place in ("empty", "deep/er"):
        assert warmline("init", str(tmp_path / place)).code == 0
        domain = YAML(typ="safe").load((tmp_path / place / "domain.yml").read_text(encoding="utf-8"))
        assert "order_status" not in domain["intents"]


def test_the_shop_of_a_clone_is_its_own_root(warmline: Callable[..., Outcome], tmp_path: Path) -> None:
    """The same files, and those only."""
    assert warmline("init", str(tmp_path / "shop"), "--template", "shop").code == 0
    for name in SHOP:
        if (ROOT / name).is_file():
            assert filecmp.cmp(ROOT / name, tmp_path / "shop" / name, shallow=False)
        else:
            ours = {file.relative_to(ROOT) for file in (ROOT / name).rglob("*") if file.is_file()}
            made = {file.relative_to(tmp_path / "shop") for file in (tmp_path / "shop" / name).rglob("*")}
            assert {file for file in ours if file.suffix != ".pyc"} <= made


def test_what_holds_something_is_left_alone(warmline: Callable[..., Outcome], tmp_path: Path) -> None:
    """A folder, a file in its place, and one that may not be written; each told in one sentence."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    outcome = warmline("init", str(tmp_path / "full"))
    assert outcome.code == 1
    assert "is not empty, and nothing was changed" in outcome.err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    (tmp_path / "file").write_text("mine")
    outcome = warmline("init", str(tmp_path / "file"))
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 1
    assert (tmp_path / "file").read_text() == "mine"
    outcome = warmline("init", str(tmp_path / "site-packages" / "bot"))
    assert outcome.code == 1
    assert "installed package" in outcome.err


def test_the_smallest_bot_names_no_shop() -> None:
    """Its texts fit whoever begins with it, and what Warmline adds to every bot does not stand in it."""
    bare = ROOT / "bot" / "warmline" / "templates" / "bare"
    text = "\n".join(path.read_text(encoding="utf-8") for path in bare.rglob("*.*") if path.is_file()).lower()
    for word in ("order", "fjord", "shop", "parcel", "a1042", "appointment", "delivery"):
        assert word not in text, word
    domain = YAML(typ="safe").load((bare / "domain.yml").read_text(encoding="utf-8"))
    assert not [name for part in domain.values() for name in part if str(name).find("warmline_") >= 0]


def test_a_command_may_be_given_anywhere_in_a_project(
    warmline: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says which project it works on, and outside of one how to come to one; the current folder may be gone."""
    assert warmline("init", str(tmp_path / "mine")).code == 0
    monkeypatch.chdir(tmp_path / "mine" / "data")
    outcome = warmline("agent", "list")
    assert outcome.err.splitlines()[0] == f"Project: {tmp_path / 'mine'}"
    monkeypatch.chdir(tmp_path)
    outcome = warmline("agent", "list")
    assert outcome.code == 1
    assert "warmline init NAME" in outcome.err
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    os.rmdir(tmp_path / "gone")
    outcome = warmline("agent", "list")
    assert outcome.code == 1
    assert outcome.err == "warmline: The folder that this was started in is gone. Change to your project's.\n"
