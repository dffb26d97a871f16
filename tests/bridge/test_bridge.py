"""The bridge over real sockets, with a real store: what customers and agents are promised."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import msgspec
import pytest
from websockets.exceptions import InvalidStatus

from warmline.bridge import meanwhile, reading, refresh
from warmline.bridge.meanwhile import OPENING_HOURS
from warmline.bridge.session import BACKLOG
from warmline.core import frames, inputs
from warmline.core.ask import Answer, Ask
from warmline.core.conversation import Button
from warmline.core.escalation import Decision
from warmline.core.step import BURST_S
from warmline.store.sqlite import SqliteStore

from .conftest import PASSWORD, Client, World, reply

VERDICT = Decision(True, "frustrated", "mood", 5, "support", "I'm passing you to a colleague now.")


async def in_queue(world: World) -> tuple[Any, str]:
    """A customer who has asked for a person."""
    customer, welcome = await world.customer()
    await customer.send(frames.AskPerson("p1"))
    await customer.get(frames.Ack, lambda a: a.id == "p1")
    return customer, welcome.conversation


async def claimed(world: World) -> tuple[Any, Any, str]:
    """A customer with agent anna."""
    agent = await world.agent()
    customer, conversation = await in_queue(world)
    await agent.send(frames.Open(conversation))
    await agent.send(frames.Claim("k1", conversation))
    await agent.get(frames.Ack, lambda a: a.id == "k1")
    return customer, agent, conversation


async def test_a_guest_is_welcomed_by_an_assistant_that_says_it_is_an_ai(world: World) -> None:
    """The first thing in the log is the disclosure, and the state says that the bot answers."""
    customer, welcome = await world.customer()
    snapshot = await customer.get(frames.Snapshot)
    assert "an AI" in snapshot.messages[0].text
    state = await customer.get(frames.State)
    assert (state.owner, state.conversation) == ("bot", welcome.conversation)


async def test_a_message_is_acknowledged_answered_and_its_answer_kept(world: World) -> None:
    """The ack names the seq, the bot's answer follows, and the log holds both."""
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "where is A1042"))
    ack = await customer.get(frames.Ack)
    bot = await customer.said("You said: where is A1042")
    assert (ack.seq, bot.seq, bot.author) == (2, 3, "bot")
    assert [m.seq for m in await world.store.messages(welcome.conversation)] == [1, 2, 3]


async def test_the_same_id_again_gets_the_same_ack_and_is_stored_once(world: World) -> None:
    """A retry is harmless, also over another connection and after a restart of the bridge."""
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "hello"))
    first = await customer.get(frames.Ack)
    await customer.said("You said: hello")
    await world.restart()
    again, _ = await world.customer(welcome.ticket)
    await again.send(frames.Say("m1", "hello"))
    assert (await again.get(frames.Ack)).seq == first.seq
    texts = [m.text for m in await world.store.messages(welcome.conversation)]
    assert texts.count("hello") == 1
    assert len(world.engine.asked) == 1


async def test_a_client_that_resumes_gets_exactly_what_it_missed(world: World) -> None:
    """Nothing it has is sent again, and what was said meanwhile comes in order."""
    first, welcome = await world.customer()
    await first.send(frames.Say("m1", "one"))
    seen = await first.said("You said: one")
    await first.close()
    second, _ = await world.customer(welcome.ticket)
    await second.send(frames.Say("m2", "two"))
    await second.said("You said: two")
    third, _ = await world.customer(welcome.ticket, frames.Resume(welcome.conversation, seen.epoch, seen.seq))
    await third.said("You said: two")
    await third.get(frames.State)
    assert [m.seq for m in third.messages()] == [4, 5]


async def test_a_resume_that_makes_no_sense_gets_a_snapshot(world: World) -> None:
    """A client that claims to have seen more than there is starts over."""
    customer, welcome = await world.customer()
    await customer.get(frames.State)
    other, _ = await world.customer(welcome.ticket, frames.Resume(welcome.conversation, 9, 999))
    assert (await other.get(frames.Snapshot)).seq == 1


async def test_all_of_a_long_conversation_can_be_read_back_to_its_first_line(world: World) -> None:
    """Page by page, by the agent and by the customer; another customer reads their own."""
    customer, agent, conversation = await claimed(world)
    assert world.bridge is not None
    for n in range(2 * BACKLOG):
        await world.bridge.context.steps.step(conversation, inputs.CustomerWrote(f"x{n}", f"line {n}"))
    again, welcome = await world.customer((await customer.get(frames.Welcome)).ticket)
    last = welcome.seq
    await agent.send(frames.Open(conversation))
    for client in (agent, again):
        held = (await client.get(frames.Snapshot, lambda s: s.seq == last and s.more)).messages
        assert len(held) == BACKLOG
        more = True
        while more:
            first = held[0].seq
            await client.send(frames.Earlier(first, conversation))
            page = await client.get(frames.History, lambda h, first=first: h.messages[-1].seq == first - 1)
            held, more = (*page.messages, *held), page.more
        assert [message.seq for message in held] == list(range(1, last + 1))
    stranger, _ = await world.customer()
    await stranger.send(frames.Earlier(last, conversation))
    page = await stranger.get(frames.History)
    assert conversation not in {page.conversation, *(message.conversation for message in page.messages)}


async def test_a_forged_or_foreign_ticket_opens_nobody_elses_conversation(world: World) -> None:
    """A bad ticket is told and gets a new conversation; naming another's conversation to resume changes nothing."""
    _, mine = await world.customer()
    forged, welcome = await world.customer(mine.ticket[:-3] + "abc", frames.Resume(mine.conversation, 1, 0))
    assert (await forged.get(frames.Error)).code == "not_signed_in"
    assert welcome.conversation != mine.conversation
    assert {m.conversation for m in (await forged.get(frames.Snapshot)).messages} == {welcome.conversation}


async def test_a_pressed_button_reaches_the_bot_as_the_payload_it_offered_and_nothing_else_does(world: World) -> None:
    """The client names seq and index; a slash in a text or a made-up choice is no command."""
    world.engine.script = lambda ask: reply(ask, "Do you mean this?", buttons=(Button("Yes", '/affirm{"x": 1}'),))
    customer, _ = await world.customer()
    await customer.send(frames.Say("m1", '/restart{"slot": "x"}'))
    offered = await customer.said("Do you mean this?")
    assert offered.buttons == ("Yes",)
    await customer.send(frames.Say("m2", "Yes", frames.Choice(offered.seq, 0)))
    await customer.get(frames.Ack, lambda a: a.id == "m2")
    await customer.send(frames.Say("m3", "Yes", frames.Choice(offered.seq, 5)))
    refused = await customer.get(frames.Nack)
    assert (refused.id, refused.code) == ("m3", "not_found")
    await customer.get(frames.MessageFrame, lambda m: m.author == "bot" and m.seq > offered.seq + 1)
    assert [(a.payload, a.text.startswith("/")) for a in world.engine.asked] == [
        (None, False),
        ('/affirm{"x": 1}', False),
    ]


async def test_a_button_of_an_earlier_question_does_nothing_and_says_so(world: World) -> None:
    """After other words it is refused with a sentence: nothing is kept, and the engine hears nothing of it."""
    world.engine.script = lambda ask: reply(ask, f"Re: {ask.text}. Sure?", buttons=(Button("Yes", "/affirm"),))
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "book a time"))
    early = await customer.said("Re: book a time")
    await customer.send(frames.Say("m2", "cancel my order"))
    newest = await customer.said("Re: cancel my order")
    before = await world.store.conversation(welcome.conversation)
    await customer.send(frames.Say("m3", "Yes", frames.Choice(early.seq, 0)))
    nack = await customer.get(frames.Nack)
    assert (nack.id, nack.code, nack.retry_after_s) == ("m3", "not_offered", None)
    assert nack.text == "That button belonged to an earlier question. Nothing was done."
    assert await world.store.conversation(welcome.conversation) == before
    await customer.send(frames.Say("m4", "Yes", frames.Choice(newest.seq, 0)))
    await customer.get(frames.Ack, lambda a: a.id == "m4")
    await customer.said("Re: Yes")
    assert [ask.payload for ask in world.engine.asked] == [None, None, "/affirm"]


async def test_of_presses_under_way_at_once_one_acts_and_its_id_keeps_its_ack(make_world: Callable[..., Any]) -> None:
    """Five presses over two bridges on one store: one ack, the others refused; the one's id again gets the same ack."""
    world = await make_world()
    other = await make_world(engine_port=world.engine.port)
    world.engine.script = lambda ask: reply(ask, "Shall I book it?", buttons=(Button("Yes", "/affirm"),))
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "book a time"))
    offered = await customer.said("Shall I book it?")
    clients = [(await each.customer(welcome.ticket))[0] for each in (world, other, world, other, world)]
    presses = [frames.Say(f"p{n}", "Yes", frames.Choice(offered.seq, 0)) for n in range(len(clients))]
    await asyncio.gather(*(client.send(press) for client, press in zip(clients, presses, strict=True)))

    async def answered(client: Client) -> frames.Frame:
        kinds = (frames.Ack, frames.Nack)
        return await client.get(frames.Frame, lambda frame: isinstance(frame, kinds))

    told = [await answered(client) for client in clients]
    (ack,) = [frame for frame in told if isinstance(frame, frames.Ack)]
    assert {frame.code for frame in told if isinstance(frame, frames.Nack)} == {"not_offered"}
    messages = await world.store.messages(welcome.conversation)
    assert [m.client_id for m in messages if m.author == "customer"] == ["m1", ack.id]
    again, _ = await other.customer(welcome.ticket)
    await again.send(frames.Say(ack.id, "Yes", frames.Choice(offered.seq, 0)))
    assert await again.get(frames.Ack) == ack


async def test_the_same_press_over_two_bridges_at_once_gets_the_same_ack(make_world: Callable[..., Any]) -> None:
    """A client that lost its line sends the same id by another bridge while the first is still at it."""
    world = await make_world()
    other = await make_world(engine_port=world.engine.port)
    world.engine.script = lambda ask: reply(ask, "Shall I book it?", buttons=(Button("Yes", "/affirm"),))
    for turn in range(4):
        customer, welcome = await world.customer()
        await customer.send(frames.Say("m1", "book a time"))
        offered = await customer.said("Shall I book it?")
        pair = [(await each.customer(welcome.ticket))[0] for each in (world, other)]
        press = frames.Say(f"p{turn}", "Yes", frames.Choice(offered.seq, 0))
        await asyncio.gather(*(client.send(press) for client in pair))
        first, second = [await client.get(frames.Ack) for client in pair]
        assert first == second


async def test_the_person_button_goes_to_the_queue_without_asking_the_engine(world: World) -> None:
    """No NLU: the engine is not even asked, and the customer learns their place."""
    await world.agent()
    customer, _ = await in_queue(world)
    state = await customer.get(frames.State, lambda s: s.owner == "queue")
    assert (state.position, state.offline) == (1, False)
    assert world.engine.asked == []


async def test_with_no_agent_online_the_customer_hears_it_and_an_agent_sees_the_request_later(world: World) -> None:
    """The request waits with the contact that was left, until somebody signs in."""
    customer, conversation = await in_queue(world)
    assert (await customer.get(frames.MessageFrame, lambda m: m.code == "nobody_there")).author == "system"
    await customer.send(frames.LeaveContact("l1", "mara@example.com"))
    await customer.send(frames.BackToBot("b1"))
    await customer.get(frames.Ack, lambda a: a.id == "b1")
    agent = await world.agent()
    desk = await agent.get(frames.Desk, lambda d: bool(d.requests))
    assert [(r.conversation, r.contact) for r in desk.requests] == [(conversation, "mara@example.com")]
    await agent.send(frames.TakeOver("t1", conversation))
    await agent.get(frames.Ack, lambda a: a.id == "t1")
    assert "Anna has joined" in (await customer.get(frames.MessageFrame, lambda m: m.code == "agent_joined")).text


@pytest.mark.parametrize("failure", [500, b"[]", b"not json", b"x" * 300_000, "other", "empty"], ids=str)
async def test_an_engine_that_fails_gives_an_honest_sentence_and_the_human_path(world: World, failure: Any) -> None:
    """Refusal, garbage, too much, another conversation's answer or silence: all end the same way."""

    def script(ask: Ask) -> Any:
        if failure == "other":
            return reply(Ask("c_x:2", "c_x", 1, 2, "", ask.customer, ()), "not yours")
        return reply(ask, " ") if failure == "empty" else failure

    world.engine.script = script
    customer, _ = await world.customer()
    await customer.send(frames.Say("m1", "hello"))
    assert "Your message is safe" in (await customer.get(frames.MessageFrame, lambda m: m.code == "engine_failed")).text
    await customer.get(frames.State, lambda s: s.owner == "queue")
    assert not [m for m in customer.messages() if "not yours" in m.text]


async def test_an_engine_that_is_gone_is_told_at_once(world: World) -> None:
    """Connection refused needs no waiting for the limit."""
    customer, _ = await world.customer()
    await world.engine.stop()
    await customer.send(frames.Say("m1", "hello"))
    await customer.get(frames.MessageFrame, lambda m: m.code == "engine_failed")


async def test_an_engine_that_hangs_is_given_up_at_the_limit_and_its_late_answer_is_not_heard(
    make_world: Callable[..., Any],
) -> None:
    """The limit is a setting; what comes after it is dropped."""
    world = await make_world(engine_limit_s=0.3)
    world.engine.script = lambda ask: 1.0
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "hello"))
    await customer.get(frames.State, lambda s: s.owner == "queue")
    world.engine.release.set()
    await customer.send(frames.Say("m2", "still there?"))
    await customer.get(frames.Ack, lambda a: a.id == "m2")
    assert not [m for m in await world.store.messages(welcome.conversation) if m.author == "bot" and m.seq > 1]


async def test_a_question_left_in_the_outbox_by_a_restart_is_answered_after_it(world: World) -> None:
    """The bridge goes down while the engine thinks; the next one asks again, and one answer is kept."""
    world.engine.script = lambda ask: 1.0
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "hello"))
    await customer.get(frames.Ack)
    while not world.engine.asked:
        await asyncio.sleep(0.01)
    await world.down()
    world.engine.script = lambda ask: reply(ask, "here I am")
    await world.up()
    again, _ = await world.customer(welcome.ticket)
    await again.get(frames.State)
    while len(await world.store.messages(welcome.conversation)) < 3:
        await asyncio.sleep(0.01)
    assert [m.text for m in (await world.store.messages(welcome.conversation))[1:]] == ["hello", "here I am"]


async def test_a_verdict_rings_at_the_desk_and_the_packet_says_why(world: World) -> None:
    """The agent hears it, and reads rule, mood, facts and what was tried."""
    agent = await world.agent()
    world.engine.script = lambda ask: reply(ask, VERDICT.say, decision=VERDICT)
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "this is useless"))
    ring = await agent.get(frames.Ring)
    assert (ring.conversation, ring.urgency_min) == (welcome.conversation, 5)
    await agent.send(frames.Open(welcome.conversation))
    packet = (await agent.get(frames.PacketFrame)).packet
    assert packet["decision"]["rule"] == "frustrated"
    assert packet["mood"][0]["value"] == 0.4
    assert packet["facts"][0]["value"] == "A1042"
    assert packet["tried"] == [{"seq": 2, "did": "order status", "outcome": "handoff"}]
    snapshot = await agent.get(frames.Snapshot)
    assert [m.author for m in snapshot.messages] == ["bot", "customer", "bot", "system"]


async def test_who_asked_just_before_the_bridge_died_is_rung_for_after_it(world: World) -> None:
    """The request was kept and perhaps never told: the next process rings, and not for the same one twice."""
    _, conversation = await in_queue(world)
    await world.restart()
    anna = await world.agent("anna")
    assert (await anna.get(frames.Ring)).conversation == conversation
    _, second = await in_queue(world)
    assert (await anna.get(frames.Ring, lambda ring: ring.conversation == second)).conversation == second
    assert [frame.conversation for frame in anna.seen if isinstance(frame, frames.Ring)] == [conversation, second]


async def test_reading_the_desk_anew_reads_only_what_has_changed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many wait, and their conversations are long: a row is made again when its conversation has a new version."""
    monkeypatch.setattr(refresh, "RELOAD_S", -1.0)
    first, _ = await in_queue(world)
    _, other = await in_queue(world)
    agent = await world.agent()
    await agent.get(frames.Desk, lambda desk: len(desk.waiting) == 2)
    read: list[str] = []
    analyses = world.store.analyses

    async def watched(conversation_ids: Sequence[str], **options: Any) -> Any:
        read.extend(conversation_ids)
        return await analyses(conversation_ids, **options)

    monkeypatch.setattr(world.store, "analyses", watched)
    await first.send(frames.End("e1"))
    desk = await agent.get(frames.Desk, lambda desk: len(desk.waiting) == 1)
    assert [row.conversation for row in desk.waiting] == [other]
    _, third = await in_queue(world)
    await agent.get(frames.Desk, lambda desk: {row.conversation for row in desk.waiting} == {other, third})
    assert other not in read
    assert third in read


async def test_of_two_agents_who_claim_at_once_exactly_one_wins(world: World) -> None:
    """The other is told who was faster."""
    anna, ben = await world.agent("anna"), await world.agent("ben")
    _, conversation = await in_queue(world)
    await asyncio.gather(anna.send(frames.Claim("a1", conversation)), ben.send(frames.Claim("b1", conversation)))

    async def verdict(client: Any) -> str:
        frame = await client.get(frames.Frame, lambda f: isinstance(f, (frames.Ack, frames.Nack)))
        return type(frame).__name__

    assert sorted([await verdict(anna), await verdict(ben)]) == ["Ack", "Nack"]
    loser = next(c for c in (anna, ben) if any(isinstance(f, frames.Nack) for f in c.seen))
    assert "has already taken" in (await loser.get(frames.Nack)).text


async def test_customer_and_agent_talk_both_ways_with_typing_signs_and_the_bot_keeps_quiet(world: World) -> None:
    """Words and typing cross; the engine is not asked."""
    customer, agent, conversation = await claimed(world)
    await agent.send(frames.Typing(True, conversation))
    await customer.get(frames.TypingFrame, lambda t: t.author == "agent" and t.on)
    await agent.send(frames.Reply("r1", conversation, "Hello, I'm looking at it."))
    assert (await customer.said("I'm looking at it")).name == "Anna"
    await customer.send(frames.Typing(True))
    await agent.get(frames.TypingFrame, lambda t: t.author == "customer" and t.on)
    await customer.send(frames.Say("m1", "thank you"))
    await agent.said("thank you")
    assert world.engine.asked == []


async def test_after_the_hand_back_the_bot_goes_on_under_a_new_epoch_with_its_memory(world: World) -> None:
    """The memory of its last answer comes back, the note stays private."""
    customer, _ = await world.customer()
    await customer.send(frames.Say("m0", "hi"))
    await customer.said("You said: hi")
    agent = await world.agent()
    await customer.send(frames.AskPerson("p1"))
    row = (await agent.get(frames.Desk, lambda d: bool(d.waiting))).waiting[0]
    await agent.send(frames.Claim("k1", row.conversation))
    await agent.send(frames.HandBack("b1", row.conversation, "refund promised"))
    await customer.said("Anna has left")
    await customer.send(frames.Say("m1", "and now?"))
    assert (await customer.said("You said: and now?")).epoch == 2
    assert world.engine.asked[-1].memory == {"n": 2}
    assert "refund promised" not in json.dumps([m.text for m in customer.messages()])
    assert [n.text for n in await world.store.notes(row.conversation)] == ["refund promised"]


async def test_a_lost_agent_comes_back_within_the_grace_and_keeps_the_conversation(world: World) -> None:
    """A reload of the console is not a loss."""
    customer, agent, conversation = await claimed(world)
    await agent.close()
    again = await world.agent()
    await again.send(frames.Reply("r1", conversation, "back again"))
    await customer.said("back again")
    assert await world.store.next_timer_at() is None


async def test_an_agent_who_stays_away_loses_the_conversation_to_the_queues_front(
    make_world: Callable[..., Any],
) -> None:
    """After the grace the customer is told, and comes before everybody else."""
    world = await make_world(agent_grace_s=0.2)
    customer, agent, _ = await claimed(world)
    await agent.close()
    assert (
        "Anna lost the connection" in (await customer.get(frames.MessageFrame, lambda m: m.code == "agent_lost")).text
    )
    await customer.get(frames.State, lambda s: s.owner == "queue" and s.position == 1)


async def test_an_agent_whose_bridge_restarted_still_has_the_conversation(world: World) -> None:
    """The seat of the earlier process is gone, the grace runs, and coming back clears it."""
    customer, agent, conversation = await claimed(world)
    signed = await agent.get(frames.SignedIn)
    welcome = await customer.get(frames.Welcome)
    await world.restart()
    assert await world.store.next_timer_at() is not None
    again = await world.client("/ws/agent")
    await again.send(frames.HelloAgent(signed.token))
    desk = await again.get(frames.Desk, lambda d: bool(d.mine))
    assert desk.mine[0].conversation == conversation
    back, _ = await world.customer(welcome.ticket)
    await again.send(frames.Reply("r1", conversation, "where were we"))
    await back.said("where were we")


async def test_a_wrong_password_and_an_unknown_name_are_refused_alike(world: World) -> None:
    """Neither says which of the two was wrong."""
    errors = []
    for name, password in (("anna", "wrong"), ("nobody", PASSWORD)):
        client = await world.client("/ws/agent")
        await client.send(frames.SignIn(name, password))
        errors.append(await client.get(frames.Error))
    assert errors[0] == errors[1]
    assert errors[0].code == "not_signed_in"


async def test_signing_out_voids_the_token(world: World) -> None:
    """The token that was given out opens nothing any more."""
    agent = await world.agent()
    token = (await agent.get(frames.SignedIn)).token
    await agent.send(frames.SignOut())
    await agent.socket.wait_closed()
    again = await world.client("/ws/agent")
    await again.send(frames.HelloAgent(token))
    assert (await again.get(frames.Error)).code == "not_signed_in"


@pytest.mark.parametrize("how", ["password", "disable", "remove"])
async def test_an_account_that_is_changed_elsewhere_ends_its_open_connections(world: World, how: str) -> None:
    """Written to the store by another process: the sockets are told and closed, the token is void, others stay."""
    _, anna, conversation = await claimed(world)
    token = (await anna.get(frames.SignedIn)).token
    ben = await world.agent("ben")
    elsewhere = SqliteStore(world.store.path)
    await elsewhere.open()
    if how == "remove":
        await elsewhere.remove_account("anna")
    else:
        await elsewhere.end_sessions(
            "anna", password_hash="$other" if how == "password" else None, lock=how == "disable"
        )
    await elsewhere.close()
    assert (await anna.get(frames.Error)).code == "not_signed_in"
    async with asyncio.timeout(10):
        await anna.socket.wait_closed()
    assert anna.socket.close_code == 1008
    for frame in (frames.HelloAgent(token), frames.SignIn("anna", PASSWORD)):
        again = await world.client("/ws/agent")
        await again.send(frame)
        assert (await again.get(frames.Error)).code == "not_signed_in"
    await ben.send(frames.Open(conversation))
    await ben.get(frames.PacketFrame)


async def test_a_presence_sent_meanwhile_undoes_no_revocation(world: World) -> None:
    """It changes the presence alone, whatever was written since the account was read."""
    await world.store.end_sessions("anna", lock=True)
    await world.store.set_status("anna", "away")
    account = await world.store.account("anna")
    assert (account.disabled, account.sessions, account.status) == (True, 2, "away")


async def test_what_is_no_contact_is_refused_and_promised_nothing(world: World) -> None:
    """A sentence, nothing kept; the next try is taken."""
    customer, conversation = await in_queue(world)
    before = await world.store.conversation(conversation)
    await customer.send(frames.LeaveContact("l1", "asdf"))
    nack = await customer.get(frames.Nack)
    assert (nack.id, nack.code) == ("l1", "not_a_contact")
    assert await world.store.conversation(conversation) == before
    await customer.send(frames.LeaveContact("l2", " +49 30 1234567 "))
    await customer.said("answer at +49 30 1234567")


async def test_nothing_is_done_for_a_socket_that_has_not_said_who_it_is(world: World) -> None:
    """An agent's frame before signing in, and a customer's before hello, are refused."""
    agent = await world.client("/ws/agent")
    await agent.send(frames.Claim("k1", "c_1"))
    assert (await agent.get(frames.Nack)).code == "not_signed_in"
    customer = await world.client("/ws/customer")
    await customer.send(frames.Say("m1", "hello"))
    assert (await customer.get(frames.Nack)).code == "not_signed_in"


async def test_an_agent_cannot_speak_in_a_conversation_that_another_has(world: World) -> None:
    """Looking is allowed, acting is not."""
    customer, _, conversation = await claimed(world)
    ben = await world.agent("ben")
    await ben.send(frames.Open(conversation))
    await ben.get(frames.Snapshot)
    await ben.send(frames.Reply("r1", conversation, "hi from ben"))
    assert (await ben.get(frames.Nack)).code == "not_allowed"
    assert not [m for m in customer.messages() if "ben" in m.text]


@pytest.mark.parametrize(
    "data", ["nonsense", '{"type":"claim"}', b"\x00\x01", "{" * 20_000], ids=lambda d: repr(d)[:12]
)
async def test_a_bad_frame_is_answered_and_does_not_end_the_connection(world: World, data: Any) -> None:
    """One error frame; the next good frame works."""
    customer, _ = await world.customer()
    await customer.raw(data)
    assert (await customer.get(frames.Error)).code == "bad_frame"
    await customer.send(frames.Say("m1", "hello"))
    await customer.get(frames.Ack)


async def test_a_peer_that_sends_only_rubbish_is_closed_with_a_policy_code(world: World) -> None:
    """Ten refused frames are enough."""
    customer, _ = await world.customer()
    for _ in range(10):
        await customer.raw("rubbish")
    await customer.socket.wait_closed()
    assert customer.socket.close_code == 1008


async def test_a_flood_is_refused_with_the_time_to_wait(world: World) -> None:
    """What is refused is not kept, and the nack says when to try again."""
    customer, welcome = await world.customer()
    for n in range(30):
        await customer.send(frames.Say(f"m{n}", f"text {n}"))
    nack = await customer.get(frames.Nack)
    assert nack.code == "too_fast"
    assert nack.retry_after_s is not None
    refused = {f.id for f in customer.seen if isinstance(f, frames.Nack)}
    kept = {m.client_id for m in await world.store.messages(welcome.conversation) if m.client_id}
    assert not refused & kept


async def test_only_pages_of_allowed_sites_may_open_a_chat(make_world: Callable[..., Any]) -> None:
    """A hostile page is refused in the handshake; the configured shop and the bridge's own pages are let in."""
    world = await make_world(allowed_origins=("https://shop.example",))
    port = world.bridge.port
    for origin in ("https://shop.example", f"http://127.0.0.1:{port}", f"http://localhost:{port}"):
        await world.client("/ws/customer", origin=origin)
    for origin in ("https://evil.example", "http://127.0.0.1:1", "null", "https://shop.example.evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            await world.client("/ws/customer", origin=origin)
        assert refused.value.response.status_code == 403


async def test_pages_come_with_a_strict_policy_and_nothing_outside_their_folders(
    make_world: Callable[..., Any],
) -> None:
    """No inline code, no framing, no path that climbs out; unknown paths are 404."""
    world = await make_world(demo=True)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{world.bridge.port}") as http:
        health = await http.get("/health")
        assert health.json()["bridge"] is True
        policy = health.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "warmline_connections" in (await http.get("/metrics")).text
        for path in (
            "/nothing",
            "/widget/../../../pyproject.toml",
            "/widget/%2e%2e/%2e%2e/settings.py",
            "/.git/config",
        ):
            assert (await http.get(path)).status_code == 404


async def test_a_drain_tells_clients_to_come_back(world: World) -> None:
    """Close code 1012, and what was acknowledged is there afterwards."""
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "hello"))
    await customer.get(frames.Ack)
    await world.restart()
    await customer.socket.wait_closed()
    assert customer.socket.close_code == 1012
    again, _ = await world.customer(welcome.ticket)
    assert "hello" in [m.text for m in (await again.get(frames.Snapshot)).messages]


def unsure(ask: Ask) -> Answer:
    said = reply(ask, "I'm not sure I understood.")
    return msgspec.structs.replace(said, analysis=msgspec.structs.replace(said.analysis, outcome="unsure"))


def quick_silence(world: World) -> None:
    """The shipped rules, but a silence is one second."""
    shorter = tuple(
        msgspec.structs.replace(rule, when=msgspec.structs.replace(rule.when, silent_s=1))
        if rule.when.silent_s
        else rule
        for rule in world.rules.rules
    )
    world.rules = msgspec.structs.replace(world.rules, rules=shorter)


async def test_a_customer_who_goes_silent_after_a_failure_is_seen_by_a_person(world: World) -> None:
    """The timer is a row of the store: it rings in the next life of the bridge too."""
    quick_silence(world)
    world.engine.script = unsure
    await world.restart()
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "zxcv"))
    await customer.said("not sure")
    await customer.send(frames.Say("m2", "qwer"))
    await customer.said("not sure")
    await world.restart()
    agent = await world.agent()
    row = (await agent.get(frames.Desk, lambda d: bool(d.waiting))).waiting[0]
    assert (row.conversation, row.rule) == (welcome.conversation, "silent_after_failure")
    back, _ = await world.customer(welcome.ticket)
    await back.get(frames.State, lambda state: state.owner == "queue")
    assert any("A colleague will look at it" in m.text for m in back.messages() if m.code == "told")
    assert await world.store.next_timer_at() is None


async def test_a_customer_who_writes_again_is_not_silent(world: World) -> None:
    """An answer that helped ends the waiting for them."""
    world.engine.script = unsure
    customer, _ = await world.customer()
    await customer.send(frames.Say("m1", "zxcv"))
    await customer.said("not sure")
    assert await world.store.next_timer_at() is not None
    world.engine.script = lambda ask: reply(ask, "Here it is.")
    await customer.send(frames.Say("m2", "my order"))
    await customer.said("Here it is.")
    assert await world.store.next_timer_at() is None


@pytest.mark.parametrize("claimed_before", [False, True])
async def test_words_of_harm_written_to_the_queue_or_an_agent_are_answered_at_once(
    world: World, *, claimed_before: bool
) -> None:
    """The help line by the system, no bot; first in the queue; the desk rings and shows the reason."""
    first, _ = await world.customer()
    await first.send(frames.AskPerson("p0"))
    customer, welcome = await world.customer()
    await customer.send(frames.AskPerson("p1"))
    agent = await world.agent()
    await agent.get(frames.Desk, lambda d: len(d.waiting) == 2)
    if claimed_before:
        await agent.send(frames.Claim("k1", welcome.conversation))
        await agent.get(frames.Desk, lambda d: bool(d.mine))
    rung = len([f for f in agent.seen if isinstance(f, frames.Ring)])
    asked = len(world.engine.asked)
    await customer.send(frames.Say("m1", "nobody cares, I want to kill myself"))
    told = await customer.get(frames.MessageFrame, lambda m: m.code == "told")
    assert told.author == "system"
    assert world.rules.help_line in told.text

    def shown(desk: frames.Desk) -> bool:
        rows = desk.mine if claimed_before else desk.waiting
        return bool(rows) and (rows[0].conversation, rows[0].rule) == (welcome.conversation, "crisis")

    await agent.get(frames.Desk, shown)
    await agent.get(frames.Ring, lambda r: r.conversation == welcome.conversation and r.urgency_min == 1)
    assert len([f for f in agent.seen if isinstance(f, frames.Ring)]) == rung + 1
    await agent.send(frames.Open(welcome.conversation))
    frame = await agent.get(frames.PacketFrame, lambda p: p.packet["decision"]["rule"] == "crisis")
    assert frame.packet["urgency_min"] == 1
    assert len(world.engine.asked) == asked


@pytest.mark.parametrize("asked_before", [True, False], ids=["then writes", "writes and then asks"])
async def test_words_of_harm_that_cannot_be_read_in_time_are_answered_as_soon_as_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch, *, asked_before: bool
) -> None:
    """As after a restart, while the language loads: kept at once, and the help line comes by itself."""
    gate = threading.Event()
    await reading.warm()
    monkeypatch.setattr(reading, "READ_LIMIT_S", 0.05)
    busy = reading._language.submit(gate.wait, 60)
    try:
        customer, welcome = await world.customer()
        frames_sent = [frames.AskPerson("p1"), frames.Say("m1", "nobody cares, I want to kill myself")]
        for frame in frames_sent if asked_before else reversed(frames_sent):
            await customer.send(frame)
            await customer.get(frames.Ack, lambda a, id=frame.id: a.id == id)
        assert not [f for f in customer.seen if isinstance(f, frames.MessageFrame) and f.code == "told"]
    finally:
        gate.set()
    told = await customer.get(frames.MessageFrame, lambda m: m.code == "told")
    assert world.rules.help_line in told.text
    assert busy.done()
    kept = await world.store.conversation(welcome.conversation)
    assert kept.handoff is not None
    assert kept.handoff.decision.rule == "crisis"


async def test_an_agents_verdict_is_kept_when_they_hand_back_or_end(world: World) -> None:
    """Yes, no, or not said; with the rule it is about."""
    for needed in (True, False, None):
        customer, agent, conversation = await claimed(world)
        await agent.send(frames.HandBack("b1", conversation, "", needed))
        await agent.get(frames.Ack, lambda a: a.id == "b1")
        (served,) = await world.store.served(conversation)
        assert (served.needed, served.rule, served.act, served.agent) == (needed, "asked", "handed_back", "anna")
        await agent.close()
        await customer.close()
    assert len(await world.store.served()) == 3


async def lines_of(customer: Any, code: str) -> list[str]:
    return [m.text for m in customer.messages() if m.code == code]


async def test_who_waits_and_asks_how_long_is_told_the_place(world: World) -> None:
    """By the system; the bot is not asked."""
    await world.agent()
    await in_queue(world)
    customer, conversation = await in_queue(world)
    await customer.get(frames.State, lambda s: s.position == 2)
    await customer.send(frames.Say("m1", "how long?"))
    told = await customer.get(frames.MessageFrame, lambda m: m.code == "waiting")
    assert (told.author, told.text) == ("system", "You're number 2 in the queue. I can't say yet how long it takes.")
    assert world.engine.asked == []
    assert (await world.store.conversation(conversation)).owner.value == "queue"


async def test_with_nobody_there_no_place_and_no_time_is_promised(world: World) -> None:
    """The request is saved, and that is all that is known."""
    customer, _ = await in_queue(world)
    await customer.send(frames.Say("m1", "anyone there?"))
    told = await customer.get(frames.MessageFrame, lambda m: m.code == "waiting")
    assert "Your request is saved" in told.text
    assert "next" not in told.text


async def test_with_nobody_there_the_hours_that_the_bot_knows_are_said(world: World) -> None:
    """Without a turn of the bot, and only how the hours are: what it adds about itself is no news here."""
    world.engine.faqs[OPENING_HOURS] = "Our team is here Monday to Friday, 8:00 to 18:00 CET. I answer at any time."
    customer, _ = await in_queue(world)
    await customer.send(frames.Say("m1", "how long does it take?"))
    told = await customer.get(frames.MessageFrame, lambda m: m.code == "waiting")
    assert "Monday to Friday, 8:00 to 18:00 CET." in told.text
    assert "I answer" not in told.text
    assert world.engine.asked == []


async def test_a_general_question_is_answered_while_waiting_and_each_thing_added_is_noted(world: World) -> None:
    """The answer comes from the engine without a turn; anything else is noted, in other words each time."""
    world.engine.faqs["what does delivery cost"] = "Delivery is 4.90 EUR."
    await world.agent()
    customer, conversation = await in_queue(world)
    await customer.send(frames.Say("m1", "what does delivery cost"))
    await customer.said("While you wait: Delivery is 4.90 EUR.")
    assert world.bridge is not None
    answers = world.bridge.context.meanwhile
    answers.look(conversation, "m1")
    await asyncio.gather(*answers._answering)
    for number, text in enumerate(("it is A1276", "and the lamp is blue", "it came in a box", "with a cord"), 1):
        await customer.send(frames.Say(f"n{number}", text))
        await lines_come(customer, "noted", number)
    noted = await lines_of(customer, "noted")
    assert len(set(noted)) == 4
    assert len(await lines_of(customer, "meanwhile")) == 1, "a frame that is sent twice is answered once"
    assert world.engine.asked == []


async def test_a_thought_in_pieces_gets_one_word_after_the_last(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pieces are read together; the next thought gets a word of its own."""
    monkeypatch.setattr(meanwhile, "PAUSE_S", 0.5)
    world.engine.faqs["what does delivery cost"] = "Delivery is 4.90 EUR."
    customer, _ = await in_queue(world)
    for number, piece in enumerate(("what does", "delivery", "cost")):
        await customer.send(frames.Say(f"m{number}", piece))
    await customer.said("Delivery is 4.90 EUR.")
    await customer.send(frames.Say("n1", "that lamp"))
    await customer.send(frames.Say("n2", "is broken"))
    await lines_come(customer, "noted", 1)
    await customer.send(frames.Say("n3", "ok"))
    await lines_come(customer, "noted", 2)
    after = [m.code or m.author for m in customer.messages()][2:]
    assert after == [*["customer"] * 3, "meanwhile", *["customer"] * 2, "noted", "customer", "noted"]


async def test_an_address_and_a_number_in_a_sentence_are_where_the_answer_goes(world: World) -> None:
    """As if the form had been used: the state shows it, the desk sees it, the line says it back."""
    customer, conversation = await in_queue(world)
    await customer.send(frames.Say("m1", "mara@example.com so they can write me"))
    await lines_come(customer, "contact_kept", 1)
    await customer.get(frames.State, lambda s: s.contact == "mara@example.com")
    await customer.send(frames.Say("m2", "ok the number again 0151 2345678, please after 5 pm"))
    await lines_come(customer, "contact_kept", 2)
    await customer.send(frames.Say("m3", "did you get my number?"))
    await lines_come(customer, "contact_kept", 3)
    lines = await lines_of(customer, "contact_kept")
    assert "mara@example.com" in lines[0]
    assert "0151 2345678" in lines[1]
    assert lines[2] == "Yes, I have mara@example.com, 0151 2345678 noted for the answer."
    assert (await world.store.conversation(conversation)).handoff.contact == "mara@example.com, 0151 2345678"
    agent = await world.agent()
    desk = await agent.get(frames.Desk, lambda d: bool(d.waiting))
    assert desk.waiting[0].contact == "mara@example.com, 0151 2345678"


async def test_an_address_of_somebody_else_is_not_where_the_answer_goes(world: World) -> None:
    """Of an account taken over the new address is the thief's."""
    customer, conversation = await in_queue(world)
    await customer.send(frames.Say("m1", "they changed my address to evil@example.com"))
    await lines_come(customer, "noted", 1)
    assert (await world.store.conversation(conversation)).handoff.contact is None


async def test_a_number_told_to_the_bot_is_known_to_whoever_asks_for_it_while_waiting(world: World) -> None:
    """It goes with the request then."""
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m0", "please call me, my number is 0151 2345678"))
    await customer.said("You said:")
    await customer.send(frames.AskPerson("p1"))
    await customer.get(frames.Ack, lambda a: a.id == "p1")
    await customer.send(frames.Say("m1", "did my phone number arrive with you?"))
    await customer.said("Yes, I have 0151 2345678 noted")
    assert (await world.store.conversation(welcome.conversation)).handoff.contact == "0151 2345678"


async def test_what_is_added_is_noted_though_the_engine_is_gone(world: World) -> None:
    """The line to who waits hangs on nothing."""
    customer, _ = await in_queue(world)
    await world.engine.stop()
    await customer.send(frames.Say("m1", "it is A1276"))
    await customer.said("Noted with your request")


async def test_after_words_of_harm_each_text_is_answered_gently(world: World) -> None:
    """The help line when harm is named or meant again; else plain words, and no "Noted"."""
    await reading.warm()
    customer, conversation = await in_queue(world)
    await customer.send(frames.Say("m1", "nobody cares, I want to kill myself"))
    await lines_come(customer, "told", 1)
    await asyncio.sleep(BURST_S)
    await customer.send(frames.Say("m2", "do it, whatever. nothing matters"))
    await lines_come(customer, "told", 2)
    assert world.rules.help_line in (await lines_of(customer, "told"))[1]
    await customer.send(frames.Say("m3", "ok"))
    await lines_come(customer, "noted", 1)
    await customer.send(frames.Say("m4", "i dont want to call anyone. can i just return the lamp"))
    await lines_come(customer, "noted", 2)
    assert not [line for line in await lines_of(customer, "noted") if re.search("Noted|Got it|!", line)]
    assert (await world.store.conversation(conversation)).handoff.decision.rule == "crisis"


async def test_danger_that_comes_up_while_waiting_is_answered_each_time_and_seen_at_the_desk(world: World) -> None:
    """What to do at once, then again in short; first in the queue; a contact beside it is kept and said back."""
    await reading.warm()
    agent = await world.agent()
    await in_queue(world)
    customer, conversation = await in_queue(world)
    await customer.send(frames.Say("m1", "now its sparking a bit lol, unplugged"))
    await lines_come(customer, "told", 1)
    desk = await agent.get(frames.Desk, lambda d: bool(d.waiting) and d.waiting[0].rule == "danger")
    assert (desk.waiting[0].conversation, desk.waiting[0].urgency_min) == (conversation, 1)
    await asyncio.sleep(BURST_S)
    await customer.send(frames.Say("m2", "my hand hurts from the spark. my mail is mara@example.com"))
    await lines_come(customer, "told", 2)
    await lines_come(customer, "contact_kept", 1)
    first, second = await lines_of(customer, "told")
    assert "112" in first
    assert second == next(rule.say_again for rule in world.rules.rules if rule.name == "danger")
    await customer.send(frames.Say("m3", "what should i do with it now?"))
    await lines_come(customer, "noted", 1)
    handoff = (await world.store.conversation(conversation)).handoff
    assert handoff.contact == "mara@example.com"
    assert len(handoff.decision.turns) == 2
    assert world.engine.asked == []


@pytest.mark.parametrize("intent", ["crisis", "danger", "threat"])
async def test_danger_that_only_the_assistant_understands_is_answered_while_waiting(world: World, intent: str) -> None:
    """No phrase names it; the urgency rises, and the rule's own words are said, in the customer's language."""
    await reading.warm()
    text = "ich habe meinen Kindern Briefe geschrieben, und die sind auf dem Tisch"
    world.engine.intents[text] = intent
    customer, conversation = await in_queue(world)
    await customer.send(frames.Say("m1", text))
    await lines_come(customer, "told", 1)
    (told,) = await lines_of(customer, "told")
    rule = next(rule for rule in world.rules.rules if rule.name == intent)
    assert told.startswith(rule.say_in["de"].calm.partition("{")[0])
    assert await lines_of(customer, "noted") == []
    decision = (await world.store.conversation(conversation)).handoff.decision
    assert (decision.rule, decision.urgency_min) == (intent, 1)
    assert world.engine.asked == []


async def lines_come(customer: Any, code: str, count: int) -> None:
    """Wait until *count* lines of *code* were said."""
    seen: set[int] = set()

    def enough(message: frames.MessageFrame) -> bool:
        if message.code == code:
            seen.add(message.seq)
        return len(seen) >= count

    await customer.get(frames.MessageFrame, enough)


async def test_after_the_hand_back_the_bot_knows_what_was_told_to_the_agent(world: World) -> None:
    """Order, address and promise go to the engine as facts, none of them verified; the note stays private."""
    customer, agent, conversation = await claimed(world)
    await customer.send(frames.Say("m1", "it is a1276, my mail is mei.chen@example.com"))
    await customer.get(frames.Ack, lambda a: a.id == "m1")
    await agent.send(frames.Reply("r1", conversation, "Thank you. It arrives on Monday."))
    await customer.said("It arrives on Monday.")
    await agent.send(frames.HandBack("b1", conversation, "rude man, give him nothing"))
    line = await customer.said("Anna has left")
    assert line.text == (
        "Anna has left. I'm the assistant again, an AI; I know about A1276. Anna told you: “It arrives on Monday.” "
        "What else can I do?"
    )
    await customer.send(frames.Say("m2", "wheres it now?"))
    await customer.said("You said: wheres it now?")
    facts = {fact.name: fact for fact in world.engine.asked[-1].facts}
    assert (facts["order_number"].value, facts["email"].value) == ("A1276", "mei.chen@example.com")
    assert not any(fact.verified for fact in facts.values())
    assert "rude" not in json.dumps([m.text for m in customer.messages()])


async def test_an_order_that_only_the_note_names_is_known_and_the_note_is_not_shown(world: World) -> None:
    """Number and day, in words of ours."""
    customer, agent, conversation = await claimed(world)
    await agent.send(frames.HandBack("b1", conversation, "A1276 arrives Monday, customer is impatient"))
    line = await customer.said("Anna has left")
    assert "A1276. Noted for the delivery: Monday." in line.text
    assert "impatient" not in line.text


async def test_what_was_written_while_waiting_is_known_when_the_customer_goes_back_to_the_bot(world: World) -> None:
    """Without a person in between."""
    customer, _ = await in_queue(world)
    await customer.send(frames.Say("m1", "order A1276 by the way"))
    await customer.get(frames.Ack, lambda a: a.id == "m1")
    await customer.send(frames.BackToBot("b1"))
    await customer.said("You're back with the assistant")
    await customer.send(frames.Say("m2", "where is it"))
    await customer.said("You said: where is it")
    assert [fact.value for fact in world.engine.asked[-1].facts] == ["A1276"]


async def test_a_copy_of_what_was_refused_is_refused_too(world: World) -> None:
    """Its sender was told that nothing changed: a copy that arrives when it would be allowed changes nothing either."""
    customer, welcome = await world.customer()
    await customer.send(frames.BackToBot("b1"))
    first = await customer.get(frames.Nack, lambda n: n.id == "b1")
    await customer.send(frames.AskPerson("p1"))
    await customer.get(frames.Ack, lambda a: a.id == "p1")
    await customer.send(frames.BackToBot("b1"))
    await customer.send(frames.Say("s1", "still there?"))
    await customer.get(frames.Ack, lambda a: a.id == "s1")
    assert (first.code, first.retry_after_s) == ("illegal_transition", None)
    kept = await world.store.conversation(welcome.conversation)
    assert kept.owner.value == "queue"
    assert await world.store.accepted(welcome.conversation, "customer", "b1") is None


async def test_the_number_of_who_asks_to_be_called_is_the_contact(world: World) -> None:
    """It stands in the message that brought the person: the desk has it without a further word."""
    world.engine.script = lambda ask: reply(ask, "I'm passing it on.", decision=VERDICT)
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "please call me on 0151 2345678 after five"))
    await customer.said("I'm passing it on.")
    state = await customer.get(frames.State, lambda s: s.owner == "queue")
    kept = await world.store.conversation(welcome.conversation)
    assert kept.handoff is not None
    assert (kept.handoff.contact, state.contact) == ("0151 2345678", "0151 2345678")


async def test_the_bot_knows_for_what_a_person_was_asked(world: World) -> None:
    """Who went back to the assistant with an open request is no stranger to it."""
    customer, _ = await in_queue(world)
    await customer.send(frames.BackToBot("b1"))
    await customer.said("You're back with the assistant")
    await customer.send(frames.Say("m7", "and now"))
    await customer.said("You said: and now")
    assert world.engine.asked[-1].open_request
