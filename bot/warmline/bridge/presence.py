"""
Who is at the desk. Seats are rows, so any bridge can tell; a seat that was not refreshed for a while counts no more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from warmline.core.frames import Colleague
from warmline.core.hours import Hours
from warmline.core.inputs import There
from warmline.store import Account, Seat, Store

SEAT_STALE_S = 75.0


class Presence:
    """Seats of this process (*bridge*) are written; those of all are read."""

    def __init__(
        self, store: Store, bridge: str, hours: Hours, *, grace_s: float = 30.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._store = store
        self._hours = hours
        self._grace_s = min(grace_s, SEAT_STALE_S)
        self._left_behind: dict[str, list[str]] = {}
        self._closing = False
        self.bridge = bridge

    async def sit(self, connection: str, agent_id: str) -> None:
        """Take or refresh a seat. The ones that an earlier life of this bridge left for this agent are given up."""
        await self._store.take_seat(Seat(connection, agent_id, self.bridge, self._clock()))
        for old in self._left_behind.pop(agent_id, ()):
            await self._store.leave_seat(old)

    async def leave(self, connection: str) -> None:
        """Give a seat up; not while this bridge goes down, since its agents are about to come back."""
        if not self._closing:
            await self._store.leave_seat(connection)

    def close(self) -> None:
        """This bridge goes down: who leaves from now on was sent away by us."""
        self._closing = True

    async def sweep(self) -> set[str]:
        """
        Look through the seats that are left from before the start; returns the agents who have an open console, which
        is one at another bridge.

        Who sat at an earlier life of this bridge is on the way back and counts as here for the grace, like everybody
        whose line breaks: else customers who ask for a person in these seconds would hear that nobody is there. Seats
        that are too old are given up.
        """
        now = self._clock()
        here: set[str] = set()
        for seat in await self._store.seats():
            if not now - SEAT_STALE_S <= seat.seen_at <= now + SEAT_STALE_S:
                await self._store.leave_seat(seat.connection)
            elif seat.bridge == self.bridge:
                until = now - SEAT_STALE_S + self._grace_s
                await self._store.take_seat(Seat(seat.connection, seat.agent, seat.bridge, min(seat.seen_at, until)))
                self._left_behind.setdefault(seat.agent, []).append(seat.connection)
            else:
                here.add(seat.agent)
        return here

    async def here(self) -> set[str]:
        """The ids of agents with an open console, away or not."""
        fresh = self._clock() - SEAT_STALE_S
        return {seat.agent for seat in await self._store.seats() if seat.seen_at >= fresh}

    async def there(self) -> There:
        """Whether at least one agent takes conversations now, and if not, when the team is back."""
        here = await self.here()
        if here and any(a.id in here and a.status == "online" for a in await self._store.accounts()):
            return There(True)
        return There(False, _in_words(self._hours.opens_next(self._clock())))

    async def colleagues(self, open_by_agent: dict[str, int]) -> tuple[Colleague, ...]:
        """Everybody with an account, those who are here first."""
        here = await self.here()
        rows = [
            _colleague(a, a.id in here, open_by_agent.get(a.id, 0))
            for a in await self._store.accounts()
            if not a.disabled
        ]
        return tuple(sorted(rows, key=lambda c: (("online", "away", "offline").index(c.status), c.name)))


def _in_words(opening: datetime | None) -> str | None:
    """ "today at 8:00", "on Monday at 8:00", in the team's own time; None inside the hours, when nobody knows."""
    if opening is None:
        return None
    today = datetime.now(opening.tzinfo).date()
    day = "today" if opening.date() == today else f"on {opening:%A}"
    return f"{day} at {opening.hour}:{opening:%M}"


def _colleague(account: Account, is_here: bool, open_count: int) -> Colleague:
    return Colleague(account.id, account.name, account.status if is_here else "offline", open_count)
