"""
Frozen values to rows and back. What is queried or constrained has a column; the rest of a value is one JSON column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Conversation, Message, Note, Owner
from warmline.core.errors import StoreError
from warmline.store import Account, DueTimer, PendingAsk, Seat, Served

T = TypeVar("T", bound=msgspec.Struct)


def to_json(value: Any) -> str:
    """Raises StoreError when *value* has no JSON form."""
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise StoreError(f"A value could not be written as JSON: {error}.") from error


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return msgspec.field(default=field.default, default_factory=field.default_factory)  # type: ignore[call-overload]


class Shape(Generic[T]):
    """
    How a struct lies in a row: a column for each of *columns*, in that order, then one JSON column with all other
    fields.

    Fields that are added to the struct with a default need no change here, nor in the database.
    """

    def __init__(self, kind: type[T], columns: Sequence[str]) -> None:
        self.kind = kind
        self.columns = tuple(columns)
        others = [field for field in msgspec.structs.fields(kind) if field.name not in columns]
        self._rest_names = tuple(field.name for field in others)
        self._rest = msgspec.defstruct(
            f"{kind.__name__}Rest",
            [(field.name, field.type, _default(field)) for field in others],
            kw_only=True,
            omit_defaults=True,
        )
        self._decoder = msgspec.json.Decoder(self._rest)

    def rest(self, value: T) -> str:
        """The JSON column of *value*."""
        return to_json(self._rest(**{name: getattr(value, name) for name in self._rest_names}))

    def value(self, row: Sequence[Any]) -> T:
        """Back from *row*: the columns, then the JSON one. Raises StoreError when it holds something else."""
        *columns, rest = row
        try:
            decoded = self._decoder.decode(rest)
        except msgspec.MsgspecError as error:
            raise StoreError(f"A row of {self.kind.__name__} cannot be read: {error}.") from error
        others = {name: getattr(decoded, name) for name in self._rest_names}
        return self.kind(**dict(zip(self.columns, columns, strict=True)), **others)


_CONVERSATION = Shape(Conversation, ("id", "created_at", "updated_at", "owner", "epoch", "version", "seq"))
_MESSAGE = Shape(Message, ("conversation", "seq", "epoch", "at", "author", "text"))
_ANALYSIS = msgspec.json.Decoder(TurnAnalysis)
_MEMORY = msgspec.json.Decoder(dict[str, Any])

CONVERSATION = "id, created_at, updated_at, owner, epoch, version, seq, rest"
MESSAGE = "conversation, seq, epoch, at, author, text, rest"
NOTE = "conversation, id, after_seq, at, agent, name, text"
ACCOUNT = "id, name, role, password_hash, sessions, status"
SEAT = "connection, agent, bridge, seen_at"


def conversation_row(conversation: Conversation) -> dict[str, Any]:
    """The columns of ``conversations``, by name."""
    return {
        "id": conversation.id,
        "customer_id": conversation.customer.id,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "owner": conversation.owner.value,
        "epoch": conversation.epoch,
        "version": conversation.version,
        "seq": conversation.seq,
        "agent_id": conversation.agent.id if conversation.agent else None,
        "asked_at": conversation.handoff.asked_at if conversation.handoff else None,
        "rest": _CONVERSATION.rest(conversation),
    }


def conversation(row: Sequence[Any]) -> Conversation:
    """From the columns ``CONVERSATION``."""
    loose = _CONVERSATION.value(row)
    return msgspec.structs.replace(loose, owner=Owner(loose.owner))


def message_row(message: Message) -> tuple[Any, ...]:
    """In the order of ``MESSAGE``."""
    head = (message.conversation, message.seq, message.epoch, message.at, message.author, message.text)
    return (*head, _MESSAGE.rest(message))


def message(row: Sequence[Any]) -> Message:
    """From the columns ``MESSAGE``."""
    return _MESSAGE.value(row)


def note_row(note: Note) -> tuple[Any, ...]:
    """In the order of ``NOTE``."""
    return (note.conversation, note.id, note.after_seq, note.at, note.agent, note.name, note.text)


def note(row: Sequence[Any]) -> Note:
    """From the columns ``NOTE``."""
    return Note(*row)


def analysis(text: str) -> TurnAnalysis:
    """Raises StoreError."""
    try:
        return _ANALYSIS.decode(text)
    except msgspec.MsgspecError as error:
        raise StoreError(f"A turn analysis cannot be read: {error}.") from error


def memory(text: str) -> dict[str, Any]:
    """Raises StoreError."""
    try:
        return _MEMORY.decode(text)
    except msgspec.MsgspecError as error:
        raise StoreError(f"The engine's memory of a conversation cannot be read: {error}.") from error


def account_row(account: Account) -> tuple[Any, ...]:
    """In the order of ``ACCOUNT``."""
    return msgspec.structs.astuple(account)


def account(row: Sequence[Any]) -> Account:
    """From the columns ``ACCOUNT``."""
    return Account(*row)


def seat(row: Sequence[Any]) -> Seat:
    """From the columns ``SEAT``."""
    return Seat(*row)


def served(row: Sequence[Any]) -> Served:
    """From conversation, at, actor, act, detail. Raises StoreError."""
    *columns, detail = row
    try:
        return Served(*columns, **msgspec.json.decode(detail))
    except (msgspec.MsgspecError, TypeError) as error:
        raise StoreError(f"A served handoff cannot be read: {error}.") from error


def pending_ask(row: Sequence[Any]) -> PendingAsk:
    """From conversation, epoch, seq, payload, at."""
    return PendingAsk(*row)


def due_timer(row: Sequence[Any]) -> DueTimer:
    """From conversation, name, at."""
    return DueTimer(*row)
