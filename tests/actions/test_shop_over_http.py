"""The actions with the shop's own system behind HTTP: the same answers, and honest ones when it goes away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from actions.backend.demo import DemoShop
from actions.backend.http import HttpShop
from actions.order_tasks import Cancel, ValidateCancelForm
from actions.orders import TellOrder, ValidateOrderForm
from actions.services import ShopServices, backend
from actions.settings import ShopSettings
from tests.actions.backend.reference import Reference, Reply, Request, serving
from warmline.actions.services import use_services
from warmline.rules_file import load_rules
from warmline.settings import load

from .conftest import NOW, ROOT, Talk, turn

JONAS = "jonas.ode@example.com"


@pytest.fixture(autouse=True)
def no_room_stays() -> object:
    yield
    use_services(None)


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
        chosen = {"SHOP_BACKEND": "http", "SHOP_BACKEND_URL": address}
        shop = backend(ShopSettings.of(load({}, root=tmp_path), chosen))
        assert isinstance(shop, HttpShop)
        rules = load_rules(ROOT / "escalation.yml")
        use_services(ShopServices(lambda: rules, shop, lambda: NOW, root=ROOT))
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
    assert (slots["warmline_form_end"], texts) == ("backend", [])
    _, texts, _ = await turn(TellOrder(), slots=slots)
    assert texts == ["utter_our_fault"]
    await shop.close()
    await demo.close()
