"""An agent's session: sign in, see the desk, and work on conversations."""

from __future__ import annotations

import secrets
import time
from typing import Any

from warmline.bridge.connection import Connection
from warmline.bridge.meanwhile import told_meanwhile
from warmline.bridge.reading import turns_now, with_words_read
from warmline.bridge.session import Session
from warmline.bridge.session_context import SessionContext
from warmline.core import access, frames, inputs
from warmline.core.access import Act, Who
from warmline.core.conversation import Agent, Conversation, Owner
from warmline.core.errors import FrameError, NotSignedIn
from warmline.core.triggers import taken_over
from warmline.store import Account

SEAT_REFRESH_S = 15.0


class AgentSession(Session):
    """See docs/protocol.md, "The agent"."""

    kind = "agent"

    def __init__(self, context: SessionContext, connection: Connection) -> None:
        super().__init__(context, connection)
        self._agent: Agent | None = None
        self._who = Who("agent", "")
        self._seat = secrets.token_urlsafe(9)
        self._seat_at = 0.0

    def decode(self, data: str | bytes) -> frames.AgentFrame:
        return frames.decode_agent(data)

    async def begin(self, frame: frames.AgentFrame) -> None:
        context = self.context
        match frame:
            case frames.SignIn(name, password):
                context.sign_ins.take(self.connection.address, time.monotonic())
                account = await context.accounts.check(name.strip().lower(), password)
            case frames.HelloAgent(token):
                account = await context.accounts.by_session(*context.tickets.read_session(token))
            case _:
                raise NotSignedIn("Sign in first.")
        await self._sit(account)

    async def _sit(self, account: Account) -> None:
        context = self.context
        self._agent = Agent(account.id, account.name)
        self._who = Who(account.role, account.id)
        await self.heard()
        for conversation in await context.store.at_desk():
            if _holds(account.id, conversation):
                await context.steps.step(conversation.id, inputs.AgentCameBack(account.id))
        context.hub.seat(account.id, self.connection, account.sessions)
        self.connection.send(
            frames.SignedIn(
                token=context.tickets.session(account.id, account.sessions),
                token_s=context.tickets.session_s,
                agent=account.id,
                name=account.name,
                role=account.role,
                status=account.status,
                queues=context.queues,
            )
        )
        context.refresh.touch_desk()

    async def heard(self) -> None:
        """Keep the seat fresh; not on every heartbeat."""
        if self._agent is not None and time.monotonic() - self._seat_at > SEAT_REFRESH_S:
            self._seat_at = time.monotonic()
            await self.context.presence.sit(self._seat, self._agent.id)

    async def leave(self) -> None:
        await super().leave()
        if self._agent is None:
            return
        agent, self._agent = self._agent, None
        try:
            await self.context.presence.leave(self._seat)
            if agent.id not in await self.context.presence.here():
                await vanished(self.context, agent.id)
        finally:
            self.context.refresh.touch_desk()

    async def handle(self, frame: frames.AgentFrame) -> None:
        agent = self._me()
        match frame:
            case frames.Presence(status):
                await self.context.store.set_status(agent.id, status)
                self.context.refresh.touch_desk()
            case frames.SignOut():
                await self.context.store.end_sessions(agent.id)
                await self.connection.socket.close(1000, "signed out")
            case frames.Open():
                await self._open(frame)
            case frames.Typing(on, conversation_id):
                conversation = await self.context.store.conversation(conversation_id or "")
                access.require(self._who, "type", conversation)
                self.context.hub.tell_typing(conversation.id, "agent", on)
            case frames.Earlier(before, conversation_id):
                conversation = await self.context.store.conversation(conversation_id or "")
                access.require(self._who, "read", conversation)
                self.connection.send(await self.history(conversation, before))
            case frames.Claim():
                await self._step(frame, "claim", inputs.AgentClaimed(frame.id, agent))
            case frames.TakeOver():
                await self._take_over(frame, agent)
            case frames.Reply():
                await self._step(frame, "reply", inputs.AgentReplied(frame.id, agent, frame.text))
            case frames.AddNote():
                await self._step(frame, "note", inputs.AgentNoted(frame.id, agent, frame.text))
            case frames.HandBack():
                await self._hand_back(frame, agent)
            case frames.Transfer():
                await self._transfer(frame, agent)
            case frames.End():
                await self._step(frame, "end", inputs.AgentEnded(frame.id, agent, frame.needed))
            case _:
                raise FrameError("That frame does not belong here.")

    async def _take_over(self, frame: frames.TakeOver, agent: Agent) -> None:
        async def took(conversation: Conversation) -> inputs.Input:
            access.require(self._who, "take_over", conversation)
            turns = await turns_now(self.context.store, conversation)
            rules = self.context.rules
            return inputs.AgentTookOver(frame.id, agent, taken_over(await with_words_read(turns, rules), rules))

        seq = await self.context.steps.step(frame.conversation, took, sender=agent.id, frame_id=frame.id)
        self.connection.send(frames.Ack(frame.id, seq))

    async def _hand_back(self, frame: frames.HandBack, agent: Agent) -> None:
        note = frame.note.strip()

        async def handed_back(conversation: Conversation) -> inputs.Input:
            access.require(self._who, "hand_back", conversation)
            told = await told_meanwhile(
                self.context.store, conversation, self.context.identifiers, self.context.rules.facts, note
            )
            return inputs.AgentHandedBack(frame.id, agent, note, frame.needed, told)

        seq = await self.context.steps.step(frame.conversation, handed_back, sender=agent.id, frame_id=frame.id)
        self.connection.send(frames.Ack(frame.id, seq))

    async def _transfer(self, frame: frames.Transfer, agent: Agent) -> None:
        if frame.queue not in self.context.queues:
            raise FrameError(f"There is no queue {frame.queue!r}; there is {', '.join(self.context.queues)}.")
        there = await self.context.presence.there()
        happened = inputs.AgentTransferred(frame.id, agent, frame.queue, frame.note.strip(), there)
        await self._step(frame, "transfer", happened)

    async def _open(self, frame: frames.Open) -> None:
        async with self.context.steps.alone(frame.conversation):
            conversation = await self.context.store.conversation(frame.conversation)
            access.require(self._who, "read", conversation)
            for part in await self.log_since(conversation, frame.seq, known_epoch=None):
                self.connection.send(part)
            self.context.hub.follow(conversation.id, self.connection, own=self.context.refresh.held_by(self._me().id))
        self.connection.send(await self.context.refresh.packet(conversation), key=("packet", conversation.id))

    async def _step(self, frame: Any, act: Act, happened: inputs.Input) -> None:
        async def checked(conversation: Conversation) -> inputs.Input:
            access.require(self._who, act, conversation)
            return happened

        conversation_id = frame.conversation or ""
        seq = await self.context.steps.step(conversation_id, checked, sender=self._me().id, frame_id=frame.id)
        self.connection.send(frames.Ack(frame.id, seq))

    def _me(self) -> Agent:
        if self._agent is None:
            raise NotSignedIn("Sign in first.")
        return self._agent


async def vanished(context: SessionContext, agent_id: str) -> None:
    """The last console of *agent_id* is gone: start the grace of each conversation they hold."""
    grace_s = context.settings.agent_grace_s
    for conversation in await context.store.at_desk():
        if _holds(agent_id, conversation):
            await context.steps.step(conversation.id, inputs.AgentVanished(agent_id, grace_s))


def _holds(agent_id: str, conversation: Conversation) -> bool:
    return conversation.owner is Owner.AGENT and conversation.agent is not None and conversation.agent.id == agent_id
