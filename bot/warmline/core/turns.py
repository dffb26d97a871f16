"""
From the log to the turns that mood and escalation read: the same for the bridge, the engine and ``warmline score``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Message
from warmline.core.features import Features, Turn

TURNS = 12
"""How many of the last turns are read."""


def turns_of(
    messages: Sequence[Message], analyses: Mapping[int, TurnAnalysis], *, until: int, since: int
) -> list[Turn]:
    """The last ``TURNS`` of :func:`all_turns`: what is read after the message *until*."""
    return all_turns(messages, analyses, until=until, since=since)[-TURNS:]


def all_turns(
    messages: Sequence[Message], analyses: Mapping[int, TurnAnalysis], *, until: int, since: int
) -> list[Turn]:
    """
    The turns of *messages* (ascending) from seq *since* to *until*, both included.

    Bubbles of one bot answer are one turn, with the outcome of that answer. System lines and the opening are no
    turns. A pressed button holds the bot's words, not the customer's: it is read as saying nothing about how they
    feel.
    """
    turns: list[Turn] = []
    answered: int | None = None
    offered: set[str] = set()
    for message in messages:
        if not since <= message.seq <= until or message.author == "system" or message.code is not None:
            continue
        if message.author != "bot":
            pressed = message.author == "customer" and message.text in offered
            features = Features() if pressed else None
            turns.append(Turn(message.author, message.text, seq=message.seq, at=message.at, features=features))
            answered, offered = None, set()
            continue
        offered |= {button.title for button in message.buttons}
        analysis = analyses.get(message.about or 0)
        outcome = analysis.outcome if analysis else None
        if turns and turns[-1].role == "bot" and answered == message.about:
            turns[-1] = Turn("bot", f"{turns[-1].text}\n{message.text}", message.seq, message.at, outcome)
        else:
            turns.append(Turn("bot", message.text, message.seq, message.at, outcome))
        answered = message.about
    return turns
