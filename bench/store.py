"""
How fast a step of a conversation is kept, beside the plainest thing that could keep it.

Run as ``python bench/store.py [--seconds 3] [--directory DIR]``. All rows come from one run on one disk, interleaved,
each the median of five; read the ratios, not the figures. A step here is what a customer's message makes: the
conversation, one message, one accepted frame, one question in the outbox. The peer writes the message alone: one row,
one transaction, plain sqlite3.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from warmline.core.conversation import Conversation, Customer, Message
from warmline.core.effects import Accept, AskBot, Effect, Keep, Settle
from warmline.store.sqlite import SqliteStore

TEXT = "my order has not arrived and nobody answers, can you look at A1042 please?"
ROUNDS = 5
_names = itertools.count()


def step(here: Conversation) -> tuple[Conversation, list[Effect]]:
    """What a customer's message makes, with the question before it settled."""
    after = msgspec.structs.replace(here, version=here.version + 1, seq=here.seq + 1, updated_at=here.updated_at + 1)
    message = Message(here.id, after.seq, 1, after.updated_at, "customer", TEXT, client_id=f"f{after.seq}")
    effects = [Keep(message), Accept("customer", f"f{after.seq}", after.seq), Settle(here.seq), AskBot(after.seq, 1)]
    return after, effects


async def steps(path: Path, callers: int, seconds: float, busy_us: float = 0.0) -> tuple[float, list[float]]:
    """
    Steps a second with so many *callers*, and each one's seconds. Each caller computes *busy_us* between two steps.
    """
    store = SqliteStore(path)
    await store.open()
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def call() -> None:
        here = Conversation(f"c{next(_names)}", Customer("u"), 1.0, version=1)
        await store.create(here)
        while (began := time.perf_counter()) < end:
            here, effects = step(here)
            await store.commit(here, effects, expected_version=here.version - 1)
            took.append(time.perf_counter() - began)
            until = time.perf_counter() + busy_us / 1e6
            while time.perf_counter() < until:
                pass

    began = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    rate = len(took) / (time.perf_counter() - began)
    await store.close()
    return rate, took


async def reads(path: Path, callers: int, seconds: float) -> tuple[float, list[float]]:
    """Reads of the last 20 of 200 messages a second."""
    store = SqliteStore(path)
    await store.open()
    here = Conversation(f"c{next(_names)}", Customer("u"), 1.0, version=1)
    await store.create(here)
    for _ in range(200):
        here, effects = step(here)
        await store.commit(here, effects, expected_version=here.version - 1)
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def call() -> None:
        while (began := time.perf_counter()) < end:
            await store.messages(here.id, limit=20)
            took.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    rate = len(took) / (time.perf_counter() - began)
    await store.close()
    return rate, took


async def peer(path: Path, seconds: float) -> tuple[float, list[float]]:
    """Plain sqlite3 in WAL mode with synchronous=FULL: one row, one transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS messages (c TEXT, seq INTEGER, at REAL, text TEXT, PRIMARY KEY (c, seq))"
    )
    name, took = f"c{next(_names)}", []
    began_all = time.perf_counter()
    end = began_all + seconds
    while (began := time.perf_counter()) < end:
        connection.execute("INSERT INTO messages VALUES (?, ?, ?, ?)", (name, len(took), 1.0, TEXT))
        took.append(time.perf_counter() - began)
    rate = len(took) / (time.perf_counter() - began_all)
    connection.close()
    return rate, took


Trial = Callable[[Path, float], Awaitable[tuple[float, list[float]]]]
TRIALS: dict[str, Trial] = {
    "peer: sqlite3, one row a transaction": peer,
    "steps, 1 caller": lambda path, seconds: steps(path, 1, seconds),
    "steps, 8 callers": lambda path, seconds: steps(path, 8, seconds),
    "steps, 64 callers": lambda path, seconds: steps(path, 64, seconds),
    "steps, 64 callers, 200 us of Python each": lambda path, seconds: steps(path, 64, seconds, busy_us=200.0),
    "steps, 500 callers": lambda path, seconds: steps(path, 500, seconds),
    "reads of 20 messages, 1 caller": lambda path, seconds: reads(path, 1, seconds),
    "reads of 20 messages, 64 callers": lambda path, seconds: reads(path, 64, seconds),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each of the five rounds of each row")
    parser.add_argument("--directory", type=Path, default=None, help="where the disk is that should be measured")
    options = parser.parse_args()
    rates: dict[str, list[float]] = {name: [] for name in TRIALS}
    delays: dict[str, list[float]] = {name: [] for name in TRIALS}
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        for _, (number, (name, trial)) in itertools.product(range(ROUNDS), enumerate(TRIALS.items())):
            rate, took = asyncio.run(_awaited(trial(Path(directory) / f"{number}.db", options.seconds)))
            rates[name].append(rate)
            delays[name] += took
    base = statistics.median(rates[next(iter(TRIALS))])
    print(f"{'':42} {'a second':>9} {'x peer':>7} {'p50 ms':>8} {'p99 ms':>8}")
    for name, found in rates.items():
        rate = statistics.median(found)
        cuts = statistics.quantiles(delays[name], n=100)
        print(f"{name:42} {rate:9.0f} {rate / base:7.2f} {cuts[49] * 1000:8.2f} {cuts[98] * 1000:8.2f}")


async def _awaited(trial: Awaitable[tuple[float, list[float]]]) -> tuple[float, list[float]]:
    return await trial


if __name__ == "__main__":
    main()
