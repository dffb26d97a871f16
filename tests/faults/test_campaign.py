"""Nothing lost: rounds of faults against real processes, judged by what every client saw."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .campaign import ALL, campaign
from .silence import LIMIT_S, Ledger, Machine, Silence, Span, account, story


@pytest.mark.processes
@pytest.mark.timeout(300)
async def test_what_was_acknowledged_is_seen_once_and_in_order_whatever_is_killed_cut_or_locked(tmp_path: Path) -> None:
    """
    Every promise of the delivery contract, after one round of each kind of fault but those that tests here cause
    alone; ``make faults`` runs 200.
    """
    kinds = tuple(kind for kind in dict.fromkeys(ALL) if kind not in ("flood", "delay", "kill_engine"))
    verdict = await campaign(tmp_path, 11, len(kinds), customers=5, kinds=kinds)
    print(verdict)
    assert verdict.wrong == []
    assert (verdict.lost, verdict.duplicated, verdict.reordered) == (0, 0, 0)
    assert verdict.messages > 20


def test_what_the_test_took_away_is_counted_once_and_the_rest_is_the_products_own() -> None:
    """Faults that overlap each other or the silence's ends; what only makes answers slow is nobody's excuse."""
    ledger = Ledger(
        [
            Span("bridge held dead", 0.0, 4.0, True),
            Span("no network", 3.0, 5.0, True),
            Span("bridge stopped", 3.5, 4.5, True),
            Span("engine stopped", 5.0, 20.0, False),
        ]
    )
    assert ledger.taken_s(2.0, 20.0) == 3.0
    machine = Machine(lambda: ())
    made_of = account(Silence("c0", 2.0, 20.0, "bot"), ledger, machine)
    assert (made_of.taken_s, made_of.machine_s, made_of.own_s) == (3.0, 0.0, 15.0)
    assert made_of.own_s > LIMIT_S
    assert "engine stopped for 15.00 s" in story(made_of.silence, ledger)


def test_waiting_for_a_core_is_measured_where_there_is_work_and_not_where_there_is_none() -> None:
    """Four busy processes on fewer cores wait; asleep, nobody does."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))]
    machine = Machine(lambda: [process.pid for process in busy])
    if not machine.exact:
        pytest.skip("NOT TESTED: this kernel does not count how long a thread waits for a core")
    machine.start()
    try:
        time.sleep(1.0)
        middle = time.monotonic()
        for process in busy:
            process.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        after = time.monotonic()
        time.sleep(0.7)
        end = time.monotonic()
    finally:
        for process in busy:
            process.kill()
            process.wait()
        machine.stop()
    assert machine.waited_s(middle - 1.0, middle) > 0.2
    assert machine.waited_s(after + 0.1, end) < 0.05


@pytest.mark.processes
@pytest.mark.timeout(200)
@pytest.mark.parametrize("guard", ["no_dedupe"])
async def test_the_campaign_notices_a_guard_that_is_missing(tmp_path: Path, guard: str) -> None:
    """Without the look at what was accepted before, the same rounds find duplicates: the judge is not blind."""
    verdict = await campaign(tmp_path, 12, 2, customers=4, kinds=("cut",), without=guard)
    assert verdict.wrong != []
