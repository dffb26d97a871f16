"""
The weights of the mood's signals: log-odds per unit of a signal, and the log-odds of a text without any.

Made by bench/mood/fit.py; do not edit by hand. Fitted on TwitterCare texts (Apache-2.0) with ratings by the makers of
Warmline and on lines written by them; those marked were set by hand from what they mean.
"""

from __future__ import annotations

BIAS = -1.59

WEIGHTS: dict[str, float] = {
    "annoyed_wording": 6.58,
    "negative_tone": 0.12,
    "capitals": 0.30,
    "exclamations": 0.40,
    "stretched": 0.02,
    "swearing": 0.18,
    "insults": 0.25,
    "angry_words": 0.50,
    "negated_help": 0.00,
    "waiting": 0.15,
    "leaving": 0.03,
    "questioning": 0.25,
    "sarcasm": 0.59,
    "denial": 0.80,  # by hand
    "correction": 0.50,  # by hand
    "curt": 0.30,  # by hand
    "turns_down": 1.50,  # by hand
    "asks_other": 0.90,  # by hand
    "repeated": 1.00,  # by hand
    "bot_failed": 1.10,  # by hand
    "bot_refused": 0.60,  # by hand
    "bot_repeated": 0.20,  # by hand
    "waited": 0.60,  # by hand
    "in_a_row": 0.30,  # by hand
    "upset_before": 2.40,  # by hand
    "calm_wording": -2.88,
    "positive_tone": -0.10,
    "calm_before": -2.40,  # by hand
    "thanks": -0.60,  # by hand
    "solved": -1.20,  # by hand
    "polite": -0.16,
    "third_party": -0.50,  # by hand
    "joking": -0.40,  # by hand
}
