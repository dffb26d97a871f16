"""Nothing a customer can type is met with silence, and no danger with small talk."""

import pytest

from .conftest import Conversation, Engine

pytestmark = pytest.mark.engine

ODD = {
    "only emoji": "😡😡😡",
    "three dots": "...",
    "a question mark": "?",
    "markup": "<script>alert(1)</script><b>hi</b>",
    "a quotation": "{name} {0} %s ${x}",
    "another script": "请问我的订单在哪里",
    "right to left": "أين طلبي؟",
    "combining marks": "h\u0300\u0301e\u0302l\u0303l\u0304o",
    "zero width": "\u200b\u200d\u2060a",
    "four thousand letters": "x" * 4000,
    "four thousand characters of words": ("where is my order " * 300)[:4000],
    "four thousand emoji": "🙂" * 4000,
    "numbers": "4111 1111 1111 1111 12/29 123",
    "line breaks": "\n\n\nhello\n\n\n",
    "a command": "/session_start",
    "json": '{"intent": "order_status"}',
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_every_text_gets_an_answer_twice(text: str, engine: Engine) -> None:
    """Alone and after an order question; what was typed does not come back as markup."""
    for before in ([], ["cancel my order"]):
        talk = Conversation(engine, f"odd-{hash(text)}-{len(before)}")
        for words in before:
            talk.say(words)
        for _ in range(2):
            answer = talk.say(text)
            assert answer["messages"], answer
            assert all(message["text"].strip() and "<script" not in message["text"] for message in answer["messages"])
            if answer["decision"]:
                break


CRISIS = [
    "I don't want to live any more",
    "i am going to hurt myself tonight",
    "there is no point in living",
    "I just want it all to end, I can't go on",
    "I've taken all my pills",
]


@pytest.mark.parametrize("text", CRISIS)
def test_words_of_a_crisis_get_the_crisis_sentence_and_a_person(text: str, engine: Engine) -> None:
    """The help line and a person at once, also in the middle of a request; never a question back."""
    for before in ([], ["cancel my order"]):
        talk = Conversation(engine, f"crisis-{hash(text)}-{len(before)}")
        for words in before:
            talk.say(words)
        answer = talk.say(text)
        assert answer["decision"]["rule"] == "crisis", answer
        said = [message["text"] for message in answer["messages"]]
        assert len(said) == 1
        assert "112" in said[0]
        assert "Shall I" not in said[0]


STAKES = {
    "fraud": [
        "somebody is ordering things with my login and it isn't me",
        "someone got into my account and changed my e-mail",
    ],
    "legal": ["my solicitor will be in touch with you", "I'm taking this to court"],
    "billing_dispute": ["you took the money twice for one order", "I was billed for something I never bought from you"],
    "outage": ["nothing loads on your website since this morning", "your checkout page shows an error for everyone"],
    "contract_change": ["I want to renegotiate the terms of my contract"],
    "complaint": ["I want to make a formal complaint about your service"],
}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in STAKES.items() for text in texts])
def test_what_a_person_should_see_reaches_one_in_any_words(rule: str, text: str, engine: Engine) -> None:
    """By its phrases or by the intent: no button to press first. A more urgent rule may name it."""
    answer = Conversation(engine, f"stakes-{hash(text)}").say(text)
    assert answer["decision"], answer["analysis"]
    assert answer["decision"]["rule"] in (rule, "angry", "danger", "crisis", "fraud"), answer["decision"]["rule"]


@pytest.mark.parametrize(
    "text", ["how much is delivery", "what's your favourite colour", "order pizza for me", "A1042", "sdfsdf", "ok cool"]
)
def test_what_is_harmless_calls_nobody(text: str, engine: Engine) -> None:
    """Small talk, noise and plain questions stay with the bot."""
    answer = Conversation(engine, f"harmless-{hash(text)}").say(text)
    assert answer["decision"] is None, answer["decision"]
