"""Who signs out of the site leaves nothing in the chat for the next one at that machine: a real bridge and browser."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import Browser, Page, expect

from tests.bridge.conftest import SECRETS, FakeEngine, World
from warmline.bridge.tickets import site_key

from .pages import Shop, hook

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EVERYTHING = """() => JSON.stringify([
    {...localStorage}, {...sessionStorage}, document.querySelector('warmline-chat').shadowRoot.innerHTML,
    document.querySelector('warmline-chat').shadowRoot.querySelector('textarea').value])"""


def ticket(person: str, issue: int) -> str:
    """As a site signs it; another *issue* is another ticket of the same person."""
    signer = URLSafeTimedSerializer(bytes.fromhex(site_key(SECRETS.ticket_key)), salt="warmline.site")
    return str(signer.dumps({"id": person, "name": f"{person.title()} {issue}", "email": f"{person}@example.com"}))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A bridge in a thread of its own: Playwright keeps the main thread's event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, loop).result(60)

    engine = FakeEngine()
    run(engine.start())
    made = World(tmp_path, engine, demo=True)
    run(made.up())
    made.run = run  # type: ignore[attr-defined]
    yield made
    run(made.down())
    run(engine.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def sign(page: Page, person: str | None, *, issue: int = 1) -> None:
    page.evaluate(
        """ticket => { const chat = document.querySelector('warmline-chat');
            if (ticket) chat.setAttribute('ticket', ticket); else chat.removeAttribute('ticket'); }""",
        person and ticket(person, issue),
    )


def talked(browser: Browser, world: World) -> Shop:
    """Mara is signed in, has said something, and has a draft in the field."""
    assert world.bridge is not None
    shop = Shop(browser, f"http://127.0.0.1:{world.bridge.port}/")
    sign(shop.page, "mara")
    shop.open()
    shop.say("my parcel for the clinic")
    shop.heard("bot", "You said: my parcel")
    shop.page.locator(hook("field")).fill("a private draft")
    return shop


def traces(page: Page) -> list[str]:
    """Which of Mara's words and keys can still be found."""
    found = page.evaluate(EVERYTHING)
    return [word for word in ("clinic", "private draft") if word in found]


@pytest.mark.parametrize("next_one", [None, "ben"])
def test_what_was_said_and_typed_is_gone_at_once(browser: Browser, world: World, next_one: str | None) -> None:
    """The token goes away, or names another person: log, draft and stored keys go, the next one finds a new chat."""
    shop = talked(browser, world)
    assert traces(shop.page) == ["clinic", "private draft"]
    session = shop.page.evaluate("() => Object.entries(localStorage).find(([key]) => key.endsWith(' session'))[1]")
    sign(shop.page, next_one)
    assert traces(shop.page) == []
    shop.open()
    shop.heard("bot", "an AI")
    expect(shop.lines("customer")).to_have_count(0)
    assert session not in shop.page.evaluate(EVERYTHING)
    shop.say("hello from the next one")
    shop.heard("bot", "You said: hello from the next one")
    # The demo's mailbox is not served here.
    assert [problem for problem in shop.seen.problems if "404" not in problem] == []
    shop.context.close()


def test_a_page_without_the_token_and_other_tabs_show_nothing_of_it_either(browser: Browser, world: World) -> None:
    """Signing out by a link: the next page has no token. A tab that was left open is emptied too."""
    shop = talked(browser, world)
    other = shop.context.new_page()
    other.goto(shop.page.url)
    sign(other, "mara")
    other.locator(hook("launcher")).click()
    expect(other.locator('[data-author="customer"]').filter(has_text="clinic")).to_be_visible()
    shop.page.reload()
    assert traces(shop.page) == []
    expect(other.locator('[data-author="customer"]')).to_have_count(0)
    assert traces(other) == []
    shop.context.close()


def test_a_renewed_ticket_of_the_same_person_keeps_the_chat(browser: Browser, world: World) -> None:
    """Sites sign one for each page they deliver."""
    shop = talked(browser, world)
    sign(shop.page, "mara", issue=2)
    shop.say("still here")
    shop.heard("bot", "You said: still here")
    shop.heard("customer", "clinic")
    shop.context.close()
