"""What can happen to a conversation, named in the past. The edge fills in what only it can know."""

from __future__ import annotations

from typing import Literal, Union

import msgspec

from warmline.core.ask import Answer
from warmline.core.conversation import Agent, Fact, Message
from warmline.core.effects import TimerName
from warmline.core.escalation import Decision


class There(msgspec.Struct, frozen=True):
    """Whether at least one agent takes conversations now; when none does, *back* may say when ("on Monday at 8:00")."""

    anyone: bool
    back: str | None = None


class CustomerWrote(msgspec.Struct, frozen=True):
    """
    *payload* is set when a quick reply was pressed: its own, as the bot offered it in *offered*. *alarm* is set when
    the words, written to the queue or to an agent, name harm or a high-stakes topic (warmline.core.triggers.alarmed).
    *contact* is the address or number that they give for the answer (warmline.core.contact.contact_in).
    """

    id: str
    text: str
    payload: str | None = None
    alarm: Decision | None = None
    offered: Message | None = None
    contact: str = ""


class CustomerAskedForPerson(msgspec.Struct, frozen=True):
    """The button."""

    id: str
    decision: Decision
    there: There


Said = Literal["wait", "who", "open", "number", "address", "back", "leaving", "thanks", "courtesy", "question", "more"]
"""
What somebody who waits wants: ``wait`` asks about the waiting, ``who`` whether a person writes these lines, ``open``
whether the request is still known, ``number`` and ``address`` whether that was received; ``back`` would rather have the
assistant, ``leaving`` nothing any more; ``thanks`` and ``courtesy`` say nothing new; ``question`` is for the colleague,
``more`` something to pass on.
"""


class CustomerWaits(msgspec.Struct, frozen=True):
    """
    What the customer's message *seq*, kept while nobody has the conversation, asks for, and what is known of it: the
    *place* in the queue from 1, the *wait_min* as a range in minutes (None: not known), who is *there*, the text of a
    general *answer* that needs no deed (empty: there is none), the *contact* for the answer that was given now or, when
    they ask for it, before (empty: none), and the *hours* as the bot tells them (empty: not known).
    """

    seq: int
    said: Said
    place: int | None
    wait_min: tuple[int, int] | None
    there: There
    answer: str = ""
    contact: str = ""
    hours: str = ""


class CustomerWentBackToBot(msgspec.Struct, frozen=True):
    """The customer would rather not wait. *told*: what was told to people meanwhile (warmline.language.told)."""

    id: str
    told: tuple[Fact, ...] = ()


class CustomerLeftContact(msgspec.Struct, frozen=True):
    """Where the customer wants the answer."""

    id: str
    contact: str


class CustomerEnded(msgspec.Struct, frozen=True):
    """The customer is done."""

    id: str


class BotAnswered(msgspec.Struct, frozen=True):
    """
    The engine's answer to the question about message *seq*, asked under *epoch*. *silent_s*: when it did not help and
    the customer says nothing for so many seconds, the rules want to be asked again (None: they do not). *contact* is
    the address or number that the message gives for the answer, for a person who takes over.
    """

    seq: int
    epoch: int
    answer: Answer
    there: There
    silent_s: float | None = None
    contact: str = ""


class BotDelayed(msgspec.Struct, frozen=True):
    """
    The answer to message *seq* takes longer: too many questions wait and it has not been asked yet (*crowded*), or the
    engine still thinks. It is given up in *within_s* seconds.
    """

    seq: int
    epoch: int
    within_s: float
    crowded: bool = True


class BotFailed(msgspec.Struct, frozen=True):
    """The engine gave no usable answer to the question about message *seq*; *error* is a wire code."""

    seq: int
    epoch: int
    error: str
    decision: Decision
    there: There


class AgentClaimed(msgspec.Struct, frozen=True):
    """*agent* takes a waiting conversation."""

    id: str
    agent: Agent


class AgentTookOver(msgspec.Struct, frozen=True):
    """*agent* takes a conversation from the bot."""

    id: str
    agent: Agent
    decision: Decision


class AgentReplied(msgspec.Struct, frozen=True):
    """*agent* writes to the customer."""

    id: str
    agent: Agent
    text: str


class AgentNoted(msgspec.Struct, frozen=True):
    """*agent* leaves a private line."""

    id: str
    agent: Agent
    text: str


class AgentHandedBack(msgspec.Struct, frozen=True):
    """
    *agent* gives the conversation to the bot; *note* is for the next person. *needed* is their verdict: whether a
    person was needed (None: not said). *told*: what was told to people meanwhile (warmline.language.told).
    """

    id: str
    agent: Agent
    note: str
    needed: bool | None = None
    told: tuple[Fact, ...] = ()


class AgentTransferred(msgspec.Struct, frozen=True):
    """*agent* puts the conversation into *queue*."""

    id: str
    agent: Agent
    queue: str
    note: str
    there: There


class AgentEnded(msgspec.Struct, frozen=True):
    """*agent* closes the conversation; *needed* as in :class:`AgentHandedBack`."""

    id: str
    agent: Agent
    needed: bool | None = None


class AgentVanished(msgspec.Struct, frozen=True):
    """The last connection of *agent*, who owns this conversation, is gone; *grace_s* seconds to come back."""

    agent: str
    grace_s: float


class AgentCameBack(msgspec.Struct, frozen=True):
    """*agent* is connected again."""

    agent: str


class CustomerWentSilent(msgspec.Struct, frozen=True):
    """
    The timer ``silence`` rang: nothing came after an answer that did not help. When *decision* keeps the conversation
    with the bot, the rules want to be asked again at *again_at* (Unix seconds; None: no more).
    """

    decision: Decision
    there: There
    again_at: float | None = None


class AlarmHeard(msgspec.Struct, frozen=True):
    """
    *alarm* as in :class:`CustomerWrote`, for words that were kept before they could be read.
    """

    alarm: Decision


class TimerRang(msgspec.Struct, frozen=True):
    """The time of timer *name*, set for *at*, has come."""

    name: TimerName
    at: float
    there: There


Input = Union[
    CustomerWrote,
    CustomerAskedForPerson,
    CustomerWaits,
    CustomerWentBackToBot,
    CustomerLeftContact,
    CustomerEnded,
    BotAnswered,
    BotDelayed,
    BotFailed,
    AgentClaimed,
    AgentTookOver,
    AgentReplied,
    AgentNoted,
    AgentHandedBack,
    AgentTransferred,
    AgentEnded,
    AgentVanished,
    AgentCameBack,
    CustomerWentSilent,
    AlarmHeard,
    TimerRang,
]
