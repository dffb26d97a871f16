"""What the demo shop changes, on a real SQLite file: once, only when it may, and with a mail that says so."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from actions.backend import Refusal
from actions.backend.demo import DemoShop
from actions.backend.operations import months_after

from .conftest import NOW, Demo

MARA, JONAS, CHLOE = "mara@example.com", "jonas.ode@example.com", "chloe.martin@example.com"


def today() -> date:
    return datetime.fromtimestamp(NOW, timezone.utc).date()


async def test_a_placed_order_is_cancelled_once_and_its_money_is_on_the_way(shop: Demo) -> None:
    """The same question again changes nothing more; another one is refused."""
    cancelled = [await shop.cancel_order("A1101", JONAS, key="c:1", now=NOW) for _ in range(3)]
    assert {order.state for order in cancelled} == {"cancelled"}
    assert cancelled[0].refund is not None
    assert (cancelled[0].refund.amount_cents, cancelled[0].refund.state) == (8_900, "approved")
    assert cancelled[0] == cancelled[2] == await shop.order("A1101", JONAS)
    assert len(await shop.outbox()) == 1
    with pytest.raises(Refusal) as refusal:
        await shop.cancel_order("A1101", JONAS, key="c:2", now=NOW)
    assert refusal.value.reason == "cancelled"


async def test_a_cancellation_is_taken_back_once_within_ten_minutes(shop: Demo) -> None:
    """The order is what it was, without a refund; two mails. The same question again changes nothing more."""
    before = await shop.order("A1101", JONAS)
    cancelled = await shop.cancel_order("A1101", JONAS, key="c:1", now=NOW)
    assert cancelled.undo_until == NOW + 600
    restored = [await shop.restore_order("A1101", JONAS, key="c:2", now=NOW + 599) for _ in range(3)]
    assert restored == [before] * 3
    assert before == await shop.order("A1101", JONAS)
    assert len(await shop.outbox()) == 2
    with pytest.raises(Refusal) as refusal:
        await shop.restore_order("A1101", JONAS, key="c:3", now=NOW + 599)
    assert refusal.value.reason == "not_cancelled"
    again = await shop.cancel_order("A1101", JONAS, key="c:4", now=NOW + 700)
    assert (again.state, again.undo_until) == ("cancelled", NOW + 1_300)


@pytest.mark.parametrize(
    ("number", "email", "after", "reason"),
    [
        ("A1101", JONAS, 600, "too_late"),
        ("A1101", MARA, 1, "unknown"),
        ("A1042", MARA, 1, "not_cancelled"),
        ("A1129", "femi.adeyemi@example.com", 1, "too_late"),
    ],
)
async def test_what_cannot_be_taken_back_stays_as_it_is(
    shop: Demo, number: str, email: str, after: int, reason: str
) -> None:
    """Too late, somebody else's, never cancelled, or cancelled long ago: nothing is changed and nothing is mailed."""
    await shop.cancel_order("A1101", JONAS, key="c:1", now=NOW)
    before = [await shop.order("A1101", JONAS), await shop.order(number, email)]
    with pytest.raises(Refusal) as refusal:
        await shop.restore_order(number, email, key="c:2", now=NOW + after)
    assert refusal.value.reason == reason
    assert before == [await shop.order("A1101", JONAS), await shop.order(number, email)]
    assert len(await shop.outbox()) == 1


async def test_the_orders_of_an_address_come_newest_first(shop: Demo) -> None:
    """Each as it is found by its number, no more than asked for, and none of anybody else."""
    mine = await shop.orders("MARA@example.com", now=NOW)
    assert [order.number for order in mine] == ["A1042", "A1024", "A1017"]
    assert [await shop.order(order.number, MARA) for order in mine] == list(mine)
    assert [order.number for order in await shop.orders(MARA, limit=1, now=NOW)] == ["A1042"]
    assert await shop.orders("nobody@example.com", now=NOW) == ()


@pytest.mark.parametrize(
    ("number", "email", "reason"),
    [
        ("A1042", MARA, "shipped"),
        ("A1108", "amira.haddad@example.com", "packed"),
        ("A1024", MARA, "delivered"),
        ("A1101", MARA, "unknown"),
    ],
)
async def test_an_order_that_left_is_not_cancelled(shop: Demo, number: str, email: str, reason: str) -> None:
    """Nor somebody else's; nothing is changed and nothing is mailed."""
    before = await shop.order(number, email)
    with pytest.raises(Refusal) as refusal:
        await shop.cancel_order(number, email, key="c:1", now=NOW)
    assert refusal.value.reason == reason
    assert await shop.order(number, email) == before
    assert await shop.outbox() == []


async def test_a_delivered_order_gets_one_label(shop: Demo) -> None:
    """Good for thirty days from delivery, mailed once."""
    label = await shop.start_return("A1122", CHLOE, key="c:1", now=NOW)
    assert label == await shop.start_return("A1122", CHLOE, key="c:1", now=NOW)
    assert label.until == (today() + timedelta(days=24)).isoformat()
    assert [label.code in mail.text for mail in await shop.outbox()] == [True]
    with pytest.raises(Refusal) as refusal:
        await shop.start_return("A1122", CHLOE, key="c:2", now=NOW)
    assert refusal.value.reason == "label_sent"


@pytest.mark.parametrize(
    ("number", "email", "reason"),
    [
        ("A1042", MARA, "not_delivered"),
        ("A1024", MARA, "refunded"),
        ("A1017", MARA, "too_late"),
        ("A1129", "femi.adeyemi@example.com", "cancelled"),
        ("A1136", "ingrid.solberg@example.com", "returned"),
        ("A1122", MARA, "unknown"),
    ],
)
async def test_what_cannot_go_back_is_refused_with_its_reason(shop: Demo, number: str, email: str, reason: str) -> None:
    """Each reason by its own name."""
    with pytest.raises(Refusal) as refusal:
        await shop.start_return(number, email, key="c:1", now=NOW)
    assert refusal.value.reason == reason


async def test_the_thirtieth_day_is_still_in_time(shop: Demo) -> None:
    """And the day after is not."""
    last = NOW + 24 * 86_400
    with pytest.raises(Refusal):
        await shop.start_return("A1122", CHLOE, key="c:1", now=last + 86_400)
    assert (await shop.start_return("A1122", CHLOE, key="c:2", now=last)).number == "A1122"


async def test_an_invoice_goes_to_the_order_s_own_address(shop: Demo) -> None:
    """With each line and the sum."""
    await shop.mail_invoice("A1042", MARA, key="c:1", now=NOW)
    [mail] = await shop.outbox()
    assert mail.to == MARA
    assert "2 x Wool throw, moss: 98.00" in mail.text
    assert "Total 177.00 EUR" in mail.text


async def test_a_new_address_is_kept_and_told_by_mail(shop: Demo, tmp_path: Path) -> None:
    """The mail warns who did not ask for it."""
    await shop.change_address(MARA, "8 Oak Road, Leeds LS2 8AA", key="c:1", now=NOW)
    with sqlite3.connect(tmp_path / "shop.db") as db:
        [kept] = db.execute("select address from customers where email = ?", [MARA]).fetchone()
    assert kept == "8 Oak Road, Leeds LS2 8AA"
    assert "If it was not you" in (await shop.outbox())[0].text


async def test_a_pause_moves_the_next_box(shop: Demo) -> None:
    """By whole months, once; a second pause is refused."""
    before = await shop.subscription(MARA)
    assert before is not None
    assert before.next_on is not None
    paused = [await shop.pause_subscription(MARA, 3, key="c:1", now=NOW) for _ in range(2)]
    expected = months_after(date.fromisoformat(before.next_on), 3).isoformat()
    assert [(one.state, one.next_on) for one in paused] == [("paused", expected)] * 2
    with pytest.raises(Refusal) as refusal:
        await shop.pause_subscription(MARA, 1, key="c:2", now=NOW)
    assert refusal.value.reason == "paused"


async def test_a_box_that_is_too_near_still_comes(shop: Demo) -> None:
    """Within three days of it the end holds for the one after."""
    near = "chloe.martin@example.com"
    before = await shop.subscription(near)
    ended = await shop.end_subscription(near, key="c:1", now=NOW)
    assert before is not None
    assert (ended.state, ended.next_on) == ("ended", before.next_on)
    far = await shop.end_subscription(MARA, key="c:2", now=NOW)
    assert (far.state, far.next_on) == ("ended", None)


async def test_nobody_gets_a_time_that_another_one_has(shop: Demo, tmp_path: Path) -> None:
    """Two processes book the same time at once: one has it, one is refused, and it is offered no more."""
    other = DemoShop(tmp_path / "shop.db", NOW)
    [time, *_] = await shop.free_times(now=NOW)
    results = await asyncio.gather(
        shop.book_appointment(time, "video", MARA, key="a:1", now=NOW),
        other.book_appointment(time, "showroom", JONAS, key="b:1", now=NOW),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in results) == ["Appointment", "Refusal"]
    assert time not in await shop.free_times(limit=99, now=NOW)
    assert len(await shop.outbox()) == 1
    await other.close()


@pytest.mark.parametrize("starts", ["2026-01-01T10:00", "2026-09-26T10:00", "2026-09-22T10:15", "soon"])
async def test_only_times_of_the_calendar_can_be_booked(shop: Demo, starts: str) -> None:
    """Not the past, not a weekend, not between two times."""
    with pytest.raises(Refusal) as refusal:
        await shop.book_appointment(starts, "video", MARA, key="c:1", now=NOW)
    assert refusal.value.reason == "no_such_time"


async def test_an_appointment_is_moved_once_and_its_old_time_is_free_again(shop: Demo) -> None:
    """The same question again changes nothing more; the mail names both times."""
    first, second, third, *_ = await shop.free_times(limit=9, now=NOW)
    booked = await shop.book_appointment(first, "video", CHLOE, key="c:1", now=NOW)
    moved = [await shop.move_appointment(booked.reference, third, CHLOE, key="c:2", now=NOW) for _ in range(2)]
    assert [(one.starts, one.kind, one.email) for one in moved] == [(third, "video", CHLOE)] * 2
    assert await shop.appointments(CHLOE, now=NOW) == (moved[0],)
    free = await shop.free_times(limit=9, now=NOW)
    assert (first in free, second in free, third in free) == (True, True, False)
    mails = await shop.outbox()
    assert len(mails) == 2
    assert first[11:] in mails[0].text
    assert third[11:] in mails[0].text


async def test_an_appointment_is_cancelled_once(shop: Demo) -> None:
    """Its time is free again; a second question finds nothing."""
    [first] = await shop.free_times(limit=1, now=NOW)
    booked = await shop.book_appointment(first, "showroom", CHLOE, key="c:1", now=NOW)
    gone = [await shop.cancel_appointment(booked.reference, CHLOE, key="c:2", now=NOW) for _ in range(2)]
    assert gone == [booked, booked]
    assert await shop.appointments(CHLOE, now=NOW) == ()
    assert first in await shop.free_times(limit=1, now=NOW)
    assert len(await shop.outbox()) == 2
    with pytest.raises(Refusal) as refusal:
        await shop.cancel_appointment(booked.reference, CHLOE, key="c:3", now=NOW)
    assert refusal.value.reason == "unknown"


async def test_what_cannot_be_moved_stays_where_it_was(shop: Demo) -> None:
    """Somebody else's, to a time that is taken or none, and on the day itself: each by its own name."""
    first, second, *_ = await shop.free_times(limit=2, now=NOW)
    booked = await shop.book_appointment(first, "video", CHLOE, key="c:1", now=NOW)
    await shop.book_appointment(second, "video", JONAS, key="c:2", now=NOW)
    that_day = datetime.fromisoformat(first).replace(tzinfo=timezone.utc).timestamp()
    later = (await shop.free_times(limit=99, now=NOW))[-1]
    asked = [
        ("unknown", booked.reference, later, JONAS, NOW),
        ("unknown", "T99999999", later, CHLOE, NOW),
        ("taken", booked.reference, second, CHLOE, NOW),
        ("no_such_time", booked.reference, "2026-01-01T10:00", CHLOE, NOW),
        ("too_late", booked.reference, later, CHLOE, that_day),
    ]
    for number, (reason, reference, starts, email, now) in enumerate(asked):
        with pytest.raises(Refusal) as refusal:
            await shop.move_appointment(reference, starts, email, key=f"m:{number}", now=now)
        assert refusal.value.reason == reason
    with pytest.raises(Refusal) as refusal:
        await shop.cancel_appointment(booked.reference, CHLOE, key="u:1", now=that_day)
    assert refusal.value.reason == "too_late"
    assert await shop.appointments(CHLOE, now=NOW) == (booked,)


async def test_appointments_are_told_soonest_first_until_their_day_is_over(shop: Demo) -> None:
    """And to nobody else."""
    first, second, *_ = await shop.free_times(limit=2, now=NOW)
    for number, time in enumerate((second, first)):
        await shop.book_appointment(time, "video", CHLOE, key=f"c:{number}", now=NOW)
    assert [one.starts for one in await shop.appointments(CHLOE, now=NOW)] == [first, second]
    assert await shop.appointments(JONAS, now=NOW) == ()
    assert await shop.appointments(CHLOE, now=NOW + 30 * 86_400) == ()


async def test_who_booked_without_an_account_can_prove_the_address(shop: Demo) -> None:
    """A code for the appointment comes; one for a password does not."""
    [first] = await shop.free_times(limit=1, now=NOW)
    await shop.book_appointment(first, "video", "guest@example.com", key="c:1", now=NOW)
    await shop.send_code("reset", "guest@example.com", key="c:2", now=NOW)
    assert len(await shop.outbox()) == 1
    await shop.send_code("proof", "guest@example.com", key="c:3", now=NOW)
    assert (await shop.try_code("proof", "guest@example.com", "111111", key="c:4", now=NOW)).result == "right"


async def test_a_data_request_waits_for_the_link(shop: Demo, tmp_path: Path) -> None:
    """Kept once as asked, not as confirmed; an address without an account looks the same and gets nothing."""
    for _ in range(2):
        await shop.request_data(MARA, "delete", key="c:1", now=NOW)
    await shop.request_data("nobody@example.com", "delete", key="c:2", now=NOW)
    with sqlite3.connect(tmp_path / "shop.db") as db:
        assert db.execute("select email, wish, state from data_requests").fetchall() == [(MARA, "delete", "asked")]
    assert [mail.to for mail in await shop.outbox()] == [MARA]


async def test_a_proof_and_a_password_are_different_codes(shop: Demo) -> None:
    """A code for one thing opens no other."""
    await shop.send_code("proof", MARA, key="c:1", now=NOW)
    assert (await shop.try_code("reset", MARA, "111111", key="c:2", now=NOW)).result == "unknown"
    assert (await shop.try_code("proof", MARA, "111111", key="c:3", now=NOW)).result == "right"
    assert len(await shop.outbox()) == 1


async def test_a_shop_of_an_older_version_is_made_anew(tmp_path: Path) -> None:
    """A demo database from before an update neither stops the start nor lacks a table."""
    with sqlite3.connect(tmp_path / "shop.db") as db:
        db.execute("create table orders (number text)")
        db.execute("create table customers (email text)")
    shop = DemoShop(tmp_path / "shop.db", NOW)
    assert await shop.order("A1042", MARA) is not None
    await shop.close()


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2026-01-31", 1, "2026-02-28"), ("2026-11-15", 2, "2027-01-15"), ("2026-12-31", 2, "2027-02-28")],
)
def test_months_end_where_the_month_ends(day: str, months: int, expected: str) -> None:
    """The same day later, or the last of a shorter month."""
    assert months_after(date.fromisoformat(day), months).isoformat() == expected
