"""
The line: one step of a conversation. Something happened; here is the conversation after it, and what is to be done.

:func:`advance` is pure. The edge loads the conversation, calls it, and stores its result in one transaction under the
version it loaded; when another process was first, the edge loads again and calls again. Frames are deduplicated before
they get here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from warmline.core import inputs, wording
from warmline.core.contact import with_contact
from warmline.core.conversation import Agent, Conversation, Customer, Event, Handoff, Owner, require_offered
from warmline.core.effects import AskBot, ClearTimer, Effect, KeepAnalysis, KeepMemory, SetTimer, Settle
from warmline.core.errors import IllegalTransition
from warmline.core.mood import FAILED
from warmline.core.step import CUSTOMER, Step
from warmline.core.told import with_told
from warmline.core.waiting import customer_waits


def advance(
    conversation: Conversation, happened: inputs.Input, now: float, *, team: str = "Warmline"
) -> tuple[Conversation, list[Effect]]:
    """
    Take *conversation* one step on after *happened* at *now* (Unix seconds).

    Returns the conversation with its version one higher, and the effects to store with it. *team* is the name the
    customer reads.

    Raises:
        IllegalTransition: the present owner does not allow it; nothing changed.
        NotAllowed: an agent acts on a conversation that another agent owns; nothing changed.
        NotOffered: the customer pressed a button of an earlier question; nothing changed.
    """
    step = Step(conversation, now, team)
    _HANDLERS[type(happened)](step, happened)
    return step.result()


def start(
    conversation_id: str, customer: Customer, now: float, *, team: str, helps_with: str = ""
) -> tuple[Conversation, list[Effect]]:
    """A new conversation, opened by the assistant saying what it is, and what it *helps_with*."""
    fresh = Conversation(id=conversation_id, customer=customer, created_at=now, updated_at=now)
    step = Step(fresh, now, team)
    step.keep("bot", wording.opening(team, helps_with), code="opening")
    return step.result()


def _customer_wrote(step: Step, happened: inputs.CustomerWrote) -> None:
    if happened.offered is not None:
        require_offered(step.conversation, happened.offered)
    if step.conversation.owner is Owner.CLOSED:
        _reopen(step)
    seq = step.keep("customer", happened.text, client_id=happened.id)
    step.change(wrote_seq=seq)
    if step.conversation.owner is Owner.BOT:
        step.effects += [ClearTimer("silence"), AskBot(seq, step.conversation.epoch, happened.payload)]
    else:
        _heed_while_no_bot_listens(step, happened)
    step.accept(CUSTOMER, happened.id)


def _heed_while_no_bot_listens(step: Step, happened: inputs.CustomerWrote) -> None:
    """An address for the answer is kept with the words that give it: the line about it comes later, and may be lost."""
    handoff = step.conversation.handoff
    if happened.contact and handoff is not None and step.conversation.owner is Owner.QUEUE:
        kept = with_contact(handoff.contact, happened.contact)
        step.change(handoff=msgspec.structs.replace(handoff, contact=kept))
        step.audit(CUSTOMER, "left_contact")
    if happened.alarm is not None:
        step.raise_alarm(happened.alarm)


def _reopen(step: Step) -> None:
    """A closed conversation begins anew: the log goes on, what the bot remembered does not."""
    step.move(Event.CUSTOMER_WROTE)
    step.change(facts=(), handed_back_for=(), handoff=None, opened_seq=step.conversation.seq + 1)
    step.keep("system", wording.REOPENED.format(team=step.team), code="reopened")
    step.effects.append(KeepMemory(None))
    step.audit(CUSTOMER, "reopened")


def _customer_asked_for_person(step: Step, happened: inputs.CustomerAskedForPerson) -> None:
    if step.conversation.owner is Owner.CLOSED:
        _reopen(step)
    step.tell_if_urgent(happened.decision)
    step.into_queue(Event.ASKED_FOR_HUMAN, happened.decision, there=happened.there)
    step.audit(CUSTOMER, "asked_for_human")
    step.accept(CUSTOMER, happened.id)


def _customer_went_back_to_bot(step: Step, happened: inputs.CustomerWentBackToBot) -> None:
    step.move(Event.RETURNED_TO_BOT)
    step.change(facts=with_told(step.conversation.facts, happened.told))
    handoff = step.conversation.handoff
    if handoff is not None and handoff.offline:
        step.keep("system", wording.BACK_WITH_BOT_REQUEST_STAYS, code="back_with_bot")
    else:
        step.change(handoff=None)
        step.keep("system", wording.BACK_WITH_BOT, code="back_with_bot")
    step.audit(CUSTOMER, "returned_to_bot")
    step.accept(CUSTOMER, happened.id)


def _customer_left_contact(step: Step, happened: inputs.CustomerLeftContact) -> None:
    handoff = step.conversation.handoff
    if handoff is None:
        raise IllegalTransition("There is no request for a person to answer; ask for a person first.")
    step.change(handoff=msgspec.structs.replace(handoff, contact=happened.contact))
    step.keep("system", wording.CONTACT_KEPT.format(contact=happened.contact), code="contact_kept")
    step.audit(CUSTOMER, "left_contact")
    step.accept(CUSTOMER, happened.id)


def _customer_ended(step: Step, happened: inputs.CustomerEnded) -> None:
    waited = step.conversation.handoff is not None and step.conversation.owner is not Owner.AGENT
    step.move(Event.LEFT if step.conversation.owner is Owner.QUEUE else Event.ENDED)
    step.change(handoff=None)
    step.keep("system", wording.ENDED_WHILE_WAITING if waited else wording.ENDED_BY_CUSTOMER, code="ended")
    step.audit(CUSTOMER, "ended")
    step.accept(CUSTOMER, happened.id)


def _is_stale(step: Step, epoch: int, seq: int) -> bool:
    """Whether the bot no longer owns the conversation it was asked about, or has said its word; it is then dropped."""
    here = step.conversation
    return here.owner is not Owner.BOT or here.epoch != epoch or seq <= here.settled_seq


def _bot_answered(step: Step, happened: inputs.BotAnswered) -> None:
    step.effects.append(Settle(happened.seq))
    if _is_stale(step, happened.epoch, happened.seq):
        step.audit("bot", "answer_dropped", epoch=happened.epoch, seq=happened.seq)
        _tell_what_was_done(step, happened)
        return
    step.change(settled_seq=happened.seq)
    answer = happened.answer
    for message in answer.messages:
        step.keep("bot", message.text, buttons=message.buttons, about=happened.seq)
    step.effects += [KeepAnalysis(happened.seq, answer.analysis), KeepMemory(answer.memory)]
    step.change(facts=answer.facts)
    if answer.decision is not None and answer.decision.escalate:
        step.into_queue(Event.ESCALATED, answer.decision, there=happened.there, contact=happened.contact)
        step.audit("bot", "escalated", rule=answer.decision.rule, cause=answer.decision.cause)
    elif answer.analysis.outcome in FAILED and happened.silent_s is not None:
        step.effects.append(SetTimer("silence", step.now + happened.silent_s))
    else:
        step.effects.append(ClearTimer("silence"))


def _tell_what_was_done(step: Step, happened: inputs.BotAnswered) -> None:
    """
    The words of an answer that came too late are dropped, but what was done before the owner changed is done: customer
    and agent must not talk as if it were not.
    """
    here = step.conversation
    done = next((fact for fact in happened.answer.facts if fact.role == "done"), None)
    before = next((fact.value for fact in here.facts if fact.role == "done"), "")
    if done is None or done.value == before or happened.seq < here.opened_seq or here.owner is Owner.CLOSED:
        return
    step.change(facts=with_told(here.facts, (done,)))
    news = done.value.removeprefix(before).lstrip("; ")
    step.keep("system", wording.DONE_BEFORE.format(done=news), code="done_before")


def _customer_went_silent(step: Step, happened: inputs.CustomerWentSilent) -> None:
    step.effects.append(ClearTimer("silence"))
    decision = happened.decision
    if step.conversation.owner is not Owner.BOT:
        return
    if decision.escalate:
        step.keep("bot", decision.say, code="told")
        step.into_queue(Event.ESCALATED, decision, there=happened.there)
        step.audit("system", "escalated", rule=decision.rule, cause=decision.cause)
    elif happened.again_at is not None:
        step.effects.append(SetTimer("silence", happened.again_at))


def _bot_delayed(step: Step, happened: inputs.BotDelayed) -> None:
    if not _is_stale(step, happened.epoch, happened.seq):
        sentence = wording.CROWDED if happened.crowded else wording.DELAYED
        step.keep("system", sentence.format(seconds=max(1, round(happened.within_s))), code="delayed")


def _bot_failed(step: Step, happened: inputs.BotFailed) -> None:
    step.effects.append(Settle(happened.seq))
    if _is_stale(step, happened.epoch, happened.seq):
        step.audit("bot", "failure_dropped", epoch=happened.epoch, seq=happened.seq)
        return
    step.change(settled_seq=happened.seq)
    step.keep("system", wording.ENGINE_FAILED, code="engine_failed")
    step.tell_if_urgent(happened.decision)
    step.into_queue(Event.BOT_FAILED, happened.decision, there=happened.there)
    step.audit("bot", "failed", error=happened.error)


def _joined(step: Step, agent: Agent, frame_id: str, act: str) -> None:
    handoff = step.conversation.handoff
    step.change(agent=agent, handoff=handoff and msgspec.structs.replace(handoff, offline=False, front=False))
    step.keep("system", wording.JOINED.format(agent=agent.name), name=agent.name, code="agent_joined")
    step.audit(agent.id, act)
    step.accept(agent.id, frame_id)


def _agent_claimed(step: Step, happened: inputs.AgentClaimed) -> None:
    taken_by = step.conversation.agent
    if taken_by is not None:
        raise IllegalTransition(f"{taken_by.name} has already taken this conversation.")
    step.move(Event.CLAIMED)
    _joined(step, happened.agent, happened.id, "claimed")


def _agent_took_over(step: Step, happened: inputs.AgentTookOver) -> None:
    step.move(Event.TAKEN_OVER)
    if step.conversation.handoff is None:
        step.change(handoff=Handoff(step.now, Event.TAKEN_OVER.value, happened.decision))
    _joined(step, happened.agent, happened.id, "taken_over")


def _agent_replied(step: Step, happened: inputs.AgentReplied) -> None:
    step.owned_by(happened.agent)
    step.keep("agent", happened.text, name=happened.agent.name, client_id=happened.id)
    step.accept(happened.agent.id, happened.id)


def _agent_noted(step: Step, happened: inputs.AgentNoted) -> None:
    step.note(happened.agent, happened.id, happened.text)
    step.accept(happened.agent.id, happened.id)


def _agent_handed_back(step: Step, happened: inputs.AgentHandedBack) -> None:
    step.owned_by(happened.agent)
    if happened.note:
        step.note(happened.agent, happened.id, happened.note)
    served_now = step.served(happened.needed)
    rule = step.conversation.handoff.decision.rule if step.conversation.handoff else ""
    served = step.conversation.handed_back_for
    step.move(Event.HANDED_BACK)
    step.change(
        handoff=None,
        handed_back_for=served if rule in served or not rule else (*served, rule),
        facts=with_told(step.conversation.facts, happened.told),
    )
    step.keep(
        "bot", wording.handed_back(happened.agent.name, step.conversation.facts, happened.told), code="handed_back"
    )
    step.audit(happened.agent.id, "handed_back", **served_now)
    step.accept(happened.agent.id, happened.id)


def _agent_transferred(step: Step, happened: inputs.AgentTransferred) -> None:
    step.owned_by(happened.agent)
    if happened.note:
        step.note(happened.agent, happened.id, happened.note)
    step.requeue(Event.TRANSFERRED, wording.TRANSFERRED, queue=happened.queue, there=happened.there)
    step.audit(happened.agent.id, "transferred", queue=happened.queue)
    step.accept(happened.agent.id, happened.id)


def _agent_ended(step: Step, happened: inputs.AgentEnded) -> None:
    step.owned_by(happened.agent)
    served_now = step.served(happened.needed)
    step.move(Event.ENDED)
    step.change(handoff=None)
    step.keep("system", wording.ENDED_BY_AGENT.format(agent=happened.agent.name), code="ended")
    step.audit(happened.agent.id, "ended", **served_now)
    step.accept(happened.agent.id, happened.id)


def _has(step: Step, agent: str) -> bool:
    here = step.conversation
    return here.owner is Owner.AGENT and here.agent is not None and here.agent.id == agent


def _agent_vanished(step: Step, happened: inputs.AgentVanished) -> None:
    if _has(step, happened.agent):
        step.effects.append(SetTimer("agent_grace", step.now + happened.grace_s))
        step.audit(happened.agent, "vanished")


def _agent_came_back(step: Step, happened: inputs.AgentCameBack) -> None:
    if _has(step, happened.agent):
        step.effects.append(ClearTimer("agent_grace"))
        step.audit(happened.agent, "came_back")


def _alarm_heard(step: Step, happened: inputs.AlarmHeard) -> None:
    if step.conversation.owner in (Owner.QUEUE, Owner.AGENT):
        step.raise_alarm(happened.alarm)


def _timer_rang(step: Step, happened: inputs.TimerRang) -> None:
    step.effects.append(ClearTimer(happened.name))
    agent = step.conversation.agent
    if step.conversation.owner is not Owner.AGENT or agent is None:
        return
    step.requeue(Event.AGENT_LOST, wording.AGENT_LOST, there=happened.there, front=True)
    step.audit(agent.id, "agent_lost")


_HANDLERS: dict[type, Callable[[Step, Any], None]] = {
    inputs.CustomerWrote: _customer_wrote,
    inputs.CustomerAskedForPerson: _customer_asked_for_person,
    inputs.CustomerWaits: customer_waits,
    inputs.CustomerWentBackToBot: _customer_went_back_to_bot,
    inputs.CustomerLeftContact: _customer_left_contact,
    inputs.CustomerEnded: _customer_ended,
    inputs.BotAnswered: _bot_answered,
    inputs.BotDelayed: _bot_delayed,
    inputs.BotFailed: _bot_failed,
    inputs.AgentClaimed: _agent_claimed,
    inputs.AgentTookOver: _agent_took_over,
    inputs.AgentReplied: _agent_replied,
    inputs.AgentNoted: _agent_noted,
    inputs.AgentHandedBack: _agent_handed_back,
    inputs.AgentTransferred: _agent_transferred,
    inputs.AgentEnded: _agent_ended,
    inputs.AgentVanished: _agent_vanished,
    inputs.AgentCameBack: _agent_came_back,
    inputs.CustomerWentSilent: _customer_went_silent,
    inputs.AlarmHeard: _alarm_heard,
    inputs.TimerRang: _timer_rang,
}
