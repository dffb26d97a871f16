"""What an operator does with the database: back it up while it is used, check it, put a backup in its place."""

# ruff: noqa: S608 - what is formatted into SQL here are our own constants; values are bound

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from warmline.core.conversation import Customer, Message
from warmline.core.errors import SettingsError, StoreError, StoreUnavailable
from warmline.store import queries, rows, schema
from warmline.store.connection import connect, fault, is_damage
from warmline.store.lock import Use

_WAIT_S = 2.0

# Each query finds what must not be; its columns fill the sentence.
_RULES = (
    (
        "SELECT id, version FROM conversations WHERE version < 0",
        "conversation {} has version {}",
    ),
    (
        "SELECT id, owner FROM conversations WHERE owner NOT IN ('bot', 'queue', 'agent', 'closed')",
        "conversation {} has the owner {}, which there is not",
    ),
    (
        "SELECT id, owner FROM conversations WHERE (owner = 'agent') <> (agent_id IS NOT NULL)",
        "conversation {} is with {}, which does not fit its agent",
    ),
    (
        "SELECT c.id, c.seq, coalesce(max(m.seq), 0) FROM conversations c LEFT JOIN messages m "
        "ON m.conversation = c.id GROUP BY c.id HAVING c.seq <> coalesce(max(m.seq), 0)",
        "conversation {} says its last message is {}, but it is {}",
    ),
    (
        "SELECT conversation, max(seq), count(*) FROM messages GROUP BY conversation "
        "HAVING max(seq) <> count(*) OR min(seq) <> 1",
        "conversation {} has messages up to {}, but there are {} of them",
    ),
    (
        "SELECT conversation, seq, before, epoch FROM (SELECT conversation, seq, epoch, "
        "lag(epoch, 1, 1) OVER (PARTITION BY conversation ORDER BY seq) AS before FROM messages) WHERE epoch < before",
        "conversation {}: message {} steps back from epoch {} to {}",
    ),
    (
        "SELECT c.id, max(m.epoch), c.epoch FROM conversations c JOIN messages m "
        "ON m.conversation = c.id GROUP BY c.id HAVING max(m.epoch) > c.epoch",
        "conversation {} has a message of epoch {}, but is in epoch {}",
    ),
    (
        "SELECT o.conversation, o.seq, c.owner FROM outbox o JOIN conversations c ON c.id = o.conversation "
        "WHERE c.owner <> 'bot'",
        "conversation {}: the bot is still asked about message {}, but the owner is {}",
    ),
    (
        "SELECT o.conversation, o.seq, o.epoch, c.epoch FROM outbox o JOIN conversations c ON c.id = o.conversation "
        "WHERE o.epoch <> c.epoch",
        "conversation {}: the bot is asked about message {} for epoch {} in epoch {}",
    ),
    (
        "SELECT n.conversation, n.id, n.after_seq FROM notes n JOIN conversations c ON c.id = n.conversation "
        "WHERE n.after_seq > c.seq",
        "conversation {}: note {} stands after message {}, which there is not",
    ),
    (
        "SELECT a.conversation, a.id, a.seq FROM accepted a JOIN conversations c ON c.id = a.conversation "
        "WHERE a.seq > c.seq",
        "conversation {}: frame {} was accepted as message {}, which there is not",
    ),
)


def backup(path: Path, target: Path) -> None:
    """
    Copy the database *path*, which may be in use, to *target*: one file, complete as of one moment.

    An older *target* is replaced only when the copy is finished and was checked.

    Raises:
        SettingsError: there is no database at *path*, *target* is the database itself, or the database fails its check.
        StoreUnavailable: a disk failed; *target* is as it was.
    """
    if target.exists() and path.exists() and os.path.samefile(path, target):
        raise SettingsError(f"{target} is the database itself. Name another file for the backup.")
    _require(path)
    _copy(path, target)


def check(path: Path) -> list[str]:
    """
    Look for everything that must not be in the database *path*, which may be in use; returns a sentence for each
    finding.

    Raises:
        SettingsError: there is no database at *path*, it is not ours, or it is newer than this program.
        StoreUnavailable: it cannot be read now.
    """
    _require(path)
    try:
        with closing(_open(path)) as db:
            return _findings(db, path)
    except sqlite3.Error as error:
        if is_damage(error):
            return [f"the file is damaged: {error}"]
        raise fault(error) from error


def said(path: Path, conversation_id: str, limit: int = 1_000) -> tuple[list[Message], Customer]:
    """
    The newest *limit* messages of a conversation in the record at *path*, in their order, and who its customer is; the
    record may be in use, and nothing of it changes.

    Raises:
        SettingsError: there is no database at *path*, it is not ours, or it is newer than this program.
        NotFound: there is no such conversation.
        StoreUnavailable: it cannot be read now.
    """
    _require(path)
    try:
        with closing(_open(path)) as db:
            customer = queries.conversation(conversation_id)(db.conn).customer
            return queries.messages(conversation_id, 0, None, limit)(db.conn), customer
    except sqlite3.Error as error:
        raise fault(error) from error


def restore(source: Path, path: Path) -> list[Path]:
    """
    Put the backup *source* in the place of the database *path*.

    What was there is kept beside it under names that end in ``.replaced``; returns those files.

    Raises:
        SettingsError: somebody uses *path*, or *source* is not a sound database of ours; nothing changed.
        StoreUnavailable: a disk failed; *path* is as it was.
    """
    _require(source)
    if path.exists() and os.path.samefile(source, path):
        raise SettingsError(f"{source} is the database itself. Name a backup.")
    use = Use(path)
    use.alone()
    try:
        _require_unused(path)
        fresh = path.with_name(path.name + ".restoring")
        _copy(source, fresh)
        replaced = _put_aside(path)
        os.replace(fresh, path)
        _sync(path.parent)
        return replaced
    except OSError as error:
        raise StoreUnavailable(f"{path} could not be replaced: {error.strerror or error}.") from error
    finally:
        use.end()


def _put_aside(path: Path) -> list[Path]:
    """Keep the database *path* and its log under other names; the path goes on naming it, so that it is never empty."""
    aside = []
    # The log must not stay: beside another file SQLite would take it for that file's own.
    for name in (path.name + "-wal", path.name + "-shm"):
        old = path.with_name(name)
        if old.exists():
            aside.append(old.replace(old.with_name(name + ".replaced")))
    if path.exists():
        kept = path.with_name(path.name + ".replaced")
        kept.unlink(missing_ok=True)
        os.link(path, kept)
        aside.append(kept)
    return aside


def _require(path: Path) -> None:
    if not path.is_file():
        raise SettingsError(f"There is no database at {path}.")


def _open(path: Path) -> Database:
    """For reading. Raises SettingsError when it is not ours."""
    db = connect(path, lock_timeout_s=_WAIT_S, mode="ro")
    try:
        if not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise SettingsError(f"{path} is empty.")
        schema.check_is_ours(db, str(path))
    except BaseException:
        db.close()
        raise
    return db


def _findings(db: Database, path: Path) -> list[str]:
    found = [f"the file is damaged: {row[0]}" for row in db.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
    if found:
        return found
    if missing := [migration.name for migration in schema.migrations.pending(db)]:
        return [f"the database is of an older Warmline: {', '.join(missing)} did not run yet; start Warmline once"]
    db.execute("BEGIN")  # all rules look at the same moment
    found += _orphans(db)
    for sql, sentence in _RULES:
        found += [sentence.format(*row) for row in db.execute(sql)]
    found += _unreadable(db)
    db.rollback()
    return found


def _orphans(db: Database) -> list[str]:
    """Rows that name a conversation or a message that is not there, by the schema's foreign keys."""
    found = []
    for table, parent, key in sorted({(row[0], row[2], row[3]) for row in db.execute("PRAGMA foreign_key_check")}):
        pairs = [(row[3], row[4]) for row in db.execute(f"PRAGMA foreign_key_list({table})") if row[0] == key]
        named = ", ".join(here for here, _ in pairs)
        same = " AND ".join(f"parent.{there} = child.{here}" for here, there in pairs)
        for row in db.execute(
            f"SELECT DISTINCT {named} FROM {table} child WHERE NOT EXISTS (SELECT 1 FROM {parent} parent WHERE {same})"
        ):
            what = ", ".join(f"{here} {value}" for (here, _), value in zip(pairs, row, strict=True))
            found.append(f"{table} has a row of {what}, which is not in {parent}")
    return found


def _unreadable(db: Database) -> list[str]:
    """Rows whose JSON, or whose columns that repeat a part of it, do not say what they should."""
    found = []
    for customer, agent, asked_at, *row in db.execute(
        f"SELECT customer_id, agent_id, asked_at, {rows.CONVERSATION} FROM conversations"
    ):
        try:
            columns = rows.conversation_row(rows.conversation(row))
        except StoreError as error:
            found.append(f"conversation {row[0]} cannot be read: {error}")
            continue
        if (columns["customer_id"], columns["agent_id"], columns["asked_at"]) != (customer, agent, asked_at):
            found.append(f"conversation {row[0]} is filed under another customer, agent or time of asking than its own")
    for row in db.execute(f"SELECT {rows.MESSAGE} FROM messages"):
        found += _try(f"message {row[1]} of conversation {row[0]}", rows.message, row)
    for conversation, seq, analysis in db.execute("SELECT conversation, seq, analysis FROM analyses"):
        found += _try(f"the analysis of message {seq} of conversation {conversation}", rows.analysis, analysis)
    for conversation, memory in db.execute("SELECT conversation, memory FROM memories"):
        found += _try(f"the memory of conversation {conversation}", rows.memory, memory)
    return found


def _try(what: str, read: Callable[[Any], object], raw: object) -> list[str]:
    try:
        read(raw)
    except StoreError as error:
        return [f"{what} cannot be read: {error}"]
    return []


def _copy(source: Path, target: Path) -> None:
    """Copy by SQLite's online backup, check the copy, and only then call it *target*."""
    partial = target.with_name(target.name + ".partial")
    try:
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(_open(source)) as db, closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            db.conn.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        if found := check(partial):
            raise SettingsError(f"{source} is not sound: {found[0]}. Nothing was replaced.")
        _sync(partial)
        os.replace(partial, target)
        _sync(target.parent)
    except sqlite3.Error as error:
        if is_damage(error):
            raise SettingsError(f"{source} is damaged: {error}. Nothing was replaced.") from error
        raise StoreUnavailable(f"{target} could not be written, or {source} not be read: {error}.") from error
    except OSError as error:
        raise StoreUnavailable(f"{target} could not be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _require_unused(path: Path) -> None:
    """Raise SettingsError when a program that knows nothing of our lock file has the database open."""
    if not path.exists():
        return
    try:
        with closing(connect(path, lock_timeout_s=_WAIT_S, mode="rw")) as db:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
            db.rollback()
    except sqlite3.Error as error:
        if not is_damage(error):
            raise SettingsError(f"{path} is in use, or cannot be used: {error}. Stop Warmline first.") from error


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
