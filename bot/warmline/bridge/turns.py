"""Wait for one's turn at something that serves a few at a time: clients in turn, not requests in order."""

from __future__ import annotations

import asyncio

from warmline.core.fairness import Shares


class FairTurns:
    """At most *at_once* are served at the same time. Each :meth:`begin` that returned needs one :meth:`end`."""

    def __init__(self, at_once: int = 1) -> None:
        self._free = at_once
        self._shares = Shares(at_once)
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []

    async def begin(self, client: str) -> None:
        """Return when it is *client*'s turn. Cancelled, it gives the turn to the next."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((client, turn))
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.end(client)
            else:
                self._waiting = [each for each in self._waiting if each[1] is not turn]
            raise

    def end(self, client: str) -> None:
        """*client*'s turn is over."""
        self._shares.ended(client)
        self._free += 1
        self._let_in()

    def _let_in(self) -> None:
        while self._free and (place := self._shares.next([client for client, _ in self._waiting])) is not None:
            client, turn = self._waiting.pop(place)
            if not turn.done():
                self._free -= 1
                self._shares.began(client)
                turn.set_result(None)
