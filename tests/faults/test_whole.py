"""``warmline up`` with the real engine, actions and supervisor, whose processes are killed at random moments."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Warmline
from warmline.bridge.engines import in_order

from .clients import Customer
from .whole import Whole, whole

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Warmline]:
    if not (ROOT / ".venv-engine").is_dir():
        pytest.skip("NOT TESTED: the engine's environment is missing: run 'make setup' first")
    made = Warmline(tmp_path, engines=getattr(request, "param", 1))
    try:
        made.wait()
        yield made
    finally:
        made.stop()


@pytest.mark.processes
@pytest.mark.timeout(1_500)
def test_whatever_process_dies_nobody_waits_in_silence_and_nothing_is_lost(running: Warmline, full: bool) -> None:
    """
    Nothing is restarted by the test. In the long form processes are also stopped for 5 to 30 s, and the engine must
    answer a new customer at the end.
    """
    if full:
        verdict = asyncio.run(whole(running, 7, 20, report=print))
    else:
        short = Whole(running, 7, customers=4, pauses_s=3.0, every_s=(0.2, 1.0))
        verdict = asyncio.run(short.run(("kill_actions", "kill_bridge", "kill_engine")))
    print(verdict)
    verdict.show()
    assert verdict.wrong == []
    assert (verdict.lost, verdict.duplicated, verdict.reordered) == (0, 0, 0)
    assert verdict.acknowledged >= 8


@pytest.mark.processes
@pytest.mark.timeout(600)
@pytest.mark.parametrize("running", [2], indirect=True)
def test_of_two_real_engines_one_dies_and_the_other_answers_its_people(running: Warmline, full: bool) -> None:
    """Two of Rasa, each with people of its own; nobody of the dead one is handed over or left waiting."""
    if not full:
        pytest.skip("a part of make faults: FAULTS=full")
    asyncio.run(_one_of_two_dies(running))


async def _one_of_two_dies(running: Warmline) -> None:
    port = int(running.url.rpartition(":")[2])
    people = [Customer(f"e{n}", port, random.Random(n)) for n in range(12)]
    for one in people:
        one.start()
        await one.up.wait()
        await one.say("what are your opening hours?")
    await _all_answered(people, 1)
    assert {in_order(one.conversation, running.engine_urls)[0] for one in people} == set(running.engine_urls)
    running.signal("engine-2", signal.SIGKILL)
    await asyncio.to_thread(_until_refused, int(running.engine_urls[1].rpartition(":")[2]))
    for one in people:
        await one.say("do you deliver to Norway?")
    await _all_answered(people, 2)
    for one in people:
        await one.stop()


def _until_refused(port: int) -> None:
    """Until nothing listens at *port*: a question that a dying engine still takes goes to a person."""
    with contextlib.suppress(ConnectionRefusedError):
        while True:
            with contextlib.suppress(ConnectionResetError), socket.create_connection(("127.0.0.1", port), 1.0):
                time.sleep(0.01)


async def _all_answered(people: list[Customer], times: int) -> None:
    """Each of *people* has asked so often, has heard the bot after it, and is still with it."""
    end = time.monotonic() + 60
    while time.monotonic() < end and not all(_answered(one, times) for one in people):
        await asyncio.sleep(0.05)
    left = [(one.name, one.state, one.shown[one.conversation][-3:]) for one in people if not _answered(one, times)]
    assert left == []
    assert {one.state.owner for one in people if one.state} == {"bot"}


def _answered(one: Customer, times: int) -> bool:
    authors = [line.author for line in one.shown[one.conversation]]
    return authors.count("customer") == times and authors[-1] == "bot"
