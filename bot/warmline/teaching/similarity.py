"""
How alike sentences are, and which of them a model would take for something else. Numbers only; nothing is printed here.

The model is kernel ridge regression with a Gaussian kernel on the shipped sentence embedding. It is not the classifier
of config.yml, and need not be: its leave-one-out predictions have a closed form (Rifkin & Klautau 2004: the residual of
an example that was left out is its dual weight over the diagonal of the inverse), so every sentence is judged by all
others, in seconds, with no luck in how folds are drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float32]]

RIDGE = 0.1
BLOCK = 6_000
"""Sentences that are judged together: memory and time grow with the square and the cube."""

ALIKE_MEANING = 0.90
ALIKE_LETTERS = 0.75
WORTH_COMPARING = 0.55
GRAM = 3


class Pair(msgspec.Struct, frozen=True):
    """Two sentences, by their places, that are *alike* (0..1; 1.0: the same but for case and punctuation)."""

    one: int
    other: int
    alike: float


class Mistaken(msgspec.Struct, frozen=True):
    """
    The sentence at *place* reads like one of *taken_for*, the nearest of which is at *nearest*. *harm*, about 0..2, is
    how much better that fits than its own intent.
    """

    place: int
    taken_for: str
    nearest: int
    harm: float


def normal(text: str) -> str:
    """*text* without what makes no difference: case, punctuation, repeated spaces."""
    return " ".join(re.findall(r"\w+", text.casefold())) or text.strip()


def grams(text: str) -> frozenset[str]:
    """The runs of three letters in *text*, the spaces around it included."""
    padded = f" {normal(text)} "
    return frozenset(padded[at : at + GRAM] for at in range(max(1, len(padded) - GRAM + 1)))


def letters_alike(one: str, other: str) -> float:
    """The cosine of the two sets of letter runs, 0..1."""
    mine, theirs = grams(one), grams(other)
    return len(mine & theirs) / float(np.sqrt(len(mine) * len(theirs)))


def near_duplicates(texts: Sequence[str], labels: Sequence[str], vectors: Matrix) -> list[Pair]:
    """Pairs with different labels that are the same or nearly, most alike first."""
    keys = np.array(labels)
    normals = [normal(text) for text in texts]
    found: list[Pair] = []
    for start in range(0, len(texts), 512):
        meaning = vectors[start : start + 512] @ vectors.T
        close = (meaning >= WORTH_COMPARING) & (keys[start : start + 512, None] != keys[None, :])
        for row, other in np.argwhere(close):
            one = start + int(row)
            if one >= other:
                continue
            alike = 1.0 if normals[one] == normals[other] else min(0.99, float(meaning[row, other]))
            if alike >= ALIKE_MEANING or letters_alike(texts[one], texts[other]) >= ALIKE_LETTERS:
                found.append(Pair(one, int(other), alike))
    found += _same_without_meaning(normals, labels, vectors)
    return sorted(found, key=lambda pair: (-pair.alike, pair.one, pair.other))


def _same_without_meaning(normals: Sequence[str], labels: Sequence[str], vectors: Matrix) -> Iterator[Pair]:
    """The same signs, like "??", that have no embedding."""
    places: dict[str, list[int]] = {}
    for place in np.flatnonzero(~vectors.any(axis=1)):
        places.setdefault(normals[int(place)], []).append(int(place))
    for same in places.values():
        for at, one in enumerate(same):
            yield from (Pair(one, other, 1.0) for other in same[at + 1 :] if labels[one] != labels[other])


class Judged(msgspec.Struct, frozen=True):
    """*guesses*: what each sentence is taken for by all others; *right*: the share that is taken for what it is."""

    guesses: tuple[str, ...]
    mistaken: tuple[Mistaken, ...]

    @property
    def right(self) -> float:
        return 1.0 - len(self.mistaken) / max(1, len(self.guesses))


def judge(labels: Sequence[str], vectors: Matrix) -> Judged:
    """Let every sentence be judged by all others. Needs at least two labels; with fewer, nothing is mistaken."""
    if len(set(labels)) < 2:
        return Judged(tuple(labels), ())
    names = sorted(set(labels))
    number = {name: at for at, name in enumerate(names)}
    own = np.array([number[label] for label in labels])
    guesses = own.copy()
    mistaken: list[Mistaken] = []
    blocks = max(1, -(-len(labels) // BLOCK))
    for block in range(blocks):
        places = np.argsort(own, kind="stable")[block::blocks]
        scores = _left_out(own[places], vectors[places], len(names))
        best = scores.argmax(axis=1)
        guesses[places] = best
        for row in np.flatnonzero(best != own[places]):
            harm = float(scores[row, best[row]] - scores[row, own[places][row]])
            same = np.flatnonzero(own == best[row])
            nearest = int(same[int(np.argmax(vectors[same] @ vectors[places[row]]))])
            mistaken.append(Mistaken(int(places[row]), names[best[row]], nearest, harm))
    mistaken.sort(key=lambda one: (-one.harm, one.place))
    return Judged(tuple(names[guess] for guess in guesses), tuple(mistaken))


def _left_out(own: np.ndarray[Any, Any], vectors: Matrix, labels: int) -> Matrix:
    """For each row the score of each label, learnt from all rows but itself."""
    wanted: Matrix = np.full((len(own), labels), -1.0, dtype=np.float32)
    wanted[np.arange(len(own)), own] = 1.0
    kernel: Matrix = np.exp(np.float32(2.0) * (vectors @ vectors.T) - np.float32(2.0))
    kernel[np.diag_indices_from(kernel)] += RIDGE
    inverse = np.linalg.inv(kernel)
    scores: Matrix = (wanted - (inverse @ wanted) / np.diag(inverse)[:, None]).astype(np.float32)
    return scores
