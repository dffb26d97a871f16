"""Any sequence of steps, refusals, restarts and crashes leaves the store saying what plain dictionaries say."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from record_model import Kept, Model
from record_samples import ANALYSIS, BUTTONS, HANDOFF, fresh, said

from warmline.core.conversation import TRANSITIONS, Agent, Conversation, Note, Owner, move
from warmline.core.effects import (
    Accept,
    AskBot,
    Audit,
    ClearTimer,
    Effect,
    ForgetAsks,
    Keep,
    KeepAnalysis,
    KeepMemory,
    KeepNote,
    SetTimer,
    Settle,
)
from warmline.core.errors import StaleVersion, StoreError
from warmline.store.sqlite import SqliteStore
from warmline.store.upkeep import check

NAMES = [f"c{number}" for number in range(4)]
TIMERS = st.sampled_from(["agent_grace", "queue_wait", "idle"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
TIME = st.floats(0, 1e10)
MEMORY = st.none() | st.dictionaries(TEXT, TEXT | st.integers(-(2**63), 2**63) | st.none(), max_size=3)


class Record(RuleBasedStateMachine):
    """Each rule does the same to the store and to the model; each invariant reads both."""

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="warmline-model-"))
        self.path = self.directory / "0.db"
        self.runner = asyncio.Runner()
        self.store = SqliteStore(self.path)
        self.model = Model()
        self.runner.run(self.store.open())

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.runner.run(self.store.close())
            assert check(self.path) == []
            self.runner.close()
            shutil.rmtree(self.directory)

    @rule(name=st.sampled_from(NAMES), customer=st.sampled_from(["u1", "u2"]), text=TEXT)
    def create(self, name: str, customer: str, text: str) -> None:
        here = fresh(name, customer=customer, seq=1)
        effects = [Keep(said(here, 1, text, author="bot"))]
        if name in self.model.all:
            with pytest.raises(StaleVersion):
                self.runner.run(self.store.create(here, effects))
        else:
            self.runner.run(self.store.create(here, effects))
            self.model.add(here, effects)

    @precondition(lambda self: self.model.all)
    @rule(data=st.data(), texts=st.lists(TEXT, max_size=3), now=TIME)
    def step(self, data: st.DataObject, texts: list[str], now: float) -> None:
        kept = self.choose(data)
        after, effects = self.next_step(kept, data, texts, now)
        self.runner.run(self.store.commit(after, effects, expected_version=kept.conversation.version))
        kept.apply(after, effects)

    @precondition(lambda self: self.model.all)
    @rule(data=st.data(), texts=st.lists(TEXT, max_size=2), behind=st.integers(-3, 3))
    def stale_step(self, data: st.DataObject, texts: list[str], behind: int) -> None:
        kept = self.choose(data)
        after, effects = self.next_step(kept, data, texts, 1.0)
        version = kept.conversation.version + (behind or 1)
        late = msgspec.structs.replace(after, version=version + 1)
        with pytest.raises(StaleVersion):
            self.runner.run(self.store.commit(late, effects, expected_version=version))

    @precondition(lambda self: self.model.all)
    @rule(data=st.data(), texts=st.lists(TEXT, max_size=2))
    def broken_step(self, data: st.DataObject, texts: list[str]) -> None:
        kept = self.choose(data)
        after, effects = self.next_step(kept, data, texts, 1.0)
        wrong = data.draw(st.sampled_from([Accept("customer", "again", 0), AskBot(after.seq + 1, after.epoch)]))
        with pytest.raises(StoreError):
            self.runner.run(
                self.store.commit(after, [*effects, wrong, wrong], expected_version=kept.conversation.version)
            )

    @precondition(lambda self: self.model.all)
    @rule(data=st.data(), texts=st.lists(TEXT, max_size=2))
    def race(self, data: st.DataObject, texts: list[str]) -> None:
        """The same step three times at once: one is kept."""
        kept = self.choose(data)
        after, effects = self.next_step(kept, data, texts, 1.0)

        async def all_three() -> list[BaseException | None]:
            tries = [self.store.commit(after, effects, expected_version=kept.conversation.version) for _ in range(3)]
            return await asyncio.gather(*tries, return_exceptions=True)

        results = self.runner.run(all_three())
        assert sorted(type(result) is StaleVersion for result in results) == [False, True, True]
        assert results.count(None) == 1
        kept.apply(after, effects)

    @rule()
    def restart(self) -> None:
        self.runner.run(self.store.close())
        self.runner.run(self.store.open())

    @rule()
    def crash(self) -> None:
        """Go on with the files as a killed process would have left them."""
        left = self.directory / f"{int(self.path.stem) + 1}.db"
        for end in ("", "-wal"):
            if self.path.with_name(self.path.name + end).exists():
                shutil.copy(self.path.with_name(self.path.name + end), left.with_name(left.name + end))
        self.runner.run(self.store.close())
        self.path, self.store = left, SqliteStore(left)
        self.runner.run(self.store.open())

    def choose(self, data: st.DataObject) -> Kept:
        return self.model.all[data.draw(st.sampled_from(sorted(self.model.all)))]

    def next_step(
        self, kept: Kept, data: st.DataObject, texts: list[str], now: float
    ) -> tuple[Conversation, list[Effect]]:
        """A step that keeps every rule of the record."""
        before = kept.conversation
        event = data.draw(st.none() | st.sampled_from([event for owner, event in TRANSITIONS if owner is before.owner]))
        after = before if event is None else move(before, event)
        changes: dict[str, Any] = {"version": before.version + 1, "seq": before.seq + len(texts), "updated_at": now}
        if after.owner is Owner.AGENT:
            changes["agent"] = Agent("anna", "Anna")
        if after.owner is not before.owner:
            changes["handoff"] = data.draw(st.none() | st.just(HANDOFF))
        after = msgspec.structs.replace(after, **changes)
        effects: list[Effect] = [ForgetAsks()] if after.owner is not Owner.BOT else []
        effects += [
            Keep(said(after, before.seq + 1 + index, text, buttons=BUTTONS)) for index, text in enumerate(texts)
        ]
        effects += [
            Accept("customer", f"v{after.version}", after.seq),
            SetTimer(data.draw(TIMERS), data.draw(TIME)),
            ClearTimer(data.draw(TIMERS)),
            KeepMemory(data.draw(MEMORY)),
            KeepAnalysis(data.draw(st.integers(1, after.seq)), ANALYSIS),
            KeepNote(Note(after.id, f"v{after.version}", after.seq, now, "anna", "Anna", data.draw(TEXT))),
            Audit("anna", data.draw(st.sampled_from(["claimed", "ended", "came_back"])), {"n": now}),
            Settle(data.draw(st.integers(1, after.seq))),
        ]
        if after.owner is Owner.BOT and texts:
            effects.append(AskBot(after.seq, after.epoch, data.draw(st.none() | TEXT)))
        return after, effects

    @invariant()
    def both_say_the_same(self) -> None:
        if hasattr(self, "store"):
            self.runner.run(self.compare())

    async def compare(self) -> None:
        store, model = self.store, self.model
        for name, kept in model.all.items():
            assert await store.conversation(name) == kept.conversation
            assert await store.messages(name) == kept.messages
            assert await store.messages(name, after=1, limit=2) == kept.messages[1:][-2:]
            assert await store.notes(name) == kept.notes
            assert await store.memory(name) == kept.memory
            for (sender, frame), seq in kept.accepted.items():
                assert await store.accepted(name, sender, frame) == seq
        analyses = {name: kept.analyses for name, kept in model.all.items() if kept.analyses}
        assert await store.analyses(NAMES) == analyses
        newest = {name: dict(sorted(kept.items())[-2:]) for name, kept in analyses.items()}
        assert await store.analyses(NAMES, newest=2) == newest
        assert await store.pending_asks(100) == model.pending_asks()
        due = await store.due_timers(5e9, 100)
        assert [(timer.at, timer.conversation, timer.name) for timer in due] == model.due_timers(5e9)
        every = model.due_timers(1e11)
        assert await store.next_timer_at() == (every[0][0] if every else None)
        assert {here.id for here in await store.at_desk()} == model.at_desk()
        assert await store.handle_times(1_000) == model.handle_times()
        for customer in ("u1", "u2", "u3"):
            assert await store.latest_of_customer(customer) == model.latest_of_customer(customer)


TestRecord = Record.TestCase
TestRecord.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
