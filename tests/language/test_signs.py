"""A thumb answers a question; without one it is thanks."""

from __future__ import annotations

import pytest

from warmline.language.signs import in_words


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        ("👍", True, "yes"),
        ("👍🏾 👍🏾", True, "yes"),
        ("✅", True, "yes"),
        ("👎", True, "no"),
        ("👍", False, "thanks"),
        ("🙏", False, "thanks"),
        ("❤️", False, "thanks"),
        ("❤️", True, "thanks"),
        ("👍👎", True, "👍👎"),
        ("👎", False, "👎"),
        ("😡", True, "😡"),
        ("ok 👍", True, "ok 👍"),
        ("", True, ""),
    ],
)
def test_signs_in_words(text: str, asked: bool, said: str) -> None:
    """Anything but signs alone comes back as it is, and so do signs that are neither."""
    assert in_words(text, asked=asked) == said
