"""
The tables, and how older databases become the present ones.

The database carries two marks: SQLite's ``application_id`` says that it is ours, sqlite-utils' migration table says
how far it has come. Migrations only go forwards; a database that knows a migration we do not know is newer than this
program and refused.

Constraints here back the delivery contract; :mod:`warmline.store.steps` checks the same things earlier, with better
sentences. What survives both is looked for by :func:`warmline.store.upkeep.check`.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from warmline.core.errors import SettingsError

APPLICATION_ID = 0x57524D4C  # "WRML"

migrations = Migrations("warmline.store")

# Two decisions that a reader will ask about. conversations.number: customers' conversations in the order they were
# created, whatever the clock did. messages and accepted are WITHOUT ROWID: they are only ever read along their key.
FIRST = """
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    owner TEXT NOT NULL CHECK (owner IN ('bot', 'queue', 'agent', 'closed')),
    epoch INTEGER NOT NULL CHECK (epoch >= 1),
    version INTEGER NOT NULL CHECK (version >= 0),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    agent_id TEXT,
    asked_at REAL,
    rest TEXT NOT NULL,
    CHECK ((owner = 'agent') = (agent_id IS NOT NULL))
) STRICT;

CREATE INDEX conversations_by_customer ON conversations (customer_id, number);

CREATE INDEX conversations_at_desk ON conversations (asked_at)
    WHERE owner IN ('queue', 'agent') OR asked_at IS NOT NULL;

CREATE TRIGGER conversations_move_forwards BEFORE UPDATE ON conversations
WHEN NEW.version <> OLD.version + 1 OR NEW.epoch < OLD.epoch OR NEW.seq < OLD.seq OR NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'a conversation only moves forwards, one version at a time');
END;

CREATE TABLE messages (
    conversation TEXT NOT NULL REFERENCES conversations (id),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    epoch INTEGER NOT NULL CHECK (epoch >= 1),
    at REAL NOT NULL,
    author TEXT NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    text TEXT NOT NULL,
    rest TEXT NOT NULL,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER messages_are_dense BEFORE INSERT ON messages
WHEN NEW.seq <> 1 + (SELECT coalesce(max(seq), 0) FROM messages WHERE conversation = NEW.conversation)
BEGIN
    SELECT RAISE(ABORT, 'the seq of a message is the one after the last');
END;

CREATE TABLE accepted (
    conversation TEXT NOT NULL REFERENCES conversations (id),
    sender TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    PRIMARY KEY (conversation, sender, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    conversation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL CHECK (epoch >= 1),
    payload TEXT,
    at REAL NOT NULL,
    PRIMARY KEY (conversation, seq),
    FOREIGN KEY (conversation, seq) REFERENCES messages (conversation, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE analyses (
    conversation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    analysis TEXT NOT NULL,
    PRIMARY KEY (conversation, seq),
    FOREIGN KEY (conversation, seq) REFERENCES messages (conversation, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE notes (
    number INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    agent TEXT NOT NULL,
    id TEXT NOT NULL,
    after_seq INTEGER NOT NULL CHECK (after_seq >= 0),
    at REAL NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (conversation, agent, id)
) STRICT;

CREATE TABLE memories (
    conversation TEXT PRIMARY KEY REFERENCES conversations (id),
    memory TEXT NOT NULL
) STRICT;

CREATE TABLE timers (
    conversation TEXT NOT NULL REFERENCES conversations (id),
    name TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (conversation, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX timers_by_time ON timers (at);

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_conversation ON audit (conversation, number);

CREATE INDEX audit_of_departures ON audit (number)
    WHERE act IN ('handed_back', 'transferred', 'agent_lost', 'ended');

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('agent', 'supervisor')),
    password_hash TEXT NOT NULL,
    sessions INTEGER NOT NULL CHECK (sessions >= 1),
    status TEXT NOT NULL CHECK (status IN ('online', 'away'))
) STRICT;

CREATE TABLE seats (
    connection TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    bridge TEXT NOT NULL,
    seen_at REAL NOT NULL
) STRICT;

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
"""


@migrations(name="0001_the_record")
def the_record(db: Database) -> None:
    db.executescript(FIRST)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def names() -> list[str]:
    """The migrations this program knows, oldest first."""
    return [migration.name for migration in migrations.pending(Database(memory=True))]


def check_is_ours(db: Database, path: str) -> None:
    """
    Raise SettingsError when *db* (the file *path*) holds something that is not ours, or is newer than this program.
    """
    if not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        return
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise SettingsError(f"{path} is a database of another program. Name another file, or move this one away.")
    known = set(names())
    if newer := [migration.name for migration in migrations.applied(db) if migration.name not in known]:
        raise SettingsError(
            f"{path} was written by a newer Warmline (it has '{newer[-1]}'). Update Warmline, or restore an older "
            "backup."
        )


def migrate(db: Database) -> list[str]:
    """
    Bring *db* up to date, all or nothing; returns the names of the migrations that ran. *db* is in no transaction.
    """
    if not migrations.pending(db):
        return []
    # IMMEDIATE, because two processes may open a new database at once: the second waits, and finds nothing left to do.
    db.execute("BEGIN IMMEDIATE")
    try:
        pending = [migration.name for migration in migrations.pending(db)]
        migrations.apply(db)
        db.commit()
    except BaseException:
        db.rollback()
        raise
    return pending
