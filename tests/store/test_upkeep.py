"""Backups, the check, and putting a backup in the database's place."""

# ruff: noqa: ASYNC220, ASYNC240 - a test may wait for its own disk and process

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from record_samples import ANALYSIS, HANDOFF, a_note, accept, begun, take

from warmline.core.conversation import Agent, Owner
from warmline.core.effects import AskBot, Audit, KeepAnalysis, KeepMemory, KeepNote, SetTimer
from warmline.core.errors import SettingsError, StoreUnavailable
from warmline.store.sqlite import SqliteStore
from warmline.store.upkeep import backup, check, restore


async def busy_day(store: SqliteStore) -> None:
    """A bit of everything."""
    bot = await begun(store, "bot", texts=("hello",))
    await take(store, bot, AskBot(2, 1), accept(2), SetTimer("idle", 9.0), KeepMemory({"a": 1}), texts=("and",))
    served = await begun(store, "served", texts=("hello", "hello?"))
    served = await take(store, served, Audit("bot", "escalated"), owner=Owner.QUEUE, handoff=HANDOFF)
    anna = Agent("anna", "Anna")
    served = await take(store, served, Audit("anna", "claimed"), owner=Owner.AGENT, agent=anna, texts=("Anna is here",))
    await take(store, served, KeepNote(a_note(served, "n1", after_seq=2)), KeepAnalysis(2, ANALYSIS))


async def texts_in(path: Path, conversation: str) -> list[str]:
    store = SqliteStore(path)
    await store.open()
    try:
        return [message.text for message in await store.messages(conversation, limit=100_000)]
    finally:
        await store.close()


async def test_a_backup_taken_while_writing_is_one_moment(store: SqliteStore, path: Path, tmp_path: Path) -> None:
    """Twenty backups during steady writing: each is sound, whole, and holds an unbroken beginning of the log."""
    here = await begun(store)
    stop = asyncio.Event()

    async def write_on() -> int:
        now = here
        while not stop.is_set():
            now = await take(
                store, now, accept(now.seq + 2, f"f{now.version}"), texts=(str(now.seq + 1), str(now.seq + 2))
            )
        return now.seq

    writing = asyncio.create_task(write_on())
    lengths = []
    for number in range(20):
        target = tmp_path / f"backup{number}.db"
        await asyncio.to_thread(backup, path, target)
        assert check(target) == []
        with closing(sqlite3.connect(target)) as copy:
            texts = [row[0] for row in copy.execute("SELECT text FROM messages ORDER BY seq")]
        assert texts == [str(n) for n in range(1, len(texts) + 1)]
        assert len(texts) % 2 == 0
        lengths.append(len(texts))
    stop.set()
    assert lengths == sorted(lengths)
    assert 0 < lengths[-1] <= await writing
    leftovers = [file.name for file in tmp_path.iterdir() if "partial" in file.name or "backup0.db-" in file.name]
    assert leftovers == []


async def test_a_backup_replaces_an_older_one_and_never_the_database(store: SqliteStore, path: Path) -> None:
    """
    The database's own name, also through a link, is refused; a backup can be written to the same name every night.
    """
    await busy_day(store)
    target = path.with_name("nightly.db")
    backup(path, target)
    backup(path, target)
    assert check(target) == []
    link = path.with_name("link.db")
    link.symlink_to(path)
    for wrong in (path, link):
        with pytest.raises(SettingsError, match="itself"):
            backup(path, wrong)
    with pytest.raises(SettingsError, match="no database"):
        backup(path.with_name("nothing.db"), target)
    with pytest.raises(StoreUnavailable):
        backup(path, path.with_name("no such directory") / "x.db")
    assert check(target) == []


async def test_a_backup_of_a_damaged_database_does_not_replace_a_good_one(path: Path) -> None:
    """The older backup is the only sound copy then."""
    store = SqliteStore(path)
    await store.open()
    await busy_day(store)
    await store.close()
    target = path.with_name("nightly.db")
    backup(path, target)
    good = target.read_bytes()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA foreign_keys = OFF")
        other.execute("DROP TRIGGER messages_are_dense")
        other.execute("DELETE FROM messages WHERE conversation = 'served' AND seq = 1")
        other.commit()
    with pytest.raises(SettingsError, match="not sound"):
        backup(path, target)
    assert target.read_bytes() == good


async def test_restoring_brings_back_the_backup_and_keeps_what_was_there(path: Path) -> None:
    """Afterwards the store holds what the backup held; the replaced database lies beside it, complete."""
    store = SqliteStore(path)
    await store.open()
    here = await begun(store, texts=("kept",))
    target = path.with_name("backup.db")
    backup(path, target)
    await take(store, here, texts=("later",))
    await store.close()
    aside = restore(target, path)
    assert await texts_in(path, "c1") == ["kept"]
    assert aside == [path.with_name("store.db.replaced")]
    assert await texts_in(aside[0], "c1") == ["kept", "later"]
    assert check(target) == []


async def test_restoring_onto_a_damaged_or_missing_database_works(path: Path) -> None:
    """That is what backups are for; a log left beside the damaged file is not played into the fresh one."""
    store = SqliteStore(path)
    await store.open()
    here = await begun(store, texts=("kept",))
    target = path.with_name("backup.db")
    backup(path, target)
    await take(store, here, texts=("later",))
    log = path.with_name("store.db-wal").read_bytes()
    await store.close()
    path.write_bytes(b"not a database" * 1000)
    path.with_name("store.db-wal").write_bytes(log)
    restore(target, path)
    assert await texts_in(path, "c1") == ["kept"]
    path.unlink()
    restore(target, path)
    assert await texts_in(path, "c1") == ["kept"]


async def test_restoring_is_refused_while_the_database_is_in_use(store: SqliteStore, path: Path) -> None:
    """A store of ours, here or in another process, and a foreign program each keep it from being replaced."""
    await busy_day(store)
    target = path.with_name("backup.db")
    backup(path, target)
    before = path.stat().st_ino
    with pytest.raises(SettingsError, match="in use"):
        restore(target, path)
    whole = path.read_bytes()
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(SettingsError, match="in use"):
        restore(target, path)
    path.write_bytes(whole)
    await store.close()
    reader = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM messages').fetchone()"
    )
    waits = "; print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", reader + waits, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(SettingsError, match="in use"):
            restore(target, path)
        other.communicate()
    assert path.stat().st_ino == before
    restore(target, path)
    assert path.stat().st_ino != before


async def test_nothing_unsound_is_restored(path: Path) -> None:
    """A file of something else, a cut-off backup and a missing one are refused, and the database is as it was."""
    store = SqliteStore(path)
    await store.open()
    await busy_day(store)
    await store.close()
    target = path.with_name("backup.db")
    backup(path, target)
    cut = path.with_name("cut.db")
    cut.write_bytes(target.read_bytes()[:-8192])
    text = path.with_name("notes.txt")
    text.write_text("shopping: milk\n" * 1000)
    before = path.read_bytes()
    for wrong in (cut, text, path.with_name("missing.db"), path):
        with pytest.raises(SettingsError):
            restore(wrong, path)
        assert path.read_bytes() == before
    assert not list(path.parent.glob("*.replaced"))
    assert not list(path.parent.glob("*.restoring"))


SPOILED = {
    "DELETE FROM messages WHERE conversation = 'bot' AND seq = 1": "there are 1 of them",
    "DELETE FROM messages WHERE conversation = 'served' AND seq = 3": "its last message is 3, but it is 2",
    "UPDATE messages SET epoch = 2 WHERE conversation = 'served' AND seq = 2": "steps back from epoch 2 to 1",
    "UPDATE messages SET epoch = 2 WHERE conversation = 'served'": "epoch 2, but is in epoch 1",
    "INSERT INTO outbox VALUES ('served', 1, 1, NULL, 1.0)": "the owner is agent",
    "UPDATE outbox SET epoch = 7": "for epoch 7 in epoch 1",
    "UPDATE notes SET after_seq = 9": "note n1 stands after message 9",
    "UPDATE accepted SET seq = 9": "accepted as message 9",
    "INSERT INTO timers VALUES ('nobody', 'idle', 1.0)": "timers has a row of conversation nobody, which",
    "INSERT INTO analyses VALUES ('bot', 9, '{}')": "analyses has a row of conversation bot, seq 9, which",
    "INSERT INTO notes VALUES (9, 'nobody', 'a', 'n', 0, 1.0, 'A', 'x')": "notes has a row of conversation nobody,",
    "UPDATE conversations SET customer_id = 'u9' WHERE id = 'bot'": "filed under another customer",
    "UPDATE conversations SET rest = '{' WHERE id = 'bot'": "conversation bot cannot be read",
    "UPDATE messages SET rest = '[]' WHERE conversation = 'bot' AND seq = 2": "message 2 of conversation bot cannot",
    "UPDATE analyses SET analysis = '{}'": "analysis of message 2 of conversation served cannot be read",
    "UPDATE memories SET memory = '7'": "memory of conversation bot cannot be read",
}


@pytest.mark.parametrize("spoil", SPOILED)
async def test_the_check_finds_what_must_not_be(path: Path, spoil: str) -> None:
    """
    Each rule of the record, broken behind the store's back, is found and named; a sound database gives no finding.
    """
    store = SqliteStore(path)
    await store.open()
    await busy_day(store)
    await store.close()
    assert check(path) == []
    with closing(sqlite3.connect(path)) as other:
        for (trigger,) in other.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {trigger}")
        other.execute(spoil)
        other.commit()
    found = check(path)
    assert any(SPOILED[spoil] in finding for finding in found), found


async def test_the_check_names_damage_and_foreign_files(path: Path) -> None:
    """A torn file is a finding; what is no database of ours is a SettingsError."""
    store = SqliteStore(path)
    await store.open()
    await begun(store, texts=("x" * 3000,) * 50)
    await store.close()
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert "damaged" in check(path)[0]
    path.write_bytes(b"")
    with pytest.raises(SettingsError, match="empty"):
        check(path)
    path.unlink()
    with pytest.raises(SettingsError, match="no database"):
        check(path)
