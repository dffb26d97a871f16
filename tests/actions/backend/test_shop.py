"""The demo shop, on a real SQLite file."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from actions.backend import CODE_LIFETIME_S, CODE_TRIES, Purpose, Refusal
from actions.backend.demo import CODES_AN_HOUR, RESET_LINK, DemoShop
from warmline.core.errors import BackendError

from .conftest import NOW, Demo

MARA = "mara@example.com"


def today() -> date:
    return datetime.fromtimestamp(NOW, timezone.utc).date()


async def test_mara_s_order_is_two_days_late_and_still_on_its_way(shop: Demo) -> None:
    """The order of the story is what the story says."""
    order = await shop.order("A1042", MARA)
    assert order is not None
    assert order.state == "shipped"
    assert date.fromisoformat(order.due_on) == today() - timedelta(days=2)
    assert date.fromisoformat(order.expected_on) == today() + timedelta(days=1)
    assert order.shopper.name == "Mara K."
    assert [item.title for item in order.items] == ["Walnut desk lamp", "Wool throw, moss"]


async def test_an_order_is_told_only_with_its_own_e_mail(shop: Demo) -> None:
    """A wrong number and a wrong address look the same."""
    assert await shop.order("A1042", "tom.baker@example.com") is None
    assert await shop.order("A9999", MARA) is None
    assert await shop.order("a1024", "MARA@example.com") is not None


async def test_the_shop_has_orders_in_every_state(shop: Demo, tmp_path: Path) -> None:
    """Some thirty customers, each with an order that can be found by its e-mail."""
    await shop.outbox()
    import sqlite3

    with sqlite3.connect(tmp_path / "shop.db") as db:
        rows = db.execute("select number, email, state from orders").fetchall()
    assert len({email for _, email, _ in rows}) > 30
    assert {state for _, _, state in rows} == {"placed", "packed", "shipped", "delivered", "cancelled", "returned"}
    for number, email, state in rows:
        order = await shop.order(number, email)
        assert order is not None
        assert order.state == state
        assert order.items


async def test_a_right_code_is_used_up_and_sends_the_link(shop: Demo) -> None:
    """Two mails: the code, then the link; the same code does not work again."""
    await shop.send_code("reset", MARA, key="c:1", now=NOW)
    assert "111111" in (await shop.outbox())[0].text
    assert (await shop.try_code("reset", MARA, "111111", key="c:2", now=NOW + 60)).result == "right"
    assert RESET_LINK in (await shop.outbox())[0].text
    assert (await shop.try_code("reset", MARA, "111111", key="c:3", now=NOW + 61)).result == "used"
    assert len(await shop.outbox()) == 2


async def test_wrong_codes_are_counted_and_the_last_one_locks(shop: Demo) -> None:
    """After five wrong codes even the right one is refused."""
    await shop.send_code("reset", MARA, key="c:1", now=NOW)
    tried = [await shop.try_code("reset", MARA, "000000", key=f"c:{n}", now=NOW) for n in range(2, 2 + CODE_TRIES)]
    assert [one.result for one in tried] == ["wrong"] * (CODE_TRIES - 1) + ["locked"]
    assert [one.tries_left for one in tried] == list(range(CODE_TRIES - 1, -1, -1))
    assert (await shop.try_code("reset", MARA, "111111", key="c:9", now=NOW)).result == "locked"


async def test_a_code_expires(shop: Demo) -> None:
    """The tenth minute is too late, and a new code voids the old one."""
    await shop.send_code("reset", MARA, key="c:1", now=NOW)
    late = NOW + CODE_LIFETIME_S
    assert (await shop.try_code("reset", MARA, "111111", key="c:2", now=late)).result == "expired"
    await shop.send_code("reset", MARA, key="c:3", now=late)
    assert (await shop.try_code("reset", MARA, "111111", key="c:4", now=late)).result == "wrong"
    assert (await shop.try_code("reset", MARA, "111112", key="c:5", now=late)).result == "right"


async def test_the_same_question_again_does_nothing_twice(shop: Demo) -> None:
    """The bridge may repeat a question: one mail, one counted try, the same result."""
    for _ in range(3):
        await shop.send_code("reset", MARA, key="c:1", now=NOW)
    assert len(await shop.outbox()) == 1
    tried = [await shop.try_code("reset", MARA, "000000", key="c:2", now=NOW) for _ in range(3)]
    assert {one.tries_left for one in tried} == {CODE_TRIES - 1}
    right = [await shop.try_code("reset", MARA, "111111", key="c:3", now=NOW) for _ in range(2)]
    assert [one.result for one in right] == ["right", "right"]
    assert len(await shop.outbox()) == 2


@pytest.mark.parametrize("purpose", ["reset", "proof"])
@pytest.mark.parametrize("used", [False, True], ids=["", "used by its owner"])
async def test_an_address_without_an_account_looks_like_any_other(shop: Demo, purpose: Purpose, used: bool) -> None:
    """
    To the end and beyond: wrong codes until it locks, a new code after that, its expiry, too many codes. Also when the
    owner used the code meanwhile. Nothing is mailed to an unknown address.
    """

    async def story(email: str) -> list[object]:
        told: list[object] = []

        async def send(at: float) -> None:
            try:
                await shop.send_code(purpose, email, key=f"{email}:{len(told)}", now=at)
                told.append("sent")
            except Refusal as refusal:
                told.append(refusal.reason)

        async def attempt(at: float) -> None:
            told.append(await shop.try_code(purpose, email, "000000", key=f"{email}:{len(told)}", now=at))

        await attempt(NOW)
        await send(NOW)
        if used and email == MARA:
            assert (await shop.try_code(purpose, email, "111111", key="owner", now=NOW)).result == "right"
        for _ in range(CODE_TRIES + 2):
            await attempt(NOW + 1)
        await send(NOW + 2)
        for _ in range(2):
            await attempt(NOW + 3)
        await attempt(NOW + 2 + CODE_LIFETIME_S)
        for _ in range(CODES_AN_HOUR):
            await send(NOW + 3 + CODE_LIFETIME_S)
        await attempt(NOW + 4 + CODE_LIFETIME_S)
        return told

    known, unknown = await story(MARA), await story("nobody@example.com")
    assert known == unknown
    assert {mail.to for mail in await shop.outbox()} == {MARA}


async def test_that_a_code_was_used_is_told_to_nobody_who_does_not_know_it(shop: Demo) -> None:
    """The used code hears that it was used, any other one is wrong and counted."""
    await shop.send_code("reset", MARA, key="c:1", now=NOW)
    codes = ["111111", "000000", "111111"]
    tried = [await shop.try_code("reset", MARA, code, key=f"c:{n}", now=NOW) for n, code in enumerate(codes, 2)]
    assert [(one.result, one.tries_left) for one in tried] == [("right", 5), ("wrong", 4), ("used", 4)]


async def test_nobody_can_be_flooded_with_codes(shop: Demo) -> None:
    """The sixth code of an hour is refused; an hour later it goes."""
    for n in range(CODES_AN_HOUR):
        await shop.send_code("reset", MARA, key=f"c:{n}", now=NOW)
    with pytest.raises(Refusal):
        await shop.send_code("reset", MARA, key="c:99", now=NOW + 10)
    await shop.send_code("reset", MARA, key="c:100", now=NOW + 3601)
    assert len(await shop.outbox()) == CODES_AN_HOUR + 1


async def test_two_processes_make_the_shop_once(tmp_path: Path) -> None:
    """Both find the same orders, whoever was first."""
    shops = [DemoShop(tmp_path / "shop.db", NOW) for _ in range(2)]
    orders = await asyncio.gather(*(shop.order("A1042", MARA) for shop in shops))
    assert orders[0] == orders[1]
    assert orders[0] is not None
    for shop in shops:
        await shop.close()


async def test_a_shop_that_cannot_be_opened_is_an_error_with_a_name(tmp_path: Path) -> None:
    """A file in the way is a BackendError, not a stack."""
    (tmp_path / "room").write_text("not a directory")
    shop = DemoShop(tmp_path / "room" / "shop.db", NOW)
    with pytest.raises(BackendError):
        await shop.order("A1042", MARA)
