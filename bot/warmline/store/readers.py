"""
The few threads that read, each with its own read-only connection. They see every transaction that was told as kept.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from warmline.core.errors import SettingsError, StoreError, StoreUnavailable
from warmline.store.connection import Opened, fault, spoils_connection
from warmline.store.writer import Damage

T = TypeVar("T")
Query = Callable[[sqlite3.Connection], T]


class Readers:
    """*connect* opens a connection, in the thread that will use it; *queue_limit* queries at most wait."""

    def __init__(self, connect: Callable[[], Opened], damage: Damage, *, threads: int, queue_limit: int) -> None:
        self._connect = connect
        self._damage = damage
        self._queue_limit = queue_limit
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="warmline-store-reader")
        self._mine = threading.local()
        self._all: set[Opened] = set()
        self._all_lock = threading.Lock()
        self._waiting = 0
        self._stopped = False

    async def run(self, query: Query[T]) -> T:
        """Raises what *query* raises, or StoreError, StoreUnavailable."""
        if self._stopped:
            raise StoreUnavailable("The store is closed.")
        if self._waiting >= self._queue_limit:
            raise StoreUnavailable("Too much is waiting for the disk. Try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._query, query)
        finally:
            self._waiting -= 1

    async def stop(self) -> None:
        """Finish the running queries, end the threads and close their connections."""
        self._stopped = True
        await asyncio.to_thread(self._pool.shutdown)
        for opened in self._all:
            opened.close()
        self._all.clear()

    def _query(self, query: Query[T]) -> T:
        self._damage.check()
        try:
            return query(self._connection())
        except sqlite3.Error as error:
            self._damage.note(error)
            if spoils_connection(error):
                self._forget()
            raise fault(error) from error
        except (UnicodeError, OverflowError) as error:
            raise StoreError(f"There is no such value in the store: {error}.") from error
        except SettingsError as error:  # the file was replaced by something that is not ours
            raise StoreUnavailable(error.text) from error

    def _connection(self) -> sqlite3.Connection:
        opened: Opened | None = getattr(self._mine, "opened", None)
        if opened is not None and not opened.is_the_file_at_path():
            self._forget()
            opened = None
        if opened is None:
            opened = self._connect()
            self._mine.opened = opened
            with self._all_lock:
                self._all.add(opened)
        connection: sqlite3.Connection = opened.db.conn
        return connection

    def _forget(self) -> None:
        opened: Opened | None = getattr(self._mine, "opened", None)
        if opened is not None:
            self._mine.opened = None
            with self._all_lock:
                self._all.discard(opened)
            opened.close()
