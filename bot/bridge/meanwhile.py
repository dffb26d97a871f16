"""
While no bot listens: what is said to somebody who waits, and what the bot is to know when it has the conversation back.

A line to somebody who waits is a step of its own after the one that kept their message: nothing of it holds up an ack,
and one that a dying bridge did not write is no loss. The engine is asked only how it would answer a general question;
it takes no turn and no deed is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from bot.bridge.engines import Engines
from bot.bridge.presence import Presence
from bot.bridge.refresh import Refresh
from bot.bridge.steps import NotNeeded, Steps
from bot.core import inputs
from bot.core.conversation import Conversation, Fact, Message, Owner
from bot.core.errors import EngineUnavailable, SettingsError, WarmlineError
from bot.core.order_number import OrderNumbers
from bot.language.told import told
from bot.language.waiting import said_while_waiting
from bot.store import Store

LOG = 200
"""Messages that are read back for what was told."""
LAST = 8
"""Messages among which the customer's newest is looked for."""
ANSWERED = frozenset({"waiting", "noted", "meanwhile", "told"})
AT_ONCE = 8
"""Messages of waiting customers that are answered side by side; the engine's turns come first."""

Orders = Callable[[], OrderNumbers]

log = structlog.get_logger()


class Meanwhile:
    """Answers customers who wait. :meth:`look` never waits itself; :meth:`close` gives up what is not yet said."""

    def __init__(self, store: Store, steps: Steps, engine: Engines, presence: Presence, refresh: Refresh) -> None:
        self._store = store
        self._steps = steps
        self._engine = engine
        self._presence = presence
        self._refresh = refresh
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._answering: set[asyncio.Task[None]] = set()

    def look(self, conversation_id: str, client_id: str) -> None:
        """The customer's message *client_id* was kept; when nobody has the conversation, say what can be said."""
        task = asyncio.get_running_loop().create_task(self._look(conversation_id, client_id))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def close(self) -> None:
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _look(self, conversation_id: str, client_id: str) -> None:
        async with self._gate:
            try:
                message = await self._unanswered(await self._store.conversation(conversation_id), client_id)
                await self._steps.step(conversation_id, await self._waits(conversation_id, message, client_id))
            except NotNeeded:
                pass
            except WarmlineError as failure:
                log.error("waiting_not_answered", conversation=conversation_id, why=failure.text)

    async def _waits(
        self, conversation_id: str, message: Message, client_id: str
    ) -> Callable[[Conversation], Coroutine[Any, Any, inputs.Input]]:
        said = said_while_waiting(message.text)
        answer = await self._faq(conversation_id, message.text) if said == "more" else ""

        async def waits(conversation: Conversation) -> inputs.Input:
            await self._unanswered(conversation, client_id)  # much may have happened while the engine was asked
            place, wait_min = await self._refresh.wait_of(conversation_id)
            return inputs.CustomerWaits(message.seq, said, place, wait_min, await self._presence.there(), answer)

        return waits

    async def _unanswered(self, conversation: Conversation, client_id: str) -> Message:
        """
        The message *client_id*. Raises NotNeeded when somebody has come, the customer has written more since (the
        newest is answered), a line to it is there already (a frame that was sent twice), or one of danger is: nothing
        is said beside that.
        """
        if conversation.owner is Owner.QUEUE:
            for message in reversed(await self._store.messages(conversation.id, limit=LAST)):
                if message.code in ANSWERED:
                    break
                if message.author == "customer":
                    if message.client_id == client_id:
                        return message
                    break
        raise NotNeeded("There is nothing to say.")

    async def _faq(self, conversation_id: str, text: str) -> str:
        if not self._engine.ok:
            return ""
        try:
            return await self._engine.faq(conversation_id, text)
        except EngineUnavailable as failure:
            log.info("waiting_without_faq", conversation=conversation_id, why=failure.text)
            return ""


async def told_meanwhile(store: Store, conversation: Conversation, orders: Orders, note: str = "") -> tuple[Fact, ...]:
    """
    What was told since the bot was last asked, for a bot that gets *conversation* back; *note* is the agent's. What was
    written before that is read too for facts that are missing: the bot may have failed over it.
    """
    messages = await store.messages(conversation.id, after=conversation.opened_seq - 1, limit=LOG)
    unread = [message for message in messages if message.seq > conversation.settled_seq]
    read = [message for message in messages if message.seq <= conversation.settled_seq and message.author == "customer"]
    return await asyncio.to_thread(_told, conversation, unread, read, note, orders)


def _told(
    conversation: Conversation, unread: list[Message], read: list[Message], note: str, orders: Orders
) -> tuple[Fact, ...]:
    try:
        numbers = orders()
    except SettingsError as missing:
        log.warning("order_numbers_not_known", why=missing.text)
        numbers = None
    new = told(unread, note, numbers)
    known = {fact.name for fact in (*conversation.facts, *new)}
    return (*new, *(fact for fact in told(read, "", numbers) if fact.name not in known))
