"""
The wire vocabulary: every frame between a client and the bridge, as JSON text, one object a frame, told apart by
``type``.

docs/protocol.md shows each with an example that a test decodes. A client numbers what it wants kept (``id``, its own
choice,
unique within its conversation); the bridge answers ``ack`` after commit or ``nack``. Sizes are checked before parsing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

import msgspec

from warmline.core.errors import FrameError, TooLarge

PROTOCOL = 1
MAX_FRAME_BYTES = 32_768
MAX_TEXT_CHARS = 4_000

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_CHARS)]
ShortText = Annotated[str, msgspec.Meta(max_length=1_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Signed = Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


class Frame(msgspec.Struct, frozen=True, tag_field="type", tag=_snake, forbid_unknown_fields=True):
    """Base of all frames."""


# --- what a customer sends -------------------------------------------------------------------------------------------


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last a client saw of a conversation."""

    conversation: Id
    epoch: Seq
    seq: Seq


class Hello(Frame, frozen=True):
    """
    First frame of a customer. *ticket* is the one from the last ``welcome`` (or signed by the site); none for a new
    guest.
    *language* is the BCP 47 tag the browser prefers.
    """

    ticket: Signed | None = None
    resume: Resume | None = None
    language: Annotated[str, msgspec.Meta(max_length=35, pattern=r"^[A-Za-z0-9-]*$")] | None = None
    protocol: int = PROTOCOL


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pressed quick reply: the *index*-th button of message *seq*."""

    seq: Seq
    index: Annotated[int, msgspec.Meta(ge=0, le=20)]


class Say(Frame, frozen=True):
    """The customer writes, or presses a quick reply (*text* is then its title)."""

    id: Id
    text: Text
    choice: Choice | None = None


class AskPerson(Frame, frozen=True):
    """The button "Talk to a person": straight to the queue, whatever the bot is doing."""

    id: Id


class BackToBot(Frame, frozen=True):
    """While waiting: rather go on with the assistant."""

    id: Id


class LeaveContact(Frame, frozen=True):
    """While waiting: where to answer when nobody is there now."""

    id: Id
    contact: Annotated[str, msgspec.Meta(min_length=3, max_length=200)]


class End(Frame, frozen=True):
    """The sender ends the conversation. An agent names it, and may say whether it *needed* a person."""

    id: Id
    conversation: Id | None = None
    needed: bool | None = None


class Typing(Frame, frozen=True):
    """The sender is typing, or stopped. Never stored, first to be dropped. An agent names the conversation."""

    on: bool
    conversation: Id | None = None


class Earlier(Frame, frozen=True):
    """What stands before message *before*; answered by ``history``. An agent names the conversation."""

    before: Seq
    conversation: Id | None = None


class Ping(Frame, frozen=True):
    """Application heartbeat; answered by ``pong``. Send one every 20 s."""


# --- what an agent sends ---------------------------------------------------------------------------------------------


class SignIn(Frame, frozen=True):
    """First frame of an agent without a token."""

    name: Name
    password: Password


class HelloAgent(Frame, frozen=True):
    """First frame of an agent who has a token from ``signed_in``."""

    token: Signed
    protocol: int = PROTOCOL


class SignOut(Frame, frozen=True):
    """Ends the session: the token is void, and conversations return to the queue's front."""


class Presence(Frame, frozen=True):
    """Whether the agent takes new conversations."""

    status: Literal["online", "away"]


class Claim(Frame, frozen=True):
    """Take a waiting conversation. Exactly one claimant wins."""

    id: Id
    conversation: Id


class TakeOver(Frame, frozen=True):
    """Take a conversation from the bot."""

    id: Id
    conversation: Id


class Open(Frame, frozen=True):
    """
    Look at a conversation: answered by ``snapshot`` or the missing ``message`` frames, then ``packet``; then it
    is followed.
    """

    conversation: Id
    seq: Seq = 0


class Reply(Frame, frozen=True):
    """The agent writes to the customer."""

    id: Id
    conversation: Id
    text: Text


class AddNote(Frame, frozen=True):
    """A private line between agents."""

    id: Id
    conversation: Id
    text: Text


class HandBack(Frame, frozen=True):
    """
    Give the conversation back to the assistant, with a note for whoever comes next. *needed* is the agent's verdict:
    whether it needed a person.
    """

    id: Id
    conversation: Id
    note: ShortText = ""
    needed: bool | None = None


class Transfer(Frame, frozen=True):
    """Put the conversation back into a queue; its waiting time is kept."""

    id: Id
    conversation: Id
    queue: Name = "support"
    note: ShortText = ""


CustomerFrame = Union[Hello, Say, AskPerson, BackToBot, LeaveContact, End, Typing, Earlier, Ping]
AgentFrame = Union[
    SignIn,
    HelloAgent,
    SignOut,
    Presence,
    Claim,
    TakeOver,
    Open,
    Reply,
    AddNote,
    HandBack,
    Transfer,
    End,
    Typing,
    Earlier,
    Ping,
]

# --- what the bridge sends -------------------------------------------------------------------------------------------


class Welcome(Frame, frozen=True):
    """
    Answer to ``hello``. *ticket* replaces the client's (valid *ticket_s* seconds). What was missed follows, then
    ``state``.
    """

    ticket: str
    ticket_s: int
    conversation: str
    epoch: int
    seq: int
    heartbeat_s: int = 20
    protocol: int = PROTOCOL


class SignedIn(Frame, frozen=True):
    """Answer to ``sign_in`` and ``hello_agent``. *queues* are the names ``transfer`` may use."""

    token: str
    token_s: int
    agent: str
    name: str
    role: Literal["agent", "supervisor"]
    status: Literal["online", "away"]
    queues: tuple[str, ...] = ()
    heartbeat_s: int = 20
    protocol: int = PROTOCOL


class Ack(Frame, frozen=True):
    """Kept. *seq* is the last seq of the conversation that it led to; the same id again gets the same."""

    id: str
    seq: int


class Nack(Frame, frozen=True):
    """Not kept, nothing changed. *retry_after_s* is set when trying again can help."""

    id: str
    code: str
    text: str
    retry_after_s: float | None = None


class MessageFrame(Frame, frozen=True, tag="message"):
    """One line of the log. *buttons* are titles; a press names this seq and the index. *id* is its sender's own."""

    conversation: str
    seq: int
    epoch: int
    at: float
    author: Literal["customer", "bot", "agent", "system"]
    text: str
    name: str | None = None
    code: str | None = None
    id: str | None = None
    buttons: tuple[str, ...] = ()


class Snapshot(Frame, frozen=True):
    """Replaces what the client holds: the last messages, and where it now stands. *more* when earlier ones exist."""

    conversation: str
    epoch: int
    seq: int
    messages: tuple[MessageFrame, ...]
    more: bool = False


class History(Frame, frozen=True):
    """The messages right before those the client holds, in order of seq. *more* when there are earlier ones still."""

    conversation: str
    messages: tuple[MessageFrame, ...]
    more: bool = False


class State(Frame, frozen=True):
    """
    Who answers now, as the customer sees it. Sent after each change.

    *agent* is the name of the person. While queued: *position* from 1, *wait_min* a range in minutes (null: unknown),
    *why* what the customer was told, *offline* when nobody is there. *known* is the short form of the packet: label
    and value.
    """

    conversation: str
    owner: Literal["bot", "queue", "agent", "closed"]
    epoch: int
    seq: int
    agent: str | None = None
    position: int | None = None
    wait_min: tuple[int, int] | None = None
    offline: bool = False
    contact: str | None = None
    known: tuple[tuple[str, str], ...] = ()


class TypingFrame(Frame, frozen=True, tag="typing_seen"):
    """Somebody else is typing in this conversation (*author*), or stopped."""

    conversation: str
    author: Literal["customer", "bot", "agent"]
    on: bool


class Pong(Frame, frozen=True):
    """Answer to ``ping``; *at* is the bridge's clock, Unix seconds."""

    at: float


class Error(Frame, frozen=True):
    """Something about the connection or a frame without id. The connection stays unless a close follows."""

    code: str
    text: str
    retry_after_s: float | None = None


class Waiting(msgspec.Struct, frozen=True):
    """
    A row of the desk. *curve* is the mood 0..1 of the last turns; *since* Unix seconds; *urgency_min* as in the packet.
    """

    conversation: str
    customer: str
    wants: str
    why: str
    rule: str
    since: float
    urgency_min: int
    curve: tuple[float, ...]
    owner: Literal["bot", "queue", "agent", "closed"]
    agent: str | None = None
    offline: bool = False
    contact: str | None = None
    unread: bool = False


class Colleague(msgspec.Struct, frozen=True):
    """Somebody at the desk."""

    agent: str
    name: str
    status: Literal["online", "away", "offline"]
    open: int


class Desk(Frame, frozen=True):
    """
    The whole desk, sent after each change: who waits (most urgent first), what is mine, unserved requests, who is
    here.
    """

    waiting: tuple[Waiting, ...]
    mine: tuple[Waiting, ...]
    requests: tuple[Waiting, ...]
    colleagues: tuple[Colleague, ...]
    bot_ok: bool


class Ring(Frame, frozen=True):
    """A conversation was just put into the queue: make it heard."""

    conversation: str
    customer: str
    why: str
    urgency_min: int


class PacketFrame(Frame, frozen=True, tag="packet"):
    """The context of an open conversation, whole, again after each change: see warmline.core.packet.Packet."""

    conversation: str
    packet: Any


BridgeFrame = Union[
    Welcome,
    SignedIn,
    Ack,
    Nack,
    MessageFrame,
    Snapshot,
    History,
    State,
    TypingFrame,
    Pong,
    Error,
    Desk,
    Ring,
    PacketFrame,
]

_customer = msgspec.json.Decoder(CustomerFrame)
_agent = msgspec.json.Decoder(AgentFrame)
_bridge = msgspec.json.Decoder(BridgeFrame)
_encoder = msgspec.json.Encoder()


def _decode(decoder: msgspec.json.Decoder[Any], data: str | bytes) -> Any:
    if isinstance(data, bytes):
        raise FrameError("Frames are JSON text, not binary.")
    raw = data.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_FRAME_BYTES:
        raise TooLarge(f"A frame may have {MAX_FRAME_BYTES} bytes; this one has {len(raw)}.")
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as wrong:
        raise FrameError(f"That frame is not in the protocol: {wrong}.") from None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise FrameError("That frame is not JSON text.") from None


def decode_customer(data: str | bytes) -> CustomerFrame:
    """
    Read one frame of a customer.

    Raises:
        TooLarge: more than ``MAX_FRAME_BYTES``; checked before parsing.
        FrameError: binary, not JSON, an unknown type or field, or a value out of range.
    """
    frame: CustomerFrame = _decode(_customer, data)
    return frame


def decode_agent(data: str | bytes) -> AgentFrame:
    """Read one frame of an agent; raises as :func:`decode_customer`."""
    frame: AgentFrame = _decode(_agent, data)
    return frame


def decode_bridge(data: str | bytes) -> BridgeFrame:
    """Read one frame of the bridge, for clients written in Python; no size limit, raises FrameError."""
    try:
        frame: BridgeFrame = _bridge.decode(data)
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise FrameError(f"The bridge sent something this client does not know: {wrong}.") from None
    return frame


def encode(frame: Frame) -> str:
    """One frame as JSON text."""
    return _encoder.encode(frame).decode()
