"""
The record of a conversation, and the one table that says who may own it next.

A conversation belongs to exactly one owner. Nothing but :func:`move` changes an owner, and :func:`move` only does what
``TRANSITIONS`` lists: any other pair of owner and event raises :class:`~warmline.core.errors.IllegalTransition`.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

import msgspec

from warmline.core.errors import IllegalTransition, NotOffered
from warmline.core.escalation import Decision


class Owner(str, Enum):
    """Who answers the customer now."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"
    CLOSED = "closed"


class Event(str, Enum):
    """What can move a conversation from one owner to another."""

    ESCALATED = "escalated"
    ASKED_FOR_HUMAN = "asked_for_human"
    TAKEN_OVER = "taken_over"
    BOT_FAILED = "bot_failed"
    CLAIMED = "claimed"
    RETURNED_TO_BOT = "returned_to_bot"
    LEFT = "left"
    HANDED_BACK = "handed_back"
    AGENT_LOST = "agent_lost"
    TRANSFERRED = "transferred"
    ENDED = "ended"
    CUSTOMER_WROTE = "customer_wrote"


TRANSITIONS: dict[tuple[Owner, Event], Owner] = {
    (Owner.BOT, Event.ESCALATED): Owner.QUEUE,
    (Owner.BOT, Event.ASKED_FOR_HUMAN): Owner.QUEUE,
    (Owner.BOT, Event.BOT_FAILED): Owner.QUEUE,
    (Owner.BOT, Event.TAKEN_OVER): Owner.AGENT,
    (Owner.BOT, Event.ENDED): Owner.CLOSED,
    (Owner.QUEUE, Event.CLAIMED): Owner.AGENT,
    (Owner.QUEUE, Event.RETURNED_TO_BOT): Owner.BOT,
    (Owner.QUEUE, Event.LEFT): Owner.CLOSED,
    (Owner.QUEUE, Event.ENDED): Owner.CLOSED,
    (Owner.AGENT, Event.HANDED_BACK): Owner.BOT,
    (Owner.AGENT, Event.AGENT_LOST): Owner.QUEUE,
    (Owner.AGENT, Event.TRANSFERRED): Owner.QUEUE,
    (Owner.AGENT, Event.ENDED): Owner.CLOSED,
    (Owner.CLOSED, Event.CUSTOMER_WROTE): Owner.BOT,
}

Author = Literal["customer", "bot", "agent", "system"]


class Button(msgspec.Struct, frozen=True):
    """A quick reply. *payload* stays inside: a client names a button by its message's seq and its index."""

    title: str
    payload: str


class Message(msgspec.Struct, frozen=True):
    """
    One line of the log, seen by the customer and the agents alike.

    *seq* is dense from 1 within its conversation, over all epochs. *at* is Unix seconds. *name* is the agent's name
    when an agent speaks. *code* says what a system line is about (``agent_joined``, ``queued``, ...), else None.
    *client_id* is the id its sender chose, None for the bot's and the system's. *about* is the seq of the customer's
    message that the bot answers here.
    """

    conversation: str
    seq: int
    epoch: int
    at: float
    author: Author
    text: str
    name: str | None = None
    code: str | None = None
    client_id: str | None = None
    buttons: tuple[Button, ...] = ()
    about: int | None = None


class Note(msgspec.Struct, frozen=True):
    """A private line between agents, never sent to the customer; *after_seq* places it in the transcript."""

    conversation: str
    id: str
    after_seq: int
    at: float
    agent: str
    name: str
    text: str


class Customer(msgspec.Struct, frozen=True):
    """
    Who writes. *sure* says how we know: ``guest`` (nothing proved), ``signed`` (a ticket signed by the site).
    *language* is the BCP 47 tag the customer's browser prefers.
    """

    id: str
    name: str | None = None
    email: str | None = None
    sure: Literal["guest", "signed"] = "guest"
    language: str | None = None


class Agent(msgspec.Struct, frozen=True):
    """A person at the desk, as far as a conversation needs to know one: *id* is the sign-in name."""

    id: str
    name: str


class Fact(msgspec.Struct, frozen=True):
    """
    Something the customer told or a system confirmed, as escalation.yml lists it. *verified* only when that system
    said so. *role*: what the conversation is about, what the bot did in it, or what an agent promised. *of* is the
    name of the fact that this one says something about: when that one changes, this is void.
    """

    name: str
    label: str
    value: str
    verified: bool = False
    role: Literal["", "subject", "done", "promise"] = ""
    of: str = ""


class Handoff(msgspec.Struct, frozen=True):
    """
    Why a person is needed, from the moment of asking until the person is done.

    *asked_at* (Unix seconds) survives transfers and lost agents, so nobody waits twice. *event* is the transition's
    name. *offline* is true when nobody was there to take it; *contact* is where the customer wants the answer, when
    left. *front* is true when an agent lost the connection: the conversation comes before all others of its queue.
    *lines* is how many automatic lines they were told in this spell of waiting: it varies the words. *told_at* (Unix
    seconds) is when they were told the wait last, as *told_place*, *warned_at* when they were last told what to do in
    danger.
    """

    asked_at: float
    event: str
    decision: Decision
    offline: bool = False
    contact: str | None = None
    front: bool = False
    lines: int = 0
    told_at: float = 0.0
    told_place: int | None = None
    warned_at: float = 0.0


class Conversation(msgspec.Struct, frozen=True):
    """
    Everything that decides what may happen next; the words are in the log.

    *version* grows by one with every stored change and is compared before the next. *epoch* grows each time the bot
    gets the conversation. *seq* is the last one given out. *handoff* stays set after the customer chose to go on with
    the bot while nobody was there, so that the request is still seen. *handed_back_for* lists the rules whose
    handoffs a person already dealt with. *opened_seq* is the first seq of the present episode: a conversation that
    was closed and is written to again starts a new one. *settled_seq* is the last customer message whose question to
    the bot was answered or given up: a second answer to it is not heard. *wrote_seq* is the customer's
    last message, 0 when there is none: it answered every button that was offered before.
    """

    id: str
    customer: Customer
    created_at: float
    owner: Owner = Owner.BOT
    epoch: int = 1
    version: int = 0
    seq: int = 0
    agent: Agent | None = None
    handoff: Handoff | None = None
    facts: tuple[Fact, ...] = ()
    handed_back_for: tuple[str, ...] = ()
    opened_seq: int = 1
    updated_at: float = 0.0
    settled_seq: int = 0
    wrote_seq: int = 0


def move(conversation: Conversation, event: Event) -> Conversation:
    """
    Give *conversation* to the owner that *event* leads to; the bot gets it under a new epoch.

    Raises:
        IllegalTransition: the table does not list this pair; nothing changed.
    """
    owner = TRANSITIONS.get((conversation.owner, event))
    if owner is None:
        raise IllegalTransition(
            f"This conversation is with {OWNER_WORDS[conversation.owner]}, so '{event.value}' is not possible now."
        )
    epoch = conversation.epoch + 1 if owner is Owner.BOT else conversation.epoch
    agent = conversation.agent if owner is Owner.AGENT else None
    return msgspec.structs.replace(conversation, owner=owner, epoch=epoch, agent=agent)


def require_offered(conversation: Conversation, message: Message) -> None:
    """
    Raise unless the buttons of *message* may still be pressed: it belongs to the bot's newest turn, the customer has
    written and pressed nothing since, and the bot has had the conversation all the while.

    Raises:
        NotOffered: the button belongs to an earlier question.
    """
    # A late answer to an earlier message stands after the newest one in the log, and still is not about it. Records
    # from before wrote_seq was kept know at least the last message that was answered.
    asked_at = message.seq if message.about is None else message.about
    newest = asked_at >= max(conversation.wrote_seq, conversation.settled_seq)
    if conversation.owner is not Owner.BOT or message.epoch != conversation.epoch or not newest:
        raise NotOffered("That button belonged to an earlier question. Nothing was done.")


OWNER_WORDS = {
    Owner.BOT: "the assistant",
    Owner.QUEUE: "the queue",
    Owner.AGENT: "an agent",
    Owner.CLOSED: "nobody: it is closed",
}
