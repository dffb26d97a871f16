"""The chat in a real browser, whose bridge is killed in the middle of sending."""

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
from playwright.sync_api import Browser

from tests.end_to_end.pages import Shop, hook

from .world import Processes

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
