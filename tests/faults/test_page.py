"""The pages in a real browser: when the bridge is killed in the middle of sending, and when a conversation is long."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.pages import Console, Shop, hook
from warmline.bridge.hub import Hub
from warmline.bridge.session import BACKLOG
from warmline.bridge.steps import Steps
from warmline.core.inputs import CustomerWrote
from warmline.store.sqlite import SqliteStore

from .world import PASSWORD, Processes

LIMIT_S = 60.0


class Elsewhere:
    """Runs coroutines in a thread of its own: Playwright keeps the main thread's event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(120)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    yield made
    made.stop()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.browser
@pytest.mark.processes
@pytest.mark.timeout(400)
def test_a_page_whose_bridge_is_killed_while_it_sends_shows_every_message_once(
    browser: Browser, elsewhere: Elsewhere, tmp_path: Path, full: bool
) -> None:
    """
    kill -9 right after a press of Send, again and again; the page is never touched. In the end it shows what the record
    has, each of its own lines once, in the order they were written, and each answer once.
    """
    kills = 20 if full else 3
    luck = random.Random(5)
    processes = Processes(tmp_path, agents=1, ENGINE_LIMIT_S="4", LOG_LEVEL="warning", DEMO="true")
    elsewhere.run(processes.__aenter__())
    try:
        shop = Shop(browser, f"http://127.0.0.1:{processes.port}/")
        shop.open()
        shop.heard("bot", "an AI")
        written: list[str] = []
        for number in range(kills):
            for _ in range(luck.randint(1, 2)):
                written.append(f"text {len(written)} end")
                shop.page.locator(hook("field")).fill(written[-1])
                shop.page.locator(hook("send")).click()
                shop.page.wait_for_timeout(luck.random() * 60)
            elsewhere.run(processes.kill_bridge())
            if number % 2:
                written.append(f"text {len(written)} end")
                shop.page.locator(hook("field")).fill(written[-1])
                shop.page.locator(hook("send")).click()
            elsewhere.run(processes.start_bridge())
            shop.heard("customer", written[-1])
        with closing(sqlite3.connect(f"file:{processes.store_path}?mode=ro", uri=True)) as db:

            def record() -> list[tuple[int, str, str]]:
                return db.execute("SELECT seq, author, text FROM messages ORDER BY seq").fetchall()

            until(lambda: sum(author == "customer" for _, author, _ in record()) == len(written))
            until(lambda: not db.execute("SELECT count(*) FROM outbox").fetchone()[0])
            until(lambda: len(shop.seqs()) == len(record()))
            assert shop.seqs() == [seq for seq, _, _ in record()]
            assert [text for _, author, text in record() if author == "customer"] == written
            own = shop.page.eval_on_selector_all('[data-author="customer"] .words', "all => all.map(e => e.innerText)")
            assert own == written
            answers = [text for text in shop.texts() if text.startswith("re: ")]
            assert len(answers) == len(set(answers))
        assert shop.seen.problems == []
        shop.context.close()
    finally:
        elsewhere.run(processes.__aexit__())


async def write_much(path: Path, lines: int) -> int:
    """So many lines more in the only conversation of the record; returns its last seq."""
    store = SqliteStore(path)
    await store.open()
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            (conversation,) = db.execute("SELECT id FROM conversations").fetchone()
        steps = Steps(store, Hub(), team="Test")
        for n in range(lines):
            last = await steps.step(conversation, CustomerWrote(f"long {n}", f"line {n} of a long story"))
        return last
    finally:
        await store.close()


def reads_back(page: Page, seqs: Callable[[], list[int]], last: int) -> None:
    """All lines come, page by page, and the line that was read stays where it was."""
    expect(page.locator(f'[data-seq="{last}"]')).to_be_visible()
    while seqs()[0] > 1:
        shown = seqs()
        first = page.locator(f'[data-seq="{shown[0]}"]')
        page.locator(hook("earlier")).scroll_into_view_if_needed()
        before = first.bounding_box()
        page.locator(hook("earlier")).click()
        expect(page.locator(f'[data-seq="{shown[0] - 1}"]')).to_be_attached()
        after = first.bounding_box()
        assert before is not None
        assert after is not None
        assert abs(before["y"] - after["y"]) < before["height"]
    assert seqs() == list(range(1, last + 1))
    expect(page.locator(hook("earlier"))).to_be_hidden()


@pytest.mark.browser
@pytest.mark.processes
@pytest.mark.timeout(300)
def test_a_long_conversation_can_be_read_back_to_its_first_line_by_both_sides(
    browser: Browser, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """Who takes over has the whole conversation, as the customer was told, and so has the customer."""
    processes = Processes(tmp_path, agents=1, LOG_LEVEL="warning", DEMO="true")
    elsewhere.run(processes.__aenter__())
    try:
        url = f"http://127.0.0.1:{processes.port}"
        console = Console(browser, url, processes.agents[0], PASSWORD)
        shop = Shop(browser, url)
        shop.open()
        shop.heard("bot", "an AI")
        shop.ask_person()
        shop.heard("system", "queue")
        last = elsewhere.run(write_much(processes.store_path, 2 * BACKLOG))
        shop.reload()
        reads_back(shop.page, shop.seqs, last)
        console.page.locator(hook("open")).first.click()
        reads_back(console.page, console.seqs, last)
        for page in (shop, console):
            assert page.seen.problems == []
            page.context.close()
    finally:
        elsewhere.run(processes.__aexit__())
