"""
A door in front of a process that can be exchanged while people use it: HTTP/1.1 in, one request a connection.

Every request goes, on a connection of its own, to the target of that moment and its answer comes back as it is; the
caller's connection then ends, as both are told. So nobody is left holding a line to a process that is about to go:
after :meth:`Door.switch_to` the old one gets no new request, and is only waited for until its last answer has left.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections import Counter

HEAD_LIMIT_BYTES = 65_536
HEAD_LIMIT_S = 30.0
ANSWER_LIMIT_S = 120.0
LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*\r$", re.I | re.M)
HOP = re.compile(rb"^(?:connection|keep-alive):.*\r\n", re.I | re.M)


class Door:
    """Listens on 127.0.0.1:*port* and passes requests on to the target, a port of 127.0.0.1."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open: Counter[int] = Counter()
        self._server: asyncio.Server | None = None
        self._answered = asyncio.Condition()

    async def open(self, port: int) -> None:
        """Begin to listen. Raises OSError when *port* is taken."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=HEAD_LIMIT_BYTES)

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def target(self) -> int:
        """Where requests go now."""
        return self._target

    @property
    def busy(self) -> int:
        """How many requests are under way."""
        return self._open.total()

    async def switch_to(self, target: int, limit_s: float) -> bool:
        """
        Send what comes from now on to *target*; wait, at most *limit_s* seconds, until the one before has answered all
        it was asked. Whether it has.
        """
        before, self._target = self._target, target
        try:
            async with asyncio.timeout(limit_s), self._answered:
                await self._answered.wait_for(lambda: not self._open[before])
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Stop listening; requests under way are not waited for."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, caller: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_LIMIT_S):
                head = await caller.readuntil(b"\r\n\r\n")
                length = LENGTH.search(head)
                body = await caller.readexactly(int(length[1])) if length else b""
            request = _last(head) + body
            target = self._target
            self._open[target] += 1
            try:
                async with asyncio.timeout(ANSWER_LIMIT_S):
                    await _pass(request, target, back)
            finally:
                self._open[target] -= 1
                async with self._answered:
                    self._answered.notify_all()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the caller sees a connection that ends without an answer, as if it had asked the process itself
        finally:
            back.close()
            with contextlib.suppress(OSError):
                await back.wait_closed()


async def _pass(request: bytes, target: int, back: asyncio.StreamWriter) -> None:
    answer, ask = await asyncio.open_connection("127.0.0.1", target, limit=HEAD_LIMIT_BYTES)
    try:
        ask.write(request)
        await ask.drain()
        # said to the caller too, who would else keep a line that ends now, and lose its next request on it
        back.write(_last(await answer.readuntil(b"\r\n\r\n")))
        while piece := await answer.read(65_536):
            back.write(piece)
            await back.drain()
    finally:
        ask.close()


def _last(head: bytes) -> bytes:
    """*head*, saying that its connection ends with what follows."""
    return HOP.sub(b"", head)[:-2] + b"Connection: close\r\n\r\n"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
