"""Rasa's own tools on the same files, in the engine's environment: the command to run, and what it said in short."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from warmline.engine.commands import QUIET, Command

NOTE = re.compile(r"(?:UserWarning: |(?:WARNING|ERROR)\s+\S+\s+-\s+)(.+)")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
OURS_KNOWS_BETTER = re.compile(
    r"utterance '\w+' is not used in any story or rule|No story structure conflicts|telemetry"
)
"""Rasa does not look into actions and forms, where most responses are said; :mod:`warmline.teaching.findings` does."""


class Verdict(msgspec.Struct, frozen=True):
    """Whether Rasa accepts the files, and its warnings, each once."""

    good: bool
    notes: tuple[str, ...]


def rasa(python: Path, root: Path, *arguments: str) -> Command:
    """Rasa's command line on the project at *root*, with the engine's *python*."""
    env = {**QUIET, "LOG_LEVEL": "INFO", "MPLBACKEND": "Agg"}
    env |= {"WARMLINE_ACTIONS_PORT": "5155", "WARMLINE_ENGINE_TOKEN": "not-used-by-these-commands"}
    return Command(argv=(str(python), "-m", "warmline.teaching.rasa_light", *arguments), env=env, cwd=str(root))


def validate(python: Path, root: Path) -> Command:
    """``rasa data validate``."""
    files = ("--domain", "domain.yml", "--data", "data", "--config", "config.yml")
    return rasa(python, root, "data", "validate", *files)


def verdict(code: int, lines: Sequence[str]) -> Verdict:
    """What ``rasa data validate`` meant with *lines*, having exited with *code*."""
    notes: dict[str, None] = {}
    clean = [ANSI.sub("", line).strip() for line in lines]
    for line in clean:
        found = NOTE.search(line)
        if found and not OURS_KNOWS_BETTER.search(found[1]):
            notes[found[1]] = None
    if code != 0 and not notes:
        said = [line for line in clean if line]
        notes[said[-1] if said else f"It ended with code {code} and said nothing."] = None
    return Verdict(code == 0, tuple(notes))


def cross_validate(python: Path, root: Path, folds: int, out: Path) -> Command:
    """``rasa test nlu --cross-validation``: its reports and pictures go to *out*."""
    data = ("--nlu", "data", "--config", "config.yml", "--domain", "domain.yml")
    return rasa(python, root, "test", "nlu", *data, "--cross-validation", "--folds", str(folds), "--out", str(out))
