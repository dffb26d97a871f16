"""The turns of a conversation as they stand in the log, ready for the rules: each text read once."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.core.conversation import Conversation, Message
from bot.core.mood import Turn
from bot.core.turns import turns_of
from bot.language import warm as load_language
from bot.language import with_features
from bot.store import Store

log = structlog.get_logger()

PATIENCE_S = 1.0

LOG = 60
"""Messages read to find the last turns: bubbles and system lines are more than turns."""


_language = ThreadPoolExecutor(1, thread_name_prefix="warmline-language")
"""
One thread for all reading of texts: the first reading loads the language tables, which takes seconds, and the event
loop must not stand still meanwhile. Started by the first use.
"""


async def warm() -> None:
    """Load what reading needs, off the event loop, before the first message wants it."""
    await asyncio.get_running_loop().run_in_executor(_language, load_language)


async def turns_now(
    store: Store, conversation: Conversation, *, until: int | None = None
) -> tuple[tuple[Turn, ...], list[Message]]:
    """
    The last turns of the present episode up to seq *until* (default: all), and the messages they were read from.

    Turns come unread when reading takes longer than ``PATIENCE_S``: a bridge that just started serves before its
    language tables are loaded. The engine's side then reads them, and the rules decide by what else they know.
    """
    messages = await store.messages(conversation.id, limit=LOG)
    analyses = (await store.analyses([conversation.id])).get(conversation.id, {})
    last = conversation.seq if until is None else until
    turns = turns_of(messages, analyses, until=last, since=conversation.opened_seq)
    try:
        async with asyncio.timeout(PATIENCE_S):
            read = await asyncio.get_running_loop().run_in_executor(_language, with_features, turns)
    except TimeoutError:
        log.warning("turns_unread", conversation=conversation.id)
        return tuple(turns), messages
    return read, messages
