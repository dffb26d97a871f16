"""
Phrase matching on spaCy's tokens, in a notation that a person can read and extend.

A pattern is a line of words, each matched against one lower-cased token::

    speak|talk          either word
    <person>            any word of the set of that name in warmline.language.lexicon.SETS
    a?                  may be missing
    !a|b                any word but these
    ..3                 up to three tokens of any kind except punctuation
    ^  $                the phrase begins / ends the clause (fillers such as "please" and "hello" do not count)

Texts are normalised first (:func:`normalise`): contractions are written out, so "can't", "cant" and "cannot" are all
``can not``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from warmline.language.lexicon import CONTRACTIONS, FILLERS, NEGATORS, SETS
from warmline.language.spelling import mended

CLAUSE_BREAKS = frozenset({".", "!", "?", ";", ",", ":", "-", "\n", "but", "although", "because"})
NEGATION_REACH = 4
LONGEST = 60
"""Characters of a word that are read: spaCy takes seconds for a thousand emoji in a row."""

_apostrophes = re.compile("[\u2018\u2019\u02bc\u00b4`]")
_contraction = re.compile(r"\b(" + "|".join(sorted(map(re.escape, CONTRACTIONS), key=len, reverse=True)) + r")\b")
_stretch = re.compile(r"(\w)\1{2,}")
_not_a_word = re.compile("([\u00a1\u00bf\u2026\u2013\u2014\u00ab\u00bb\u201c\u201d\u201e])")
_joined = re.compile(r"([.!?,;:()\"/*_~#])")


def normalise(text: str) -> str:
    """
    *text* in lower case, contractions written out, letters stretched to three or more cut to two, marks set apart.
    """
    text = _apostrophes.sub("'", text.lower())
    text = _contraction.sub(lambda found: CONTRACTIONS[found.group(1)], text)
    text = text.replace("n't", " not").replace("'ve", " have").replace("'re", " are").replace("'ll", " will")
    text = _joined.sub(r" \1 ", _stretch.sub(r"\1\1", text))
    meant = mended()
    return " ".join(meant.get(word, word) for word in (whole[:LONGEST] for whole in text.split()))


def folded(text: str) -> str:
    """*text* in small letters without accents, marks and apostrophes set apart: for the phrases of other languages."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    bare = _joined.sub(r" \1 ", _stretch.sub(r"\1\1", _apostrophes.sub("'", bare).replace("ß", "ss")))
    return " ".join(
        word[:LONGEST] for word in _not_a_word.sub(r" \1 ", bare.replace("'", " ").replace("-", " ")).split()
    )


def _alternatives(word: str) -> frozenset[str]:
    """The words that *word* of a pattern stands for, without its question mark."""
    found: set[str] = set()
    for part in word.split("|"):
        found |= SETS[part[1:-1]] if part.startswith("<") else {part}
    return frozenset(found)


def _token(word: str) -> dict[str, Any]:
    if word.startswith(".."):
        return {"IS_PUNCT": False, "OP": "{0," + word[2:] + "}"}
    optional, other = _optional(word), word.startswith("!")
    listed = sorted(_alternatives(word[int(other) : -1 if optional else None]))
    token: dict[str, Any] = {"LOWER": {"NOT_IN": listed} if other else {"IN": listed}}
    if optional:
        token["OP"] = "?"
    return token


def _optional(word: str) -> bool:
    return word.endswith("?") and len(word) > 1


@cache
def _splitter() -> Any:
    import spacy

    return spacy.blank("en")


def as_read(pattern: str) -> str:
    """
    A *pattern* as somebody wrote it for texts of their own, in the form in which texts are read: small letters,
    contractions written out, ``gold-card`` as the words that it is split into (the hyphen may be missing).

    Raises:
        ValueError: it is not of the notation; the text says what is wrong with it.
    """
    words = pattern.split()
    begins, ends = words[:1] == ["^"], len(words) > 1 and words[-1] == "$"
    inner = words[int(begins) : -1 if ends else None]
    read = [one for word in inner for one in _word_as_read(word)]
    if not any(_is_required(word) for word in read):
        raise ValueError("it needs at least one word that must occur")
    return " ".join([*["^"] * begins, *read, *["$"] * ends])


def _is_required(word: str) -> bool:
    return not (word.startswith(("..", "!")) or _optional(word))


def _word_as_read(word: str) -> list[str]:
    if word in ("^", "$"):
        raise ValueError(f"'{word}' stands at the {'beginning' if word == '^' else 'end'}, or not at all")
    if word.startswith(".."):
        if re.fullmatch(r"\.\.[1-9]", word) is None:
            raise ValueError(f"'{word}' is no gap; expected ..1 to ..9")
        return [word]
    optional, other = _optional(word), word.startswith("!") and len(word) > 1
    parts = word[int(other) : -1 if optional else None].split("|")
    if len(parts) == 1 and not optional and not other and not parts[0].startswith("<"):
        return _split(parts[0])
    read = [part if part.startswith("<") else _one_word(part, word) for part in parts]
    for part in read:
        if part.startswith("<") and (not part.endswith(">") or part[1:-1] not in SETS):
            raise ValueError(f"'{part}' is no set of words; there are {', '.join(f'<{name}>' for name in SETS)}")
    return [f"{'!' * other}{'|'.join(read)}{'?' * optional}"]


def _one_word(part: str, word: str) -> str:
    split = _split(part) if part else []
    if len(split) != 1:
        raise ValueError(f"'{word}' joins what is not one word each; write a phrase for each instead")
    return split[0]


def _split(word: str) -> list[str]:
    """A plain *word* as the tokens of a text; a hyphen between them may be missing, other marks are refused."""
    read = []
    for token in _splitter()(normalise(word)):
        if not any(map(str.isalnum, token.text)) and token.text not in ("-", "$", "%", "&", "+", "\u20ac", "\u00a3"):
            raise ValueError(f"'{word}' holds a mark; a phrase is words, without commas, stops and quotes")
        read.append("-?" if token.text == "-" else token.text)
    return read


class _Pattern(NamedTuple):
    """One line of a group: the words that must all occur, *begins* and *ends* its anchors."""

    group: str
    begins: bool
    ends: bool
    needs: tuple[frozenset[str], ...]
    matcher: Any


class Phrases:
    """
    A set of named groups of patterns, compiled once. Not safe for use by two threads at once. *fillers* are the words
    that do not count at the ends of a clause.

    spaCy's matcher is asked only for patterns whose words all occur in the text: running all of them takes ten times
    as long.
    """

    def __init__(self, groups: Mapping[str, Iterable[str]], fillers: frozenset[str] = FILLERS) -> None:
        import spacy
        from spacy.attrs import IS_PUNCT, LOWER
        from spacy.matcher import Matcher

        self._fillers = fillers
        self._nlp = spacy.blank("en")
        # Every new word costs some 20 Python calls to find attributes that no pattern asks for: keep the two in use.
        vocab: Any = self._nlp.vocab
        getters = vocab.lex_attr_getters
        vocab.lex_attr_getters = {name: getters[name] for name in (LOWER, IS_PUNCT)}
        self._by_word: dict[str, list[_Pattern]] = {}
        for group, patterns in groups.items():
            for pattern in patterns:
                words = pattern.split()
                begins, ends = words[0] == "^", words[-1] == "$"
                words = words[1 if begins else 0 : -1 if ends else None]
                needs = tuple(_alternatives(word) for word in words if _is_required(word))
                matcher = Matcher(self._nlp.vocab, validate=False)
                matcher.add(group, [[_token(word) for word in words]])
                compiled = _Pattern(group, begins, ends, needs, matcher)
                for word in min(needs, key=len):
                    self._by_word.setdefault(word, []).append(compiled)

    def find(self, text: str) -> tuple[list[str], dict[str, list[tuple[int, int]]]]:
        """
        The tokens of a normalised *text*, and for each group that occurs the spans of its phrases, ``[start, end)``.
        """
        spans: dict[str, list[tuple[int, int]]] = {}
        with self._nlp.memory_zone():
            doc = self._nlp.make_doc(text)
            tokens = [token.text for token in doc]
            present = set(tokens)
            for pattern in dict.fromkeys(one for word in tokens for one in self._by_word.get(word, ())):
                if not all(present & need for need in pattern.needs):
                    continue
                for _, start, end in pattern.matcher(doc):
                    if pattern.begins and not _at_start(tokens, start, self._fillers):
                        continue
                    if pattern.ends and not _at_end(tokens, end, self._fillers):
                        continue
                    spans.setdefault(pattern.group, []).append((start, end))
        return tokens, spans


def _at_start(tokens: list[str], start: int, fillers: frozenset[str]) -> bool:
    while start > 0 and tokens[start - 1] in fillers:
        start -= 1
    return start == 0 or tokens[start - 1] in CLAUSE_BREAKS


def _at_end(tokens: list[str], end: int, fillers: frozenset[str]) -> bool:
    while end < len(tokens) and tokens[end] in fillers:
        end += 1
    return end == len(tokens) or tokens[end] in CLAUSE_BREAKS


def negated(tokens: list[str], start: int) -> bool:
    """True when a negator stands at most ``NEGATION_REACH`` tokens before *start*, within the same clause."""
    for index in range(start - 1, max(-1, start - 1 - NEGATION_REACH), -1):
        if tokens[index] in CLAUSE_BREAKS:
            return False
        if tokens[index] in NEGATORS:
            return tokens[index + 1] not in ("stop", "stopping")  # "it won't stop smoking" smokes
    return False
