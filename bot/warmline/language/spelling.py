"""Mending misspelt key words: a request for a person must be understood in whatever haste it was typed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from warmline.language.lexicon import KEY_WORDS, OTHER_WORDS, PREFIXES

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _one_slip(word: str) -> Iterator[str]:
    """Every way to get *word* wrong by one letter missing, doubled or strange, or two letters swapped."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in _LETTERS)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        yield from (head + letter + tail for letter in _LETTERS)


@cache
def mended() -> dict[str, str]:
    """Misspelt words and words run together, each with what was meant. Other real words are left alone."""
    meant = {f"{prefix}{word}": f"{prefix} {word}" for word in KEY_WORDS for prefix in PREFIXES}
    for word in sorted(KEY_WORDS):
        meant.update((slip, word) for slip in _one_slip(word))
    for real in KEY_WORDS | OTHER_WORDS:
        meant.pop(real, None)
    return meant
