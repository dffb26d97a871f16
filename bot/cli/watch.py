"""For developers: a process starts again when a file it was made from changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.engine.commands import MODEL_SOURCES

LOOK_EVERY_S = 1.0
SHARED = ("bot/core", "bot/language", "bot/settings.py", "bot/rules_file.py", "escalation.yml")
SOURCES = {
    "bridge": (*SHARED, "bot/bridge", "bot/store"),
    "actions": (*SHARED, "bot/backend", "actions"),
    "engine": MODEL_SOURCES,
}
"""What each process is made from, relative to the project's root."""


def newest(root: Path, sources: tuple[str, ...]) -> float:
    """When the last change to *sources* was, Unix seconds; 0.0 when there are none."""
    moments = [0.0]
    for source in sources:
        path = root / source
        files = path.rglob("*") if path.is_dir() else (path,)
        moments += (file.stat().st_mtime for file in files if file.suffix in (".py", ".yml", ".yaml") and file.exists())
    return max(moments)


async def restart_on_change(root: Path, restart: Callable[[str], Awaitable[None]], say: Callable[[str], None]) -> None:
    """Look every second; runs until it is cancelled."""
    seen = {name: newest(root, sources) for name, sources in SOURCES.items()}
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        for name, sources in SOURCES.items():
            now = await asyncio.to_thread(newest, root, sources)
            if now > seen[name]:
                seen[name] = now
                say(f"{name}: its code has changed")
                await restart(name)
