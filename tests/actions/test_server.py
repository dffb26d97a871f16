"""The action server: all actions of the domain, on loopback only, and no start with a broken escalation.yml."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from rasa_sdk.executor import ActionExecutor

from warmline.engine import commands

ROOT = Path(__file__).resolve().parents[2]


def test_every_action_of_the_domain_is_served() -> None:
    """And none that the domain does not know: a renamed action cannot go unnoticed."""
    listed = re.search(r"^actions:\n((?:  - \w+\n)+)", (ROOT / "domain.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed
    executor = ActionExecutor()
    executor.register_package("warmline.actions")
    executor.register_package("actions")
    ours = {name for name in executor.actions if name.startswith("action_warmline_")}
    assert {line.strip("- ") for line in listed[1].splitlines()} | ours == set(executor.actions)


@pytest.mark.processes
def test_a_mistake_in_the_rules_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    """The operator reads where it is, not a stack."""
    (tmp_path / "escalation.yml").write_text("rules: 3\n", encoding="utf-8")
    command = commands.actions(
        python=Path(sys.executable),
        root=ROOT,
        port=20_399,
        settings={"WARMLINE_ROOT": str(tmp_path), "WARMLINE_HOME": str(tmp_path / "home")},
    )
    done = subprocess.run(
        command.argv, cwd=command.cwd, env=command.env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The actions cannot start: ")
    assert "Traceback" not in done.stderr


def test_secrets_are_never_in_the_argument_list() -> None:
    """Anyone on the machine can read those."""
    command = commands.engine(
        python=Path("p"), root=Path("r"), model=Path("m"), port=1, actions_port=2, token="the-secret-token"
    )
    assert not any("secret" in part for part in command.argv)
    assert command.env["WARMLINE_ENGINE_TOKEN"] == "the-secret-token"


def test_a_model_s_name_changes_with_its_sources(tmp_path: Path) -> None:
    """Any of them, by content and not by time; other files do not matter."""
    for name in ("config.yml", "domain.yml"):
        (tmp_path / name).write_text("a: 1\n")
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    first = commands.fingerprint(tmp_path)
    (tmp_path / "data" / "nlu" / "x.yml").write_text("nlu: []\n")
    second = commands.fingerprint(tmp_path)
    (tmp_path / "data" / "nlu" / "notes.txt").write_text("nothing")
    (tmp_path / "README.md").write_text("nothing")
    assert commands.fingerprint(tmp_path) == second != first
    (tmp_path / "config.yml").write_text("a: 2\n")
    assert commands.fingerprint(tmp_path) not in (first, second)
