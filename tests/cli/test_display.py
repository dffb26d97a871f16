"""What ``warmline up`` shows, in a terminal and anywhere else."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from warmline.cli import display
from warmline.cli.display import LiveDisplay, PlainDisplay, sentence
from warmline.supervisor import AllReady, Down, GaveUp, Ready, Report, Said, Started, Stopped, Stopping

REPORTS: list[tuple[Report, str]] = [
    (Started("engine", 7), "engine: started (process 7)"),
    (Ready("engine", 12.34), "engine: ready after 12.3 s"),
    (AllReady(), "everything is ready"),
    (Down("bridge", "it was ended by SIGKILL", 0.2), "it was ended by SIGKILL. Starting it again in 0.2 s"),
    (GaveUp("actions", "it exited with code 1: no room"), "actions: cannot be started, it exited with code 1: no room"),
    (Stopping("bridge"), "bridge: stopping"),
    (Stopped("bridge", forced=True), "bridge: stopped (it had to be killed)"),
    (Stopped("bridge", forced=False), "bridge: stopped"),
    (Said("bridge", "escalation.yml has changed."), "bridge: escalation.yml has changed."),
]


@pytest.mark.parametrize(("report", "words"), REPORTS)
def test_every_report_is_a_line(report: Report, words: str) -> None:
    """Plain words, the process first."""
    assert sentence(report).endswith(words)


def test_without_a_terminal_every_change_is_a_line_without_colour() -> None:
    """For logs and pipes."""
    lines: list[str] = []
    shown = PlainDisplay(["bridge", "engine"], lines.append)
    for report, _ in REPORTS:
        shown.hear(report)
    assert len(lines) == len(REPORTS)
    assert not any("\x1b" in line for line in lines)


def test_a_long_wait_is_told_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every few seconds, with what is waited for and for how long; not once nothing is."""
    now = 100.0
    monkeypatch.setattr(display.time, "monotonic", lambda: now)
    lines: list[str] = []
    shown = PlainDisplay(["bridge", "engine"], lines.append)
    shown.hear(Ready("bridge", 1.0))
    shown.step("engine", "training the assistant")
    del lines[:]
    now += 4.9
    shown.tick()
    assert lines == []
    now += 0.1
    shown.tick()
    assert lines == ["   5.0 s  waiting for engine (training the assistant) for 5 s"]
    now += 5.0
    shown.tick()
    assert len(lines) == 2
    shown.hear(Ready("engine", 10.0))
    now += 60.0
    shown.tick()
    assert len(lines) == 3


def test_a_terminal_shows_a_table_and_then_leaves_it() -> None:
    """While things start they are drawn in place; what comes after all are ready are plain lines below."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, color_system=None)
    shown = LiveDisplay(["bridge", "engine"], console)
    shown.step("engine", "training: Loading Rasa")
    shown.hear(Started("bridge", 1))
    shown.hear(Ready("bridge", 1.0))
    shown.hear(Started("engine", 2))
    shown.hear(Ready("engine", 20.0))
    shown.hear(AllReady())
    table = out.getvalue()
    assert "bridge" in table
    assert "20.0 s" in table
    shown.say("Agents' console: [here]")
    shown.hear(Down("engine", "it was ended by SIGKILL", 0.2))
    after = out.getvalue()[len(table) :]
    assert "Agents' console: [here]" in after
    assert "it was ended by SIGKILL" in after
    shown.close()


def test_what_a_process_says_stays_in_a_terminal_too() -> None:
    """While the table is drawn, and after it; the process' own row does not change."""
    out = io.StringIO()
    shown = LiveDisplay(["bridge"], Console(file=out, force_terminal=True, width=80))
    shown.hear(Ready("bridge", 1.0))
    shown.hear(Said("bridge", "escalation.yml has changed."))
    shown.hear(AllReady())
    shown.hear(Said("bridge", "escalation.yml, line 3: wrong."))
    shown.close()
    assert "bridge: escalation.yml has changed." in out.getvalue()
    assert "bridge: escalation.yml, line 3: wrong." in out.getvalue()
