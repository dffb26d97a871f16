"""
What a text is about that a person should see: danger, self-harm, a death, a request for a human, and the like. Learned
from texts of many hands, most of them written to be mistaken for each other ("this lamp is fire", "nobody was hurt").

The text is read as its word and letter n-grams and its sentence embedding, which knows many languages. The weights are
in matters.npz; bench/judgement/fit_matters.py makes that file.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from warmline.language.wording import clean, ngrams, strengths

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = Path(__file__).with_name("matters.npz")
NONE = "none"
"""The kind of a text that needs nobody."""
GRAM_SHARE = 0.7
"""How much n-grams weigh beside the embedding, whose length is 1."""


class Weights(NamedTuple):
    """
    *kinds* are names of topics (warmline.core.features.TOPICS, ``crisis``, ``asked``) and ``none``. *words* and
    *letters* are n-grams with their idf and their row in *grams* (n-grams x kinds); *meaning* is embedding x kinds.
    """

    kinds: tuple[str, ...]
    words: dict[str, tuple[float, int]]
    letters: dict[str, tuple[float, int]]
    grams: np.ndarray[Any, Any]
    meaning: np.ndarray[Any, Any]
    bias: np.ndarray[Any, Any]


@cache
def weights() -> Weights:
    """What was learned."""
    import numpy as np

    with np.load(WEIGHTS, allow_pickle=False) as kept:
        names = [str(name) for name in kept["names"]]
        table = {name: (float(idf), row) for row, (name, idf) in enumerate(zip(names, kept["idf"], strict=True))}
        return Weights(
            kinds=tuple(str(kind) for kind in kept["kinds"]),
            words={name[1:]: found for name, found in table.items() if name[0] == "w"},
            letters={name[1:]: found for name, found in table.items() if name[0] == "l"},
            grams=kept["grams"].astype(np.float32),
            meaning=kept["meaning"].astype(np.float32),
            bias=kept["bias"],
        )


def likely(text: str, vector: Sequence[float] | None) -> dict[str, float]:
    """
    How likely *text* is of each kind, 0..1; they add up to 1. *vector* is its embedding (warmline.language.embed).
    Empty without one: words alone are not enough to tell a joke from a danger.
    """
    if vector is None:
        return {}
    import numpy as np

    learned = weights()
    scores = learned.bias + np.asarray(vector) @ learned.meaning
    words, letters = ngrams(clean(text))
    for counts, table in ((words, learned.words), (letters, learned.letters)):
        for gram, value in strengths(counts, table).items():
            scores = scores + GRAM_SHARE * value * learned.grams[table[gram][1]]
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    return {kind: float(share) for kind, share in zip(learned.kinds, shares, strict=True)}
