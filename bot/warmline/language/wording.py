"""
How annoyed a text sounds, learned from labelled texts: word and letter n-grams, and its sentence embedding.

The weights are in wording.json, with where they come from; bench/mood/fit.py makes that file.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

WEIGHTS = Path(__file__).with_name("wording.json")

_link = re.compile(r"https?\s*:\s*//\S+|www\.\S+")
_handle = re.compile(r"[@#]\w+|\[name\]|__\w+__|///|&\w+;")
_word = re.compile(r"\w\w+")


def clean(text: str) -> str:
    """*text* in lower case without links, handles, tags and entities; typographic apostrophes made plain."""
    text = text.replace("\u2019", "'").lower()
    return " ".join(_handle.sub(" ", _link.sub(" ", text)).split())


def ngrams(cleaned: str) -> tuple[dict[str, int], dict[str, int]]:
    """
    The word n-grams (1 and 2 words) and the letter n-grams (2 to 4, within a word and its borders), each with its
    count.
    """
    words: dict[str, int] = {}
    found = _word.findall(cleaned)
    for gram in (*found, *(f"{first} {second}" for first, second in pairwise(found))):
        words[gram] = words.get(gram, 0) + 1
    letters: dict[str, int] = {}
    for token in cleaned.split():
        padded = f" {token[:40]} "
        for size in (2, 3, 4):
            for start in range(len(padded) - size + 1):
                gram = padded[start : start + size]
                letters[gram] = letters.get(gram, 0) + 1
    return words, letters


def strengths(counts: Mapping[str, int], table: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Sublinear tf-idf of the n-grams that are in *table* (its first column is the idf), scaled to length 1."""
    found = {gram: (1.0 + math.log(count)) * table[gram][0] for gram, count in counts.items() if gram in table}
    length = math.sqrt(sum(value * value for value in found.values()))
    return {gram: value / length for gram, value in found.items()} if length else {}


class Weights(msgspec.Struct, frozen=True):
    """
    wording.json. *words* and *letters*: n-gram to idf and weight. *embedding*: one weight a dimension. *bias* are the
    log-odds of the two models without evidence; *mix* turns both into one: intercept, n-grams, embedding; *mix_alone*
    does without an embedding: intercept, n-grams.
    """

    provenance: tuple[str, ...]
    words: dict[str, tuple[float, float]]
    letters: dict[str, tuple[float, float]]
    embedding: tuple[float, ...]
    bias: tuple[float, float]
    mix: tuple[float, float, float]
    mix_alone: tuple[float, float]


@cache
def _weights() -> Weights:
    return msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)


@cache
def _direction() -> Any:
    import numpy

    return numpy.array(_weights().embedding)


def ngram_log_odds(cleaned: str, weights: Weights) -> float:
    """What the n-grams alone say."""
    words, letters = ngrams(cleaned)
    return (
        weights.bias[0]
        + sum(value * weights.words[gram][1] for gram, value in strengths(words, weights.words).items())
        + sum(value * weights.letters[gram][1] for gram, value in strengths(letters, weights.letters).items())
    )


def log_odds(text: str, vector: Sequence[float] | None = None) -> float:
    """
    The log-odds that *text* is by a frustrated customer, from -6 to 6. *vector* is its sentence embedding
    (warmline.language.embedding), when there is one.
    """
    weights = _weights()
    grams = ngram_log_odds(clean(text), weights)
    if vector is None:
        intercept, slope = weights.mix_alone
        value = intercept + slope * grams
    else:
        intercept, slope, other = weights.mix
        meaning = weights.bias[1] + float(_direction() @ vector)
        value = intercept + slope * grams + other * meaning
    return max(-6.0, min(6.0, value))


def save(path: Path, weights: Weights) -> None:
    """Write *weights* as JSON that a person can read: one n-gram a line."""
    plain: dict[str, Any] = msgspec.to_builtins(weights)
    text = json.dumps(plain, ensure_ascii=False, sort_keys=False, indent=0)
    text = re.sub(r"\[\n([^\[\]]*?)\n\]", lambda found: "[" + found.group(1).replace("\n", " ") + "]", text)
    path.write_text(text + "\n", encoding="utf-8")
