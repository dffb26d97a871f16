"""What ``warmline up`` shows: a live table in a terminal, plain lines anywhere else. Knows no process, only reports."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from warmline.supervisor import AllReady, Down, GaveUp, Ready, Report, Said, Started, Stopped, Stopping

REMINDER_S = 5.0


class Row(msgspec.Struct):
    """Where one process stands: *word* and *detail*, *since* a moment of the monotonic clock."""

    word: str
    detail: str
    since: float


class Display(Protocol):
    """Shows what happens; every call returns at once."""

    def hear(self, report: Report) -> None:
        """Something changed."""

    def step(self, name: str, text: str) -> None:
        """*name* is doing something that takes time."""

    def say(self, text: str) -> None:
        """A line that stays."""

    def tick(self) -> None:
        """Called every second, so that every wait can be seen to go on."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def sentence(report: Report) -> str:
    """*report* in one line, without colour."""
    if isinstance(report, Started):
        return f"{report.name}: started (process {report.pid})"
    if isinstance(report, Ready):
        return f"{report.name}: ready after {report.took_s:.1f} s"
    if isinstance(report, AllReady):
        return "everything is ready"
    if isinstance(report, Down):
        return f"{report.name}: down, {report.reason}. Starting it again in {report.retry_s:.1f} s"
    if isinstance(report, GaveUp):
        return f"{report.name}: cannot be started, {report.reason}"
    if isinstance(report, Said):
        return f"{report.name}: {report.text}"
    if isinstance(report, Stopping):
        return f"{report.name}: stopping"
    return f"{report.name}: stopped" + (" (it had to be killed)" if report.forced else "")


class PlainDisplay:
    """A line for each change, and every ``REMINDER_S`` seconds one for what is being waited for."""

    def __init__(self, names: Sequence[str], write: Callable[[str], None]) -> None:
        now = time.monotonic()
        self._begun = now
        self._reminded = now
        self._waiting = {name: Row("starting", "", now) for name in names}
        self._write = write

    def hear(self, report: Report) -> None:
        self.say(sentence(report))
        if isinstance(report, (Ready, GaveUp, Stopped)):
            self._waiting.pop(report.name, None)
        elif isinstance(report, (Started, Down, Stopping)):
            words = {Started: "starting", Down: "starting again", Stopping: "stopping"}
            self._waiting[report.name] = Row(words[type(report)], "", time.monotonic())

    def step(self, name: str, text: str) -> None:
        row = self._waiting.get(name)
        if row is not None:  # else it runs, and its successor is being made
            self._waiting[name] = Row(text, "", row.since)
        self.say(f"{name}: {text}")

    def say(self, text: str) -> None:
        self._reminded = time.monotonic()
        self._write(f"{self._reminded - self._begun:6.1f} s  {text}")

    def tick(self) -> None:
        now = time.monotonic()
        if self._waiting and now - self._reminded >= REMINDER_S:
            still = (f"{name} ({row.word}) for {now - row.since:.0f} s" for name, row in self._waiting.items())
            self.say("waiting for " + ", ".join(still))

    def close(self) -> None:
        """Nothing to give back."""


class LiveDisplay:
    """A table that is drawn in place until all is ready or something failed; after that plain lines."""

    def __init__(self, names: Sequence[str], console: Console) -> None:
        now = time.monotonic()
        self._console = console
        self._rows = {name: Row("starting", "", now) for name in names}
        self._took: dict[str, float] = {}
        self._live: Live | None = Live(console=console, get_renderable=self._table, refresh_per_second=8)
        self._live.start()

    def hear(self, report: Report) -> None:
        if isinstance(report, AllReady):
            self._freeze()
            return
        if isinstance(report, Said):
            self.say(sentence(report))
            return
        if self._live is None or isinstance(report, (Down, GaveUp)):
            self.say(sentence(report))
        name = report.name
        if isinstance(report, Ready):
            self._took[name] = report.took_s
        words = {Started: "loading", Ready: "ready", Down: "down", GaveUp: "failed"}
        words |= {Stopping: "stopping", Stopped: "stopped"}
        self._rows[name] = Row(words[type(report)], "", time.monotonic())
        if isinstance(report, (GaveUp, Stopping)):
            self._freeze()

    def step(self, name: str, text: str) -> None:
        row = self._rows[name]
        self._rows[name] = Row("preparing", text, row.since)

    def say(self, text: str) -> None:
        self._console.print(Text(text))

    def tick(self) -> None:
        """The table draws itself."""

    def close(self) -> None:
        self._freeze()

    def _freeze(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _table(self) -> Table:
        now = time.monotonic()
        table = Table.grid(padding=(0, 2))
        styles = {"ready": "green", "failed": "red", "down": "yellow", "stopped": "dim"}
        for name, row in self._rows.items():
            settled = row.word in styles
            mark = Text({"ready": "✓", "failed": "✗"}.get(row.word, "·")) if settled else Spinner("dots")
            seconds = self._took.get(name, 0.0) if row.word == "ready" else now - row.since
            clock = Text(f"{seconds:5.1f} s", style="dim")
            table.add_row(mark, Text(name), Text(row.word, style=styles.get(row.word, "")), clock, Text(row.detail))
        return table
