"""Facts that were told to a person, beside those the bot knows."""

from __future__ import annotations

from collections.abc import Sequence

from warmline.core.conversation import Fact


def with_told(facts: Sequence[Fact], told: Sequence[Fact]) -> tuple[Fact, ...]:
    """
    *facts* with those of *told* in their places. What is told is never verified: an address that takes the place of a
    proved one has to be proved anew, as in a talk with the bot. What was known of a fact that is now another one goes.
    """
    known = {fact.name: fact for fact in facts}
    new: dict[str, Fact] = {}
    for fact in told:
        before = known.get(fact.name)
        if before is None or (before.value != fact.value):
            new[fact.name] = fact
    changed = set(new)
    stay = [new.pop(fact.name, fact) for fact in facts if fact.of not in changed]
    return (*stay, *new.values())
