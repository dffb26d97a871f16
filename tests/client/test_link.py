"""The link against a real WebSocket server that behaves as badly as a network does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from warmline.client.link import FIRST_WAIT_S, LONGEST_WAIT_S, Link, socket_url, wait_s
from warmline.core import frames
from warmline.core.errors import NotAllowed, NotSignedIn

WELCOME = frames.Welcome("ticket", 60, "c_1", 1, 0)
Behaviour = Callable[["Peer", ServerConnection], Awaitable[None]]


class Peer:
    """The server's side: keeps each id once, and counts connections and arrivals. *behave* serves one connection."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.connections = 0
        self.arrived: list[str] = []
        self.kept: list[str] = []
        self.port = 0

    async def serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        hello = frames.decode_customer(await socket.recv())
        assert isinstance(hello, frames.Hello)
        await self.behave(self, socket)

    def take(self, data: str | bytes) -> str:
        frame = frames.decode_customer(data)
        assert isinstance(frame, frames.Say)
        self.arrived.append(frame.id)
        if frame.id not in self.kept:
            self.kept.append(frame.id)
        return frame.id


async def obedient(peer: Peer, socket: ServerConnection) -> None:
    await socket.send(frames.encode(WELCOME))
    async for data in socket:
        await socket.send(frames.encode(frames.Ack(peer.take(data), len(peer.kept))))


@asynccontextmanager
async def linked(behave: Behaviour) -> AsyncIterator[tuple[Peer, Link, asyncio.Task[None], list[frames.BridgeFrame]]]:
    peer = Peer(behave)
    heard: list[frames.BridgeFrame] = []
    async with serve(peer.serve, "127.0.0.1", 0, close_timeout=0.2) as server:
        peer.port = next(iter(server.sockets)).getsockname()[1]
        link = Link(f"http://127.0.0.1:{peer.port}", "/ws/customer", greet=frames.Hello, hear=heard.append)
        running = asyncio.create_task(link.run())
        try:
            yield peer, link, running, heard
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_what_is_sent_before_the_link_is_up_leaves_in_order() -> None:
    """Ten frames, given at once and before any connection, arrive once each and in order."""
    async with linked(obedient) as (peer, link, _, _):
        for number in range(10):
            link.send(frames.Say(f"m{number}", "x"))
        await link.settled()
        assert peer.arrived == [f"m{number}" for number in range(10)]


async def test_an_answer_that_was_lost_with_the_link_is_asked_for_again() -> None:
    """The connection breaks after each arrival, before its ack: every frame is kept once, in order, under its id."""

    async def breaking(peer: Peer, socket: ServerConnection) -> None:
        await socket.send(frames.encode(WELCOME))
        async for data in socket:
            known = len(peer.kept)
            frame_id = peer.take(data)
            if len(peer.kept) > known:
                socket.transport.abort()
                return
            await socket.send(frames.encode(frames.Ack(frame_id, 1)))

    async with linked(breaking) as (peer, link, _, _):
        for number in range(3):
            link.send(frames.Say(f"m{number}", "x"))
        await link.settled()
        assert peer.kept == ["m0", "m1", "m2"]
        assert peer.arrived.count("m0") == 2
        assert peer.connections == 4


async def test_later_is_tried_again_without_telling_anybody() -> None:
    """A nack with a time is the link's business; one without is the sender's."""

    async def slow_down(peer: Peer, socket: ServerConnection) -> None:
        await socket.send(frames.encode(WELCOME))
        async for data in socket:
            frame_id = peer.take(data)
            if frame_id == "bad":
                await socket.send(frames.encode(frames.Nack("bad", "not_allowed", "No.")))
            elif peer.arrived.count(frame_id) == 1:
                await socket.send(frames.encode(frames.Nack(frame_id, "too_fast", "Slower.", 0.05)))
            else:
                await socket.send(frames.encode(frames.Ack(frame_id, 1)))

    async with linked(slow_down) as (peer, link, _, heard):
        link.send(frames.Say("m1", "x"))
        link.send(frames.Say("bad", "x"))
        await link.settled()
        assert peer.arrived == ["m1", "m1", "bad"]
        assert [frame for frame in heard if isinstance(frame, frames.Nack)] == [
            frames.Nack("bad", "not_allowed", "No.")
        ]


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010])
async def test_being_sent_away_ends_the_run(code: int) -> None:
    """These close codes mean: do not come back unchanged."""

    async def refuse(_peer: Peer, socket: ServerConnection) -> None:
        await socket.close(code, "too many refused frames")

    async with linked(refuse) as (peer, _, running, _):
        with pytest.raises(NotAllowed, match="too many refused frames"):
            await running
        assert peer.connections == 1


async def test_a_wrong_password_ends_the_run() -> None:
    """An agent who is not let in is told at once, in the bridge's words."""

    async def not_you(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(frames.encode(frames.Error("not_signed_in", "That name or password is not right.")))
        await socket.wait_closed()

    async with serve(not_you, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        link = Link(
            f"http://127.0.0.1:{port}", "/ws/agent", greet=lambda: frames.SignIn("anna", "x"), hear=lambda _: None
        )
        with pytest.raises(NotSignedIn, match="not right"):
            await link.run()


async def test_a_bridge_that_comes_later_is_found() -> None:
    """Nothing listens at first; the link keeps trying, tells why, and what was said meanwhile arrives."""
    peer = Peer(obedient)
    async with serve(peer.serve, "127.0.0.1", 0) as probe:
        port = next(iter(probe.sockets)).getsockname()[1]
    reasons: asyncio.Queue[str] = asyncio.Queue()

    def tell(phase: str, why: str) -> None:
        if phase == "waiting":
            reasons.put_nowait(why)

    link = Link(f"http://127.0.0.1:{port}", "/ws/customer", greet=frames.Hello, hear=lambda _: None, tell=tell)
    running = asyncio.create_task(link.run())
    link.send(frames.Say("m1", "x"))
    assert "cannot be reached" in await reasons.get()
    async with serve(peer.serve, "127.0.0.1", port):
        await link.settled()
        assert peer.kept == ["m1"]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("attempt", range(40))
def test_waits_grow_to_a_bound_and_luck_spreads_them(attempt: int) -> None:
    """Full jitter: anything from nothing to the ceiling, and the ceiling doubles until it stays."""
    assert wait_s(attempt, 0.0) == 0.0
    assert wait_s(attempt, 1.0) == min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**attempt)
    assert wait_s(attempt, 0.5) == wait_s(attempt, 1.0) / 2


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://127.0.0.1:8750", "ws://127.0.0.1:8750/ws/agent"),
        ("http://127.0.0.1:8750/", "ws://127.0.0.1:8750/ws/agent"),
        ("https://shop.example/chat/", "wss://shop.example/chat/ws/agent"),
    ],
)
def test_the_socket_is_beside_the_pages(base: str, url: str) -> None:
    """http makes ws, https makes wss, a path before it stays."""
    assert socket_url(base, "/ws/agent") == url
