"""Order numbers in a shop's own format, in all the ways customers write them."""

from __future__ import annotations

import re

import pytest

from warmline.core.order_number import OrderNumbers

LONG = OrderNumbers(r"ORD-\d{4}-\d{5}", "ORD-2024-00017")
FIVE = OrderNumbers(r"#\d{5}", "#10023")
SIX = OrderNumbers(r"\d{6}", "204817")
EIGHT = OrderNumbers(r"\d{8}", "10002345")
OPEN = OrderNumbers(r"SO/\d{4}/\d{3}(-[A-Z])?", "SO/2024/118-X")
SMALL = OrderNumbers(r"ord_[a-z0-9]{8}", "ord_9f3a2b1c")
TWO = OrderNumbers(r"A\d{4}|\d{8}", "A1042")


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
def test_a_number_is_found_however_it_is_written(orders: OrderNumbers, text: str, values: list[str]) -> None:
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
    orders: OrderNumbers, text: str, value: str | None
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
        OrderNumbers(pattern, example)
    assert str(refused.value).endswith(".")
