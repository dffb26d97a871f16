"""Clients that read nothing and send without end, against a real process: others are served, and memory is bounded."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from warmline.core import frames

from .clients import Customer, flood
from .test_fuzz import memory_kb, open_files
from .world import Processes

KB_FOR_EACH = 4_000
"""512 frames of a few hundred bytes, 16 incoming ones of 32 KB, and what the allocator keeps."""


@pytest.mark.processes
@pytest.mark.timeout(300)
async def test_who_floods_and_reads_nothing_costs_a_bounded_buffer_and_nobody_else(tmp_path: Path, full: bool) -> None:
    """Each of them sends 2 MB (40 MB in the long form) and is told 600 (10,000) times that it is too fast."""
    many, count = (12, 10_000) if full else (4, 600)
    async with Processes(tmp_path, agents=1, ENGINE_LIMIT_S="8", LOG_LEVEL="warning") as processes:
        customer = Customer("calm", processes.port, random.Random(0))
        customer.start()
        assert isinstance(await customer.say("hello"), frames.Ack)
        await flood(processes.port, 300)
        before_kb, before_files = memory_kb(processes.bridge), open_files(processes.bridge)
        highest_kb = before_kb
        flooding = asyncio.gather(*(flood(processes.port, count, limit_s=120) for _ in range(many)))
        number = 0
        while not flooding.done():
            number += 1
            assert isinstance(await customer.say(f"hello {number}"), frames.Ack)
            while customer.waits:
                await asyncio.sleep(0.02)
            highest_kb = max(highest_kb, memory_kb(processes.bridge))
            await asyncio.sleep(0.5)
        await flooding
        assert number > 0
        assert highest_kb - before_kb < many * KB_FOR_EACH, f"{before_kb} -> {highest_kb} KiB"
        async with asyncio.timeout(30):
            while open_files(processes.bridge) > before_files + 2:
                await asyncio.sleep(0.1)
        await customer.stop()
        print(
            f"{many} floods of {count} frames: memory {before_kb} -> {highest_kb} KiB at most, {number} others answered"
        )
    assert "Traceback" not in processes.log.read_text()
