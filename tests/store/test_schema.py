"""Databases of every released schema come forwards; newer ones are refused."""

# ruff: noqa: ASYNC240 - a test may wait for its own disk and process

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from record_samples import ANALYSIS, DECISION, take
from sqlite_utils import Database

from warmline.core.conversation import Message, Owner
from warmline.core.effects import Audit
from warmline.core.errors import SettingsError
from warmline.store import Account, DueTimer, schema
from warmline.store.connection import prepare
from warmline.store.sqlite import SqliteStore
from warmline.store.upkeep import check

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))


def load(dump: Path, path: Path) -> None:
    """A database as the release wrote it."""
    with sqlite3.connect(path) as connection:
        connection.executescript(dump.read_text())
    connection.close()


def test_every_migration_has_a_dump_of_the_release_it_made() -> None:
    """A new migration brings the dump of its schema along, so that the next one is tried on it."""
    assert [dump.stem for dump in RELEASED] == schema.names()


@pytest.mark.parametrize("dump", RELEASED, ids=lambda dump: dump.stem)
async def test_a_released_database_comes_forwards_with_all_it_holds(path: Path, dump: Path) -> None:
    """Its conversations are read, sound, and can take the next step; opening it again changes nothing more."""
    load(dump, path)
    store = SqliteStore(path)
    await store.open()
    assert check(path) == []
    here = await store.conversation("c-mara")
    assert here.owner is Owner.AGENT
    assert here.handoff is not None
    assert here.handoff.decision == DECISION
    assert [fact.value for fact in here.facts] == ["A1042"]
    messages = await store.messages("c-mara")
    assert [message.seq for message in messages] == [1, 2, 3, 4]
    assert messages[0] == Message("c-mara", 1, 1, 100.0, "bot", "Hi, I'm the assistant.", code="opening")
    assert [button.title for button in messages[2].buttons] == ["Yes", "No"]
    assert await store.accepted("c-mara", "customer", "f1") == 2
    assert await store.analyses(["c-mara"]) == {"c-mara": {2: ANALYSIS}}
    assert await store.memory("c-mara") == {"slots": {"order": "A1042"}}
    assert [note.text for note in await store.notes("c-mara")] == ["She is right."]
    assert await store.due_timers(1e12, 5) == [DueTimer("c-mara", "agent_grace", 160.0)]
    assert [ask.seq for ask in await store.pending_asks(5)] == [1]
    assert await store.account("anna") == Account("anna", "Anna", "supervisor", "$argon2id$not-real", 2, "away")
    assert await store.set_secret("tickets", b"new") == b"\x00old\xff"
    await take(store, here, Audit("anna", "looked"), texts=("Thank you",))
    await store.close()
    before = path.read_bytes()
    await store.open()
    await store.close()
    assert path.read_bytes() == before
    assert check(path) == []


@pytest.mark.parametrize("dump", RELEASED, ids=lambda dump: dump.stem)
def test_migrating_leads_to_the_schema_of_a_new_database(tmp_path: Path, dump: Path) -> None:
    """Old and new databases end with the same tables, columns, constraints, indexes and triggers."""
    load(dump, tmp_path / "old.db")
    for name in ("old.db", "new.db"):
        prepare(tmp_path / name, lock_timeout_s=1.0, check_up_to_bytes=10**9)
    old, new = (Database(tmp_path / name) for name in ("old.db", "new.db"))
    assert {"".join(line.split()) for line in old.schema.split(";")} == {
        "".join(line.split()) for line in new.schema.split(";")
    }
    old.close()
    new.close()


async def test_a_newer_database_is_refused_untouched(path: Path) -> None:
    """A program that went back a version says so instead of writing into tables it does not know."""
    store = SqliteStore(path)
    await store.open()
    await store.close()
    db = Database(path)
    db.table("_sqlite_migrations").insert(
        {"migration_set": "warmline.store", "name": "9999_to_come", "applied_at": "2030-01-01"}
    )
    db.close()
    before = path.read_bytes()
    with pytest.raises(SettingsError, match=r"newer Warmline.*9999_to_come"):
        await store.open()
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_everything_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables it made before it failed are gone, and the next attempt starts afresh."""
    whole = schema.FIRST
    monkeypatch.setattr(schema, "FIRST", whole + "CREATE TABLE conversations (twice);")
    with pytest.raises(SettingsError):
        prepare(path, lock_timeout_s=1.0, check_up_to_bytes=0)
    db = Database(path)
    assert db.table_names() == []
    db.close()
    monkeypatch.setattr(schema, "FIRST", whole)
    prepare(path, lock_timeout_s=1.0, check_up_to_bytes=0)
    assert check(path) == []


def test_two_programs_may_create_the_database_at_once(path: Path) -> None:
    """Eight threads open a database that is not there yet: all of them succeed, and it was created once."""
    failed: list[BaseException] = []
    together = threading.Barrier(8)

    def start() -> None:
        together.wait()
        try:
            prepare(path, lock_timeout_s=30.0, check_up_to_bytes=10**9)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert check(path) == []
