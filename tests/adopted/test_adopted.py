"""What Warmline does for any bot: it answers as before, and a person comes when one is needed."""

from typing import Any

import pytest

from .conftest import OURS, Bot, contents

pytestmark = pytest.mark.engine

ANSWERS = {
    "library": [("until when is the library open", "Tuesday to Saturday", "answered")],
    "clinic": [("what is your address", "5 Park Lane", "answered"), ("book a visit", "Which department", "asked")],
    "trams": [("how do I get from Harbour to Castle", "tram 4 to Market, then tram 2", "answered")],
    "townhall": [("my passport has expired", "Bring a photo", "answered"), ("who are you", "Otto", "answered")],
    "tables": [("hello", "Welcome to Bistro Lima", "answered"), ("book a table please", "how many people", "asked")],
}
UPSET = [
    "This is ridiculous, I am so angry with you!!",
    "You are useless, this is the worst service ever! Nobody helps me and I am furious!!",
    "I have had ENOUGH of this crap, terrible, this is a disgrace!!",
]


def text_of(answer: "dict[str, Any]") -> str:
    return "\n".join(message["text"] for message in answer["messages"])


def test_its_own_answers_stay(bot: Bot) -> None:
    """What the team wrote is said, and the turn is judged rightly without a word about it from their actions."""
    talk = bot.talk()
    for said, expected, outcome in ANSWERS[bot.name]:
        answer = talk.say(said)
        assert expected in text_of(answer)
        assert answer["analysis"]["outcome"] == outcome, answer["analysis"]
        assert answer["decision"] is None


def test_an_upset_customer_gets_a_person(bot: Bot) -> None:
    """The mood is followed on every turn, whatever policies there are, and beats what they would do."""
    talk = bot.talk()
    talk.say(ANSWERS[bot.name][0][0])
    answers = []
    for said in UPSET:
        answers.append(talk.say(said))
        if answers[-1]["decision"]:
            break
    assert answers[-1]["decision"]["escalate"]
    assert answers[-1]["decision"]["cause"] in ("mood", "failure")
    assert answers[-1]["analysis"]["mood"]["value"] > 0.4
    assert text_of(answers[-1]) == answers[-1]["decision"]["say"]


def test_who_asks_for_a_person_gets_one_and_the_bot_goes_on_afterwards(bot: Bot) -> None:
    """In the middle of what the bot was asking; once a person gave the conversation back, nothing waits any more."""
    talk = bot.talk()
    talk.say(ANSWERS[bot.name][-1][0])
    answer = talk.say("I want to talk to a human please")
    assert answer["decision"]["cause"] == "asked"
    assert answer["analysis"]["outcome"] == "handoff"
    talk.handed_back(answer["decision"]["rule"])
    said, expected, outcome = ANSWERS[bot.name][0]
    answer = talk.say(said)
    assert answer["decision"] is None
    assert expected in text_of(answer)
    assert answer["analysis"]["outcome"] == outcome


def test_the_button_for_a_person_needs_no_rule_of_theirs(bot: Bot) -> None:
    """Its intent is in no training data, and in no rule."""
    answer = bot.talk().say("Talk to a person", "/warmline_ask_person")
    assert answer["decision"]["cause"] == "asked"


def test_none_of_its_files_was_edited(bot: Bot) -> None:
    """Not by the adoption, the training or the turns; two files are new."""
    now = contents(bot.root)
    assert set(now) - set(bot.before) == OURS
    assert {name: now[name] for name in bot.before} == bot.before
