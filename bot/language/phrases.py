"""
Phrase matching on spaCy's tokens, in a notation that a person can read and extend.

A pattern is a line of words, each matched against one lower-cased token::

    speak|talk          either word
    <person>            any word of the set of that name in bot.language.lexicon.SETS
    a?                  may be missing
    ..3                 up to three tokens of any kind except punctuation
    ^  $                the phrase begins / ends the clause (fillers such as "please" and "hello" do not count)

Texts are normalised first (:func:`normalise`): contractions are written out, so "can't", "cant" and "cannot" are all
``can not``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.language.lexicon import CONTRACTIONS, FILLERS, NEGATORS, SETS

CLAUSE_BREAKS = frozenset({".", "!", "?", ";", ",", ":", "-", "\n", "but", "although", "because"})
NEGATION_REACH = 4

_apostrophes = re.compile("[\u2018\u2019\u02bc\u00b4`]")
_contraction = re.compile(r"\b(" + "|".join(sorted(map(re.escape, CONTRACTIONS), key=len, reverse=True)) + r")\b")
_stretch = re.compile(r"(\w)\1{2,}")
_joined = re.compile(r"([.!?,;:()\"/*_~#])")


def normalise(text: str) -> str:
    """
    *text* in lower case, contractions written out, letters stretched to three or more cut to two, marks set apart.
    """
    text = _apostrophes.sub("'", text.lower())
    text = _contraction.sub(lambda found: CONTRACTIONS[found.group(1)], text)
    text = text.replace("n't", " not").replace("'ve", " have").replace("'re", " are").replace("'ll", " will")
    text = _joined.sub(r" \1 ", _stretch.sub(r"\1\1", text))
    return " ".join(text.split())


def _token(word: str) -> dict[str, Any]:
    optional = word.endswith("?") and len(word) > 1
    word = word[:-1] if optional else word
    token: dict[str, Any]
    if word.startswith(".."):
        return {"IS_PUNCT": False, "OP": "{0," + word[2:] + "}"}
    words: set[str] = set()
    for part in word.split("|"):
        words |= SETS[part[1:-1]] if part.startswith("<") else {part}
    token = {"LOWER": {"IN": sorted(words)}} if len(words) > 1 else {"LOWER": next(iter(words))}
    if optional:
        token["OP"] = "?"
    return token


class Phrases:
    """A set of named groups of patterns, compiled once. Not safe for use by two threads at once."""

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        import spacy
        from spacy.matcher import Matcher

        self._nlp = spacy.blank("en")
        self._matcher = Matcher(self._nlp.vocab)
        self._anchors: dict[str, tuple[str, bool, bool]] = {}
        for group, patterns in groups.items():
            for number, pattern in enumerate(patterns):
                words = pattern.split()
                begins, ends = words[0] == "^", words[-1] == "$"
                words = words[1 if begins else 0 : -1 if ends else None]
                key = f"{group}#{number}"
                self._anchors[key] = (group, begins, ends)
                self._matcher.add(key, [[_token(word) for word in words]])

    def find(self, text: str) -> tuple[list[str], dict[str, list[tuple[int, int]]]]:
        """
        The tokens of a normalised *text*, and for each group that occurs the spans of its phrases, ``[start, end)``.
        """
        with self._nlp.memory_zone():
            doc = self._nlp.make_doc(text)
            tokens = [token.text for token in doc]
            found = [(self._nlp.vocab.strings[key], start, end) for key, start, end in self._matcher(doc)]
        spans: dict[str, list[tuple[int, int]]] = {}
        for name, start, end in found:
            group, begins, ends = self._anchors[name]
            if begins and not _at_start(tokens, start):
                continue
            if ends and not _at_end(tokens, end):
                continue
            spans.setdefault(group, []).append((start, end))
        return tokens, spans


def _at_start(tokens: list[str], start: int) -> bool:
    while start > 0 and tokens[start - 1] in FILLERS:
        start -= 1
    return start == 0 or tokens[start - 1] in CLAUSE_BREAKS


def _at_end(tokens: list[str], end: int) -> bool:
    while end < len(tokens) and tokens[end] in FILLERS:
        end += 1
    return end == len(tokens) or tokens[end] in CLAUSE_BREAKS


def negated(tokens: list[str], start: int) -> bool:
    """True when a negator stands at most ``NEGATION_REACH`` tokens before *start*, within the same clause."""
    for index in range(start - 1, max(-1, start - 1 - NEGATION_REACH), -1):
        if tokens[index] in CLAUSE_BREAKS:
            return False
        if tokens[index] in NEGATORS:
            return True
    return False
