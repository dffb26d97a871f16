"""Rasa's own tools on the same files, in the engine's environment: the command to run, and what it said in short."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from warmline.engine.commands import QUIET, Command, domain_path
from warmline.supervisor.logfile import ANSI, ERROR_COLOUR, last_message

ENDS = "\x1b[0m"
"""Where a coloured message of Rasa's ends."""
WARNING = re.compile(r".*?\.py:\d+: (\w*)Warning: (.*)")
LOGGED = re.compile(r"\d{4}-\d\d-\d\d \S+ (\w+)\s+\S+\s+-\s+(.*)|Processed \w+")
OURS_KNOWS_BETTER = re.compile(
    r"utterance '\S+' is not used in any story or rule|No story structure conflicts|telemetry|'assistant_id' mandatory|"
    r"duplicated intents have been found across multiple domain files|intent 'warmline_"
)
"""
Rasa does not look into actions and forms, where most responses are said; :mod:`warmline.teaching.findings` does. It
takes a retrieval intent of a split domain for a duplicate of its questions; :mod:`warmline.teaching.diagnosis` not. Our
own intent is only said by a button.
"""


class Verdict(msgspec.Struct, frozen=True):
    """Whether Rasa accepts the files, and its warnings, each once."""

    good: bool
    notes: tuple[str, ...]


def rasa(python: Path, root: Path, *arguments: str) -> Command:
    """Rasa's command line on the project at *root*, with the engine's *python*."""
    env = {**QUIET, "LOG_LEVEL": "INFO", "MPLBACKEND": "Agg"}
    env |= {"WARMLINE_ACTIONS_PORT": "5155", "WARMLINE_ENGINE_TOKEN": "not-used-by-these-commands"}
    return Command(argv=(str(python), "-m", "warmline.teaching.rasa_lean", *arguments), env=env, cwd=str(root))


def validate(python: Path, root: Path) -> Command:
    """``rasa data validate``."""
    files = ("--domain", domain_path(root).name, "--data", "data", "--config", "config.yml")
    return rasa(python, root, "data", "validate", *files)


def verdict(code: int, lines: Sequence[str]) -> Verdict:
    """What ``rasa data validate`` meant with *lines*, having exited with *code*; a note may have several lines."""
    notes: dict[str, None] = {}
    open_note: list[str] = []

    def close() -> None:
        text = "\n".join(open_note)
        if text and not OURS_KNOWS_BETTER.search(text):
            notes[text] = None
        open_note.clear()

    for raw in lines:
        line = ANSI.sub("", raw).rstrip()
        warned, logged = WARNING.match(line), LOGGED.match(line)
        if warned or logged or raw.startswith((ENDS, ERROR_COLOUR)) or line.startswith("Traceback"):
            close()
        if warned:
            open_note += [warned[2].strip()] if warned[1] in ("User", "Future") else []
        elif logged:
            open_note += [logged[2]] if logged[1] in ("WARNING", "ERROR", "CRITICAL") else []
        elif open_note and line.strip():
            open_note.append(line.strip())
        if raw.rstrip().endswith(ENDS):
            close()
    close()
    if code != 0:
        notes[last_message([*lines]) or f"It ended with code {code} and said nothing."] = None
    return Verdict(code == 0, tuple(notes))


def cross_validate(python: Path, root: Path, folds: int, out: Path) -> Command:
    """``rasa test nlu --cross-validation``: its reports and pictures go to *out*."""
    data = ("--nlu", "data", "--config", "config.yml", "--domain", domain_path(root).name)
    return rasa(python, root, "test", "nlu", *data, "--cross-validation", "--folds", str(folds), "--out", str(out))
