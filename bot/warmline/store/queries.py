"""What is read, in SQL. Each function takes values and returns a query that a reader's thread runs."""

# ruff: noqa: S608 - what is formatted into SQL here are our own constants; values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Conversation, Message, Note
from warmline.core.errors import NotFound
from warmline.store import Account, DueTimer, PendingAsk, Seat, Served, rows
from warmline.store.readers import Query

T = TypeVar("T")

END = 2**63 - 1
"""After every seq."""
_ARRIVALS = "('claimed', 'taken_over')"
_DEPARTURES = "('handed_back', 'transferred', 'agent_lost', 'ended')"


def conversation(conversation_id: str) -> Query[Conversation]:
    def query(connection: sqlite3.Connection) -> Conversation:
        row = connection.execute(
            f"SELECT {rows.CONVERSATION} FROM conversations WHERE id = ?",
            (conversation_id,),
        ).fetchone()
        if row is None:
            raise NotFound("There is no such conversation.")
        return rows.conversation(row)

    return query


def latest_of_customer(customer_id: str) -> Query[Conversation | None]:
    def query(connection: sqlite3.Connection) -> Conversation | None:
        row = connection.execute(
            f"SELECT {rows.CONVERSATION} FROM conversations WHERE customer_id = ? ORDER BY number DESC LIMIT 1",
            (customer_id,),
        ).fetchone()
        return None if row is None else rows.conversation(row)

    return query


def accepted(conversation_id: str, sender: str, frame_id: str) -> Query[int | None]:
    return _value(
        "SELECT seq FROM accepted WHERE conversation = ? AND sender = ? AND id = ?", (conversation_id, sender, frame_id)
    )


def messages(conversation_id: str, after: int, before: int | None, limit: int) -> Query[list[Message]]:
    end = END if before is None else before

    def query(connection: sqlite3.Connection) -> list[Message]:
        newest_first = connection.execute(
            f"SELECT {rows.MESSAGE} FROM messages WHERE conversation = ? AND seq > ? AND seq < ? "
            "ORDER BY seq DESC LIMIT ?",
            (conversation_id, after, end, limit),
        ).fetchall()
        return [rows.message(row) for row in reversed(newest_first)]

    return query


def message(conversation_id: str, seq: int) -> Query[Message]:
    def query(connection: sqlite3.Connection) -> Message:
        row = connection.execute(
            f"SELECT {rows.MESSAGE} FROM messages WHERE conversation = ? AND seq = ?",
            (conversation_id, seq),
        ).fetchone()
        if row is None:
            raise NotFound("There is no such message.")
        return rows.message(row)

    return query


def notes(conversation_id: str) -> Query[list[Note]]:
    def query(connection: sqlite3.Connection) -> list[Note]:
        found = connection.execute(
            f"SELECT {rows.NOTE} FROM notes WHERE conversation = ? ORDER BY number",
            (conversation_id,),
        )
        return [rows.note(row) for row in found]

    return query


def analyses(
    conversation_ids: Sequence[str], newest: int | None = None
) -> Query[Mapping[str, Mapping[int, TurnAnalysis]]]:
    wanted = rows.to_json(list(conversation_ids))
    skipped = -1 if newest is None else newest

    def query(connection: sqlite3.Connection) -> Mapping[str, Mapping[int, TurnAnalysis]]:
        found: dict[str, dict[int, TurnAnalysis]] = {}
        for of, seq, analysis in connection.execute(
            "SELECT its.conversation, its.seq, its.analysis FROM json_each(?) JOIN analyses AS its "
            "ON its.conversation = value WHERE ? < 0 OR its.seq > coalesce((SELECT seq FROM analyses "
            "WHERE conversation = value ORDER BY seq DESC LIMIT 1 OFFSET ?), 0) ORDER BY its.conversation, its.seq",
            (wanted, skipped, skipped),
        ):
            found.setdefault(of, {})[seq] = rows.analysis(analysis)
        return found

    return query


def memory(conversation_id: str) -> Query[dict[str, Any] | None]:
    kept = _value("SELECT memory FROM memories WHERE conversation = ?", (conversation_id,))

    def query(connection: sqlite3.Connection) -> dict[str, Any] | None:
        text = kept(connection)
        return None if text is None else rows.memory(text)

    return query


def pending_asks(limit: int) -> Query[list[PendingAsk]]:
    def query(connection: sqlite3.Connection) -> list[PendingAsk]:
        found = connection.execute(
            "SELECT conversation, epoch, seq, payload, at FROM outbox AS oldest "
            "WHERE seq = (SELECT min(seq) FROM outbox WHERE conversation = oldest.conversation) "
            "ORDER BY at, conversation LIMIT ?",
            (limit,),
        )
        return [rows.pending_ask(row) for row in found]

    return query


def due_timers(now: float, limit: int) -> Query[list[DueTimer]]:
    def query(connection: sqlite3.Connection) -> list[DueTimer]:
        found = connection.execute(
            "SELECT conversation, name, at FROM timers WHERE at <= ? ORDER BY at, conversation, name LIMIT ?",
            (now, limit),
        )
        return [rows.due_timer(row) for row in found]

    return query


def timer(conversation_id: str, name: str) -> Query[float | None]:
    return _value("SELECT at FROM timers WHERE conversation = ? AND name = ?", (conversation_id, name))


def next_timer_at() -> Query[float | None]:
    return _value("SELECT min(at) FROM timers", ())


def at_desk() -> Query[list[Conversation]]:
    def query(connection: sqlite3.Connection) -> list[Conversation]:
        found = connection.execute(
            f"SELECT {rows.CONVERSATION} FROM conversations "
            "WHERE owner IN ('queue', 'agent') OR asked_at IS NOT NULL ORDER BY asked_at, number"
        )
        return [rows.conversation(row) for row in found]

    return query


def handle_times(limit: int) -> Query[list[float]]:
    def query(connection: sqlite3.Connection) -> list[float]:
        # The correlated look-back finds the act that began the stay which this departure ends. A clock that was set
        # back in between gives 0, not a negative time.
        found = connection.execute(
            "SELECT max(0.0, departure.at - arrival.at) FROM audit AS departure JOIN audit AS arrival "
            "ON arrival.number = (SELECT max(number) FROM audit WHERE conversation = departure.conversation "
            f"AND number < departure.number AND (act IN {_ARRIVALS} OR act IN {_DEPARTURES})) "
            f"WHERE departure.act IN {_DEPARTURES} AND arrival.act IN {_ARRIVALS} "
            "ORDER BY departure.number DESC LIMIT ?",
            (limit,),
        )
        return [row[0] for row in found]

    return query


def served(conversation_id: str | None) -> Query[list[Served]]:
    def query(connection: sqlite3.Connection) -> list[Served]:
        found = connection.execute(
            "SELECT conversation, at, actor, act, detail FROM audit WHERE act IN ('handed_back', 'ended') "
            "AND detail LIKE '%\"asked_at\"%' AND (? IS NULL OR conversation = ?) ORDER BY number",
            (conversation_id, conversation_id),
        )
        return [rows.served(row) for row in found]

    return query


def account(agent_id: str) -> Query[Account]:
    def query(connection: sqlite3.Connection) -> Account:
        row = connection.execute(
            f"SELECT {rows.ACCOUNT} FROM accounts WHERE id = ?",
            (agent_id,),
        ).fetchone()
        if row is None:
            raise NotFound(f"There is no account '{agent_id}'.")
        return rows.account(row)

    return query


def accounts() -> Query[list[Account]]:
    def query(connection: sqlite3.Connection) -> list[Account]:
        found = connection.execute(f"SELECT {rows.ACCOUNT} FROM accounts ORDER BY id")
        return [rows.account(row) for row in found]

    return query


def seats() -> Query[list[Seat]]:
    def query(connection: sqlite3.Connection) -> list[Seat]:
        found = connection.execute(f"SELECT {rows.SEAT} FROM seats ORDER BY connection")
        return [rows.seat(row) for row in found]

    return query


def _value(sql: str, parameters: tuple[Any, ...]) -> Query[Any]:
    """The first column of the first row, or None."""

    def query(connection: sqlite3.Connection) -> Any:
        row = connection.execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    return query
