"""
What a write does, in SQL. Each function takes values and returns *work*: what the writer thread then runs in a
transaction.

Everything that can be refused without looking at the database is refused here, before the writer is bothered.
"""

# ruff: noqa: S608 - what is formatted into SQL here are our own constants; values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from warmline.core.conversation import Conversation, Owner
from warmline.core.effects import (
    Accept,
    AskBot,
    Audit,
    ClearTimer,
    Effect,
    ForgetAsks,
    Keep,
    KeepAnalysis,
    KeepMemory,
    KeepNote,
    SetTimer,
    Settle,
)
from warmline.core.errors import NotFound, StaleVersion, StoreError
from warmline.store import LOCKED, Account, Seat, rows

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


class Statement(msgspec.Struct, frozen=True):
    """One statement and its parameters. *unless* is the complaint when it changes no row, if it has to."""

    sql: str
    parameters: tuple[Any, ...]
    unless: str | None = None


def create(conversation: Conversation, effects: Sequence[Effect]) -> Work[None]:
    """See Store.create."""
    statements = _statements(conversation, effects)
    if _kept(effects) != conversation.seq:
        raise StoreError(f"A new conversation of seq {conversation.seq} cannot begin with {_kept(effects)} messages.")
    row = rows.conversation_row(conversation)
    insert = f"INSERT INTO conversations ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
    parameters = tuple(row.values())

    def work(connection: sqlite3.Connection) -> None:
        if connection.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation.id,)).fetchone():
            raise StaleVersion("There is a conversation of this id already.")
        connection.execute(insert, parameters)
        _run(connection, conversation, statements)

    return work


def commit(conversation: Conversation, effects: Sequence[Effect], expected_version: int) -> Work[None]:
    """See Store.commit."""
    if conversation.version != expected_version + 1:
        raise StoreError(f"After version {expected_version} comes the next, not {conversation.version}.")
    statements = _statements(conversation, effects)
    row = rows.conversation_row(conversation)
    # Setting the id, even to itself, would make SQLite look at every row that refers to it.
    del row["id"]
    update = f"UPDATE conversations SET {', '.join(f'{name} = ?' for name in row)} WHERE id = ?"
    parameters = (*row.values(), conversation.id)
    before = conversation.seq - _kept(effects)

    def work(connection: sqlite3.Connection) -> None:
        stored = connection.execute(
            "SELECT version, seq, epoch FROM conversations WHERE id = ?", (conversation.id,)
        ).fetchone()
        if stored is None or stored[0] != expected_version:
            raise StaleVersion("Somebody else moved this conversation first. Look at it again.")
        if stored[1] != before:
            raise StoreError(
                f"This step leads from seq {before} to {conversation.seq}, but {stored[1]} was the last one."
            )
        if conversation.epoch < stored[2]:
            raise StoreError(f"Epoch {conversation.epoch} cannot follow epoch {stored[2]}.")
        connection.execute(update, parameters)
        _run(connection, conversation, statements)

    return work


def _kept(effects: Sequence[Effect]) -> int:
    return sum(isinstance(effect, Keep) for effect in effects)


def _run(connection: sqlite3.Connection, conversation: Conversation, statements: Sequence[Statement]) -> None:
    for statement in statements:
        cursor = connection.execute(statement.sql, statement.parameters)
        if statement.unless is not None and cursor.rowcount != 1:
            raise StoreError(statement.unless)
    if (
        conversation.owner is not Owner.BOT
        and connection.execute("SELECT 1 FROM outbox WHERE conversation = ?", (conversation.id,)).fetchone()
    ):
        raise StoreError("The bot does not own this conversation, but is still asked about it.")


def _statements(conversation: Conversation, effects: Sequence[Effect]) -> list[Statement]:
    """Messages first, since other effects speak of them; then the rest in the order given."""
    expected = conversation.seq - _kept(effects)
    first: list[Statement] = []
    then: list[Statement] = []
    for effect in effects:
        if isinstance(effect, Keep):
            expected += 1
            if effect.message.seq != expected:
                raise StoreError(f"Message {effect.message.seq} is kept where {expected} should be.")
            if effect.message.epoch > conversation.epoch:
                raise StoreError(f"A message of epoch {effect.message.epoch} in epoch {conversation.epoch}.")
        (first if isinstance(effect, Keep) else then).append(_STATEMENTS[type(effect)](conversation, effect))
    return first + then


def _keep(here: Conversation, effect: Keep) -> Statement:
    _same_conversation(here, effect.message.conversation)
    return Statement(
        f"INSERT INTO messages ({rows.MESSAGE}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows.message_row(effect.message),
    )


def _accept(here: Conversation, effect: Accept) -> Statement:
    _known_seq(here, effect.seq, "A frame is accepted")
    return Statement(
        "INSERT INTO accepted (conversation, sender, id, seq) VALUES (?, ?, ?, ?)",
        (here.id, effect.sender, effect.id, effect.seq),
    )


def _ask_bot(here: Conversation, effect: AskBot) -> Statement:
    if effect.epoch != here.epoch:
        raise StoreError(f"The bot is asked for epoch {effect.epoch} in epoch {here.epoch}.")
    return Statement(
        "INSERT INTO outbox (conversation, seq, epoch, payload, at) "
        "SELECT conversation, seq, ?, ?, ? FROM messages WHERE conversation = ? AND seq = ? AND author = 'customer'",
        (effect.epoch, effect.payload, here.updated_at, here.id, effect.seq),
        unless=f"The bot is asked about message {effect.seq}, which is not the customer's.",
    )


def _settle(here: Conversation, effect: Settle) -> Statement:
    return Statement("DELETE FROM outbox WHERE conversation = ? AND seq = ?", (here.id, effect.seq))


def _forget_asks(here: Conversation, effect: ForgetAsks) -> Statement:
    return Statement("DELETE FROM outbox WHERE conversation = ?", (here.id,))


def _keep_note(here: Conversation, effect: KeepNote) -> Statement:
    _same_conversation(here, effect.note.conversation)
    _known_seq(here, effect.note.after_seq, "A note is placed")
    return Statement(
        f"INSERT INTO notes ({rows.NOTE}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows.note_row(effect.note),
    )


def _keep_analysis(here: Conversation, effect: KeepAnalysis) -> Statement:
    # A turn may be understood twice, by the bot and again when the conversation comes back: the later reading stands.
    return Statement(
        "INSERT INTO analyses (conversation, seq, analysis) VALUES (?, ?, ?) "
        "ON CONFLICT (conversation, seq) DO UPDATE SET analysis = excluded.analysis",
        (here.id, effect.seq, rows.to_json(effect.analysis)),
    )


def _keep_memory(here: Conversation, effect: KeepMemory) -> Statement:
    if effect.memory is None:
        return Statement("DELETE FROM memories WHERE conversation = ?", (here.id,))
    return Statement(
        "INSERT INTO memories (conversation, memory) VALUES (?, ?) "
        "ON CONFLICT (conversation) DO UPDATE SET memory = excluded.memory",
        (here.id, rows.to_json(effect.memory)),
    )


def _set_timer(here: Conversation, effect: SetTimer) -> Statement:
    return Statement(
        "INSERT INTO timers (conversation, name, at) VALUES (?, ?, ?) "
        "ON CONFLICT (conversation, name) DO UPDATE SET at = excluded.at",
        (here.id, effect.name, effect.at),
    )


def _clear_timer(here: Conversation, effect: ClearTimer) -> Statement:
    return Statement("DELETE FROM timers WHERE conversation = ? AND name = ?", (here.id, effect.name))


def _audit(here: Conversation, effect: Audit) -> Statement:
    return Statement(
        "INSERT INTO audit (at, conversation, actor, act, detail) VALUES (?, ?, ?, ?, ?)",
        (here.updated_at, here.id, effect.actor, effect.act, rows.to_json(effect.detail)),
    )


def _same_conversation(here: Conversation, other: str) -> None:
    if other != here.id:
        raise StoreError(f"A step of conversation {here.id} would write into {other}.")


def _known_seq(here: Conversation, seq: int, what: str) -> None:
    if not 0 <= seq <= here.seq:
        raise StoreError(f"{what} at seq {seq}, but {here.seq} is the last one.")


_STATEMENTS: dict[type, Callable[[Conversation, Any], Statement]] = {
    Keep: _keep,
    Accept: _accept,
    AskBot: _ask_bot,
    Settle: _settle,
    ForgetAsks: _forget_asks,
    KeepNote: _keep_note,
    KeepAnalysis: _keep_analysis,
    KeepMemory: _keep_memory,
    SetTimer: _set_timer,
    ClearTimer: _clear_timer,
    Audit: _audit,
}


def add_account(account: Account) -> Work[None]:
    """See Store.add_account."""

    def work(connection: sqlite3.Connection) -> None:
        added = connection.execute(
            f"INSERT INTO accounts ({rows.ACCOUNT}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            rows.account_row(account),
        )
        if added.rowcount != 1:
            raise StaleVersion(f"There is an account '{account.id}' already.")

    return work


def save_account(account: Account) -> Work[None]:
    """See Store.save_account."""

    def work(connection: sqlite3.Connection) -> None:
        saved = connection.execute(
            "UPDATE accounts SET name = ?, role = ?, password_hash = ?, sessions = ?, status = ? WHERE id = ?",
            (*rows.account_row(account)[1:], account.id),
        )
        if saved.rowcount != 1:
            raise NotFound(f"There is no account '{account.id}'.")

    return work


def set_status(agent_id: str, status: str) -> Work[None]:
    """See Store.set_status."""
    return _on_account(agent_id, "UPDATE accounts SET status = ? WHERE id = ?", status)


def end_sessions(agent_id: str, password_hash: str | None, lock: bool) -> Work[None]:
    """See Store.end_sessions."""
    # In one statement: a number read before and written after would undo what another process did in between.
    begin = "UPDATE accounts SET sessions = sessions + 1, password_hash = "
    if lock:
        return _on_account(agent_id, begin + "? || ltrim(password_hash, ?) WHERE id = ?", LOCKED, LOCKED)
    return _on_account(agent_id, begin + "coalesce(?, password_hash) WHERE id = ?", password_hash)


def remove_account(agent_id: str) -> Work[None]:
    """See Store.remove_account."""
    return _on_account(agent_id, "DELETE FROM accounts WHERE id = ?")


def _on_account(agent_id: str, sql: str, *parameters: object) -> Work[None]:
    def work(connection: sqlite3.Connection) -> None:
        if connection.execute(sql, (*parameters, agent_id)).rowcount != 1:
            raise NotFound(f"There is no account '{agent_id}'.")

    return work


def take_seat(seat: Seat) -> Work[None]:
    """See Store.take_seat."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(
            f"INSERT INTO seats ({rows.SEAT}) VALUES (?, ?, ?, ?) ON CONFLICT (connection) DO UPDATE "
            "SET agent = excluded.agent, bridge = excluded.bridge, seen_at = excluded.seen_at",
            (seat.connection, seat.agent, seat.bridge, seat.seen_at),
        )

    return work


def leave_seat(connection_id: str) -> Work[None]:
    """See Store.leave_seat."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM seats WHERE connection = ?", (connection_id,))

    return work


def set_secret(name: str, value: bytes) -> Work[bytes]:
    """See Store.set_secret."""

    def work(connection: sqlite3.Connection) -> bytes:
        connection.execute(
            "INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (name, value)
        )
        return bytes(connection.execute("SELECT value FROM secrets WHERE name = ?", (name,)).fetchone()[0])

    return work
