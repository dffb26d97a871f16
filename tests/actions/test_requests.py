"""Words that name a request where the classifier heard only a number and an address."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.backend.demo import DemoShop
from actions.orders import TellOrder, kept
from actions.requests import OF_AN_ACCOUNT, request_of, trouble_of
from actions.small_talk import Stop, Unsure

from .conftest import said, tracker


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("A1248 label please, nadia@example.com", "return_form"),
        ("nadia@example.com A1248 return", "return_form"),
        ("i asked for the label not where it is", "return_form"),
        ("A1248 receipt", "invoice_form"),
        ("A1101, jonas@example.com cancel", "cancel_form"),
        ("A1248, don't cancel it", None),
        ("was A1248 cancelled or returned?", None),
        ("cancel or return A1248", None),
        ("where is A1248", None),
    ],
)
def test_an_errand_is_named_by_its_word(text: str, form: str | None) -> None:
    """Not when it is refused, a state, or one of two."""
    assert request_of(text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [("change my address, a@example.com", "address_form"), ("change my e-mail address to a@example.com", None)],
)
def test_an_errand_for_an_account_is_named_by_its_word(text: str, form: str | None) -> None:
    """The address for the mail is another matter."""
    assert request_of(text, OF_AN_ACCOUNT) == form


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("A1122. I want a new one not money", "utter_replacement"),
        ("A1122, it's broken", "utter_faq_parcel_damaged"),
        ("where is A1122", None),
    ],
)
def test_what_is_wrong_with_the_goods_is_for_a_person(text: str, response: str | None) -> None:
    """Where it is was not the question."""
    assert trouble_of(text) == response


async def run(action: Any, **kwargs: Any) -> tuple[list[Any], list[str]]:
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, tracker(**kwargs), {})
    return events, said(dispatcher)


@pytest.mark.usefixtures("shop")
async def test_the_label_is_begun_again_when_it_was_asked_for() -> None:
    """A text that was not understood names the request for the order that was spoken of."""
    slots = {"order_number": "A1248", "topic": {"kind": "order"}}
    events, texts = await run(
        Unsure(), text="i asked for the label not where it is", intent="nlu_fallback", slots=slots
    )
    assert ([event["name"] for event in events], texts) == (["return_form"], [])
    events, texts = await run(Unsure(), text="i asked for the label", intent="nlu_fallback")
    assert texts == ["utter_warmline_unsure"]


@pytest.mark.parametrize(
    ("text", "asked", "stops"),
    [
        ("yeah do it, whatever. nothing matters", "confirm", False),
        ("ok stop", "confirm", True),
        ("yeah no, forget it", "confirm", True),
        ("never mind", "confirm", True),
        ("yeah do it, whatever", "email", True),
    ],
)
async def test_words_of_a_yes_stop_nothing(shop: DemoShop, text: str, asked: str, stops: bool) -> None:
    """At a last question they are asked about again, whatever else they were taken for; nothing is done either."""
    slots = {"requested_slot": asked}
    events, texts = await run(Stop(), text=text, intent="give_up", slots=slots, loop="return_form")
    assert texts == ["utter_warmline_stopped" if stops else "utter_warmline_confirm_unclear"]
    assert any(event["event"] == "active_loop" for event in events) is stops


async def test_a_number_with_an_errand_goes_on_with_the_errand(shop: DemoShop) -> None:
    """Only where the form began with a bare number: a question for the order is answered as one."""
    for intent, goes_on in (("inform", True), ("order_status", False)):
        talk = tracker("A1024 label please", intent, slots={"order_number": "A1024"})
        talk.events = [
            {"event": "user", "text": "A1024 label please", "parse_data": {"intent": {"name": intent}}},
            {"event": "active_loop", "name": "order_form"},
        ]
        order = await shop.order("A1024", "mara@example.com")
        assert order is not None
        talk.slots["order"] = kept(order)
        dispatcher = CollectingDispatcher()
        events = await TellOrder().run(dispatcher, talk, {})
        assert any(event.get("name") == "return_form" for event in events) is goes_on
        assert (said(dispatcher) == []) is goes_on
