"""What the parts of the demo shop share: reading rows, mailing, and doing an act once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import Any, TypeVar

import msgspec
import sqlite_utils

from actions.backend import DELIVERY_CENTS, FREE_DELIVERY_CENTS, UNDO_S, Item, Order, Refund, Shopper

T = TypeVar("T")


def once(db: sqlite_utils.Database, key: str, kind: Any, act: Callable[[], T]) -> T:
    """What *act* returns, of type *kind*; when it ran before under the same *key*, what it returned then."""
    done = one(db, "select result from done where key = ?", [key])
    if done is not None:
        return msgspec.json.decode(done["result"], type=kind)  # type: ignore[no-any-return]
    result = act()
    db.table("done").insert({"key": key, "result": msgspec.json.encode(result).decode()})
    return result


def one(db: sqlite_utils.Database, sql: str, values: list[Any]) -> dict[str, Any] | None:
    """The first row, or None."""
    return next(iter(db.query(sql, values)), None)


def mail(db: sqlite_utils.Database, now: float, to: str, subject: str, text: str) -> None:
    """Put a mail into the outbox."""
    db.table("outbox").insert({"at": now, "to": to, "subject": subject, "text": text})


def day_of(now: float) -> date:
    """The day of *now* (Unix seconds), UTC."""
    return datetime.fromtimestamp(now, timezone.utc).date()


def find_shopper(db: sqlite_utils.Database, email: str) -> Shopper | None:
    """The account of *email*, in lower case."""
    row = one(db, "select email, name from customers where email = ?", [email])
    return Shopper(**row) if row else None


def find_order(db: sqlite_utils.Database, number: str, email: str) -> Order | None:
    """The order, when it belongs to *email*."""
    row = one(
        db,
        "select orders.*, customers.name from orders join customers using (email) where number = ? and email = ?",
        [number, email],
    )
    if row is None:
        return None
    lines = db.query("select title, quantity, price_cents from items where number = ? order by rowid", [number])
    items = tuple(Item(**line) for line in lines)
    refund = one(db, 'select amount_cents, currency, state, "on" from refunds where number = ?', [number])
    cancelled = one(db, "select at from cancellations where number = ?", [number])
    goods = sum(item.quantity * item.price_cents for item in items)
    fields = {key: value for key, value in row.items() if key not in ("email", "name")}
    return Order(
        shopper=Shopper(email=row["email"], name=row["name"]),
        items=items,
        refund=msgspec.convert(refund, Refund) if refund else None,
        total_cents=goods + (DELIVERY_CENTS if goods <= FREE_DELIVERY_CENTS else 0),
        undo_until=cancelled["at"] + UNDO_S if cancelled else None,
        **fields,
    )


def find_orders(db: sqlite_utils.Database, email: str, limit: int) -> tuple[Order, ...]:
    """The newest orders of *email*, newest first."""
    rows = db.query(
        "select number from orders where email = ? order by ordered_on desc, number desc limit ?", [email, limit]
    )
    found = [find_order(db, row["number"], email) for row in list(rows)]
    return tuple(order for order in found if order is not None)


def reference_of(starts: str) -> str:
    """What the demo shop calls the appointment at *starts*: ``T11241000`` for ``2026-11-24T10:00``."""
    return "T" + starts[5:16].translate({ord(mark): None for mark in "-T:"})
