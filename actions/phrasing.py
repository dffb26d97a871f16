"""Facts of the shop in words. Pure: the day is passed in."""

from __future__ import annotations

from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from actions.backend import Order, Refund

STATES = {
    "placed": "placed, not packed yet",
    "packed": "packed, about to leave",
    "shipped": "on its way",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "returned": "returned",
}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def day_of(now: float) -> date:
    """The calendar day of *now* (Unix seconds), UTC."""
    return datetime.fromtimestamp(now, timezone.utc).date()


def day(iso: str, today: date) -> str:
    """*iso* as one says it today: "today", "tomorrow", "on Tuesday" within six days, else "on 3 November"."""
    when = date.fromisoformat(iso)
    distance = (when - today).days
    if distance in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[distance + 1]
    return f"on {when:%A}" if abs(distance) < 7 else f"on {when.day} {when:%B}"


def status(order: Order, today: date) -> str:
    """Where *order* is, in one or two sentences: first the fact, then what happens next."""
    number = order.number
    if order.state == "placed":
        return f"{number} is placed and not packed yet. It should arrive {day(order.expected_on, today)}."
    if order.state == "packed":
        return f"{number} is packed and about to leave our warehouse. It should arrive {day(order.expected_on, today)}."
    if order.state == "cancelled":
        return f"{number} was cancelled, so nothing is on its way."
    if order.state == "returned":
        return f"{number} came back to us."
    if order.state == "delivered":
        return f"{number} was delivered {day(order.delivered_on or order.expected_on, today)}."
    carrier = order.carrier or "the carrier"
    why = f" It is {order.carrier_note}." if order.carrier_note else ""
    behind = days_behind(order, today)
    if behind > 0:
        due, says = day(order.due_on, today), bare(day(order.expected_on, today))
        return f"{number} is {_days(behind)} late: it was due {due}, {carrier} now says {says}.{why}"
    if days_late(order) > 0:
        says = bare(day(order.expected_on, today))
        return f"{number} will be {_days(days_late(order))} late: {carrier} now says {says}.{why}"
    return (
        f"{number} left our warehouse {day(order.shipped_on or order.ordered_on, today)}. "
        f"{carrier[:1].upper() + carrier[1:]} expects it {day(order.expected_on, today)}."
    )


def days_late(order: Order) -> int:
    """How many days behind the promised day the order is expected; 0 when it is not late."""
    return max(0, (date.fromisoformat(order.expected_on) - date.fromisoformat(order.due_on)).days)


def days_behind(order: Order, today: date) -> int:
    """How many days ago the order, not delivered yet, was due; 0 when the day is not over."""
    return max(0, (today - date.fromisoformat(order.due_on)).days)


def refund(order: Order, today: date) -> str:
    """What is known of the money for *order*, in a sentence."""
    if order.refund is None:
        return f"There is no refund for {order.number} in our system."
    amount, when = money(order.refund), day(order.refund.on, today)
    return {
        "asked": f"A refund of {amount} for {order.number} was asked for {when}. It is not decided yet.",
        "approved": f"The refund of {amount} for {order.number} was approved {when}. It takes up to 5 working days.",
        "paid": f"The refund of {amount} for {order.number} was paid {when}.",
    }[order.refund.state]


def money(refund: Refund) -> str:
    """The amount, as "39.00 EUR"."""
    return f"{refund.amount_cents // 100}.{refund.amount_cents % 100:02d} {refund.currency}"


def named(order: Order) -> str:
    """*order* with what is in it and what it came to, for a question about it."""
    items = ", ".join(f"{item.quantity} x {item.title}" for item in order.items)
    cents = order.total_cents
    return f"order {order.number} ({items}; {cents // 100}.{cents % 100:02d} {order.currency})"


def date_words(iso: str) -> str:
    """*iso* as "3 November"."""
    when = date.fromisoformat(iso)
    return f"{when.day} {when:%B}"


def summary(order: Order, today: date) -> dict[str, str]:
    """What is remembered of *order*: for the facts an agent reads, and for the assistant after a hand-back."""
    kept = {
        "number": order.number,
        "state": STATES[order.state],
        "items": ", ".join(f"{item.quantity} x {item.title}" for item in order.items),
    }
    if order.state in ("placed", "packed", "shipped"):
        late = days_behind(order, today) or days_late(order)
        kept["expected"] = order.expected_on + (f", {_days(late)} late" if late else "")
    if order.refund is not None:
        kept["refund"] = f"{money(order.refund)}, {order.refund.state}"
    return kept


def clock(at: float, zone: str) -> str:
    """The time of day at *at* (Unix seconds) in the IANA time zone *zone*, as "14:32 CET"."""
    local = datetime.fromtimestamp(at, timezone.utc if zone.upper() == "UTC" else ZoneInfo(zone))
    return f"{local:%H:%M} {local:%Z}"


def can_be_undone(left_s: float, until: str) -> str:
    """What follows the news of a cancellation that can be taken back for *left_s* seconds; empty when none are left."""
    if left_s <= 0:
        return ""
    minutes = int(left_s // 60)
    within = "within a minute" if minutes < 2 else f"within {minutes} minutes"
    return f' If that was a mistake, write "undo" {within} (until {until}).'


def bare(day_words: str) -> str:
    """Without the "on", for use after a verb: "says Tuesday"."""
    return day_words.removeprefix("on ")


def _days(count: int) -> str:
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"{number} day" if count == 1 else f"{number} days"


def months(count: int) -> str:
    """*count* months in words."""
    return f"{NUMBERS[count]} month" + ("" if count == 1 else "s")
