"""
One refresh of the desk with many waiting conversations; arguments: waiting, connected, agents (2000 500 10).

Prints milliseconds; trust the ratio between two versions on one machine.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import structlog

from warmline.bridge.hub import Hub
from warmline.bridge.presence import Presence
from warmline.bridge.refresh import Refresh
from warmline.bridge.steps import Steps
from warmline.core import frames, inputs
from warmline.core.conversation import Customer
from warmline.core.escalation import asked_for_person
from warmline.core.hours import parse_hours
from warmline.rules_file import load_rules
from warmline.store import Account
from warmline.store.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[2]


class Nobody:
    """A connection that only counts."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, frame: frames.Frame, **_: Any) -> None:
        self.sent += 1


class Well:
    ok = True


async def run(waiting: int, connected: int, agents: int) -> None:
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory() as home:
        store = SqliteStore(Path(home) / "store.db")
        await store.open()
        hub = Hub()
        steps = Steps(store, hub, team="Warmline")
        rules = load_rules(ROOT / "escalation.yml")
        presence = Presence(store, "b", parse_hours("always", "UTC"))
        refresh = Refresh(store, hub, presence, Well(), lambda: rules)  # type: ignore[arg-type]
        decision = asked_for_person((), rules)

        async def one(n: int) -> None:
            await steps.start(f"c{n}", Customer(f"g{n}"))
            if n < waiting:
                await steps.step(f"c{n}", inputs.CustomerAskedForPerson("p", decision, inputs.There(True)))

        await asyncio.gather(*(one(n) for n in range(waiting + connected)))
        for n in range(agents):
            await store.add_account(Account(f"a{n}", f"A{n}", "agent", "x"))
            await presence.sit(f"seat{n}", f"a{n}")
            hub.seat(f"a{n}", Nobody())  # type: ignore[arg-type]
        for n in range(waiting - connected // 2, waiting + connected // 2):
            hub.welcome(f"c{n}", Nobody())  # type: ignore[arg-type]
        do = getattr(refresh, "refresh", None) or refresh._refresh  # type: ignore[attr-defined]
        figures: dict[str, list[float]] = {"first": [], "bot's message": [], "queued message": []}
        for name, ids in (
            ("first", [set()]),
            ("bot's message", [{f"c{waiting + n}"} for n in range(20)]),
            ("queued message", [{f"c{n}"} for n in range(20)]),
        ):
            for touched in ids:
                began = time.perf_counter()
                await do(touched)
                figures[name].append((time.perf_counter() - began) * 1_000)
        print(f"{waiting} waiting, {connected} connected, {agents} agents")
        for name, took in figures.items():
            print(f"  {name:<15} median {statistics.median(took):8.1f} ms, worst {max(took):8.1f} ms")
        await store.close()


asyncio.run(run(*(int(word) for word in (sys.argv[1:] or ["2000", "500", "10"]))))
