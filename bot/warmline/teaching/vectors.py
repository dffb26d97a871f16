"""Sentence embeddings that are kept between runs: only sentences that are new have to be read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from warmline.language import embedding
from warmline.teaching.similarity import Matrix

BATCH = 256


class Vectors:
    """Embeds by :mod:`warmline.language.embedding`, and remembers in *file*; one that is damaged is made anew."""

    def __init__(self, file: Path, embed: Callable[[list[str]], Matrix] | None = None) -> None:
        self._file = file
        self._embed = embed or embedding.Embedder().embed
        self._model = hashlib.sha256(Path(embedding.__file__).read_bytes()).hexdigest()

    def __call__(self, texts: list[str], tell: Callable[[int, int], None] = lambda done, of: None) -> Matrix:
        """One unit vector for each text; *tell* hears how many of the new ones are done."""
        keys = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in texts]
        known = self._load()
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
        for start in range(0, len(missing), BATCH):
            part = missing[start : start + BATCH]
            rows = self._embed([text for _, text in part])
            known.update({key: row for (key, _), row in zip(part, rows, strict=True)})
            tell(min(start + BATCH, len(missing)), len(missing))
        if missing:
            self._save({key: known[key] for key in keys})
        return np.stack([known[key] for key in keys]).astype(np.float32)

    def _load(self) -> dict[str, Matrix]:
        try:
            with np.load(self._file, allow_pickle=False) as kept:
                if str(kept["model"]) == self._model:
                    return dict(zip(map(str, kept["keys"]), kept["rows"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            pass
        return {}

    def _save(self, known: dict[str, Matrix]) -> None:
        draft = self._file.with_name(f".{self._file.name}.{os.getpid()}.npz")
        with contextlib.suppress(OSError):  # only a later run would be quicker for it
            self._file.parent.mkdir(parents=True, exist_ok=True)
            rows = np.stack(list(known.values())).astype(np.float16)
            np.savez(draft, model=np.array(self._model), keys=np.array(list(known)), rows=rows)
            draft.replace(self._file)
        draft.unlink(missing_ok=True)
