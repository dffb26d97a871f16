"""What in a real message looks like it belongs to one person: shown before it is written into training data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from warmline.core.addresses import EMAIL

NUMBER = re.compile(r"(?<!\w)(?:\+?\d[\d ()/.-]{3,20}\d|(?=[\w-]*\d)[\w-]{3,34})(?!\w)")
"""A telephone number in groups, or a word of three letters or more with a digit in it: the number of an account."""
LINK = re.compile(r"https?://\S{1,200}", re.IGNORECASE)
STAND_INS = {"e-mail address": "someone@example.com", "link": "https://example.com", "name": "Alex"}
SHORTEST_NAME = 3


class Personal(msgspec.Struct, frozen=True):
    """*text* as it stands in the message, what it looks like (*kind*), and something that could stand there instead."""

    kind: str
    text: str
    stand_in: str


def find(message: str, names: Iterable[str] = ()) -> tuple[Personal, ...]:
    """
    What looks personal in *message*, each once, in its order: addresses, links, numbers, and the words of *names*, the
    customer's. It finds by form: a name that nobody told us is not found.
    """
    taken: list[tuple[int, int, str]] = []
    said = [re.escape(word) for name in names for word in name.split() if len(word) >= SHORTEST_NAME]
    kinds = [("e-mail address", EMAIL), ("link", LINK), ("number", NUMBER)]
    if said:
        kinds.append(("name", re.compile(rf"(?<!\w)(?:{'|'.join(said)})(?!\w)", re.IGNORECASE)))
    for kind, pattern in kinds:
        for found in pattern.finditer(message):
            if all(found.end() <= start or found.start() >= end for start, end, _ in taken):
                taken.append((found.start(), found.end(), kind))
    seen = {message[start:end]: kind for start, end, kind in sorted(taken)}
    return tuple(Personal(kind, text, STAND_INS.get(kind) or _other_digits(text)) for text, kind in seen.items())


def replaced(message: str, instead: Mapping[str, str]) -> str:
    """*message* with each key of *instead* replaced by its value, the longest key first."""
    for old in sorted(instead, key=len, reverse=True):
        message = message.replace(old, instead[old])
    return message


def _other_digits(number: str) -> str:
    """A number of the same shape: 1, 2, 3 and so on in the place of its digits."""
    digits = 0

    def next_digit(_found: re.Match[str]) -> str:
        nonlocal digits
        digits += 1
        return str(digits % 10)

    other = re.sub(r"\d", next_digit, number)
    return other if other != number else re.sub(r"\d", "5", number)
