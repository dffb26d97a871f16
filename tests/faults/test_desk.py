"""Agents who race, and agents whose line breaks at every step: one winner each, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bridge.conftest import World
from warmline.bridge.steps import Steps
from warmline.core import frames, inputs
from warmline.core.conversation import Agent, Customer, Owner
from warmline.core.errors import PeerError
from warmline.core.triggers import asked_for_person
from warmline.rules_file import load_rules
from warmline.store.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(900)
async def test_of_many_agents_who_race_for_many_conversations_each_has_one_winner(tmp_path: Path, full: bool) -> None:
    """Two bridges on one store, all agents after all conversations in their own order: one claim each succeeds."""
    agents, conversations = (500, 2_000) if full else (40, 60)
    stores = [SqliteStore(tmp_path / "store.db") for _ in range(2)]
    from warmline.bridge.hub import Hub

    bridges = []
    for store in stores:
        await store.open()
        bridges.append(Steps(store, Hub(), team="Warmline"))
    decision = asked_for_person((), load_rules(ROOT / "escalation.yml"))
    ids = [f"c{n}" for n in range(conversations)]
    for each in ids:
        await bridges[0].start(each, Customer(f"g{each}"))
        await bridges[0].step(each, inputs.CustomerAskedForPerson("p", decision, inputs.There(True)))
    winners: Counter[str] = Counter()
    taken: set[str] = set()

    async def race(number: int) -> None:
        luck = random.Random(number)
        steps = bridges[number % 2]
        me = Agent(f"a{number}", f"A{number}")
        mine = luck.sample(ids, len(ids))
        for each in mine:
            # An agent looks at the desk, which is a moment old: others may be claiming the same at this instant.
            if each in taken and luck.random() > 0.02:
                continue
            try:
                await steps.step(each, inputs.AgentClaimed(f"k-{each}", me), sender=me.id, frame_id=f"k-{each}")
            except PeerError:
                continue
            taken.add(each)
            winners[each] += 1

    await asyncio.gather(*(race(number) for number in range(agents)))
    assert [winners[each] for each in ids] == [1] * conversations
    held = await stores[1].at_desk()
    assert [c.owner for c in held] == [Owner.AGENT] * conversations
    for store in stores:
        await store.close()


async def scene(world: World) -> tuple[Any, Any, str]:
    agent = await world.agent()
    customer, welcome = await world.customer()
    await customer.send(frames.AskPerson("p1"))
    await customer.get(frames.Ack)
    return customer, agent, welcome.conversation


STEPS: dict[str, Callable[[str], frames.Frame]] = {
    "claim": lambda c: frames.Claim("s1", c),
    "reply": lambda c: frames.Reply("s1", c, "hello from Anna"),
    "hand_back": lambda c: frames.HandBack("s1", c, "note"),
    "transfer": lambda c: frames.Transfer("s1", c, "support", "note"),
    "end": lambda c: frames.End("s1", c),
}


@pytest.mark.parametrize("act", STEPS)
@pytest.mark.parametrize("answered", [False, True], ids=["before-the-ack", "after-the-ack"])
async def test_an_agents_line_may_break_at_any_step(world: World, act: str, answered: bool) -> None:
    """The step was taken once or not at all; sent again after coming back, it gets the same answer and happens once."""
    customer, agent, conversation = await scene(world)
    if act != "claim":
        await agent.send(frames.Claim("k1", conversation))
        await agent.get(frames.Ack, lambda a: a.id == "k1")
    await agent.send(STEPS[act](conversation))
    if answered:
        await agent.get(frames.Ack, lambda a: a.id == "s1")
    agent.socket.transport.abort()
    again = await world.agent()
    await again.send(STEPS[act](conversation))
    ack = await again.get(frames.Ack, lambda a: a.id == "s1")
    await again.send(STEPS[act](conversation))
    while [f.seq for f in again.seen if isinstance(f, frames.Ack)] != [ack.seq] * 2:
        await asyncio.sleep(0.01)
    codes = [m.code for m in await world.store.messages(conversation)]
    texts = [m.text for m in await world.store.messages(conversation)]
    assert codes.count("agent_joined") == 1
    assert texts.count("hello from Anna") == (act == "reply")
    for code, step in (("handed_back", "hand_back"), ("transferred", "transfer"), ("ended", "end")):
        assert codes.count(code) == (act == step)
    assert len(await world.store.notes(conversation)) == (act in ("hand_back", "transfer"))
    assert customer.socket.close_code is None


async def test_a_customer_who_reads_nothing_is_closed_and_costs_a_bounded_buffer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others go on at once; the one that comes back gets everything that it did not read."""
    monkeypatch.setattr("warmline.bridge.connection.BUFFER_FRAMES", 20)
    customer, agent, conversation = await scene(world)
    await agent.send(frames.Claim("k1", conversation))
    await agent.get(frames.Ack, lambda a: a.id == "k1")
    deaf, welcome = await world.customer((await customer.get(frames.Welcome)).ticket)
    await deaf.get(frames.State)
    deaf.socket.transport.pause_reading()
    assert world.bridge is not None
    size = 0
    while len(world.bridge.context.hub.customers[conversation]) == 2:
        size += 1
        assert size < 3_000
        await agent.send(frames.Reply(f"r{size}", conversation, "x" * 3_900))
        await agent.get(frames.Ack, lambda a, i=f"r{size}": a.id == i)
        for connection in world.bridge.context.hub.customers[conversation]:
            assert len(connection._waiting) <= 20
        if any(c._overflowed for c in world.bridge.context.hub.customers[conversation]):
            break
    last = (await customer.get(frames.MessageFrame, lambda m: m.id == f"r{size}")).seq
    deaf.socket.transport.abort()
    back, _ = await world.customer(welcome.ticket)
    assert (await back.get(frames.Snapshot)).seq == last


async def test_agents_who_are_on_their_way_back_after_a_restart_count_as_there(world: World) -> None:
    """A customer who asks for a person in these seconds is queued, not told that nobody is there."""
    agent = await world.agent()
    await world.restart()
    assert agent.socket.close_code == 1012 or agent.socket.state.name != "OPEN"
    customer, _ = await world.customer()
    await customer.send(frames.AskPerson("p1"))
    told = await customer.get(frames.MessageFrame, lambda m: m.code in ("queued", "nobody_there"))
    assert told.code == "queued"
    back = await world.agent()
    assert {seat.agent for seat in await world.store.seats()} == {"anna"}
    assert len(await world.store.seats()) == 1
    await back.close()


async def test_agents_who_do_not_come_back_after_a_restart_are_gone_after_the_grace(
    make_world: Callable[..., Any],
) -> None:
    """The benefit of the doubt ends with the grace, not with the staleness of a seat."""
    world = await make_world(agent_grace_s=0.4)
    await world.agent()
    await world.restart()
    async with asyncio.timeout(20):
        while (await world.bridge.context.presence.there()).anyone:
            await asyncio.sleep(0.05)
    customer, _ = await world.customer()
    await customer.send(frames.AskPerson("p1"))
    await customer.get(frames.MessageFrame, lambda m: m.code == "nobody_there")


async def test_behind_a_trusted_proxy_each_customer_has_an_allowance_of_their_own(
    make_world: Callable[..., Any],
) -> None:
    """One address has used its new chats up, another has not; without the setting the header means nothing."""
    for trusted, refused in ((("127.0.0.0/8",), False), ((), True)):
        world = await make_world(trusted_proxies=trusted)
        for number in range(31):
            client = await world.client("/ws/customer", additional_headers={"X-Forwarded-For": "203.0.113.1"})
            await client.send(frames.Hello())
            kind = frames.Welcome if number < 30 else frames.Error
            await client.get(kind)
            await client.close()
        other = await world.client("/ws/customer", additional_headers={"X-Forwarded-For": "203.0.113.2"})
        await other.send(frames.Hello())
        await other.get(frames.Error if refused else frames.Welcome)
        await world.close()
        await world.down()
        await world.up()
