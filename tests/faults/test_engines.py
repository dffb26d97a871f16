"""Engines as processes, kept alive by the real supervisor: several side by side, and messages that break them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warmline.bridge.engine import Engine
from warmline.bridge.engines import Engines, in_order
from warmline.core import frames
from warmline.core.ask import Ask
from warmline.core.conversation import Customer as Guest
from warmline.settings import inherited_environment
from warmline.supervisor import Launch, Report, Spec, Started, Supervisor, Warden

from .clients import Customer
from .world import Processes, free_ports

ROOT = Path(__file__).resolve().parents[2]

PLACES = st.lists(st.integers(5_000, 6_000).map(lambda port: f"http://127.0.0.1:{port}"), min_size=2, unique=True)


@settings(max_examples=40, deadline=None)
@given(PLACES, st.text(max_size=20))
def test_a_place_that_goes_moves_only_its_own_conversations(places: list[str], conversation: str) -> None:
    """Everybody else stays, and who moves goes where the order said before; the order of the list means nothing."""
    before = in_order(conversation, places)
    assert sorted(before) == sorted(places)
    assert in_order(conversation, list(reversed(places))) == before
    for gone in places:
        assert in_order(conversation, [p for p in places if p != gone]) == [p for p in before if p != gone]


def test_places_get_about_the_same() -> None:
    """No engine is left idle, none gets twice its share."""
    places = [f"http://127.0.0.1:{5_105 + n}" for n in range(4)]
    shares = Counter(in_order(f"c_{n}", places)[0] for n in range(4_000))
    assert len(shares) == 4
    assert max(shares.values()) < 1.25 * 1_000


@asynccontextmanager
async def supervised(logs: Path, ports: list[int]) -> AsyncIterator[dict[str, list[int]]]:
    """Scripted engines at *ports* under the real supervisor; their process ids by name, the newest last."""
    pids: dict[str, list[int]] = {}

    def heard(report: Report) -> None:
        if isinstance(report, Started):
            pids.setdefault(report.name, []).append(report.pid)

    def launch(port: int) -> Callable[[Warden], Awaitable[Launch]]:
        async def start(_guard: Warden) -> Launch:
            code = f"from tests.faults.engine_process import main; main({port})"
            return Launch((sys.executable, "-c", code), inherited_environment(), ROOT)

        return start

    specs = [Spec(name=f"{port}", launch=launch(port), health=f"http://127.0.0.1:{port}/") for port in ports]
    supervisor = Supervisor(specs, logs_dir=logs, tell=heard)
    running = asyncio.create_task(supervisor.run())
    try:
        for port in ports:
            await answers(port)
        yield pids
    finally:
        supervisor.stop()
        await running


async def answers(port: int) -> None:
    """Wait until somebody listens there."""
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return


def ask(conversation: str, seq: int) -> Ask:
    return Ask(f"{conversation}:{seq}", conversation, 1, seq, "who", Guest("g"), ())


@pytest.mark.processes
async def test_a_conversation_stays_with_its_engine_moves_when_that_dies_and_comes_back(tmp_path: Path) -> None:
    """Three real engines, one killed: nobody's question fails, the others stay, and the killed one's people return."""
    ports = free_ports(3)
    async with supervised(tmp_path, ports) as pids:
        engines = Engines([Engine(f"http://127.0.0.1:{port}", "t", limit_s=8.0) for port in ports])
        watching = asyncio.create_task(engines.watch())
        while not all(engine.ok for engine in engines.order("c_0")):
            await asyncio.sleep(0.02)

        async def places(seq: int) -> dict[str, str]:
            said = await asyncio.gather(*(engines.ask(ask(f"c_{n}", seq)) for n in range(60)))
            return {answer.conversation: answer.messages[0].text for answer in said}

        first = await places(1)
        assert first == await places(2)
        assert len(set(first.values())) == 3
        dead = first["c_0"]
        os.kill(pids[dead.split()[-1]][-1], signal.SIGKILL)
        await asyncio.sleep(0.05)
        moved = await places(3)
        assert {c for c in first if first[c] != moved[c]} == {c for c in first if first[c] == dead}
        await answers(int(dead.split()[-1]))
        while not all(engine.ok for engine in engines.order("c_0")):
            await asyncio.sleep(0.02)
        async with asyncio.timeout(30):  # after its pause, the breaker lets it try again
            while await places(4) != first:
                await asyncio.sleep(0.2)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await engines.close()


@pytest.mark.processes
async def test_a_message_that_kills_engines_does_so_twice_and_then_never_again(tmp_path: Path) -> None:
    """
    Real bridge, engine and supervisor, which starts the engine again each time: the third customer who writes it gets a
    person without the engine being asked, and others are answered before, between and after.
    """
    processes = Processes(tmp_path, agents=1, ENGINE_LIMIT_S="8", LOG_LEVEL="warning")
    # The port that the bridge asks is the supervised engine's; the zygote's own engine is not started.
    async with supervised(tmp_path, [processes.engine_port]) as pids, processes.only_bridge():
        name = str(processes.engine_port)
        for number in range(3):
            guest, other = (
                Customer(f"{kind}{number}", processes.port, random.Random(number)) for kind in ("poison", "other")
            )
            for customer in (guest, other):
                customer.start()
            await guest.say("crash")
            await until(lambda c=guest: any(m.code == "engine_failed" for m in c.shown[c.conversation]))
            await until(lambda c=guest: c.state is not None and c.state.owner == "queue")
            await until(lambda n=number: len(pids[name]) == min(3, 2 + n))
            await answers(processes.engine_port)
            await asyncio.sleep(0.3)
            while True:
                await other.say("hello")
                await until(lambda c=other: not c.waits)
                if any(m.text == "re: hello" for m in other.shown[other.conversation]):
                    break
                await other.do(frames.BackToBot(other.next_id()))
            for customer in (guest, other):
                await customer.stop()
        assert len(pids[name]) == 3, "started once, and again after each of two deaths"
        log = processes.log.read_text()
        assert log.count('"message_quarantined"') == 1
        assert "Traceback" not in log


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.02)
