"""kill -9 in the middle of writing, again and again on the same file."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from crash_child import next_step, text_of

from warmline.core.errors import StaleVersion
from warmline.store.sqlite import SqliteStore
from warmline.store.upkeep import check

ROUNDS = 15
HERE = Path(__file__).parent


def run_until_killed(path: Path, lines: int, delay_s: float) -> dict[str, tuple[int, int]]:
    """
    Start the child, let it acknowledge *lines* steps and go on for *delay_s*, then kill it.

    Returns the last acknowledged seq and version of each conversation.
    """
    child = subprocess.Popen(
        [sys.executable, str(HERE / "crash_child.py"), str(path)],
        stdout=subprocess.PIPE,
        cwd=HERE.parents[1],
        env={"PYTHONPATH": str(HERE.parents[1])},
    )
    assert child.stdout is not None
    acknowledged: dict[str, tuple[int, int]] = {}
    killer = threading.Timer(delay_s, child.kill)
    try:
        for count, line in enumerate(child.stdout):
            assert line.endswith(b"\n")
            name, seq, version = line.decode().split()
            acknowledged[name] = (int(seq), int(version))
            if count == lines:
                killer.start()
    finally:
        killer.cancel()
        child.kill()
        child.stdout.close()
        assert child.wait() == -9
    return acknowledged


@pytest.mark.timeout(120)
async def test_killed_at_any_moment_it_keeps_every_acknowledged_step(path: Path) -> None:
    """
    After each of 15 kills the file is sound, every step that was acknowledged is there whole, and of any other step
    either everything is there or nothing.
    """
    seed = 20_240_611
    luck = random.Random(seed)
    known: dict[str, tuple[int, int]] = {}
    for turn in range(ROUNDS):
        known |= run_until_killed(path, luck.randrange(1, 300), luck.random() * 0.02)
        where = f"seed {seed}, round {turn}"
        assert check(path) == [], where
        store = SqliteStore(path)
        await store.open()
        for name, (seq, version) in known.items():
            here = await store.conversation(name)
            assert here.version in (version, version + 1), where  # the one under way may have been kept, untold
            assert here.seq >= seq, where
            messages = await store.messages(name, limit=1_000_000)
            assert [(m.seq, m.text) for m in messages] == [(n, text_of(name, n)) for n in range(1, here.seq + 1)], where
            assert await store.accepted(name, "customer", f"f{version}") == seq, where
            if here.version != version:
                after, effects = next_step(msgspec.structs.replace(here, version=version, seq=seq))
                with pytest.raises(StaleVersion):  # a client that repeats the untold step is not stored twice
                    await store.commit(after, effects, expected_version=version)
            known[name] = (here.seq, here.version)
        asks = {ask.conversation: ask.seq for ask in await store.pending_asks(100)}
        assert asks == {name: seq for name, (seq, _) in known.items()}, where
        await store.close()
    assert len(known) == 8
    assert min(version for _, version in known.values()) > ROUNDS
