"""Carry the questions in the outbox to the engine, one at a time for each conversation, and its answers home."""

from __future__ import annotations

import asyncio

import structlog

from bot.bridge.engine import Engine
from bot.bridge.hub import Hub
from bot.bridge.presence import Presence
from bot.bridge.reading import turns_now, with_words_read
from bot.bridge.steps import Steps
from bot.core import inputs
from bot.core.ask import Ask
from bot.core.errors import EngineUnavailable, StoreError, WarmlineError
from bot.core.escalation import Rules, engine_down
from bot.store import PendingAsk, Store

AT_ONCE = 16
LOOK_AGAIN_S = 1.0

log = structlog.get_logger()


class Outbox:
    """:meth:`run` until cancelled; :meth:`wake` when a question was added."""

    def __init__(self, store: Store, steps: Steps, engine: Engine, hub: Hub, presence: Presence, rules: Rules) -> None:
        self._store = store
        self._steps = steps
        self._engine = engine
        self._hub = hub
        self._presence = presence
        self._rules = rules
        self._wake = asyncio.Event()
        self._busy: set[str] = set()

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Questions left from before a restart are asked too."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                try:
                    waiting = await self._store.pending_asks(AT_ONCE + len(self._busy))
                except StoreError as failure:
                    log.error("outbox_unreadable", why=failure.text)
                    await asyncio.sleep(LOOK_AGAIN_S)
                    continue
                for pending in waiting:
                    if pending.conversation not in self._busy and len(self._busy) < AT_ONCE:
                        self._busy.add(pending.conversation)
                        group.create_task(self._carry(pending))
                await self._wake.wait()

    async def _carry(self, pending: PendingAsk) -> None:
        self._hub.tell_typing(pending.conversation, "bot", True)
        try:
            await self._steps.step(pending.conversation, await self._ask(pending))
        except WarmlineError as failure:
            # The question stays in the outbox and is asked again; without the pause a full disk would make this a hot
            # loop.
            log.error("answer_not_kept", conversation=pending.conversation, seq=pending.seq, why=failure.text)
            await asyncio.sleep(LOOK_AGAIN_S)
        finally:
            self._hub.tell_typing(pending.conversation, "bot", False)
            self._busy.discard(pending.conversation)
            self._wake.set()

    async def _ask(self, pending: PendingAsk) -> inputs.Input:
        conversation = await self._store.conversation(pending.conversation)
        turns, messages = await turns_now(self._store, conversation, until=pending.seq)
        text = next((m.text for m in messages if m.seq == pending.seq), "")
        ask = Ask(
            id=f"{pending.conversation}:{pending.seq}",
            conversation=pending.conversation,
            epoch=pending.epoch,
            seq=pending.seq,
            text=text.lstrip("/ ") or text.replace("/", " "),
            customer=conversation.customer,
            turns=turns,
            payload=pending.payload,
            memory=await self._store.memory(pending.conversation),
            handed_back_for=conversation.handed_back_for,
        )
        try:
            answer = await self._engine.ask(ask)
        except EngineUnavailable as failure:
            return inputs.BotFailed(
                pending.seq,
                pending.epoch,
                failure.code,
                engine_down(await with_words_read(turns), self._rules),
                await self._presence.there(),
            )
        return inputs.BotAnswered(pending.seq, pending.epoch, answer, await self._presence.there())
