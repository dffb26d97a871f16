"""
How likely a text is a plain yes to a last question, learned from the answers of many people.

The text is read as its words and letters; what the question named, what it would do, and numbers and times that it did
not name each become one sign, so that what is learned of one question holds for another. The weights are in
consent.json; bench/judgement/fit_consent.py makes that file.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from warmline.language.lexicon import words
from warmline.language.wording import strengths

WEIGHTS = Path(__file__).with_name("consent.json")
NAMED, ACT, OTHER = "<named>", "<act>", "<other>"
"""What stands for words of the question, verbs of its act, and numbers and times that are not the question's."""
TIMES = words(
    "monday tuesday wednesday thursday friday saturday sunday morning noon afternoon evening night week month"
)
_SMALL = frozenset(["a", "to", "our", "the", "on", "x", "is", "of", "your", "at"])
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[?!.,;:…]+|[^\w\s]")
_STOPS = frozenset(".,!?;:—–") | {"..."}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Weights(msgspec.Struct, frozen=True):
    """
    consent.json. *grams*: n-gram to idf and weight; *bias*: the log-odds without evidence; *words*: those that occurred
    in the consents of at least two people or in two texts.
    """

    provenance: tuple[str, ...]
    grams: dict[str, tuple[float, float]]
    bias: float
    words: frozenset[str]


@cache
def weights() -> Weights:
    """What was learned."""
    return msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)


def signs(
    text: str, *, acts: Iterable[str], named: Iterable[str], known: frozenset[str], meant: frozenset[str]
) -> list[str]:
    """
    The words and stops of *text* (in lower case), with signs for what the question said. A word that is not *known* and
    looks like a verb of the act, or one of *meant*, with one slip, is taken for that one.
    """
    acts, named = frozenset(acts), frozenset(named) - _SMALL
    targets = acts | meant
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if unicodedata.category(token[0]) == "So" and token not in known:  # an emoji
            continue
        sign = _sign(token, acts, named)
        if sign is None and token not in known:
            spelt = _spelt(token, targets)
            sign = _sign(spelt, acts, named) or spelt
        sign = sign or token
        if not (sign.startswith("<") and found and found[-1] == sign):
            found.append(sign)
    return found


def _sign(word: str, acts: frozenset[str], named: frozenset[str]) -> str | None:
    if word in acts:
        return ACT
    if word in named:
        return NAMED
    if word in TIMES or any(letter.isdigit() for letter in word):
        return OTHER
    if (word[0] in ".\u2026" and len(word) > 1) or word == "\u2026":
        return "..."
    return word[0] if word[0] in "?!.,;:" else None


def _spelt(token: str, known: frozenset[str]) -> str:
    """The known word that *token* is with one slip: a letter missing, doubled, strange, or two swapped."""
    if len(token) < 3 or token in known or not token.isalpha():
        return token
    slips = [token[:n] + token[n + 1] + token[n] + token[n + 2 :] for n in range(len(token) - 1)]
    if len(token) > 3:
        slips += [token[:n] + token[n + 1 :] for n in range(len(token))]
        slips += [token[:n] + letter + token[n:] for n in range(1, len(token) + 1) for letter in _LETTERS]
    if len(token) > 4:
        slips += [token[:n] + letter + token[n + 1 :] for n in range(1, len(token)) for letter in _LETTERS]
    return next((slip for slip in slips if slip in known), token)


def grams(found: Sequence[str]) -> dict[str, int]:
    """The n-grams of the signs *found*: one to three words, and two to four letters within a word; each counted."""
    counts: dict[str, int] = {}
    words = ["^", *found, "$"]
    for size in (1, 2, 3):
        for start in range(len(words) - size + 1):
            gram = " ".join(words[start : start + size])
            counts[gram] = counts.get(gram, 0) + 1
    for word in found:
        padded = f"_{word[:20]}_"
        for size in (2, 3, 4):
            for start in range(len(padded) - size + 1):
                gram = f"~{padded[start : start + size]}"
                counts[gram] = counts.get(gram, 0) + 1
    return counts


def probability(found: Sequence[str]) -> float:
    """How likely the signs *found* are a plain yes, 0..1."""
    learned = weights()
    values = strengths(grams(found), learned.grams)
    odds = learned.bias + sum(value * learned.grams[gram][1] for gram, value in values.items())
    return 1.0 / (1.0 + math.exp(-odds))


def clauses(found: Iterable[str]) -> list[list[str]]:
    """*found* cut at its stops, the stops left out."""
    cut: list[list[str]] = [[]]
    for sign in found:
        if sign in _STOPS:
            cut.append([])
        else:
            cut[-1].append(sign)
    return [clause for clause in cut if clause]
