"""Identifiers in a project's own form, in all the ways customers write them."""

from __future__ import annotations

import re

import pytest

from warmline.core.identifiers import Identifier, found_in


def order(pattern: str, example: str) -> Identifier:
    return Identifier("order_number", pattern, example, words=("order", "parcel", "bestellung"))


LONG = order(r"ORD-\d{4}-\d{5}", "ORD-2024-00017")
FIVE = order(r"#\d{5}", "#10023")
SIX = order(r"\d{6}", "204817")
EIGHT = order(r"\d{8}", "10002345")
OPEN = order(r"SO/\d{4}/\d{3}(-[A-Z])?", "SO/2024/118-X")
SMALL = order(r"ord_[a-z0-9]{8}", "ord_9f3a2b1c")
TWO = order(r"A\d{4}|\d{8}", "A1042")


@pytest.mark.parametrize(
    ("orders", "text", "values"),
    [
        (LONG, "where is ord 2024 00017", ["ORD-2024-00017"]),
        (LONG, "#ORD202400017, and ord-2024-00018.", ["ORD-2024-00017", "ORD-2024-00018"]),
        (LONG, "order 2024-00017", ["ORD-2024-00017"]),
        (LONG, "2024-00017", []),
        (LONG, "ORD-2024-0001", []),
        (LONG, "ORD-2024-000171", []),
        (FIVE, "10023", ["#10023"]),
        (FIVE, "no, 10024", ["#10024"]),
        (FIVE, "sorry, it's #10024 not #10023", ["#10024", "#10023"]),
        (FIVE, "Bestellung 10023", ["#10023"]),
        (FIVE, "5 High Street, 12345 Berlin", []),
        (FIVE, "I paid 10023 for it", []),
        (FIVE, "order 10023.50", []),
        (FIVE, "my phone: 017 10023", []),
        (SIX, "204817", []),
        (SIX, "order number is 204817", ["204817"]),
        (SIX, "the code is 204817", []),
        (EIGHT, "please cancel 1000 2345", ["10002345"]),
        (EIGHT, "ring me: 0171 10002345", []),
        (EIGHT, "€10002345", []),
        (OPEN, "so 2024 118 and SO2024118x", ["SO/2024/118", "SO/2024/118-X"]),
        (SMALL, "ORD 9F3A2B1C", ["ord_9f3a2b1c"]),
        (TWO, "a 1042, 10002345", ["A1042", "10002345"]),
        (LONG, "", []),
        (LONG, "🙂 ...", []),
    ],
)
def test_a_number_is_found_however_it_is_written(orders: Identifier, text: str, values: list[str]) -> None:
    """One spelling each, the shop's; what may be anything else is left alone."""
    found = orders.find(text)
    assert [one.value for one in found] == values
    assert all(re.search(r"\d", text[one.start : one.end]) for one in found)


@pytest.mark.parametrize(
    ("orders", "text", "value"),
    [
        (LONG, "it's 2024 00017 i think", "ORD-2024-00017"),
        (FIVE, "10023", "#10023"),
        (SIX, "204 817", "204817"),
        (FIVE, "the brown one", None),
        (FIVE, "10023 or 10024", None),
        (FIVE, "100233", None),
    ],
)
def test_an_answer_to_which_order_needs_no_more_than_the_number(
    orders: Identifier, text: str, value: str | None
) -> None:
    """When it was asked for, digits are the number; of two it is not guessed which."""
    assert orders.read(text) == value


@pytest.mark.parametrize(
    ("pattern", "example", "sentence"),
    [
        (r"\d+", "1", r"must say how many characters there are: \d{4} or \d{4,8} instead of '+'"),
        (r"\d{4,}", "1042", "must say how many"),
        ("A.\\d{4}", "A11042", "does not look like"),
        (r"(?=A)\d{4}", "1042", "holds '='"),
        (r"A\w{4}", "A1042", "holds"),
        ("[A-Z", "A", "holds '['"),
        (r"(A\d{4}", "A1042", "cannot be read"),
        ("(A-){2}", "A-A-", "nothing can be counted"),
        ("", "", "empty text"),
        (r"A?(\d{4})?", "A1042", "empty text"),
        (r"A\d{4}", "B1042", "The example 'B1042' does not look like"),
        (r"A\d{4}", "a1042", "The example 'a1042' does not look like"),
    ],
)
def test_a_pattern_of_no_use_is_refused_in_a_sentence(pattern: str, example: str, sentence: str) -> None:
    """What is wrong, and what may be written."""
    with pytest.raises(ValueError, match=re.escape(sentence)) as refused:
        Identifier("order_number", pattern, example)
    assert str(refused.value).endswith(".")


BOOKING = Identifier("booking_reference", r"BK-\d{6}", "BK-204817")
POLICY = Identifier("policy_number", r"\d{8}", "20481700")


@pytest.mark.parametrize(
    ("identifier", "text", "values"),
    [
        (BOOKING, "my booking is 204817", ["BK-204817"]),
        (BOOKING, "reference: bk 204817", ["BK-204817"]),
        (BOOKING, "the order 204817", []),
        (POLICY, "policy no. 2048 1700", ["20481700"]),
        (Identifier("pnr", r"\d{5}", "20481"), "pnr 20481 please", ["20481"]),
    ],
)
def test_the_words_of_the_entitys_name_announce_it(identifier: Identifier, text: str, values: list[str]) -> None:
    """Where the project gives no words of its own."""
    assert [one.value for one in identifier.find(text)] == values


def test_an_agent_who_asks_for_it_is_understood() -> None:
    """By the same words, and by "number" in whatever language."""
    assert BOOKING.asked_for("What is your booking reference?")
    assert BOOKING.asked_for("Wie ist die Nummer?")
    assert not BOOKING.asked_for("Any news about it?")


@pytest.mark.parametrize(
    ("pattern", "text", "values"),
    [
        (r"[A-Z]{2}\w+", "my plate is ab1234c, thanks", ["ab1234c"]),
        (r"\b[0-9]+\b", "I have 3 cats, and my number is 20481", ["20481"]),
        (r"[a-z]+", "only words here", []),
    ],
)
def test_another_regular_expression_is_used_as_it_stands(pattern: str, text: str, values: list[str]) -> None:
    """A bot that comes with regexes of its own: what is no identifier by its look is left alone."""
    found = Identifier("plate", pattern)
    assert found.plain
    assert [one.value for one in found.find(text)] == values


def test_of_two_forms_that_overlap_the_first_wins_and_all_come_in_their_order() -> None:
    """Each is what its own entity says."""
    found = found_in("BK-204817 and policy 20481700", [POLICY, BOOKING])
    assert [(entity, one.value) for entity, one in found] == [
        ("booking_reference", "BK-204817"),
        ("policy_number", "20481700"),
    ]
