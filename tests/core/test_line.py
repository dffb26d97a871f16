"""One step of a conversation: what happened, the conversation after it, and what is to be done."""

from __future__ import annotations

import msgspec
import pytest

from bot.core import effects, inputs
from bot.core.ask import Answer, BotMessage, TurnAnalysis
from bot.core.conversation import Agent, Button, Conversation, Customer, Fact, Message, Owner
from bot.core.errors import IllegalTransition, NotAllowed
from bot.core.escalation import Decision
from bot.core.line import advance, start
from bot.core.mood import Mood

ANNA, BEN = Agent("anna", "Anna"), Agent("ben", "Ben")
MOOD_RULE = Decision(True, "frustrated", "mood", 5, "support", "I'm passing you to a colleague now.")
HERE = inputs.There(True)
ORDER = Fact("order_number", "Order", "A1042", verified=True)


def fresh() -> Conversation:
    return start("c_1", Customer("g_1"), 100.0, team="Fjord & Fern")[0]


def answer(conversation: Conversation, seq: int, *texts: str, decision: Decision | None = None) -> inputs.BotAnswered:
    analysis = TurnAnalysis("order_status", 0.9, Mood(0.2), "answered", "order status")
    messages = tuple(BotMessage(text, (Button("Yes", "/affirm"),)) for text in texts)
    said = Answer(f"c_1:{seq}", "c_1", conversation.epoch, messages, analysis, (ORDER,), {"slots": {}}, decision)
    return inputs.BotAnswered(seq, conversation.epoch, said, there=HERE)


def kept(done: list[effects.Effect]) -> list[Message]:
    return [effect.message for effect in done if isinstance(effect, effects.Keep)]


def kinds(done: list[effects.Effect]) -> set[str]:
    return {type(effect).__name__ for effect in done}


def asked_for_person(conversation: Conversation, *, there: inputs.There = HERE) -> Conversation:
    happened = inputs.CustomerAskedForPerson("p1", MOOD_RULE, there)
    return advance(conversation, happened, 110.0)[0]


def with_anna() -> Conversation:
    return advance(asked_for_person(fresh()), inputs.AgentClaimed("k1", ANNA), 120.0)[0]


def test_a_new_conversation_opens_with_who_is_talking() -> None:
    """The first line says that it is an AI and that a person can be asked for."""
    conversation, done = start("c_1", Customer("g_1"), 100.0, team="Fjord & Fern")
    (opening,) = kept(done)
    assert "an AI" in opening.text
    assert "person" in opening.text
    assert (conversation.seq, conversation.version, opening.seq) == (1, 1, 1)


def test_what_a_customer_writes_to_the_bot_is_kept_asked_and_accepted_in_one_step() -> None:
    """The message, its outbox row and the memory of its id go into the same transaction."""
    after, done = advance(fresh(), inputs.CustomerWrote("m1", "where is it", "/inform"), 101.0)
    assert [(m.seq, m.author, m.text) for m in kept(done)] == [(2, "customer", "where is it")]
    assert effects.AskBot(2, 1, "/inform") in done
    assert effects.Accept("customer", "m1", 2) in done
    assert (after.seq, after.version) == (2, 2)


@pytest.mark.parametrize("owner", ["queue", "agent"])
def test_the_bot_is_not_asked_while_it_does_not_own_the_conversation(owner: str) -> None:
    """In the queue and with an agent the customer's words are kept, and nothing goes to the engine."""
    before = asked_for_person(fresh()) if owner == "queue" else with_anna()
    _, done = advance(before, inputs.CustomerWrote("m1", "hello?"), 130.0)
    assert [m.text for m in kept(done)] == ["hello?"]
    assert "AskBot" not in kinds(done)


def test_an_answer_is_kept_with_its_analysis_memory_and_facts_and_settles_the_question() -> None:
    """All of an answer lands together."""
    before = advance(fresh(), inputs.CustomerWrote("m1", "where is it"), 101.0)[0]
    after, done = advance(before, answer(before, 2, "On its way.", "Anything else?"), 102.0)
    assert [(m.seq, m.about) for m in kept(done)] == [(3, 2), (4, 2)]
    assert {"Settle", "KeepAnalysis", "KeepMemory"} <= kinds(done)
    assert after.facts == (ORDER,)
    assert after.owner is Owner.BOT


def test_an_answer_from_an_older_epoch_is_dropped() -> None:
    """The bot was asked, a person took over and gave back; the old answer arrives now: nothing of it is kept."""
    asked = advance(fresh(), inputs.CustomerWrote("m1", "where is it"), 101.0)[0]
    late = answer(asked, 2, "On its way.")
    owned = advance(asked_for_person(asked), inputs.AgentClaimed("k1", ANNA), 120.0)[0]
    back = advance(owned, inputs.AgentHandedBack("b1", ANNA, ""), 130.0)[0]
    for before in (owned, back):
        after, done = advance(before, late, 131.0)
        assert kept(done) == []
        assert kinds(done) == {"Settle", "Audit"}
        assert (after.facts, after.epoch) == (before.facts, before.epoch)


def test_a_verdict_puts_the_conversation_into_the_queue_after_the_bots_last_words() -> None:
    """The customer reads why, then where they are; questions still in the outbox are forgotten."""
    before = advance(fresh(), inputs.CustomerWrote("m1", "this is useless"), 101.0)[0]
    after, done = advance(before, answer(before, 2, MOOD_RULE.say, decision=MOOD_RULE), 102.0)
    assert [m.author for m in kept(done)] == ["bot", "system"]
    assert effects.ForgetAsks() in done
    assert after.owner is Owner.QUEUE
    assert after.handoff is not None
    assert (after.handoff.asked_at, after.handoff.decision.rule) == (102.0, "frustrated")


def test_a_failed_engine_is_told_honestly_and_leads_to_a_person() -> None:
    """One sentence about the failure, one about the queue."""
    before = advance(fresh(), inputs.CustomerWrote("m1", "where is it"), 101.0)[0]
    after, done = advance(before, inputs.BotFailed(2, 1, "engine_unavailable", MOOD_RULE, HERE), 102.0)
    assert [m.code for m in kept(done)] == ["engine_failed", "queued"]
    assert after.owner is Owner.QUEUE


def test_a_help_line_is_said_even_when_the_engine_is_down() -> None:
    """What an urgent rule tells does not depend on a bot answer."""
    crisis = Decision(True, "crisis", "crisis", 1, "safety", "You matter. Call 112.")
    before = advance(fresh(), inputs.CustomerWrote("m1", "..."), 101.0)[0]
    _, done = advance(before, inputs.BotFailed(2, 1, "engine_unavailable", crisis, HERE), 102.0)
    assert [(m.code, "112" in m.text) for m in kept(done)] == [
        ("engine_failed", False),
        ("told", True),
        ("queued", False),
    ]


def test_with_nobody_there_the_customer_hears_it_and_the_request_outlives_going_back_to_the_bot() -> None:
    """An unserved request stays on the conversation with the time it was made and the contact that was left."""
    queued, done = advance(
        fresh(), inputs.CustomerAskedForPerson("p1", MOOD_RULE, inputs.There(False, "on Monday at 8:00")), 110.0
    )
    assert [m.code for m in kept(done)] == ["nobody_there"]
    assert "on Monday at 8:00" in kept(done)[0].text
    left = advance(queued, inputs.CustomerLeftContact("l1", "mara@example.com"), 111.0)[0]
    after = advance(left, inputs.CustomerWentBackToBot("b1"), 112.0)[0]
    assert after.owner is Owner.BOT
    assert after.handoff is not None
    assert (after.handoff.asked_at, after.handoff.contact) == (110.0, "mara@example.com")
    taken = advance(after, inputs.AgentTookOver("t1", ANNA, MOOD_RULE), 200.0)[0]
    assert taken.handoff is not None
    assert taken.handoff.asked_at == 110.0


def test_the_second_claim_is_refused_and_told_who_was_faster() -> None:
    """Exactly one agent wins; the other reads the winner's name."""
    with pytest.raises(IllegalTransition, match="Anna has already taken"):
        advance(with_anna(), inputs.AgentClaimed("k2", BEN), 121.0)


@pytest.mark.parametrize(
    "happened",
    [
        inputs.AgentReplied("r", BEN, "hello"),
        inputs.AgentHandedBack("r", BEN, ""),
        inputs.AgentTransferred("r", BEN, "support", "", HERE),
        inputs.AgentEnded("r", BEN),
    ],
    ids=lambda happened: type(happened).__name__,
)
def test_an_agent_cannot_act_on_another_agents_conversation(happened: inputs.Input) -> None:
    """Ben cannot speak, give back, pass on or end what Anna has."""
    with pytest.raises(NotAllowed):
        advance(with_anna(), happened, 130.0)


def test_handing_back_begins_a_new_epoch_says_who_speaks_and_raises_the_bar_for_the_same_cause() -> None:
    """The bot says that it is the assistant again and what it knows; the note stays between agents."""
    before = msgspec.structs.replace(with_anna(), facts=(ORDER,))
    after, done = advance(before, inputs.AgentHandedBack("b1", ANNA, "refund promised by Friday"), 130.0)
    (line,) = kept(done)
    assert (line.author, line.epoch, after.epoch) == ("bot", 2, 2)
    assert "A1042" in line.text
    assert "Friday" not in line.text
    assert [e.note.text for e in done if isinstance(e, effects.KeepNote)] == ["refund promised by Friday"]
    assert after.handed_back_for == ("frustrated",)
    assert after.handoff is None


def test_a_lost_agent_has_the_grace_to_come_back_and_then_the_conversation_goes_to_the_front() -> None:
    """The waiting time is kept, the place is the first."""
    waiting, done = advance(with_anna(), inputs.AgentVanished("anna", 30.0), 130.0)
    assert effects.SetTimer("agent_grace", 160.0) in done
    back, done = advance(waiting, inputs.AgentCameBack("anna"), 140.0)
    assert effects.ClearTimer("agent_grace") in done
    lost, done = advance(waiting, inputs.TimerRang("agent_grace", 160.0, HERE), 160.0)
    assert (back.owner, lost.owner) == (Owner.AGENT, Owner.QUEUE)
    assert lost.handoff is not None
    assert (lost.handoff.asked_at, lost.handoff.front) == (110.0, True)
    assert [m.code for m in kept(done)] == ["agent_lost"]


def test_a_transfer_keeps_the_time_of_asking_and_names_the_queue() -> None:
    """Nobody waits twice."""
    after, _ = advance(with_anna(), inputs.AgentTransferred("t1", ANNA, "billing", "knows invoices", HERE), 300.0)
    assert after.owner is Owner.QUEUE
    assert after.handoff is not None
    assert (after.handoff.asked_at, after.handoff.decision.queue) == (110.0, "billing")


def test_writing_into_a_closed_conversation_begins_anew_with_the_bot_and_its_memory_is_gone() -> None:
    """A new epoch and episode; facts and the engine's memory are forgotten, the log goes on."""
    closed = advance(with_anna(), inputs.AgentEnded("e1", ANNA), 200.0)[0]
    after, done = advance(closed, inputs.CustomerWrote("m9", "one more thing"), 300.0)
    assert [(m.author, m.seq) for m in kept(done)] == [("system", closed.seq + 1), ("customer", closed.seq + 2)]
    assert effects.KeepMemory(None) in done
    assert (after.owner, after.opened_seq, after.facts) == (Owner.BOT, closed.seq + 1, ())


def test_every_step_raises_the_version_by_one_and_keeps_seq_dense() -> None:
    """Each effect Keep carries the next seq, and the conversation's seq is the last one's."""
    conversation, seen = fresh(), 1
    for n in range(5):
        conversation, done = advance(conversation, inputs.CustomerWrote(f"m{n}", "hi"), 100.0 + n)
        for message in kept(done):
            seen += 1
            assert message.seq == seen
        assert (conversation.seq, conversation.version) == (seen, n + 2)


def test_leaving_a_contact_without_a_request_is_refused() -> None:
    """There is nothing to answer."""
    with pytest.raises(IllegalTransition):
        advance(fresh(), inputs.CustomerLeftContact("l1", "mara@example.com"), 111.0)
