"""What a customer leaves to be answered at."""

from __future__ import annotations

import pytest

from bot.core.contact import contact
from bot.core.errors import NotAContact


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
