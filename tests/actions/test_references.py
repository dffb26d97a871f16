"""MultiIntent that only point at something: what was spoken of last says what is meant."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import read_order_number
from actions.references import CancelIt, OtherOne, Told
from actions.small_talk import WhyNot

from .conftest import custom, said, slots_of, tracker

pytestmark = pytest.mark.usefixtures("shop")
APPOINTMENT = {"kind": "appointment", "reference": "T11301130"}


async def run(action: Any, **kwargs: Any) -> tuple[list[dict[str, Any]], list[str]]:
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, tracker("cancel it", "cancel_it", **kwargs), {})
    return events, said(dispatcher)


def next_form(events: list[dict[str, Any]]) -> str | None:
    names = (event["name"] for event in events if event["event"] == "followup")
    return next((name for name in names if name != "action_listen"), None)


@pytest.mark.parametrize(
    ("slots", "loop", "form"),
    [
        ({"topic": APPOINTMENT, "order_number": "A1042"}, None, "unbook_form"),
        ({"topic": {"kind": "box"}}, None, "end_form"),
        ({"topic": {"kind": "order"}, "order_number": "A1042"}, None, "cancel_form"),
        ({"order_number": "A1042"}, None, "cancel_form"),
        ({"topic": {"kind": "box"}}, "order_form", "cancel_form"),
        ({}, "move_form", "unbook_form"),
    ],
)
async def test_cancel_it_means_what_was_spoken_of_last(slots: dict[str, Any], loop: str | None, form: str) -> None:
    """The form that waits says it better than what was before it."""
    events, texts = await run(CancelIt(), slots=slots, loop=loop)
    assert (next_form(events), texts) == (form, [])
    assert any(event["event"] == "active_loop" and event["name"] is None for event in events) == (loop is not None)


async def test_cancel_it_with_nothing_to_cancel_asks_or_stops() -> None:
    """Asks when nothing was spoken of; leaves a form that has done nothing yet."""
    assert (await run(CancelIt()))[1] == ["utter_cancel_what"]
    events, texts = await run(CancelIt(), loop="appointment_form", slots={"topic": {"kind": "order"}})
    assert (texts, next_form(events)) == (["utter_warmline_stopped"], None)


async def test_the_other_one_is_another_order_only_after_an_order() -> None:
    """Its number is asked for; otherwise it was not understood."""
    events, texts = await run(OtherOne(), slots={"topic": {"kind": "order"}, "order_number": "A1042"})
    assert (next_form(events), slots_of(events), texts) == ("order_form", {"order_number": None}, [])
    _, texts = await run(OtherOne(), slots={"topic": APPOINTMENT, "order_number": "A1042"})
    assert texts == ["utter_warmline_unsure"]


@pytest.mark.parametrize(("number", "form"), [("A1042", "order_form"), (None, None)])
async def test_an_address_goes_with_the_order_that_was_named(number: str | None, form: str | None) -> None:
    """Also when the order's number was in a sentence that was not understood."""
    found = tracker("mara@example.com", "inform", slots={"order_number": number})
    found.latest_message["entities"] = [{"entity": "email", "value": "mara@example.com"}]
    events = await Told().run(CollectingDispatcher(), found, {})
    assert next_form(events) == form


async def test_why_not_is_answered_with_somebody_who_may_decide_otherwise() -> None:
    """It counts as a failure: asked often enough, a person takes over by itself."""
    dispatcher = CollectingDispatcher()
    events = await WhyNot().run(dispatcher, tracker("but why", "why_not"), {})
    assert said(dispatcher) == ["utter_why_not"]
    assert custom(dispatcher, "report")[0]["outcome"] == "failed"
    assert slots_of(events) == {"warmline_offer": "person"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("A1024, not A1042", "A1024"),
        ("not A1042, A1024", "A1024"),
        ("sorry, A1024 instead of A1042", "A1024"),
        ("A1042 and A1024", "A1042"),
    ],
)
def test_of_two_numbers_the_one_that_is_meant_is_taken(text: str, number: str) -> None:
    """The words before one may rule it out."""
    assert read_order_number("A1042", tracker(text, "inform")) == number
