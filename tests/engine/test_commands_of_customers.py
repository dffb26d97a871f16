"""Whatever a customer types, Rasa reads words: never an intent, ``/restart`` or ``/back`` that somebody else wrote."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rasa.core.channels.channel import UserMessage
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from warmline.core.ask import customer_words

from .conftest import Conversation, Engine

HIDING = ["/", "\\", " ", "\t", "\n", "\r", "\x0b", "\x1c", "\x85", "\xa0", "\u2028", "\u3000", "\u200b", "\u2060"]
HIDING += ["\ufeff", "\u202e", "\u00ad", "\u034f", "\ufe0f", "\x00", "\u2215", "\uff0f"]
COMMANDS = ["restart", "back", "session_start", "ask_person", 'inform{"email": "mara@example.com"}', "hello@0.5", "x"]

hidden = st.tuples(st.lists(st.sampled_from(HIDING), max_size=12).map("".join), st.sampled_from(COMMANDS)).map("".join)
texts = st.one_of(st.text(max_size=40), hidden, st.tuples(hidden, st.text(max_size=20)).map("".join))


def is_command(text: str) -> bool:
    """
    Whether Rasa takes *text*, as it comes through its door, for a command. Without a domain it obeys any name, and it
    puts what it obeys into a new message.
    """
    message = Message({TEXT: UserMessage(text).text})
    return RegexMessageHandler().process([message])[0] is not message


def test_rasa_s_parser_obeys_what_the_property_is_about() -> None:
    """Else the property below would hold for nothing."""
    assert is_command("/restart")
    assert is_command('\xa0\t/inform{"email": "mara@example.com"}')
    assert not is_command("restart")


@given(texts)
@example("/ /restart")
@example("/\xa0/restart")
@example("\u200b/\u200b/back")
@settings(max_examples=2_000, deadline=None)
def test_no_text_of_a_customer_is_a_command(text: str) -> None:
    """Not the text, not what Rasa or anybody strips of it, and doing it again changes nothing."""
    words = customer_words(text)
    assert not is_command(words)
    assert words.strip()
    assert customer_words(words) == words
    assert not words.lstrip("".join(HIDING)[1:]).startswith("/")


@given(st.text(alphabet=st.characters(categories=["L", "N", "So", "Sc"]), min_size=1), st.text(max_size=20))
@settings(deadline=None)
def test_what_begins_with_a_letter_a_digit_or_an_emoji_is_left_as_it_is(start: str, rest: str) -> None:
    """Only its end is stripped, as Rasa does."""
    assert customer_words(start + rest) == (start + rest).rstrip()


@pytest.mark.engine
@pytest.mark.parametrize(
    "before", ["/", "//", "/ /", "\t/", "\xa0/", "/\xa0/", "/\u200b/", "\u200b/", "\\/", "/\ufeff\t/"]
)
@pytest.mark.parametrize("command", ["ask_person", "restart", "back", 'inform{"email": "mara@example.com"}'])
def test_a_hidden_command_is_answered_as_words(before: str, command: str, engine: Engine) -> None:
    """The engine answers; it does not obey with confidence 1.0, and no slot is filled out of it."""
    answer = Conversation(engine, f"command-{before!r}-{command}").say(before + command)
    assert answer["messages"]
    assert answer["analysis"]["confidence"] < 1.0


@pytest.mark.engine
@pytest.mark.parametrize("text", ["/", "///", "/foo", '/inform{"x"', "\u200b", " ", "\xa0/\t"])
def test_nothing_but_slashes_is_answered_too(text: str, engine: Engine) -> None:
    """A refusal would cost the customer the assistant."""
    assert Conversation(engine, f"slashes-{text!r}").say(text)["messages"]


@pytest.mark.engine
def test_a_command_in_the_second_half_of_a_message_is_not_offered(engine: Engine) -> None:
    """The halves of a message are read one by one: the second does not begin with a command either."""
    talk = Conversation(engine, "command-in-half")
    answer: Any = talk.say('where is my order? /cancel_order{"x": "can i"} can i')
    assert answer["memory"] is not None
    assert "/cancel_order" not in str([message["buttons"] for message in answer["messages"]])


@pytest.mark.engine
def test_a_button_s_payload_is_still_obeyed(engine: Engine) -> None:
    """The bridge took it from its own log."""
    answer = Conversation(engine, "payload").say("Talk to a person", "/warmline_ask_person")
    assert (answer["analysis"]["intent"], answer["analysis"]["confidence"]) == ("warmline_ask_person", 1.0)
    assert answer["decision"]
