"""The actions with the shop's own system behind HTTP: the same answers, and honest ones when it goes away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from actions.order_tasks import Cancel, ValidateCancelForm
from actions.orders import TellOrder, ValidateOrderForm
from actions.room import Room, backend, furnish
from bot.backend.demo import DemoShop
from bot.backend.http import HttpShop
from bot.rules_file import load_rules
from bot.settings import load
from tests.backend.reference import Reference, Reply, Request, serving

from .conftest import NOW, ROOT, Talk, turn

JONAS = "jonas.ode@example.com"


@pytest.fixture(autouse=True)
def no_room_stays() -> object:
    yield
    furnish(None)


async def test_a_shop_that_goes_away_in_the_middle_is_told_as_it_is(tmp_path: Path) -> None:
    """Looked up while it is there; then an act that is lost on the way, then one that never left."""
    demo = DemoShop(tmp_path / "shop.db", NOW)
    reference = Reference(demo, "a-token-of-ours", lambda: NOW)
    lost = False

    async def handle(request: Request, _writer: asyncio.StreamWriter) -> Reply | None:
        reply = await reference.answer(request)
        return None if lost else reply  # the connection breaks off after the act

    async with serving(handle) as address:
        (tmp_path / ".warmline").mkdir()
        (tmp_path / ".warmline" / "backend-token").write_text("a-token-of-ours")
        settings = load({"WARMLINE_BACKEND": "http", "WARMLINE_BACKEND_URL": address}, root=tmp_path)
        shop = backend(settings)
        assert isinstance(shop, HttpShop)
        furnish(Room(load_rules(ROOT / "escalation.yml"), shop, lambda: NOW))
        talk = Talk(ValidateCancelForm(), order_number="A1101", email=JONAS)
        found, _ = await talk.say("cancel it", "cancel_order")
        assert found["about"].startswith("order A1101")
        await talk.say("yes", "affirm", "confirm")
        lost = True
        _, texts, _ = await turn(Cancel(), slots=talk.slots, ask="c:2")
        assert texts == ["utter_unconfirmed"]
    _, texts, _ = await turn(Cancel(), slots=talk.slots, ask="c:3")
    assert texts == ["utter_not_reached"]
    slots, texts, _ = await turn(
        ValidateOrderForm(), loop="order_form", told={"order_number": "A1101", "email": JONAS}, intent="inform"
    )
    assert (slots["form_end"], texts) == ("backend", [])
    _, texts, _ = await turn(TellOrder(), slots=slots)
    assert texts == ["utter_our_fault"]
    await shop.close()
    await demo.close()
