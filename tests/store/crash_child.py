"""
Writes until it is killed: eight conversations at once, one printed line for each acknowledged step.

Run as ``python crash_child.py PATH``. A line is ``conversation seq version`` and leaves in one unbuffered
write, after the commit was awaited and never before.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import msgspec
from record_samples import fresh, said

from warmline.core.conversation import Conversation
from warmline.core.effects import Accept, AskBot, Effect, Keep, SetTimer, Settle
from warmline.core.errors import NotFound
from warmline.store.sqlite import SqliteStore


def text_of(name: str, seq: int) -> str:
    """What message *seq* says, so that a reader can tell a torn one from a whole one."""
    return f"{name} says {seq} " + "and more " * (seq % 40)


async def write_on(store: SqliteStore, name: str) -> None:
    try:
        here = await store.conversation(name)
    except NotFound:
        here = fresh(name)
        await store.create(here)
    while True:
        here, effects = next_step(here)
        await store.commit(here, effects, expected_version=here.version - 1)
        os.write(1, f"{name} {here.seq} {here.version}\n".encode())


def next_step(here: Conversation) -> tuple[Conversation, list[Effect]]:
    """One to three messages, a question that settles the one before, an accepted frame and a timer."""
    count = 1 + here.version % 3
    after = msgspec.structs.replace(
        here, version=here.version + 1, seq=here.seq + count, updated_at=float(here.version)
    )
    seqs = range(here.seq + 1, after.seq + 1)
    effects: list[Effect] = [Keep(said(after, seq, text_of(here.id, seq))) for seq in seqs]
    effects += [Accept("customer", f"f{after.version}", after.seq), SetTimer("idle", float(after.version))]
    effects += [Settle(here.seq), AskBot(after.seq, after.epoch)]
    return after, effects


async def main() -> None:
    store = SqliteStore(Path(sys.argv[1]))
    await store.open()
    await asyncio.gather(*(write_on(store, f"c{number}") for number in range(8)))


if __name__ == "__main__":
    asyncio.run(main())
