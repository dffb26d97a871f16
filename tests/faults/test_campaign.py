"""Nothing lost: rounds of faults against real processes, judged by what every client saw."""

from __future__ import annotations

from pathlib import Path

import pytest

from .campaign import ALL, campaign


@pytest.mark.processes
@pytest.mark.timeout(300)
async def test_what_was_acknowledged_is_seen_once_and_in_order_whatever_is_killed_cut_or_locked(tmp_path: Path) -> None:
    """Every promise of the delivery contract, after one round of each kind of fault; ``make faults`` runs 200."""
    kinds = tuple(dict.fromkeys(ALL))
    verdict = await campaign(tmp_path, 11, len(kinds), customers=6, kinds=kinds)
    print(verdict)
    assert verdict.wrong == []
    assert (verdict.lost, verdict.duplicated, verdict.reordered) == (0, 0, 0)
    assert verdict.messages > 20


@pytest.mark.processes
@pytest.mark.timeout(200)
@pytest.mark.parametrize("guard", ["no_dedupe"])
async def test_the_campaign_notices_a_guard_that_is_missing(tmp_path: Path, guard: str) -> None:
    """Without the look at what was accepted before, the same rounds find duplicates: the judge is not blind."""
    verdict = await campaign(tmp_path, 12, 2, customers=4, kinds=("cut",), without=guard)
    assert verdict.wrong != []
