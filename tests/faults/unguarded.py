"""Take one guard of the delivery contract out of this process: only ever called in a child of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from warmline.bridge.deadlines import Deadlines
from warmline.bridge.engine import Engine
from warmline.bridge.outbox import Outbox
from warmline.bridge.steps import Steps
from warmline.core import line
from warmline.core.effects import AskBot
from warmline.core.errors import WarmlineError
from warmline.store import queries, steps
from warmline.store.sqlite import SqliteStore


def ack_before_commit() -> None:
    """The step is told, and acknowledged, before it is on the disk."""

    async def step(self: Steps, conversation_id: str, happened: Any, sender: Any, frame_id: Any) -> int:
        async with self.alone(conversation_id):
            if sender is not None and frame_id is not None:
                before = await self._store.accepted(conversation_id, sender, frame_id)
                if before is not None:
                    return before
            conversation = await self._store.conversation(conversation_id)
            what = await happened(conversation) if callable(happened) else happened
            after, effects = line.advance(conversation, what, self._clock(), team=self._team)
            self._publish(conversation_id, effects)

        async def later() -> None:
            await asyncio.sleep(0.15)
            try:
                await self._store.commit(after, effects, expected_version=conversation.version)
            except WarmlineError:
                return
            self.asked()

        task = asyncio.create_task(later())
        self._running.add(task)  # type: ignore[arg-type]
        return after.seq

    Steps._step = step  # type: ignore[method-assign]


def no_dedupe() -> None:
    """A frame that comes again is taken for a new one."""

    async def accepted(self: SqliteStore, conversation_id: str, sender: str, frame_id: str) -> None:
        return None

    SqliteStore.accepted = accepted  # type: ignore[assignment, method-assign]
    from warmline.core.effects import Accept

    kept = steps._STATEMENTS[Accept]

    def accept(here: Any, effect: Any) -> Any:
        made = kept(here, effect)
        return steps.Statement(made.sql.replace("INSERT", "INSERT OR IGNORE", 1), made.parameters)

    steps._STATEMENTS[Accept] = accept


def no_epoch_check() -> None:
    """The bot's word is heard whoever owns the conversation by now."""
    line._is_stale = lambda step, epoch, seq: False


def no_outbox() -> None:
    """The question lives in memory only: a bridge that dies forgets it."""
    asks: list[Any] = []
    original = Steps._publish
    from warmline.store import PendingAsk

    def publish(self: Steps, conversation_id: str, effects: Sequence[Any]) -> None:
        asks.extend(
            PendingAsk(conversation_id, effect.epoch, effect.seq, effect.payload, self._clock())
            for effect in effects
            if isinstance(effect, AskBot)
        )
        original(self, conversation_id, effects)

    async def pending(self: SqliteStore, limit: int) -> list[PendingAsk]:
        rows = await self._read(queries.pending_asks(100_000))
        still = {(row.conversation, row.seq) for row in rows}
        asks[:] = [ask for ask in asks if (ask.conversation, ask.seq) in still]
        return list(asks)[:limit]

    Steps._publish = publish  # type: ignore[method-assign]
    SqliteStore.pending_asks = pending  # type: ignore[method-assign]


def no_compare_and_set() -> None:
    """A step is stored whatever version it started from, and nobody takes turns."""
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def alone(self: Steps, conversation_id: str) -> Any:
        yield

    original = steps.commit

    def commit(conversation: Any, effects: Any, expected_version: int) -> Any:
        work = original(conversation, effects, expected_version)

        def always(connection: Any) -> None:
            stored = connection.execute("SELECT version FROM conversations WHERE id = ?", (conversation.id,)).fetchone()
            if stored and stored[0] != expected_version:
                return
            work(connection)

        return always

    Steps.alone = alone  # type: ignore[assignment, method-assign]
    steps.commit = commit


def no_patience() -> None:
    """Nobody looks at how long a customer has waited: the engine may take a minute, and nothing is said meanwhile."""
    original = Engine.__init__

    def init(self: Engine, url: str, token: str, *, limit_s: float) -> None:
        original(self, url, token, limit_s=60.0)

    async def silent(self: Outbox, pending: Any, wait: Any) -> None:
        return None

    Engine.__init__ = init  # type: ignore[method-assign]
    Outbox._tell_slow = silent  # type: ignore[method-assign]
    Deadlines.left_s = lambda self, wait, now: 60.0  # type: ignore[method-assign]


GUARDS: dict[str, Callable[[], None]] = {
    "ack_before_commit": ack_before_commit,
    "no_dedupe": no_dedupe,
    "no_epoch_check": no_epoch_check,
    "no_outbox": no_outbox,
    "no_compare_and_set": no_compare_and_set,
    "no_patience": no_patience,
}


def remove(guard: str) -> None:
    """Take *guard* out."""
    GUARDS[guard]()
