"""
What an order number looks like in this shop, and how one is found in what a customer writes.

The shop's own format is a regular expression (the regex ``order_number`` in data/order_number.yml). Customers write the
same number in many ways: ``ORD-2024-00017`` is also "ord 2024 00017", "#ORD202400017" and, after the word "order",
"2024-00017". So only letters and digits are compared, and the signs between them are put back where the format has
them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_CHARS = 40
MAX_PARTS = 8
LOOK_BACK = 40
LONG_DIGITS = 7
"""So many digits in a row are hardly anything else than an order number."""
CODE_DIGITS = 6
"""A mailed code has so many: alone, they are a code."""

_PART = re.compile(r"[A-Za-z0-9]+")
_GAP = re.compile(r"\s?[-–_/.#:]?\s?")
_PIECE = re.compile(
    r"(?P<times>\{\d+(?:,\d+)?\})|(?P<free>[*+]|\{[\d,]*\}?)|(?P<maybe>\?)|(?P<open>\((?:\?:)?)|(?P<close>\))|(?P<or>\|)"
    r"|(?P<digit>\\d)|(?P<set>\[[A-Za-z0-9-]+\])|(?P<sign>\\?[-_/.#: ])|(?P<plain>[A-Za-z0-9])|(?P<other>\\?.)",
    re.DOTALL,
)
_ORDER_BEFORE = re.compile(
    r"(?:#|\b(?:order|package|parcel|purchase|bestellung|auftrag|commande|pedido|encomenda|ordine)s?"
    r"(?:\s*(?:number|no\.?|nr\.?|is|was|#|:|-?nummer|numéro|n°|número|numero))*|"
    r"\b(?:order number|bestellnummer|number|nr\.?|no\.))\s*(?:is\s*)?[:#]?\s*$",
    re.IGNORECASE,
)
_FILLER_WORDS = """
    a about actually and ask asked else for hello here hi how i i'm id if in instead is it it's its just maybe
    mean meant my nah no nope not number number's of ok okay one ooh oops or order other please pls same so sorry
    thanks that that's the then there this to try was well what what's where where's which with wrong yep yes
"""
_FILLERS = frozenset(_FILLER_WORDS.split())
"""Words around a number that is all a message is about."""


class Found(NamedTuple):
    """An order number in a text: where it stands, and its *value* as the shop writes it."""

    start: int
    end: int
    value: str


class OrderNumbers:
    """
    The format *pattern*, and the *example* of it that customers are shown; None when nobody is to be shown one.

    A pattern is a regular expression of letters, digits, ``\\d``, sets such as ``[A-Z]``, signs (``- _ / . # :`` and
    blanks), counts such as ``{4}`` or ``{5,8}``, groups, ``|`` and ``?``. Values are in capitals unless it names small
    letters only.

    Raises:
        ValueError: *pattern* is none of these, or *example* is not of it; the text is a whole sentence.
    """

    def __init__(self, pattern: str, example: str | None = None) -> None:
        self.pattern, self.example = pattern, example
        form = _Form(pattern)
        self._signs, self._lead, self._small = form.signs, form.lead, form.small
        try:
            self._form = re.compile(form.squeezed, re.IGNORECASE)
        except re.error as wrong:
            raise ValueError(f"The pattern '{pattern}' of order numbers cannot be read: {wrong}.") from None
        if self._form.fullmatch(""):
            raise ValueError(f"The pattern '{pattern}' of order numbers must not fit an empty text.")
        if example is not None and self.read(example) != example:
            raise ValueError(f"The example '{example}' does not look like the pattern '{pattern}' of order numbers.")

    def read(self, text: str) -> str | None:
        """The number that *text*, the answer to "which order?", names; None when there is none, or more than one."""
        values = {found.value for found in self.find(text, asked=True)}
        return values.pop() if len(values) == 1 else None

    def find(self, text: str, *, asked: bool = False) -> list[Found]:
        """
        All order numbers of *text*, in their order. Mere digits may be anything: they count when they are many, when
        the words before them say "order", when the text is about nothing else, or when the number was *asked* for.
        """
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
            told = asked or _ORDER_BEFORE.search(text[max(0, start - LOOK_BACK) : start]) is not None
            if value is not None and squeezed.isdigit() and not told and not self._alone(text, parts, n, last):
                value = None
            if value is None and told:
                value = short
            if value is not None:
                return Found(start, end, value), last
        return None

    @staticmethod
    def _alone(text: str, parts: list[re.Match[str]], n: int, last: int) -> bool:
        """Whether digits that nothing announces are an order number all the same."""
        before, after = parts[max(0, n - 1) : n], parts[last + 1 : last + 2]
        if any(part[0].isdigit() and _near(text, part, parts[n]) for part in before):
            return False  # part of a telephone number, or of a date
        if any(part[0].isdigit() and _near(text, parts[last], part) for part in after):
            return False
        digits = sum(len(part[0]) for part in parts[n : last + 1])
        if digits == CODE_DIGITS or digits >= LONG_DIGITS:
            return digits >= LONG_DIGITS
        rest = (text[: parts[n].start()] + " " + text[parts[last].end() :]).lower().replace("’", "'")
        return set(re.findall(r"[\w']+", rest)) <= _FILLERS

    def _value(self, squeezed: str) -> str | None:
        """*squeezed*, letters and digits, as the shop writes it; None when it is not of the format."""
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

    def __init__(self, pattern: str) -> None:
        self.signs: list[str] = []
        whole = pattern.strip().removeprefix("^").removesuffix("$").removeprefix("\\b").removesuffix("\\b")
        made: list[str] = []
        lead: list[str] | None = []
        letters, before = "", ""
        leads: list[str] = []
        for piece in _PIECE.finditer(whole):
            kind, said = str(piece.lastgroup), piece[0]
            self._refuse(pattern, kind, said, before)
            if kind == "sign":
                made.append(f"(?P<s{len(self.signs)}>)")
                self.signs.append(said[-1])
            elif kind == "maybe" and before == "sign":  # there or not: the shop's own spelling has it not
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
    def _refuse(pattern: str, kind: str, said: str, before: str) -> None:
        if kind == "free":
            raise ValueError(
                f"The pattern '{pattern}' of order numbers must say how many characters there are: "
                f"\\d{{4}} or \\d{{4,8}} instead of {said!r}."
            )
        if kind == "other":
            raise ValueError(
                f"The pattern '{pattern}' of order numbers holds {said!r}; it may have letters, digits, \\d, sets like "
                "[A-Z], the signs - _ / . # : and blanks, counts like {4}, groups, | and ?."
            )
        if kind == "times" and before not in ("plain", "digit", "set"):
            raise ValueError(
                f"The pattern '{pattern}' of order numbers has {said!r} where nothing can be counted: "
                "it goes after a letter, a digit, \\d or a set."
            )


def _near(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether only a sign or a blank stands between two parts."""
    gap = text[one.end() : other.start()]
    return 0 < len(gap) <= 3 and _GAP.fullmatch(gap) is not None
