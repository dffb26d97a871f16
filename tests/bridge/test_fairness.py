"""Clients take turns at the reader and at the engine, and have an allowance for each address. By order, not by time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from warmline.bridge.outbox import AT_ONCE
from warmline.bridge.reading import READ_LIMIT_S, warm, with_words_read
from warmline.bridge.turns import FairTurns
from warmline.core import frames
from warmline.core.features import Turn
from warmline.rules_file import load_rules

from .conftest import ROOT, Client, World

RULES = load_rules(ROOT / "escalation.yml")
PROXY = {"trusted_proxies": ("127.0.0.0/8",)}


async def guest(world: World, address: str) -> Client:
    client = await world.client("/ws/customer", additional_headers={"X-Forwarded-For": address})
    await client.send(frames.Hello())
    await client.get(frames.Welcome)
    return client


async def test_one_address_has_a_few_questions_at_the_engine_and_others_pass_it(
    make_world: Callable[..., Any],
) -> None:
    """More guests of one address write than the engine is asked at once; who comes last, from elsewhere, is asked."""
    world = await make_world(client_at_once=2, **PROXY)
    world.engine.script = lambda ask: 60.0
    crowd = [await guest(world, "198.51.100.7") for _ in range(AT_ONCE + 4)]
    for client in crowd:
        await client.send(frames.Say("m1", "from the crowd"))
        await client.get(frames.Ack)
    other = await guest(world, "203.0.113.5")
    await other.send(frames.Say("m1", "from elsewhere"))
    async with asyncio.timeout(5):
        while "from elsewhere" not in [ask.text for ask in world.engine.asked]:
            await asyncio.sleep(0.01)
    assert [ask.text for ask in world.engine.asked].count("from the crowd") == 2
    world.engine.release.set()
    for client in [*crowd, other]:
        await client.said("late")


async def test_two_addresses_take_turns_at_the_engine(make_world: Callable[..., Any]) -> None:
    """The second question of the one comes after the first of the other."""
    world = await make_world(client_at_once=1, **PROXY)
    world.engine.script = lambda ask: 60.0
    first = [await guest(world, "2001:db8::1") for _ in range(3)]
    for number, client in enumerate(first):
        await client.send(frames.Say("m1", f"a{number}"))
        await client.get(frames.Ack)
    second = await guest(world, "2001:db8:0:1::1")
    await second.send(frames.Say("m1", "b0"))
    async with asyncio.timeout(5):
        while len(world.engine.asked) < 2:
            await asyncio.sleep(0.01)
    assert [ask.text for ask in world.engine.asked] == ["a0", "b0"]
    world.engine.release.set()
    for client in [*first, second]:
        await client.said("late")


async def test_an_address_that_is_over_its_allowance_is_told_when_and_others_are_not(
    make_world: Callable[..., Any],
) -> None:
    """A new conversation is no new allowance, nor is another address of the same /64; long texts count more."""
    world = await make_world(client_burst=6, client_per_s=0.1, **PROXY)
    one, neighbour = await guest(world, "2001:db8::1"), await guest(world, "2001:db8::2")
    await one.send(frames.Say("m1", "x" * 4_000))
    await one.get(frames.Ack)
    await neighbour.send(frames.Say("m1", "short"))
    await neighbour.get(frames.Ack)
    await neighbour.send(frames.Say("m2", "short"))
    refused = await neighbour.get(frames.Nack)
    assert (refused.id, refused.code) == ("m2", "too_fast")
    assert refused.retry_after_s
    other = await guest(world, "2001:db8:0:1::1")
    await other.send(frames.Say("m1", "short"))
    await other.get(frames.Ack)


async def test_turns_at_the_reader_go_round_and_one_that_is_given_up_is_nobody_s() -> None:
    """Twenty of one client wait; another's is next all the same, and a cancelled one is passed over."""
    turns, order = FairTurns(), []
    await turns.begin("first")

    async def wait(client: str, name: str) -> None:
        await turns.begin(client)
        order.append(name)
        turns.end(client)

    crowd = [asyncio.create_task(wait("a", f"a{number}")) for number in range(20)]
    await asyncio.sleep(0)
    other = asyncio.create_task(wait("b", "b0"))
    await asyncio.sleep(0)
    crowd[1].cancel()
    await asyncio.gather(crowd[1], return_exceptions=True)
    turns.end("first")
    await asyncio.gather(*crowd, other, return_exceptions=True)
    assert order == ["a0", "b0", *(f"a{number}" for number in range(2, 20))]


async def test_the_reader_reads_clients_in_turn() -> None:
    """What one address wants read does not stand in front of another's first text."""
    await warm()
    order: list[str] = []

    async def read(client: str, name: str) -> None:
        await with_words_read((Turn("customer", name, seq=1),), RULES, client=client)
        order.append(name)

    async with asyncio.timeout(READ_LIMIT_S * 20), asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(read("a", f"a{number}"))
        group.create_task(read("b", "b0"))
    assert order.index("b0") <= 2


async def test_of_whom_nothing_is_known_any_more_one_is_asked_after_the_other(make_world: Callable[..., Any]) -> None:
    """A guest who leaves at once is no new client: the address is remembered."""
    world = await make_world(client_at_once=1, **PROXY)
    world.engine.script = lambda ask: 60.0
    for number in range(3):
        gone = await guest(world, "198.51.100.7")
        await gone.send(frames.Say("m1", f"a{number}"))
        await gone.get(frames.Ack)
        await gone.close()
    other = await guest(world, "203.0.113.5")
    await other.send(frames.Say("m1", "b0"))
    async with asyncio.timeout(5):
        while len(world.engine.asked) < 2:
            await asyncio.sleep(0.01)
    assert [ask.text for ask in world.engine.asked] == ["a0", "b0"]
    world.engine.release.set()
    await other.said("late")


@pytest.mark.parametrize("place", [0, AT_ONCE + 3])
async def test_nobody_of_a_crowd_is_left_without_an_answer(place: int, make_world: Callable[..., Any]) -> None:
    """All of one address, one question each, two at once: everybody is answered."""
    world = await make_world(client_at_once=2, **PROXY)
    crowd = [await guest(world, "198.51.100.7") for _ in range(AT_ONCE + 4)]
    for client in crowd:
        await client.send(frames.Say("m1", "hello"))
    await crowd[place].said("You said: hello")
    for client in crowd:
        await client.said("You said: hello")
