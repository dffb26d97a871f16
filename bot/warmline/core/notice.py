"""
A line for the people who run Warmline, from a process that only writes a log: what it says is shown by whoever started
it (``warmline up``). It is one JSON object with the text under ``notice``.
"""

from __future__ import annotations

import msgspec

KEY = "notice"


def as_line(text: str) -> str:
    """*text* as a line of a log, without its end."""
    return msgspec.json.encode({KEY: text}).decode()


def in_line(line: str) -> str:
    """The text of the notice that *line* of a log is; empty when it is none."""
    if not line.startswith("{") or f'"{KEY}"' not in line:
        return ""
    try:
        found = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return ""
    return str(found.get(KEY) or "")
