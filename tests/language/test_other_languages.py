"""Other languages than English: harm, the request for a person, high-stakes topics, and what only sounds like them."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest

from warmline.core.features import TOPICS
from warmline.language import other_languages, read
from warmline.language.phrases import Phrases, folded

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ich möchte mit einem Menschen sprechen"),
        ("de", "kann ich bitte mit einem Mitarbeiter reden?"),
        ("de", "Verbinden Sie mich mit einem Berater"),
        ("de", "Mitarbeiter bitte"),
        ("de", "ich will einen echten Menschen"),
        ("de", "geben Sie mir Ihren Vorgesetzten"),
        ("de", "ich rede nicht mit einem Bot"),
        ("de", "Kein Bot bitte!"),
        ("de", "Können Sie mich an jemanden weiterleiten"),
        ("de", "ich brauche einen Ansprechpartner"),
        ("de", "Mensch!!"),
        ("de", "kann ich jemanden vom Kundenservice sprechen"),
        ("de", "gibt es hier auch echte Mitarbeiter?"),
        ("de", "moechte mit jemandem chatten"),
        ("fr", "Je veux parler à un humain"),
        ("fr", "puis-je parler à quelqu'un ?"),
        ("fr", "passez-moi un conseiller"),
        ("fr", "je souhaite être mis en relation avec un conseiller"),
        ("fr", "un vrai humain svp"),
        ("fr", "je ne veux pas parler à un robot"),
        ("fr", "conseiller"),
        ("fr", "Je voudrais parler au service client"),
        ("fr", "besoin d'un agent humain"),
        ("fr", "pouvez-vous me transférer à une vraie personne"),
        ("es", "quiero hablar con una persona"),
        ("es", "¿puedo hablar con un agente?"),
        ("es", "pásame con un humano"),
        ("es", "necesito un asesor"),
        ("es", "persona real por favor"),
        ("es", "no quiero hablar con un robot"),
        ("es", "comuníqueme con su supervisor"),
        ("es", "humano"),
        ("es", "hay alguien real ahí?"),
        ("es", "quiero hablar con atención al cliente"),
        ("pt", "quero falar com uma pessoa"),
        ("pt", "posso falar com um atendente?"),
        ("pt", "me passa para um humano"),
        ("pt", "preciso de um atendente"),
        ("pt", "não quero falar com um robô"),
        ("pt", "atendente"),
        ("pt", "pessoa de verdade por favor"),
        ("pt", "quero atendimento humano"),
        ("pt", "transfira para um operador"),
        ("pt", "gostaria de falar com alguém"),
        ("it", "voglio parlare con una persona"),
        ("it", "posso parlare con un operatore?"),
        ("it", "mi passi un operatore"),
        ("it", "vorrei un operatore umano"),
        ("it", "non voglio parlare con un robot"),
        ("it", "operatore"),
        ("it", "c'è qualcuno in carne e ossa?"),
        ("it", "parlare con qualcuno"),
        ("it", "mi metta in contatto con un responsabile"),
        ("it", "persona vera per favore"),
    ],
)
def test_a_request_for_a_person_is_heard_in_five_more_languages(language: str, text: str) -> None:
    """As it is written, and in capitals without accents, as it is typed in haste."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.upper()) if not unicodedata.combining(c))
    assert read(text).asks_person
    assert read(bare).asks_person


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ich will nicht mehr leben"),
        ("de", "ich möchte sterben"),
        ("de", "ich denke an Selbstmord"),
        ("de", "ich bringe mich um"),
        ("de", "ich werde mir etwas antun"),
        ("de", "Ich könnte mich umbringen"),
        ("de", "ich will mir das Leben nehmen"),
        ("de", "ich wäre besser tot"),
        ("fr", "je veux mourir"),
        ("fr", "je ne veux plus vivre"),
        ("fr", "j'ai envie de mourir"),
        ("fr", "je vais me suicider"),
        ("fr", "je pense à en finir avec la vie"),
        ("fr", "je vais me tuer"),
        ("fr", "je vais te tuer"),
        ("fr", "envie de me faire du mal"),
        ("es", "quiero morir"),
        ("es", "no quiero vivir más"),
        ("es", "me quiero suicidar"),
        ("es", "voy a matarme"),
        ("es", "pienso en quitarme la vida"),
        ("es", "no tengo ganas de vivir"),
        ("es", "voy a matarte"),
        ("es", "quiero hacerme daño"),
        ("pt", "quero morrer"),
        ("pt", "não quero mais viver"),
        ("pt", "vou me matar"),
        ("pt", "penso em suicídio"),
        ("pt", "vontade de morrer"),
        ("pt", "quero acabar com a minha vida"),
        ("pt", "não aguento mais viver"),
        ("pt", "quero me machucar"),
        ("it", "voglio morire"),
        ("it", "non voglio più vivere"),
        ("it", "voglio uccidermi"),
        ("it", "penso al suicidio, non ne posso più"),
        ("it", "voglio farla finita"),
        ("it", "ti ammazzo"),
        ("it", "voglio farmi del male"),
        ("it", "vorrei togliermi la vita"),
    ],
)
def test_words_of_harm_are_heard_in_five_more_languages(language: str, text: str) -> None:
    """Nobody in danger must first find out that the assistant speaks English."""
    assert read(text).crisis
    assert read(text).language == language
    assert read(text.upper() + "!!!").crisis


def test_who_is_heard_in_english_has_no_other_tongue() -> None:
    """The words for English are the plain ones of the rules."""
    assert read("I want to die").language == ""
    assert read("where is my order").language == ""


@pytest.mark.parametrize(
    "text",
    [
        "bist du ein Mensch?",
        "Ich habe gestern mit einem Mitarbeiter gesprochen",
        "spreche ich mit einem Menschen?",
        "wo ist meine Bestellung",
        "im Paket war ein Mensch ärgere dich nicht Spiel",
        "êtes-vous un humain ?",
        "j'ai déjà parlé à un conseiller hier",
        "où est ma commande pour deux personnes",
        "eres una persona?",
        "ya hablé con un agente",
        "¿estoy hablando con una persona?",
        "dónde está mi pedido",
        "você é uma pessoa?",
        "já falei com um atendente",
        "onde está meu pedido",
        "sei una persona?",
        "ho già parlato con un operatore",
        "dov'è il mio ordine",
        "è per una persona sola",
        "ist das für eine Person?",
        "une table pour une personne",
        "para una persona",
        "Ich kann ohne Kaffee nicht leben",
        "c'est à mourir de rire",
        "me muero de hambre",
        "muoio dal ridere",
        "das Leben ist schön",
        "quiero matar el tiempo",
        "un regalo per una persona speciale",
        "ich möchte das für meinen Chef bestellen",
        "ich schreibe wegen meiner Bestellung für unseren Mitarbeiter",
    ],
)
def test_what_only_sounds_like_it_is_none(text: str) -> None:
    """Asking whether it is a person, telling of one, figures of speech and plain questions."""
    found = read(text)
    assert (found.asks_person, found.crisis, found.topics) == (False, False, ())


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Mein Konto wurde gehackt", "fraud"),
        ("Sie haben mir das doppelt abgebucht", "billing_dispute"),
        ("Ich möchte eine Beschwerde einreichen", "complaint"),
        ("Das geht jetzt an meinen Anwalt", "legal"),
        ("das Ladegerät hat gebrannt", "danger"),
        ("ich möchte meinen Vertrag kündigen", "contract_change"),
        ("die Seite ist nicht erreichbar", "outage"),
        ("je n'ai pas fait cet achat", "fraud"),
        ("vous m'avez débité deux fois", "billing_dispute"),
        ("je vais contacter mon avocat", "legal"),
        ("je veux faire une réclamation", "complaint"),
        ("me robaron la cuenta", "fraud"),
        ("me han cobrado dos veces", "billing_dispute"),
        ("voy a llamar a mi abogado", "legal"),
        ("quiero poner una queja", "complaint"),
        ("não reconheço essa compra", "fraud"),
        ("fui cobrado duas vezes", "billing_dispute"),
        ("vou falar com meu advogado", "legal"),
        ("quero fazer uma reclamação", "complaint"),
        ("mi hanno rubato la carta", "fraud"),
        ("mi avete addebitato due volte", "billing_dispute"),
        ("sentirete il mio avvocato", "legal"),
        ("vorrei fare un reclamo", "complaint"),
    ],
)
def test_high_stakes_topics_are_named_in_five_more_languages(text: str, topic: str) -> None:
    """Under the names that escalation.yml knows."""
    assert topic in read(text).topics


def test_only_topics_that_rules_know_are_named() -> None:
    """And each of them can be named."""
    assert {name.partition(":")[2] for name in other_languages.GROUPS if name.startswith("topic:")} == set(TOPICS)


def test_thanks_and_swearing_are_heard() -> None:
    """The two that change a mood most."""
    assert read("Danke, das war's").thanks
    assert read("c'est de la merde").swearing


@pytest.mark.skipif(not SHARED.exists(), reason="the public data is not beside the repository")
def test_english_is_left_alone() -> None:
    """10,000 questions to a bank in English: not one phrase of another language in them."""
    phrases = Phrases(other_languages.GROUPS, other_languages.FILLERS)
    with (SHARED / "intents/banking77_train.csv").open(encoding="utf-8", newline="") as file:
        heard = [row["text"] for row in csv.DictReader(file) if phrases.find(folded(row["text"]))[1]]
    assert heard == []
