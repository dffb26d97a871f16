"""
The letters of a text as a vector: what an embedding of the meaning misses (names, numbers, rare words, spelling).

Words, pairs of words and pieces of words are counted in 65,536 buckets, weighed by how rare a bucket is among the
texts seen (TF-IDF), and folded by signs into 1,024 dimensions (feature hashing, Weinberger et al. 2009): small enough
to stand beside a dense embedding. Runs on Python 3.10 too.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

Vectors = np.ndarray[Any, np.dtype[np.float32]]

BUCKETS = 65_536
DIMENSIONS = 1_024
MAX_CHARS = 1_000
FAMILIAR = 0.5
"""The share of known words below which a text counts as written in another language."""
_WORD = re.compile(r"\w+(?:'\w+)?")


def counts(text: str) -> dict[int, int]:
    """Bucket and how often it was met, over the first :data:`MAX_CHARS` characters of *text*."""
    words = _WORD.findall(text[:MAX_CHARS].casefold())
    pieces = [*words, *(f"{one} {two}" for one, two in pairwise(words))]
    for word in words:
        framed = f"<{word}>"
        pieces += ["#" + framed[i : i + n] for n in (2, 3, 4, 5) for i in range(len(framed) - n + 1)]
    return Counter(zlib.crc32(piece.encode()) % (BUCKETS * 2) for piece in pieces)


def words_of(texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """The words of *texts* as sorted numbers, for :func:`unknown`."""
    met = {zlib.crc32(word.encode()) for text in texts for word in _WORD.findall(text[:MAX_CHARS].casefold())}
    return np.array(sorted(met), dtype=np.uint32)


def unknown(text: str, known: np.ndarray[Any, np.dtype[np.uint32]]) -> bool:
    """
    Whether most words of *text* are not among *known* (:func:`words_of`). A single word tells that only when it is
    written with other letters than English ones: one slip of the finger makes any word unknown.
    """
    words = _WORD.findall(text[:MAX_CHARS].casefold())
    if len(words) < 2 and text.isascii():
        return False
    met = np.isin(np.array([zlib.crc32(word.encode()) for word in words], dtype=np.uint32), known)
    return len(words) > 0 and float(met.mean()) < FAMILIAR


def rarity(texts: Sequence[str]) -> Vectors:
    """The weight of each bucket: the smoothed inverse document frequency among *texts*."""
    met = np.zeros(BUCKETS, dtype=np.float32)
    for text in texts:
        met[list({key >> 1 for key in counts(text)})] += 1
    weights: Vectors = (np.log((1 + len(texts)) / (1 + met)) + 1).astype(np.float32)
    return weights


def sketch(texts: Sequence[str], weights: Vectors) -> Vectors:
    """One row of :data:`DIMENSIONS` for each text, of length 1, or 0 for a text without a letter or digit."""
    rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        found = counts(text)
        if found:
            keys = np.fromiter(found, dtype=np.int64, count=len(found))
            often = np.fromiter(found.values(), dtype=np.float32, count=len(found))
            # the lowest bit of a key is its sign; the buckets that share a dimension differ in their upper bits
            signed = (1 + np.log(often)) * weights[keys >> 1] * np.where(keys & 1, 1.0, -1.0)
            np.add.at(row, (keys >> 1) % DIMENSIONS, signed.astype(np.float32))
            row /= np.linalg.norm(row) or 1.0
    return rows
