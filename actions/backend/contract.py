"""
What is said between Warmline and a shop's own system, over HTTP: each endpoint with the shape of its request and of its
answer. docs/backend.md tells the same to the one who writes the other side; a test holds both together.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from actions.backend import (
    Appointment,
    AppointmentKind,
    CodeTried,
    DataWish,
    Label,
    Order,
    Purpose,
    Shopper,
    Subscription,
)

OTHER = "other"
"""What a refusal for a reason that the endpoint does not list is taken for."""


class OrderOf(msgspec.Struct, frozen=True):
    """An order, and the address that must be its own."""

    number: str
    email: str


class Email(msgspec.Struct, frozen=True):
    """An address; the customer has proved that it is theirs, unless the endpoint says otherwise."""

    email: str


class ListOrders(msgspec.Struct, frozen=True):
    """*limit* is how many at most."""

    email: str
    limit: int


class SendCode(msgspec.Struct, frozen=True):
    purpose: Purpose
    email: str


class TryCode(msgspec.Struct, frozen=True):
    purpose: Purpose
    email: str
    code: str


class NewAddress(msgspec.Struct, frozen=True):
    email: str
    address: str


class Pause(msgspec.Struct, frozen=True):
    email: str
    months: int


class Free(msgspec.Struct, frozen=True):
    """*day* is None for the next free times of any day."""

    day: str | None
    limit: int


class Book(msgspec.Struct, frozen=True):
    starts: str
    kind: AppointmentKind
    email: str


class Move(msgspec.Struct, frozen=True):
    reference: str
    starts: str
    email: str


class Unbook(msgspec.Struct, frozen=True):
    reference: str
    email: str


class DataRequest(msgspec.Struct, frozen=True):
    email: str
    wish: DataWish


class Health(msgspec.Struct, frozen=True):
    status: Literal["ok"]


class OrderFound(msgspec.Struct, frozen=True):
    """Required, so that an empty object is not "no such order"."""

    order: Order | None


class OrdersFound(msgspec.Struct, frozen=True):
    """Newest first; none is an empty list."""

    orders: tuple[Order, ...]


class ShopperFound(msgspec.Struct, frozen=True):
    shopper: Shopper | None


class SubscriptionFound(msgspec.Struct, frozen=True):
    subscription: Subscription | None


class FreeTimes(msgspec.Struct, frozen=True):
    times: tuple[str, ...]


class Appointments(msgspec.Struct, frozen=True):
    appointments: tuple[Appointment, ...]


class Nothing(msgspec.Struct, frozen=True):
    """Done; there is nothing to tell."""


class Refused(msgspec.Struct, frozen=True):
    """The answer with status 409: the reason, one of the endpoint's own."""

    refused: str


class Endpoint(msgspec.Struct, frozen=True):
    """
    POST to *path* (only the health check is GET), relative to the address of the shop's system. One that *acts* carries
    an ``Idempotency-Key``; *refusals* are the reasons it may name.
    """

    path: str
    request: Any
    answer: Any
    acts: bool = False
    refusals: tuple[str, ...] = ()


HEALTH = Endpoint("/health", None, Health)
FIND_ORDER = Endpoint("/orders/find", OrderOf, OrderFound)
LIST_ORDERS = Endpoint("/orders/list", ListOrders, OrdersFound)
CANCEL_ORDER = Endpoint(
    "/orders/cancel", OrderOf, Order, True, ("unknown", "packed", "shipped", "delivered", "cancelled", "returned")
)
RESTORE_ORDER = Endpoint("/orders/restore", OrderOf, Order, True, ("unknown", "not_cancelled", "too_late"))
RETURN_ORDER = Endpoint(
    "/orders/return",
    OrderOf,
    Label,
    True,
    ("unknown", "not_delivered", "cancelled", "returned", "refunded", "label_sent", "too_late"),
)
MAIL_INVOICE = Endpoint("/orders/invoice", OrderOf, Order, True, ("unknown", "cancelled"))
FIND_SHOPPER = Endpoint("/accounts/find", Email, ShopperFound)
CHANGE_ADDRESS = Endpoint("/accounts/address", NewAddress, Nothing, True, ("unknown",))
REQUEST_DATA = Endpoint("/accounts/data", DataRequest, Nothing, True)
SEND_CODE = Endpoint("/codes/send", SendCode, Nothing, True, ("too_often",))
TRY_CODE = Endpoint("/codes/try", TryCode, CodeTried, True)
FIND_SUBSCRIPTION = Endpoint("/subscriptions/find", Email, SubscriptionFound)
PAUSE_SUBSCRIPTION = Endpoint("/subscriptions/pause", Pause, Subscription, True, ("unknown", "ended", "paused"))
END_SUBSCRIPTION = Endpoint("/subscriptions/end", Email, Subscription, True, ("unknown", "ended"))
FREE_TIMES = Endpoint("/appointments/free", Free, FreeTimes)
FIND_APPOINTMENTS = Endpoint("/appointments/find", Email, Appointments)
BOOK = Endpoint("/appointments/book", Book, Appointment, True, ("taken", "no_such_time"))
MOVE = Endpoint("/appointments/move", Move, Appointment, True, ("unknown", "too_late", "taken", "no_such_time"))
UNBOOK = Endpoint("/appointments/cancel", Unbook, Appointment, True, ("unknown", "too_late"))

ENDPOINTS = (
    HEALTH,
    FIND_ORDER,
    LIST_ORDERS,
    CANCEL_ORDER,
    RESTORE_ORDER,
    RETURN_ORDER,
    MAIL_INVOICE,
    FIND_SHOPPER,
    CHANGE_ADDRESS,
    REQUEST_DATA,
    SEND_CODE,
    TRY_CODE,
    FIND_SUBSCRIPTION,
    PAUSE_SUBSCRIPTION,
    END_SUBSCRIPTION,
    FREE_TIMES,
    FIND_APPOINTMENTS,
    BOOK,
    MOVE,
    UNBOOK,
)
