"""What the demo shop does to its orders, accounts and boxes: each inside one transaction of the shop's."""

from __future__ import annotations

from datetime import date, timedelta

import sqlite_utils

from actions.backend import (
    NOTICE_DAYS,
    PAUSE_MONTHS,
    RETURN_DAYS,
    DataWish,
    Label,
    Order,
    Refusal,
    Subscription,
)
from actions.backend.policy import why_no_return
from actions.backend.tables import day_of, find_order, find_shopper, mail, one

PRIVACY_LINK = "https://shop.example/privacy/confirm"


def cancel_order(db: sqlite_utils.Database, number: str, email: str, now: float) -> Order:
    """See :meth:`actions.backend.Backend.cancel_order`."""
    order = _known(db, number, email)
    if order.state != "placed":
        raise Refusal(order.state)
    today = day_of(now).isoformat()
    db.table("orders").update(number, {"state": "cancelled"})
    refund = {"amount_cents": order.total_cents, "currency": order.currency, "state": "approved", "on": today}
    db.table("refunds").upsert({"number": number, **refund}, pk="number")
    db.table("cancellations").upsert({"number": number, "at": now}, pk="number")
    text = f"Your order {number} is cancelled. {_money(order)} goes back to the way you paid."
    mail(db, now, email, f"{number} is cancelled", text)
    return _known(db, number, email)


def restore_order(db: sqlite_utils.Database, number: str, email: str, now: float) -> Order:
    """See :meth:`actions.backend.Backend.restore_order`; the refund that came with the cancellation goes with it."""
    order = _known(db, number, email)
    if order.state != "cancelled":
        raise Refusal("not_cancelled")
    if order.undo_until is None or now >= order.undo_until:
        raise Refusal("too_late")
    db.table("orders").update(number, {"state": "placed"})
    db.table("refunds").delete(number)
    db.table("cancellations").delete(number)
    text = f"Your order {number} is not cancelled any more: it is placed as before, and nothing is paid back."
    mail(db, now, email, f"{number} is back", text)
    return _known(db, number, email)


def start_return(db: sqlite_utils.Database, number: str, email: str, now: float) -> Label:
    """See :meth:`actions.backend.Backend.start_return`."""
    order = _known(db, number, email)
    today = day_of(now)
    why = why_no_return(order, today)
    if why:
        raise Refusal(why)
    until = date.fromisoformat(order.delivered_on or order.expected_on) + timedelta(days=RETURN_DAYS)
    label = Label(number=number, code=f"R{number[1:]}-{today:%m%d}", until=until.isoformat())
    db.table("orders").update(number, {"label_on": today.isoformat()})
    text = f"Print this label, stick it on the parcel and hand it in until {label.until}: {label.code}"
    mail(db, now, email, f"Your return label for {number}", text)
    return label


def mail_invoice(db: sqlite_utils.Database, number: str, email: str, now: float) -> Order:
    """See :meth:`actions.backend.Backend.mail_invoice`."""
    order = _known(db, number, email)
    if order.state == "cancelled":
        raise Refusal("cancelled")
    lines = [f"{item.quantity} x {item.title}: {_cents(item.quantity * item.price_cents)}" for item in order.items]
    text = "\n".join([f"Invoice for order {number} of {order.ordered_on}", *lines, f"Total {_money(order)}"])
    mail(db, now, email, f"Invoice for {number}", text)
    return order


def change_address(db: sqlite_utils.Database, email: str, address: str, now: float) -> None:
    """See :meth:`actions.backend.Backend.change_address`."""
    if find_shopper(db, email) is None:
        raise Refusal("unknown")
    db.table("customers").update(email, {"address": address})
    text = f"Your next orders go to: {address}. If it was not you who changed it, please tell us at once."
    mail(db, now, email, "Your address was changed", text)


def find_subscription(db: sqlite_utils.Database, email: str) -> Subscription | None:
    """See :meth:`actions.backend.Backend.subscription`."""
    row = one(db, "select email, box, every_months, state, next_on from subscriptions where email = ?", [email])
    return Subscription(**row) if row else None


def pause_subscription(db: sqlite_utils.Database, email: str, months: int, now: float) -> Subscription:
    """See :meth:`actions.backend.Backend.pause_subscription`."""
    if not 1 <= months <= PAUSE_MONTHS:
        raise Refusal("no_such_time")
    found = _active(db, email)
    if found.state == "paused":
        raise Refusal("paused")
    on = _first_to_change(found, day_of(now))
    later = months_after(on, months).isoformat()
    db.table("subscriptions").update(email, {"state": "paused", "next_on": later})
    still = f" The box of {found.next_on} still comes." if on.isoformat() != found.next_on else ""
    mail(db, now, email, "Your Fern Box is paused", f"The next box after the pause comes on {later}.{still}")
    return _active(db, email)


def end_subscription(db: sqlite_utils.Database, email: str, now: float) -> Subscription:
    """See :meth:`actions.backend.Backend.end_subscription`."""
    found = _active(db, email)
    still = found.next_on if _first_to_change(found, day_of(now)).isoformat() != found.next_on else None
    db.table("subscriptions").update(email, {"state": "ended", "next_on": still})
    after = f" The box of {still} still comes." if still else ""
    mail(db, now, email, "Your Fern Box has ended", f"Nothing more is charged.{after}")
    ended = find_subscription(db, email)
    assert ended is not None
    return ended


def request_data(db: sqlite_utils.Database, email: str, wish: DataWish, now: float) -> None:
    """See :meth:`actions.backend.Backend.request_data`."""
    if find_shopper(db, email) is None:
        return
    db.table("data_requests").insert({"email": email, "wish": wish, "at": now, "state": "asked"})
    what = "a copy of your data" if wish == "access" else "the deletion of your data"
    text = f"You asked for {what}. Please confirm it here: {PRIVACY_LINK}. If it was not you, ignore this mail."
    mail(db, now, email, "Please confirm your request", text)


def months_after(day: date, months: int) -> date:
    """The same day *months* later, or the last of that month when it is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    last = (date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def _first_to_change(found: Subscription, today: date) -> date:
    """The day of the first box that a change of today still reaches."""
    on = date.fromisoformat(found.next_on or today.isoformat())
    return on if (on - today).days > NOTICE_DAYS else months_after(on, found.every_months)


def _known(db: sqlite_utils.Database, number: str, email: str) -> Order:
    order = find_order(db, number, email)
    if order is None:
        raise Refusal("unknown")
    return order


def _active(db: sqlite_utils.Database, email: str) -> Subscription:
    found = find_subscription(db, email)
    if found is None:
        raise Refusal("unknown")
    if found.state == "ended":
        raise Refusal("ended")
    return found


def _money(order: Order) -> str:
    return f"{_cents(order.total_cents)} {order.currency}"


def _cents(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
