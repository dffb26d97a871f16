"""
One step of a conversation while it is taken: the conversation as it will be, and what is to be done, so far.

What a step may do is here; which steps an event takes is in :mod:`warmline.core.line`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from warmline.core import inputs, wording
from warmline.core.contact import with_contact
from warmline.core.conversation import Agent, Author, Button, Conversation, Event, Handoff, Message, Note, Owner, move
from warmline.core.effects import Accept, Audit, ClearTimer, Effect, ForgetAsks, Keep, KeepNote
from warmline.core.errors import IllegalTransition, NotAllowed
from warmline.core.escalation import Decision

CUSTOMER = "customer"
BURST_S = 3.0
"""Texts of one customer that follow each other so closely are one thought in pieces, and get one automatic word."""


class Step:
    """The step of *conversation* at *now* (Unix seconds); *team* is the name the customer reads."""

    def __init__(self, conversation: Conversation, now: float, team: str) -> None:
        self.now = now
        self.team = team
        self.conversation = conversation
        self.effects: list[Effect] = []

    def result(self) -> tuple[Conversation, list[Effect]]:
        done = msgspec.structs.replace(self.conversation, version=self.conversation.version + 1, updated_at=self.now)
        return done, self.effects

    def change(self, **values: Any) -> None:
        self.conversation = msgspec.structs.replace(self.conversation, **values)

    def move(self, event: Event) -> None:
        before = self.conversation.owner
        self.conversation = move(self.conversation, event)
        if before is Owner.BOT and self.conversation.owner is not Owner.BOT:
            self.effects += [ForgetAsks(), ClearTimer("silence")]
        if before is Owner.AGENT:
            self.effects.append(ClearTimer("agent_grace"))

    def keep(
        self,
        author: Author,
        text: str,
        *,
        name: str | None = None,
        code: str | None = None,
        client_id: str | None = None,
        buttons: tuple[Button, ...] = (),
        about: int | None = None,
    ) -> int:
        """Append a line to the log and return its seq."""
        here = self.conversation
        message = Message(
            here.id, here.seq + 1, here.epoch, self.now, author, text, name, code, client_id, buttons, about
        )
        self.change(seq=message.seq)
        self.effects.append(Keep(message))
        return message.seq

    def accept(self, sender: str, frame_id: str) -> None:
        self.effects.append(Accept(sender, frame_id, self.conversation.seq))

    def audit(self, actor: str, act: str, **detail: Any) -> None:
        self.effects.append(Audit(actor, act, detail))

    def served(self, needed: bool | None) -> dict[str, Any]:
        """What the audit keeps of a handoff that is over: its rule, the part of the log that led to it, the verdict."""
        here = self.conversation
        if here.handoff is None:
            return {}
        rule, asked_at = here.handoff.decision.rule, here.handoff.asked_at
        verdict = {} if needed is None else {"needed": needed}
        return {"rule": rule, "since": here.opened_seq, "asked_at": asked_at, **verdict}

    def note(self, agent: Agent, frame_id: str, text: str) -> None:
        here = self.conversation
        self.effects.append(KeepNote(Note(here.id, frame_id, here.seq, self.now, agent.id, agent.name, text)))

    def owned_by(self, agent: Agent) -> None:
        """Raise unless *agent* owns the conversation."""
        here = self.conversation
        if here.owner is not Owner.AGENT:
            raise IllegalTransition("Nobody has taken this conversation; claim it first.")
        if here.agent is None or here.agent.id != agent.id:
            raise NotAllowed("Another agent has this conversation.")

    def into_queue(self, event: Event, decision: Decision, there: inputs.There, contact: str = "") -> None:
        """
        Move into the queue and tell the customer what happens next. Who already waits keeps the time of asking.
        *contact* is what they just gave for the answer.
        """
        waiting = self.conversation.handoff
        self.move(event)
        self.change(
            handoff=Handoff(
                asked_at=waiting.asked_at if waiting else self.now,
                event=event.value,
                decision=decision,
                offline=not there.anyone,
                contact=with_contact(waiting.contact if waiting else None, contact) or None,
            )
        )
        if there.anyone:
            self.keep("system", wording.QUEUED, code="queued")
        else:
            self.keep("system", wording.nobody_there(there.back), code="nobody_there")

    def tell_if_urgent(self, decision: Decision) -> None:
        """Say what the rule says where no bot does: a help line must not wait for one."""
        if decision.cause in ("crisis", "topic"):
            self.keep("system", decision.say, code="told")

    def raise_alarm(self, alarm: Decision) -> None:
        """
        Words of danger while no bot listens: say what must be said, and let the more urgent reason stand. Who waits is
        told what to do each time; who has a person, once.
        """
        handoff = self.conversation.handoff
        if handoff is None:
            return
        before = handoff.decision
        rises = alarm.cause == "crisis" or alarm.urgency_min < before.urgency_min
        if before.cause == "crisis" or before.rule == alarm.rule or not rises:
            if self.conversation.owner is Owner.QUEUE and alarm.again:
                self._alarm_again(handoff, alarm)
            return
        raised = msgspec.structs.replace(
            alarm,
            urgency_min=min(alarm.urgency_min, before.urgency_min),
            signals=(*alarm.signals, *(s for s in before.signals if s.name not in {a.name for a in alarm.signals})),
            turns=tuple(sorted({*alarm.turns, *before.turns})),
        )
        self.change(handoff=msgspec.structs.replace(handoff, decision=raised, warned_at=self.now))
        if alarm.say:
            self.keep("system", alarm.say, code="told")
        self.audit(CUSTOMER, "alarmed", rule=alarm.rule, cause=alarm.cause)

    def _alarm_again(self, handoff: Handoff, alarm: Decision) -> None:
        """The reason stays, and what was heard now is seen beside it. Several texts at once are one warning."""
        before = handoff.decision
        heard = tuple(s for s in alarm.signals if s.name.startswith(("topic:", "crisis")))
        decision = msgspec.structs.replace(
            before,
            urgency_min=min(alarm.urgency_min, before.urgency_min),
            signals=(*heard, *(s for s in before.signals if s.name not in {h.name for h in heard})),
            turns=tuple(sorted({*alarm.turns, *before.turns})),
        )
        at_once = handoff.warned_at <= self.now < handoff.warned_at + BURST_S
        warned_at = handoff.warned_at if at_once else self.now
        self.change(handoff=msgspec.structs.replace(handoff, decision=decision, warned_at=warned_at))
        if not at_once:
            self.keep("system", alarm.again, code="told")
        self.audit(CUSTOMER, "alarmed", rule=alarm.rule, cause=alarm.cause)

    def requeue(
        self, event: Event, sentence: str, *, there: inputs.There, queue: str | None = None, front: bool = False
    ) -> None:
        """Back to a queue from the agent who has it, keeping the time of asking; *sentence* tells the customer why."""
        agent, handoff = self.conversation.agent, self.conversation.handoff
        if agent is None or handoff is None:
            raise IllegalTransition("Nobody has taken this conversation; claim it first.")
        self.move(event)
        decision = msgspec.structs.replace(handoff.decision, queue=queue) if queue else handoff.decision
        self.change(
            handoff=msgspec.structs.replace(
                handoff,
                event=event.value,
                decision=decision,
                offline=not there.anyone,
                front=front,
                lines=0,
                told_at=0.0,
            )
        )
        self.keep("system", sentence.format(agent=agent.name), code=event.value)
        if not there.anyone:
            self.keep("system", wording.nobody_there(there.back), code="nobody_there")
