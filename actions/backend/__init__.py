"""
What the assistant acts on: customers, orders, subscriptions and appointments of the shop it works for, behind one
interface.

`demo` is a shop in SQLite, `http` speaks to a real one (docs/backend.md). All times are Unix seconds and are passed in;
dates are days of the shop's calendar, as ISO text.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from warmline.core.errors import BackendError

OrderState = Literal["placed", "packed", "shipped", "delivered", "cancelled", "returned"]
Attempt = Literal["right", "wrong", "expired", "locked", "used", "unknown"]
DataWish = Literal["access", "delete"]
TIME = "%Y-%m-%dT%H:%M"
"""How a time of the shop's calendar is written: ``2026-11-24T10:00``, without a zone."""
AppointmentKind = Literal["showroom", "video"]
Purpose = Literal["reset", "proof"]
"""What a mailed code is for: a new password, or to prove who writes."""


class Refusal(BackendError):
    """
    The shop works and says no: *reason* is one word of the method's own list. Nothing was changed.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"The shop refused: {reason.replace('_', ' ')}.")
        self.reason = reason


class Unconfirmed(BackendError):
    """An act was handed to the shop and no usable answer came back: it may have been done, or not."""


class Shopper(msgspec.Struct, frozen=True):
    """A customer of the shop, as the shop knows them."""

    email: str
    name: str


class Item(msgspec.Struct, frozen=True):
    """A line of an order; *price_cents* is that of one piece, in the order's currency."""

    title: str
    quantity: int = 1
    price_cents: int = 0


class Refund(msgspec.Struct, frozen=True):
    """Money on its way back: *amount_cents* in *currency*; its *state* since the day *on*."""

    amount_cents: int
    currency: str
    state: Literal["asked", "approved", "paid"]
    on: str

    def __post_init__(self) -> None:
        _must_be_days(self.on)


class Order(msgspec.Struct, frozen=True):
    """
    An order. *due_on* is what was promised at checkout, *expected_on* what the carrier says now (later: it is late).
    *shipped_on* and *delivered_on* are None until it happened. *carrier_note* is the carrier's last word, if any.
    *total_cents* holds the goods and their delivery. *label_on* is the day a return label was sent, if one was.
    *undo_until* (Unix seconds) is when a cancellation can be taken back for the last time; None when it cannot be.
    """

    number: str
    shopper: Shopper
    items: tuple[Item, ...]
    state: OrderState
    ordered_on: str
    due_on: str
    expected_on: str
    shipped_on: str | None = None
    delivered_on: str | None = None
    carrier: str | None = None
    carrier_note: str | None = None
    refund: Refund | None = None
    total_cents: int = 0
    currency: str = "EUR"
    label_on: str | None = None
    undo_until: float | None = None

    def __post_init__(self) -> None:
        days = (self.ordered_on, self.due_on, self.expected_on, self.shipped_on, self.delivered_on, self.label_on)
        _must_be_days(*days)


class Label(msgspec.Struct, frozen=True):
    """A return label that was mailed: *code* is printed on it, and it is good until the day *until*."""

    number: str
    code: str
    until: str

    def __post_init__(self) -> None:
        _must_be_days(self.until)


class Subscription(msgspec.Struct, frozen=True):
    """
    A box that comes every *every_months* months. *next_on* is the day of the next one; None when none will come. A
    change made :data:`NOTICE_DAYS` or fewer days before *next_on* holds for the box after it.
    """

    email: str
    box: Literal["small", "large"]
    every_months: int
    state: Literal["active", "paused", "ended"]
    next_on: str | None

    def __post_init__(self) -> None:
        _must_be_days(self.next_on)


class Appointment(msgspec.Struct, frozen=True):
    """A booked time: *starts* as ``2026-11-24T10:00`` in the shop's own time; *reference* names it to a person."""

    starts: str
    kind: AppointmentKind
    email: str
    reference: str

    def __post_init__(self) -> None:
        datetime.strptime(self.starts, TIME)  # noqa: DTZ007 (the shop's own time, of no zone)


class CodeTried(msgspec.Struct, frozen=True):
    """
    What became of a tried code. *tries_left* before it is locked; ``used``: it was right before, and works once;
    ``unknown``: no code was asked for.
    """

    result: Attempt
    tries_left: int = 0


class Mail(msgspec.Struct, frozen=True):
    """A mail the shop sent, at *at* (Unix seconds)."""

    at: float
    to: str
    subject: str
    text: str


def _must_be_days(*days: str | None) -> None:
    """Raises ValueError when one of *days* is given and no ISO date; a decoder makes its own error of that."""
    for day in days:
        if day is not None:
            date.fromisoformat(day)


class Backend(Protocol):
    """
    The shop's system. Methods raise :class:`~warmline.core.errors.BackendError` when it refuses or cannot be reached;
    those that act raise :class:`Unconfirmed` when it stays unknown whether they did.

    *key* names the question that leads to the act (``conversation:seq``): the same key again does nothing more.
    """

    async def check(self) -> None:
        """Raises BackendError with the reason, in a sentence for the operator, when the shop cannot be used now."""

    async def order(self, number: str, email: str) -> Order | None:
        """The order, when it belongs to *email*; None when not, without telling which of the two is wrong."""

    async def orders(self, email: str, *, limit: int = 5, now: float) -> tuple[Order, ...]:
        """The orders of a proved address, newest first, at most *limit*; in every state."""

    async def shopper(self, email: str) -> Shopper | None:
        """The account of *email*. Only for addresses that are proved already."""

    async def send_code(self, purpose: Purpose, email: str, *, key: str, now: float) -> None:
        """
        Mail a six-digit code that is good for :data:`CODE_LIFETIME_S`; an earlier one for the same is void then. When
        the shop does not know the address nothing is sent, and nothing tells the difference. It is known for ``reset``
        when it has an account, for ``proof`` also when it has an order or an appointment.

        Raises:
            Refusal: ``too_often``.
        """

    async def try_code(self, purpose: Purpose, email: str, code: str, *, key: str, now: float) -> CodeTried:
        """Check *code*; the right one is used up by it. For ``reset`` the link for a new password is mailed then."""

    async def cancel_order(self, number: str, email: str, *, key: str, now: float) -> Order:
        """
        Cancel an order that is not packed yet; a refund of what was paid is approved with it, and a mail says so. Where
        it can be taken back for a while, the order that is returned says until when.

        Raises:
            Refusal: ``unknown`` (not with that address), or the state it is in: ``packed``, ``shipped``, ...
        """

    async def restore_order(self, number: str, email: str, *, key: str, now: float) -> Order:
        """
        Take a cancellation back before *undo_until*: the order is placed as it was, its refund is off, a mail says so.

        Raises:
            Refusal: ``unknown`` (not with that address), ``not_cancelled``, ``too_late`` (or never possible).
        """

    async def start_return(self, number: str, email: str, *, key: str, now: float) -> Label:
        """
        Mail a return label for a delivered order, within :data:`RETURN_DAYS` of its delivery.

        Raises:
            Refusal: ``unknown``, ``not_delivered``, ``cancelled``, ``returned``, ``refunded``, ``label_sent``,
                ``too_late``.
        """

    async def mail_invoice(self, number: str, email: str, *, key: str, now: float) -> Order:
        """
        Mail the order's invoice to its own address.

        Raises:
            Refusal: ``unknown``, ``cancelled``.
        """

    async def change_address(self, email: str, address: str, *, key: str, now: float) -> None:
        """
        Deliver the next orders of this account to *address* (one line); a mail says so. Placed orders keep theirs.

        Raises:
            Refusal: ``unknown``.
        """

    async def subscription(self, email: str) -> Subscription | None:
        """The subscription of a proved address, also one that has ended."""

    async def pause_subscription(self, email: str, months: int, *, key: str, now: float) -> Subscription:
        """
        Let *months* months (1 to :data:`PAUSE_MONTHS`) go by before the next box; a mail says so.

        Raises:
            Refusal: ``unknown``, ``ended``, ``paused``.
        """

    async def end_subscription(self, email: str, *, key: str, now: float) -> Subscription:
        """
        End it; a box inside :data:`NOTICE_DAYS` still comes, and is *next_on* then. A mail says so.

        Raises:
            Refusal: ``unknown``, ``ended``.
        """

    async def free_times(self, *, day: str | None = None, limit: int = 3, now: float) -> tuple[str, ...]:
        """The next free times (``2026-11-24T10:00``) from tomorrow on, or those of *day*; oldest first."""

    async def book_appointment(
        self, starts: str, kind: AppointmentKind, email: str, *, key: str, now: float
    ) -> Appointment:
        """
        Book a free time, for one customer and no other; a mail confirms it.

        Raises:
            Refusal: ``taken``, ``no_such_time``.
        """

    async def appointments(self, email: str, *, now: float) -> tuple[Appointment, ...]:
        """The appointments of a proved address that are not over, soonest first."""

    async def move_appointment(self, reference: str, starts: str, email: str, *, key: str, now: float) -> Appointment:
        """
        Put an appointment of *email* at another free time, until the day before it; a mail confirms it. *reference* may
        change with it. When it cannot be moved the old time stays booked.

        Raises:
            Refusal: ``unknown`` (none of that address), ``too_late``, ``taken``, ``no_such_time``.
        """

    async def cancel_appointment(self, reference: str, email: str, *, key: str, now: float) -> Appointment:
        """
        Give its time back, before it begins; a mail confirms it. Returns what it was.

        Raises:
            Refusal: ``unknown``, ``too_late``.
        """

    async def request_data(self, email: str, wish: DataWish, *, key: str, now: float) -> None:
        """
        Keep the request and mail a link; only who opens it confirms the request. When the address has no account
        nothing is kept or sent, and nothing tells the difference.
        """


CODE_LIFETIME_S = 600.0
CODE_TRIES = 5
UNDO_S = 600.0
"""How long the demo shop lets a cancellation be taken back."""
RETURN_DAYS = 30
NOTICE_DAYS = 3
PAUSE_MONTHS = 6
DELIVERY_CENTS = 395
FREE_DELIVERY_CENTS = 5_000
