"""Whose turn it is, when many wait for one thing and some of them are the same client. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

MOST_REMEMBERED = 10_000


class Shares:
    """
    Serves clients in turn, however many requests each of them has, and at most *each* of a client's at the same time.
    """

    def __init__(self, each: int) -> None:
        self._each = each
        self._served = 0
        self._last: dict[Hashable, int] = {}
        self._under_way: Counter[Hashable] = Counter()

    def next(self, clients: Sequence[Hashable]) -> int | None:
        """
        Which of the waiting requests is next: the place in *clients*, which names the client of each, longest waiting
        first. None when every one of these clients has as much under way as it may have.

        Who has least under way goes first, then who was served longest ago, then who waits longest.
        """
        free = [at for at, client in enumerate(clients) if self._under_way[client] < self._each]
        return min(
            free, key=lambda at: (self._under_way[clients[at]], self._last.get(clients[at], 0), at), default=None
        )

    def began(self, client: Hashable) -> None:
        """A request of *client* is served from now on."""
        self._served += 1
        self._under_way[client] += 1
        if len(self._last) >= MOST_REMEMBERED:
            self._last = {key: at for key, at in self._last.items() if self._under_way[key]}
        self._last[client] = self._served

    def ended(self, client: Hashable) -> None:
        """It was served."""
        self._under_way[client] -= 1
        if self._under_way[client] <= 0:
            del self._under_way[client]


def in_turns(clients: Sequence[Hashable]) -> list[int]:
    """
    The places of *clients* in the order in which they are served when each gets one turn after the other: everybody's
    first, then everybody's second.
    """
    seen: Counter[Hashable] = Counter()
    rounds = []
    for client in clients:
        rounds.append(seen[client])
        seen[client] += 1
    return sorted(range(len(clients)), key=lambda at: rounds[at])
