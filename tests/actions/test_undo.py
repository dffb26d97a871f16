"""The last deed is taken back when the shop allows it, and nothing else ever is."""

from __future__ import annotations

from typing import Any

import pytest

from actions import phrasing
from actions.account_tasks import End
from actions.appointment import Book
from actions.backend import Refusal, Unconfirmed
from actions.backend.demo import DemoShop
from actions.order_tasks import Cancel
from actions.small_talk import LeaveIt
from actions.undo import Undo
from warmline.core.errors import BackendError

from .conftest import NOW, Clock, custom, turn

JONAS, MARA = "jonas.ode@example.com", "mara@example.com"


async def cancelled() -> dict[str, Any]:
    """Slots after A1101 was cancelled."""
    slots = {"order_number": "A1101", "email": JONAS, "confirm": "yes"}
    found, texts, _ = await turn(Cancel(), slots=slots, ask="c:1")
    assert texts == ["utter_cancelled"]
    return {**slots, **found}


async def undo(slots: dict[str, Any], text: str = "undo", **kwargs: Any) -> Any:
    return await turn(Undo(), text=text, intent="undo", slots=slots, ask="c:2", **kwargs)


async def state(shop: DemoShop) -> str:
    order = await shop.order("A1101", JONAS)
    assert order is not None
    return order.state


async def test_a_cancelled_order_is_put_back_and_that_is_noted(shop: DemoShop) -> None:
    """What an agent reads of the order is what it is now; a second undo has nothing left to take back."""
    slots = await cancelled()
    assert slots["order"]["state"] == "cancelled"
    found, texts, dispatcher = await undo(slots)
    assert (await state(shop), texts) == ("placed", ["utter_restored"])
    assert found["deeds"] == ["cancelled order A1101", "put order A1101 back"]
    assert found["order"]["state"] == phrasing.STATES["placed"]
    assert custom(dispatcher, "report")[0]["outcome"] == "answered"
    _, texts, dispatcher = await undo({**slots, **found})
    assert texts == ["utter_undo_way"]
    assert [one["payload"] for one in dispatcher.messages[0]["buttons"]] == ["/cancel_order", "/warmline_ask_person"]
    assert await state(shop) == "placed"


@pytest.mark.parametrize(
    ("left_s", "told"), [(600, "within 10 minutes"), (90, "within a minute"), (None, None), (0, None)]
)
async def test_only_what_the_shop_allows_is_promised(
    shop: DemoShop, monkeypatch: pytest.MonkeyPatch, left_s: int | None, told: str | None
) -> None:
    """Without a time until when, or with one that is over, there is no word of it, no button, and no undo."""
    cancel = shop.cancel_order

    async def cancel_order(*args: Any, **kwargs: Any) -> Any:
        from msgspec.structs import replace

        order = await cancel(*args, **kwargs)
        return replace(order, undo_until=None if left_s is None else NOW + left_s)

    monkeypatch.setattr(shop, "cancel_order", cancel_order)
    slots = {"order_number": "A1101", "email": JONAS}
    found, _, dispatcher = await turn(Cancel(), slots=slots)
    message = dispatcher.messages[0]
    assert bool(message["buttons"]) == ("order" in found["last_deed"]) == (told is not None)
    assert message["undo"].count(f'write "undo" {told}') == (told is not None)
    assert message["undo"] == "" or told
    _, texts, _ = await undo(slots | found)
    assert texts == (["utter_restored"] if told else ["utter_undo_not"])


def test_the_time_is_told_in_the_shop_s_own_zone() -> None:
    """NOW is 13:33 in UTC, and summer."""
    assert phrasing.clock(NOW, "UTC") == "14:13 UTC"
    assert phrasing.clock(NOW, "Europe/Berlin") == "16:13 CEST"


async def test_too_late_is_said_with_a_person_and_nothing_is_changed(shop: DemoShop, clock: Clock) -> None:
    """The shop's clock decides."""
    slots = await cancelled()
    clock.now += 600
    found, texts, dispatcher = await undo(slots)
    assert (texts, await state(shop)) == (["utter_undo_too_late"], "cancelled")
    assert found == {"warmline_offer": "person"}
    assert [one["payload"] for one in dispatcher.messages[0]["buttons"]] == ["/warmline_ask_person"]


@pytest.mark.parametrize(
    ("wrong", "response"),
    [
        (Refusal("not_cancelled"), "utter_undo_over"),
        (Refusal("unknown"), "utter_task_refused"),
        (Refusal("other"), "utter_task_refused"),
        (Unconfirmed("hangs"), "utter_unconfirmed"),
        (BackendError("down"), "utter_not_reached"),
    ],
)
async def test_what_goes_wrong_is_said_as_it_is(
    shop: DemoShop, monkeypatch: pytest.MonkeyPatch, wrong: BackendError, response: str
) -> None:
    """Refused, perhaps done, and not done are three things; none of them is a deed."""

    async def broken(*args: Any, **kwargs: Any) -> None:
        raise wrong

    slots = await cancelled()
    monkeypatch.setattr(shop, "restore_order", broken)
    found, texts, _ = await undo(slots)
    assert texts == [response]
    assert not {"deeds", "last_deed"} & found.keys()


async def test_what_may_have_been_done_after_it_protects_it(shop: DemoShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that was not confirmed may be the last deed: the order before it is left alone."""

    async def hangs(*args: Any, **kwargs: Any) -> None:
        raise Unconfirmed("hangs")

    slots = await cancelled()
    monkeypatch.setattr(shop, "end_subscription", hangs)
    found, texts, _ = await turn(End(), slots=slots, ask="c:8")
    assert texts == ["utter_unconfirmed"]
    _, texts, _ = await undo({**slots, **found})
    assert (texts, await state(shop)) == (["utter_undo_way"], "cancelled")


@pytest.mark.parametrize("later", ["box", "appointment"])
async def test_after_something_else_was_done_the_order_is_left_alone(shop: DemoShop, later: str) -> None:
    """ "Undo" is the last deed only; the way back from that one is offered."""
    slots = await cancelled()
    if later == "box":
        found, _, _ = await turn(End(), slots={**slots, "email": MARA}, ask="c:8")
    else:
        [time] = await shop.free_times(limit=1, now=NOW)
        booking = {"appointment_time": time, "appointment_kind": "video"}
        found, _, _ = await turn(Book(), slots={**slots, **booking}, ask="c:8")
    _, texts, dispatcher = await undo({**slots, **found})
    assert (texts, await state(shop)) == (["utter_undo_way"], "cancelled")
    way = {"box": "/subscription_start", "appointment": "/appointment_cancel"}[later]
    assert [one["payload"] for one in dispatcher.messages[0]["buttons"]] == [way, "/warmline_ask_person"]


async def test_another_order_s_number_undoes_nothing(shop: DemoShop) -> None:
    """What can be undone is said instead."""
    slots = await cancelled()
    _, texts, _ = await undo(slots, "reinstate A1129 please")
    assert (texts, await state(shop)) == (["utter_undo_only"], "cancelled")
    _, texts, _ = await undo(slots, "reinstate A1101 please")
    assert (texts, await state(shop)) == (["utter_restored"], "placed")


async def test_at_a_last_question_nothing_is_taken_back(shop: DemoShop) -> None:
    """It is about what is asked there, and that is not done yet; in other forms it is the last deed."""
    slots = await cancelled()
    found, texts, _ = await undo({**slots, "requested_slot": "confirm"}, loop="end_form")
    assert (found, texts, await state(shop)) == ({}, ["utter_undo_not_done"], "cancelled")
    _, texts, _ = await undo({**slots, "requested_slot": "email"}, loop="end_form")
    assert (texts, await state(shop)) == (["utter_restored"], "placed")


async def test_with_nothing_done_that_is_said() -> None:
    """And a person is offered."""
    found, texts, _ = await undo({"order_number": "A1101", "email": JONAS})
    assert (found, texts) == ({"warmline_offer": "person"}, ["utter_undo_nothing"])


@pytest.mark.usefixtures("shop")
async def test_an_uncertain_undo_with_nothing_done_is_asked_about() -> None:
    """It is more likely something else."""
    _, texts, _ = await undo({}, "I'd like to reorder", confidence=0.57)
    assert texts == ["utter_warmline_unsure"]


async def test_what_was_not_to_be_cancelled_and_is_is_offered_back(shop: DemoShop) -> None:
    """ "Everything stays as it is" would not be true."""
    slots = await cancelled()
    found, texts, dispatcher = await turn(LeaveIt(), text="don't cancel it", intent="leave_it", slots=slots)
    assert (found, texts) == ({"warmline_offer": "/undo"}, ["utter_done_already"])
    assert [one["payload"] for one in dispatcher.messages[0]["buttons"]] == ["/undo"]
    _, texts, _ = await turn(LeaveIt(), text="ich wollte nicht stornieren", intent="leave_it", slots=slots)
    assert texts == ["utter_done_already"]
    _, texts, _ = await turn(LeaveIt(), text="no call needed", intent="leave_it", slots=slots)
    assert texts == ["utter_left"]
    _, texts, _ = await turn(LeaveIt(), text="don't cancel it", intent="leave_it")
    assert texts == ["utter_left"]
