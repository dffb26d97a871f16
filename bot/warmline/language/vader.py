"""VADER's word list and rules: the general tone of a text."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_run = re.compile(r"([^\w\s])\1{4,}")
"""More than four of one sign add nothing to the tone, and a thousand emoji take VADER half a second."""


@cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def tone(text: str) -> float:
    """VADER's compound score, from -1.0 (all negative) to 1.0 (all positive); 0.0 for an empty text."""
    if not text.strip():
        return 0.0
    return float(_analyser().polarity_scores(_run.sub(r"\1\1\1\1", text))["compound"])
