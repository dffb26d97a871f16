"""
Many customers with real texts for a long time: ``python -m tests.faults.soak --customers 500 --texts FILE``.

FILE holds a JSON object a line; the words of its fields ``text`` are said. Prints memory, descriptors and processor
time of the bridge once a minute, and judges at the end as the campaign does; memory and descriptors must have stayed
flat. At the default pace, a message every 25 s from each, 500 customers, their clients and the bridge use about three
quarters of one core: one of two stays free.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warmline.core import frames

from .clients import Agent, Customer
from .silence import Ledger, Machine
from .test_fuzz import GROWTH, memory_kb, open_files
from .verdict import Verdict, judge
from .world import Processes

PLAIN = ("hello", "where is my order", "it has not arrived and nobody answers", "thanks", "person please")


def texts_of(path: Path | None) -> list[str]:
    """Every string under a ``text`` in the file's objects; some plain ones without a file."""
    if path is None:
        return list(PLAIN)
    found: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines()[:5_000]:
        found += [text[:4_000] for text in _strings(json.loads(line)) if text.strip()]
    return found or list(PLAIN)


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


@dataclass(frozen=True)
class Sample:
    """The bridge after *at_s* seconds. *cores* is the processor time of all its threads since the sample before."""

    at_s: float
    memory_kb: int
    files: int
    cores: float
    messages: int

    def __str__(self) -> str:
        return (
            f"{self.at_s:6.0f} s: {self.messages} said, memory {self.memory_kb} KiB, descriptors {self.files}, "
            f"{self.cores:.2f} cores"
        )


def processor_s(pid: int) -> float:
    """Seconds of processor time that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def growth(samples: Sequence[Sample]) -> list[str]:
    """What grew: the last third against the second, since the first fills caches. Nothing for less than six samples."""
    third = len(samples) // 3
    if third < 2:
        return []
    middle, late = samples[third : 2 * third], samples[-third:]
    wrong = []
    before, after = max(s.memory_kb for s in middle), max(s.memory_kb for s in late)
    if after > before * GROWTH:
        wrong.append(f"memory grew from {before} to {after} KiB")
    open_before, open_after = max(s.files for s in middle), max(s.files for s in late)
    if open_after > open_before + 8:
        wrong.append(f"descriptors grew from {open_before} to {open_after}")
    return wrong


async def soak(
    home: Path, *, customers: int, minutes: float, every_s: float, texts: list[str], seed: int = 1
) -> tuple[Verdict, list[Sample]]:
    """Returns the verdict and the bridge's samples over the time."""
    samples: list[Sample] = []
    ledger = Ledger()
    async with Processes(home, agents=3, AGENT_GRACE_S="5", LOG_LEVEL="warning") as processes:
        machine = Machine(lambda: (os.getpid(), processes.bridge, processes.engine))
        machine.start()
        everybody = [Customer(f"s{n}", processes.port, random.Random(seed * 10_000 + n)) for n in range(customers)]
        for n, customer in enumerate(everybody):
            customer.local = f"127.0.{1 + n // 20}.{1 + n % 20}"
        agents = [Agent(name, processes.port, random.Random(n)) for n, name in enumerate(processes.agents)]
        for client in [*everybody, *agents]:
            client.start()
            await asyncio.sleep(0.01)
        working = [asyncio.create_task(agent.work()) for agent in agents]
        begun = time.monotonic()
        end = begun + minutes * 60

        over = asyncio.Event()

        async def pause(seconds: float) -> None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), seconds)

        async def live(customer: Customer) -> None:
            luck = customer.luck
            await pause(luck.random() * every_s)
            while not over.is_set():
                await customer.say(luck.choice(texts))
                if luck.random() < 0.03:
                    await customer.do(frames.AskPerson(customer.next_id()))
                if luck.random() < 0.02:
                    customer.gap("")
                await pause(luck.random() * 2 * every_s)

        living = [asyncio.create_task(live(customer)) for customer in everybody]
        step_s = min(60.0, minutes * 60 / 12)
        used_s, at = processor_s(processes.bridge), time.monotonic()
        while time.monotonic() < end:
            await asyncio.sleep(step_s)
            now, used = time.monotonic(), processor_s(processes.bridge)
            samples.append(
                Sample(
                    now - begun,
                    memory_kb(processes.bridge),
                    open_files(processes.bridge),
                    (used - used_s) / (now - at),
                    sum(len(customer.sent) for customer in everybody),
                )
            )
            used_s, at = used, now
            print(samples[-1], flush=True)
        over.set()
        await asyncio.gather(*living)
        for agent in agents:
            agent.resting.set()
        await asyncio.gather(*working)
        restless: list[str] = []
        try:
            async with asyncio.timeout(60):
                while any(customer.waits for customer in everybody):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            restless = [f"{one.name} still waits, with {one.state}" for one in everybody if one.waits]
        await asyncio.sleep(1.0)
        for client in [*everybody, *agents]:
            await client.stop()
        machine.stop()
        await processes.drain_bridge()
    verdict = judge(processes.store_path, everybody, agents, processes.log, (ledger, machine))
    verdict.wrong += [*restless, *growth(samples)]
    return verdict, samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=25.0, help="seconds between two messages of one customer")
    parser.add_argument("--texts", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="warmline-soak-") as home:
        run = soak(
            Path(home),
            customers=given.customers,
            minutes=given.minutes,
            every_s=given.every,
            texts=texts_of(given.texts),
        )
        verdict, samples = asyncio.run(run)
    print(
        f"{verdict}; memory {samples[0].memory_kb} -> {samples[-1].memory_kb} KiB, descriptors {samples[0].files} -> "
        f"{samples[-1].files}, {sum(s.cores for s in samples) / len(samples):.2f} cores"
    )
    verdict.show()
    sys.exit(1 if verdict.wrong else 0)


if __name__ == "__main__":
    main()
