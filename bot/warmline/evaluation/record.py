"""Conversations from the record, as the lines that files give: to replay one, or to tune on agents' verdicts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from warmline.core.conversation import Message
from warmline.core.errors import NotFound, SettingsError
from warmline.core.turns import all_turns
from warmline.evaluation.dialogues import Line
from warmline.store import Served, Store

MOST = 100_000
"""Messages read of one conversation."""

T = TypeVar("T")


def conversation_lines(path: Path, conversation_id: str) -> list[Line]:
    """
    Everything said in the conversation, in the record at *path*; each of its episodes is a dialogue of its own.

    Raises:
        SettingsError: there is no record, or no such conversation in it.
    """
    return _asked(path, lambda store: _conversation(store, conversation_id))


def verdict_lines(path: Path) -> list[Line]:
    """
    What led to each handoff that an agent has given a verdict on, with ``needed`` on every line; each is a dialogue.

    Raises:
        SettingsError: there is no record, or nobody has given a verdict yet.
    """
    found = _asked(path, _verdicts)
    if not found:
        raise SettingsError(
            f"No agent has given a verdict in {path} yet: the console asks for it when a conversation is handed back "
            "or ended."
        )
    return found


def _asked(path: Path, question: Callable[[Store], Awaitable[T]]) -> T:
    from warmline.store.sqlite import SqliteStore  # here, because `warmline score` needs no database

    if not path.exists():
        raise SettingsError(f"There is no record at {path} yet.")

    async def ask() -> T:
        store = SqliteStore(path)
        await store.open()
        try:
            return await question(store)
        finally:
            await store.close()

    return asyncio.run(ask())


async def _conversation(store: Store, conversation_id: str) -> list[Line]:
    try:
        await store.conversation(conversation_id)
    except NotFound:
        raise SettingsError(f"There is neither a file nor a conversation {conversation_id!r}.") from None
    messages = await store.messages(conversation_id, limit=MOST)
    served = await store.served(conversation_id)
    begins = [1, *(message.seq for message in messages if message.code == "reopened")]
    ends = [*(seq - 1 for seq in begins[1:]), messages[-1].seq if messages else 0]
    found: list[Line] = []
    for number, (since, until) in enumerate(zip(begins, ends, strict=True), 1):
        name = conversation_id if number == 1 else f"{conversation_id} ({number})"
        found += await _lines(store, messages, served, name, since=since, until=until)
    return found


async def _verdicts(store: Store) -> list[Line]:
    found: list[Line] = []
    everything = await store.served()
    for number, one in enumerate(everything, 1):
        if one.needed is None:
            continue
        messages = await store.messages(one.conversation, limit=MOST)
        before = [message for message in messages if message.at <= one.asked_at]
        if not before:
            continue
        # What an agent heard in an earlier handoff of the episode was judged then.
        heard = [message.seq for message in before if message.author == "agent" and message.seq >= one.since]
        since = max([one.since, *(seq + 1 for seq in heard)])
        theirs = [each for each in everything if each.conversation == one.conversation]
        name = f"{one.conversation} ({number})"
        found += await _lines(
            store, messages, theirs, name, since=since, until=before[-1].seq, opened=one.since, needed=one.needed
        )
    return found


async def _lines(
    store: Store,
    messages: Sequence[Message],
    served: Sequence[Served],
    dialogue: str,
    *,
    since: int,
    until: int,
    opened: int | None = None,
    needed: bool | None = None,
) -> list[Line]:
    if not messages:
        return []
    conversation = messages[0].conversation
    analyses = (await store.analyses([conversation])).get(conversation, {})
    verdict = {} if needed is None else {"needed": needed}
    begun = since if opened is None else opened
    lines = []
    for number, turn in enumerate(all_turns(messages, analyses, until=until, since=since), 1):
        raw = {"dialogue": dialogue, "role": turn.role, "text": turn.text, "at": turn.at, **verdict}
        again = tuple(dict.fromkeys(_dealt_with(served, begun, turn.at))) if turn.role == "customer" else ()
        lines.append(
            Line(number, dialogue, turn.role, turn.text, raw, turn.outcome, turn.at, turn.seq, turn.features, again)
        )
    return lines


def _dealt_with(served: Sequence[Served], opened: int, at: float) -> Iterator[str]:
    """The rules whose handoffs of the episode that began with *opened* were handed back before *at*."""
    for one in served:
        if one.act == "handed_back" and one.since == opened and one.at <= at and one.rule:
            yield one.rule
