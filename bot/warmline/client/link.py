"""One WebSocket to the bridge that keeps coming back, and sends again what was not answered."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from warmline.client import pending
from warmline.core import frames
from warmline.core.errors import NotAllowed, NotSignedIn

Phase = Literal["connecting", "up", "waiting"]

FIRST_WAIT_S = 0.4
LONGEST_WAIT_S = 3.0
"""Who wrote must hear a word within 10 s: a bridge that is back after a while must not wait long for its clients."""

OPEN_LIMIT_S = 4.0
OPEN_LIMIT_LATER_S = 12.0
PATIENT_FROM = 3
"""A stopped bridge lets connections hang, so the first attempts are given up soon; a slow line gets more time later."""

LIVELY_S = 3.0
"""Seconds between two heartbeats while something was sent or heard a moment ago; else the bridge says how many."""

LIVELY_FOR_S = 30.0
PONG_LIMIT_S = 4.0
"""A heartbeat that nothing answers for so long means that the link is dead, though the socket looks open."""

CLOSED_FOR_GOOD = frozenset({1002, 1003, 1007, 1008, 1009, 1010})
"""Close codes (RFC 6455 and IANA) after which the same again would only be refused again; the widget has the same."""


def wait_s(attempt: int, luck: float) -> float:
    """Seconds before attempt number *attempt* (0 is the first retry): exponential, with full jitter (*luck* 0..1)."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt, 20)) * luck


def open_limit_s(attempt: int) -> float:
    """Seconds that attempt number *attempt* may take to be welcomed."""
    return OPEN_LIMIT_S if attempt < PATIENT_FROM else OPEN_LIMIT_LATER_S


def socket_url(base: str, path: str) -> str:
    """``http://host:8750`` and ``/ws/customer`` make ``ws://host:8750/ws/customer``; https makes wss."""
    parts = urlsplit(base)
    scheme = "wss" if parts.scheme in ("https", "wss") else "ws"
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + path, "", ""))


class Link:
    """
    Keeps a connection to *base* + *path*.

    *greet* makes the first frame of each connection. *hear* gets every frame except pongs; *tell* hears of each change
    of phase, with the reason when the connection was lost. Frames given to :meth:`send` are kept and sent again, under
    the same id and in order, until the bridge answers them.
    """

    def __init__(
        self,
        base: str,
        path: str,
        *,
        greet: Callable[[], frames.Frame],
        hear: Callable[[frames.BridgeFrame], None],
        tell: Callable[[Phase, str], None] = lambda _phase, _why: None,
    ) -> None:
        self._url = socket_url(base, path)
        self._origin = urlunsplit((*urlsplit(base)[:2], "", "", ""))
        self._greet = greet
        self._hear = hear
        self._tell = tell
        self._items: pending.Items = ()
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._greeting: frames.Frame | None = None
        self._socket: ClientConnection | None = None
        self._up = False
        self._attempt = 0
        self._welcomes = 0
        self._floor_s = 0.0
        self._heartbeat_s = 20.0
        self._busy_at = 0.0
        self._heard = asyncio.Event()

    def send(self, frame: frames.Frame) -> None:
        """Send *frame*, which has an id, now or as soon as possible; its place in the order is taken at once."""
        self._put(pending.add(self._items, frame))

    async def settled(self) -> None:
        """Wait until everything that was sent has been answered."""
        await self._idle.wait()

    async def again(self) -> None:
        """Connect anew, to be told what is missing."""
        if self._socket is not None:
            await self._socket.close()

    async def run(self) -> None:
        """
        Serve until cancelled.

        Raises:
            NotSignedIn: the bridge does not accept who the greeting says we are.
            NotAllowed: it does not want this client at all.
        """
        while True:
            self._tell("connecting", "")
            began_at, was_up = time.monotonic(), self._welcomes
            try:
                why = await self._connection()
            except InvalidStatus as answer:
                if answer.response.status_code == 403:
                    raise NotAllowed(
                        "The bridge does not accept connections from here (setting allowed_origins)."
                    ) from None
                why = f"the bridge answered {answer.response.status_code}"
            except (OSError, InvalidHandshake, TimeoutError) as failure:
                why = f"it cannot be reached ({failure})" if str(failure) else "it did not answer in time"
            finally:
                self._up = False
                self._socket = None
            self._put(pending.unsent(self._items))
            self._tell("waiting", why)
            # An attempt that hung for a while has had its wait already.
            spent_s = time.monotonic() - began_at if self._welcomes == was_up else 0.0
            pause_s = wait_s(self._attempt, random.random()) - spent_s  # noqa: S311 (spreads clients)
            await asyncio.sleep(max(self._floor_s, pause_s, 0.0))
            self._attempt += 1
            self._floor_s = 0.0

    async def _connection(self) -> str:
        """One connection from greeting to end; returns why it ended."""
        async with connect(
            self._url,
            origin=self._origin,  # type: ignore[arg-type]
            compression=None,
            max_size=None,
            open_timeout=open_limit_s(self._attempt),
            close_timeout=2,
            ping_interval=None,
            proxy=None,
        ) as socket:
            self._socket = socket
            self._greeting = self._greet()
            await socket.send(frames.encode(self._greeting))
            helpers = [asyncio.create_task(self._pump(socket)), asyncio.create_task(self._beat(socket))]
            try:
                while True:
                    async with asyncio.timeout(None if self._up else open_limit_s(self._attempt)):
                        data = await socket.recv()
                    self._heard.set()
                    self._take(frames.decode_bridge(data))
            except TimeoutError:
                return "it fell silent"
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
                if code in CLOSED_FOR_GOOD:
                    raise NotAllowed(
                        f"The bridge closed the connection: {closed.rcvd and closed.rcvd.reason}."
                    ) from None
                return {1000: "closed", 1012: "the bridge is restarting"}.get(code, f"the connection broke ({code})")
            finally:
                for helper in helpers:
                    helper.cancel()
                await asyncio.gather(*helpers, return_exceptions=True)

    def _take(self, frame: frames.BridgeFrame) -> None:
        match frame:
            case frames.Welcome() | frames.SignedIn():
                self._heartbeat_s = frame.heartbeat_s or self._heartbeat_s
                self._attempt = 0
                self._welcomes += 1
                self._hear(frame)
                self._up = True
                self._changed.set()
                self._tell("up", "")
            case frames.Pong():
                return
            case frames.Ack():
                self._hear(frame)
                self._put(pending.answered(self._items, frame.id))
            case frames.Nack():
                items, again = pending.refused(self._items, frame, time.monotonic())
                self._put(items)
                if not again:
                    self._hear(frame)
            case frames.Error() if not self._up and frame.retry_after_s is not None:
                self._floor_s = frame.retry_after_s
                self._hear(frame)
            case frames.Error() if not self._up and isinstance(self._greeting, (frames.SignIn, frames.HelloAgent)):
                raise NotSignedIn(frame.text)
            case _:
                self._hear(frame)
        self._busy_at = time.monotonic()

    def _put(self, items: pending.Items) -> None:
        self._items = items
        if items:
            self._idle.clear()
        else:
            self._idle.set()
        self._changed.set()

    async def _pump(self, socket: ClientConnection) -> None:
        """Send what is due, whenever something changes or a time has come."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self._changed.clear()
                now = time.monotonic()
                self._items = pending.overdue(self._items, now)
                if self._up:
                    for item in pending.due(self._items, now):
                        self._items = pending.sent(self._items, item.id, now)
                        self._busy_at = now
                        await socket.send(frames.encode(item.frame))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pending.next_due_s(self._items, now) if self._up else None):
                        await self._changed.wait()

    async def _beat(self, socket: ClientConnection) -> None:
        """Ping, and end a connection that says nothing any more: its socket may look open for minutes."""
        pinged_at = time.monotonic()
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(min(LIVELY_S, self._heartbeat_s))
                now = time.monotonic()
                if now - self._busy_at > LIVELY_FOR_S and now - pinged_at < self._heartbeat_s:
                    continue
                pinged_at = now
                self._heard.clear()
                await socket.send(frames.encode(frames.Ping()))
                try:
                    async with asyncio.timeout(PONG_LIMIT_S):
                        await self._heard.wait()
                except TimeoutError:
                    socket.transport.abort()
                    return

    def send_now(self, frame: frames.Frame) -> None:
        """Send a frame without id, if the link is up; nothing is remembered (the greeting asks anew)."""
        if self._up and self._socket is not None:
            task = asyncio.ensure_future(self._socket.send(frames.encode(frame)))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
