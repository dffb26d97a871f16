"""
Rounds of faults against real processes, while customers write and agents work; seeded, so that a bad one can be looked
at again: ``python -m tests.faults.campaign --rounds 200 --seed 7``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from warmline.core import frames

from .clients import Agent, Customer, flood
from .proxy import Proxy
from .silence import LIMIT_S, Ledger, Machine
from .verdict import Verdict, judge
from .world import Processes

TEXTS = {
    "hello": 8,
    "where is my order": 8,
    "hello 😀": 2,
    "slow:0.3 please": 3,
    "slow:2.5 too late": 1,
    "person": 2,
    "garbage": 1,
    "nothing": 1,
    "huge": 1,
    "other": 1,
    "refuse": 1,
}
"""What customers say (tests/faults/engine_process.py), and how often."""


class Campaign:
    """*kinds* are the faults to draw from; each is drawn before one comes again."""

    def __init__(
        self,
        home: Path,
        seed: int,
        *,
        customers: int,
        agents: int,
        kinds: tuple[str, ...],
        without: str,
        engine_limit_s: float,
    ) -> None:
        self.luck = random.Random(seed)
        self.seed = seed
        self.kinds = kinds
        self.processes = Processes(
            home,
            agents=agents,
            without=without,
            ENGINE_LIMIT_S=str(engine_limit_s),
            AGENT_GRACE_S="1.0",
            LOG_LEVEL="warning",
        )
        self._left: list[str] = []
        self.proxy = Proxy(self.processes.port, random.Random(seed + 1))
        self._counts = (customers, agents)
        self.customers: list[Customer] = []
        self.agents: list[Agent] = []
        self.faults: Counter[str] = Counter()
        self.ledger = Ledger()
        self.machine = Machine(lambda: (os.getpid(), self.processes.bridge, self.processes.engine))

    def _has_all(self, customer: Customer) -> bool:
        with closing(sqlite3.connect(f"{self.processes.store_path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            row = db.execute("SELECT seq FROM conversations WHERE id = ?", (customer.conversation,)).fetchone()
        log = customer.logs.get(customer.conversation)
        return not customer.waits and row is not None and log is not None and log.seq == row[0]

    async def run(self, rounds: int, *, report: Callable[[str], None] = lambda text: None) -> Verdict:
        unsettled: list[str] = []
        async with self.processes:
            self.machine.start()
            await self.proxy.start()
            for n in range(self._counts[0]):
                self.customers.append(Customer(f"c{n}", self.proxy.port, random.Random(self.seed * 1000 + n)))
            for n in range(self._counts[1]):
                luck = random.Random(self.seed * 1000 + 500 + n)
                self.agents.append(Agent(self.processes.agents[n], self.proxy.port, luck))
            for client in [*self.customers, *self.agents]:
                client.start()
            background = [asyncio.create_task(agent.work()) for agent in self.agents]
            try:
                for number in range(rounds):
                    await self._round()
                    if number % 20 == 19:
                        report(f"round {number + 1}, {dict(self.faults)}")
                try:
                    await self._settle(background)
                except TimeoutError:
                    unsettled = [
                        f"{c.name} did not come to rest: waits {c.waits}, has {c.logs.get(c.conversation)}, {c.state}"
                        for c in self.customers
                        if not self._has_all(c)
                    ]
            finally:
                for task in background:
                    task.cancel()
                await asyncio.gather(*background, return_exceptions=True)
                for client in [*self.customers, *self.agents]:
                    await client.stop()
                await self.proxy.stop()
                self.machine.stop()
            if self.processes.without != "nothing":
                await self.processes.drain_bridge()
        verdict = judge(
            self.processes.store_path, self.customers, self.agents, self.processes.log, (self.ledger, self.machine)
        )
        verdict.wrong = unsettled + verdict.wrong
        verdict.rounds, verdict.faults = rounds, dict(self.faults)
        return verdict

    async def _round(self) -> None:
        """Everybody says something, and in the middle of it something breaks."""
        if not self._left:
            self._left = self.luck.sample(self.kinds, len(self.kinds))
        kind = self._left.pop()
        after_s = self.luck.random() * 0.25
        sayings = [asyncio.create_task(self._talk(customer)) for customer in self.customers]
        try:
            await asyncio.sleep(after_s)
            self.faults[kind] += 1
            await getattr(self, kind)()
            await asyncio.gather(*sayings)
        finally:
            for task in sayings:
                task.cancel()
            await asyncio.gather(*sayings, return_exceptions=True)

    async def _talk(self, customer: Customer) -> None:
        luck = customer.luck
        for _ in range(luck.randint(0, 2)):
            await customer.say(f"{luck.choices(tuple(TEXTS), tuple(TEXTS.values()))[0]} #{luck.randrange(10**6)}")
            if luck.random() < 0.1:
                await customer.do(frames.AskPerson(customer.next_id()))
            if luck.random() < 0.2:
                await customer.once_more()
            if luck.random() < 0.3:
                await asyncio.sleep(luck.random() * 0.2)

    async def _settle(self, working: list[asyncio.Task[None]]) -> None:
        """All faults are over: everything that was begun must come to its end by itself."""
        self.proxy.heal()
        for agent in self.agents:
            agent.resting.set()
        await asyncio.wait_for(asyncio.gather(*working), 90)
        async with asyncio.timeout(60):
            while not self._quiet():
                await asyncio.sleep(0.1)

    def _quiet(self) -> bool:
        with closing(sqlite3.connect(f"{self.processes.store_path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            if db.execute("SELECT count(*) FROM outbox").fetchone()[0]:
                return False
        return all(self._has_all(customer) for customer in self.customers)

    # --- the faults --------------------------------------------------------------------------------------------------
    # "taken" is what no product could make good: there is no bridge, or no network. An engine that is gone, a database
    # that is locked, a link that is half open or slow are the product's to live with.

    async def _without_bridge(self, held_s: float = 0.0) -> None:
        with self.ledger.span("bridge held dead", taken=True):
            await self.processes.kill_bridge()
            await asyncio.sleep(held_s)
        with self.ledger.span("bridge starts"):
            await self.processes.start_bridge()

    async def kill_bridge(self) -> None:
        await self._without_bridge()

    async def drain(self) -> None:
        with self.ledger.span("bridge drains"):
            await self.processes.drain_bridge()
        with self.ledger.span("bridge starts"):
            await self.processes.start_bridge()

    async def kill_engine(self) -> None:
        with self.ledger.span("engine dead"):
            await self.processes.kill_engine()
            await asyncio.sleep(self.luck.random() * 0.5)
            await self.processes.start_engine()

    async def kill_both(self) -> None:
        """The bridge comes back first, to an engine that is not there yet."""
        with self.ledger.span("engine dead"):
            await self.processes.kill_engine()
            await self._without_bridge()
            await self.processes.start_engine()

    async def stop_engine(self) -> None:
        await self._stop_engine(0.5 + self.luck.random() * 2.0)

    async def stop_bridge(self) -> None:
        await self._stop_bridge(0.2 + self.luck.random() * 1.5)

    async def stop_bridge_long(self) -> None:
        """Long enough that clients give the link up, and come back to the same process."""
        await self._stop_bridge(5.0 + self.luck.random() * 25.0)

    async def _stop_bridge(self, held_s: float) -> None:
        with self.ledger.span("bridge stopped", taken=True):
            self.processes.stop_bridge()
            await asyncio.sleep(held_s)
            self.processes.continue_bridge()

    async def stop_engine_long(self) -> None:
        await self._stop_engine(5.0 + self.luck.random() * 25.0)

    async def hang_engine(self) -> None:
        """For longer than anybody may be without a word."""
        await self._stop_engine(2 * LIMIT_S)

    async def _stop_engine(self, held_s: float) -> None:
        with self.ledger.span("engine stopped"):
            self.processes.stop_engine()
            await asyncio.sleep(held_s)
            self.processes.continue_engine()

    async def cut(self) -> None:
        self.ledger.mark("links cut")
        self.proxy.cut(0.7)

    async def drop(self) -> None:
        """2 s without a network."""
        with self.ledger.span("no network", taken=True):
            self.proxy.refusing = True
            self.proxy.cut()
            await asyncio.sleep(2.0)
            self.proxy.refusing = False

    async def drops(self) -> None:
        """2 s without a network in every 10 s, for a minute."""
        for _ in range(6):
            await self.drop()
            await asyncio.sleep(8.0)

    async def half_open(self) -> None:
        """Links that look open and carry nothing, for ever; new ones work. Both ends have to notice by themselves."""
        self.ledger.mark("links half open")
        self.proxy.freeze(0.7)

    async def delay(self) -> None:
        with self.ledger.span("every piece delayed by up to 0.3 s"):
            self.proxy.delay_s = 0.3
            await asyncio.sleep(1.0)
            self.proxy.delay_s = 0.0

    async def lock(self) -> None:
        """Another process holds the database for longer than the store waits for it."""
        await self._lock(1.0 + self.luck.random() * 2.0)

    async def lock_long(self) -> None:
        """The same for 20 s: nothing can be kept, and everybody who writes is told so."""
        await self._lock(20.0)

    async def _lock(self, held_s: float) -> None:
        code = (
            "import sqlite3,sys,time;d=sqlite3.connect(sys.argv[1],timeout=5,isolation_level=None);"
            "d.execute('BEGIN IMMEDIATE');time.sleep(float(sys.argv[2]));d.execute('ROLLBACK')"
        )
        with self.ledger.span("database locked"):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", code, str(self.processes.store_path), str(held_s)
            )
            await process.wait()

    async def flood(self) -> None:
        """One client sends as fast as it can, and reads nothing of what it is told."""
        self.ledger.mark("a client floods")
        await flood(self.processes.port, 400)


ALL = (
    "kill_bridge",
    "kill_bridge",
    "kill_bridge",
    "drain",
    "kill_engine",
    "kill_both",
    "stop_engine",
    "stop_bridge",
    "cut",
    "drop",
    "half_open",
    "delay",
    "lock",
    "flood",
)
LONG = ("stop_bridge_long", "stop_engine_long", "drops", "lock_long")
"""Faults that last: each of them once for every 50 rounds of the others, by ``--long``."""


async def campaign(
    home: Path,
    seed: int,
    rounds: int,
    *,
    customers: int = 8,
    agents: int = 2,
    kinds: tuple[str, ...] = ALL,
    without: str = "",
    engine_limit_s: float = 1.5,
    report: Callable[[str], None] = lambda text: None,
) -> Verdict:
    """
    Run *rounds* and judge. *without* names a guard to take out of the bridge (tests/faults/guards.py). The engine's
    limit is short by default, so that its failures do not fill the time; 8 s is what is shipped.
    """
    made = Campaign(
        home, seed, customers=customers, agents=agents, kinds=kinds, without=without, engine_limit_s=engine_limit_s
    )
    return await made.run(rounds, report=report)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--customers", type=int, default=8)
    parser.add_argument("--agents", type=int, default=2)
    parser.add_argument("--kinds", default=",".join(ALL))
    parser.add_argument("--long", action="store_true", help="the faults that last, too: each once in about 50 rounds")
    parser.add_argument("--engine-limit", type=float, default=1.5, help="seconds; 8 is what is shipped")
    parser.add_argument("--without", default="")
    given = parser.parse_args()
    kinds = tuple(given.kinds.split(","))
    if given.long:
        kinds = kinds * 3 + LONG
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="warmline-faults-") as home:
        run: Awaitable[Verdict] = campaign(
            Path(home),
            given.seed,
            given.rounds,
            customers=given.customers,
            agents=given.agents,
            kinds=kinds,
            without=given.without,
            engine_limit_s=given.engine_limit,
            report=lambda text: print(text, flush=True),
        )
        begun = time.monotonic()
        verdict = asyncio.run(run)  # type: ignore[arg-type]
    print(f"seed {given.seed}, {time.monotonic() - begun:.0f} s: {verdict}")
    verdict.show()
    sys.exit(1 if verdict.wrong else 0)


if __name__ == "__main__":
    main()
