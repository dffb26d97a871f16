"""What somebody who waits for a person wants to know."""

from __future__ import annotations

import pytest

from warmline.language.waiting import said_in, said_while_waiting

WAIT = """
how long|How long will it take?|how long do i have to wait for an agent?|how much longer is the wait
are you still there
anyone?|anyone there??|hello?|hello|?|still waiting|i have been waiting for ages|when will someone reply
what's my position in the queue|how many people before me?|is anybody there|anybody out there
Wie lange dauert es noch?|Wie lange muss ich noch warten?|ist da noch jemand|Hallo?|wann kommt jemand
il y a quelqu'un ?|combien de temps dois-je attendre ?|vous êtes toujours là ?
hay alguien?|¿cuánto tiempo falta?|¿siguen ahí?|tem alguém aí?|quanto tempo|vocês ainda estão aí?
c'è qualcuno?|quanto tempo ci vuole|quanto devo aspettare ancora?
when will they call|is anybody reading this?|is anybody doing something|liest das jemand?|¿alguien lee esto?
Am I to understand that nobody is reading this? I require confirmation that the withdrawal was received.
"""
MORE = """
are you kidding me
A1276|my email is mara@example.com|I've been waiting for 3 weeks for my parcel|it is the blue one
anyone can see that the lamp is broken|don't send me back to the bot|no thanks, I need a person
i talk with the bot all day and it is useless|i did not get my parcel|it never arrived
"""
QUESTION = """
how long does delivery take|how long is the warranty|wie lange habe ich Garantie?|how long do refunds take
do you ship to norway
can i return a lamp|where is my order|combien de temps prend la livraison ?|¿cuánto cuesta el envío?
quanto costa la spedizione?|photo is ready, where do i send it|vase from A1122, shall I send the photo here?
what do I do NOW? they can still order things|have you received my return?|has my refund arrived?
"""
OPEN = """
do you still have my order number|how do i know you got this?|do you have my message
is my request still open?|is it still open|did you get my message|have you read my message?|did anyone see that?
ist meine Anfrage noch offen?|ma demande est-elle toujours ouverte ?|la mia richiesta è ancora aperta?
did you get my photo
"""
NUMBER = """
did you get my number?|do you have my number?|haben Sie meine Nummer?
did my phone number arrive with you?|have you noted my number|haben Sie meine Nummer notiert?
avez-vous noté mon numéro ?|¿han recibido mi número?|avete ricevuto il mio numero?
"""
ADDRESS = """
did you get my address?|Did you get my mail address? Is anybody doing something?|have you got my email
haben Sie meine E-Mail erhalten?|avez-vous bien reçu mon adresse ?|receberam o meu e-mail?
"""
BACK = """
back to the bot please|urgent? it's just bulbs lol. no need, back to the bot please|I'd rather talk to the bot
can i go on with the assistant|give me the bot|zurück zum Bot bitte|lieber weiter mit dem Assistenten
retour à l'assistant|volver al bot|voltar ao assistente|tornare al bot
"""
LEAVING = (
    "ok forget it, bye|so a machine. ok. bye|never mind|no need anymore"
    "|vergessen Sie es|laissez tomber|tchau|arrivederci"
)
COURTESY = "ok|👍|no problem, take your time|alles klar"
THANKS = "ok thanks|thank you so much|danke|merci beaucoup|gracias|obrigada|grazie mille"


def each(lines: str) -> list[str]:
    return [text for line in lines.strip().splitlines() for text in line.split("|")]


@pytest.mark.parametrize("text", each(WAIT))
def test_a_question_about_the_waiting_is_heard(text: str) -> None:
    """In the six languages, and as people write who have waited."""
    assert said_while_waiting(text) == "wait"


WHO = """
are you a person reading this?|is this a bot?|am i talking to a robot or a human|is this automated|Sind Sie ein Mensch?
"""
ALL = {
    "who": WHO,
    "more": MORE,
    "question": QUESTION,
    "open": OPEN,
    "number": NUMBER,
    "address": ADDRESS,
    "back": BACK,
    "leaving": LEAVING,
    "courtesy": COURTESY,
    "thanks": THANKS,
}


@pytest.mark.parametrize(("said", "text"), [(said, text) for said, lines in ALL.items() for text in each(lines)])
def test_what_somebody_who_waits_wants_is_told_apart(said: str, text: str) -> None:
    """So that each gets the word that fits."""
    assert said_while_waiting(text) == said


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (("so i have", "that lamp", "ok"), "more"),
        (("do you ship", "to norway?"), "question"),
        (("how long?", "ok"), "wait"),
        (("ok", "thanks"), "thanks"),
    ],
)
def test_a_thought_in_pieces_is_read_as_one(texts: tuple[str, ...], said: str) -> None:
    """The piece that wants something says what the whole wants."""
    assert said_in(texts) == said
