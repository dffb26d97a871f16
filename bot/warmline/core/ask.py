"""
What the bridge asks the engine on each turn, and what comes home: the whole contract between the two processes.

The engine keeps nothing. *memory* is Rasa's tracker in short (slots, active loop, last events): it leaves with the
answer, is stored by the bridge in the same transaction as the answer's messages, and returns with the next question.
So a dropped answer leaves no trace, a repeated question is harmless, and any engine can answer any conversation
(docs/decisions/0002).
"""

from __future__ import annotations

import unicodedata
from typing import Any, Literal

import msgspec

from warmline.core.conversation import Button, Customer, Fact
from warmline.core.escalation import Decision
from warmline.core.fact_list import FactList
from warmline.core.features import Turn
from warmline.core.mood import Mood

Outcome = Literal["answered", "asked", "unsure", "failed", "handoff"]


NO_WORDS = "?"
_SLASHES = frozenset("/\\\u2044\u2215\u29f8\uff0f\uff3c")
"""A slash, a backslash, and what looks like one: some keyboards and normalisations make one of the other."""


def customer_words(text: str) -> str:
    """
    *text* as words, never as a command; :data:`NO_WORDS` when nothing is left.

    Rasa strips white space from a text, and obeys what then begins with a slash as an intent of confidence 1.0, as
    ``/restart`` or as ``/back``. So slashes at the beginning go, and all that a step on the way to Rasa might strip in
    front of or between them: white space, control and format characters (zero-width ones are of these), marks without
    a letter to stand on. The result begins with none of them, so doing it again changes nothing. This is the only
    place: everything that a customer typed goes through here before Rasa reads it.
    """
    start = next((at for at, char in enumerate(text) if not _hides_a_command(char)), len(text))
    return text[start:].rstrip() or NO_WORDS


def _hides_a_command(char: str) -> bool:
    return char in _SLASHES or char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Mn", "Me")


class Ask(msgspec.Struct, frozen=True):
    """
    One customer turn for the bot.

    *id* names the question (``conversation:seq``); *seq* is the customer message's. *text* holds at most 4,000
    characters, those of :func:`customer_words`; the engine makes sure of it. *payload* is the pressed button's own
    (``/intent{...}``), trusted because it came from the log. *turns* are the last 12 of the log, the customer's newest
    last. *memory* is the one of the last accepted answer, or None; it holds the epoch of that answer, and when *epoch*
    is another one somebody else had the conversation in between: open questions are over, and *facts* say what is known
    now. *open_request* is the rule of a request for a person that stays open while the bot has the conversation.
    *listed* says which slots are facts (escalation.yml).
    """

    id: str
    conversation: str
    epoch: int
    seq: int
    text: str
    customer: Customer
    turns: tuple[Turn, ...]
    payload: str | None = None
    memory: dict[str, Any] | None = None
    handed_back_for: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    open_request: str = ""
    listed: FactList = FactList()


def slots_in(memory: dict[str, Any] | None) -> dict[str, Any]:
    """
    The slots that are filled in the *memory* of an answer (warmline.engine.memory); none where there is no memory.
    """
    if not memory:
        return {}
    slots: dict[str, Any] = dict((memory.get("base") or {}).get("slots") or {})
    for event in memory.get("events") or ():
        kind = event.get("event") if isinstance(event, dict) else None
        if kind in ("restart", "reset_slots"):
            slots.clear()
        elif kind == "slot":
            slots[str(event.get("name"))] = event.get("value")
    return {name: value for name, value in slots.items() if value is not None}


class BotMessage(msgspec.Struct, frozen=True):
    """One bubble of the bot's answer."""

    text: str
    buttons: tuple[Button, ...] = ()


class TurnAnalysis(msgspec.Struct, frozen=True):
    """
    What was understood of a customer turn, and how the bot did.

    *confidence* 0..1. *outcome*: ``answered``, ``asked`` (the bot needs something first), ``unsure`` (not understood),
    ``failed`` (understood, but it could not be done), ``handoff``. *did* is what the bot tried, in a few words for an
    agent.
    """

    intent: str
    confidence: float
    mood: Mood
    outcome: Outcome
    did: str = ""


class Answer(msgspec.Struct, frozen=True):
    """
    The engine's answer to the :class:`Ask` of the same *id*, *conversation* and *epoch*.

    *messages* is never empty. *decision* is set when a person should take over. *facts* are all known now.
    """

    id: str
    conversation: str
    epoch: int
    messages: tuple[BotMessage, ...]
    analysis: TurnAnalysis
    facts: tuple[Fact, ...]
    memory: dict[str, Any]
    decision: Decision | None = None


class Refusal(msgspec.Struct, frozen=True):
    """
    What the engine sends, with a 4xx or 5xx status, when there is no answer; *text* holds none of the customer's
    words.
    """

    code: str
    text: str
