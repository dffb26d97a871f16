"""
Identifiers: the numbers of a project (of a booking, a policy, a parcel), and how one is found in what people write.

The form of one is a regular expression, the regex of the training data that has the entity's name. Customers write the
same number in many ways: ``ORD-2024-00017`` is also "ord 2024 00017", "#ORD202400017" and, after a word that announces
it, "2024-00017". So only letters and digits are compared, and the signs between them are put back where the form has
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

MAX_CHARS = 40
MAX_PARTS = 8
LOOK_BACK = 40
LONG_DIGITS = 7
"""So many digits in a row are hardly anything else than an identifier."""
CODE_DIGITS = 6
"""A mailed code has so many: alone, they are a code."""

_PART = re.compile(r"[A-Za-z0-9]+")
_GAP = re.compile(r"\s?[-–_/.#:]?\s?")
_PIECE = re.compile(
    r"(?P<times>\{\d+(?:,\d+)?\})|(?P<free>[*+]|\{[\d,]*\}?)|(?P<maybe>\?)|(?P<open>\((?:\?:)?)|(?P<close>\))|(?P<or>\|)"
    r"|(?P<digit>\\d)|(?P<set>\[[A-Za-z0-9-]+\])|(?P<sign>\\?[-_/.#: ])|(?P<plain>[A-Za-z0-9])|(?P<other>\\?.)",
    re.DOTALL,
)
_LINKS = r"(?:\s*(?:number|no\.?|nr\.?|is|was|id\b|#|:|-?nummer|numéro|n°|número|numero))*"
"""What may stand between the word that announces a number and the number."""
_NAMES_NO_THING = frozenset({"number", "nr", "no", "num", "id", "code", "key", "ref", "value"})
MIN_PLAIN = 4
"""A pattern that is not of our form must find so many characters, one of them a digit, to have found an identifier."""
MAX_PLAIN_CHARS = 1_000
"""Longer texts are not searched with such a pattern: nobody knows what it costs."""
_FILLER_WORDS = """
    a about actually and ask asked else for hello here hi how i i'm id if in instead is it it's its just maybe
    mean meant my nah no nope not number number's of ok okay one ooh oops or other please pls same so sorry
    thanks that that's the then there this to try was well what what's where where's which with wrong yep yes
"""
_FILLERS = frozenset(_FILLER_WORDS.split())
"""Words around a number that is all a message is about."""


class Found(NamedTuple):
    """An identifier in a text: where it stands, and its *value* in the project's own spelling."""

    start: int
    end: int
    value: str


class Identifier:
    """
    The form of an *entity*: *pattern*, and the *example* of it that customers are shown; None when there is none.

    A pattern is a regular expression of letters, digits, ``\\d``, sets such as ``[A-Z]``, signs (``- _ / . # :`` and
    blanks), counts such as ``{4}`` or ``{5,8}``, groups, ``|`` and ``?``. Values are in capitals unless it names small
    letters only. Any other regular expression is used as it stands where there is no example (``plain`` is then
    true): it finds what has a digit and four characters at least, in the writer's own spelling. *words* announce a
    number ("booking", "policy"); without any, the words of the entity's name do.

    Raises:
        ValueError: *pattern* is none of these, or *example* is not of it; the text is a whole sentence.
    """

    def __init__(self, entity: str, pattern: str, example: str | None = None, *, words: Iterable[str] = ()) -> None:
        self.entity, self.pattern, self.example = entity, pattern, example
        self.words = tuple(words) or tuple(w for w in entity.lower().split("_") if w and w not in _NAMES_NO_THING)
        self.plain = False
        self._signs: list[str] = []
        self._lead, self._small = "", False
        try:
            form = _Form(entity, pattern)
            self._form = re.compile(form.squeezed, re.IGNORECASE)
            if self._form.fullmatch(""):
                raise ValueError(f"The pattern '{pattern}' of {entity} must not fit an empty text.")
            self._signs, self._lead, self._small = form.signs, form.lead, form.small
        except re.error as wrong:
            raise ValueError(f"The pattern '{pattern}' of {entity} cannot be read: {wrong}.") from None
        except ValueError:
            if example is not None:
                raise
            self.plain = True
            try:
                self._form = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
            except re.error as wrong:
                raise ValueError(f"The pattern '{pattern}' of {entity} cannot be read: {wrong}.") from None
        named = "|".join(re.escape(word) for word in self.words)
        announced = rf"\b(?:{named})s?{_LINKS}|" if named else ""
        self._before = re.compile(
            rf"(?:#|{announced}\b(?:number|nr\.?|no\.))\s*(?:is\s*)?[:#]?\s*$",
            re.IGNORECASE,
        )
        asks = rf"(?:{named})\w*|" if named else ""
        self._asks = re.compile(rf"\b(?:{asks}number|nummer|numero|numéro|número)\b.*\?", re.IGNORECASE | re.DOTALL)
        self._fillers = _FILLERS | {w for word in self.words for w in (word.lower(), f"{word.lower()}s")}
        if example is not None and self.read(example) != example:
            raise ValueError(f"The example '{example}' does not look like the pattern '{pattern}' of {entity}.")

    def asked_for(self, text: str) -> bool:
        """Whether *text* asks for such an identifier."""
        return self._asks.search(text) is not None

    def read(self, text: str) -> str | None:
        """The one that *text*, the answer to a question for it, names; None when there is none, or more than one."""
        values = {found.value for found in self.find(text, asked=True)}
        return values.pop() if len(values) == 1 else None

    def find(self, text: str, *, asked: bool = False) -> list[Found]:
        """
        All such identifiers of *text*, in their order. Mere digits may be anything: they count when they are many,
        when the words before them announce them, when the text is about nothing else, or when they were *asked* for.
        """
        if self.plain:
            return self._plainly(text)
        parts = list(_PART.finditer(text))
        found: list[Found] = []
        n = 0
        while n < len(parts):
            last = self._last(text, parts, n, asked)
            if last is None:
                n += 1
                continue
            found.append(last[0])
            n = last[1] + 1
        return found

    def _plainly(self, text: str) -> list[Found]:
        if len(text) > MAX_PLAIN_CHARS:
            return []
        matches = [m for m in self._form.finditer(text) if len(m[0]) >= MIN_PLAIN]
        return [Found(m.start(), m.end(), m[0]) for m in matches if any(char.isdigit() for char in m[0])]

    def _last(self, text: str, parts: list[re.Match[str]], n: int, asked: bool) -> tuple[Found, int] | None:
        """The longest number that begins with the *n*-th part, and the place of its last part."""
        start = parts[n].start()
        if re.search(r"[@€$£]$|\d[-–_/.,]$|\w$", text[max(0, start - 2) : start]):
            return None
        ends = [n]
        while len(ends) < MAX_PARTS and ends[-1] + 1 < len(parts) and _near(text, parts[ends[-1]], parts[ends[-1] + 1]):
            ends.append(ends[-1] + 1)
        for last in reversed(ends):
            squeezed = "".join(part[0] for part in parts[n : last + 1])
            if len(squeezed) > MAX_CHARS or not any(char.isdigit() for char in squeezed):
                continue
            value, short = self._value(squeezed), self._value(self._lead + squeezed) if self._lead else None
            end = parts[last].end()
            if (value or short) is None or re.match(r"[-–_/.,]\d|\w|@|\s?[€$£%]", text[end : end + 2]):
                continue
            told = asked or self._before.search(text[max(0, start - LOOK_BACK) : start]) is not None
            if value is not None and squeezed.isdigit() and not told and not self._alone(text, parts, n, last):
                value = None
            if value is None and told:
                value = short
            if value is not None:
                return Found(start, end, value), last
        return None

    def _alone(self, text: str, parts: list[re.Match[str]], n: int, last: int) -> bool:
        """Whether digits that nothing announces are an identifier all the same."""
        before, after = parts[max(0, n - 1) : n], parts[last + 1 : last + 2]
        if any(part[0].isdigit() and _near(text, part, parts[n]) for part in before):
            return False  # part of a telephone number, or of a date
        if any(part[0].isdigit() and _near(text, parts[last], part) for part in after):
            return False
        digits = sum(len(part[0]) for part in parts[n : last + 1])
        if digits == CODE_DIGITS or digits >= LONG_DIGITS:
            return digits >= LONG_DIGITS
        rest = (text[: parts[n].start()] + " " + text[parts[last].end() :]).lower().replace("’", "'")
        return set(re.findall(r"[\w']+", rest)) <= self._fillers

    def _value(self, squeezed: str) -> str | None:
        """*squeezed*, letters and digits, in the project's spelling; None when it is not of the form."""
        match = self._form.fullmatch(squeezed)
        if match is None:
            return None
        text = squeezed.lower() if self._small else squeezed.upper()
        places = [(match.start(f"s{n}"), n) for n in range(len(self._signs)) if match.start(f"s{n}") >= 0]
        for place, n in sorted(places, reverse=True):
            text = text[:place] + self._signs[n] + text[place:]
        return text


class _Form:
    """
    A pattern taken apart: *squeezed* is the same without its *signs*, an empty group where each was; *lead* are the
    letters that every number begins with; *small* says that it names small letters only.
    """

    def __init__(self, entity: str, pattern: str) -> None:
        self.signs: list[str] = []
        whole = pattern.strip().removeprefix("^").removesuffix("$").removeprefix("\\b").removesuffix("\\b")
        made: list[str] = []
        lead: list[str] | None = []
        letters, before = "", ""
        leads: list[str] = []
        for piece in _PIECE.finditer(whole):
            kind, said = str(piece.lastgroup), piece[0]
            self._refuse(f"The pattern '{pattern}' of {entity}", kind, said, before)
            if kind == "sign":
                made.append(f"(?P<s{len(self.signs)}>)")
                self.signs.append(said[-1])
            elif kind == "maybe" and before == "sign":  # there or not: the project's own spelling has it not
                made.pop()
                self.signs.pop()
            else:
                made.append("(?:" if kind == "open" else said)
            if lead is not None and kind == "plain" and said.isalpha():
                lead.append(said)
            elif lead is not None and kind != "sign":
                leads = lead[:-1] if kind in ("maybe", "times") and before == "plain" else lead
                lead = None
            letters += said if kind in ("plain", "set") else ""
            before = kind
        self.squeezed = "".join(made)
        self.lead = "" if "|" in whole else "".join(leads)
        self.small = letters.lower() == letters and any(char.isalpha() for char in letters)

    @staticmethod
    def _refuse(which: str, kind: str, said: str, before: str) -> None:
        if kind == "free":
            raise ValueError(
                f"{which} must say how many characters there are: \\d{{4}} or \\d{{4,8}} instead of {said!r}."
            )
        if kind == "other":
            raise ValueError(
                f"{which} holds {said!r}; it may have letters, digits, \\d, sets like "
                "[A-Z], the signs - _ / . # : and blanks, counts like {4}, groups, | and ?."
            )
        if kind == "times" and before not in ("plain", "digit", "set"):
            raise ValueError(
                f"{which} has {said!r} where nothing can be counted: it goes after a letter, a digit, \\d or a set."
            )


def found_in(text: str, identifiers: Iterable[Identifier]) -> list[tuple[str, Found]]:
    """All *identifiers* in *text* with their entities, in their order; of two that overlap the earlier form wins."""
    kept: list[tuple[str, Found]] = []
    for one in identifiers:
        for found in one.find(text):
            if all(found.end <= other.start or other.end <= found.start for _, other in kept):
                kept.append((one.entity, found))
    return sorted(kept, key=lambda each: each[1].start)


def _near(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether only a sign or a blank stands between two parts."""
    gap = text[one.end() : other.start()]
    return 0 < len(gap) <= 3 and _GAP.fullmatch(gap) is not None
