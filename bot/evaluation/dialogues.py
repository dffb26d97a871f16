"""Conversations as lines, in the order in which they were said; from a file, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from bot.core.errors import SettingsError
from bot.core.mood import Features

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


def read_lines(path: Path) -> Iterator[Line]:
    """
    The lines of the file at *path*, empty ones left out.

    Raises:
        SettingsError: it cannot be read, or a line is not an object with ``dialogue``, ``role`` and ``text``; the text
            names file and line.
    """
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _line(path, number, line)
    except (OSError, UnicodeError) as wrong:
        raise SettingsError(f"{path} cannot be read: {wrong}.") from None


def _line(path: Path, number: int, line: str) -> Line:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        raise SettingsError(f"{path}, line {number}: this is not JSON.") from None
    wanted = 'expected an object such as {"dialogue": 1, "role": "customer", "text": "..."}'
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str) or "dialogue" not in raw:
        raise SettingsError(f"{path}, line {number}: {wanted}.")
    role = ROLES.get(str(raw.get("role")).lower())
    if role is None:
        raise SettingsError(f"{path}, line {number}: the role is {raw.get('role')!r}; expected customer, bot or agent.")
    outcome, at = raw.get("outcome"), raw.get("at")
    return Line(
        number=number,
        dialogue=str(raw["dialogue"]),
        role=role,
        text=raw["text"],
        raw=raw,
        outcome=outcome if isinstance(outcome, str) else None,
        at=float(at) if isinstance(at, (int, float)) else 0.0,
    )
