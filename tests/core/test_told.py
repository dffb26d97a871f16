"""What was told to a person, beside what the bot knows."""

from __future__ import annotations

from warmline.core.conversation import Fact
from warmline.core.told import with_told
from warmline.core.wording import handed_back

NUMBER = Fact("order_number", "Order", "A1042", verified=True, role="subject")
STATE = Fact("order.state", "Order state", "on its way", verified=True, of="order_number")
PROVED = Fact("email", "E-mail", "mara@example.com", verified=True)
PROMISE = Fact("promised.text", "Promised", "Anna told you: “It arrives on Monday.”", role="promise")


def test_another_order_takes_the_place_of_the_one_before_with_all_that_was_said_of_it() -> None:
    """The state of the first order says nothing of the second."""
    told = Fact("order_number", "Order", "A1276", role="subject")
    assert with_told((PROVED, NUMBER, STATE), (told,)) == (PROVED, told)


def test_the_same_order_stays_verified() -> None:
    """That the customer names it again takes nothing away."""
    assert with_told((NUMBER, STATE), (Fact("order_number", "Order", "A1042", role="subject"),)) == (NUMBER, STATE)


def test_an_address_that_was_told_takes_the_place_of_a_proved_one_and_is_not_proved() -> None:
    """As when it is told to the bot; the same address stays proved."""
    told = Fact("email", "E-mail", "lena@example.com")
    assert with_told((PROVED, NUMBER), (told,)) == (told, NUMBER)
    assert with_told((PROVED,), (Fact("email", "E-mail", "mara@example.com"),)) == (PROVED,)


def test_the_line_of_the_hand_back_names_the_order_and_repeats_what_was_promised_now() -> None:
    """As a sentence of its own, before the question; a promise of an earlier hand-back is not said again."""
    told = (Fact("order_number", "Order", "A1276", role="subject"), PROMISE)
    facts = with_told((NUMBER,), told)
    assert handed_back("Anna", facts, told) == (
        "Anna has left. I'm the assistant again, an AI; I know about A1276. Anna told you: “It arrives on Monday.” "
        "What else can I do?"
    )
    assert handed_back("Ben", facts) == (
        "Ben has left. I'm the assistant again, an AI; I know about A1276. What else can I do?"
    )
