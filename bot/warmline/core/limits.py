"""How much of something one peer may do: a token bucket that is told the time."""

from __future__ import annotations

from warmline.core.errors import TooFast


class Bucket:
    """Allows *burst* at once and *per_s* a second in the long run."""

    def __init__(self, burst: float, per_s: float, now: float) -> None:
        self.burst = burst
        self.per_s = per_s
        self._left = burst
        self._at = now

    def take(self, now: float, tokens: float = 1.0) -> None:
        """
        Use *tokens* at *now* (seconds; a clock that steps back adds nothing), or all there can be when that is less.

        Raises:
            TooFast: so many are not left; says when they will be again.
        """
        self._left = min(self.burst, self._left + max(0.0, now - self._at) * self.per_s)
        self._at = now
        tokens = min(tokens, self.burst)
        if self._left < tokens:
            wait_s = (tokens - self._left) / self.per_s
            raise TooFast(
                f"That was too much at once. Try again in {max(1, round(wait_s))} s.", max(0.01, round(wait_s, 2))
            )
        self._left -= tokens

    def is_full(self, now: float) -> bool:
        """Whether nothing of it is in use, so that it may be forgotten."""
        return self._left + max(0.0, now - self._at) * self.per_s >= self.burst


class Buckets:
    """One :class:`Bucket` for each key (an address, say); full ones are forgotten, so memory follows what is in use."""

    SWEEP_AT = 10_000

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._buckets: dict[str, Bucket] = {}

    def take(self, key: str, now: float, tokens: float = 1.0) -> None:
        """Use *tokens* of *key*. Raises TooFast."""
        if len(self._buckets) >= self.SWEEP_AT:
            self._buckets = {k: b for k, b in self._buckets.items() if not b.is_full(now)}
        self._buckets.setdefault(key, Bucket(self._burst, self._per_s, now)).take(now, tokens)
