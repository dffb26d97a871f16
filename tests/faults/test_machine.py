"""
Any sequence of inputs and crashes over the real store: a crash between any two steps loses nothing that was told and
keeps nothing that was refused; and two cores over a bad link end at the same log.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from warmline.client.log import Log, merge
from warmline.core import frames, inputs, line
from warmline.core.ask import Answer, BotMessage, TurnAnalysis
from warmline.core.conversation import Agent, Conversation, Customer, Message, Owner
from warmline.core.effects import Accept, AskBot, ForgetAsks, Keep, SetTimer, Settle
from warmline.core.errors import NotAllowed, PeerError, StaleVersion
from warmline.core.escalation import Decision
from warmline.core.mood import Mood
from warmline.store.sqlite import SqliteStore
from warmline.store.upkeep import check

FULL = os.environ.get("FAULTS") == "full"
pytestmark = pytest.mark.timeout(1_800)  # the long forms take minutes
DECISION = Decision(True, "asked", "asked", 10, "support", "I'll bring in a colleague.")
AGENTS = (Agent("anna", "Anna"), Agent("ben", "Ben"))
THERE = st.sampled_from([inputs.There(True), inputs.There(False, "on Monday at 8:00")])
IDS = st.sampled_from([f"m{n}" for n in range(12)])


def answer(seq: int, decision: Decision | None) -> Answer:
    analysis = TurnAnalysis("faq", 0.9, Mood(0.1), "answered", "")
    return Answer(f"c:{seq}", "c", 1, (BotMessage("yes"),), analysis, (), {"n": seq}, decision)


def happenings(conversation: Conversation) -> st.SearchStrategy[inputs.Input]:
    """Anything that can happen, likely or not: old epochs, foreign agents, questions nobody asked."""
    agent, seq = st.sampled_from(AGENTS), st.integers(1, conversation.seq + 1)
    epoch, words = st.integers(max(1, conversation.epoch - 1), conversation.epoch), st.sampled_from(["hi", "help"])
    there = THERE
    return st.one_of(
        st.builds(inputs.CustomerWrote, IDS, words),
        st.builds(inputs.CustomerAskedForPerson, IDS, st.just(DECISION), there),
        st.builds(inputs.CustomerWentBackToBot, IDS),
        st.builds(inputs.CustomerLeftContact, IDS, st.just("a@example.com")),
        st.builds(inputs.CustomerEnded, IDS),
        st.builds(
            lambda s, e, d, t: inputs.BotAnswered(s, e, answer(s, d), t),
            seq, epoch, st.sampled_from([None, None, DECISION]), there,
        ),
        st.builds(inputs.BotDelayed, seq, epoch, st.just(8.0)),
        st.builds(inputs.BotFailed, seq, epoch, st.just("engine_unavailable"), st.just(DECISION), there),
        st.builds(inputs.AgentClaimed, IDS, agent),
        st.builds(inputs.AgentTookOver, IDS, agent, st.just(DECISION)),
        st.builds(inputs.AgentReplied, IDS, agent, words),
        st.builds(inputs.AgentNoted, IDS, agent, words),
        st.builds(inputs.AgentHandedBack, IDS, agent, st.sampled_from(["", "note"])),
        st.builds(inputs.AgentTransferred, IDS, agent, st.just("support"), st.just(""), there),
        st.builds(inputs.AgentEnded, IDS, agent),
        st.builds(inputs.AgentVanished, st.sampled_from(["anna", "ben"]), st.just(30.0)),
        st.builds(inputs.AgentCameBack, st.sampled_from(["anna", "ben"])),
        st.builds(inputs.TimerRang, st.just("agent_grace"), st.just(0.0), there),
    )  # fmt: skip


def sender_of(happened: inputs.Input) -> tuple[str, str] | None:
    """Who sent the frame, as the bridge files it; None for what no frame brought."""
    frame_id = getattr(happened, "id", None)
    if frame_id is None:
        return None
    agent = getattr(happened, "agent", None)
    return (agent.id if isinstance(agent, Agent) else "customer"), frame_id


class Crashes(RuleBasedStateMachine):
    """The store is copied as it lies on the disk and opened again, as after kill -9, at any point."""

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.directory = Path(tempfile.mkdtemp(prefix="warmline-machine-"))
        self.generation = 0
        self.store = SqliteStore(self.path)
        self.runner.run(self.store.open())
        self.here, effects = line.start("c", Customer("g"), 0.0, team="Warmline")
        self.runner.run(self.store.create(self.here, effects))
        self.log: list[Message] = [effect.message for effect in effects if isinstance(effect, Keep)]
        self.accepted: dict[tuple[str, str], int] = {}
        self.asks: set[int] = set()
        self.now = 0.0

    @property
    def path(self) -> Path:
        return self.directory / f"{self.generation}.db"

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.runner.run(self.store.close())
            assert check(self.path) == []
            self.runner.close()
            shutil.rmtree(self.directory)

    @rule(
        data=st.data(),
        back_s=st.sampled_from([0.0, 0.0, 0.0, 7_200.0]),
        crash=st.sampled_from(["", "", "before", "after"]),
    )
    def step(self, data: st.DataObject, back_s: float, crash: str) -> None:
        """One step as the bridge takes it; the clock may go back; the process may die before or after the commit."""
        happened = data.draw(happenings(self.here))
        sent_by = sender_of(happened)
        if sent_by is not None:
            before = self.runner.run(self.store.accepted("c", *sent_by))
            assert before == self.accepted.get(sent_by)
            if before is not None:
                return
        self.now += 1.0 - back_s
        try:
            after, effects = line.advance(self.here, happened, self.now)
        except (PeerError, NotAllowed):
            return
        if crash == "before":
            self.crash()
            return
        self.runner.run(self.store.commit(after, effects, expected_version=self.here.version))
        self.take(after, effects)
        if crash == "after":
            self.crash()

    def take(self, after: Conversation, effects: list[Any]) -> None:
        self.here = after
        for effect in effects:
            match effect:
                case Keep(message):
                    self.log.append(message)
                case Accept(sender, frame_id, seq):
                    self.accepted[sender, frame_id] = seq
                case AskBot(seq=seq):
                    self.asks.add(seq)
                case Settle(seq=seq):
                    self.asks.discard(seq)
                case ForgetAsks():
                    self.asks.clear()
                case SetTimer(at=at):
                    assert at >= self.now

    @rule()
    def crash(self) -> None:
        """The files as they are at this moment, the log of the database included, are all that a new process finds."""
        old = self.path
        self.generation += 1
        for suffix in ("", "-wal"):
            source = old.with_name(old.name + suffix)
            if source.exists():
                shutil.copy(source, self.path.with_name(self.path.name + suffix))
        self.runner.run(self.store.close())
        self.store = SqliteStore(self.path)
        self.runner.run(self.store.open())

    @invariant()
    def the_record_is_what_was_told(self) -> None:
        if not hasattr(self, "store"):
            return
        assert self.runner.run(self.store.conversation("c")) == self.here
        assert self.runner.run(self.store.messages("c", limit=10_000)) == self.log
        assert [message.seq for message in self.log] == list(range(1, len(self.log) + 1))
        asked = self.runner.run(self.store.pending_asks(10))
        assert [ask.seq for ask in asked] == sorted(self.asks)[:1]
        assert not self.asks or self.here.owner is Owner.BOT
        about = [message.about for message in self.log if message.author == "bot" and message.about is not None]
        assert len(about) == len(set(about)), "a question was answered twice"


Crashes.TestCase.settings = settings(
    max_examples=300 if FULL else 6,
    stateful_step_count=40 if FULL else 20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestCrashes = Crashes.TestCase


@settings(max_examples=2_000 if FULL else 60, deadline=None)
@given(st.data())
def test_two_cores_over_a_link_that_loses_doubles_and_mixes_end_at_the_same_log(data: st.DataObject) -> None:
    """
    A client that sends again until it is answered and resumes after gaps, and a bridge that keeps before it tells: when
    the link is whole again, the client has what the record has, each line once, and each of its own lines is kept once.
    """
    here, effects = line.start("c", Customer("g"), 0.0, team="Warmline")
    log = [effect.message for effect in effects if isinstance(effect, Keep)]
    accepted: dict[str, int] = {}
    to_bridge: list[Any] = []
    to_client: list[Any] = []
    held, shown = Log("c"), []
    to_say = [frames.Say(f"m{n}", f"text {n}") for n in range(data.draw(st.integers(1, 6)))]
    said: list[str] = []

    def bridge_hears(frame: Any) -> None:
        nonlocal here
        if isinstance(frame, frames.Resume):
            to_client.extend(_wire(message) for message in log if message.seq > frame.seq)
            return
        if frame.id not in accepted:
            try:
                after, done = line.advance(here, inputs.CustomerWrote(frame.id, frame.text), 1.0)
            except StaleVersion:
                return
            here = after
            for effect in done:
                if isinstance(effect, Keep):
                    log.append(effect.message)
                    to_client.append(_wire(effect.message))
                if isinstance(effect, Accept):
                    accepted[effect.id] = effect.seq
        to_client.append(frames.Ack(frame.id, accepted[frame.id]))

    def client_hears(frame: Any) -> None:
        nonlocal held
        if isinstance(frame, frames.Ack):
            if to_say and to_say[0].id == frame.id:
                said.append(to_say.pop(0).id)
            return
        merged = merge(held, frame)
        held = merged.log
        shown.extend(merged.fresh)
        if merged.gap:
            to_bridge.append(frames.Resume("c", held.epoch, held.seq))

    for turn in range(data.draw(st.integers(5, 60))):
        if to_say and turn % 3 == 0:
            to_bridge.append(to_say[0])
        for queue, hear in ((to_bridge, bridge_hears), (to_client, client_hears)):
            if not queue:
                continue
            # A connection keeps order; across connections anything can come late, twice or never.
            frame = queue.pop(data.draw(st.integers(0, len(queue) - 1)))
            fate = data.draw(st.sampled_from(["arrives", "arrives", "twice", "lost"]))
            if fate != "lost":
                hear(frame)
            if fate == "twice":
                queue.append(frame)
    while to_say or held.seq < here.seq:
        to_bridge.append(frames.Resume("c", held.epoch, held.seq))
        to_bridge.extend(to_say[:1])
        while to_bridge or to_client:
            if to_bridge:
                bridge_hears(to_bridge.pop(0))
            if to_client:
                client_hears(to_client.pop(0))

    assert [(m.seq, m.text) for m in shown] == [(m.seq, m.text) for m in log]
    assert [m.client_id for m in log if m.author == "customer"] == said


def _wire(message: Message) -> frames.MessageFrame:
    return frames.MessageFrame(
        message.conversation, message.seq, message.epoch, message.at, message.author, message.text, id=message.client_id
    )
