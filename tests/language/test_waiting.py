"""What somebody who waits for a person wants to know."""

from __future__ import annotations

import pytest

from bot.language.waiting import said_while_waiting

WAIT = """
how long|How long will it take?|how long do i have to wait for an agent?|how much longer is the wait|are you still there
anyone?|anyone there??|hello?|hello|?|still waiting|i have been waiting for ages|when will someone reply
what's my position in the queue|how many people before me?|is anybody there|anybody out there
Wie lange dauert es noch?|Wie lange muss ich noch warten?|ist da noch jemand|Hallo?|wann kommt jemand
il y a quelqu'un ?|combien de temps dois-je attendre ?|vous êtes toujours là ?
hay alguien?|¿cuánto tiempo falta?|¿siguen ahí?|tem alguém aí?|quanto tempo|vocês ainda estão aí?
c'è qualcuno?|quanto tempo ci vuole|quanto devo aspettare ancora?
"""
MORE = """
A1276|my email is mara@example.com|how long does delivery take|how long is the warranty|wie lange habe ich Garantie
how long do refunds take|I've been waiting for 3 weeks for my parcel|do you ship to norway|can i return a lamp
where is my order|it is the blue one|combien de temps prend la livraison|cuánto cuesta el envío
quanto costa la spedizione
anyone can see that the lamp is broken
"""
COURTESY = (
    "ok|ok thanks|thank you so much|👍|danke|merci beaucoup|gracias|obrigada|grazie mille|no problem, take your time"
)


def each(lines: str) -> list[str]:
    return [text for line in lines.strip().splitlines() for text in line.split("|")]


@pytest.mark.parametrize("text", each(WAIT))
def test_a_question_about_the_waiting_is_heard(text: str) -> None:
    """In the six languages, and as people write who have waited."""
    assert said_while_waiting(text) == "wait"


@pytest.mark.parametrize("text", each(MORE))
def test_what_is_about_something_else_is_to_be_passed_on(text: str) -> None:
    """Though it asks how long."""
    assert said_while_waiting(text) == "more"


@pytest.mark.parametrize("text", each(COURTESY))
def test_a_courtesy_needs_no_answer(text: str) -> None:
    """A line to "ok" is noise."""
    assert said_while_waiting(text) == "courtesy"
