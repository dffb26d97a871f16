"""escalation.yml as it stands now: a change is taken over while everything runs, a wrong one is told and waits."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from warmline.core.errors import SettingsError
from warmline.core.rules import Rules
from warmline.rules_file import load_rules

LOOK_EVERY_S = 0.4
RESTED_S = 0.2
"""A file that changed is read once it has not changed again for so long: an editor may still be writing it."""

Stamp = tuple[int, int, int]
"""Moment of the last change in nanoseconds, size and inode; all 0 where there is no file."""


class LiveRules:
    """
    The rules of the file at *path*, checked against *queues*. *tell* gets one line when a change was taken over, or
    could not be: then the rules that were in force stay so. *clock* gives seconds that only go forward. May be used by
    several threads.

    What was taken over is copied to *kept*. A process that has to start while the file is wrong begins with that copy,
    and tells what is wrong: it may have died while somebody wrote.

    Raises:
        SettingsError: as :func:`warmline.rules_file.load_rules`, for the file as it stands first, where no copy can be
            used.
    """

    def __init__(
        self,
        path: Path,
        queues: Sequence[str],
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        kept: Path | None = None,
    ) -> None:
        self._path, self._queues, self._tell, self._clock = path, tuple(queues), tell, clock
        self._kept, self._wrong, self._lock = kept, "", threading.Lock()
        self._read = _stamp(path)
        self._seen, self._seen_at = self._read, 0.0
        self._rules = self._first()

    def _first(self) -> Rules:
        try:
            rules = load_rules(self._path, self._queues)
        except SettingsError as wrong:
            if self._kept is None or not self._kept.exists():
                raise
            try:
                rules = load_rules(self._kept, self._queues)
            except SettingsError:
                raise wrong from None
            self._refuse(wrong.text)
        else:
            self._keep()
        return rules

    def _keep(self) -> None:
        """Copy the file, whole or not at all; a full disk costs only the copy."""
        if self._kept is None:
            return
        draft = self._kept.with_name(f"{self._kept.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._path, draft)
            draft.replace(self._kept)

    def in_force(self) -> Rules:
        """The rules as last taken over; touches no disk."""
        return self._rules

    def now(self) -> Rules:
        """The rules in force, after a look at the file."""
        self.look()
        return self._rules

    def look(self) -> None:
        """Take over a change that has rested. Reads the file only then, which takes some tenths of a second."""
        with self._lock:
            found, now = _stamp(self._path), self._clock()
            if found != self._seen:
                self._seen, self._seen_at = found, now
            elif found != self._read and now - self._seen_at >= RESTED_S:
                self._read = found
                self._take_over()

    async def watch(self) -> None:
        """Look every ``LOOK_EVERY_S`` seconds, off the event loop, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await asyncio.to_thread(self.look)

    def _take_over(self) -> None:
        try:
            rules = load_rules(self._path, self._queues)
        except SettingsError as wrong:
            self._refuse(wrong.text)
        except Exception as wrong:  # whatever stands in the file, the process goes on
            self._refuse(f"{self._path} cannot be read ({type(wrong).__name__}).")
        else:
            if self._wrong or rules != self._rules:
                mended = "is right again" if self._wrong else "has changed"
                self._rules, self._wrong = rules, ""
                self._keep()
                self._tell(f"{self._path.name} {mended}: its rules are in force.")

    def _refuse(self, text: str) -> None:
        self._wrong = " ".join(text.split())
        self._tell(f"{self._wrong} The change was not taken over: the rules before it go on.")


def _stamp(path: Path) -> Stamp:
    try:
        about = path.stat()
    except OSError:
        return (0, 0, 0)
    return (about.st_mtime_ns, about.st_size, about.st_ino)
