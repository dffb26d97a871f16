"""
Takes the guards of the delivery contract out of the bridge, one at a time, and shows which promise then breaks.

``python -m tests.faults.guards``: a table for docs/measurements.md. Exits 1 when a missing guard goes unnoticed.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from .campaign import campaign
from .unguarded import GUARDS

KINDS = {
    "": ("kill_bridge", "cut", "stop_engine"),
    "ack_before_commit": ("kill_bridge",),
    "no_dedupe": ("cut",),
    "no_epoch_check": ("delay",),
    "no_outbox": ("kill_bridge",),
    "no_compare_and_set": ("cut",),
    "no_patience": ("hang_engine",),
}
ROUNDS = {"no_patience": 1}
TRIES = 3


async def look(guard: str) -> list[str]:
    """The promises that break without *guard*, in the first campaign that finds one."""
    for seed in range(TRIES):
        with tempfile.TemporaryDirectory(prefix="warmline-guards-") as home:
            try:
                verdict = await asyncio.wait_for(
                    campaign(
                        Path(home), 100 + seed, ROUNDS.get(guard, 6), customers=5, kinds=KINDS[guard], without=guard
                    ),
                    150,
                )
            except (TimeoutError, AssertionError) as stuck:
                return [f"the campaign did not come to rest ({type(stuck).__name__}): somebody never had an answer"]
        if verdict.wrong:
            return verdict.wrong
    return []


def main() -> None:
    unnoticed = []
    print("| guard taken out | found by the campaign |\n|---|---|")
    for guard in ["", *GUARDS]:
        wrong = asyncio.run(look(guard))
        first = wrong[0].splitlines()[0][:150] if wrong else "nothing"
        print(f"| {guard or 'none'} | {len(wrong)} broken promises, first: {first} |", flush=True)
        if bool(wrong) != bool(guard):
            unnoticed.append(guard or "none")
    if unnoticed:
        sys.exit(f"unexpected: {', '.join(unnoticed)}")


if __name__ == "__main__":
    main()
