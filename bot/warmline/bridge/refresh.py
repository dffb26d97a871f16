"""
Keep what is shown as a whole value fresh: the customer's state, the agents' packet, the desk.

Steps only say which conversation they touched; one task reads those, keeps the desk in memory, and sends the newest
value to those who follow it. Many touches at once make one refresh, and a refresh that was long makes the next one
wait longer, so that this work never fills the process. Every ``RELOAD_S`` seconds the whole desk is read anew: other
processes may have moved conversations too.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Callable

import structlog

from warmline.bridge import metrics
from warmline.bridge.engines import Engines
from warmline.bridge.hub import Hub
from warmline.bridge.presence import Presence
from warmline.core import desk, frames
from warmline.core.conversation import Conversation, Owner
from warmline.core.errors import NotFound, StoreError
from warmline.core.packet import build
from warmline.core.rules import Rules
from warmline.store import Store

GATHER_S = 0.02
SHARE = 4.0
RELOAD_S = 15.0
LOOK_AGAIN_S = 1.0
RECENT_S = 60.0
"""The first agent to come is rung for who asked for a person so long ago at most."""
TRANSCRIPT = 1_000
ROW_TURNS = 30
"""So many of the last turns make a row of the desk: its line of what is wanted, and its small curve."""

log = structlog.get_logger()


class Refresh:
    """:meth:`run` until cancelled. :meth:`touch` and :meth:`touch_desk` never wait."""

    def __init__(
        self,
        store: Store,
        hub: Hub,
        presence: Presence,
        engine: Engines,
        rules: Callable[[], Rules],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._store = store
        self._hub = hub
        self._presence = presence
        self._engine = engine
        self._touched: set[str] = set()
        self._dirty = asyncio.Event()
        self._at_desk: dict[str, Conversation] = {}
        self._rows: dict[str, frames.Waiting] = {}
        self._waiting: list[Conversation] = []
        self._places: dict[str, int] = {}
        self._told: dict[str, frames.State] = {}
        self._loaded_at: float | None = None
        self._handle_times: list[float] = []
        self._rung: set[tuple[str, str]] | None = None
        self._known: set[tuple[str, str]] = set()

    def touch(self, conversation_id: str) -> None:
        """The conversation changed."""
        self._touched.add(conversation_id)
        self._dirty.set()

    def touch_desk(self) -> None:
        """Somebody came, left or changed presence, or the engine did."""
        self._dirty.set()

    async def run(self) -> None:
        took_s = 0.0
        while True:
            await self._dirty.wait()
            await asyncio.sleep(max(GATHER_S, SHARE * took_s))
            self._dirty.clear()
            touched, self._touched = self._touched, set()
            began = time.monotonic()
            try:
                await self.refresh(touched)
            except StoreError as failure:
                log.error("refresh_failed", why=failure.text)
                self._touched |= touched
                self._dirty.set()
                self._loaded_at = None
                await asyncio.sleep(LOOK_AGAIN_S)
            took_s = min(1.0, time.monotonic() - began)
            metrics.REFRESH_SECONDS.observe(took_s)

    async def refresh(self, touched: set[str]) -> None:
        """
        Read what *touched* names, and tell everybody what changed for them: customers first, for agents' packets take
        long when many write.
        """
        others = await self._read(touched)
        open_by_agent = Counter(c.agent.id for c in self._at_desk.values() if c.agent and c.owner is Owner.AGENT)
        colleagues = await self._presence.colleagues(dict(open_by_agent))
        queued = self._places.keys() & self._hub.customers.keys()
        known = self._at_desk | others
        for conversation_id in (queued | touched) & known.keys():
            try:
                self._tell_customer(known[conversation_id], colleagues, conversation_id in touched)
            except Exception as failure:  # noqa: PERF203 (each customer's fails on its own)
                _log_defect(conversation_id, failure)
        self._told = {key: state for key, state in self._told.items() if key in self._hub.customers}
        self._tell_desk(colleagues, touched)
        for conversation_id in touched & known.keys() & self._hub.viewers.keys():
            try:
                await self._tell_viewers(known[conversation_id])
            except StoreError:  # noqa: PERF203 (each packet fails on its own)
                raise
            except Exception as failure:
                _log_defect(conversation_id, failure)

    async def _read(self, touched: set[str]) -> dict[str, Conversation]:
        """Bring the desk up to date; returns those of *touched* that are not on it."""
        now = time.monotonic()
        others: dict[str, Conversation] = {}
        if self._loaded_at is None or now - self._loaded_at > RELOAD_S:
            here = await self._store.at_desk()
            known = self._at_desk
            rows = await self._make_rows([c for c in here if c.id not in known or known[c.id].version != c.version])
            self._at_desk = {c.id: c for c in here}
            self._rows = {name: row for name, row in (self._rows | rows).items() if name in self._at_desk}
            self._handle_times = await self._store.handle_times()
            self._loaded_at = now
            moved = True
        else:
            moved = False
        changed: list[Conversation] = []
        for conversation_id in touched:
            before = self._at_desk.get(conversation_id)
            try:
                after = await self._store.conversation(conversation_id)
            except NotFound:
                continue
            if after.owner in (Owner.QUEUE, Owner.AGENT) or after.handoff is not None:
                self._at_desk[conversation_id] = after
                changed.append(after)
            else:
                others[conversation_id] = after
                self._at_desk.pop(conversation_id, None)
                self._rows.pop(conversation_id, None)
            if before is not None and before.owner is Owner.AGENT and after.owner is not Owner.AGENT:
                self._handle_times = await self._store.handle_times()
            moved = moved or _turn(before) != _turn(after)
        self._rows |= await self._make_rows(changed)
        if moved:
            self._waiting = desk.in_order(self._at_desk.values())
            self._places = {c.id: place for place, c in enumerate(self._waiting, 1)}
        return others

    async def _make_rows(self, conversations: list[Conversation]) -> dict[str, frames.Waiting]:
        """The desk's rows; one that cannot be made is left out and logged, the others go on."""
        made: dict[str, frames.Waiting] = {}
        if not conversations:
            return made
        tell_nothing = self._rules().intents.tell_nothing
        analyses = await self._store.analyses([c.id for c in conversations], newest=ROW_TURNS)
        for conversation in conversations:
            try:
                made[conversation.id] = desk.row(conversation, analyses.get(conversation.id, {}), tell_nothing)
            except Exception as failure:  # noqa: PERF203 (each row fails on its own)
                _log_defect(conversation.id, failure)
        return made

    def _tell_desk(self, colleagues: tuple[frames.Colleague, ...], touched: set[str]) -> None:
        metrics.WAITING.set(len(self._waiting))
        if not self._hub.agents:
            self._rung = None
            return
        # One that becomes urgent while it waits, or while an agent has it, rings again.
        waiting = {(c.id, _alarm(c)) for c in self._waiting}
        taken = {(c.id, _alarm(c)) for c in self._at_desk.values() if c.owner is Owner.AGENT}
        if self._rung is None:
            # Nobody was here to hear a ring, or the process before died between keeping a request and ringing for it.
            recent = {c.id for c in self._waiting if c.handoff and c.handoff.asked_at > self._clock() - RECENT_S}
            new, urgent = recent | (touched & self._places.keys()), set[str]()
        else:
            new = {name for name, _ in waiting - self._rung}
            urgent = {name for name, alarm in taken - self._known if alarm}
        self._rung, self._known = waiting, waiting | taken
        rows, here = self._rows, self._at_desk.values()
        waits = tuple(rows[c.id] for c in self._waiting if c.id in rows)
        requests = tuple(rows[c.id] for c in desk.requests(here) if c.id in rows)
        mine: dict[str, list[frames.Waiting]] = {}
        for c in here:
            if c.owner is Owner.AGENT and c.agent is not None and c.id in rows:
                mine.setdefault(c.agent.id, []).append(rows[c.id])
        for agent_id, connections in list(self._hub.agents.items()):
            frame = frames.Desk(waits, tuple(mine.get(agent_id, ())), requests, colleagues, self._engine.ok)
            for connection in list(connections):
                connection.send(frame, key="desk")
                theirs = urgent & {row.conversation for row in frame.mine}
                for conversation_id in (new | theirs) & rows.keys():
                    row = rows[conversation_id]
                    connection.send(frames.Ring(row.conversation, row.customer, row.why, row.urgency_min))

    def _tell_customer(
        self, conversation: Conversation, colleagues: tuple[frames.Colleague, ...], is_touched: bool
    ) -> None:
        customers = list(self._hub.customers.get(conversation.id, ()))
        if customers:
            state = self._state(conversation, colleagues)
            if is_touched or self._told.get(conversation.id) != state:
                self._told[conversation.id] = state
                for connection in customers:
                    connection.send(state, key="state")

    async def _tell_viewers(self, conversation: Conversation) -> None:
        packet = await self.packet(conversation)
        for connection in list(self._hub.viewers.get(conversation.id, ())):
            connection.send(packet, key=("packet", conversation.id))

    async def wait_of(self, conversation_id: str) -> tuple[int | None, tuple[int, int] | None]:
        """The place in the queue and the wait in minutes, each as it is shown to the customer; None where not known."""
        place = self._places.get(conversation_id)
        if place is None:
            return None, None
        open_by_agent = Counter(c.agent.id for c in self._at_desk.values() if c.agent and c.owner is Owner.AGENT)
        colleagues = await self._presence.colleagues(dict(open_by_agent))
        return place, desk.wait_minutes(place, colleagues, self._handle_times)

    def held_by(self, agent_id: str) -> frozenset[str]:
        """The conversations that the agent has, as last read."""
        return frozenset(
            c.id for c in self._at_desk.values() if c.owner is Owner.AGENT and c.agent and c.agent.id == agent_id
        )

    async def packet(self, conversation: Conversation) -> frames.PacketFrame:
        """The packet of *conversation* as it is stored now."""
        messages = await self._store.messages(conversation.id, limit=TRANSCRIPT)
        analyses = (await self._store.analyses([conversation.id])).get(conversation.id, {})
        notes = await self._store.notes(conversation.id)
        tell_nothing = self._rules().intents.tell_nothing
        return frames.PacketFrame(conversation.id, build(conversation, messages, analyses, notes, tell_nothing))

    def _state(self, conversation: Conversation, colleagues: tuple[frames.Colleague, ...]) -> frames.State:
        position = self._places.get(conversation.id)
        handoff = conversation.handoff
        there = any(c.status == "online" for c in colleagues)
        wait = desk.wait_minutes(position, colleagues, self._handle_times) if position else None
        return frames.State(
            conversation=conversation.id,
            owner=conversation.owner.value,
            epoch=conversation.epoch,
            seq=conversation.seq,
            agent=conversation.agent.name if conversation.agent else None,
            position=position,
            wait_min=wait,
            offline=conversation.owner is Owner.QUEUE and not there,
            contact=handoff.contact if handoff else None,
            known=tuple((fact.label, fact.value) for fact in conversation.facts) if position else (),
        )


def _turn(conversation: Conversation | None) -> tuple[object, ...] | None:
    """What decides the place in the queue; None outside it."""
    if conversation is None or conversation.owner is not Owner.QUEUE:
        return None
    return desk.turn(conversation)


def _alarm(conversation: Conversation) -> str:
    """The rule of a crisis or a high-stakes topic; empty for what is not worth ringing for twice."""
    decision = conversation.handoff.decision if conversation.handoff else None
    return decision.rule if decision and decision.cause in ("crisis", "topic") else ""


def _log_defect(conversation_id: str, failure: Exception) -> None:
    log.error(
        "not_shown",
        conversation=conversation_id,
        error=type(failure).__name__,
        where=traceback.format_tb(failure.__traceback__),
    )
