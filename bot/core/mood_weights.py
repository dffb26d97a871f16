"""
The weights of the mood's signals: log-odds per unit of a signal, and the log-odds of a text without any.

Set by hand from what the signals mean; no data was fitted.
"""

from __future__ import annotations

BIAS = -2.0

WEIGHTS: dict[str, float] = {
    "negative_tone": 1.8,
    "capitals": 1.2,
    "exclamations": 0.8,
    "stretched": 0.3,
    "swearing": 2.0,
    "insults": 1.6,
    "angry_words": 2.0,
    "negated_help": 1.4,
    "waiting": 1.0,
    "leaving": 1.2,
    "questioning": 0.8,
    "sarcasm": 1.2,
    "denial": 0.9,
    "correction": 0.5,
    "curt": 0.5,
    "repeated": 1.0,
    "bot_failed": 1.1,
    "bot_repeated": 0.2,
    "in_a_row": 0.4,
    "carried": 1.0,
    "positive_tone": -1.2,
    "thanks": -0.8,
    "solved": -1.5,
    "polite": -0.3,
    "third_party": -0.8,
    "joking": -0.6,
}
