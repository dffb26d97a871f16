"""What the chat shows when the bridge refuses a press, a contact or the connection, and which Enter is not its own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.bridge.conftest import World, reply
from warmline.core.conversation import Button

from .pages import Shop, hook
from .test_sign_out import world  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

PRESS_THE_FIRST = """(() => {
    const send = WebSocket.prototype.send;
    let first = null;
    WebSocket.prototype.send = function (data) {
        const frame = JSON.parse(data);
        if (frame.choice) { first ??= frame.choice; frame.choice = first; }
        return send.call(this, JSON.stringify(frame));
    };
})()"""


def shop_of(browser: Browser, world: World) -> Shop:  # noqa: F811
    assert world.bridge is not None
    shop = Shop(browser, f"http://127.0.0.1:{world.bridge.port}/")
    shop.open()
    shop.heard("bot", "an AI")
    return shop


def test_a_press_that_comes_too_late_is_told_and_leaves_no_line(browser: Browser, world: World) -> None:  # noqa: F811
    """The page sends the first question's choice again: the sentence stands in the status, no line is left."""
    world.engine.script = lambda ask: reply(ask, f"Sure, {ask.seq}?", buttons=(Button("Yes", "/affirm"),))
    shop = shop_of(browser, world)
    shop.page.evaluate(PRESS_THE_FIRST)
    shop.say("book a time")
    shop.press("Yes")
    shop.heard("bot", "Sure, 4?")
    shop.press("Yes")
    expect(shop.page.locator(hook("status"))).to_have_text(
        "That button belonged to an earlier question. Nothing was done."
    )
    expect(shop.lines("customer")).to_have_count(2)
    shop.context.close()


def test_a_close_for_good_is_told_and_not_tried_again(browser: Browser, world: World) -> None:  # noqa: F811
    """1008: one connection, and a sentence instead of "Connecting" for ever."""
    shop = shop_of(browser, world)
    opened: list[object] = []
    shop.page.on("websocket", lambda socket: opened.append(socket))
    assert world.bridge is not None
    ((connection,),) = world.bridge.context.hub.customers.values()
    world.run(connection.socket.close(1008, "too many refused frames"))  # type: ignore[attr-defined]
    expect(shop.page.locator(hook("status"))).to_contain_text("Reload the page")
    shop.page.wait_for_timeout(4_000)
    assert opened == []
    shop.context.close()


def test_the_enter_that_confirms_a_composition_sends_nothing(browser: Browser, world: World) -> None:  # noqa: F811
    """As Safari tells it: keyCode 229 and isComposing false. The next Enter sends."""
    shop = shop_of(browser, world)
    field = shop.page.locator(hook("field"))
    field.fill("\u65e5\u672c")
    field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    expect(field).to_have_value("\u65e5\u672c")
    field.press("Enter")
    shop.heard("customer", "\u65e5\u672c")
    expect(shop.lines("customer")).to_have_count(1)
    shop.context.close()
