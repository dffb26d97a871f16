"""What a customer leaves to be answered at."""

from __future__ import annotations

import pytest

from warmline.core.contact import contact, contact_in, with_contact
from warmline.core.errors import NotAContact


@pytest.mark.parametrize(
    "text",
    [
        *("mara@example.com", "  m.k+shop@mail.example.co.uk ", "o'neil@example.ie", "käthe@müller.example"),
        *("x@xn--mller-kva.example", "+49 30 1234567", "030 / 123 45 67", "(555) 010-9999", "0049-30-123456"),
    ],
)
def test_an_address_or_a_number_is_kept_without_its_blank_ends(text: str) -> None:
    """Of any script, any usual way of writing."""
    assert contact(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "asdf",
            "mara@example",
            "mara@@example.com",
            "<script>",
            "mara@example..com",
            ".m@example.com",
            "m.@example.com",
        ),
        *("@example.com", "mara@", "mara@-x.com", "mara@x.c", "a b@example.com", "mara@1.2.3.4", "mara@exam_ple.com"),
        *("x" * 65 + "@example.com", "12345", "1" * 16, "call me", "---------", "mara@example.com, or ben@example.com"),
        *("m\n@example.com", "++4930123456", "٠١٢٣٤٥٦٧"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    """Nobody must be promised an answer there."""
    with pytest.raises(NotAContact, match="check it and try again") as wrong:
        contact(text)
    assert wrong.value.code == "not_a_contact"


GIVEN = {
    "my email is piotr.zielinski@example.com": "piotr.zielinski@example.com",
    "marta.nowak@example.com so they can write me": "marta.nowak@example.com",
    "My address for correspondence is kanzlei@example.com": "kanzlei@example.com",
    "Chloe.Martin@example.com, A1122. I want a new one not money": "chloe.martin@example.com",
    "not old@example.com but new@example.com": "new@example.com",
    "new mail is new@example.com, old one old@example.com": "new@example.com",
    "no, my address is mara@example.com": "mara@example.com",
    "ok the number again 0151 2345678, please after 5 pm": "0151 2345678",
    "have you got 0151 2345678 noted": "0151 2345678",
    "meine Nummer ist 0151/2345678": "0151/2345678",
    "please call 555-123-4567": "555-123-4567",
    "+49 (0)151 2345678": "+49 (0)151 2345678",
    "my mail is a@example.com, phone +44 20 7946 0958": "a@example.com, +44 20 7946 0958",
}
NOT_GIVEN = (
    *("they changed my address to evil@example.com", "they changed it to evil@example.com", "he uses tom@example.com"),
    *("I wrote to help@shop.example", "I got a mail from noreply@shop.example", "not mara@example.com"),
    *("order number 0738123", "my card is 4111 1111 1111 1111", "on 01.12.2026", "2026-12-01", "the code is 073772"),
    *("the tracking number is 00340434161094042557", "Lipowa 4, 00-316 Warszawa", "call me at 5 pm", "I paid 120.50"),
    *("A1206", "invoice 0049301234", "73772", "", "@" * 5_000, "0" * 5_000),
)


@pytest.mark.parametrize(("text", "given"), GIVEN.items())
def test_an_address_or_a_number_in_a_sentence_is_found(text: str, given: str) -> None:
    """As people write it, and in a form that can be left."""
    assert contact_in(text) == given
    assert contact(given) == given


@pytest.mark.parametrize("text", NOT_GIVEN)
def test_what_is_no_contact_or_somebody_elses_is_not_found(text: str) -> None:
    """An answer sent to a thief's address tells the thief."""
    assert contact_in(text) == ""


def test_of_each_kind_the_later_one_stands() -> None:
    """And the other kind stays."""
    both = with_contact(with_contact(None, "a@example.com"), "0151 2345678")
    assert both == "a@example.com, 0151 2345678"
    assert with_contact(both, "b@example.com") == "b@example.com, 0151 2345678"
    assert with_contact("0151 2345678", "0160 1234567") == "0160 1234567"


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("it was sam@example.com but they changed it, dont mail there! reach me at 0171 5559080", "0171 5559080"),
        ("sam@example.com is mine, he reads that one though", ""),
        ("not sam@example.com, write to sam.new@example.org instead", "sam.new@example.org"),
    ],
)
def test_an_address_that_somebody_else_reads_is_none(text: str, given: str) -> None:
    """Ruled out after it, too: an answer there would go to the thief."""
    assert contact_in(text) == given
