"""What the store refuses, and what of it remains: nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from record_samples import ANALYSIS, HANDOFF, a_note, accept, begun, fresh, said, step, take

from warmline.core.conversation import Agent, Conversation, Owner
from warmline.core.effects import AskBot, Audit, Effect, Keep, KeepAnalysis, KeepMemory, KeepNote, SetTimer
from warmline.core.errors import StaleVersion, StoreError, StoreUnavailable
from warmline.store.sqlite import SqliteStore
from warmline.store.upkeep import check

UNSTORABLE = "\ud800"


def _with(*effects: Effect, **changes: Any) -> Callable[[Conversation], tuple[Conversation, list[Effect]]]:
    def build(conversation: Conversation) -> tuple[Conversation, list[Effect]]:
        after, _ = step(conversation, **changes)
        return after, list(effects)

    return build


HERE = fresh(seq=2, epoch=2)

WRONG_STEPS = {
    "a seq that is skipped": _with(Keep(said(HERE, 4)), seq=4),
    "a seq that was given before": _with(Keep(said(HERE, 2)), seq=3),
    "messages in the wrong order": _with(Keep(said(HERE, 4)), Keep(said(HERE, 3)), seq=4),
    "a message more than the conversation says": _with(Keep(said(HERE, 3)), Keep(said(HERE, 4)), seq=3),
    "a message less than the conversation says": _with(seq=3),
    "a conversation that loses messages": _with(seq=1),
    "a message of another conversation": _with(Keep(said(fresh("c2"), 3)), seq=3),
    "a message of an epoch to come": _with(Keep(said(HERE, 3, epoch=3)), seq=3),
    "a message by nobody we know": _with(Keep(said(HERE, 3, author="ghost")), seq=3),
    "a message that cannot be written": _with(Keep(said(HERE, 3, UNSTORABLE)), seq=3),
    "a time that is no number": _with(Keep(said(HERE, 3, at=float("nan"))), seq=3),
    "an epoch that goes back": _with(epoch=1),
    "an owner there is not": _with(agent=Agent("anna", "Anna")),
    "an agent's conversation without the agent": _with(owner=Owner.AGENT, handoff=HANDOFF),
    "a question about nothing": _with(AskBot(3, 2)),
    "a question about the bot's own words": _with(Keep(said(HERE, 3, author="bot")), AskBot(3, 2), seq=3),
    "a question under an old epoch": _with(AskBot(1, 1)),
    "the same question twice": _with(AskBot(1, 2), AskBot(1, 2)),
    "a question while the queue owns it": _with(AskBot(1, 2), owner=Owner.QUEUE, handoff=HANDOFF),
    "a frame that was accepted before": _with(accept(2, "old")),
    "the same frame twice": _with(accept(2, "new"), accept(2, "new")),
    "a frame accepted as a message to come": _with(accept(3, "new")),
    "a note twice": _with(KeepNote(a_note(HERE, "n")), KeepNote(a_note(HERE, "n"))),
    "a note after a message to come": _with(KeepNote(a_note(HERE, "n", after_seq=3))),
    "a note of another conversation": _with(KeepNote(a_note(fresh("c2"), "n"))),
    "an analysis of nothing": _with(KeepAnalysis(3, ANALYSIS)),
    "a memory that has no JSON form": _with(KeepMemory({"thing": object()})),
    "a detail that has no JSON form": _with(Audit("bot", "failed", {"error": ValueError()})),
    "a timer that has no time": _with(SetTimer("idle", None)),  # type: ignore[arg-type]
}


def everything(path: Path) -> list[tuple[Any, ...]]:
    """All rows of all tables."""
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    found = [(table, *row) for table in tables for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    return found


@pytest.mark.parametrize("name", WRONG_STEPS)
async def test_a_step_that_breaks_a_rule_is_refused_whole(store: SqliteStore, path: Path, name: str) -> None:
    """It raises StoreError, which is neither the disk's fault nor somebody else's; not a row has changed."""
    conversation = await begun(store, texts=("one", "two"), epoch=2)
    conversation = await take(store, conversation, accept(2, "old"))
    before = everything(path)
    after, effects = WRONG_STEPS[name](conversation)
    with pytest.raises(StoreError) as refused:
        await store.commit(after, [Audit("bot", "tried"), *effects], expected_version=conversation.version)
    assert type(refused.value) is StoreError
    assert everything(path) == before
    assert check(path) == []
    await take(store, conversation, texts=("three",))


async def test_the_version_grows_by_one(store: SqliteStore) -> None:
    """A conversation whose version is not the expected one plus one is a mistake of the caller."""
    conversation = await begun(store)
    with pytest.raises(StoreError) as refused:
        await store.commit(msgspec.structs.replace(conversation, version=3), [], expected_version=1)
    assert type(refused.value) is StoreError


async def test_an_unknown_conversation_cannot_take_a_step(store: SqliteStore) -> None:
    """For the caller it is as if somebody else had moved it away: look again."""
    after, effects = step(fresh(), "hello")
    with pytest.raises(StaleVersion):
        await store.commit(after, effects, expected_version=1)


async def test_a_new_conversation_begins_at_its_first_message(store: SqliteStore, path: Path) -> None:
    """One that says it has messages without bringing them is refused, and is not there afterwards."""
    with pytest.raises(StoreError):
        await store.create(fresh(seq=2), [Keep(said(fresh(), 2))])
    assert everything(path)[1:] == []


async def test_a_repeated_frame_meets_its_first_acknowledgement(store: SqliteStore) -> None:
    """
    Two copies of one frame race: one is stored, the other finds a stale version, looks again and sees the same seq.
    """
    conversation = await begun(store)

    async def arrive() -> int:
        seen = await store.conversation("c1")
        done = await store.accepted("c1", "customer", "f1")
        if done is not None:
            return done
        try:
            return (await take(store, seen, accept(seen.seq + 1), texts=("hello",))).seq
        except StaleVersion:
            return await arrive()

    assert await asyncio.gather(*(arrive() for _ in range(20))) == [1] * 20
    assert await store.messages("c1") == [said(conversation, 1)]


async def test_of_fifty_racers_exactly_one_wins(store: SqliteStore) -> None:
    """
    Fifty agents claim the same conversation from the same version: one commit succeeds, 49 are stale, one row is
    written.
    """
    conversation = await begun(store, owner=Owner.QUEUE, handoff=HANDOFF)

    async def claim(name: str) -> str:
        agent = Agent(name, name.title())
        changes: dict[str, Any] = {"owner": Owner.AGENT, "agent": agent}
        await take(store, conversation, Audit(name, "claimed"), texts=(f"{name} joined",), **changes)
        return name

    results = await asyncio.gather(*(claim(f"agent{n}") for n in range(50)), return_exceptions=True)
    winners = [result for result in results if isinstance(result, str)]
    assert len(winners) == 1
    assert sum(isinstance(result, StaleVersion) for result in results) == 49
    stored = await store.conversation("c1")
    assert stored.agent == Agent(winners[0], winners[0].title())
    assert [message.text for message in await store.messages("c1")] == [f"{winners[0]} joined"]


async def test_a_refused_request_takes_nothing_along(store: SqliteStore, path: Path) -> None:
    """Among 40 steps that wait together, stale and broken ones fail alone; all others are stored."""
    conversations = [await begun(store, f"c{number}") for number in range(40)]
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")  # so that all of them meet in one transaction
        writes = [asyncio.create_task(_one_of_forty(store, here, n)) for n, here in enumerate(conversations)]
        await asyncio.sleep(0)
        other.execute("ROLLBACK")
    other.close()
    results = await asyncio.gather(*writes, return_exceptions=True)
    expected = [{1: StaleVersion, 2: StoreError}.get(number % 4, int) for number in range(40)]
    assert [type(result) for result in results] == expected
    for number in range(40):
        texts = [message.text for message in await store.messages(f"c{number}")]
        assert texts == (["good"] if expected[number] is int else [])
    assert check(path) == []


async def _one_of_forty(store: SqliteStore, here: Conversation, number: int) -> int:
    if number % 4 == 1:
        here = msgspec.structs.replace(here, version=7)
    effects = [AskBot(1, 1), AskBot(1, 1)] if number % 4 == 2 else [AskBot(1, 1)]
    return (await take(store, here, *effects, texts=("good",))).seq


async def test_a_cancelled_caller_disturbs_nobody(store: SqliteStore) -> None:
    """The requests around that of a cancelled caller are stored and told."""
    one, two = await begun(store, "one"), await begun(store, "two")
    cancelled = asyncio.create_task(take(store, one, texts=("x",)))
    stays = asyncio.create_task(take(store, two, texts=("y",)))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert (await stays).seq == 1
    assert await take(store, await store.conversation("one"), texts=("z",))


async def test_a_read_sees_every_commit_that_was_told(store: SqliteStore) -> None:
    """Eight callers each read their own write back at once, two hundred times."""

    async def write_and_read(name: str) -> None:
        conversation = await begun(store, name)
        for number in range(25):
            conversation = await take(store, conversation, texts=(str(number),))
            assert await store.conversation(name) == conversation
            assert (await store.message(name, conversation.seq)).text == str(number)

    await asyncio.gather(*(write_and_read(f"c{number}") for number in range(8)))


async def test_the_queue_has_a_bound(path: Path) -> None:
    """More writes than may wait are refused at once, and those that wait are stored."""
    store = SqliteStore(path, queue_limit=5)
    await store.open()
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        writes = [asyncio.create_task(store.create(fresh(f"c{number}"))) for number in range(100)]
        await asyncio.sleep(0)
        other.execute("ROLLBACK")
    other.close()
    results = await asyncio.gather(*writes, return_exceptions=True)
    refused = [result for result in results if result is not None]
    assert refused
    assert all(isinstance(result, StoreUnavailable) for result in refused)
    for number, result in enumerate(results):
        if result is None:
            assert await store.conversation(f"c{number}")
    await store.close()
