"""The breaker in front of the engine."""

from __future__ import annotations

import asyncio

import pytest

from warmline.bridge.engine import BREAK_AFTER, Breaker, Engine, EngineNotReached, EngineRefused
from warmline.core import frames
from warmline.core.ask import Answer, Ask
from warmline.core.conversation import Customer
from warmline.core.errors import EngineUnavailable

from .conftest import World, reply


def test_it_opens_after_the_failures_in_a_row_and_lets_one_try_after_the_pause() -> None:
    """Closed, open, one trial, and what the trial decides."""
    breaker = Breaker(failures=2, break_s=5.0)
    breaker.failed(0.0)
    breaker.check(0.0)
    breaker.failed(1.0)
    with pytest.raises(EngineUnavailable):
        breaker.check(2.0)
    breaker.check(6.5)
    with pytest.raises(EngineUnavailable):
        breaker.check(6.6)
    breaker.succeeded()
    breaker.check(6.7)


def test_a_success_in_between_starts_the_count_again() -> None:
    """Only failures in a row open it."""
    breaker = Breaker(failures=2, break_s=5.0)
    for _ in range(5):
        breaker.failed(0.0)
        breaker.succeeded()
    breaker.failed(0.0)
    breaker.check(0.0)


async def test_refusals_of_one_customer_s_messages_leave_the_others_their_bot(world: World) -> None:
    """However many are refused in a row: each is handed over by itself, and the next customer is answered."""
    refusals: list[int | bytes] = [422, 500, b"no answer", b"{}", 413, 422]

    def script(ask: Ask) -> Answer | int | bytes:
        return reply(ask, "Here I am.") if ask.text == "hello" else refusals[int(ask.text)]

    world.engine.script = script
    for number in range(len(refusals)):
        guest, _ = await world.customer()
        await guest.send(frames.Say("m1", str(number)))
        assert (await guest.get(frames.MessageFrame, lambda m: m.code == "engine_failed")).author == "system"
        await guest.get(frames.State, lambda state: state.owner == "queue")
    other, _ = await world.customer()
    await other.send(frames.Say("m1", "hello"))
    await other.said("Here I am.")
    assert len(world.engine.asked) == len(refusals) + 1


async def test_a_refused_trial_closes_the_breaker_for_everybody(world: World) -> None:
    """After a pause the first question decides. The engine answers it, if only with a refusal: it is well."""
    assert world.bridge is not None
    engine = Engine(f"http://127.0.0.1:{world.engine.port}", "t" * 32, limit_s=5)
    engine._breaker = Breaker(failures=1, break_s=0.0)
    engine._breaker.failed(0.0)
    world.engine.script = lambda ask: 422
    ask = Ask("c:1", "c", 1, 1, "/foo", Customer("g"), ())
    with pytest.raises(EngineRefused):
        await engine.ask(ask)
    assert engine._breaker._failed == 0
    await engine.close()


async def test_an_engine_that_cannot_be_reached_still_opens_it(world: World) -> None:
    """It is given a pause, and is not asked meanwhile."""
    engine = Engine(f"http://127.0.0.1:{world.engine.port}", "t" * 32, limit_s=5)
    await world.engine.stop()
    ask = Ask("c:1", "c", 1, 1, "hello", Customer("g"), ())
    for _ in range(BREAK_AFTER):
        with pytest.raises(EngineNotReached, match="cannot be reached"):
            await engine.ask(ask)
    with pytest.raises(EngineNotReached, match="given a pause"):
        await engine.ask(ask)
    await engine.close()


class Patient:
    """An engine that waits for a slow action, and refuses when the time is over that the bridge told it."""

    def __init__(self) -> None:
        self.told: list[float] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        told_s = float(next(line.split(":")[1] for line in head.split("\r\n") if line.startswith("warmline-limit-s:")))
        self.told.append(told_s)
        await asyncio.sleep(told_s)
        body = b'{"code":"too_slow","text":"The turn took too long."}'
        writer.write(b"HTTP/1.1 504 X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()


async def test_turns_that_wait_for_a_slow_action_open_no_breaker() -> None:
    """The engine hears how long it may take, also where little is left, and its refusal comes before the time is up."""
    patient = Patient()
    server = await asyncio.start_server(patient.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    engine = Engine(f"http://127.0.0.1:{port}", "t" * 32, limit_s=8)
    ask = Ask("c:1", "c", 1, 1, "hello", Customer("g"), ())
    slow = [engine.ask(ask, limit_s=limit_s) for limit_s in (0.6, 0.8, 1.0, 1.2) for _ in range(BREAK_AFTER)]
    failures = await asyncio.gather(*slow, return_exceptions=True)
    assert {type(failure) for failure in failures} == {EngineRefused}
    assert sorted(set(patient.told)) == [0.3, 0.4, 0.5, 0.7]
    assert engine._breaker._failed == 0
    await engine.close()
    server.close()
