"""Mutated frames against the real process: a clear code or a close, never a traceback, never a dead server."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from warmline.core import frames

from .clients import Customer
from .world import PASSWORD, Processes

GOOD: dict[str, list[dict[str, Any]]] = {
    "/ws/customer": [
        {"type": "hello"},
        {"type": "hello", "ticket": "x.y.z", "resume": {"conversation": "c_1", "epoch": 1, "seq": 2}},
        {"type": "say", "id": "m1", "text": "hello"},
        {"type": "say", "id": "m2", "text": "Yes", "choice": {"seq": 1, "index": 0}},
        {"type": "ask_person", "id": "p1"},
        {"type": "back_to_bot", "id": "b1"},
        {"type": "leave_contact", "id": "l1", "contact": "a@example.com"},
        {"type": "end", "id": "e1"},
        {"type": "typing", "on": True},
        {"type": "earlier", "before": 9},
        {"type": "ping"},
    ],
    "/ws/agent": [
        {"type": "hello_agent", "token": "x.y"},
        {"type": "presence", "status": "away"},
        {"type": "claim", "id": "k1", "conversation": "c_1"},
        {"type": "take_over", "id": "k2", "conversation": "c_1"},
        {"type": "open", "conversation": "c_1", "seq": 0},
        {"type": "reply", "id": "r1", "conversation": "c_1", "text": "hello"},
        {"type": "hand_back", "id": "h1", "conversation": "c_1", "note": ""},
        {"type": "transfer", "id": "t1", "conversation": "c_1", "queue": "support"},
        {"type": "typing", "on": True, "conversation": "c_1"},
        {"type": "earlier", "before": 9, "conversation": "c_1"},
    ],
}
LAST = {
    "/ws/customer": '{"type": "say", "id": "the-last", "text": "x"}',
    "/ws/agent": '{"type": "claim", "id": "the-last", "conversation": "c_1"}',
}
ODD: list[Any] = [
    None, True, -1, 0, 2**53, 2**64, 10**400, 1e308, -0.0, "", "\x00", "\ud800", "😀" * 50, "x" * 5_000, [], {}, [[]],
    {"type": "say"}, "../../etc/passwd", "'; DROP TABLE messages; --", "\u202e\u0000\uffff", "c_1", "/restart",
]  # fmt: skip


def mutate(good: dict[str, Any], luck: random.Random) -> str | bytes:
    """One frame, broken in one of the ways there are."""
    frame = dict(good)
    way = luck.randrange(12)
    if way <= 3:
        frame[luck.choice(list(frame))] = luck.choice(ODD)
    elif way == 4:
        frame[luck.choice(["extra", "__proto__", "id", "type"])] = luck.choice(ODD)
    elif way == 5:
        frame.pop(luck.choice(list(frame)))
    text = json.dumps(frame)
    if way == 6:
        cut = luck.randrange(len(text))
        return text[:cut] + luck.choice(["", "}", '"', "\\u12", "\x00", "]" * 50]) + text[cut + 1 :]
    if way == 7:
        return luck.choice(["[", '{"a":']) * luck.choice([10, 1_000, 5_000])
    if way == 8:
        return text.encode()[: luck.randrange(len(text))] + bytes(luck.randrange(256) for _ in range(8))
    if way == 9:
        return text.replace("1", luck.choice(["9" * 300, "1e999", "-", "NaN", "0x1", "1.0000000001"]))
    if way == 10:
        return luck.choice(["", " ", "null", "[]", '"say"', "\ufeff" + text, text + text])
    return text


GROWTH = 1.1
"""How much more memory a process may have at the end than after its beginning, where nothing is to be kept."""


def memory_kb(pid: int) -> int:
    """What the process has in memory."""
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(row.split()[1] for row in rows if row.startswith("VmRSS")))


def open_files(pid: int) -> int:
    """How many descriptors the process has."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def fuzz(processes: Processes, count: int, seed: int, counts: Counter[str]) -> None:
    """Send *count* frames, with and without having said who one is; a close is answered by a new connection."""
    luck = random.Random(seed)
    left = count
    while left > 0:
        path = luck.choice(list(GOOD))
        try:
            async with connect(
                f"ws://127.0.0.1:{processes.port}{path}",
                compression=None,
                max_size=None,
                ping_interval=None,
                close_timeout=0.1,
                # Many addresses: the limits on new chats and sign-ins would else keep most frames out of the session.
                local_addr=(f"127.{luck.randint(1, 250)}.{luck.randint(0, 250)}.{luck.randint(1, 250)}", 0),
            ) as socket:
                if luck.random() < 0.7:
                    first: frames.Frame = (
                        frames.SignIn(processes.agents[0], PASSWORD) if "agent" in path else frames.Hello()
                    )
                    await socket.send(frames.encode(first))
                reader = asyncio.create_task(drain(socket, counts))
                for _ in range(min(left, luck.randint(1, 16))):
                    left -= 1
                    await socket.send(mutate(luck.choice(GOOD[path]), luck))
                # Frames are taken in order: the answer to this one says that all before it were taken, unless the
                # bridge had enough and has closed.
                await socket.send(LAST[path])
                try:
                    await asyncio.wait_for(reader, 30)
                except TimeoutError:
                    counts["no answer"] += 1
        except ConnectionClosed as closed:
            counts[f"close {closed.rcvd.code if closed.rcvd else 1006}"] += 1


async def drain(socket: Any, counts: Counter[str]) -> None:
    """Read until the answer to :data:`LAST`, or the close."""
    try:
        async for data in socket:
            frame = json.loads(data)
            if frame.get("id") == "the-last" and frame["type"] in ("ack", "nack"):
                counts["all taken"] += 1
                return
            counts[frame.get("code") or frame["type"]] += 1
            assert "Traceback" not in data
            assert 'File "' not in data
    except ConnectionClosed as closed:
        counts[f"close {closed.rcvd.code if closed.rcvd else 1006}"] += 1


SLICES = 10


@pytest.mark.processes
@pytest.mark.timeout(1_800)
async def test_no_frame_brings_the_bridge_down_or_makes_it_say_too_much(tmp_path: Path, full: bool) -> None:
    """
    Afterwards a customer is served by the same process, and nothing was logged as a defect. Memory and descriptors are
    looked at after each tenth: what is more at the end than after the third of them is growth.
    """
    total = 100_000 if full else 640
    counts: Counter[str] = Counter()
    begun = time.monotonic()
    memory: list[int] = []
    files: list[int] = []
    async with Processes(tmp_path, agents=1, ENGINE_LIMIT_S="2", LOG_LEVEL="warning") as processes:
        pid = processes.bridge
        for number in range(SLICES):
            seeds = range(number * 8, number * 8 + 8)
            await asyncio.gather(*(fuzz(processes, total // SLICES // 8, seed, counts) for seed in seeds))
            for _ in range(100):  # what was closed a moment ago is being cleared away
                if not files or open_files(pid) <= files[0]:
                    break
                await asyncio.sleep(0.05)
            memory.append(memory_kb(pid))
            files.append(open_files(pid))
        customer = Customer("after", processes.port, random.Random(0))
        customer.start()
        assert isinstance(await customer.say("hello"), frames.Ack)
        await customer.stop()
        assert processes.alive(pid)
    print(f"{total} frames in {time.monotonic() - begun:.0f} s: {dict(counts)}")
    print(f"memory after each tenth {memory} KiB, at the end {memory[-1] / memory[2]:.3f} of the third; files {files}")
    log = processes.log.read_text(errors="replace")
    for word in ("Traceback", '"defect"', '"session_failed"'):
        assert word not in log, next(row for row in log.splitlines() if word in row)
    assert counts["no answer"] == 0
    assert counts["error"] == 0, "a defect of ours reached a client"
    assert counts["bad_frame"] > total / 5
    assert counts["all taken"] > total / 100
    assert memory[-1] < memory[2] * GROWTH
    assert max(files[3:]) <= max(files[:3]) + 4


@pytest.mark.parametrize("number", ["1e999", "9" * 400, "-1", "NaN"])
def test_a_number_beyond_all_measure_is_a_bad_frame(number: str) -> None:
    """In every field that holds one."""
    for text in (
        '{"type":"hello","resume":{"conversation":"c","epoch":1,"seq":%s}}',
        '{"type":"say","id":"m","text":"x","choice":{"seq":1,"index":%s}}',
    ):
        with pytest.raises(frames.FrameError):
            frames.decode_customer(text % number)
