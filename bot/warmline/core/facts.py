"""What is known by now, from the slots of a bot: for the agent, and for the customer who asks. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from warmline.core.conversation import Fact
from warmline.core.fact_list import ALWAYS, NEVER, FactLine, FactList, value_at

OWN = "warmline_"
"""How the names of Warmline's own slots begin."""
OF_RASA = frozenset({"requested_slot", "session_started_metadata"})
MAX_VALUE_CHARS = 300
MAX_FACTS = 40
"""A bot may hold whole answers of other systems in its slots: an agent reads a line."""
MAX_DEPTH = 3


def known(listed: FactList, slots: Mapping[str, Any], at_start: Mapping[str, Any] | None = None) -> tuple[Fact, ...]:
    """
    The facts that *slots* hold, in the order of *listed*.

    Where the project lists none: every slot that is filled with something else than *at_start* says it is before
    anybody wrote, except Warmline's own and those that are emptied after a handoff. None of these is verified.
    """
    lines = _filled(listed, slots, at_start or {}) if listed.lines is None else listed.lines
    by_name = {line.name: line for line in lines}
    facts = (_fact(line, slots, by_name) for line in lines)
    return tuple(fact for fact in facts if fact is not None)[:MAX_FACTS]


def _filled(listed: FactList, slots: Mapping[str, Any], at_start: Mapping[str, Any]) -> tuple[FactLine, ...]:
    left_out = {*OF_RASA, *listed.forget}
    return tuple(
        FactLine(name)
        for name, value in slots.items()
        if not name.startswith(OWN) and name not in left_out and value != at_start.get(name)
    )


def _fact(line: FactLine, slots: Mapping[str, Any], by_name: Mapping[str, FactLine]) -> Fact | None:
    value = in_words(value_at(slots, line.slot, line.key))
    if not value or (line.of and not _stands(by_name[line.of], slots)):
        return None
    return Fact(line.name, line.title, value, _verified(line, slots), line.role, line.of)


def _stands(line: FactLine, slots: Mapping[str, Any]) -> bool:
    """Whether something is there under *line*, and nothing that should say the same says otherwise."""
    there = bool(in_words(value_at(slots, line.slot, line.key)))
    return there and (line.verified in (True, False, ALWAYS, NEVER) or _verified(line, slots))


def _verified(line: FactLine, slots: Mapping[str, Any]) -> bool:
    if line.verified in (True, ALWAYS):
        return True
    if line.verified in (False, NEVER):
        return False
    slot, _, key = str(line.verified).partition(".")
    value = value_at(slots, line.slot, line.key)
    return value is not None and bool(value == value_at(slots, slot, key))


def in_words(value: Any, depth: int = 0) -> str:
    """
    A slot's *value* as a person reads it, at most :data:`MAX_VALUE_CHARS` characters; empty when there is nothing.
    Things of a list stand between semicolons, those of a mapping with their keys.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, Mapping):
        parts = [(str(key).replace("_", " "), _part(one, depth)) for key, one in list(value.items())[:MAX_FACTS]]
        return _cut(", ".join(f"{key}: {said}" for key, said in parts if said))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return _cut("; ".join(said for one in value[:MAX_FACTS] if (said := _part(one, depth))))
    return _cut(" ".join(str(value).split()))


def _part(value: Any, depth: int) -> str:
    return in_words(value, depth + 1) if depth < MAX_DEPTH else "…"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS - 1] + "…"


def for_customer(facts: Sequence[Fact], listed: FactList) -> str:
    """
    *facts* as the assistant tells them to the customer, in the words of *listed* where it has some. What is said of
    another fact stands behind that one, in brackets.
    """
    words = {line.name: line.words for line in listed.lines or ()}
    names = {fact.name for fact in facts}

    def said(fact: Fact) -> str:
        one = (words.get(fact.name) or fact.label + ": {value}").replace("{value}", fact.value)
        more = ", ".join(said(other) for other in facts if other.of == fact.name)
        return f"{one} ({more})" if more else one

    return ", ".join(said(fact) for fact in facts if fact.of not in names)


def subject(facts: Sequence[Fact]) -> str:
    """What the conversation is about, or nothing."""
    return next((fact.value for fact in facts if fact.role == "subject"), "")
