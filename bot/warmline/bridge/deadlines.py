"""How long a customer has waited for the bot: from the moment of writing, or from the last thing we told them."""

from __future__ import annotations

import msgspec

from warmline.store import PendingAsk

LEAST_S = 2.0
"""A question that an earlier life of the bridge left behind still gets this long."""


class Wait(msgspec.Struct, frozen=True):
    """A question's place in time. *since* is monotonic seconds; *told* is whether the customer heard of the wait."""

    seq: int
    since: float
    told: bool = False


class Deadlines:
    """
    One :class:`Wait` for each conversation with a question. *limit_s* is how long a customer may hear nothing.

    Times are monotonic seconds, because the clock on the wall may be set meanwhile; it is only asked, and not trusted
    beyond *limit_s*, for how old a question already was when it was first seen.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self._waits: dict[str, Wait] = {}
        self._heard: dict[str, float] = {}

    def look(self, pending: PendingAsk, now: float, clock: float) -> Wait:
        """The wait of *pending*, seen now, at *now* (monotonic) and *clock* (Unix seconds)."""
        wait = self._waits.get(pending.conversation)
        if wait is None or wait.seq != pending.seq:
            age_s = min(max(0.0, clock - pending.at), self.limit_s)
            wait = Wait(pending.seq, max(now - age_s, self._heard.get(pending.conversation, now - age_s)))
            self._waits[pending.conversation] = wait
        return wait

    def left_s(self, wait: Wait, now: float) -> float:
        """Seconds until the customer has heard nothing for too long; negative when that is past."""
        return wait.since + self.limit_s - now

    def tell(self, conversation: str, now: float) -> None:
        """The customer was told that it takes longer: the limit begins anew, once."""
        wait = self._waits[conversation]
        self._waits[conversation] = Wait(wait.seq, now, told=True)

    def settle(self, conversation: str, now: float) -> None:
        """The customer has the answer: a question that waits behind it counts from here."""
        self._waits.pop(conversation, None)
        self._heard[conversation] = now

    def forget_all_but(self, conversations: set[str], now: float) -> None:
        """Forget what is neither among *conversations* nor recent."""
        self._waits = {key: wait for key, wait in self._waits.items() if key in conversations}
        self._heard = {key: at for key, at in self._heard.items() if now - at < self.limit_s}
