"""Carry a conversation one step on: load, advance, commit, then tell. One step at a time for each conversation."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

import structlog

from warmline.bridge import metrics
from warmline.bridge.hub import Hub
from warmline.core import inputs, line
from warmline.core.conversation import Conversation, Customer
from warmline.core.effects import AskBot, Effect, Keep, SetTimer
from warmline.core.errors import PeerError, StaleVersion, StoreError, StoreUnavailable, TooFast, WarmlineError
from warmline.store import Store

log = structlog.get_logger(__name__)

OUR_FAULT = "Something on our side isn't working. Please try again."
"""What is said of a defect of ours."""
TRIES = 5
MOST_REFUSED = 10_000
"""Refusals that are remembered; a copy is on its way for seconds, not for so many frames."""


class NotNeeded(WarmlineError):
    """Raised by a *happened* that finds, when the conversation is its own, that there is nothing to do any more."""


Happened = inputs.Input | Callable[[Conversation], Awaitable[inputs.Input]]


class Steps:
    """
    The only writer of conversations in this process.

    *touched* is called with the id after each stored step: state, packet and desk are refreshed from there. *asked* and
    *timer_set* wake the outbox and the timers. *store_ok* is whether the last commit found a disk that keeps things.
    """

    def __init__(
        self, store: Store, hub: Hub, *, team: str, helps_with: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self.store_ok = True
        self._store = store
        self._hub = hub
        self._team, self._helps_with = team, helps_with
        # What was refused for good. A copy of the same frame may be on its way, on this connection or on one that was
        # cut, and by the time it is read the conversation may allow it: its sender was told that it was not kept.
        self._refused: OrderedDict[tuple[str, str, str], WarmlineError] = OrderedDict()
        self._running: set[asyncio.Task[int]] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.touched: Callable[[str], None] = lambda conversation_id: None
        self.asked: Callable[[], None] = lambda: None
        self.timer_set: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def alone(self, conversation_id: str) -> AsyncIterator[None]:
        """Nobody else in this process moves or publishes the conversation meanwhile."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            yield

    async def start(self, conversation_id: str, customer: Customer) -> Conversation:
        """Store a new conversation with its opening line."""
        conversation, effects = line.start(
            conversation_id, customer, self._clock(), team=self._team, helps_with=self._helps_with
        )
        await self._store.create(conversation, effects)
        return conversation

    async def step(
        self, conversation_id: str, happened: Happened, *, sender: str | None = None, frame_id: str | None = None
    ) -> int:
        """
        Take one step, and return the seq to acknowledge: the same one when *sender* sent *frame_id* before. An error
        means that nothing was kept, and nothing will be: every later copy of a frame that was refused for good (for
        whatever reason other than TooFast and StoreError, which ask for another try) is refused as well.

        *happened* may be a coroutine function that makes the input from the conversation as it is now; it checks
        permission and may raise. Raises what it and :func:`~warmline.core.line.advance` raise, and StoreUnavailable. A
        step that has begun is finished even when the caller is cancelled: what was kept is told.
        """
        task = asyncio.create_task(self._step(conversation_id, happened, sender, frame_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait for the steps that have begun."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _step(self, conversation_id: str, happened: Happened, sender: str | None, frame_id: str | None) -> int:
        async with self.alone(conversation_id):
            if sender is None or frame_id is None:
                return await self._moved(conversation_id, happened, sender, frame_id)
            copy = (conversation_id, sender, frame_id)
            if copy in self._refused:
                raise self._refused[copy].with_traceback(None)
            try:
                return await self._moved(conversation_id, happened, sender, frame_id)
            except (TooFast, StoreError):
                raise
            except Exception as wrong:
                self._refused[copy] = (
                    type(wrong)(wrong.text) if isinstance(wrong, PeerError) else WarmlineError(OUR_FAULT)
                )
                if len(self._refused) > MOST_REFUSED:
                    self._refused.popitem(last=False)
                raise

    async def _moved(self, conversation_id: str, happened: Happened, sender: str | None, frame_id: str | None) -> int:
        """The seq to acknowledge; the lock of the conversation is held."""
        for attempt in range(TRIES):
            conversation = await self._store.conversation(conversation_id)
            # After the conversation, and at each try: the same frame may have come in by another bridge meanwhile.
            if sender is not None and frame_id is not None:
                before = await self._store.accepted(conversation_id, sender, frame_id)
                if before is not None:
                    return before
            what = await happened(conversation) if callable(happened) else happened
            after, effects = line.advance(conversation, what, self._clock(), team=self._team)
            try:
                await self._store.commit(after, effects, expected_version=conversation.version)
            except StaleVersion:
                if attempt == TRIES - 1:
                    raise
                continue
            except StoreUnavailable:
                self.store_ok = False
                raise
            self.store_ok = True
            self._tell(conversation_id, effects)
            return after.seq
        raise AssertionError("unreachable: the last try returns or raises")

    def _tell(self, conversation_id: str, effects: Sequence[Effect]) -> None:
        """
        Tell what was kept, in the order it was kept; the lock of the conversation is held. A defect here is logged and
        goes no further: the step is kept, and its sender must not hear otherwise. Who missed a line sees the gap.
        """
        try:
            self._publish(conversation_id, effects)
        except Exception as failure:
            log.error(
                "defect",
                where=traceback.format_tb(failure.__traceback__),
                error=type(failure).__name__,
                conversation=conversation_id,
            )

    def _publish(self, conversation_id: str, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Keep(message):
                    metrics.MESSAGES.labels(message.author).inc()
                    self._hub.tell_message(message)
                case AskBot():
                    self.asked()
                case SetTimer():
                    self.timer_set()
                case _:
                    pass
        self.touched(conversation_id)
