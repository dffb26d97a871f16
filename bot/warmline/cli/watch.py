"""For developers: something is done when files that a process was made from change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from warmline.engine.commands import PACKAGE, PACKAGE_SOURCES, PROJECT_SOURCES

LOOK_EVERY_S = 1.0


def _ours(*parts: str) -> tuple[str, ...]:
    return tuple(str(PACKAGE / part) for part in parts)


READS_TEXT = _ours("core", "language")
SHARED = (*READS_TEXT, *_ours("settings.py", "rules_file.py", "live_rules.py"))
SOURCES = {
    "bridge": (*SHARED, *_ours("bridge", "store")),
    "actions": (*SHARED, *_ours("actions"), "actions"),
    "own-actions": ("actions", "actions.py"),
    "engine": (*PROJECT_SOURCES, *_ours(*PACKAGE_SOURCES), *READS_TEXT, "endpoints.yml", "credentials.yml"),
}
"""
What each process is made from: relative to the project's root, or absolute where it is Warmline itself. A changed
escalation.yml is taken over by the processes themselves (warmline.live_rules).
"""

State = frozenset[tuple[str, int, int]]


def state_of(root: Path, sources: tuple[str, ...]) -> State:
    """What *sources* hold now, to be compared with later: path, moment of the last change and size of each file."""
    found: set[tuple[str, int, int]] = set()
    for source in sources:
        path = root / source
        for file in path.rglob("*") if path.is_dir() else (path,):
            if file.suffix in (".py", ".yml", ".yaml") and not file.name.startswith("."):
                with contextlib.suppress(FileNotFoundError):
                    about = file.stat()
                    found.add((str(file), about.st_mtime_ns, about.st_size))
    return frozenset(found)


async def on_change(
    root: Path, sources: tuple[str, ...], act: Callable[[], Awaitable[None]], every_s: float = LOOK_EVERY_S
) -> None:
    """
    Call *act* each time *sources* have changed and rested for *every_s* seconds. What changes meanwhile is acted on
    after it. Runs until it is cancelled.
    """
    done = await asyncio.to_thread(state_of, root, sources)
    while True:
        await asyncio.sleep(every_s)
        now = await asyncio.to_thread(state_of, root, sources)
        if now == done:
            continue
        await asyncio.sleep(every_s)
        if now == await asyncio.to_thread(state_of, root, sources):
            done = now
            await act()
