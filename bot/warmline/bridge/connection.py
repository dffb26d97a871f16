"""One socket as the bridge sees it: a bounded buffer in front of it and one task that empties it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Hashable

import structlog
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from warmline.core import frames

BUFFER_FRAMES = 512
SEND_LIMIT_S = 20.0
CLOSE_TOO_SLOW = 4008
CLOSE_RESTART = 1012
CLOSE_POLICY = 1008
CLOSE_TRY_LATER = 1013
FLUSH_LIMIT_S = 2.0

log = structlog.get_logger()


class Connection:
    """
    Frames go in by :meth:`send`, which never waits; :meth:`write` sends them in order.

    A frame sent with a *key* replaces the one of the same key that still waits: state, desk and packet are whole
    values, the newest is enough. Any other waits as the bytes that will be sent: a snapshot is several times larger as
    objects. When the buffer is full, droppable frames (typing) are dropped, and for any other
    the connection is closed with ``CLOSE_TOO_SLOW``: the client resumes.

    *address* is where the client is, for limits (:mod:`warmline.bridge.client_address`).
    """

    def __init__(self, socket: ServerConnection, name: str, address: str) -> None:
        self.socket = socket
        self.name = name
        self.address = address
        self._waiting: deque[list[frames.Frame | str]] = deque()
        self._by_key: dict[Hashable, list[frames.Frame | str]] = {}
        self._ready = asyncio.Event()
        self._overflowed = False
        self._sending = False

    def send(self, frame: frames.Frame, *, key: Hashable | None = None, droppable: bool = False) -> None:
        """Queue *frame*; never blocks and never raises."""
        if key is not None and key in self._by_key:
            self._by_key[key][0] = frame
            return
        if len(self._waiting) >= BUFFER_FRAMES:
            if not droppable:
                self._overflowed = True
                self._ready.set()
            return
        cell: list[frames.Frame | str] = [frame if key is not None else frames.encode(frame)]
        self._waiting.append(cell)
        if key is not None:
            self._by_key[key] = cell
        self._ready.set()

    async def flush(self) -> None:
        """Wait until what is queued was sent, but not for long: a close may follow."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_LIMIT_S):
                while self._waiting or self._sending:  # noqa: ASYNC110 (the writer has nobody else to tell)
                    await asyncio.sleep(0.005)

    def _next(self) -> str:
        cell = self._waiting.popleft()
        if self._by_key:
            self._by_key = {key: c for key, c in self._by_key.items() if c is not cell}
        return cell[0] if isinstance(cell[0], str) else frames.encode(cell[0])

    async def write(self) -> None:
        """Send what is queued until the socket closes or the peer reads too slowly."""
        try:
            while True:
                await self._ready.wait()
                self._ready.clear()
                while self._waiting and not self._overflowed:
                    self._sending = True
                    async with asyncio.timeout(SEND_LIMIT_S):
                        await self.socket.send(self._next())
                    self._sending = False
                if self._overflowed:
                    raise TimeoutError
        except TimeoutError:
            log.warning("slow_reader", connection=self.name)
            await self.socket.close(CLOSE_TOO_SLOW, "reading too slowly; connect again and resume")
        except ConnectionClosed:
            pass
