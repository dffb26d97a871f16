"""Ring the timers that are rows of the store, whoever set them."""

from __future__ import annotations

import asyncio
import time

import structlog

from bot.bridge.presence import Presence
from bot.bridge.steps import Steps
from bot.core import inputs
from bot.core.errors import StoreError, WarmlineError
from bot.store import Store

LONGEST_SLEEP_S = 5.0
LOOK_AGAIN_S = 1.0

log = structlog.get_logger()


class Timers:
    """:meth:`run` until cancelled; :meth:`wake` when a timer was set."""

    def __init__(self, store: Store, steps: Steps, presence: Presence) -> None:
        self._store = store
        self._steps = steps
        self._presence = presence
        self._wake = asyncio.Event()

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            try:
                for due in await self._store.due_timers(time.time(), 100):
                    rang = inputs.TimerRang(due.name, due.at, await self._presence.there())
                    await self._steps.step(due.conversation, rang)
                next_at = await self._store.next_timer_at()
            except StoreError as failure:
                log.error("timers_unreadable", why=failure.text)
                await asyncio.sleep(LOOK_AGAIN_S)
                continue
            except WarmlineError as failure:
                log.error("timer_refused", why=failure.text)
                await asyncio.sleep(LOOK_AGAIN_S)
                continue
            sleep_s = LONGEST_SLEEP_S if next_at is None else min(LONGEST_SLEEP_S, max(0.0, next_at - time.time()))
            try:
                async with asyncio.timeout(sleep_s):
                    await self._wake.wait()
            except TimeoutError:
                pass
