"""Messages that may break the engine: asked alone the second time, and not at all after that."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import blake2b

STRIKES = 2
MOST = 1_000
FORGET_AFTER_S = 600.0


class Quarantine:
    """
    Counts how often the engine broke over a message. Only digests are held, in memory: a bridge that starts anew learns
    them again, at the price of one crash.

    Every message that was under way when the engine broke gets a strike, so most are innocent: one answer clears them.
    What has a strike is asked alone (:class:`Gate`); if the engine breaks then, there is no doubt left.
    """

    def __init__(self) -> None:
        self._strikes: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def strike(self, text: str, payload: str | None, now: float, *, well_at: float) -> int:
        """
        The engine broke over it at *now*; it was last known to be well at *well_at* (seconds that only go forward).
        Returns how often by now. An engine that was not well since the last time proves nothing.
        """
        key = _digest(text, payload)
        count, at = self._count(key, now), self._strikes.get(key, (0, -1.0))[1]
        if count and well_at <= at:
            return count
        count += 1
        self._strikes[key] = (count, now)
        self._strikes.move_to_end(key)
        if len(self._strikes) > MOST:
            self._strikes.popitem(last=False)
        return count

    def clear(self, text: str, payload: str | None) -> None:
        """The engine answered it."""
        self._strikes.pop(_digest(text, payload), None)

    def is_suspected(self, text: str, payload: str | None, now: float) -> bool:
        """Whether it should be asked alone."""
        return self._count(_digest(text, payload), now) > 0

    def is_quarantined(self, text: str, payload: str | None, now: float) -> bool:
        """Whether it must not be asked any more."""
        return self._count(_digest(text, payload), now) >= STRIKES

    def _count(self, key: bytes, now: float) -> int:
        count, at = self._strikes.get(key, (0, now))
        return count if now - at < FORGET_AFTER_S else 0


class Gate:
    """Many may pass together, or one alone."""

    def __init__(self) -> None:
        self._inside = 0
        self._closed = False
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Pass with others."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._closed)
            self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            await self._tell()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Pass with nobody else inside; who comes later waits."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._closed)
            self._closed = True
            try:
                await self._changed.wait_for(lambda: self._inside == 0)
            except BaseException:
                self._closed = False
                self._changed.notify_all()
                raise
        try:
            yield
        finally:
            self._closed = False
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _digest(text: str, payload: str | None) -> bytes:
    return blake2b(f"{payload}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
