"""What is known of one line of a conversation before anything is concluded from it."""

from __future__ import annotations

from typing import Literal

import msgspec

TOPICS = (
    "danger",
    "threat",
    "fraud",
    "bereavement",
    "hardship",
    "carer",
    "callback",
    "legal",
    "billing_dispute",
    "complaint",
    "outage",
    "contract_change",
)
"""
What goes straight to a person: *danger* is physical (fire, shock, glass, something swallowed), *threat* is violence by
people, *fraud* also an account taken over, *carer* whoever acts for, or is, somebody who cannot do it alone.
"""

GRAVE = frozenset({"crisis", "danger", "threat", "fraud", "bereavement"})
"""Topics, and words of harm, of which a likelihood that is not high is enough."""


class OwnSignal(msgspec.Struct, frozen=True):
    """
    A signal of the project's own in one text: how strong it is there (*value*, 0..1), the log-odds that it adds to the
    mood at its strongest (*weight*; 0 for rules only), and the sentence for the agent (*text*).
    """

    name: str
    value: float
    weight: float
    text: str


class Features(msgspec.Struct, frozen=True):
    """
    What warmline.language reads in one text; a function of the text alone.

    *wording* is how annoyed the text sounds, as learned from other people's texts: log-odds from -6 to 6, 0 for a plain
    report of a problem. *vader* -1..1. *words* is their number. *capitals* is the share of longer words written in
    capitals, 0..1. The other numbers count occurrences. *topics* are names of high-stakes topics (``fraud``,
    ``legal``, ...). *content* are the words that carry meaning, and *meaning* the text's sentence embedding in steps
    of 1/127 (int8; empty when there is none), for telling a repeated question. *concern* is how likely the text is
    about something that a person should see (a topic, harm, a request for a human), 0..1, as learned from other
    people's texts (warmline.language.matters); None when that was not read. *own* are the project's own signals
    (warmline.plugins).
    """

    wording: float = 0.0
    vader: float = 0.0
    words: int = 0
    capitals: float = 0.0
    exclamations: int = 0
    stretched: int = 0
    swearing: int = 0
    insults: int = 0
    angry_words: int = 0
    negated_help: int = 0
    waiting: int = 0
    leaving: int = 0
    questioning: int = 0
    sarcasm: int = 0
    asks_person: bool = False
    crisis: bool = False
    topics: tuple[str, ...] = ()
    thanks: bool = False
    solved: bool = False
    denial: bool = False
    correction: bool = False
    asks_other: bool = False
    turns_down: bool = False
    third_party: bool = False
    joking: bool = False
    polite: bool = False
    content: tuple[str, ...] = ()
    meaning: bytes = b""
    accepts: bool = False
    own_fault: bool = False
    addressed: bool = False
    pleading: int = 0
    giving_up: int = 0
    stakes: int = 0
    language: str = ""
    concern: float | None = None
    own: tuple[OwnSignal, ...] = ()


class Turn(msgspec.Struct, frozen=True):
    """
    One line of a conversation, as mood and escalation see it.

    *seq* is the message's in the log (0 when there is no log), *at* Unix seconds (0.0 unknown). *outcome* is how the
    bot did in this answer (bot turns): see warmline.core.ask.Outcome, and ``refused`` for a no that is nobody's
    failure. *features* are needed on customer turns before they come here: warmline.language.with_features fills in
    missing ones.
    """

    role: Literal["customer", "bot", "agent"]
    text: str
    seq: int = 0
    at: float = 0.0
    outcome: str | None = None
    features: Features | None = None


def read_features(turn: Turn) -> Features:
    """The features of a customer's *turn*. Raises ValueError when they are missing."""
    if turn.features is None:
        raise ValueError("A customer turn came without features: call warmline.language.with_features first.")
    return turn.features
