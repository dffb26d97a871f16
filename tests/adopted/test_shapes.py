"""What is particular about each of the five bots."""

from typing import Any

import pytest

from .conftest import PASSES_ON
from .test_adopted import text_of

pytestmark = pytest.mark.engine

NOT_THEIRS = ["tell me a joke", "do you like music", "how old are you", "are you married"]
"""For the library: an intent without a rule."""


def buttons(answer: "dict[str, Any]") -> "dict[str, str]":
    return {button["title"]: button["payload"] for button in answer["messages"][-1]["buttons"]}


def test_a_default_fallback_counts_as_not_understood(bots: Any) -> None:
    """Rasa takes the turn back afterwards; mood, intent and the next turn are there all the same."""
    talk = bots("library").talk()
    talk.say("hello")
    for said in NOT_THEIRS[:2]:
        answer = talk.say(said)
        assert "I did not get that" in text_of(answer)
        assert answer["analysis"]["outcome"] == "unsure"
    answer = talk.say("my card is gone")
    assert answer["analysis"]["outcome"] == "answered"
    assert text_of(answer) == "Report a lost card: https://library.example/lost-card"


def test_what_a_bot_shows_is_said(bots: Any) -> None:
    """The link behind a button that opens a page."""
    answer = bots("library").talk().say("can I keep my book longer")
    assert "My account: https://library.example/account" in text_of(answer)
    assert answer["messages"][0]["buttons"] == []


def test_enough_fallbacks_bring_a_person(bots: Any) -> None:
    """The rules count what the bot did not understand, though none of its responses says so to Warmline."""
    talk = bots("library").talk()
    decisions = [talk.say(said)["decision"] for said in NOT_THEIRS]
    assert any(decision and decision["cause"] == "failure" for decision in decisions)


def test_a_two_stage_fallback_keeps_its_stages(bots: Any) -> None:
    """Asked whether it was meant, then to say it in other words, then given up: over a memory that travels."""
    talk = bots("clinic").talk()
    talk.say("hi")
    answer = talk.say("blorp quux zwingle")
    assert answer["analysis"]["outcome"] == "unsure"
    assert "Did you mean" in text_of(answer)
    assert "No" in buttons(answer)
    answer = talk.press("No")
    assert "in other words" in text_of(answer)
    answer = talk.say("frobnicate the gnarl")
    assert answer["analysis"]["outcome"] == "unsure"
    assert "Did you mean" in text_of(answer)
    answer = talk.press("No")  # the third that did not help, by escalation.yml
    assert answer["decision"]["cause"] == "failure"
    talk.handed_back(answer["decision"]["rule"])
    assert "5 Park Lane" in text_of(talk.say("what is your address"))


def test_a_two_stage_fallback_that_was_cleared_up_takes_nothing_else_back(bots: Any) -> None:
    """Rasa takes the unclear turn back afterwards: what was known before it stays, also in a memory that was cut."""
    talk = bots("clinic").talk()
    talk.say("book a visit")
    talk.press("Skin")
    talk.say("Friday")
    for _ in range(3):
        answer = talk.say("blorp quux zwingle")
        assert "Did you mean" in text_of(answer)
        meant = text_of(answer).split("'")[1]
        answer = talk.press("Yes")
        assert answer["analysis"]["outcome"] != "unsure"
        assert meant
        talk.say("what is your address")
    assert talk.memory is not None
    slots = talk.memory["base"]["slots"]
    kept = {event["name"]: event["value"] for event in talk.memory["events"] if event["event"] == "slot"}
    assert {**slots, **kept}["department"] == "skin"


def test_a_person_is_called_out_of_a_two_stage_fallback(bots: Any) -> None:
    """The loop of the fallback is no form: nothing in it waits."""
    talk = bots("clinic").talk()
    talk.say("blorp quux zwingle")
    assert talk.say("can I talk to a real person")["decision"]["cause"] == "asked"


def test_buttons_with_words_are_answers(bots: Any) -> None:
    """A payload need not be an intent; a form that is done has an answer of its own."""
    talk = bots("clinic").talk()
    talk.say("book a visit")
    answer = talk.press("Skin")
    assert "On which day" in text_of(answer)
    assert answer["analysis"]["outcome"] == "asked"
    answer = talk.say("Friday")
    assert "department skin on Friday" in text_of(answer)
    assert answer["analysis"]["outcome"] == "answered"


def test_an_angry_sentence_is_no_answer_to_a_form_that_takes_any_text(bots: Any) -> None:
    """``from_text`` would have kept it as the day of the visit."""
    talk = bots("clinic").talk()
    talk.say("book a visit")
    talk.press("Skin")
    answer = talk.say("This is ridiculous, you are useless, I am furious and this is the worst crap I have ever seen!!")
    if answer["decision"] is None:
        answer = talk.say("You idiots, I hate this, this is absolutely terrible and nobody helps me!!")
    assert answer["decision"] is not None


def test_answers_of_a_response_selector_are_named(bots: Any) -> None:
    """An agent reads which question was answered; a picture arrives as its address."""
    answer = bots("townhall").talk().say("how do I get a new passport")
    assert [message["text"] for message in answer["messages"]] == [
        "Bring a photo and your old passport. It takes four weeks.",
        "https://townhall.example/passport.jpg",
    ]
    assert answer["analysis"]["did"] == "answered: passport"


def test_stories_and_forms_go_on_across_turns(bots: Any) -> None:
    """A form is interrupted by their rule; another is filled with their validation, and submitted by their action."""
    talk = bots("tables").talk()
    talk.say("hello")
    talk.press("Book a table")
    answer = talk.say("what is on the menu")
    assert "https://bistro.example/menu.png" in text_of(answer)
    assert "how many people" in text_of(answer)
    talk = bots("tables").talk()
    talk.say("book a table please")
    answer = talk.say("four")
    assert "inside or outside" in text_of(answer)
    answer = talk.say("outside please")
    assert "4 people, outside" in text_of(answer)
    assert "T47" in text_of(answer)
    assert answer["analysis"]["outcome"] == "answered"
    assert "book table" in answer["analysis"]["did"]


def test_an_action_that_fails_is_told_and_a_person_offered(bots: Any) -> None:
    """One honest sentence instead of half an answer, and the conversation goes on."""
    talk = bots("tables").talk()
    answer = talk.say("does the soup contain nuts")
    assert answer["analysis"]["outcome"] == "failed"
    assert "allergens" in answer["analysis"]["did"]
    assert "isn't working" in text_of(answer)
    assert buttons(answer) == {"Talk to a person": "/warmline_ask_person"}
    assert "Bistro Lima" in text_of(talk.say("hello"))


@pytest.mark.skipif(not PASSES_ON, reason="this Warmline does not pass actions on yet")
def test_an_action_that_says_nothing_is_no_answer(bots: Any) -> None:
    """The team's action ran, and the customer would have heard nothing."""
    answer = bots("trams").talk().say("are there delays")
    assert answer["analysis"]["outcome"] == "unsure"
    assert "no answer" in text_of(answer)
    assert buttons(answer) == {"Talk to a person": "/warmline_ask_person"}


@pytest.mark.skipif(not PASSES_ON, reason="this Warmline does not pass actions on yet")
def test_when_their_action_server_is_down_the_customer_hears_so(bots: Any) -> None:
    """And a person is still to be had."""
    bot = bots("trams")
    bot.team.stop()
    talk = bot.talk()
    answer = talk.say("how do I get from Market to Zoo")
    assert answer["analysis"]["outcome"] == "failed"
    assert "isn't working" in text_of(answer)
    assert talk.press("Talk to a person")["decision"]["cause"] == "asked"
