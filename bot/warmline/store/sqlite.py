"""The record in one SQLite file, through sqlite-utils: one thread writes, a few read (docs/decisions/0003)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Conversation, Message, Note
from warmline.core.effects import Effect
from warmline.core.errors import StoreUnavailable
from warmline.store import Account, DueTimer, PendingAsk, Seat, Served, queries, steps
from warmline.store.connection import Opened, prepare
from warmline.store.lock import Use
from warmline.store.readers import Query, Readers
from warmline.store.writer import Damage, Writer

T = TypeVar("T")

# How long one attempt to get the write lock takes before the writer looks at its callers' deadlines again.
_ATTEMPT_S = 0.05


class SqliteStore:
    """
    The Store in the file *path*; several processes of one machine may open it.

    *lock_timeout_s*: how long a write waits for another program's lock before it raises StoreUnavailable.
    *check_up_to_bytes*: files up to this size are checked page by page when they are opened (60 MB a second and more).
    *linger_s* and *batch_limit* bound a group commit, *readers* is the number of reading threads, *queue_limit* the
    number of writes, and of reads, that may wait.
    """

    def __init__(
        self,
        path: Path,
        *,
        lock_timeout_s: float = 2.0,
        check_up_to_bytes: int = 256 * 1024 * 1024,
        linger_s: float = 0.002,
        batch_limit: int = 64,
        readers: int = 2,
        queue_limit: int = 10_000,
    ) -> None:
        self.path = path
        self._lock_timeout_s = lock_timeout_s
        self._check_up_to_bytes = check_up_to_bytes
        self._linger_s = linger_s
        self._batch_limit = batch_limit
        self._reader_threads = readers
        self._queue_limit = queue_limit
        self._use: Use | None = None
        self._writer: Writer | None = None
        self._readers: Readers | None = None

    async def open(self) -> None:
        """See Store. Opening an open store does nothing."""
        if self._writer is not None:
            return
        use = Use(self.path)
        await asyncio.to_thread(use.share)
        try:
            await asyncio.to_thread(
                prepare, self.path, lock_timeout_s=self._lock_timeout_s, check_up_to_bytes=self._check_up_to_bytes
            )
        except BaseException:
            use.end()
            raise
        damage = Damage()
        self._use = use
        self._readers = Readers(
            self._connect_reader, damage, threads=self._reader_threads, queue_limit=self._queue_limit
        )
        self._writer = Writer(
            self._connect_writer,
            damage,
            lock_timeout_s=self._lock_timeout_s,
            linger_s=self._linger_s,
            batch_limit=self._batch_limit,
            queue_limit=self._queue_limit,
        )

    async def close(self) -> None:
        """See Store."""
        writer, readers, use = self._writer, self._readers, self._use
        self._writer = self._readers = self._use = None
        if readers is not None:
            await readers.stop()
        # The writer goes last: the last connection to close puts the log back into the file, if it may write.
        if writer is not None:
            await writer.stop()
        if use is not None:
            use.end()

    def _connect_writer(self) -> Opened:
        return Opened(self.path, lock_timeout_s=min(_ATTEMPT_S, self._lock_timeout_s), mode="rw")

    def _connect_reader(self) -> Opened:
        return Opened(self.path, lock_timeout_s=self._lock_timeout_s, mode="ro")

    async def _write(self, work: steps.Work[T]) -> T:
        if self._writer is None:
            raise StoreUnavailable("Nothing was kept: the store is not open.")
        return await self._writer.run(work)

    async def _read(self, query: Query[T]) -> T:
        if self._readers is None:
            raise StoreUnavailable("The store is not open.")
        return await self._readers.run(query)

    async def create(self, conversation: Conversation, effects: Sequence[Effect] = ()) -> None:
        """See Store."""
        await self._write(steps.create(conversation, effects))

    async def commit(self, conversation: Conversation, effects: Sequence[Effect], *, expected_version: int) -> None:
        """See Store. A step that breaks a rule of the record raises StoreError; nothing of it is kept."""
        await self._write(steps.commit(conversation, effects, expected_version))

    async def conversation(self, conversation_id: str) -> Conversation:
        """See Store."""
        return await self._read(queries.conversation(conversation_id))

    async def latest_of_customer(self, customer_id: str) -> Conversation | None:
        """See Store."""
        return await self._read(queries.latest_of_customer(customer_id))

    async def accepted(self, conversation_id: str, sender: str, frame_id: str) -> int | None:
        """See Store."""
        return await self._read(queries.accepted(conversation_id, sender, frame_id))

    async def messages(
        self, conversation_id: str, *, after: int = 0, before: int | None = None, limit: int = 200
    ) -> list[Message]:
        """See Store."""
        return await self._read(queries.messages(conversation_id, after, before, limit))

    async def message(self, conversation_id: str, seq: int) -> Message:
        """See Store."""
        return await self._read(queries.message(conversation_id, seq))

    async def notes(self, conversation_id: str) -> list[Note]:
        """See Store."""
        return await self._read(queries.notes(conversation_id))

    async def analyses(
        self, conversation_ids: Sequence[str], *, newest: int | None = None
    ) -> Mapping[str, Mapping[int, TurnAnalysis]]:
        """See Store."""
        return await self._read(queries.analyses(conversation_ids, newest))

    async def memory(self, conversation_id: str) -> dict[str, Any] | None:
        """See Store."""
        return await self._read(queries.memory(conversation_id))

    async def pending_asks(self, limit: int) -> list[PendingAsk]:
        """See Store."""
        return await self._read(queries.pending_asks(limit))

    async def due_timers(self, now: float, limit: int) -> list[DueTimer]:
        """See Store."""
        return await self._read(queries.due_timers(now, limit))

    async def timer(self, conversation_id: str, name: str) -> float | None:
        """See Store."""
        return await self._read(queries.timer(conversation_id, name))

    async def next_timer_at(self) -> float | None:
        """See Store."""
        return await self._read(queries.next_timer_at())

    async def at_desk(self) -> list[Conversation]:
        """See Store. Who asked first comes first."""
        return await self._read(queries.at_desk())

    async def handle_times(self, limit: int = 50) -> list[float]:
        """See Store."""
        return await self._read(queries.handle_times(limit))

    async def served(self, conversation_id: str | None = None) -> list[Served]:
        """See Store."""
        return await self._read(queries.served(conversation_id))

    async def add_account(self, account: Account) -> None:
        """See Store."""
        await self._write(steps.add_account(account))

    async def save_account(self, account: Account) -> None:
        """See Store."""
        await self._write(steps.save_account(account))

    async def set_status(self, agent_id: str, status: Literal["online", "away"]) -> None:
        """See Store."""
        await self._write(steps.set_status(agent_id, status))

    async def end_sessions(self, agent_id: str, *, password_hash: str | None = None, lock: bool = False) -> None:
        """See Store."""
        await self._write(steps.end_sessions(agent_id, password_hash, lock))

    async def remove_account(self, agent_id: str) -> None:
        """See Store."""
        await self._write(steps.remove_account(agent_id))

    async def account(self, agent_id: str) -> Account:
        """See Store."""
        return await self._read(queries.account(agent_id))

    async def accounts(self) -> list[Account]:
        """See Store."""
        return await self._read(queries.accounts())

    async def take_seat(self, seat: Seat) -> None:
        """See Store."""
        await self._write(steps.take_seat(seat))

    async def leave_seat(self, connection: str) -> None:
        """See Store."""
        await self._write(steps.leave_seat(connection))

    async def seats(self) -> list[Seat]:
        """See Store."""
        return await self._read(queries.seats())

    async def set_secret(self, name: str, value: bytes) -> bytes:
        """See Store."""
        return await self._write(steps.set_secret(name, value))
