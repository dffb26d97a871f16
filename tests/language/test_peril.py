"""Danger in the words of somebody who waits."""

from __future__ import annotations

import pytest

from warmline.language.peril import peril

CLEAR = """
now its sparking a bit lol, unplugged|my throat hurts from the smoke|is anybody reading this? my throat still hurts
my hand hurts a bit from the spark|there is smoke|i got an electric shock
I burnt my hand|my eyes hurt from the fumes
es raucht immer noch|es riecht verbrannt|il y a de la fumée|ça sent le brûlé|sale humo|huele a quemado
está saindo fumaça
esce fumo dalla lampada|sento puzza di bruciato
"""
HARMLESS = """
sparkling water glasses|do you sell smoke detectors|a smoked glass lamp|it doesn't spark any more|no smoke any more
i got a shock when i saw the bill|sparks of joy|it is bleeding money|the spark plug|my card was burned|is it urgent?
can i return a burning candle|the candle smells of smoke|gibt es die Lampe auch in schwarz|the lamp is burning nicely
I'm burning with anger|the price was a shock|is there a fire place set|hot water bottle
es brennt nichts, keine Sorge|there was no fire, only a strange smell of new plastic|I burned my dinner again
"""
AFTER_DANGER = "it still gets hot|i feel dizzy|mir ist schwindelig|j'ai mal à la tête|me duele la cabeza"
AFTER_HARM = (
    "yeah do it, whatever. nothing matters|nobody would miss me|ich kann nicht mehr|no puedo más|i feel so alone"
)


def each(lines: str) -> list[str]:
    return [text for line in lines.strip().splitlines() for text in line.split("|")]


@pytest.mark.parametrize("text", each(CLEAR))
def test_clear_words_of_danger_are_heard_whatever_somebody_waits_for(text: str) -> None:
    """In the six languages."""
    assert peril(text, "asked")[0] == "danger"


@pytest.mark.parametrize("text", each(HARMLESS))
def test_words_that_only_look_like_danger_alarm_nobody(text: str) -> None:
    """A false alarm takes somebody else's place."""
    assert peril(text, "asked") == ("", "")


@pytest.mark.parametrize(
    ("text", "waits_for"),
    [(text, "danger") for text in each(AFTER_DANGER)] + [(text, "crisis") for text in each(AFTER_HARM)],
)
def test_fainter_words_are_heard_from_whoever_waits_because_of_such_a_thing(text: str, waits_for: str) -> None:
    """And from nobody else."""
    assert peril(text, waits_for)[0] == waits_for
    assert peril(text, "asked") == ("", "")


def test_the_language_it_was_heard_in_is_told() -> None:
    """So that the warning is in it."""
    assert peril("es raucht") == ("danger", "de")
    assert peril("it smells of burning plastic") == ("danger", "")
