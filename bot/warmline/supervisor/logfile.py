"""A child's output: kept in a file that rotates, with its last lines at hand to say why it died."""

from __future__ import annotations

import contextlib
import logging
import re
from collections import deque
from collections.abc import Callable, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 5_000_000
KEPT_FILES = 3
MAX_LINE_CHARS = 4_000
KEPT_LINES = 80
"""Enough for an error that quotes the file it is about."""
ANSI = re.compile(r"\x1b\[[0-9;]*m")
ERROR_COLOUR = "\x1b[91m"
"""How Rasa prints an error that it tells without a traceback."""
RECORD = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b|\S+\.py:\d+: |Traceback \(most ")
"""How a line begins that is no part of the message before it."""


def last_message(lines: Sequence[str]) -> str:
    """
    The last thing that was said in *lines*, whole: an error with all its lines but without the way there (the frames of
    its traceback), else the last line at the margin with those that stand below it further in.
    """
    plain = [ANSI.sub("", line).rstrip() for line in lines]
    frames = [at for at, line in enumerate(plain) if re.match(r'\s+File ".+", line \d+', line)]
    begins = frames[-1] + 1 if frames else 0
    while frames and begins < len(plain) and (not plain[begins] or plain[begins][0].isspace()):
        begins += 1
    told = [at for at, line in enumerate(lines) if line.startswith(ERROR_COLOUR)]
    begins = max([at for at in (begins if frames else 0, *told[-1:]) if at < len(plain)], default=0)
    if begins == 0 or any(RECORD.match(line) for line in plain[begins + 1 :]):
        margin = [at for at, line in enumerate(plain) if line and not line[0].isspace()]
        begins = margin[-1] if margin else len(plain)
    return "\n".join(line for line in plain[begins:] if any(sign.isalnum() for sign in line)).strip()


class LogFile:
    """
    Takes bytes as they come and writes whole lines to *path*: at most ``KEPT_FILES`` + 1 files of ``MAX_BYTES``.

    A full disk loses log lines and nothing else. *seen* is told each line too.
    """

    def __init__(self, path: Path, seen: Callable[[str], None] | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._seen = seen
        self._rest = b""
        self._last: deque[str] = deque(maxlen=KEPT_LINES)
        self._handler = RotatingFileHandler(
            path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", errors="replace", delay=True
        )
        self._handler.handleError = _lose  # type: ignore[method-assign, assignment]

    def feed(self, data: bytes) -> None:
        """Add what the child wrote; a line may come in parts."""
        *lines, rest = (self._rest + data).split(b"\n")
        if len(rest) > MAX_LINE_CHARS:
            lines, rest = [*lines, rest], b""
        self._rest = rest
        for line in lines:
            self._keep(line)

    def forget(self) -> None:
        """A new child begins: what its predecessor said last is not its reason."""
        self._last.clear()

    def last_words(self) -> str:
        """Why it ended, by its own last words (:func:`last_message`), in one line; empty when there were none."""
        return " ".join(last_message(tuple(self._last)).split())[:MAX_LINE_CHARS]

    def close(self) -> None:
        """Write what is left of an unfinished line, then close."""
        if self._rest:
            self._keep(self._rest)
            self._rest = b""
        with contextlib.suppress(OSError):
            self._handler.close()

    def _keep(self, raw: bytes) -> None:
        line = raw.decode("utf-8", "replace").rstrip("\r")[:MAX_LINE_CHARS]
        self._last.append(line)
        self._handler.emit(logging.makeLogRecord({"msg": line}))
        if self._seen is not None:
            self._seen(line)


def _lose(_record: logging.LogRecord) -> None:
    """Logging prints a traceback here; a log that cannot be written must not disturb what is being logged."""
