"""A shop's own system, over HTTP: the endpoints of :mod:`actions.backend.contract`, as docs/backend.md tells them."""

from __future__ import annotations

import asyncio
import logging
import ssl
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from actions.backend import (
    TIME,
    Appointment,
    AppointmentKind,
    CodeTried,
    DataWish,
    Label,
    Order,
    Purpose,
    Refusal,
    Shopper,
    Subscription,
    Unconfirmed,
    contract,
)
from warmline.core.errors import BackendError

MAX_ANSWER_BYTES = 262_144
PAUSES_S = (0.1, 0.3)
"""Between the attempts of one call; there is one attempt more than there are pauses."""
TRY_AGAIN = frozenset({502, 503, 504})
"""Statuses of something in between that could not reach the shop just now."""
MAX_CONNECTIONS = 20

logger = logging.getLogger(__name__)


class _Odd(Exception):
    """An answer that is not used, whatever it holds; the text completes "it ..."."""


class HttpShop:
    """
    A :class:`~actions.backend.Backend` at *url*, with a bearer *token*. One call takes at most *limit_s* seconds, its
    further attempts included. *ca_file* is the authority that signed the shop's certificate, when it is no public one.

    Raises:
        BackendError: *ca_file* cannot be read.
    """

    def __init__(self, url: str, token: str, *, limit_s: float = 2.5, ca_file: Path | None = None) -> None:
        self._limit_s = limit_s
        try:
            trusted = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        except (OSError, ssl.SSLError) as wrong:
            raise BackendError(f"The certificates in {ca_file} cannot be read: {wrong}.") from None
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "warmline",
            },
            timeout=limit_s / 2,
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
            follow_redirects=False,
            trust_env=False,
            verify=trusted,
        )

    async def close(self) -> None:
        """Close its connections. Safe to call twice."""
        await self._http.aclose()

    async def check(self) -> None:
        """See :class:`~actions.backend.Backend`."""
        await self._call(contract.HEALTH)

    async def order(self, number: str, email: str) -> Order | None:
        """See :class:`~actions.backend.Backend`."""
        asked = contract.OrderOf(number=number.upper(), email=email.lower())
        found: Order | None = (await self._call(contract.FIND_ORDER, asked)).order
        return found and _same_order(found, asked, contract.FIND_ORDER)

    async def orders(self, email: str, *, limit: int = 5, now: float) -> tuple[Order, ...]:
        """See :class:`~actions.backend.Backend`."""
        found: tuple[Order, ...] = (
            await self._call(contract.LIST_ORDERS, contract.ListOrders(email.lower(), limit))
        ).orders
        for order in found:
            _of_email(order.shopper, email, contract.LIST_ORDERS)
        return tuple(sorted(found, key=lambda order: order.ordered_on, reverse=True))[:limit]

    async def shopper(self, email: str) -> Shopper | None:
        """See :class:`~actions.backend.Backend`."""
        found: Shopper | None = (await self._call(contract.FIND_SHOPPER, contract.Email(email.lower()))).shopper
        return found and _of_email(found, email, contract.FIND_SHOPPER)

    async def send_code(self, purpose: Purpose, email: str, *, key: str, now: float) -> None:
        """See :class:`~actions.backend.Backend`. As in all of them, the shop's own clock counts and not *now*."""
        await self._call(contract.SEND_CODE, contract.SendCode(purpose, email.lower()), key)

    async def try_code(self, purpose: Purpose, email: str, code: str, *, key: str, now: float) -> CodeTried:
        """See :class:`~actions.backend.Backend`."""
        tried: CodeTried = await self._call(contract.TRY_CODE, contract.TryCode(purpose, email.lower(), code), key)
        return tried

    async def cancel_order(self, number: str, email: str, *, key: str, now: float) -> Order:
        """See :class:`~actions.backend.Backend`."""
        return await self._order_act(contract.CANCEL_ORDER, number, email, key)

    async def restore_order(self, number: str, email: str, *, key: str, now: float) -> Order:
        """See :class:`~actions.backend.Backend`."""
        return await self._order_act(contract.RESTORE_ORDER, number, email, key)

    async def start_return(self, number: str, email: str, *, key: str, now: float) -> Label:
        """See :class:`~actions.backend.Backend`."""
        asked = contract.OrderOf(number=number.upper(), email=email.lower())
        label: Label = await self._call(contract.RETURN_ORDER, asked, key)
        return label

    async def mail_invoice(self, number: str, email: str, *, key: str, now: float) -> Order:
        """See :class:`~actions.backend.Backend`."""
        return await self._order_act(contract.MAIL_INVOICE, number, email, key)

    async def change_address(self, email: str, address: str, *, key: str, now: float) -> None:
        """See :class:`~actions.backend.Backend`."""
        await self._call(contract.CHANGE_ADDRESS, contract.NewAddress(email.lower(), address), key)

    async def subscription(self, email: str) -> Subscription | None:
        """See :class:`~actions.backend.Backend`."""
        answer = await self._call(contract.FIND_SUBSCRIPTION, contract.Email(email.lower()))
        found: Subscription | None = answer.subscription
        return found and _of_email(found, email, contract.FIND_SUBSCRIPTION)

    async def pause_subscription(self, email: str, months: int, *, key: str, now: float) -> Subscription:
        """See :class:`~actions.backend.Backend`."""
        box: Subscription = await self._call(contract.PAUSE_SUBSCRIPTION, contract.Pause(email.lower(), months), key)
        return box

    async def end_subscription(self, email: str, *, key: str, now: float) -> Subscription:
        """See :class:`~actions.backend.Backend`."""
        box: Subscription = await self._call(contract.END_SUBSCRIPTION, contract.Email(email.lower()), key)
        return box

    async def free_times(self, *, day: str | None = None, limit: int = 3, now: float) -> tuple[str, ...]:
        """See :class:`~actions.backend.Backend`."""
        answer = await self._call(contract.FREE_TIMES, contract.Free(day, limit))
        try:
            for time in answer.times:
                datetime.strptime(time, TIME)  # noqa: DTZ007 (the shop's own time, of no zone)
        except ValueError:
            raise _failed(contract.FREE_TIMES, "answered with a time that is none", False) from None
        return tuple(time for time in sorted(set(answer.times)) if day is None or time.startswith(day))[:limit]

    async def book_appointment(
        self, starts: str, kind: AppointmentKind, email: str, *, key: str, now: float
    ) -> Appointment:
        """See :class:`~actions.backend.Backend`."""
        booked: Appointment = await self._call(contract.BOOK, contract.Book(starts, kind, email.lower()), key)
        return booked

    async def appointments(self, email: str, *, now: float) -> tuple[Appointment, ...]:
        """See :class:`~actions.backend.Backend`."""
        answer = await self._call(contract.FIND_APPOINTMENTS, contract.Email(email.lower()))
        found = [_of_email(one, email, contract.FIND_APPOINTMENTS) for one in answer.appointments]
        return tuple(sorted(found, key=lambda one: one.starts))

    async def move_appointment(self, reference: str, starts: str, email: str, *, key: str, now: float) -> Appointment:
        """See :class:`~actions.backend.Backend`."""
        moved: Appointment = await self._call(contract.MOVE, contract.Move(reference, starts, email.lower()), key)
        return moved

    async def cancel_appointment(self, reference: str, email: str, *, key: str, now: float) -> Appointment:
        """See :class:`~actions.backend.Backend`."""
        gone: Appointment = await self._call(contract.UNBOOK, contract.Unbook(reference, email.lower()), key)
        return gone

    async def request_data(self, email: str, wish: DataWish, *, key: str, now: float) -> None:
        """See :class:`~actions.backend.Backend`."""
        await self._call(contract.REQUEST_DATA, contract.DataRequest(email.lower(), wish), key)

    async def _order_act(self, end: contract.Endpoint, number: str, email: str, key: str) -> Order:
        asked = contract.OrderOf(number=number.upper(), email=email.lower())
        return _same_order(await self._call(end, asked, key), asked, end)

    async def _call(self, end: contract.Endpoint, request: Any = None, key: str | None = None) -> Any:
        """
        The decoded answer of *end*. A call that came to nothing on the way is tried again within the limit: reading is
        harmless, and an act carries its *key*.

        Raises:
            Refusal: the shop says no.
            Unconfirmed: an act may have been done, or not.
            BackendError: anything else; nothing was done. The text is for the operator, without personal data.
        """
        body = None if request is None else msgspec.json.encode(request)
        headers = {} if key is None else {"Idempotency-Key": quote(key, safe=":._-")}
        reached, why = False, ""
        try:
            async with asyncio.timeout(self._limit_s):
                for pause in (*PAUSES_S, None):
                    before, reached = reached, True
                    try:
                        status, content = await self._send(end, body, headers)
                    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as wrong:
                        reached, why = before, f"cannot be reached ({type(wrong).__name__}: {wrong})"
                    except httpx.TransportError as wrong:
                        why = f"broke off ({type(wrong).__name__})"
                    else:
                        if status not in TRY_AGAIN:
                            return _read(end, status, content)
                        why = f"answered with status {status}"
                    if pause is not None:
                        await asyncio.sleep(pause)
        except TimeoutError:
            why = f"did not answer within {self._limit_s:g} s"
        except _Odd as odd:
            why = str(odd)
        raise _failed(end, why, reached)

    async def _send(self, end: contract.Endpoint, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body, which is never read further than the limit. Raises _Odd when it is too large."""
        method = "GET" if body is None else "POST"
        async with self._http.stream(method, end.path, content=body, headers=headers) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise _Odd("answered compressed, which was not asked for")
            content = bytearray()
            async for chunk in response.aiter_raw():
                content += chunk
                if len(content) > MAX_ANSWER_BYTES:
                    raise _Odd(f"answered with more than {MAX_ANSWER_BYTES // 1024} KB")
            return response.status_code, bytes(content)


def _read(end: contract.Endpoint, status: int, content: bytes) -> Any:
    """The answer that *content* is, with that *status*."""
    try:
        if status == 200:
            return msgspec.json.decode(content, type=end.answer)
        if status == 409 and end.refusals:
            reason = msgspec.json.decode(content, type=contract.Refused).refused
            raise Refusal(reason if reason in end.refusals else contract.OTHER)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise _failed(end, f"answered {status} with something that is not in the contract ({wrong})", True) from None
    if 300 <= status < 400:
        raise _failed(end, f"wants to send us elsewhere (status {status}), which is not followed", False)
    hint = {
        401: "does not accept our token",
        403: "does not accept our token",
        404: "does not know this endpoint; is WARMLINE_BACKEND_URL right?",
        429: "is asked too often",
    }.get(status, "answered with something else")
    raise _failed(end, f"{hint} (status {status})", status >= 500)


def _failed(end: contract.Endpoint, why: str, reached: bool) -> BackendError:
    """The error for a call that came to nothing, written to the log as well."""
    text = f"The shop's system, {end.path}: it {why}."
    logger.warning("%s", text)
    return Unconfirmed(text) if end.acts and reached else BackendError(text)


def _same_order(order: Order, asked: contract.OrderOf, end: contract.Endpoint) -> Order:
    """*order*, when it is the one that was asked for: a mix-up over there must not be told to a stranger."""
    if order.number.upper() != asked.number or order.shopper.email.lower() != asked.email:
        raise _failed(end, "answered with another order than the one asked for", True)
    return order


def _of_email(found: Any, email: str, end: contract.Endpoint) -> Any:
    """*found*, when it belongs to *email*."""
    if found.email.lower() != email.lower():
        raise _failed(end, "answered with what belongs to another address", True)
    return found
