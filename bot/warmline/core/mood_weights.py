"""
The weights of the mood's signals: log-odds per unit of a signal, and the log-odds of a text without any.

Made by bench/mood/fit.py; do not edit by hand. Fitted on TwitterCare texts (Apache-2.0) with ratings by the makers of
Warmline and on lines written by them; those marked were set by hand from what they mean.
"""

from __future__ import annotations

BIAS = -1.29

WEIGHTS: dict[str, float] = {
    "annoyed_wording": 6.90,
    "negative_tone": 0.00,
    "capitals": 1.00,  # by hand
    "exclamations": 0.39,
    "stretched": 0.00,
    "swearing": 0.06,
    "insults": 0.11,
    "angry_words": 1.80,  # by hand
    "negated_help": 0.00,
    "waiting": 0.16,
    "leaving": 0.80,  # by hand
    "questioning": 0.49,
    "sarcasm": 1.20,  # by hand
    "pleading": 1.20,  # by hand
    "giving_up": 1.20,  # by hand
    "stakes": 0.60,  # by hand
    "denial": 0.80,  # by hand
    "correction": 0.50,  # by hand
    "curt": 0.10,  # by hand
    "turns_down": 2.20,  # by hand
    "asks_other": 1.20,  # by hand
    "repeated": 1.00,  # by hand
    "bot_failed": 1.10,  # by hand
    "bot_refused": 1.00,  # by hand
    "bot_repeated": 0.20,  # by hand
    "waited": 0.60,  # by hand
    "long_talk": 0.60,  # by hand
    "in_a_row": 0.30,  # by hand
    "upset_before": 2.40,  # by hand
    "calm_wording": -3.10,
    "positive_tone": -0.50,  # by hand
    "calm_before": -2.40,  # by hand
    "accepts": -0.80,  # by hand
    "thanks": -0.60,  # by hand
    "solved": -1.20,  # by hand
    "polite": -0.17,
    "third_party": -0.50,  # by hand
    "joking": -0.40,  # by hand
    "own_fault": -0.80,  # by hand
}
