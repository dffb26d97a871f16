"""Answers to last questions, with what each question was about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from actions.verbs import BOOK, CANCEL, CHANGE, DELETE, END, SEND

ABOUT = (
    ("Shall I cancel order A1042", CANCEL, "order A1042 1 x Desk Lamp Oda"),
    ("Shall I cancel ", CANCEL, "order A1101 1 x Brass lamp 89.00 EUR"),
    ("Shall I end ", END, "the small Fern Box"),
    ("Shall I book the repair", BOOK, "a repair appointment on Tuesday, 8 December, 10:00 CET"),
    ("Shall I book a visit to our showroom on Monday 7", BOOK, "a showroom visit on Monday, 7 December, 10:00 CET"),
    ("Shall I book ", BOOK, "a visit to our showroom on Monday, 10:00 CET"),
    ("Shall I delete ", DELETE, ""),
    ("Shall I change your address to 12", CHANGE, "12 Mill Lane, Leeds"),
    ("Shall I change ", CHANGE, "6 Elm Road, York"),
    ("Shall I send ", SEND, "e-mail"),
    ("Shall I mail you", SEND, "return label e-mail address"),
    ("Shall I mail ", SEND, "address"),
)
"""How each question begins, the verbs of its act, and what it named."""
KINDS = {"consent": "yes", "refusal": "no", "reservation": None}


class Said(NamedTuple):
    """An answer, what it means (``yes``, ``no``, or None: ask again), and what the question was about."""

    text: str
    meant: str | None
    acts: frozenset[str]
    named: str


def load(files: Iterable[Path]) -> list[Said]:
    """The answers in *files*: JSON lines with ``kind`` (see KINDS; others are left out), ``question`` and ``text``."""
    found = []
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            if one["kind"] in KINDS:
                question = one.get("question") or one["context"]
                acts, named = next((acts, named) for begins, acts, named in ABOUT if begins in question)
                found.append(Said(one["text"], KINDS[one["kind"]], acts, named))
    return found
