"""
Which slots of a bot are facts: the section ``facts`` of escalation.yml, and ``forget_after_handoff`` beside it.

warmline.rules_file reads it, warmline.core.facts applies it. A bot without the section has every slot it fills shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

ALWAYS, NEVER = "always", "never"
MAX_LINES = 60
Promise = Literal["", "delivery", "refund", "answer"]


class FactLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    One fact: the *slot* it stands in, or the value under *key* of a slot that holds a mapping, and its *label* for
    people (the slot's name in words when there is none).

    *verified*: ``always`` (an action filled the slot with what a system of yours said), ``never`` (somebody told it),
    or a slot or ``slot.key``: verified while both hold the same value. *subject* is what a conversation is about
    ("about BK-204817"); one line at most. *of* names the fact this one says something about: it is shown while that one
    stands and is not contradicted, and void when that one changes. *entity* is the identifier that fills the slot when
    people tell it to an agent; the slot's own name when there is none. *promise*: what an agent promised about a
    delivery, a refund or an answer is put into this slot. *done* marks what the bot did in the conversation; one line
    at most. *words* is how the assistant names the fact to the customer, with ``{value}`` in it.
    """

    slot: str
    label: str = ""
    key: str = ""
    verified: bool | str = NEVER
    subject: bool = False
    of: str = ""
    entity: str = ""
    promise: Promise = ""
    done: bool = False
    words: str = ""

    @property
    def name(self) -> str:
        """What the fact is called: ``slot``, or ``slot.key``."""
        return f"{self.slot}.{self.key}" if self.key else self.slot

    @property
    def title(self) -> str:
        """The label; without one the name in words."""
        return self.label or in_title(self.key or self.slot)

    @property
    def told_as(self) -> str:
        """The identifier that fills it when people tell it; empty when nothing that is told does."""
        return "" if self.key or self.promise or self.done else self.entity or self.slot

    @property
    def role(self) -> Literal["", "subject", "done", "promise"]:
        """What the line is beside a fact."""
        return "subject" if self.subject else "done" if self.done else "promise" if self.promise else ""


class FactList(msgspec.Struct, frozen=True):
    """
    The *lines* in the order they are shown, None where the project has no such section; *forget* are the slots of the
    project that hold what is being asked or offered, and are emptied when somebody else had the conversation.
    """

    lines: tuple[FactLine, ...] | None = None
    forget: tuple[str, ...] = ()

    def told_line(self, entity: str) -> FactLine | None:
        """The line that an *entity* fills when it is told to a person."""
        return next((line for line in self.lines or () if line.told_as == entity), None)

    def promise_line(self, about: str) -> FactLine | None:
        """The line that holds what was promised *about* a delivery, a refund or an answer."""
        return next((line for line in self.lines or () if line.promise == about), None)


class FactsMistake(ValueError):
    """Line *index* of the section cannot be used, for what *key* says; the text is the rest of a sentence."""

    def __init__(self, index: int, key: str, text: str) -> None:
        super().__init__(text)
        self.index, self.key, self.text = index, key, text


def checked(lines: tuple[FactLine, ...]) -> tuple[FactLine, ...]:
    """
    *lines*, when each can be used.

    Raises:
        FactsMistake: a line is of no use; the first that is not.
    """
    names: set[str] = set()
    if len(lines) > MAX_LINES:
        raise FactsMistake(MAX_LINES, "slot", f"expected at most {MAX_LINES} facts.")
    for index, line in enumerate(lines):
        if not line.slot.strip():
            raise FactsMistake(index, "slot", "expected the name of a slot.")
        if line.name in names:
            raise FactsMistake(index, "key" if line.key else "slot", f"'{line.name}' is a fact already.")
        names.add(line.name)
        if isinstance(line.verified, str) and not line.verified.strip():
            raise FactsMistake(index, "verified", "expected always, never, or a slot or slot.key that says the same.")
        if line.words and "{value}" not in line.words:
            raise FactsMistake(index, "words", "expected words with {value} in them.")
        for role in ("subject", "done"):
            if getattr(line, role) and any(getattr(other, role) for other in lines[:index]):
                raise FactsMistake(index, role, f"expected one fact with '{role}: true', and another has it.")
        if line.promise and any(other.promise == line.promise for other in lines[:index]):
            raise FactsMistake(index, "promise", f"expected one fact for the promise of a {line.promise}.")
    for index, line in enumerate(lines):
        if line.of and (line.of not in names or line.of == line.name):
            raise FactsMistake(index, "of", f"expected another fact of this list, found '{line.of}'.")
        if line.of and next(other for other in lines if other.name == line.of).of:
            raise FactsMistake(index, "of", f"'{line.of}' says something about another fact itself; name that one.")
    return lines


def in_title(name: str) -> str:
    """A name as a label: ``policy_number`` is "Policy number"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def value_at(slots: Mapping[str, Any], slot: str, key: str = "") -> Any:
    """What stands in *slot*, or under *key* of the mapping it holds; None when there is nothing."""
    value = slots.get(slot)
    if not key:
        return value
    return value.get(key) if isinstance(value, Mapping) else None
