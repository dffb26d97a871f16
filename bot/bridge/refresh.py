"""
Keep what is shown as a whole value fresh: the customer's state, the agents' packet, the desk.

Steps only say which conversation they touched; one task reads the store and sends the newest value to those who
follow it. Many touches at once make one refresh.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import structlog

from bot.bridge import metrics
from bot.bridge.engine import Engine
from bot.bridge.hub import Hub
from bot.bridge.presence import Presence
from bot.core import desk, frames
from bot.core.conversation import Conversation, Owner
from bot.core.errors import StoreError
from bot.core.packet import build
from bot.store import Store

GATHER_S = 0.02
LOOK_AGAIN_S = 1.0
TRANSCRIPT = 1_000

log = structlog.get_logger()


class Refresh:
    """:meth:`run` until cancelled. :meth:`touch` and :meth:`touch_desk` never wait."""

    def __init__(self, store: Store, hub: Hub, presence: Presence, engine: Engine) -> None:
        self._store = store
        self._hub = hub
        self._presence = presence
        self._engine = engine
        self._touched: set[str] = set()
        self._queued: set[str] = set()
        self._dirty = asyncio.Event()
        self._desk: frames.Desk | None = None
        self._handle_times: list[float] = []
        self._rung: set[str] | None = None

    def touch(self, conversation_id: str) -> None:
        """The conversation changed."""
        self._touched.add(conversation_id)
        self._dirty.set()

    def touch_desk(self) -> None:
        """Somebody came, left or changed presence, or the engine did."""
        self._dirty.set()

    async def run(self) -> None:
        while True:
            await self._dirty.wait()
            await asyncio.sleep(GATHER_S)
            self._dirty.clear()
            touched, self._touched = self._touched, set()
            try:
                await self._refresh(touched)
            except StoreError as failure:
                log.error("refresh_failed", why=failure.text)
                self._touched |= touched
                self._dirty.set()
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _refresh(self, touched: set[str]) -> None:
        at_desk = await self._store.at_desk()
        waiting = desk.in_order(at_desk)
        self._handle_times = await self._store.handle_times()
        open_by_agent = Counter(c.agent.id for c in at_desk if c.agent and c.owner is Owner.AGENT)
        colleagues = await self._presence.colleagues(dict(open_by_agent))
        await self._tell_desk(at_desk, waiting, colleagues)
        known = {c.id: c for c in at_desk}
        queued = {c.id for c in waiting}
        for conversation_id in touched | queued | self._queued:
            await self._tell_conversation(conversation_id, known, waiting, colleagues, conversation_id in touched)
        self._queued = queued

    async def _tell_desk(
        self, at_desk: list[Conversation], waiting: list[Conversation], colleagues: tuple[frames.Colleague, ...]
    ) -> None:
        metrics.WAITING.set(len(waiting))
        analyses = await self._store.analyses([c.id for c in at_desk])
        rows = {c.id: desk.row(c, analyses.get(c.id, {})) for c in at_desk}
        waits = tuple(rows[c.id] for c in waiting)
        requests = tuple(rows[c.id] for c in desk.requests(at_desk))
        new = {c.id for c in waiting} - self._rung if self._rung is not None else set()
        self._rung = {c.id for c in waiting}
        for agent_id, connections in list(self._hub.agents.items()):
            mine = tuple(rows[c.id] for c in at_desk if c.owner is Owner.AGENT and c.agent and c.agent.id == agent_id)
            frame = frames.Desk(waits, mine, requests, colleagues, self._engine.ok)
            for connection in list(connections):
                connection.send(frame, key="desk")
                for row in waits:
                    if row.conversation in new:
                        connection.send(frames.Ring(row.conversation, row.customer, row.why, row.urgency_min))

    async def _tell_conversation(
        self,
        conversation_id: str,
        known: dict[str, Conversation],
        waiting: list[Conversation],
        colleagues: tuple[frames.Colleague, ...],
        with_packet: bool,
    ) -> None:
        customers = list(self._hub.customers.get(conversation_id, ()))
        viewers = list(self._hub.viewers.get(conversation_id, ())) if with_packet else []
        if not customers and not viewers:
            return
        conversation = known.get(conversation_id) or await self._store.conversation(conversation_id)
        state = self._state(conversation, waiting, colleagues)
        for connection in customers:
            connection.send(state, key="state")
        if viewers:
            packet = await self.packet(conversation)
            for connection in viewers:
                connection.send(packet, key=("packet", conversation_id))

    async def packet(self, conversation: Conversation) -> frames.PacketFrame:
        """The packet of *conversation* as it is stored now."""
        messages = await self._store.messages(conversation.id, limit=TRANSCRIPT)
        analyses = (await self._store.analyses([conversation.id])).get(conversation.id, {})
        notes = await self._store.notes(conversation.id)
        return frames.PacketFrame(conversation.id, build(conversation, messages, analyses, notes))

    def _state(
        self, conversation: Conversation, waiting: list[Conversation], colleagues: tuple[frames.Colleague, ...]
    ) -> frames.State:
        position = desk.place(conversation.id, waiting)
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
