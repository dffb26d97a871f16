"""
The demo shop's contents: a small shop for the home, with some thirty customers whose orders are in every state.

Without luck: the same day gives the same shop. Dates lie around the day it is made.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import sqlite_utils

from actions.backend.tables import reference_of

TABLES: dict[str, dict[str, Any]] = {
    "customers": {"email": str, "name": str, "address": str},
    "orders": {
        "number": str,
        "email": str,
        "state": str,
        "ordered_on": str,
        "due_on": str,
        "expected_on": str,
        "shipped_on": str,
        "delivered_on": str,
        "carrier": str,
        "carrier_note": str,
        "label_on": str,
    },
    "items": {"number": str, "title": str, "quantity": int, "price_cents": int},
    "refunds": {"number": str, "amount_cents": int, "currency": str, "state": str, "on": str},
    "cancellations": {"number": str, "at": float},
    "reset_requests": {"key": str, "email": str, "at": float},
    "reset_codes": {
        "email": str,
        "code": str,
        "expires_at": float,
        "tries_left": int,
        "used": int,
        "last_key": str,
        "last_result": str,
    },
    "proof_requests": {"key": str, "email": str, "at": float},
    "proof_codes": {
        "email": str,
        "code": str,
        "expires_at": float,
        "tries_left": int,
        "used": int,
        "last_key": str,
        "last_result": str,
    },
    "subscriptions": {"email": str, "box": str, "every_months": int, "state": str, "next_on": str},
    "appointments": {"starts": str, "kind": str, "email": str, "reference": str},
    "data_requests": {"id": int, "email": str, "wish": str, "at": float, "state": str},
    "done": {"key": str, "result": str},
    "outbox": {"id": int, "at": float, "to": str, "subject": str, "text": str},
}
KEYS = {
    "customers": "email",
    "orders": "number",
    "refunds": "number",
    "cancellations": "number",
    "reset_requests": "key",
    "reset_codes": "email",
    "proof_requests": "key",
    "proof_codes": "email",
    "subscriptions": "email",
    "appointments": "starts",
    "data_requests": "id",
    "done": "key",
    "outbox": "id",
}
VERSION = 5
"""Of the tables. A demo shop of an older version is made anew."""

NAMES = (
    "Jonas Ode",
    "Amira Haddad",
    "Piotr Zielinski",
    "Chloe Martin",
    "Femi Adeyemi",
    "Ingrid Solberg",
    "Rafael Ortiz",
    "Yuki Tanaka",
    "Lena Brandt",
    "Omar Farouk",
    "Sofia Rossi",
    "David Cohen",
    "Priya Nair",
    "Tom Baker",
    "Elif Demir",
    "Marta Nowak",
    "Hugo Lindqvist",
    "Grace O'Neill",
    "Luis Herrera",
    "Anna Kowalska",
    "Ben Whitaker",
    "Nadia Petrova",
    "Samuel Osei",
    "Clara Dupont",
    "Ivan Horvat",
    "Mei Chen",
    "Noah Fischer",
    "Aisha Rahman",
    "Peter Novak",
    "Julia Santos",
)

GOODS = {
    "Linen duvet cover, sand": 8900,
    "Ceramic pour-over set": 3900,
    "Walnut desk lamp": 7900,
    "Wool throw, moss": 4900,
    "Cast iron pan 28 cm": 5500,
    "Oak side table": 12900,
    "Cotton towels, set of 4": 3450,
    "Espresso cups, set of 6": 2850,
    "Paper blind, white": 2490,
    "Kitchen scale": 2990,
    "Cork yoga mat": 4500,
    "Bedside clock": 3790,
}
"""What is sold, with its price in cents."""

CARRIERS = ("Postline", "Swift Parcel", "NordCargo")


def seed(db: sqlite_utils.Database, now: float) -> None:
    """Make the tables and fill them, when they are not there yet: safe when several processes start at once."""
    db.conn.execute("begin immediate")
    try:
        version = db.conn.execute("pragma user_version").fetchone()[0]
        if version != VERSION:
            for name in set(db.table_names()) & set(TABLES):
                db.table(name).drop()
            for name, columns in TABLES.items():
                db.table(name).create(columns, pk=KEYS.get(name))
            db.table("items").create_index(["number"])
            _fill(db, datetime.fromtimestamp(now, timezone.utc).date())
            db.conn.execute(f"pragma user_version = {VERSION}")
    except BaseException:
        db.conn.rollback()
        raise
    db.conn.commit()


def _fill(db: sqlite_utils.Database, today: date) -> None:
    def day(offset: int) -> str:
        return (today + timedelta(days=offset)).isoformat()

    mara = "mara@example.com"
    customers = [{"email": mara, "name": "Mara K.", "address": "12 Mill Lane, Leeds LS1 4AB, United Kingdom"}]
    orders = [
        {
            **_order("A1042", mara, "shipped", day(-9), due=day(-2), expected=day(1), shipped=day(-4)),
            "carrier": "Swift Parcel",
            "carrier_note": "held up in the sorting centre",
        },
        {
            **_order("A1024", mara, "delivered", day(-30), due=day(-25), expected=day(-26), shipped=day(-29)),
            "delivered_on": day(-26),
            "carrier": "Postline",
        },
        {
            **_order("A1017", mara, "delivered", day(-60), due=day(-55), expected=day(-56), shipped=day(-59)),
            "delivered_on": day(-56),
            "carrier": "NordCargo",
        },
    ]
    items = [
        _line("A1042", "Walnut desk lamp", 1),
        _line("A1042", "Wool throw, moss", 2),
        _line("A1024", "Ceramic pour-over set", 1),
        _line("A1017", "Bedside clock", 1),
    ]
    boxes = [_box(mara, "small", day(12))]
    goods = tuple(GOODS)
    refunds = [
        {"number": "A1024", "amount_cents": 3_900, "currency": "EUR", "state": "approved", "on": day(-3)},
    ]
    for n, name in enumerate(NAMES):
        email = name.lower().replace("'", "").replace(" ", ".") + "@example.com"
        number = f"A{1101 + n * 7}"
        customers.append({"email": email, "name": name, "address": f"{3 + n} High Street, Bristol BS1 {n % 9 + 1}AB"})
        orders.append(_nth(number, email, n, day))
        items.append(_line(number, goods[n % len(goods)], 1 + n % 3))
        if n % 4 == 1:
            items.append(_line(number, goods[(n + 5) % len(goods)], 1))
        if n % 3 == 0:
            boxes.append(_box(email, "large" if n % 2 else "small", day(2 if n % 9 == 3 else 9 + n)))
        if n % 6 == 5:
            state = ("asked", "approved", "paid")[n // 6 % 3]
            refunds.append(
                {"number": number, "amount_cents": 1_990 + 700 * n, "currency": "EUR", "state": state, "on": day(-1)}
            )
    booked = [
        _appointment(_working_day(today, 6) + "T11:30", "showroom", mara),
        _appointment(_working_day(today, 5) + "T10:00", "video", "hugo.lindqvist@example.com"),
        _appointment(_working_day(today, 9) + "T14:00", "showroom", "hugo.lindqvist@example.com"),
    ]
    db.table("appointments").insert_all(booked)
    db.table("customers").insert_all(customers)
    db.table("orders").insert_all(orders)
    db.table("items").insert_all(items)
    db.table("refunds").insert_all(refunds)
    db.table("subscriptions").insert_all(boxes)


def _working_day(today: date, days: int) -> str:
    """The first working day that is *days* or more from *today*."""
    day = today + timedelta(days=days)
    return (day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)).isoformat()


def _appointment(starts: str, kind: str, email: str) -> dict[str, Any]:
    return {"starts": starts, "kind": kind, "email": email, "reference": reference_of(starts)}


def _line(number: str, title: str, quantity: int) -> dict[str, Any]:
    return {"number": number, "title": title, "quantity": quantity, "price_cents": GOODS[title]}


def _box(email: str, box: str, next_on: str) -> dict[str, Any]:
    return {"email": email, "box": box, "every_months": 1, "state": "active", "next_on": next_on}


def _nth(number: str, email: str, n: int, day: Any) -> dict[str, Any]:
    """The six states in turn; every third shipped one is late."""
    carrier = CARRIERS[n % len(CARRIERS)]
    kind = n % 6
    if kind == 0:
        return _order(number, email, "placed", day(0), due=day(4), expected=day(4))
    if kind == 1:
        return _order(number, email, "packed", day(-1), due=day(3), expected=day(3))
    if kind == 2:
        late = 2 if n % 9 == 2 else 0
        shipped = _order(number, email, "shipped", day(-4), due=day(1 - late), expected=day(1), shipped=day(-2))
        return {**shipped, "carrier": carrier, "carrier_note": "waiting for a driver" if late else None}
    if kind == 3:
        delivered = _order(number, email, "delivered", day(-10), due=day(-6), expected=day(-6), shipped=day(-8))
        return {**delivered, "delivered_on": day(-6), "carrier": carrier}
    if kind == 4:
        return _order(number, email, "cancelled", day(-5), due=day(-1), expected=day(-1))
    returned = _order(number, email, "returned", day(-20), due=day(-15), expected=day(-15), shipped=day(-18))
    return {**returned, "delivered_on": day(-15), "carrier": carrier}


def _order(
    number: str, email: str, state: str, ordered: str, *, due: str, expected: str, shipped: str | None = None
) -> dict[str, Any]:
    return {
        "number": number,
        "email": email,
        "state": state,
        "ordered_on": ordered,
        "due_on": due,
        "expected_on": expected,
        "shipped_on": shipped,
        "delivered_on": None,
        "carrier": None,
        "carrier_note": None,
        "label_on": None,
    }
