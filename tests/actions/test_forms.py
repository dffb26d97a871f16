"""Both forms: what is read, what is asked again, and how they end."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.backend import CODE_LIFETIME_S
from actions.backend.demo import CODES_AN_HOUR, DemoShop
from actions.codes import DONE, ResendCode
from actions.orders import TellOrder, ValidateOrderForm
from actions.reset import FinishReset, ValidateResetForm
from warmline.core.errors import BackendError

from .conftest import Clock, custom, said, slots_of, tracker

MARA = "mara@example.com"


async def order_form(**kwargs: Any) -> tuple[dict[str, Any], list[str], list[Any]]:
    dispatcher = CollectingDispatcher()
    kwargs.setdefault("intent", "inform")
    events = await ValidateOrderForm().run(dispatcher, tracker(loop="order_form", **kwargs), {})
    return slots_of(events), said(dispatcher), events


async def reset_form(**kwargs: Any) -> tuple[dict[str, Any], list[str], list[Any]]:
    dispatcher = CollectingDispatcher()
    kwargs.setdefault("intent", "inform")
    events = await ValidateResetForm().run(dispatcher, tracker(loop="reset_form", **kwargs), {})
    return slots_of(events), said(dispatcher), events


async def test_number_and_address_that_go_together_find_the_order(shop: DemoShop) -> None:
    """The order and the proof of who this is are remembered; nothing is said yet."""
    slots, texts, _ = await order_form(told={"email": MARA}, slots={"order_number": "A1042"})
    assert slots["order"]["number"] == "A1042"
    assert slots["warmline_identity"] == {"email": MARA, "name": "Mara K.", "by": "order"}
    assert texts == []


async def test_number_and_address_that_do_not_go_together_prove_nothing(shop: DemoShop) -> None:
    """The address is asked again; no identity, no order."""
    slots, texts, _ = await order_form(told={"email": "tom.baker@example.com"}, slots={"order_number": "A1042"})
    assert texts == ["utter_order_not_found"]
    assert slots["email"] is None
    assert not slots.get("order")
    assert "warmline_identity" not in slots


async def test_what_was_asked_for_and_nothing_else_is_the_answer(shop: DemoShop) -> None:
    """An address alone is read, even when the classifier takes its letters for a question; with a question it waits."""
    alone = {"entity": "email", "start": 0, "end": len(MARA), "value": MARA}
    slots, _, _ = await order_form(told={"email": MARA}, text=f"{MARA}.", intent="contact", entities=[alone])
    assert slots["email"] == MARA
    asked = f"{MARA}, how can I reach you?"
    _, _, events = await order_form(told={"email": MARA}, text=asked, intent="contact", entities=[alone])
    assert any(event["event"] == "action_execution_rejected" for event in events)


@pytest.mark.parametrize("told", ["the brown one", "A12", "B1042", "A10421", "order"])
async def test_what_is_no_order_number_is_asked_again(shop: DemoShop, told: str) -> None:
    """Said once what is wrong, and that words without any number are no answer; counted once."""
    slots, texts, _ = await order_form(told={"order_number": told}, text=told)
    tried = any(char.isdigit() for char in told)
    assert texts == ["utter_order_number_wrong" if tried else "utter_warmline_no_answer"]
    assert (slots["order_number"], slots["warmline_tries"]) == (None, 1)


async def test_somebody_who_does_not_know_gets_a_hint(shop: DemoShop) -> None:
    """Where the number is found, instead of what was wrong with it."""
    _, texts, _ = await order_form(told={"order_number": "no idea"}, intent="dont_know")
    assert texts == ["utter_order_number_hint"]


async def test_the_third_wrong_answer_ends_the_form(shop: DemoShop) -> None:
    """Nothing more is asked; the action after the form brings a person."""
    slots, texts, _ = await order_form(told={"order_number": "hm"}, slots={"warmline_tries": 2})
    assert slots["warmline_form_end"] == "tries"
    assert slots["requested_slot"] is None
    assert texts == []
    dispatcher = CollectingDispatcher()
    events = await TellOrder().run(dispatcher, tracker(slots={"warmline_form_end": "tries", "warmline_tries": 3}), {})
    assert custom(dispatcher, "report")[0]["outcome"] == "failed"
    assert custom(dispatcher, "handoff")[0]["rule"] == "bot_keeps_failing"
    assert (
        slots_of(events).items()
        >= {"warmline_form_end": None, "warmline_tries": None, "topic": {"kind": "order"}}.items()
    )


async def test_a_question_in_between_is_answered_first(shop: DemoShop) -> None:
    """The form steps back and keeps the number that was named in passing."""
    slots, texts, events = await order_form(told={"order_number": "A1042"}, intent="return_item")
    assert {"order_form", "action_execution_rejected"} <= {events[0]["name"], events[0]["event"]}
    assert slots["order_number"] == "A1042"
    assert texts == []
    _, _, unsure = await order_form(told={"order_number": "A1042"}, intent="return_item", confidence=0.45)
    assert all(event["event"] == "slot" for event in unsure)


@pytest.mark.parametrize(
    ("number", "email", "parts"),
    [
        ("A1042", MARA, ["two days late", "it was due", "now says tomorrow"]),
        ("A1024", MARA, ["was delivered on"]),
        ("A1101", "jonas.ode@example.com", ["not packed yet", "should arrive on"]),
        ("A1108", "amira.haddad@example.com", ["is packed"]),
        ("A1129", "femi.adeyemi@example.com", ["was cancelled"]),
        ("A1136", "ingrid.solberg@example.com", ["came back to us"]),
    ],
)
async def test_an_order_is_told_as_it_is(shop: DemoShop, number: str, email: str, parts: list[str]) -> None:
    """Each state in plain words, with days as one says them."""
    slots, _, _ = await order_form(told={"order_number": number, "email": email})
    dispatcher = CollectingDispatcher()
    await TellOrder().run(dispatcher, tracker(slots={**slots, "warmline_tone": "calm"}), {})
    assert said(dispatcher) == ["utter_order"]
    for part in parts:
        assert part in dispatcher.messages[0]["status"]


async def test_a_late_order_and_an_annoyed_customer_get_an_offer(shop: DemoShop) -> None:
    """One message more, and a yes to it means a person."""
    slots, _, _ = await order_form(told={"order_number": "A1042", "email": MARA})
    dispatcher = CollectingDispatcher()
    events = await TellOrder().run(dispatcher, tracker(slots={**slots, "warmline_tone": "annoyed"}), {})
    assert said(dispatcher) == ["utter_order", "utter_chase"]
    assert slots_of(events)["warmline_offer"] == "person"


@pytest.mark.parametrize(("number", "part"), [("A1024", "39.00 EUR"), ("A1042", "no refund")])
async def test_a_refund_is_told_when_that_was_the_question(shop: DemoShop, number: str, part: str) -> None:
    """Also that there is none."""
    slots, _, _ = await order_form(told={"order_number": number, "email": MARA})
    dispatcher = CollectingDispatcher()
    await TellOrder().run(dispatcher, tracker(slots={**slots, "wish": "refund"}), {})
    assert part in dispatcher.messages[0]["status"]


async def test_a_shop_that_does_not_answer_is_told_honestly(shop: DemoShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our fault is said to be ours, and a person is offered."""

    async def broken(*args: Any) -> None:
        raise BackendError("down")

    monkeypatch.setattr(shop, "order", broken)
    slots, _, _ = await order_form(told={"order_number": "A1042", "email": MARA})
    assert slots["warmline_form_end"] == "backend"
    dispatcher = CollectingDispatcher()
    await TellOrder().run(dispatcher, tracker(slots=slots), {})
    assert said(dispatcher) == ["utter_our_fault"]


async def test_an_address_gets_a_code_and_the_right_code_a_link(shop: DemoShop) -> None:
    """Two mails; the code itself is not kept in any slot."""
    slots, texts, _ = await reset_form(told={"email": MARA}, ask="c:1")
    assert texts == ["utter_code_sent"]
    assert slots["reset_sent_to"] == MARA
    after, texts, _ = await reset_form(told={"reset_code": "111111"}, slots=slots, ask="c:2")
    assert texts == []
    assert after["reset_code"] == DONE
    dispatcher = CollectingDispatcher()
    events = await FinishReset().run(dispatcher, tracker(slots={**slots, **after}), {})
    assert said(dispatcher) == ["utter_reset_done"]
    assert slots_of(events)["reset_code"] is None
    assert "111111" not in str(events) + str(dispatcher.messages)
    assert len(await shop.outbox()) == 2


async def test_wrong_codes_run_out(shop: DemoShop) -> None:
    """Four times it is said how many are left; the fifth ends the form."""
    slots, _, _ = await reset_form(told={"email": MARA}, ask="c:1")
    left = []
    for number in range(4):
        dispatcher = CollectingDispatcher()
        told = tracker(
            loop="reset_form", told={"reset_code": "000000"}, slots=slots, ask=f"c:{number + 2}", intent="inform"
        )
        await ValidateResetForm().run(dispatcher, told, {})
        left.append(dispatcher.messages[0]["left"])
    assert [words.split()[2] for words in left] == ["4", "3", "2", "one"]
    after, _, _ = await reset_form(told={"reset_code": "000000"}, slots=slots, ask="c:6")
    assert after["warmline_form_end"] == "locked"
    dispatcher = CollectingDispatcher()
    await FinishReset().run(dispatcher, tracker(slots={**slots, **after}), {})
    assert said(dispatcher) == ["utter_reset_locked"]


async def test_a_used_code_is_said_to_be_used_and_another_one_may_be_typed(shop: DemoShop, clock: Clock) -> None:
    """It was typed in another window before: the form goes on, and nothing is said of wrong codes."""
    slots, _, _ = await reset_form(told={"email": MARA}, ask="c:1")
    assert (await shop.try_code("reset", MARA, "111111", key="d:1", now=clock.now)).result == "right"
    after, texts, _ = await reset_form(told={"reset_code": "111111"}, slots=slots, ask="c:2")
    assert texts == ["utter_code_used"]
    assert (after["reset_code"], after.get("warmline_form_end")) == (None, None)


async def test_an_expired_code_is_replaced_at_once(shop: DemoShop, clock: Clock) -> None:
    """The customer need not ask for another one."""
    slots, _, _ = await reset_form(told={"email": MARA}, ask="c:1")
    clock.now += CODE_LIFETIME_S + 1
    _, texts, _ = await reset_form(told={"reset_code": "111111"}, slots=slots, ask="c:2")
    assert texts == ["utter_code_expired"]
    after, _, _ = await reset_form(told={"reset_code": "111112"}, slots=slots, ask="c:3")
    assert after["reset_code"] == DONE


async def test_another_address_gets_another_code(shop: DemoShop) -> None:
    """A correction in the middle goes to the corrected address."""
    slots, _, _ = await reset_form(told={"email": "wrong@example.com"}, ask="c:1")
    after, texts, _ = await reset_form(told={"email": MARA}, slots=slots, ask="c:2")
    assert texts == ["utter_code_sent"]
    assert after["reset_sent_to"] == MARA
    assert (await shop.outbox())[0].to == MARA


async def test_too_many_codes_end_the_form(shop: DemoShop) -> None:
    """Nobody's mailbox can be flooded from here, and it is said."""
    slots: dict[str, Any] = {"email": MARA, "reset_sent_to": MARA}
    for number in range(CODES_AN_HOUR):
        await ResendCode().run(CollectingDispatcher(), tracker(slots=slots, ask=f"c:{number}"), {})
    dispatcher = CollectingDispatcher()
    events = await ResendCode().run(dispatcher, tracker(slots=slots, ask="c:99"), {})
    assert said(dispatcher) == []
    assert slots_of(events) == {"warmline_form_end": "too_often"}
    await FinishReset().run(dispatcher, tracker(slots={**slots, "warmline_form_end": "too_often"}), {})
    assert said(dispatcher) == ["utter_reset_too_often"]


async def test_the_same_wish_again_keeps_the_form_and_is_no_wrong_answer(shop: DemoShop) -> None:
    """Something is set, without which Rasa would leave the form with nothing to say; nothing is counted."""
    slots, texts, _ = await order_form(
        told={}, text="ok and where is mine", intent="order_status", slots={"warmline_tries": 1}
    )
    assert slots["warmline_tries"] == 1
    assert texts == []
