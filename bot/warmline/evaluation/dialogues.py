"""Conversations as lines, in the order in which they were said; from a file, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from warmline.core.ask import Outcome
from warmline.core.errors import SettingsError
from warmline.core.features import Features

WANTED = 'expected an object such as {"dialogue": 1, "role": "customer", "text": "..."}'
ROLES: dict[str, Literal["customer", "bot", "agent"]] = {
    "customer": "customer",
    "user": "customer",
    "bot": "bot",
    "system": "bot",
    "assistant": "bot",
    "agent": "agent",
    "human": "agent",
}


class Line(msgspec.Struct, frozen=True):
    """
    One line of a file. *raw* is the object as it stood there; *outcome* how the bot did, when the file says so;
    *at* Unix seconds, 0.0 unknown. *seq* is the message's in the log, 0 for a file: its lines are counted.
    *features* are set where the text is not to be read (a pressed button); *handed_back_for* as in assess.
    """

    number: int
    dialogue: str
    role: Literal["customer", "bot", "agent"]
    text: str
    raw: dict[str, Any]
    outcome: str | None = None
    at: float = 0.0
    seq: int = 0
    features: Features | None = None
    handed_back_for: tuple[str, ...] = ()


OUTCOMES = frozenset({*get_args(Outcome), "refused"})
"""Another word than these, from somebody else's log, is as good as none: the bot's own words are read then."""


def read_lines(path: Path) -> Iterator[Line]:
    """
    The lines of the file at *path*, empty ones left out.

    Raises:
        SettingsError: it cannot be read, or a line is not an object with ``dialogue``, ``role`` and ``text``, or
            nothing is in it; the text names file and line, and what was expected.
    """
    found = False
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _line(path, number, line)
                    found = True
    except UnicodeError:
        raise SettingsError(f"{path} is not UTF-8 text. Save it as UTF-8, one JSON object a line.") from None
    except OSError as wrong:
        raise SettingsError(f"{path} cannot be read: {wrong.strerror}.") from None
    if not found:
        raise SettingsError(f"{path} is empty: {WANTED}, one a line.")


def _line(path: Path, number: int, line: str) -> Line:
    def wrong(what: str) -> SettingsError:
        return SettingsError(f"{path}, line {number}: {what}.")

    try:
        raw = json.loads(line, parse_constant=_nothing)
    except (ValueError, RecursionError):
        raise wrong(f"this is not JSON; {WANTED}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str) or raw.get("dialogue") is None:
        raise wrong(WANTED)
    if "role" not in raw:
        raise wrong("'role' is missing; expected customer, bot or agent")
    role = ROLES.get(str(raw["role"]).lower())
    if role is None:
        raise wrong(f"the role is {raw['role']!r}; expected customer, bot or agent")
    outcome, at = raw.get("outcome"), raw.get("at")
    return Line(
        number=number,
        dialogue=str(raw["dialogue"]),
        role=role,
        text=raw["text"],
        raw=raw,
        outcome=outcome if outcome in OUTCOMES else None,
        at=float(at) if isinstance(at, (int, float)) and 0.0 <= at < 1e12 else 0.0,
    )


def _nothing(name: str) -> None:
    """NaN and Infinity, which other programs write for "no value", as none."""
