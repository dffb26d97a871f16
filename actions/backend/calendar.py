"""The demo shop's calendar: free times, and appointments booked, moved and cancelled, each in one transaction."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import msgspec
import sqlite_utils

from actions.backend import Appointment, AppointmentKind, Refusal
from actions.backend.tables import day_of, mail, one, reference_of

TIMES = ("10:00", "11:30", "14:00", "16:00")
"""When an appointment may begin, Monday to Friday, in the shop's own time."""
AHEAD_DAYS = 21
_COLUMNS = "starts, kind, email, reference"


def free_times(db: sqlite_utils.Database, day: str | None, limit: int, now: float) -> tuple[str, ...]:
    """See :meth:`actions.backend.Backend.free_times`."""
    taken = {row["starts"] for row in db.query("select starts from appointments")}
    return tuple(time for time in all_times(day_of(now)) if time not in taken and time[:10] == (day or time[:10]))[
        :limit
    ]


def all_times(today: date) -> list[str]:
    """Every time that can be booked in the next :data:`AHEAD_DAYS` days, taken or not."""
    days = [today + timedelta(days=n) for n in range(1, AHEAD_DAYS + 1)]
    return [f"{day.isoformat()}T{time}" for day in days if day.weekday() < 5 for time in TIMES]


def book(db: sqlite_utils.Database, starts: str, kind: AppointmentKind, email: str, now: float) -> Appointment:
    """See :meth:`actions.backend.Backend.book_appointment`."""
    if kind not in get_args(AppointmentKind):
        raise Refusal("no_such_time")
    _must_be_free(db, starts, now)
    booked = Appointment(starts=starts, kind=kind, email=email, reference=reference_of(starts))
    db.table("appointments").insert(msgspec.structs.asdict(booked))
    text = f"Your {_what(booked)} is on {_when(booked)}. To move or cancel it, write to us in the chat."
    mail(db, now, email, f"Your appointment {booked.reference}", text)
    return booked


def appointments(db: sqlite_utils.Database, email: str, now: float) -> tuple[Appointment, ...]:
    """See :meth:`actions.backend.Backend.appointments`; those of today count until the day is over."""
    rows = db.query(
        f"select {_COLUMNS} from appointments where email = ? and starts >= ? order by starts",  # noqa: S608 (a constant)
        [email, day_of(now).isoformat()],
    )
    return tuple(msgspec.convert(row, Appointment) for row in rows)


def move(db: sqlite_utils.Database, reference: str, starts: str, email: str, now: float) -> Appointment:
    """See :meth:`actions.backend.Backend.move_appointment`."""
    before = _known(db, reference, email)
    if before.starts[:10] <= day_of(now).isoformat():
        raise Refusal("too_late")
    _must_be_free(db, starts, now)
    after = msgspec.structs.replace(before, starts=starts, reference=reference_of(starts))
    db.table("appointments").delete(before.starts)
    db.table("appointments").insert(msgspec.structs.asdict(after))
    text = (
        f"Your {_what(after)} was moved from {_when(before)} to {_when(after)}. Its reference is {after.reference} now."
    )
    mail(db, now, email, f"Your appointment was moved: {after.reference}", text)
    return after


def cancel(db: sqlite_utils.Database, reference: str, email: str, now: float) -> Appointment:
    """See :meth:`actions.backend.Backend.cancel_appointment`; on the day itself it counts as begun."""
    found = _known(db, reference, email)
    if found.starts[:10] <= day_of(now).isoformat():
        raise Refusal("too_late")
    db.table("appointments").delete(found.starts)
    mail(db, now, email, f"Your appointment {reference} is cancelled", f"Your {_what(found)} on {_when(found)} is off.")
    return found


def _must_be_free(db: sqlite_utils.Database, starts: str, now: float) -> None:
    if starts not in all_times(day_of(now)):
        raise Refusal("no_such_time")
    if one(db, "select 1 from appointments where starts = ?", [starts]):
        raise Refusal("taken")


def _known(db: sqlite_utils.Database, reference: str, email: str) -> Appointment:
    sql = f"select {_COLUMNS} from appointments where reference = ? and email = ?"  # noqa: S608 (a constant)
    row = one(db, sql, [reference, email])
    if row is None:
        raise Refusal("unknown")
    return msgspec.convert(row, Appointment)


def _what(booked: Appointment) -> str:
    return "visit to our showroom" if booked.kind == "showroom" else "video call"


def _when(booked: Appointment) -> str:
    return f"{booked.starts[:10]} at {booked.starts[11:]} CET"
