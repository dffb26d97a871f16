"""
The other side of docs/backend.md, served for real: the demo shop behind the HTTP contract, on loopback.

``python -m tests.backend.reference PORT TOKEN`` lets ``WARMLINE_BACKEND=http`` be tried without a shop of one's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from actions.backend import Refusal, contract
from actions.backend.demo import DemoShop

BASE = "/warmline/v1"


class Request(msgspec.Struct, frozen=True):
    """*headers* are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply(msgspec.Struct, frozen=True):
    status: int
    body: bytes = b""
    headers: tuple[str, ...] = ()


Handle = Callable[[Request, asyncio.StreamWriter], Awaitable[Reply | None]]
"""What answers a request; None when it has written to the connection itself."""


@contextlib.asynccontextmanager
async def serving(handle: Handle, port: int = 0) -> AsyncIterator[str]:
    """The address at which *handle* answers, one request a connection, until the block ends."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length") or 0))
            reply = await handle(Request(method, path, headers, body), writer)
            if reply is not None:
                lines = [f"HTTP/1.1 {reply.status} Status", f"Content-Length: {len(reply.body)}", "Connection: close"]
                lines += reply.headers
                writer.write("\r\n".join([*lines, "", ""]).encode() + reply.body)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{BASE}"
    finally:
        server.close()


class Reference:
    """Answers for *shop* whoever shows *token*; *clock* gives Unix seconds."""

    def __init__(self, shop: DemoShop, token: str, clock: Callable[[], float] = time.time) -> None:
        self.shop, self.clock = shop, clock
        self._token = token
        self._ends = {BASE + end.path: end for end in contract.ENDPOINTS}

    async def handle(self, request: Request, _writer: asyncio.StreamWriter) -> Reply:
        return await self.answer(request)

    async def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return Reply(401, b'{"error": "unknown token"}')
        end = self._ends.get(request.path)
        if end is None:
            return Reply(404, b'{"error": "no such endpoint"}')
        if end is contract.HEALTH:
            return Reply(200, b'{"status": "ok"}')
        key = unquote(request.headers.get("idempotency-key", ""))
        if request.method != "POST" or bool(key) != end.acts:
            return Reply(400, b'{"error": "POST, and a key for what acts"}')
        try:
            asked = msgspec.json.decode(request.body, type=end.request)
            return Reply(200, msgspec.json.encode(await self._answer(end, asked, key)))
        except msgspec.DecodeError as wrong:
            return Reply(400, msgspec.json.encode({"error": str(wrong)}))
        except Refusal as refusal:
            return Reply(409, msgspec.json.encode(contract.Refused(refusal.reason)))

    async def _answer(self, end: contract.Endpoint, a: Any, key: str) -> Any:
        shop, now = self.shop, self.clock()
        at: dict[str, Any] = {"key": key, "now": now}
        if end is contract.FIND_ORDER:
            return contract.OrderFound(await shop.order(a.number, a.email))
        if end is contract.CANCEL_ORDER:
            return await shop.cancel_order(a.number, a.email, **at)
        if end is contract.LIST_ORDERS:
            return contract.OrdersFound(await shop.orders(a.email, limit=a.limit, now=now))
        if end is contract.RESTORE_ORDER:
            return await shop.restore_order(a.number, a.email, **at)
        if end is contract.RETURN_ORDER:
            return await shop.start_return(a.number, a.email, **at)
        if end is contract.MAIL_INVOICE:
            return await shop.mail_invoice(a.number, a.email, **at)
        if end is contract.FIND_SHOPPER:
            return contract.ShopperFound(await shop.shopper(a.email))
        if end is contract.CHANGE_ADDRESS:
            await shop.change_address(a.email, a.address, **at)
            return contract.Nothing()
        if end is contract.REQUEST_DATA:
            await shop.request_data(a.email, a.wish, **at)
            return contract.Nothing()
        if end is contract.SEND_CODE:
            await shop.send_code(a.purpose, a.email, **at)
            return contract.Nothing()
        if end is contract.TRY_CODE:
            return await shop.try_code(a.purpose, a.email, a.code, **at)
        if end is contract.FIND_SUBSCRIPTION:
            return contract.SubscriptionFound(await shop.subscription(a.email))
        if end is contract.PAUSE_SUBSCRIPTION:
            return await shop.pause_subscription(a.email, a.months, **at)
        if end is contract.END_SUBSCRIPTION:
            return await shop.end_subscription(a.email, **at)
        if end is contract.FREE_TIMES:
            return contract.FreeTimes(await shop.free_times(day=a.day, limit=a.limit, now=now))
        if end is contract.FIND_APPOINTMENTS:
            return contract.Appointments(await shop.appointments(a.email, now=now))
        if end is contract.BOOK:
            return await shop.book_appointment(a.starts, a.kind, a.email, **at)
        if end is contract.MOVE:
            return await shop.move_appointment(a.reference, a.starts, a.email, **at)
        assert end is contract.UNBOOK
        return await shop.cancel_appointment(a.reference, a.email, **at)


async def main(port: int, token: str) -> None:
    with tempfile.TemporaryDirectory() as room:
        shop = DemoShop(Path(room) / "shop.db", time.time())
        async with serving(Reference(shop, token).handle, port) as address:
            print(f"The demo shop answers at {address}", flush=True)  # noqa: T201 (a program of its own)
            await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
