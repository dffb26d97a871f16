"""When the team is at the desk, as an operator writes it, and what follows from it for a moment in time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import msgspec

ALWAYS = "always"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"\s*([a-z]{3})(?:-([a-z]{3}))?\s+(\d\d?):([0-5]\d)-(\d\d?):([0-5]\d)\s*")


class Hours(msgspec.Struct, frozen=True):
    """
    For each day from Monday its spans, as minutes from midnight (start included, end not), in the time zone *zone*.

    *text* is what was written. ``always`` promises no hours to anybody: it is open at any time.
    """

    text: str
    zone: str
    days: tuple[tuple[tuple[int, int], ...], ...]

    def is_open(self, at: float) -> bool:
        """Whether *at* (Unix seconds) lies within the hours."""
        local = datetime.fromtimestamp(at, _zone(self.zone))
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.days[local.weekday()])

    def opens_next(self, at: float) -> datetime | None:
        """The first opening after *at* (Unix seconds), in local time; None when it is open at *at*."""
        if self.is_open(at):
            return None
        local = datetime.fromtimestamp(at, _zone(self.zone))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        for ahead in range(8):
            day = midnight + timedelta(days=ahead)
            for start, _end in self.days[day.weekday()]:
                opening = day.replace(hour=start // 60, minute=start % 60)
                if opening > local:
                    return opening
        raise AssertionError("parse_hours makes no week without an opening")


def parse_hours(text: str, zone: str) -> Hours:
    """
    Read ``mon-fri 08:00-18:00, sat 10:00-14:00`` (or ``always``) in the IANA time zone *zone*.

    Raises:
        ValueError: *text* is not of that form, or *zone* is not known; its text says which and what was expected.
    """
    try:
        _zone(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"timezone must be a time zone like Europe/Berlin, not '{zone}'.") from None
    if text.strip().lower() == ALWAYS:
        return Hours(text=ALWAYS, zone=zone, days=(((0, 1440),),) * 7)
    days: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for part in text.lower().split(","):
        match = _SPAN.fullmatch(part)
        if match is None or match[1] not in DAYS or (match[2] or match[1]) not in DAYS:
            raise _unreadable(part)
        start, end = int(match[3]) * 60 + int(match[4]), int(match[5]) * 60 + int(match[6])
        first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
        if not start < end <= 1440 or last < first:
            raise _unreadable(part)
        for day in range(first, last + 1):
            days[day].append((start, end))
    return Hours(text=text.strip(), zone=zone, days=tuple(tuple(sorted(day)) for day in days))


def _unreadable(part: str) -> ValueError:
    return ValueError(
        f"hours must be '{ALWAYS}' or spans like 'mon-fri 08:00-18:00, sat 10:00-14:00', not '{part.strip()}'."
    )


def _zone(name: str) -> tzinfo:
    return timezone.utc if name.upper() == "UTC" else ZoneInfo(name)  # UTC needs no database of time zones
