"""One step of a conversation: what happened, the conversation after it, and what is to be done."""

from __future__ import annotations

import itertools
import re

import msgspec
import pytest

from warmline.core import effects, inputs
from warmline.core.ask import Answer, BotMessage, TurnAnalysis
from warmline.core.conversation import Agent, Button, Conversation, Customer, Fact, Message, Owner
from warmline.core.errors import IllegalTransition, NotAllowed, NotOffered
from warmline.core.escalation import Decision, Signal
from warmline.core.line import advance, start
from warmline.core.mood import Mood

ANNA, BEN = Agent("anna", "Anna"), Agent("ben", "Ben")
MOOD_RULE = Decision(True, "frustrated", "mood", 5, "support", "I'm passing you to a colleague now.")
HERE = inputs.There(True)
ORDER = Fact("order_number", "Order", "A1042", verified=True, role="subject")


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


def test_the_first_words_say_what_it_is_and_what_the_project_says_it_helps_with() -> None:
    """What it is for is the project's; that it is an AI, and that a person can be had, is not."""
    for helps_with, said in (("", ""), ("tickets", " I can help with tickets.")):
        (line,) = kept(start("c_1", Customer("g_1"), 1.0, team="Acme", helps_with=helps_with)[1])
        assert line.text == f"Hi, I'm Acme's assistant, an AI.{said} You can ask for a person at any time."


def test_what_was_done_is_told_though_the_answer_came_too_late() -> None:
    """The answer's words are dropped; customer and agent both read the deed, once, and the packet has it."""
    asked = advance(fresh(), inputs.CustomerWrote("m1", "yes"), 101.0)[0]
    late = answer(asked, 2, "A1101 is cancelled. Anything else?")
    deed = Fact("deeds", "Done here", "cancelled A1101", verified=True, role="done")
    late = msgspec.structs.replace(late, answer=msgspec.structs.replace(late.answer, facts=(ORDER, deed)))
    owned = advance(asked_for_person(asked), inputs.AgentClaimed("k1", ANNA), 120.0)[0]
    after, done = advance(owned, late, 131.0)
    (line,) = kept(done)
    assert (line.author, line.text) == ("system", "The assistant had already done this before: cancelled A1101.")
    assert after.facts == (deed,)
    assert kept(advance(after, late, 132.0)[1]) == []


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


def alarm(cause: str, rule: str, urgency_min: int, say: str = "Call 112.") -> Decision:
    return Decision(True, rule, cause, urgency_min, "safety", say, turns=(4,))


@pytest.mark.parametrize("owner", ["queue", "agent"])
def test_words_of_harm_are_answered_at_once_while_no_bot_listens(owner: str) -> None:
    """The sentence follows the customer's in the same step, the reason changes, the waiting time stays."""
    before = asked_for_person(fresh()) if owner == "queue" else with_anna()
    crisis = alarm("crisis", "crisis", 1)
    after, done = advance(before, inputs.CustomerWrote("m1", "I want to die", alarm=crisis), 130.0)
    assert [(m.author, m.text) for m in kept(done)] == [("customer", "I want to die"), ("system", "Call 112.")]
    assert "AskBot" not in kinds(done)
    assert after.handoff is not None
    assert before.handoff is not None
    assert (after.handoff.decision.rule, after.handoff.decision.urgency_min) == ("crisis", 1)
    assert (after.owner, after.handoff.asked_at) == (before.owner, before.handoff.asked_at)
    assert effects.Accept("customer", "m1", after.seq) in done
    assert effects.Audit("customer", "alarmed", {"rule": "crisis", "cause": "crisis"}) in done
    again, more = advance(after, inputs.CustomerWrote("m2", "I want to die", alarm=crisis), 131.0)
    assert [m.author for m in kept(more)] == ["customer"], "said once"
    assert again.handoff == after.handoff


def test_words_of_harm_that_were_read_late_are_answered_where_nobody_has_yet() -> None:
    """The step is its own, says nothing twice, and leaves the bot's conversations to the bot's rules."""
    crisis = alarm("crisis", "crisis", 1)
    waiting = asked_for_person(fresh())
    after, done = advance(waiting, inputs.AlarmHeard(crisis), 131.0)
    assert [(m.author, m.text) for m in kept(done)] == [("system", "Call 112.")]
    assert after.handoff is not None
    assert (after.handoff.decision.rule, after.handoff.decision.urgency_min) == ("crisis", 1)
    assert kept(advance(after, inputs.AlarmHeard(crisis), 132.0)[1]) == []
    bots = advance(fresh(), inputs.AlarmHeard(crisis), 131.0)
    assert (bots[0].owner, bots[0].handoff, bots[1]) == (Owner.BOT, None, [])


def test_only_a_more_urgent_matter_replaces_the_reason_for_a_person() -> None:
    """Five minutes stay five minutes; two minutes win, and what spoke before is still shown."""
    before = asked_for_person(fresh())
    same, done = advance(before, inputs.CustomerWrote("m1", "x", alarm=alarm("topic", "complaint", 5)), 130.0)
    assert same.handoff == before.handoff
    assert len(kept(done)) == 1
    after = advance(before, inputs.CustomerWrote("m1", "x", alarm=alarm("topic", "fraud", 2)), 130.0)[0]
    assert after.handoff is not None
    assert (after.handoff.decision.rule, after.handoff.decision.urgency_min) == ("fraud", 2)


def test_an_alarm_while_the_bot_has_the_conversation_is_left_to_the_bots_rules() -> None:
    """There the engine's own verdict decides, on the same words."""
    after, done = advance(fresh(), inputs.CustomerWrote("m1", "x", alarm=alarm("crisis", "crisis", 1)), 101.0)
    assert after.owner is Owner.BOT
    assert "AskBot" in kinds(done)


def unsure(conversation: Conversation, seq: int) -> inputs.BotAnswered:
    said = answer(conversation, seq, "I'm not sure.")
    analysis = msgspec.structs.replace(said.answer.analysis, outcome="unsure")
    return msgspec.structs.replace(said, answer=msgspec.structs.replace(said.answer, analysis=analysis), silent_s=180.0)


def test_a_silence_is_timed_from_the_bots_failure_and_ends_with_the_next_word() -> None:
    """The timer is a row, set in the step of the answer, taken back when the customer writes or a person is asked."""
    before = advance(fresh(), inputs.CustomerWrote("m1", "hm"), 101.0)[0]
    failed, done = advance(before, unsure(before, 2), 102.0)
    assert effects.SetTimer("silence", 282.0) in done
    assert effects.ClearTimer("silence") in advance(failed, inputs.CustomerWrote("m2", "so?"), 110.0)[1]
    asked = inputs.CustomerAskedForPerson("p1", MOOD_RULE, HERE)
    assert effects.ClearTimer("silence") in advance(failed, asked, 110.0)[1]
    fine = msgspec.structs.replace(answer(before, 2, "Here."), silent_s=180.0)
    assert "SetTimer" not in kinds(advance(before, fine, 102.0)[1])


def test_a_customer_who_went_silent_is_told_and_put_into_the_queue() -> None:
    """The rule's sentence first, then the queue."""
    before = advance(fresh(), inputs.CustomerWrote("m1", "hm"), 101.0)[0]
    failed = advance(before, unsure(before, 2), 102.0)[0]
    silent = Decision(True, "silent_after_failure", "failure", 15, "support", "A colleague will look at it.")
    after, done = advance(failed, inputs.CustomerWentSilent(silent, HERE), 283.0)
    assert after.owner is Owner.QUEUE
    assert next(m.text for m in kept(done)) == "A colleague will look at it."
    assert effects.ClearTimer("silence") in done
    stays = Decision(False, "", "", 0, "", "")
    kept_on, done = advance(failed, inputs.CustomerWentSilent(stays, HERE, again_at=700.0), 283.0)
    assert kept_on.owner is Owner.BOT
    assert done[-1] == effects.SetTimer("silence", 700.0)


def test_a_silence_that_rings_late_changes_nothing_for_somebody_who_has_a_person() -> None:
    """The timer was read before the agent came."""
    silent = Decision(True, "silent_after_failure", "failure", 15, "support", "A colleague will look at it.")
    after, done = advance(with_anna(), inputs.CustomerWentSilent(silent, HERE), 283.0)
    assert (after.owner, kept(done)) == (Owner.AGENT, [])


@pytest.mark.parametrize("needed", [True, False])
def test_an_agents_verdict_is_kept_with_what_it_is_about(*, needed: bool) -> None:
    """In the audit: the rule, and which part of the log led to it."""
    here = with_anna()
    about = {"needed": needed, "rule": "frustrated", "since": 1, "asked_at": 110.0}
    assert (
        effects.Audit("anna", "handed_back", about)
        in advance(here, inputs.AgentHandedBack("b1", ANNA, "", needed), 140.0)[1]
    )
    assert effects.Audit("anna", "ended", about) in advance(here, inputs.AgentEnded("e1", ANNA, needed), 140.0)[1]
    del about["needed"]
    assert effects.Audit("anna", "ended", about) in advance(here, inputs.AgentEnded("e1", ANNA), 140.0)[1]


def offered(here: Conversation, done: list[effects.Effect]) -> tuple[Conversation, Message]:
    """The bot's answer to the customer's last message, with a button."""
    after, said = advance(here, answer(here, here.wrote_seq, "Shall I book it?"), 120.0)
    return after, kept(said)[0]


def pressed(frame_id: str, message: Message) -> inputs.CustomerWrote:
    return inputs.CustomerWrote(frame_id, "Yes", "/affirm", offered=message)


def refused(here: Conversation, message: Message) -> bool:
    with pytest.raises(NotOffered) as wrong:
        advance(here, pressed("late", message), 200.0)
    return wrong.value.code == "not_offered"


def test_a_button_answers_only_the_question_it_came_with_and_once() -> None:
    """Pressed at once it is asked with its payload; pressed again, after other words, or after an owner, it is not."""
    asked = advance(fresh(), inputs.CustomerWrote("m1", "book it"), 101.0)[0]
    here, message = offered(*advance(asked, inputs.CustomerWrote("m2", "please"), 102.0))
    used, done = advance(here, pressed("m3", message), 121.0)
    assert effects.AskBot(used.wrote_seq, used.epoch, "/affirm") in done
    assert refused(used, message)
    assert refused(offered(used, [])[0], message)
    assert refused(advance(here, inputs.CustomerWrote("m3", "cancel my order"), 121.0)[0], message)
    with_person = advance(asked_for_person(here), inputs.AgentClaimed("k1", ANNA), 130.0)[0]
    back = advance(with_person, inputs.AgentHandedBack("k2", ANNA, ""), 140.0)[0]
    ended = advance(here, inputs.CustomerEnded("e1"), 130.0)[0]
    for later in (asked_for_person(here), with_person, back, ended):
        assert refused(later, message)


def test_a_late_answer_to_an_earlier_message_offers_nothing() -> None:
    """Its buttons stand after the newest words in the log, and are not about them."""
    first = advance(fresh(), inputs.CustomerWrote("m1", "book it"), 101.0)[0]
    second = advance(first, inputs.CustomerWrote("m2", "cancel my order"), 102.0)[0]
    late, said = advance(second, answer(second, first.wrote_seq, "Shall I book it?"), 120.0)
    assert refused(late, kept(said)[0])


def test_a_record_from_before_knows_the_last_message_that_was_answered() -> None:
    """Without wrote_seq an earlier question's button is refused, the newest one's is not."""
    here, early = offered(*advance(fresh(), inputs.CustomerWrote("m1", "book it"), 101.0))
    here, newest = offered(*advance(here, inputs.CustomerWrote("m2", "cancel it"), 130.0))
    old = msgspec.structs.replace(here, wrote_seq=0)
    assert refused(old, early)
    assert "AskBot" in kinds(advance(old, pressed("m3", newest), 140.0)[1])


def waits(
    said: str,
    *,
    there: inputs.There = HERE,
    answer: str = "",
    place: int | None = 3,
    contact: str = "",
    hours: str = "",
) -> inputs.CustomerWaits:
    return inputs.CustomerWaits(9, said, place, (5, 9), there, answer, contact, hours)  # type: ignore[arg-type]


NOBODY = inputs.There(False)


def waiting_for(cause: str, rule: str, *, again: str = "", there: inputs.There = NOBODY) -> Conversation:
    """Somebody who waits for the reason *rule*."""
    decision = Decision(True, rule, cause, 1, "safety", "Call 112.", again=again)
    return advance(fresh(), inputs.CustomerAskedForPerson("p1", decision, there), 110.0)[0]


def said_to(waiting: Conversation, *happened: inputs.Input, at: float = 130.0, every_s: float = 20.0) -> list[str]:
    """The system's lines, one step after another."""
    lines: list[str] = []
    for number, one in enumerate(happened):
        waiting, done = advance(waiting, one, at + number * every_s)
        lines += [m.text for m in kept(done) if m.author == "system"]
    return lines


def test_who_asks_how_long_hears_the_place_and_in_fewer_words_when_it_is_the_same() -> None:
    """Asked again within seconds the same place is confirmed; a new one is told whole, and later all of it."""
    waiting, done = advance(asked_for_person(fresh()), waits("wait"), 130.0)
    (line,) = kept(done)
    assert (line.author, line.code, line.text) == (
        "system",
        "waiting",
        "You're number 3 in the queue. Usually 5 to 9 minutes.",
    )
    assert said_to(waiting, waits("wait"), at=135.0) == ["You're still number 3 in the queue."]
    assert said_to(waiting, waits("wait", place=1), at=136.0) == ["You're next. Usually 5 to 9 minutes."]
    assert said_to(waiting, waits("wait"), at=141.0) == [line.text]
    assert "Nobody from our team" in said_to(waiting, waits("wait", there=NOBODY), at=136.0)[0]


def test_with_nobody_there_the_hours_are_said_when_they_are_known() -> None:
    """And only then it is not said that nobody knows until when."""
    hours = "Our team is here Monday to Friday, 8:00 to 18:00 CET."
    waiting = asked_for_person(fresh())
    (known,) = said_to(waiting, waits("wait", there=NOBODY, hours=hours))
    assert hours in known
    assert "can't say" not in known
    (unknown,) = said_to(waiting, waits("wait", there=NOBODY))
    assert "can't say until when" in unknown


def test_a_place_that_is_not_known_and_an_empty_desk_promise_nothing() -> None:
    """No number and no minutes that nobody knows."""
    waiting = asked_for_person(fresh())
    unknown = kept(advance(waiting, waits("wait", place=None), 130.0)[1])[0].text
    offline = kept(advance(waiting, waits("wait", there=inputs.There(False)), 130.0)[1])[0].text
    closed = kept(advance(waiting, waits("wait", there=inputs.There(False, "on Monday at 8:00")), 130.0)[1])[0].text
    assert not any(char.isdigit() for char in unknown + offline)
    assert "on Monday at 8:00" in closed
    assert "saved" in offline


@pytest.mark.parametrize("there", [HERE, NOBODY], ids=["somebody there", "nobody there"])
@pytest.mark.parametrize("rule", ["asked", "crisis", "danger", "threat", "bereavement", "fraud"])
def test_nothing_that_is_written_while_waiting_is_left_without_a_word(rule: str, there: inputs.There) -> None:
    """Whatever it is, and never the same sentence twice in a row, but for the help line."""
    cause = "crisis" if rule == "crisis" else "topic"
    again = "Call 112 now." if rule in ("crisis", "danger", "threat") else ""
    waiting = waiting_for(cause, rule, again=again, there=there)
    kinds = ("more", "more", "more", "wait", "wait", "question", "question", "courtesy", "courtesy", "thanks", "thanks")
    rest = ("leaving", "leaving", "open", "number", "address", "more", "more")
    lines = said_to(waiting, *(waits(said, there=there) for said in (*kinds, *rest)), every_s=4.0)
    assert len(lines) == len(kinds) + len(rest)
    assert not [line for line, after in itertools.pairwise(lines) if line == after != again]
    if rule not in ("asked", "fraud"):
        assert not [line for line in lines if re.search(r"\bNoted|Got it|welcome|Good\b|!", line)]


def test_a_question_that_nobody_can_answer_now_is_not_just_noted() -> None:
    """It is for the colleague, and said so."""
    (line,) = said_to(asked_for_person(fresh()), waits("question"))
    assert "colleague" in line
    assert "question" in line


def test_a_general_answer_is_given_while_waiting_and_nothing_else_is_done() -> None:
    """One line; the bot is not asked, and the owner stays."""
    after, done = advance(asked_for_person(fresh()), waits("more", answer="Delivery is 4.90 EUR."), 130.0)
    assert [m.text for m in kept(done)] == ["While you wait: Delivery is 4.90 EUR."]
    assert kinds(done) == {"Keep"}
    assert after.owner is Owner.QUEUE


@pytest.mark.parametrize(("cause", "rule"), [("crisis", "crisis"), ("topic", "danger"), ("topic", "threat")])
def test_somebody_in_danger_hears_no_prices(cause: str, rule: str) -> None:
    """The words are plain, and without a general answer."""
    waiting = waiting_for(cause, rule, again="Call 112 now.")
    (line,) = said_to(waiting, waits("more", answer="Delivery is 4.90 EUR."))
    assert "4.90" not in line


def test_somebody_in_danger_who_asks_is_told_what_to_do_and_not_to_wait() -> None:
    """When nobody is there, with the waiting too; asked again at once, other words."""
    waiting = waiting_for("topic", "danger", again="Leave the room.")
    lines = said_to(waiting, waits("question"), waits("question"), waits("wait", there=NOBODY), every_s=4.0)
    assert lines[0] == "Leave the room."
    assert lines[1] != lines[0]
    assert "Nobody from our team" in lines[2]
    assert lines[2].endswith("Leave the room.")


def test_who_says_goodbye_after_words_of_harm_is_not_let_go_without_the_help_line() -> None:
    """However lately it was said."""
    waiting = waiting_for("crisis", "crisis", again="The line listens.")
    assert said_to(waiting, waits("question"), waits("leaving"), every_s=4.0) == ["The line listens."] * 2


@pytest.mark.parametrize("rule", ["danger", "crisis"])
def test_each_word_of_danger_while_waiting_is_answered(rule: str) -> None:
    """The short words, each time, and the agents see the newest; texts within seconds are one warning."""
    cause = "crisis" if rule == "crisis" else "topic"
    waiting = waiting_for(cause, rule, again="Call 112 now.")
    heard = Decision(True, rule, cause, 1, "safety", "Long words.", turns=(7,), again="Call 112 now.")
    texts = [inputs.CustomerWrote(f"m{n}", "it still smokes", alarm=heard) for n in range(3)]
    assert said_to(waiting, *texts) == ["Call 112 now."] * 3
    assert said_to(waiting, *texts, every_s=1.0) == ["Call 112 now."]
    after, _ = advance(waiting, texts[0], 130.0)
    assert after.handoff is not None
    assert after.handoff.decision.turns == (7,)


def test_danger_beside_a_crisis_is_answered_and_seen_though_the_crisis_stands() -> None:
    """The reason stays the crisis; what was heard is among its signals."""
    waiting = waiting_for("crisis", "crisis", again="The line listens.")
    signal = Signal("topic:danger", 1.0, 1.0, "Speaks of danger in message 7.")
    heard = Decision(True, "danger", "topic", 1, "safety", "Long.", signals=(signal,), again="Leave the room.")
    after, done = advance(waiting, inputs.CustomerWrote("m1", "and the lamp burns", alarm=heard), 130.0)
    assert [m.text for m in kept(done) if m.author == "system"] == ["Leave the room."]
    assert after.handoff is not None
    assert (after.handoff.decision.rule, after.handoff.decision.signals) == ("crisis", (signal,))


def test_an_address_that_is_written_while_waiting_is_kept_with_the_words_and_said_back() -> None:
    """In the same step, so that no line that is lost loses it; a number does not take the address's place."""
    waiting = asked_for_person(fresh(), there=NOBODY)
    for contact, kept_as in (("a@example.com", "a@example.com"), ("0151 2345678", "a@example.com, 0151 2345678")):
        waiting, done = advance(waiting, inputs.CustomerWrote("m", "...", contact=contact), 130.0)
        assert waiting.handoff is not None
        assert waiting.handoff.contact == kept_as
        assert effects.Audit("customer", "left_contact") in done
        waiting, done = advance(waiting, waits("more", contact=contact, there=NOBODY), 134.0)
        assert [(m.code, contact in m.text) for m in kept(done)] == [("contact_kept", True)]


def test_who_asks_whether_the_number_arrived_hears_the_truth() -> None:
    """Yes with what is noted; no, and what to do; a number from before the waiting is taken over."""
    waiting = asked_for_person(fresh(), there=NOBODY)
    (missing,) = said_to(waiting, waits("number"))
    assert "no phone number" in missing
    mail_only = advance(waiting, inputs.CustomerWrote("m", "...", contact="a@example.com"), 120.0)[0]
    (half,) = said_to(mail_only, waits("number"))
    assert "a@example.com" in half
    assert "no phone number" in half
    (there,) = said_to(mail_only, waits("address"))
    assert there == "Yes, I have a@example.com noted for the answer."
    after, done = advance(mail_only, waits("number", contact="0151 2345678"), 130.0)
    assert "0151 2345678" in kept(done)[0].text
    assert after.handoff is not None
    assert after.handoff.contact == "a@example.com, 0151 2345678"


def test_who_would_rather_have_the_assistant_is_told_how() -> None:
    """And what becomes of the request."""
    waiting = asked_for_person(fresh())
    assert "place in the queue" in said_to(waiting, waits("back"))[0]
    (offline,) = said_to(waiting, waits("back", there=NOBODY))
    assert "Back to assistant" in offline
    assert "stays open" in offline


def test_who_is_no_longer_waiting_is_told_nothing_of_waiting() -> None:
    """Somebody came while the line was made."""
    for before in (with_anna(), fresh()):
        assert kept(advance(before, waits("wait"), 130.0)[1]) == []


@pytest.mark.parametrize("way", ["hand_back", "back_to_bot"])
def test_what_was_told_to_a_person_is_known_when_the_bot_has_the_conversation_back(way: str) -> None:
    """The order is named and the promise repeated; the note's own words are not."""
    told = (
        Fact("order_number", "Order", "A1276", role="subject"),
        Fact("promised.text", "Promised", "Noted: Monday.", role="promise"),
    )
    if way == "hand_back":
        after, done = advance(with_anna(), inputs.AgentHandedBack("b1", ANNA, "rude man", told=told), 130.0)
        (line,) = kept(done)
        assert "A1276. Noted: Monday." in line.text
        assert "rude" not in line.text
    else:
        after, done = advance(asked_for_person(fresh()), inputs.CustomerWentBackToBot("b1", told), 130.0)
    assert after.facts == told


@pytest.mark.parametrize(
    ("cause", "rule", "again"), [("asked", "asked", ""), ("crisis", "crisis", "The line listens.")]
)
def test_who_asks_whether_a_person_writes_is_told_that_none_does(cause: str, rule: str, again: str) -> None:
    """While waiting too the customer knows who is talking; in a crisis, with where somebody listens."""
    (line,) = said_to(waiting_for(cause, rule, again=again), waits("who"))
    assert "automatic" in line
    assert line.endswith(again)
