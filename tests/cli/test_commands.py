"""The group itself: quick to help, honest about mistakes, open to other rooms' commands."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Callable

import click
import pytest

from tests.cli.conftest import Outcome

HEAVY = ("rich", "httpx", "websockets", "sqlite_utils", "argon2", "rasa_sdk", "spacy", "numpy", "ruamel")


def test_the_help_loads_nothing_heavy() -> None:
    """What takes long to import is imported by the command that needs it, not by the list of commands."""
    code = (
        "import sys\nfrom warmline.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "HEAVY []" in shown
    assert "doctor" in shown


@pytest.mark.parametrize("arguments", [["--help"], ["up", "--help"], ["agent", "--help"], ["--version"]])
def test_asking_for_help_is_a_success(warmline: Callable[..., Outcome], arguments: list[str]) -> None:
    """Exit code 0, something on standard output, nothing on standard error."""
    outcome = warmline(*arguments)
    assert outcome.code == 0
    assert outcome.out
    assert not outcome.err


@pytest.mark.parametrize("arguments", [["fly"], ["up", "--fast"], ["agent", "add"], ["up", "--port", "many"]])
def test_what_is_not_understood_exits_2(warmline: Callable[..., Outcome], arguments: list[str]) -> None:
    """And says so on standard error."""
    outcome = warmline(*arguments)
    assert outcome.code == 2
    assert outcome.err
    assert not outcome.out


def test_a_bad_setting_is_one_sentence(warmline: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, exit code 1."""
    monkeypatch.setenv("WARMLINE_PORT", "many")
    outcome = warmline("train")
    assert outcome == (1, "", "warmline: WARMLINE_PORT must be a port from 1 to 65535, not 'many'.\n")


def test_another_rooms_commands_join_ours(warmline: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """A module with COMMANDS adds them to the help and to what can be called; a missing one adds nothing."""

    @click.command()
    def measure() -> None:
        """Measure something."""
        click.echo("measured")

    module = types.ModuleType("tests.cli.plugged")
    module.COMMANDS = [measure]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tests.cli.plugged", module)
    module.__spec__ = types.SimpleNamespace(name="tests.cli.plugged")  # type: ignore[assignment]
    monkeypatch.setattr(
        "warmline.cli.PLUGGED", ("tests.cli.plugged", "warmline.nowhere.commands", "warmline.core.nowhere")
    )
    assert "Measure something." in warmline("--help").out
    assert warmline("measure").out == "measured\n"
