"""
Why somebody waited: what the test itself took away meanwhile, what the machine did, and what is left for the product.

The promise is about the product: a word within ``LIMIT_S`` seconds. A campaign takes things away for a while (it holds
the bridge dead or stopped, or the network down), and a machine that others use lets processes wait for a core. Both are
measured, not guessed, and both are told beside the silence they made longer.
"""

from __future__ import annotations

import contextlib
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

LIMIT_S = 10.0
TOLD_FROM_S = 5.0
SAMPLE_S = 0.05


@dataclass(frozen=True)
class Span:
    """*what* was so from *begin* to *end* (monotonic seconds). *taken*: the test took away what an answer needs."""

    what: str
    begin: float
    end: float
    taken: bool


@dataclass(frozen=True)
class Silence:
    """*who* heard no word from *begin* to *end*, and what was then. *events* are the client's own, with their times."""

    who: str
    begin: float
    end: float
    ended_by: str
    events: tuple[tuple[float, str], ...] = ()

    @property
    def seconds(self) -> float:
        return self.end - self.begin


@dataclass
class Ledger:
    """What a campaign did, and when."""

    spans: list[Span] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)

    @contextmanager
    def span(self, what: str, *, taken: bool = False) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        finally:
            self.spans.append(Span(what, begin, time.monotonic(), taken))

    def mark(self, what: str) -> None:
        self.marks.append((time.monotonic(), what))

    def taken_s(self, begin: float, end: float) -> float:
        """Seconds between *begin* and *end* in which the test took something away, each counted once."""
        total, until = 0.0, begin
        for span in sorted((s for s in self.spans if s.taken), key=lambda s: s.begin):
            low, high = max(span.begin, until), min(span.end, end)
            if high > low:
                total += high - low
                until = high
        return total


class Machine:
    """
    How long the given processes waited for a core, sampled by a thread: the kernel's own count of it for each of their
    threads (``/proc/PID/task/TID/schedstat``); of threads that waited at the same time, the one that waited longest
    counts. Where the kernel does not count, how late this thread itself wakes up.
    """

    def __init__(self, pids: Callable[[], Sequence[int]]) -> None:
        self._pids = pids
        self._seen: dict[str, int] = {}
        self._times: list[float] = [time.monotonic()]
        self._totals: list[float] = [0.0]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.exact = Path("/proc/self/schedstat").exists()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def waited_s(self, begin: float, end: float) -> float:
        """Seconds between *begin* and *end* in which one of the threads could have run, and had no core."""
        low, high = (self._totals[max(0, bisect_right(self._times, at) - 1)] for at in (begin - SAMPLE_S, end))
        return min(end - begin, high - low)

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            now = time.monotonic()
            grown = min(self._waited(), now - self._times[-1]) if self.exact else now - due
            self._times.append(now)
            self._totals.append(self._totals[-1] + grown)
            due = now + SAMPLE_S

    def _waited(self) -> float:
        longest = 0
        for pid in self._pids():
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    with contextlib.suppress(OSError, IndexError):
                        waited = int((task / "schedstat").read_text().split()[1])
                        before = self._seen.get(str(task), 0)
                        self._seen[str(task)] = waited
                        longest = max(longest, waited - before)
        return longest / 1e9


@dataclass(frozen=True)
class Account:
    """A silence and its make-up; *own_s* is what the product answers for."""

    silence: Silence
    taken_s: float
    machine_s: float

    @property
    def own_s(self) -> float:
        return max(0.0, self.silence.seconds - self.taken_s - self.machine_s)

    def __str__(self) -> str:
        return (
            f"{self.silence.who} {self.silence.seconds:.1f} s (taken away by the test {self.taken_s:.1f}, "
            f"waiting for a core {self.machine_s:.1f}, own {self.own_s:.1f}; ended by {self.silence.ended_by})"
        )


def account(silence: Silence, ledger: Ledger, machine: Machine) -> Account:
    """What *silence* is made of."""
    taken_s = ledger.taken_s(silence.begin, silence.end)
    return Account(silence, taken_s, min(machine.waited_s(silence.begin, silence.end), silence.seconds - taken_s))


def story(silence: Silence, ledger: Ledger) -> str:
    """What happened in these seconds, a line each, times counted from their beginning."""
    told = [(at, what) for at, what in ledger.marks if silence.begin <= at <= silence.end]
    told += [(at, f"{silence.who}: {what}") for at, what in silence.events if silence.begin <= at <= silence.end]
    for span in ledger.spans:
        if span.begin < silence.end and span.end > silence.begin:
            told.append(
                (span.begin, f"{span.what} for {span.end - span.begin:.2f} s{' (taken)' if span.taken else ''}")
            )
    return "\n".join(f"      {at - silence.begin:+6.2f} {what}" for at, what in sorted(told))
