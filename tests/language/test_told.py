"""What is read of a talk between a customer and an agent, and of the agent's note."""

from __future__ import annotations

import pytest

from warmline.core.conversation import Author, Message
from warmline.core.fact_list import FactLine, FactList
from warmline.core.identifiers import Identifier
from warmline.language.told import told

ORDERS = Identifier("order_number", r"A\d{4}", "A1042")


def read(*lines: tuple[Author, str], note: str = "") -> dict[str, str]:
    messages = [Message("c_1", n, 1, 1.0, who, text, "Anna") for n, (who, text) in enumerate(lines, 1)]
    facts = told(messages, note, [ORDERS])
    assert not any(fact.verified for fact in facts)
    return {fact.name: fact.value for fact in facts}


def test_order_and_address_are_read_from_what_the_customer_told_the_agent() -> None:
    """The later word stands, and one that is ruled out does not."""
    found = read(
        ("customer", "it is about a1042"),
        ("customer", "no sorry, A1276, not A1042. Lena@Example.com, not mara@example.com"),
    )
    assert found == {"order_number": "A1276", "email": "lena@example.com"}


def test_bare_digits_are_a_number_when_the_agent_asked_for_it() -> None:
    """Alone they may be anything."""
    asked: tuple[Author, str] = ("agent", "What is your order number?")
    assert read(asked, ("customer", "it was 1276 I think")) == {"order_number": "A1276"}
    assert read(("customer", "I paid 1276 for it")) == {}


def test_the_agents_own_addresses_are_not_the_customers() -> None:
    """Who says where to write says nothing of who writes."""
    assert read(("agent", "Please write to returns@shop.example about A1276.")) == {"order_number": "A1276"}


def test_what_bot_and_system_said_is_not_read() -> None:
    """Only people tell."""
    assert (
        read(("bot", "It looks like A1042."), ("system", "Thank you. A colleague will answer at a@example.com.")) == {}
    )


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("It arrives on Monday.", "promised_delivery"),
        ("Good news: your parcel will be delivered on 30 November.", "promised_delivery"),
        ("Your refund will be on your card by Friday.", "promised_refund"),
        ("I will call you on Tuesday.", "promised_answer"),
        ("Es kommt am Montag.", "promised_delivery"),
        ("La livraison est prévue lundi.", "promised_delivery"),
        ("El reembolso llega el viernes.", "promised_delivery"),
        ("Llega el lunes.", "promised_delivery"),
        ("Chega na segunda.", "promised_delivery"),
        ("Arriva lunedì.", "promised_delivery"),
        ("It arrives tomorrow.", "promised"),
    ],
)
def test_an_agents_promise_is_repeated_as_it_was_said(said: str, name: str) -> None:
    """Word for word and with the agent's name; one that counts from today is not for later."""
    assert read(("agent", f"Hello. {said}"))[name] == f"Anna told you: “{said}”"


@pytest.mark.parametrize(
    "said", ["When should it arrive, Monday?", "I have it here.", "It left our house.", "It will arrive, I am sure."]
)
def test_what_names_no_time_or_asks_is_no_promise(said: str) -> None:
    """A question is not repeated, nor is a hope."""
    assert read(("agent", said)) == {}


def test_no_word_of_a_note_reaches_the_customer() -> None:
    """Of an internal note only an order number and the day of what is to come are taken."""
    note = "Difficult customer, ex-employee. A1276: arrives Monday, promised 20 EUR if he complains again."
    assert read(note=note) == {"order_number": "A1276", "promised_delivery": "Noted for the delivery: Monday."}


@pytest.mark.parametrize(
    "note", ["does not arrive monday", "was due Monday", "ordered on Monday", "call monday was rude"]
)
def test_a_day_in_a_note_that_promises_nothing_is_left(note: str) -> None:
    """Better nothing than a promise that nobody gave."""
    assert read(note=note) == {}


def test_what_the_agent_said_to_the_customer_goes_before_the_note() -> None:
    """The customer has heard it."""
    found = read(("agent", "It arrives on Monday."), note="arrives Tuesday")
    assert found == {"promised_delivery": "Anna told you: “It arrives on Monday.”"}


def test_without_a_form_no_identifier_is_known() -> None:
    """A project without numbers."""
    assert told([Message("c_1", 1, 1, 1.0, "customer", "A1042")], "", ()) == ()


def test_what_is_told_has_the_name_and_label_of_the_fact_it_fills() -> None:
    """As escalation.yml lists it; what no fact is filled by is left out."""
    listed = FactList(
        (
            FactLine("booking", "Booking", entity="booking_reference", subject=True),
            FactLine("promised", "Promised", key="text", promise="answer"),
        )
    )
    forms = [Identifier("booking_reference", r"BK-\d{6}"), Identifier("policy_number", r"\d{8}")]
    texts = ("booking is 204817, policy number 20481700, a@example.com",)
    messages = [Message("c_1", 1, 1, 1.0, "customer", text) for text in texts]
    messages.append(Message("c_1", 2, 1, 1.0, "agent", "I will call you on Monday.", "Anna"))
    assert [(fact.name, fact.label, fact.value, fact.role) for fact in told(messages, "", forms, listed)] == [
        ("booking", "Booking", "BK-204817", "subject"),
        ("promised.text", "Promised", "Anna told you: “I will call you on Monday.”", "promise"),
    ]
    plain = [(fact.name, fact.label, fact.value) for fact in told(messages[:1], "", forms)]
    assert plain == [
        ("booking_reference", "Booking reference", "BK-204817"),
        ("policy_number", "Policy number", "20481700"),
        ("email", "Email", "a@example.com"),
    ]


def test_an_agent_who_asks_for_one_number_is_not_answered_with_another() -> None:
    """Digits that were asked for are what was asked for; and what is ruled out by its own word is not."""
    forms = [Identifier("policy_number", r"P\d{5}"), Identifier("booking_reference", r"B\d{6}")]
    messages = [
        Message("c_1", 1, 1, 1.0, "agent", "What is your policy number?"),
        Message("c_1", 2, 1, 1.0, "customer", "20481"),
        Message("c_1", 3, 1, 1.0, "customer", "and it is not booking B204817"),
    ]
    assert [(fact.name, fact.value) for fact in told(messages, "", forms)] == [("policy_number", "P20481")]
