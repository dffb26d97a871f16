"""What is known, from slots: as escalation.yml lists it, or every slot that was filled."""

from __future__ import annotations

from typing import Any

import pytest

from warmline.core.conversation import Fact
from warmline.core.fact_list import FactLine, FactList, FactsMistake, checked
from warmline.core.facts import MAX_FACTS, MAX_VALUE_CHARS, for_customer, in_words, known, subject

LISTED = FactList(
    checked(
        (
            FactLine("warmline_identity", "Name", key="name", verified=True),
            FactLine("email", "E-mail", verified="warmline_identity.email", words="your address {value}"),
            FactLine("booking", verified="found.number", subject=True, words="your booking {value}"),
            FactLine("found", "State", key="state", of="booking", verified="always", words="{value}"),
            FactLine("deeds", "Done here", verified="always", done=True),
        )
    )
)
PROVED = {
    "warmline_identity": {"name": "Mara", "email": "a@example.com"},
    "email": "a@example.com",
    "booking": "BK-1",
    "found": {"number": "BK-1", "state": "paid"},
    "deeds": ["sent it", "moved it"],
    "not_listed": "x",
}


def shown(facts: tuple[Fact, ...]) -> dict[str, str]:
    return {fact.label: fact.value for fact in facts}


def test_the_list_says_what_is_shown_in_which_order_and_what_is_verified() -> None:
    """And nothing else is."""
    facts = known(LISTED, PROVED)
    assert list(shown(facts).items()) == [
        ("Name", "Mara"),
        ("E-mail", "a@example.com"),
        ("Booking", "BK-1"),
        ("State", "paid"),
        ("Done here", "sent it; moved it"),
    ]
    assert all(fact.verified for fact in facts)
    assert [fact.role for fact in facts] == ["", "", "subject", "", "done"]
    assert subject(facts) == "BK-1"


def test_what_was_only_told_is_not_verified_and_what_is_said_of_another_number_is_not_shown() -> None:
    """An address the customer typed is told to be unproved; the state of the first booking says nothing of the next."""
    facts = {fact.name: fact for fact in known(LISTED, {**PROVED, "booking": "BK-2", "email": "b@example.com"})}
    assert not facts["booking"].verified
    assert not facts["email"].verified
    assert "found.state" not in facts
    assert known(LISTED, {"found": PROVED["found"]}) == ()


def test_a_fact_about_one_that_is_never_proved_is_shown_with_it() -> None:
    """There is nothing that could say otherwise."""
    listed = FactList(checked((FactLine("pet"), FactLine("age", of="pet"))))
    assert shown(known(listed, {"pet": "a cat", "age": 3})) == {"Pet": "a cat", "Age": "3"}
    assert known(listed, {"age": 3}) == ()


def test_without_a_list_every_slot_that_was_filled_is_shown_in_words_and_none_is_verified() -> None:
    """Except Warmline's own, Rasa's, what is only being asked, and what was there before anybody wrote."""
    slots: dict[str, Any] = {
        "requested_slot": "size",
        "session_started_metadata": {"a": 1},
        "warmline_mood": {"value": 0.2},
        "confirm": "yes",
        "cuisine": "italian",
        "num_people": 6.0,
        "outdoor_seating": False,
        "preferences": None,
        "toppings": ["ham", "basil"],
        "address": {"street_name": "Rosenkrantz gate", "city": "Oslo", "floor": None},
        "locale": "en",
    }
    facts = known(FactList(forget=("confirm",)), slots, {"locale": "en"})
    assert shown(facts) == {
        "Cuisine": "italian",
        "Num people": "6",
        "Outdoor seating": "no",
        "Toppings": "ham; basil",
        "Address": "street name: Rosenkrantz gate, city: Oslo",
    }
    assert not any(fact.verified or fact.role for fact in facts)
    assert known(FactList(()), slots) == ()


def test_whole_answers_of_other_systems_are_cut_to_a_line() -> None:
    """Some bots keep such things in slots."""
    deep: Any = "x"
    for _ in range(50):
        deep = {"in": [deep]}
    facts = known(FactList(), {"a": "x" * 5000, "b": deep, "c": list(range(5000)), "d": " two\n lines "})
    assert all(len(fact.value) <= MAX_VALUE_CHARS for fact in facts)
    assert facts[3].value == "two lines"
    assert len(known(FactList(), {f"s{n}": n for n in range(100)})) == MAX_FACTS
    assert [in_words(nothing) for nothing in (None, "", " ", [], {}, {"a": None})] == [""] * 6


def test_the_customer_reads_the_same_facts() -> None:
    """In the words of the list, with what is said of one in brackets behind it."""
    assert for_customer(known(LISTED, PROVED), LISTED) == (
        "Name: Mara, your address a@example.com, your booking BK-1 (paid), Done here: sent it; moved it"
    )
    assert for_customer(known(FactList(), {"cuisine": "{value}"}), FactList()) == "Cuisine: {value}"


@pytest.mark.parametrize(
    ("lines", "index", "key"),
    [
        ((FactLine(" "),), 0, "slot"),
        ((FactLine("a"), FactLine("a")), 1, "slot"),
        ((FactLine("a", key="b"), FactLine("a", key="b")), 1, "key"),
        ((FactLine("a", subject=True), FactLine("b", subject=True)), 1, "subject"),
        ((FactLine("a", done=True), FactLine("b", done=True)), 1, "done"),
        ((FactLine("a", promise="answer"), FactLine("b", promise="answer")), 1, "promise"),
        ((FactLine("a", of="b"),), 0, "of"),
        ((FactLine("a", of="a"),), 0, "of"),
        ((FactLine("a"), FactLine("b", of="a"), FactLine("c", of="b")), 2, "of"),
        ((FactLine("a", words="it"),), 0, "words"),
        ((FactLine("a", verified=" "),), 0, "verified"),
    ],
)
def test_a_list_of_no_use_is_refused_with_the_place(lines: tuple[FactLine, ...], index: int, key: str) -> None:
    """Which line, and which word of it."""
    with pytest.raises(FactsMistake) as refused:
        checked(lines)
    assert (refused.value.index, refused.value.key) == (index, key)
