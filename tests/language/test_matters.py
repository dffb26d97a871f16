"""What a text is about that a person should see: plain texts of each kind, and their look-alikes."""

from __future__ import annotations

import pytest

from warmline.language import embed, read
from warmline.language.matters import NONE, likely


def shares(text: str) -> dict[str, float]:
    return likely(text, embed([text])[0])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bereavement", "my brother is not with us any longer, what do I do with his subscription"),
        ("fraud", "the e-mail of my account was switched to one I never had"),
        ("danger", "sparks came out of the plug and my hand still tingles"),
        ("crisis", "I see no reason to go on living"),
        ("threat", "my ex must never find out where I have things sent"),
        ("hardship", "they let me go in march and I can't cover the rent, let alone this bill"),
        ("callback", "could one of you ring me on 0161 496 0123 after six"),
        ("asked", "enough typing, is there a real human I could have instead"),
    ],
)
def test_what_a_person_should_see_is_likely(kind: str, text: str) -> None:
    """In words that no phrase of ours has; the shares add up to one."""
    found = shares(text)
    assert sum(found.values()) == pytest.approx(1.0)
    assert max(found, key=found.__getitem__) == kind
    assert read(text).concern == pytest.approx(1.0 - found[NONE], abs=0.001)


@pytest.mark.parametrize(
    "text",
    [
        "my old lamp died, which bulb do I need",
        "that sale is fire, do you have the green one",
        "where is my order",
        "thank you, that was quick",
        "I would kill for a coffee while I wait, ha",
    ],
)
def test_look_alikes_are_unlikely(text: str) -> None:
    """Words alone alarm nobody."""
    assert shares(text)[NONE] > 0.5
    assert not read(text).topics


def test_without_an_embedding_nothing_is_claimed() -> None:
    """Words alone cannot tell a joke from a danger: the phrases decide then, as before."""
    assert likely("my husband died", None) == {}


def test_a_phrase_counts_when_one_sentence_means_it() -> None:
    """What the other sentences play down does not hide it."""
    assert "bereavement" in read("I am not in danger. My husband died. I only want that parcel not to come.").topics
