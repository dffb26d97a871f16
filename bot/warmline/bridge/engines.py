"""
Several engines side by side, and each conversation always at the same one.

Engines are single-worker and keep nothing of a conversation that they need (docs/decisions/0002), so the place only has
to be steady: rendezvous hashing. Every bridge comes to the same one without asking anybody, and when an engine is gone
only its own conversations move, each to the next in its order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from hashlib import blake2b

from warmline.bridge import metrics
from warmline.bridge.engine import Engine, EngineNotReached, Understood
from warmline.core.ask import Answer, Ask
from warmline.core.errors import EngineUnavailable


def in_order(conversation: str, places: Sequence[str]) -> list[str]:
    """*places* in the order in which *conversation* wants them (highest random weight first)."""
    return sorted(places, key=lambda place: blake2b(f"{place}\0{conversation}".encode(), digest_size=8).digest())


class Engines:
    """
    What one :class:`~warmline.bridge.engine.Engine` does, over *engines*. *ok* is whether any of them is well,
    *well_at* when one last was; *changed* is called when *ok* does.
    """

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = {engine.url: engine for engine in engines}
        self.ok = False
        self.changed: Callable[[], None] = lambda: None
        for engine in engines:
            engine.changed = self._look

    @property
    def well_at(self) -> float:
        """Monotonic seconds."""
        return max(engine.well_at for engine in self._engines.values())

    def order(self, conversation: str) -> list[Engine]:
        """Where to ask about *conversation*: the engines that are well, then the others, each in its own order."""
        wanted = [self._engines[url] for url in in_order(conversation, list(self._engines))]
        return sorted(wanted, key=lambda engine: not engine.ok)

    async def ask(self, ask: Ask, *, limit_s: float | None = None) -> Answer:
        """
        Put one question. An engine that never got it is no loss: the next in order is asked.

        Raises:
            EngineUnavailable: see :meth:`Engine.ask <warmline.bridge.engine.Engine.ask>`.
        """
        why: EngineUnavailable | None = None
        for engine in self.order(ask.conversation):
            try:
                return await engine.ask(ask, limit_s=limit_s)
            except EngineNotReached as failure:  # noqa: PERF203 (each turn asks another engine)
                why = failure
        assert why is not None
        raise why

    async def understood(self, conversation: str, text: str) -> Understood:
        """
        See :meth:`Engine.understood <warmline.bridge.engine.Engine.understood>`; only the first in order is asked.
        """
        return await self.order(conversation)[0].understood(text)

    async def watch(self) -> None:
        """Ask all for their health, for ever."""
        async with asyncio.TaskGroup() as group:
            for engine in self._engines.values():
                group.create_task(engine.watch())

    async def close(self) -> None:
        for engine in self._engines.values():
            await engine.close()

    def _look(self) -> None:
        ok = any(engine.ok for engine in self._engines.values())
        metrics.BOT_OK.set(ok)
        if ok != self.ok:
            self.ok = ok
            self.changed()
