"""An agent's session: sign in, see the desk, and work on conversations."""

from __future__ import annotations

import secrets
import time
from typing import Any

from warmline.bridge.connection import Connection
from warmline.bridge.meanwhile import told_meanwhile
from warmline.bridge.office import Office
from warmline.bridge.reading import turns_now, with_words_read
from warmline.bridge.session import Session
from warmline.core import access, frames, inputs
from warmline.core.access import Act, Who
from warmline.core.conversation import Agent, Conversation, Owner
from warmline.core.errors import FrameError, NotSignedIn
from warmline.core.occasions import taken_over
from warmline.store import Account

SEAT_REFRESH_S = 15.0


class AgentSession(Session):
    """See docs/protocol.md, "The agent"."""

    kind = "agent"

    def __init__(self, office: Office, connection: Connection) -> None:
        super().__init__(office, connection)
        self._agent: Agent | None = None
        self._who = Who("agent", "")
        self._seat = secrets.token_urlsafe(9)
        self._seat_at = 0.0

    def decode(self, data: str | bytes) -> frames.AgentFrame:
        return frames.decode_agent(data)

    async def begin(self, frame: frames.AgentFrame) -> None:
        office = self.office
        match frame:
            case frames.SignIn(name, password):
                office.sign_ins.take(self.connection.address, time.monotonic())
                account = await office.accounts.check(name.strip().lower(), password)
            case frames.HelloAgent(token):
                account = await office.accounts.by_session(*office.tickets.read_session(token))
            case _:
                raise NotSignedIn("Sign in first.")
        await self._sit(account)

    async def _sit(self, account: Account) -> None:
        office = self.office
        self._agent = Agent(account.id, account.name)
        self._who = Who(account.role, account.id)
        await self.heard()
        for conversation in await office.store.at_desk():
            if _holds(account.id, conversation):
                await office.steps.step(conversation.id, inputs.AgentCameBack(account.id))
        office.hub.seat(account.id, self.connection, account.sessions)
        self.connection.send(
            frames.SignedIn(
                token=office.tickets.session(account.id, account.sessions),
                token_s=office.tickets.session_s,
                agent=account.id,
                name=account.name,
                role=account.role,
                status=account.status,
                queues=office.queues,
            )
        )
        office.refresh.touch_desk()

    async def heard(self) -> None:
        """Keep the seat fresh; not on every heartbeat."""
        if self._agent is not None and time.monotonic() - self._seat_at > SEAT_REFRESH_S:
            self._seat_at = time.monotonic()
            await self.office.presence.sit(self._seat, self._agent.id)

    async def leave(self) -> None:
        await super().leave()
        if self._agent is None:
            return
        agent, self._agent = self._agent, None
        try:
            await self.office.presence.leave(self._seat)
            if agent.id not in await self.office.presence.here():
                await vanished(self.office, agent.id)
        finally:
            self.office.refresh.touch_desk()

    async def handle(self, frame: frames.AgentFrame) -> None:
        agent = self._me()
        match frame:
            case frames.Presence(status):
                await self.office.store.set_status(agent.id, status)
                self.office.refresh.touch_desk()
            case frames.SignOut():
                await self.office.store.end_sessions(agent.id)
                await self.connection.socket.close(1000, "signed out")
            case frames.Open():
                await self._open(frame)
            case frames.Typing(on, conversation_id):
                conversation = await self.office.store.conversation(conversation_id or "")
                access.require(self._who, "type", conversation)
                self.office.hub.tell_typing(conversation.id, "agent", on)
            case frames.Earlier(before, conversation_id):
                conversation = await self.office.store.conversation(conversation_id or "")
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
            turns = await turns_now(self.office.store, conversation)
            rules = self.office.rules
            return inputs.AgentTookOver(frame.id, agent, taken_over(await with_words_read(turns, rules), rules))

        seq = await self.office.steps.step(frame.conversation, took, sender=agent.id, frame_id=frame.id)
        self.connection.send(frames.Ack(frame.id, seq))

    async def _hand_back(self, frame: frames.HandBack, agent: Agent) -> None:
        note = frame.note.strip()

        async def handed_back(conversation: Conversation) -> inputs.Input:
            access.require(self._who, "hand_back", conversation)
            told = await told_meanwhile(
                self.office.store, conversation, self.office.identifiers, self.office.rules.facts, note
            )
            return inputs.AgentHandedBack(frame.id, agent, note, frame.needed, told)

        seq = await self.office.steps.step(frame.conversation, handed_back, sender=agent.id, frame_id=frame.id)
        self.connection.send(frames.Ack(frame.id, seq))

    async def _transfer(self, frame: frames.Transfer, agent: Agent) -> None:
        if frame.queue not in self.office.queues:
            raise FrameError(f"There is no queue {frame.queue!r}; there is {', '.join(self.office.queues)}.")
        there = await self.office.presence.there()
        happened = inputs.AgentTransferred(frame.id, agent, frame.queue, frame.note.strip(), there)
        await self._step(frame, "transfer", happened)

    async def _open(self, frame: frames.Open) -> None:
        async with self.office.steps.alone(frame.conversation):
            conversation = await self.office.store.conversation(frame.conversation)
            access.require(self._who, "read", conversation)
            for part in await self.log_since(conversation, frame.seq, known_epoch=None):
                self.connection.send(part)
            self.office.hub.follow(conversation.id, self.connection, own=self.office.refresh.held_by(self._me().id))
        self.connection.send(await self.office.refresh.packet(conversation), key=("packet", conversation.id))

    async def _step(self, frame: Any, act: Act, happened: inputs.Input) -> None:
        async def checked(conversation: Conversation) -> inputs.Input:
            access.require(self._who, act, conversation)
            return happened

        conversation_id = frame.conversation or ""
        seq = await self.office.steps.step(conversation_id, checked, sender=self._me().id, frame_id=frame.id)
        self.connection.send(frames.Ack(frame.id, seq))

    def _me(self) -> Agent:
        if self._agent is None:
            raise NotSignedIn("Sign in first.")
        return self._agent


async def vanished(office: Office, agent_id: str) -> None:
    """The last console of *agent_id* is gone: start the grace of each conversation they hold."""
    grace_s = office.settings.agent_grace_s
    for conversation in await office.store.at_desk():
        if _holds(agent_id, conversation):
            await office.steps.step(conversation.id, inputs.AgentVanished(agent_id, grace_s))


def _holds(agent_id: str, conversation: Conversation) -> bool:
    return conversation.owner is Owner.AGENT and conversation.agent is not None and conversation.agent.id == agent_id
