"""Cancelling, returning, invoices: who it is, a last yes, and what is said when it cannot be done."""

from __future__ import annotations

from typing import Any

import pytest

from actions.backend import Refusal, Unconfirmed
from actions.backend.demo import DemoShop
from actions.order_tasks import (
    Cancel,
    Invoice,
    Return,
    ValidateCancelForm,
    ValidateInvoiceForm,
    ValidateReturnForm,
    only_a_part,
)
from warmline.core.errors import BackendError

from .conftest import Talk, custom, turn

JONAS, CHLOE, MARA = "jonas.ode@example.com", "chloe.martin@example.com", "mara@example.com"


async def test_an_order_is_cancelled_after_a_yes_and_not_before(shop: DemoShop) -> None:
    """The question names the order; the form alone changes nothing."""
    talk = Talk(ValidateCancelForm())
    await talk.say("cancel it", "cancel_order")
    found, texts = await talk.say("A1101", asked="order_number", told={"order_number": "A1101"})
    assert (found.get("warmline_form_end"), texts) == (None, [])
    found, _ = await talk.say(JONAS, asked="email", told={"email": JONAS})
    assert found["about"].startswith("order A1101 (1 x Linen duvet cover, sand; 89.00 EUR")
    assert found["warmline_identity"]["by"] == "order"
    before = await shop.order("A1101", JONAS)
    assert before is not None
    assert before.state == "placed"
    await talk.say("yes please", "affirm", "confirm")
    assert talk.slots["confirm"] == "yes"
    slots, texts, dispatcher = await turn(Cancel(), slots=talk.slots, ask="c:9")
    assert texts == ["utter_cancelled"]
    assert "89.00 EUR" in dispatcher.messages[0]["amount"]
    assert slots["deeds"] == ["cancelled order A1101"]
    assert slots["confirm"] is None
    after = await shop.order("A1101", JONAS)
    assert after is not None
    assert after.state == "cancelled"


async def test_a_no_changes_nothing(shop: DemoShop) -> None:
    """And that is said."""
    talk = Talk(ValidateCancelForm(), order_number="A1101", email=JONAS)
    await talk.say("cancel", "cancel_order")
    found, _ = await talk.say("no", "deny", "confirm")
    assert found["warmline_form_end"] == "declined"
    _, texts, dispatcher = await turn(Cancel(), slots=talk.slots)
    assert texts == ["utter_task_declined"]
    assert custom(dispatcher, "report")[0]["outcome"] == "answered"
    order = await shop.order("A1101", JONAS)
    assert order is not None
    assert order.state == "placed"


async def test_an_earlier_yes_does_not_count(shop: DemoShop) -> None:
    """A form that begins forgets what a task before it left behind."""
    talk = Talk(
        ValidateCancelForm(),
        order_number="A1101",
        email=JONAS,
        confirm="yes",
        warmline_form_end="declined",
        warmline_tries=2,
    )
    found, _ = await talk.say("cancel my order", "cancel_order")
    assert (found["confirm"], found["warmline_form_end"], found["warmline_tries"]) == (None, None, None)


async def test_an_answer_that_is_neither_yes_nor_no_is_asked_again(shop: DemoShop) -> None:
    """Three times at most."""
    talk = Talk(ValidateCancelForm(), order_number="A1101", email=JONAS)
    await talk.say("cancel", "cancel_order")
    for _ in range(2):
        found, texts = await talk.say("blorp", "nlu_fallback", "confirm")
        assert texts == ["utter_warmline_confirm_wrong"]
        assert found["confirm"] is None
    found, texts = await talk.say("blorp", "nlu_fallback", "confirm")
    assert (found["warmline_form_end"], texts) == ("tries", [])
    _, texts, dispatcher = await turn(Cancel(), slots=talk.slots)
    assert texts[0] == "utter_nothing_changed"
    assert custom(dispatcher, "report")[0]["outcome"] == "failed"
    assert custom(dispatcher, "handoff")[0]["rule"] == "bot_keeps_failing"


@pytest.mark.parametrize(
    ("form", "action", "number", "email", "end", "response", "part"),
    [
        (ValidateCancelForm, Cancel, "A1042", MARA, "no:shipped", "utter_cancel_too_late", "on its way already"),
        (ValidateCancelForm, Cancel, "A1024", MARA, "no:delivered", "utter_cancel_too_late", "delivered already"),
        (ValidateCancelForm, Cancel, "A1129", "femi.adeyemi@example.com", "no:cancelled", "utter_cancel_over", "A1129"),
        (ValidateReturnForm, Return, "A1042", MARA, "no:not_delivered", "utter_return_not_yet", "two days late"),
        (ValidateReturnForm, Return, "A1017", MARA, "no:too_late", "utter_return_too_late", "A1017"),
        (ValidateReturnForm, Return, "A1024", MARA, "no:refunded", "utter_return_over", "39.00 EUR"),
    ],
)
async def test_what_the_shop_will_not_do_is_said_before_the_last_question(
    shop: DemoShop, form: Any, action: Any, number: str, email: str, end: str, response: str, part: str
) -> None:
    """With its reason, and nothing is asked in vain."""
    talk = Talk(form(), order_number=number, email=email)
    found, texts = await talk.say("do it", next(iter(form.own)))
    assert (found["warmline_form_end"], texts) == (end, [])
    _, texts, dispatcher = await turn(action(), slots=talk.slots)
    assert texts == [response]
    assert part in str(dispatcher.messages[0])


async def test_a_label_and_an_invoice_go_to_the_order_s_own_address(shop: DemoShop) -> None:
    """The invoice needs no yes: it can only go there."""
    talk = Talk(ValidateReturnForm(), order_number="A1122", email=CHLOE)
    await talk.say("return it", "return_item")
    await talk.say("yes", "affirm", "confirm")
    _, texts, _ = await turn(Return(), slots=talk.slots)
    assert texts == ["utter_return_started"]
    talk = Talk(ValidateInvoiceForm(), order_number="A1122", email=CHLOE)
    await talk.say("invoice", "invoice")
    _, texts, _ = await turn(Invoice(), slots=talk.slots, ask="c:8")
    assert texts == ["utter_invoice_sent"]
    assert [mail.to for mail in await shop.outbox()] == [CHLOE, CHLOE]


@pytest.mark.parametrize(
    ("wrong", "response", "words"),
    [
        (BackendError("down"), "utter_not_reached", "nothing was done"),
        (Unconfirmed("hangs"), "utter_unconfirmed", "may be done, or not"),
        (Refusal("other"), "utter_task_refused", "not possible"),
        (Refusal("packed"), "utter_cancel_too_late", "not possible"),
    ],
)
async def test_what_goes_wrong_at_the_last_step_is_said_as_it_is(
    shop: DemoShop, monkeypatch: pytest.MonkeyPatch, wrong: BackendError, response: str, words: str
) -> None:
    """Not done, perhaps done, or refused are three things; none of them is a promise."""

    async def broken(*args: Any, **kwargs: Any) -> None:
        raise wrong

    monkeypatch.setattr(shop, "cancel_order", broken)
    talk = Talk(ValidateCancelForm(), order_number="A1101", email=JONAS)
    await talk.say("cancel", "cancel_order")
    await talk.say("yes", "affirm", "confirm")
    slots, texts, dispatcher = await turn(Cancel(), slots=talk.slots)
    assert texts == [response]
    assert words in custom(dispatcher, "report")[0]["did"]
    assert "deeds" not in slots


async def test_somebody_else_s_order_is_not_named(shop: DemoShop) -> None:
    """The third mismatch ends it; no question about the order is put into words."""
    talk = Talk(ValidateCancelForm(), order_number="A1101")
    await talk.say("cancel A1101", "cancel_order")
    for _ in range(3):
        found, _ = await talk.say(MARA, asked="email", told={"email": MARA})
        assert not found.get("about")
        assert "warmline_identity" not in found
    assert talk.slots["warmline_form_end"] == "tries"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("yes please, but only the scale, I keep the lamp", True),
        ("can I return only a part of the order?", True),
        ("just one of them", True),
        ("no, just the scale", True),
        ("not all of it", True),
        ("I just want to return it", False),
        ("can i just return the lamp now", False),
        ("only the label please", False),
        ("no, keep the order", False),
    ],
)
async def test_a_label_for_a_part_is_left_to_a_person(shop: DemoShop, text: str, part: bool) -> None:
    """Said plainly, at the start as at the last question, instead of the same question again."""
    assert only_a_part(text) is part
    if part:
        for asked in (None, "confirm"):
            talk = Talk(ValidateReturnForm())
            if asked:
                await talk.say("return it", "return_item")
            found, _ = await talk.say(text, "nlu_fallback", asked)
            assert found["warmline_form_end"] == "no:part"
        _, texts, _ = await turn(Return(), slots={"warmline_form_end": "no:part", "order_number": "A1164"})
        assert texts == ["utter_return_part"]
