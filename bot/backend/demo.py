"""The demo shop: customers, orders, reset codes and a mailbox in one SQLite file, so that all can be tried for real."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlite_utils

from bot.backend import CODE_LIFETIME_S, CODE_TRIES, CodeTried, Item, Mail, Order, Refund, Shopper
from bot.backend.seed import seed
from bot.core.errors import BackendError

CODES_AN_HOUR = 5
RESET_LINK = "https://shop.example/new-password"

T = TypeVar("T")


def six_digits() -> str:
    """A code nobody can guess."""
    return f"{secrets.randbelow(1_000_000):06d}"


class DemoShop:
    """
    A :class:`~bot.backend.Backend`. Filled at the first use when *path* does not exist, with dates around *now*.

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

    async def order(self, number: str, email: str) -> Order | None:
        """See :class:`~bot.backend.Backend`."""
        return await self._do(lambda db: _order(db, number.upper(), email.lower()))

    async def shopper(self, email: str) -> Shopper | None:
        """See :class:`~bot.backend.Backend`."""
        return await self._do(lambda db: _shopper(db, email.lower()))

    async def send_reset_code(self, email: str, *, key: str, now: float) -> None:
        """See :class:`~bot.backend.Backend`; at most :data:`CODES_AN_HOUR` for an address."""
        await self._do(lambda db: self._send_code(db, email.lower(), key, now))

    async def try_reset_code(self, email: str, code: str, *, key: str, now: float) -> CodeTried:
        """See :class:`~bot.backend.Backend`."""
        return await self._do(lambda db: _try_code(db, email.lower(), code, key, now))

    async def outbox(self, limit: int = 20) -> list[Mail]:
        """The newest mails, newest first: what the demo page shows in place of a real mailbox."""
        return await self._do(
            lambda db: [
                Mail(at=row["at"], to=row["to"], subject=row["subject"], text=row["text"])
                for row in db.query("select * from outbox order by id desc limit ?", [limit])
            ]
        )

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
            connection.execute("pragma journal_mode=wal")
            db = sqlite_utils.Database(connection)
            seed(db, self._made_at)
            self._db = db
        return self._db

    def _send_code(self, db: sqlite_utils.Database, email: str, key: str, now: float) -> None:
        if _one(db, "select 1 from reset_requests where key = ?", [key]):
            return
        asked = _one(db, "select count(*) as n from reset_requests where email = ? and at > ?", [email, now - 3600])
        if asked and asked["n"] >= CODES_AN_HOUR:
            raise BackendError("Too many codes were asked for with this address.")
        db.table("reset_requests").insert({"key": key, "email": email, "at": now})
        shopper = _shopper(db, email)
        if shopper is None:
            return
        code = self._make_code()
        db.table("reset_codes").upsert(
            {
                "email": email,
                "code": code,
                "expires_at": now + CODE_LIFETIME_S,
                "tries_left": CODE_TRIES,
                "last_key": None,
                "last_result": None,
            },
            pk="email",
        )
        text = f"Your code is {code}. It is good for 10 minutes. If you did not ask for it, you need not do anything."
        _mail(db, now, email, f"{code} is your code", text)


def _order(db: sqlite_utils.Database, number: str, email: str) -> Order | None:
    row = _one(
        db,
        "select orders.*, customers.name from orders join customers using (email) where number = ? and email = ?",
        [number, email],
    )
    if row is None:
        return None
    items = db.query("select title, quantity from items where number = ? order by rowid", [number])
    refund = _one(db, 'select amount_cents, currency, state, "on" from refunds where number = ?', [number])
    fields = {key: value for key, value in row.items() if key not in ("email", "name")}
    return Order(
        shopper=Shopper(email=row["email"], name=row["name"]),
        items=tuple(Item(**item) for item in items),
        refund=msgspec.convert(refund, Refund) if refund else None,
        **fields,
    )


def _shopper(db: sqlite_utils.Database, email: str) -> Shopper | None:
    row = _one(db, "select email, name from customers where email = ?", [email])
    return Shopper(**row) if row else None


def _try_code(db: sqlite_utils.Database, email: str, code: str, key: str, now: float) -> CodeTried:
    row = _one(db, "select * from reset_codes where email = ?", [email])
    if row is None:
        # an address without an account must look like one with a code nobody received
        return _try_nothing(db, email, key)
    if row["last_key"] == key:
        return CodeTried(result=row["last_result"], tries_left=row["tries_left"])
    left = row["tries_left"]
    if left <= 0:
        result = "locked"
    elif now >= row["expires_at"]:
        result = "expired"
    elif hmac.compare_digest(row["code"].encode(), code.encode()):
        result, left = "right", 0
        _mail(db, now, email, "Choose a new password", f"Here you can choose a new password: {RESET_LINK}")
    else:
        left -= 1
        result = "wrong" if left else "locked"
    kept = {"tries_left": left, "last_key": key, "last_result": result}
    db.table("reset_codes").update(email, kept)
    return msgspec.convert({"result": result, "tries_left": left}, CodeTried)


def _try_nothing(db: sqlite_utils.Database, email: str, key: str) -> CodeTried:
    if not _one(db, "select 1 from reset_requests where email = ?", [email]):
        return CodeTried(result="unknown")
    db.table("reset_misses").insert({"key": key, "email": email}, ignore=True)
    missed = _one(db, "select count(*) as n from reset_misses where email = ?", [email])
    left = max(0, CODE_TRIES - (missed["n"] if missed else 0))
    return CodeTried(result="wrong" if left else "locked", tries_left=left)


def _mail(db: sqlite_utils.Database, now: float, to: str, subject: str, text: str) -> None:
    db.table("outbox").insert({"at": now, "to": to, "subject": subject, "text": text})


def _one(db: sqlite_utils.Database, sql: str, values: list[Any]) -> dict[str, Any] | None:
    return next(iter(db.query(sql, values)), None)
