"""
The one thread that writes.

Requests that wait together are stored together: one transaction, one flush of the disk, each request inside its own
savepoint, so that a refused one takes nothing along. Nobody is told before the transaction is on the disk.

A request that arrives alone is stored at once. Only when the last transaction held several requests does the thread
linger, for at most ``linger_s``, until as many have come again: their callers were all told a moment ago, and are
about to return.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from warmline.core.errors import StoreError, StoreUnavailable, WarmlineError
from warmline.store.connection import BUSY, Opened, fault, is_damage, primary_code, spoils_connection
from warmline.store.steps import Work

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, eq=False)
class _Request:
    """Something to write; *deadline* (monotonic seconds) is when it no longer waits for another program's lock."""

    work: Work[Any]
    told: asyncio.Future[Any]
    deadline: float


_Outcome = tuple[_Request, Any, Exception | None]


def _in_savepoint(connection: sqlite3.Connection, work: Work[T]) -> T:
    # Not sqlite-utils' atomic(): the new name it gives each savepoint would drive our statements out of the cache.
    connection.execute("SAVEPOINT request")
    try:
        result = work(connection)
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled back everything already
            connection.execute("ROLLBACK TO request")
            connection.execute("RELEASE request")
        raise
    connection.execute("RELEASE request")
    return result


class Damage:
    """Remembers that the file was found damaged: nothing is read or written any more until it is opened anew."""

    def __init__(self) -> None:
        self._found: StoreError | None = None

    def note(self, error: sqlite3.Error) -> None:
        if is_damage(error):
            self._found = fault(error)

    def check(self) -> None:
        """Raise StoreUnavailable when damage was found."""
        if self._found is not None:
            raise StoreUnavailable(self._found.text)


class Writer:
    """
    Owns the connection that writes; *connect* opens it, in the writer's own thread, and again after a fault of the
    disk.

    *lock_timeout_s*: how long a request waits for another program's lock. *batch_limit* requests at most are stored
    in one transaction, *queue_limit* at most wait.
    """

    def __init__(
        self,
        connect: Callable[[], Opened],
        damage: Damage,
        *,
        lock_timeout_s: float,
        linger_s: float,
        batch_limit: int,
        queue_limit: int,
    ) -> None:
        self._connect = connect
        self._damage = damage
        self._lock_timeout_s = lock_timeout_s
        self._linger_s = linger_s
        self._batch_limit = batch_limit
        self._queue_limit = queue_limit
        self._queue: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._opened: Opened | None = None
        self._stopping = False
        self._last_size = 1
        self._thread = threading.Thread(target=self._serve, name="warmline-store-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Work[T]) -> T:
        """
        Run *work* in a transaction; returns what it returned once that is on the disk.

        A caller that is cancelled meanwhile does not learn whether its request was kept.

        Raises what *work* raised, or StoreError, StoreUnavailable; nothing of *work* was kept then.
        """
        if self._stopping:
            raise StoreUnavailable("Nothing was kept: the store is closed.")
        if self._queue.qsize() >= self._queue_limit:
            raise StoreUnavailable("Nothing was kept: too much is waiting for the disk. Try again in a moment.")
        told: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Request(work, told, time.monotonic() + self._lock_timeout_s))
        return await told

    async def stop(self) -> None:
        """Store what was accepted, then end the thread and close its connection."""
        if not self._stopping:
            self._stopping = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        more = True
        while more:
            batch, more = self._collect()
            if not batch:
                continue
            try:
                outcomes = self._store(batch)
            except Exception as error:
                outcomes = [(request, None, problem) for request, problem in self._give_up(batch, error)]
            self._tell(outcomes)
        self._close()

    def _collect(self) -> tuple[list[_Request], bool]:
        """The next requests, and whether there will be more."""
        request = self._queue.get()
        batch: list[_Request] = []
        until = time.monotonic() + self._linger_s
        while request is not None:
            batch.append(request)
            if len(batch) == self._batch_limit:
                break
            left = until - time.monotonic() if len(batch) < self._last_size else 0.0
            try:
                request = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except queue.Empty:
                break
        self._last_size = len(batch)
        return batch, request is not None

    def _store(self, batch: list[_Request]) -> list[_Outcome]:
        """
        Each request with what it returned or why it was refused. Raises when the transaction failed: nothing was
        kept.
        """
        self._damage.check()
        connection = self._database().db.conn
        outcomes: list[_Outcome] = []
        waiting = self._begin(connection, batch)
        for request in waiting:
            try:
                outcomes.append((request, _in_savepoint(connection, request.work), None))
            except sqlite3.Error as error:  # noqa: PERF203 each request fails on its own
                if not connection.in_transaction or isinstance(fault(error), StoreUnavailable):
                    raise  # the disk failed, not this request
                outcomes.append((request, None, fault(error)))
            except WarmlineError as error:
                outcomes.append((request, None, error))
            except Exception as error:  # such as text that has no UTF-8 form
                outcomes.append((request, None, StoreError(f"Nothing was kept: {error}.")))
        if waiting:
            connection.execute("COMMIT")
        return outcomes

    def _begin(self, connection: sqlite3.Connection, batch: list[_Request]) -> list[_Request]:
        """
        Begin a transaction, waiting for another program's lock. Requests whose time is over meanwhile are told so.

        Returns those that remain; without any, there is no transaction.
        """
        while batch:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:  # noqa: PERF203 each turn of the loop is a new attempt
                if primary_code(error) != BUSY:
                    raise
                now = time.monotonic()
                self._tell([(request, None, fault(error)) for request in batch if request.deadline <= now])
                batch = [request for request in batch if request.deadline > now]
            else:
                break
        return batch

    def _database(self) -> Opened:
        """The open connection; opened first when there is none, or when the path names another file by now."""
        if self._opened is not None and not self._opened.is_the_file_at_path():
            self._close()
        if self._opened is None:
            self._opened = self._connect()
        return self._opened

    def _give_up(self, batch: list[_Request], error: Exception) -> list[tuple[_Request, StoreError]]:
        """Roll back after *error*; returns what to tell each caller."""
        if self._opened is not None:
            try:
                self._opened.db.rollback()
            except sqlite3.Error:
                self._close()
        if isinstance(error, sqlite3.Error):
            self._damage.note(error)
            if spoils_connection(error):
                self._close()
            kind, text = type(fault(error)), fault(error).text
        elif isinstance(error, WarmlineError):
            kind, text = StoreUnavailable, error.text
        else:
            log.exception("the store's writer failed")
            self._close()
            kind, text = StoreError, f"Nothing was kept: the store failed ({type(error).__name__})."
        log.warning("nothing was kept", requests=len(batch), why=text)
        return [(request, kind(text)) for request in batch]

    def _close(self) -> None:
        if self._opened is not None:
            opened, self._opened = self._opened, None
            opened.close()

    def _tell(self, outcomes: list[_Outcome]) -> None:
        def tell() -> None:
            for request, result, error in outcomes:
                if request.told.done():  # the caller was cancelled
                    continue
                if error is None:
                    request.told.set_result(result)
                else:
                    request.told.set_exception(error)

        # A closed loop has nobody left to tell.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(tell)
