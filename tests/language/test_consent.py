"""A yes is only a yes: texts of another hand, none of whose reservations may count as one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from warmline.language.consent import consent

ACTS = {
    "cancel": ("cancel", "order"),
    "end": ("end", "box"),
    "book": ("book", "visit"),
    "delete": ("delete", "erase", "erasure", "data", "personal"),
    "change": ("change", "address"),
}
NAMED = {"book": "showroom visit on Monday, 10:00", "cancel": "order A1101", "change": "6 Elm Road, York"}


class Said(msgspec.Struct, frozen=True):
    kind: str
    question: str
    text: str


SAID = [
    msgspec.json.decode(line, type=Said)
    for line in (Path(__file__).parent / "consents.jsonl").read_text(encoding="utf-8").splitlines()
]


def heard(said: Said, intent: str = "", confidence: float = 0.0) -> str | None:
    """What *said* is taken for, to its own question."""
    act = next(verb for verb in ACTS if f"Shall I {verb} " in said.question)
    return consent(said.text, acts=ACTS[act], named=NAMED.get(act, ""), intent=intent, confidence=confidence)


@pytest.mark.parametrize("said", [one for one in SAID if one.kind == "reservation"], ids=lambda one: one.text[:40])
def test_a_reservation_is_no_consent(said: Said) -> None:
    """Whatever the classifier thinks of it, and however it begins."""
    assert heard(said) != "yes"
    assert heard(said, "affirm", 1.0) != "yes"


@pytest.mark.parametrize("said", [one for one in SAID if one.kind == "refusal"], ids=lambda one: one.text[:40])
def test_a_refusal_is_a_no(said: Said) -> None:
    """Without a look at the intent."""
    assert heard(said) == "no"


def test_plain_consents_are_understood() -> None:
    """In all registers; what is missed is asked again, which harms nobody."""
    plain = [one for one in SAID if one.kind == "consent"]
    assert sum(heard(one, "affirm", 0.95) == "yes" for one in plain) >= len(plain) - 2


@pytest.mark.parametrize(
    "text",
    [
        "ok forget it then",
        "ok never mind, i'll keep it",
        "yes but only one of the items",
        "ok then rather pause it",
        "cancel that",
        "?",
        "",
        "...",
        "thanks",
        "great",
        "yes?",
        "ok, thanks, but no",
        "oh great, lovely, yes",
        "if so, yes",
        "yes 10 in the evening right",
        "yes, on tuesday",
    ],
)
def test_what_is_no_plain_yes_is_not_taken_for_one(text: str) -> None:
    """Texts that were acted on once, and some that say too little."""
    assert consent(text, acts={"cancel", "order"}, named="order A1101", intent="affirm", confidence=1.0) != "yes"


@pytest.mark.parametrize("text", ["👍", "👍🏽", "✅", "👌 ok", "yesss", "OK!", "Ja, bitte", "sí, por favor", "/affirm"])
def test_signs_and_other_languages_say_yes(text: str) -> None:
    """A thumb of any skin, a stretched yes, a pressed button."""
    assert consent(text) == "yes"


@pytest.mark.parametrize("text", ["👎", "❌", "nein", "don't", "/deny", "leave it as it is please"])
def test_signs_and_other_languages_say_no(text: str) -> None:
    """And nothing is done then."""
    assert consent(text) == "no"
