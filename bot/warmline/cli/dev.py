"""
``warmline up --dev``: code and training data may be changed while everything runs, and no customer's turn fails for it.

The engine is stateless (docs/decisions/0002), so it is exchanged as a whole: the new model is trained in the
background, a second engine is started with it on a port of its own, the door in front of both sends what comes from
then on to the new one, and the old one goes when its last answer has left. A mistake in the files leaves the old
engine at work.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable, Sequence

from warmline import own_actions
from warmline.cli.watch import SOURCES, on_change
from warmline.settings import Settings
from warmline.supervisor import Door, Spec, Supervisor, free_port

DRAIN_S = 30.0


class Dev:
    """
    Watches the sources of *settings*' project. *engine* makes the engine's spec for a port; *say* is told what happens.
    """

    def __init__(self, settings: Settings, engine: Callable[[int], Spec], say: Callable[[str], None]) -> None:
        self._settings = settings
        self._engine = engine
        self._say = say
        self._first = free_port()
        self._door = Door(self._first)

    async def open(self) -> Spec:
        """Open the door at the engine's port; returns the spec of the first engine, behind it."""
        await self._door.open(self._settings.engine_port)
        return self._engine(self._first)

    async def watch(self, supervisor: Supervisor) -> None:
        """Until cancelled: restart bridge and actions, exchange the engine, when what they are made from changes."""

        async def restart(name: str) -> None:
            self._say(f"{name}: its code has changed")
            await supervisor.restart(name)

        root = self._settings.root
        sources = {name: SOURCES[name] for name in ("bridge", "actions")}
        if self._settings.actions_requirements is not None:
            sources[own_actions.NAME] = SOURCES[own_actions.NAME]
        watchers = [on_change(root, files, functools.partial(restart, name)) for name, files in sources.items()]
        engine = on_change(root, SOURCES["engine"], lambda: self.exchange(supervisor))
        async with asyncio.TaskGroup() as group:
            for watcher in (*watchers, engine):
                group.create_task(watcher)

    async def exchange(self, supervisor: Supervisor) -> None:
        """Put an engine of the present sources in the place of the one that runs, if that can be made."""
        begun = time.monotonic()
        self._say("engine: what it was made from has changed; the present one answers until the next is ready")
        port = free_port()
        why = await supervisor.exchange(self._engine(port), lambda: self._door.switch_to(port, DRAIN_S))
        if why:
            reason = why.rstrip(".")
            self._say(
                f"engine: the change was not taken over: {reason}. The one before goes on; mend it and save again"
            )
        else:
            self._say(f"engine: the next one answers now, {time.monotonic() - begun:.0f} s after the change")

    async def close(self) -> None:
        """Close the door."""
        await self._door.close()


def with_engine(specs: Sequence[Spec], engine: Spec) -> list[Spec]:
    """*specs* with *engine* in the place of the one of its name."""
    return [engine if spec.name == engine.name else spec for spec in specs]
