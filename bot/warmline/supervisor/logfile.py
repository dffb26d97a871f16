"""A child's output: kept in a file that rotates, with its last lines at hand to say why it died."""

from __future__ import annotations

import contextlib
import logging
from collections import deque
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 5_000_000
KEPT_FILES = 3
MAX_LINE_CHARS = 4_000


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
        self._last: deque[str] = deque(maxlen=20)
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
        """The last line that says something, at most 300 characters; empty when there was none."""
        words = [line for line in self._last if line.strip() and not line.startswith((" ", "\t"))]
        return words[-1].strip()[:300] if words else ""

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
