"""What a step costs, counted and not timed: transactions, and SQLite's own instructions."""

from __future__ import annotations

import asyncio
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import locked_by_another_process
from record_samples import ANALYSIS, HANDOFF, accept, begun, fresh, step, take

from warmline.core.conversation import Conversation, Owner
from warmline.core.effects import AskBot, Audit, KeepAnalysis, KeepMemory, SetTimer, Settle
from warmline.store import queries, steps
from warmline.store.sqlite import SqliteStore


def commits_in_log(path: Path) -> int:
    """
    How many transactions the write-ahead log of *path* holds: its frames that end one (sqlite.org/fileformat2.html).
    """
    log = path.with_name(path.name + "-wal").read_bytes()
    page_size = struct.unpack(">I", log[8:12])[0]
    salt = log[16:24]
    frames = range(32, len(log), 24 + page_size)
    heads = [struct.unpack(">II8s", log[start : start + 16]) for start in frames]
    return sum(1 for _, size_after, frame_salt in heads if size_after and frame_salt == salt)


async def test_requests_that_wait_together_share_a_transaction(path: Path) -> None:
    """A hundred requests behind a lock need two transactions of at most 64 when it goes, not a hundred."""
    store = SqliteStore(path, lock_timeout_s=60.0)
    await store.open()
    await store.create(fresh("first"))
    before = commits_in_log(path)
    with locked_by_another_process(path):
        writes = [asyncio.create_task(store.create(fresh(f"c{number}"))) for number in range(100)]
        await asyncio.wait(writes, timeout=0.1)
    await asyncio.gather(*writes)
    # The writer may have gone to the lock with the first few before the others had arrived.
    assert 2 <= commits_in_log(path) - before <= 3
    await store.close()


async def test_a_lone_caller_never_lingers(path: Path) -> None:
    """
    With a linger longer than this test may take, thirty steps of one caller are thirty transactions, without delay.
    """
    store = SqliteStore(path, linger_s=3_600.0)
    await store.open()
    here = await begun(store)
    before = commits_in_log(path)
    for number in range(30):
        here = await take(store, here, texts=(str(number),))
    assert commits_in_log(path) - before == 30
    await store.close()


def instructions(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Any]) -> int:
    """How many instructions of its virtual machine SQLite runs for *work*."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    connection.execute("BEGIN")
    connection.set_progress_handler(tick, 1)
    work(connection)
    connection.set_progress_handler(None, 0)
    connection.execute("ROLLBACK")
    return count


def a_step(here: Conversation) -> Callable[[sqlite3.Connection], None]:
    """What a customer's message and the bot's answer make, together."""
    after, kept = step(here, "hello", updated_at=here.updated_at + 1)
    others = [
        accept(after.seq, f"f{after.version}"),
        Settle(here.seq),
        AskBot(after.seq, 1),
        SetTimer("idle", 5.0),
        Audit("bot", "x"),
        KeepMemory({"a": 1}),
        KeepAnalysis(after.seq, ANALYSIS),
    ]
    return steps.commit(after, [*kept, *others], here.version)


READS = {
    "conversation": queries.conversation("busy"),
    "latest_of_customer": queries.latest_of_customer("u1"),
    "accepted": queries.accepted("busy", "customer", "f3"),
    "messages": queries.messages("busy", 0, None, 10),
    "message": queries.message("busy", 3),
    "memory": queries.memory("busy"),
    "due_timers": queries.due_timers(0.0, 10),
    "timer": queries.timer("busy", "idle"),
    "next_timer_at": queries.next_timer_at(),
    "at_desk": queries.at_desk(),
    "handle_times": queries.handle_times(5),
}


@pytest.fixture
async def costs(path: Path) -> dict[str, list[int]]:
    """
    Instructions of each read and of a step: in a record of hardly anything, and in one of much, long conversations.
    """
    store = SqliteStore(path)
    await store.open()
    found: dict[str, list[int]] = {}
    here = await begun(store, "busy")
    waiting = await begun(store, "waits", owner=Owner.QUEUE, handoff=HANDOFF)
    others = 0
    for size in (20, 1_000):
        writes = []
        while others < size:
            others += 1
            writes.append(begun(store, f"c{others}", texts=("hello",) * 3, customer=f"u{others % 7}"))
        await asyncio.gather(*writes)
        while here.version < size:
            act = "claimed" if here.version % 2 else "ended"
            here = await take(store, here, accept(here.seq + 1, f"f{here.version}"), Audit("a", act), texts=("hello",))
        waiting = await take(store, waiting)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        found.setdefault("step", []).append(instructions(connection, a_step(here)))
        for name, query in READS.items():
            found.setdefault(name, []).append(instructions(connection, query))
        connection.close()
    await store.close()
    return found


async def test_nothing_gets_dearer_as_the_record_grows(costs: dict[str, list[int]]) -> None:
    """With fifty times as much kept, a step and every read take at most twice the work of SQLite."""
    dearer = {name: (small, large) for name, (small, large) in costs.items() if large > 2 * small}
    assert dearer == {}
