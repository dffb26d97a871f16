"""Facts that were told to a person, beside those the bot knows."""

from __future__ import annotations

from collections.abc import Sequence

from warmline.core.conversation import Fact

OF_THE_ORDER = ("order_state", "items", "expected", "refund")
"""What the shop said of the order that was spoken of before; of another one it says nothing."""
DONE = "done"
"""The fact that holds what the bot did in this conversation."""
PROMISED = "promised"
"""How the names of promises begin; their values are sentences that the customer may read."""


def with_told(facts: Sequence[Fact], told: Sequence[Fact]) -> tuple[Fact, ...]:
    """
    *facts* with those of *told* in their places. What is told is never verified: an address that takes the place of a
    proved one has to be proved anew, as in a talk with the bot.
    """
    known = {fact.name: fact for fact in facts}
    new: dict[str, Fact] = {}
    for fact in told:
        before = known.get(fact.name)
        if before is None or (before.value != fact.value):
            new[fact.name] = fact
    gone = OF_THE_ORDER if "order_number" in new else ()
    stay = [new.pop(fact.name, fact) for fact in facts if fact.name not in gone]
    return (*stay, *new.values())
