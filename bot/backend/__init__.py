"""
What the assistant acts on: customers, orders and password resets of the shop it works for, behind one interface.

`demo` is a shop in SQLite. A real one implements :class:`Backend`. All times are Unix seconds and are passed in; dates
are days of the shop's calendar, as ISO text.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

OrderState = Literal["placed", "packed", "shipped", "delivered", "cancelled", "returned"]
Attempt = Literal["right", "wrong", "expired", "locked", "unknown"]


class Shopper(msgspec.Struct, frozen=True):
    """A customer of the shop, as the shop knows them."""

    email: str
    name: str


class Item(msgspec.Struct, frozen=True):
    """A line of an order."""

    title: str
    quantity: int = 1


class Refund(msgspec.Struct, frozen=True):
    """Money on its way back: *amount_cents* in *currency*; its *state* since the day *on*."""

    amount_cents: int
    currency: str
    state: Literal["asked", "approved", "paid"]
    on: str


class Order(msgspec.Struct, frozen=True):
    """
    An order. *due_on* is what was promised at checkout, *expected_on* what the carrier says now (later: it is late).
    *shipped_on* and *delivered_on* are None until it happened. *carrier_note* is the carrier's last word, if any.
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


class CodeTried(msgspec.Struct, frozen=True):
    """What became of a tried code. *tries_left* before it is locked; ``unknown``: no code was asked for."""

    result: Attempt
    tries_left: int = 0


class Mail(msgspec.Struct, frozen=True):
    """A mail the shop sent, at *at* (Unix seconds)."""

    at: float
    to: str
    subject: str
    text: str


class Backend(Protocol):
    """
    The shop's system. Methods raise :class:`~bot.core.errors.BackendError` when it refuses or cannot be reached.

    *key* names the question that leads to the act (``conversation:seq``): the same key again does nothing more.
    """

    async def order(self, number: str, email: str) -> Order | None:
        """The order, when it belongs to *email*; None when not, without telling which of the two is wrong."""

    async def shopper(self, email: str) -> Shopper | None:
        """The account of *email*. Only for addresses that are proved already."""

    async def send_reset_code(self, email: str, *, key: str, now: float) -> None:
        """
        Mail a six-digit code that is good for :data:`CODE_LIFETIME_S`; an earlier one is void then. When the address
        has no account nothing is sent, and nothing tells the difference.

        Raises:
            BackendError: too many codes were asked for, or the shop cannot send.
        """

    async def try_reset_code(self, email: str, code: str, *, key: str, now: float) -> CodeTried:
        """Check *code*; the right one is used up by it, and the link for a new password is mailed."""


CODE_LIFETIME_S = 600.0
CODE_TRIES = 5
