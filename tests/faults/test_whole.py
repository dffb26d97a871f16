"""``warmline up`` with the real engine, actions and supervisor, whose processes are killed at random moments."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.end_to_end.conftest import Warmline

from .whole import Whole, whole


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Warmline]:
    if not (ROOT / ".venv-engine").is_dir():
        pytest.skip("NOT TESTED: the engine's environment is missing: run 'make setup' first")
    made = Warmline(tmp_path)
    try:
        made.wait()
        yield made
    finally:
        made.stop()


@pytest.mark.processes
@pytest.mark.timeout(1_500)
def test_whatever_process_dies_nobody_waits_in_silence_and_nothing_is_lost(running: Warmline, full: bool) -> None:
    """
    Nothing is restarted by the test. In the long form processes are also stopped for 5 to 30 s, and the engine must
    answer a new customer at the end.
    """
    if full:
        verdict = asyncio.run(whole(running, 7, 20, report=print))
    else:
        short = Whole(running, 7, customers=4, pauses_s=3.0, every_s=(0.2, 1.0))
        verdict = asyncio.run(short.run(("kill_actions", "kill_bridge", "kill_engine")))
    print(verdict)
    verdict.show()
    assert verdict.wrong == []
    assert (verdict.lost, verdict.duplicated, verdict.reordered) == (0, 0, 0)
    assert verdict.acknowledged >= 8
