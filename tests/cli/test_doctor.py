"""``warmline doctor``: what it finds, and that it says what to do."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from warmline.cli import doctor
from warmline.settings import load


def test_every_finding_that_is_not_ok_says_what_to_do(tmp_path: Path) -> None:
    """An empty project: each complaint is a sentence, and the missing parts are among them."""
    settings = load({}, root=tmp_path)
    made = [check(settings) for check in doctor.CHECKS]
    listed = [one if isinstance(one, list) else [one] for one in made]
    found = {finding.subject: finding for findings in listed for finding in findings}
    assert found["engine"].level == "fail"
    assert "warmline setup" in found["engine"].text
    assert found["rules"].level == "fail"
    assert "escalation.yml" in found["rules"].text
    assert found["model"].level == "fail"
    assert "no Rasa project" in found["model"].text
    for finding in found.values():
        assert finding.level == "ok" or finding.text.endswith(".")


def test_a_port_in_use_is_found(tmp_path: Path) -> None:
    """Unless it is Warmline itself that uses it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = load({"WARMLINE_PORT": str(taken.getsockname()[1])}, root=tmp_path)
        assert doctor.ports(settings).level == "fail"


def test_a_team_s_action_server_that_does_not_answer_is_found(tmp_path: Path) -> None:
    """And so is a mistake in what says where it is."""
    with socket.socket() as there:
        there.bind(("127.0.0.1", 0))
        settings = load({"WARMLINE_ACTIONS_URL": f"http://127.0.0.1:{there.getsockname()[1]}"}, root=tmp_path)
        found = doctor.team_actions(settings)
    assert (found.level, "nothing answers" in found.text) == ("warn", True)
    assert doctor.team_actions(load({}, root=tmp_path)).level == "ok"
    (tmp_path / "endpoints.yml").write_text("action_endpoint:\n  url: ftp://team\n")
    assert doctor.team_actions(load({}, root=tmp_path)).level == "fail"
    missing = load({"WARMLINE_ACTIONS_REQUIREMENTS": "no.txt"}, root=tmp_path)
    assert doctor.team_actions(missing).level == "fail"


def test_a_damaged_store_is_found(tmp_path: Path) -> None:
    """And left as it is."""
    settings = load({}, root=tmp_path)
    settings.home.mkdir()
    settings.store_path.write_bytes(b"not a database, but long enough to look like one" * 100)
    before = settings.store_path.read_bytes()
    assert doctor.store(settings).level == "fail"
    assert settings.store_path.read_bytes() == before


@pytest.mark.parametrize(
    ("variables", "level"),
    [
        ({}, "ok"),
        ({"WARMLINE_HOST": "0.0.0.0"}, "warn"),
        ({"WARMLINE_HOST": "0.0.0.0", "WARMLINE_DEMO": "1", "WARMLINE_ALLOWED_ORIGINS": "https://a.example"}, "warn"),
        ({"WARMLINE_HOST": "0.0.0.0", "WARMLINE_ALLOWED_ORIGINS": "https://a.example"}, "ok"),
    ],
)
def test_what_the_outside_can_reach_is_told(tmp_path: Path, variables: dict[str, str], level: str) -> None:
    """A demo on all addresses, and a bridge that no page may use, are worth a word."""
    assert doctor.exposure(load(variables, root=tmp_path)).level == level


def test_the_report_is_one_line_for_each_check(warmline: Callable[..., Outcome]) -> None:
    """Level, subject, text; no colour where nobody looks; the exit code says whether anything failed."""
    outcome = warmline("doctor")
    lines = outcome.out.splitlines()
    assert len(lines) == 2 + len(doctor.CHECKS)  # the settings before, the shop after
    assert {line.split()[0] for line in lines} <= {"ok", "warn", "fail"}
    assert "\x1b" not in outcome.out
    assert outcome.code == any(line.startswith("fail") for line in lines)


def test_bad_settings_end_the_examination(warmline: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else can be judged without them."""
    monkeypatch.setenv("WARMLINE_DEMO", "maybe")
    outcome = warmline("doctor")
    assert outcome.code == 1
    assert outcome.out.splitlines() == ["fail  settings     WARMLINE_DEMO must be true or false, not 'maybe'."]
