"""The record as plain dictionaries: what the store promises, with nothing that could go wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Conversation, Message, Note, Owner
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
from warmline.store import PendingAsk


@dataclass
class Kept:
    """One conversation and all that belongs to it; *audit* is the whole record's, shared by all."""

    conversation: Conversation
    messages: list[Message] = field(default_factory=list)
    accepted: dict[tuple[str, str], int] = field(default_factory=dict)
    outbox: dict[int, PendingAsk] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    analyses: dict[int, TurnAnalysis] = field(default_factory=dict)
    memory: dict[str, Any] | None = None
    timers: dict[str, float] = field(default_factory=dict)
    audit: list[tuple[str, float, str]] = field(default_factory=list)

    def apply(self, after: Conversation, effects: Sequence[Effect]) -> None:
        """Take a step that was accepted."""
        self.conversation = after
        self.messages += [effect.message for effect in effects if isinstance(effect, Keep)]
        for effect in effects:
            self._do(after, effect)

    def _do(self, after: Conversation, effect: Effect) -> None:
        match effect:
            case Keep() | None:
                pass
            case Accept(sender=sender, id=frame, seq=seq):
                self.accepted[sender, frame] = seq
            case AskBot(seq=seq, epoch=epoch, payload=payload):
                self.outbox[seq] = PendingAsk(after.id, epoch, seq, payload, after.updated_at)
            case Settle(seq=seq):
                self.outbox.pop(seq, None)
            case ForgetAsks():
                self.outbox.clear()
            case KeepNote(note=note):
                self.notes.append(note)
            case KeepAnalysis(seq=seq, analysis=analysis):
                self.analyses[seq] = analysis
            case KeepMemory(memory=memory):
                self.memory = memory
            case SetTimer(name=name, at=at):
                self.timers[name] = at
            case ClearTimer(name=name):
                self.timers.pop(name, None)
            case Audit(act=act):
                self.audit.append((after.id, after.updated_at, act))


class Model:
    """All conversations, by id, in the order they were created."""

    def __init__(self) -> None:
        self.all: dict[str, Kept] = {}
        self.audit: list[tuple[str, float, str]] = []

    def add(self, conversation: Conversation, effects: Sequence[Effect]) -> None:
        self.all[conversation.id] = Kept(conversation, audit=self.audit)
        self.all[conversation.id].apply(conversation, effects)

    def handle_times(self) -> list[float]:
        """Newest first."""
        since: dict[str, float] = {}
        found = []
        for conversation, at, act in self.audit:
            if act in ("claimed", "taken_over"):
                since[conversation] = at
            elif act in ("handed_back", "transferred", "agent_lost", "ended") and conversation in since:
                found.append(max(0.0, at - since.pop(conversation)))
        return found[::-1]

    def pending_asks(self) -> list[PendingAsk]:
        oldest = [min(kept.outbox.values(), key=lambda ask: ask.seq) for kept in self.all.values() if kept.outbox]
        return sorted(oldest, key=lambda ask: (ask.at, ask.conversation))

    def due_timers(self, now: float) -> list[tuple[float, str, str]]:
        return sorted(
            (at, name, timer) for name, kept in self.all.items() for timer, at in kept.timers.items() if at <= now
        )

    def at_desk(self) -> set[str]:
        return {
            name
            for name, kept in self.all.items()
            if kept.conversation.owner in (Owner.QUEUE, Owner.AGENT) or kept.conversation.handoff is not None
        }

    def latest_of_customer(self, customer: str) -> Conversation | None:
        theirs = [kept.conversation for kept in self.all.values() if kept.conversation.customer.id == customer]
        return theirs[-1] if theirs else None
