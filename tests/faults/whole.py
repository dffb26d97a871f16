"""
The whole of it, ``warmline up`` with the real engine, actions and supervisor, while its processes are killed and
stopped at random moments: ``python -m tests.faults.whole --rounds 20 --seed 1``.

Nothing is started again by the test: that is the supervisor's work, and the seconds it takes are the product's own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.end_to_end.conftest import Warmline
from warmline.core import frames

from .clients import Agent, Customer
from .silence import Ledger, Machine
from .verdict import Verdict, judge

TEXTS = (
    "what are your opening hours?",
    "where is my order?",
    "A1042",
    "do you deliver to Norway?",
    "I forgot my password",
    "this is really not helpful",
    "thanks",
)
FAULTS = ("kill_engine", "kill_actions", "kill_bridge", "stop_engine", "stop_actions", "stop_bridge", "kill_all")
READY_LIMIT_S = 120.0


class Whole:
    """
    *pauses_s* bounds the seconds between two faults: about an engine's start, so that some hit it while it loads.
    *every_s* bounds those between two messages of a customer, *stops_s* how long a process is stopped.
    """

    def __init__(
        self,
        running: Warmline,
        seed: int,
        *,
        customers: int,
        pauses_s: float,
        stops_s: tuple[float, float] = (5.0, 30.0),
        every_s: tuple[float, float] = (1.0, 5.0),
    ) -> None:
        self.running = running
        self.luck = random.Random(seed)
        self.pauses_s = pauses_s
        self.stops_s = stops_s
        self.every_s = every_s
        port = urlsplit(running.url).port
        assert port is not None
        self.customers = [Customer(f"w{n}", port, random.Random(seed * 1000 + n)) for n in range(customers)]
        self.agents = [
            Agent(name, port, random.Random(seed * 1000 + 500 + n), password)
            for n, (name, password) in enumerate(running.agents.items())
        ]
        self.ledger = Ledger()
        self.machine = Machine(self._pids)
        self.faults: Counter[str] = Counter()
        self._begun: set[asyncio.Task[Any]] = set()

    def _pids(self) -> list[int]:
        """Ours and the bridge's: that an engine which starts takes the cores from them is the product's own doing."""
        found = [os.getpid()]
        with contextlib.suppress(OSError, KeyError, ValueError):
            found.append(self.running.pid("bridge"))
        return found

    async def run(self, kinds: tuple[str, ...], *, report: Callable[[str], None] = lambda text: None) -> Verdict:
        """One round for each of *kinds*; then everything that was begun must end well, and the engine answer again."""
        self.machine.start()
        for client in [*self.customers, *self.agents]:
            client.start()
        working = [asyncio.create_task(agent.work()) for agent in self.agents]
        talking = [asyncio.create_task(self._talk(customer)) for customer in self.customers]
        unsettled: list[str] = []
        try:
            for number, kind in enumerate(kinds):
                await asyncio.sleep(self.luck.random() * self.pauses_s)
                self.faults[kind] += 1
                await self._cause(kind)
                report(f"round {number + 1}: {kind}")
            for task in talking:
                task.cancel()
            await asyncio.gather(*talking, return_exceptions=True)
            unsettled += await self._settle(working)
        finally:
            for task in [*talking, *working]:
                task.cancel()
            await asyncio.gather(*talking, *working, return_exceptions=True)
            for client in [*self.customers, *self.agents]:
                await client.stop()
            self.machine.stop()
        verdict = judge(
            self.running.home / "store.db",
            self.customers,
            self.agents,
            self.running.home / "logs" / "bridge.log",
            (self.ledger, self.machine),
        )
        verdict.wrong = unsettled + verdict.wrong
        verdict.rounds, verdict.faults = len(kinds), dict(self.faults)
        return verdict

    async def _talk(self, customer: Customer) -> None:
        """Nobody types faster than a person; what is begun when the rounds end is finished."""
        luck = customer.luck
        while True:
            await asyncio.sleep(luck.uniform(*self.every_s))
            begun = asyncio.create_task(customer.say(luck.choice(TEXTS)))
            self._begun.add(begun)
            begun.add_done_callback(self._begun.discard)
            await asyncio.shield(begun)

    async def _cause(self, kind: str) -> None:
        """Do what *kind* says to the process, wherever it is in its life; one that is just being started is missed."""
        act, _, name = kind.partition("_")
        names = ("bridge", "engine", "actions") if name == "all" else (name,)
        if act == "kill":
            for each in names:
                self.ledger.mark(f"{each} killed")
                with contextlib.suppress(ProcessLookupError):
                    self.running.signal(each, signal.SIGKILL)
            return
        with self.ledger.span(f"{name} stopped", taken=name == "bridge"), contextlib.suppress(ProcessLookupError):
            pid = self.running.signal(name, signal.SIGSTOP)
            try:
                await asyncio.sleep(self.luck.uniform(*self.stops_s))
            finally:
                os.kill(pid, signal.SIGCONT)

    async def _settle(self, working: list[asyncio.Task[None]]) -> list[str]:
        """Returns what did not come to its end."""
        for agent in self.agents:
            agent.resting.set()
        try:
            await asyncio.wait_for(asyncio.gather(*working, *self._begun), READY_LIMIT_S)
            async with asyncio.timeout(READY_LIMIT_S):
                while not self._quiet():
                    await asyncio.sleep(0.2)
        except TimeoutError:
            return [f"{c.name} did not come to rest: {c.state}" for c in self.customers if c.waits] or ["no rest"]
        return []

    def _quiet(self) -> bool:
        with closing(sqlite3.connect(f"file:{self.running.home / 'store.db'}?mode=ro", uri=True)) as db:
            if db.execute("SELECT count(*) FROM outbox").fetchone()[0]:
                return False
            seqs = dict(db.execute("SELECT id, seq FROM conversations").fetchall())
        return all(
            not c.waits
            and c.up.is_set()
            and c.conversation in c.logs
            and c.logs[c.conversation].seq == seqs.get(c.conversation)
            for c in self.customers
        )


async def answers_again(running: Warmline) -> bool:
    """Whether the engine, started again by the supervisor, answers a new customer."""
    port = urlsplit(running.url).port
    assert port is not None
    end = time.monotonic() + READY_LIMIT_S
    number = 0
    while time.monotonic() < end:
        number += 1
        customer = Customer(f"again{number}", port, random.Random(number))
        customer.start()
        try:
            await customer.say("what are your opening hours?")
            until = time.monotonic() + 15.0
            while time.monotonic() < until and (customer.state is None or customer.state.owner == "bot"):
                if any(m.author == "bot" and m.code is None for m in customer.shown[customer.conversation]):
                    return True
                await asyncio.sleep(0.05)
            await customer.do(frames.End(customer.next_id()))
        finally:
            await customer.stop()
        await asyncio.sleep(2.0)
    return False


async def whole(
    running: Warmline, seed: int, rounds: int, *, report: Callable[[str], None] = lambda text: None
) -> Verdict:
    """*rounds* of :data:`FAULTS` in an order that *seed* decides; each comes before one comes again."""
    luck = random.Random(seed)
    kinds: list[str] = []
    while len(kinds) < rounds:
        kinds += luck.sample(FAULTS, len(FAULTS))
    made = Whole(running, seed, customers=6, pauses_s=14.0)
    verdict = await made.run(tuple(kinds[:rounds]), report=report)
    if not await answers_again(running):
        verdict.wrong.append("the engine did not answer any more at the end")
    return verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="warmline-whole-") as home:
        running = Warmline(Path(home))
        try:
            running.wait()
            begun = time.monotonic()
            verdict = asyncio.run(whole(running, given.seed, given.rounds, report=lambda text: print(text, flush=True)))
        finally:
            running.stop()
    print(f"the whole, seed {given.seed}, {time.monotonic() - begun:.0f} s: {verdict}")
    verdict.show()
    sys.exit(1 if verdict.wrong else 0)


if __name__ == "__main__":
    main()
