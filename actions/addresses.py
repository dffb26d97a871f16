"""
A postal address in a customer's sentence: only the address is taken, not what is said around it.

Pure. An address has a house number, a postcode and a place. What stands before it ("no, only", "change it to") and
after it ("but first tell me ...") is found by the words that begin and end it, and is cut only while a whole address is
left.
"""

from __future__ import annotations

import re

MAX_ADDRESS_CHARS = 200
MAX_SENTENCES = 12
"""A longer text is a letter; its address is asked for again."""
_POSTCODE = re.compile(
    r"\b([A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|\d{4,5}(-\d{4})?|\d{4}\s?[A-Z]{2}|\d{2}-\d{3}|[A-Z]\d[\dW]\s(?=[A-Z]*\d)[A-Z\d]{4})\b",
    re.IGNORECASE,
)
_HOUSE = re.compile(
    r"(?<![\w-])\d{1,5}[a-z]?(?![\w-])|(?<![\w-])\d{1,4}[a-z]?[/-]\d{1,4}[a-z]?(?![\w-])", re.IGNORECASE
)
"""A house number: digits of their own, unlike those of an order number."""
_EMAIL = re.compile(r"\S+@\S+\.[a-z]{2,24}\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?;])(?<!\bul\.)(?<!\bal\.)(?<!\bpl\.)(?<!\bos\.)\s+|\s+[-–—]\s+(?=[a-z])")
_CONTRAST = re.compile(r"(?:^|[,;.]?\s+)((?:but\s+|and\s+)?(?:not|instead of|rather than)|but)\s+", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:to|is it|is|are|it'?s|its|that'?s|be|was|addres+|adres+|only|just|no|nope|yes|yeah|ok|okay|sorry|mean|meant|"
    r"use|at|in|instead|back|there|here|please|pls|thanks|thx|hi|hello|actually|rather|now|one|correct|wrong|so)\b[\s,:;.!?-]*"
    r"|[:=]\s*",
    re.IGNORECASE,
)
"""What an address follows."""
_AFTER = re.compile(
    r"[,;.!?]?\s+(?:please|pls|plz|thanks|thank you|thx|cheers|because|since|as of|from|now|instead|if|so|"
    r"(?:and )?(?:his|her|their|its|my) (?:name|e?-?mail)|e?-?mail|but|first|"
    r"until|till|starting|can you|could you|would you|will you|can i|could i|i|we|you|they|it|that|this|what|when|"
    r"where|"
    r"how|which|who|why|is|are|do|does|did|not|for (?:my|all|the|this|next|every|now|me|future)|tell|and (?:also|then|"
    r"please|can|could|i|we|my|the|a|what|when|how|tell|send|cancel|change|it|that|this|not|don'?t))\b",
    re.IGNORECASE,
)
"""What an address ends before."""
_EDGES = " \t,.;:!?-–—\"'“”"


def find_address(text: str) -> str | None:
    """The address in *text* in one line, one that is not refused ("not X but Y"); None when there is none."""
    line = _EMAIL.sub(" ", " ".join(text.split()))
    if "@" in line or "<" in line:
        return None
    return next((one for one in map(_stripped, _parts(line)) if one), None)


def _parts(line: str) -> list[str]:
    """Pieces of *line* in which an address may lie, the likeliest first: each sentence, then neighbours together."""
    sentences = [one for one in _SENTENCE_END.split(line) if one][:MAX_SENTENCES]
    found: list[str] = []
    for length in range(1, len(sentences) + 1):
        for start in range(len(sentences) - length + 1):
            first, *others = _CONTRAST.split(" ".join(sentences[start : start + length]))
            found.append(first)
            found += [piece for how, piece in zip(others[::2], others[1::2], strict=True) if how.lower() == "but"]
    return found


def _stripped(part: str) -> str | None:
    """The address in *part* without what is said before and after it; None when there is none."""
    if not is_address(part):
        return None
    for before in reversed(list(_BEFORE.finditer(part))):
        if is_address(part[before.end() :]):
            part = part[before.end() :]
            break
    for after in _AFTER.finditer(part):
        if is_address(part[: after.start()]):
            part = part[: after.start()]
            break
    line = part.strip(_EDGES)
    return line if len(line) <= MAX_ADDRESS_CHARS else None


def is_address(line: str) -> bool:
    """Whether *line* holds a house number, a postcode and a street or place of two words or more."""
    for found in _POSTCODE.finditer(line):
        rest = line[: found.start()] + " , " + line[found.end() :]
        if _HOUSE.search(rest) and len(re.findall(r"[^\W\d_]{2,}", rest)) >= 2:
            return True
    return False
