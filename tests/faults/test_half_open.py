"""Links that look open and carry nothing: both ends find out by themselves, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.bridge.conftest import World
from warmline.bridge import server
from warmline.client import link as links
from warmline.client.link import Link
from warmline.core import frames

from .proxy import Proxy


@pytest.fixture
async def proxy(world: World) -> Any:
    assert world.bridge is not None
    made = Proxy(world.bridge.port, random.Random(1))
    await made.start()
    yield made
    await made.stop()


async def test_who_writes_into_a_dead_link_finds_out_and_the_message_arrives_once(
    world: World, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The product's own link: the frame that vanished goes again over a new connection, under its id."""
    monkeypatch.setattr(links, "LIVELY_S", 0.2)
    monkeypatch.setattr(links, "PONG_LIMIT_S", 0.3)
    heard: list[frames.BridgeFrame] = []
    ticket: list[str] = []

    def hear(frame: frames.BridgeFrame) -> None:
        heard.append(frame)
        if isinstance(frame, frames.Welcome):
            ticket[:] = [frame.ticket]

    link = Link(
        f"http://127.0.0.1:{proxy.port}",
        "/ws/customer",
        greet=lambda: frames.Hello(ticket[0] if ticket else None),
        hear=hear,
    )
    running = asyncio.create_task(link.run())
    try:
        link.send(frames.Say("m1", "before"))
        await link.settled()
        proxy.freeze()
        link.send(frames.Say("m2", "into the void"))
        async with asyncio.timeout(30):
            await link.settled()
        welcomes = [frame for frame in heard if isinstance(frame, frames.Welcome)]
        assert len(welcomes) >= 2
        messages = await world.store.messages(welcomes[0].conversation)
        assert [m.client_id for m in messages if m.author == "customer"] == ["m1", "m2"]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_bridge_notices_an_agent_whose_line_is_dead_and_the_customer_is_not_left_there(
    make_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No close ever comes: the socket's own heartbeat ends it, the grace begins, and the customer is queued again."""
    monkeypatch.setattr(server, "PING_EVERY_S", 0.3)
    monkeypatch.setattr(server, "PONG_LIMIT_S", 0.3)
    world = await make_world(agent_grace_s=0.3)
    proxy = Proxy(world.bridge.port, random.Random(1))
    await proxy.start()
    try:
        direct = world.bridge
        customer, welcome = await world.customer()
        await customer.send(frames.AskPerson("p1"))
        await customer.get(frames.Ack)
        world.bridge = type("At", (), {"port": proxy.port})()
        agent = await world.agent()
        world.bridge = direct
        await agent.send(frames.Claim("k1", welcome.conversation))
        await customer.get(frames.MessageFrame, lambda m: m.code == "agent_joined")
        proxy.freeze()
        await customer.get(frames.MessageFrame, lambda m: m.code == "agent_lost", limit_s=30)
        assert agent.socket.close_code is None, "nothing told the agent's end: the bridge found out alone"
        assert (await world.store.conversation(welcome.conversation)).owner.value == "queue"
    finally:
        agent.socket.transport.abort()
        await proxy.stop()


async def test_a_drain_does_not_wait_for_lines_that_are_dead(
    make_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Twenty clients never answer the close. The drain is over long before the library's own patience with each of them
    (``close_timeout``), and what a client said just before is in the record.
    """
    world = await make_world()
    proxy = Proxy(world.bridge.port, random.Random(1))
    await proxy.start()
    direct = world.bridge
    try:
        world.bridge = type("At", (), {"port": proxy.port})()
        dead = [(await world.customer())[0] for _ in range(20)]
        world.bridge = direct
        alive, welcome = await world.customer()
        await alive.send(frames.Say("m1", "just before"))
        await alive.get(frames.Ack)
        proxy.freeze()
        begun = asyncio.get_running_loop().time()
        await world.down()
        took_s = asyncio.get_running_loop().time() - begun
        await alive.socket.wait_closed()
        assert alive.socket.close_code == 1012
        await world.up()
        assert took_s < server.DRAIN_LIMIT_S, f"{took_s:.1f} s"
        assert "m1" in [m.client_id for m in await world.store.messages(welcome.conversation)]
    finally:
        for client in dead:
            client.socket.transport.abort()
        await proxy.stop()


async def test_who_connects_during_a_drain_is_sent_away_and_nothing_is_half_done(world: World) -> None:
    """A session that begins while the bridge goes down would find a closed store."""
    assert world.bridge is not None
    world.bridge._draining = True
    client = await world.client("/ws/customer")
    await client.socket.wait_closed()
    assert client.socket.close_code == 1012
    world.bridge._draining = False
