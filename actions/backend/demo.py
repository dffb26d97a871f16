"""The demo shop: customers, orders, codes, a calendar and a mailbox in one SQLite file, so that all can be tried."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import sqlite_utils

from actions.backend import (
    Appointment,
    AppointmentKind,
    CodeTried,
    DataWish,
    Label,
    Mail,
    Order,
    Purpose,
    Shopper,
    Subscription,
    calendar,
    codes,
    operations,
)
from actions.backend.codes import CODES_AN_HOUR, RESET_LINK
from actions.backend.seed import seed
from actions.backend.tables import find_order, find_orders, find_shopper, once
from warmline.core.errors import BackendError

__all__ = ["CODES_AN_HOUR", "RESET_LINK", "DemoShop", "six_digits"]

T = TypeVar("T")


def six_digits() -> str:
    """A code nobody can guess."""
    return f"{secrets.randbelow(1_000_000):06d}"


class DemoShop:
    """
    A :class:`~actions.backend.Backend`. Filled at the first use when *path* does not exist, with dates around *now*.

    One thread owns the connection; several processes may use the same file. *make_code* is for tests.
    """

    def __init__(self, path: Path, now: float, make_code: Callable[[], str] = six_digits) -> None:
        self._path, self._made_at, self._make_code = path, now, make_code
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="demo-shop")
        self._db: sqlite_utils.Database | None = None

    async def close(self) -> None:
        """Finish what runs, then close. Safe to call twice."""
        db, self._db = self._db, None
        if db is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, db.conn.close)
        self._thread.shutdown(wait=True)

    async def check(self) -> None:
        """See :class:`~actions.backend.Backend`."""
        await self._do(lambda db: None)

    async def order(self, number: str, email: str) -> Order | None:
        """See :class:`~actions.backend.Backend`."""
        return await self._do(lambda db: find_order(db, number.upper(), email.lower()))

    async def orders(self, email: str, *, limit: int = 5, now: float) -> tuple[Order, ...]:
        """See :class:`~actions.backend.Backend`."""
        return await self._do(lambda db: find_orders(db, email.lower(), limit))

    async def shopper(self, email: str) -> Shopper | None:
        """See :class:`~actions.backend.Backend`."""
        return await self._do(lambda db: find_shopper(db, email.lower()))

    async def send_code(self, purpose: Purpose, email: str, *, key: str, now: float) -> None:
        """See :class:`~actions.backend.Backend`; at most :data:`CODES_AN_HOUR` for an address."""
        await self._do(lambda db: codes.send(db, purpose, email.lower(), self._make_code, key=key, now=now))

    async def try_code(self, purpose: Purpose, email: str, code: str, *, key: str, now: float) -> CodeTried:
        """See :class:`~actions.backend.Backend`."""
        return await self._do(lambda db: codes.check(db, purpose, email.lower(), code, key=key, now=now))

    async def cancel_order(self, number: str, email: str, *, key: str, now: float) -> Order:
        """See :class:`~actions.backend.Backend`."""
        return await self._once(
            key, "cancel", Order, lambda db: operations.cancel_order(db, number.upper(), email.lower(), now)
        )

    async def restore_order(self, number: str, email: str, *, key: str, now: float) -> Order:
        """See :class:`~actions.backend.Backend`."""
        return await self._once(
            key, "restore", Order, lambda db: operations.restore_order(db, number.upper(), email.lower(), now)
        )

    async def start_return(self, number: str, email: str, *, key: str, now: float) -> Label:
        """See :class:`~actions.backend.Backend`."""
        return await self._once(
            key, "return", Label, lambda db: operations.start_return(db, number.upper(), email.lower(), now)
        )

    async def mail_invoice(self, number: str, email: str, *, key: str, now: float) -> Order:
        """See :class:`~actions.backend.Backend`."""
        return await self._once(
            key, "invoice", Order, lambda db: operations.mail_invoice(db, number.upper(), email.lower(), now)
        )

    async def change_address(self, email: str, address: str, *, key: str, now: float) -> None:
        """See :class:`~actions.backend.Backend`."""
        await self._once(key, "address", None, lambda db: operations.change_address(db, email.lower(), address, now))

    async def subscription(self, email: str) -> Subscription | None:
        """See :class:`~actions.backend.Backend`."""
        return await self._do(lambda db: operations.find_subscription(db, email.lower()))

    async def pause_subscription(self, email: str, months: int, *, key: str, now: float) -> Subscription:
        """See :class:`~actions.backend.Backend`."""
        return await self._once(
            key, "pause", Subscription, lambda db: operations.pause_subscription(db, email.lower(), months, now)
        )

    async def end_subscription(self, email: str, *, key: str, now: float) -> Subscription:
        """See :class:`~actions.backend.Backend`."""
        return await self._once(
            key, "end", Subscription, lambda db: operations.end_subscription(db, email.lower(), now)
        )

    async def free_times(self, *, day: str | None = None, limit: int = 3, now: float) -> tuple[str, ...]:
        """See :class:`~actions.backend.Backend`."""
        return await self._do(lambda db: calendar.free_times(db, day, limit, now))

    async def book_appointment(
        self, starts: str, kind: AppointmentKind, email: str, *, key: str, now: float
    ) -> Appointment:
        """See :class:`~actions.backend.Backend`."""
        return await self._once(
            key, "book", Appointment, lambda db: calendar.book(db, starts, kind, email.lower(), now)
        )

    async def appointments(self, email: str, *, now: float) -> tuple[Appointment, ...]:
        """See :class:`~actions.backend.Backend`."""
        return await self._do(lambda db: calendar.appointments(db, email.lower(), now))

    async def move_appointment(self, reference: str, starts: str, email: str, *, key: str, now: float) -> Appointment:
        """See :class:`~actions.backend.Backend`."""
        return await self._once(
            key, "move", Appointment, lambda db: calendar.move(db, reference, starts, email.lower(), now)
        )

    async def cancel_appointment(self, reference: str, email: str, *, key: str, now: float) -> Appointment:
        """See :class:`~actions.backend.Backend`."""
        return await self._once(
            key, "unbook", Appointment, lambda db: calendar.cancel(db, reference, email.lower(), now)
        )

    async def request_data(self, email: str, wish: DataWish, *, key: str, now: float) -> None:
        """See :class:`~actions.backend.Backend`."""
        await self._once(key, "data", None, lambda db: operations.request_data(db, email.lower(), wish, now))

    async def outbox(self, limit: int = 20) -> list[Mail]:
        """The newest mails, newest first: what the demo page shows in place of a real mailbox."""
        return await self._do(
            lambda db: [
                Mail(at=row["at"], to=row["to"], subject=row["subject"], text=row["text"])
                for row in db.query("select * from outbox order by id desc limit ?", [limit])
            ]
        )

    async def _once(self, key: str, act: str, kind: Any, run: Callable[[sqlite_utils.Database], T]) -> T:
        """Run *run* in one transaction, unless the same *act* ran under *key* before: then its result, of *kind*."""
        return await self._do(lambda db: once(db, f"{key}/{act}", kind, lambda: run(db)))

    async def _do(self, act: Callable[[sqlite_utils.Database], T]) -> T:
        """Run *act* in one transaction on the shop's own thread."""

        def run() -> T:
            db = self._open()
            db.conn.execute("begin immediate")
            try:
                result = act(db)
            except BaseException:
                db.conn.rollback()
                raise
            db.conn.commit()
            return result

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, run)
        except (sqlite3.Error, OSError) as wrong:
            raise BackendError(f"The shop's system does not answer: {wrong}.") from wrong

    def _open(self) -> sqlite_utils.Database:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=5.0, isolation_level=None)
            with contextlib.suppress(sqlite3.OperationalError):  # another process sets it now: it holds for the file
                connection.execute("pragma journal_mode=wal")
            db = sqlite_utils.Database(connection)
            seed(db, self._made_at)
            self._db = db
        return self._db
