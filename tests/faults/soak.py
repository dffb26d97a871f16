"""
Many customers with real texts for a long time: ``python -m tests.faults.soak --customers 500 --texts FILE``.

FILE holds a JSON object a line; the words of its fields ``text`` are said. Prints memory and descriptors of the bridge
once a minute, and judges at the end as the campaign does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .clients import Agent, Customer
from .test_fuzz import memory_kb, open_files
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


async def soak(
    home: Path, *, customers: int, minutes: float, every_s: float, texts: list[str], seed: int = 1
) -> tuple[Verdict, list[tuple[int, int]]]:
    """Returns the verdict and (KiB, descriptors) of the bridge, sampled over the time."""
    samples: list[tuple[int, int]] = []
    async with Processes(home, agents=3, AGENT_GRACE_S="5", LOG_LEVEL="warning") as processes:
        everybody = [Customer(f"s{n}", processes.port, random.Random(seed * 10_000 + n)) for n in range(customers)]
        for n, customer in enumerate(everybody):
            customer.local = f"127.0.{1 + n // 20}.{1 + n % 20}"
        agents = [Agent(name, processes.port, random.Random(n)) for n, name in enumerate(processes.agents)]
        for client in [*everybody, *agents]:
            client.start()
            await asyncio.sleep(0.01)
        working = [asyncio.create_task(agent.work()) for agent in agents]
        end = time.monotonic() + minutes * 60

        async def live(customer: Customer) -> None:
            luck = customer.luck
            await asyncio.sleep(luck.random() * every_s)
            while time.monotonic() < end:
                await customer.say(luck.choice(texts))
                if luck.random() < 0.02:
                    customer.gap("")
                await asyncio.sleep(luck.random() * 2 * every_s)

        living = [asyncio.create_task(live(customer)) for customer in everybody]
        step_s = min(60.0, minutes * 60 / 12)
        while time.monotonic() < end:
            await asyncio.sleep(step_s)
            samples.append((memory_kb(processes.bridge), open_files(processes.bridge)))
            print(f"memory {samples[-1][0]} KiB, descriptors {samples[-1][1]}", flush=True)
        await asyncio.gather(*living)
        for agent in agents:
            agent.resting.set()
        await asyncio.gather(*working)
        async with asyncio.timeout(60):
            while any(customer.waits for customer in everybody):
                await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)
        for client in [*everybody, *agents]:
            await client.stop()
        await processes.drain_bridge()
    return judge(processes.store_path, everybody, agents, processes.log), samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two messages of one customer")
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
    third = max(1, len(samples) // 3)
    early, late = max(kb for kb, _ in samples[:third]), max(kb for kb, _ in samples[-third:])
    print(f"{verdict}; memory {early} -> {late} KiB, descriptors {samples[0][1]} -> {samples[-1][1]}")
    for sentence in verdict.wrong:
        print("  BROKEN:", sentence)
    sys.exit(1 if verdict.wrong else 0)


if __name__ == "__main__":
    main()
