"""How long to wait before a child is started again."""

from __future__ import annotations

FIRST_S = 0.2
LONGEST_S = 30.0
SPREAD = 0.2


def delay_s(failures: int, luck: float, longest_s: float = LONGEST_S) -> float:
    """
    Seconds to wait after *failures* failures in a row (from 1): doubling from ``FIRST_S`` to *longest_s*.

    *luck* (0..1) shortens it by up to ``SPREAD``, so that children that died together do not start together.
    """
    return min(longest_s, FIRST_S * 2.0 ** min(failures - 1, 20)) * (1 - SPREAD * luck)
