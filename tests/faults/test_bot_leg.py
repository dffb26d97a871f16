"""Engines that die, hang or answer wrongly, and more questions than they can take: nobody hears nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import msgspec
import pytest

from tests.bridge.conftest import World, reply
from warmline.bridge import outbox
from warmline.bridge.quarantine import Gate, Quarantine
from warmline.core import frames
from warmline.core.ask import Ask
from warmline.store import PendingAsk


class Dies(Exception):
    """What the scripted engine does instead of answering."""


async def until_quiet(world: World) -> None:
    while await world.store.pending_asks(1):
        await asyncio.sleep(0.01)


async def test_a_message_that_breaks_the_engine_twice_is_not_asked_a_third_time(world: World) -> None:
    """Each time its customer gets a person; others are answered before, between and after."""

    def script(ask: Ask) -> Any:
        if ask.text == "poison":
            raise Dies
        return reply(ask, f"re: {ask.text}")

    world.engine.script = script
    for number in range(3):
        customer, _ = await world.customer()
        await customer.send(frames.Say("m1", "poison"))
        await customer.get(frames.MessageFrame, lambda m: m.code == "engine_failed")
        await customer.get(frames.State, lambda s: s.owner == "queue")
        other, _ = await world.customer()
        await other.send(frames.Say("m1", f"hello {number}"))
        await other.said(f"re: hello {number}")
    assert [ask.text for ask in world.engine.asked].count("poison") == 2


async def test_innocent_messages_are_cleared_by_their_first_answer(world: World) -> None:
    """Whatever was under way when the engine died is suspected once, and asked again."""
    died: list[str] = []

    def script(ask: Ask) -> Any:
        if not died:
            died.append(ask.text)
            raise Dies
        return reply(ask, "fine")

    world.engine.script = script
    for number in range(3):
        customer, _ = await world.customer()
        await customer.send(frames.Say("m1", "hello"))
        await customer.get(frames.MessageFrame, lambda m: m.code == "engine_failed" or m.text == "fine")
        assert number == 0 or await customer.said("fine")


def test_an_engine_that_was_not_well_in_between_proves_nothing() -> None:
    """While the engine is down for a while, the second failure of "hello" is not hello's fault."""
    quarantine = Quarantine()
    assert quarantine.strike("hello", None, 10.0, well_at=9.0) == 1
    assert quarantine.strike("hello", None, 20.0, well_at=9.0) == 1
    assert not quarantine.is_quarantined("hello", None, 20.0)
    assert quarantine.strike("hello", None, 30.0, well_at=25.0) == 2
    assert quarantine.is_quarantined("hello", None, 30.0)
    assert not quarantine.is_quarantined("hello", '/faq{"x":1}', 30.0)
    assert not quarantine.is_quarantined("hello", None, 30.0 + 3_600)


async def test_who_passes_the_gate_alone_is_alone() -> None:
    """Never together with others, in whatever order they come."""
    gate, inside, seen = Gate(), set(), []

    async def go(name: int, alone: bool) -> None:
        async with gate.alone() if alone else gate.together():
            inside.add((name, alone))
            await asyncio.sleep(0)
            seen.append(set(inside))
            inside.discard((name, alone))

    await asyncio.gather(*(go(n, n % 3 == 0) for n in range(30)))
    assert len(seen) == 30
    assert all(len(there) == 1 for there in seen if any(alone for _, alone in there))


async def test_customers_behind_a_saturated_engine_are_told_and_then_get_a_person(
    make_world: Callable[..., Any],
) -> None:
    """The engine hangs with all it takes at once: those behind hear of the wait, then come into the queue unasked."""
    world = await make_world(engine_limit_s=30.0)
    deadlines = world.bridge._outbox._deadlines
    deadlines.limit_s = 0.6
    world.bridge.context.engine._limit_s = 30.0
    world.engine.script = lambda ask: 1.0
    hung = outbox.AT_ONCE
    customers = [(await world.customer())[0] for _ in range(hung + 4)]
    deadlines.limit_s = 5.0
    for customer in customers[:hung]:
        await customer.send(frames.Say("m1", "first"))
    while len(world.engine.asked) < hung:
        await asyncio.sleep(0.01)
    deadlines.limit_s = 0.6
    for customer in customers[hung:]:
        await customer.send(frames.Say("m1", "behind"))
    for customer in customers[hung:]:
        told = await customer.get(frames.MessageFrame, lambda m: m.code == "delayed")
        assert "Your message is safe" in told.text
        await customer.get(frames.State, lambda s: s.owner == "queue")
        assert [m.code for m in customer.messages()].count("delayed") == 1
    assert "behind" not in [ask.text for ask in world.engine.asked]
    world.engine.release.set()


async def test_a_customer_whose_answer_takes_long_is_told_so_at_half_of_the_limit_and_then_answered(
    make_world: Callable[..., Any],
) -> None:
    """Once, in a sentence of its own, and before the limit; an answer that still comes in time is shown after it."""
    world = await make_world(engine_limit_s=6.0)
    world.engine.script = lambda ask: 1.0
    customer, _ = await world.customer()
    await customer.send(frames.Say("m1", "hello"))
    told = await customer.get(frames.MessageFrame, lambda m: m.code == "delayed")
    assert "takes longer than usual" in told.text
    world.engine.release.set()
    answer = await customer.said("late")
    assert answer.seq == told.seq + 1
    await customer.send(frames.Say("m2", "again"))
    await until_quiet(world)
    assert [m.code for m in customer.messages()].count("delayed") == 1


async def test_a_bridge_that_comes_back_says_so_to_whom_the_engine_still_does_not_answer(
    make_world: Callable[..., Any],
) -> None:
    """The limit is not begun anew: what was left by an earlier life is told at once, and ends within seconds."""
    world = await make_world(engine_limit_s=8.0)
    world.engine.script = lambda ask: 1.0
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "hello"))
    while not world.engine.asked:
        await asyncio.sleep(0.01)
    await world.down()
    back = (await _aged(world, welcome.conversation, 60.0)).ticket
    again, _ = await world.customer(back)
    began = asyncio.get_running_loop().time()
    await again.get(frames.MessageFrame, lambda m: m.code == "engine_failed")
    assert asyncio.get_running_loop().time() - began < 8.0
    world.engine.release.set()


async def _aged(world: World, conversation: str, age_s: float) -> frames.Welcome:
    """Bring the bridge up again, with its questions *age_s* seconds older."""
    with closing(sqlite3.connect(world.home / "store.db")) as db, db:
        db.execute("UPDATE outbox SET at = at - ?", (age_s,))
    await world.up()
    assert world.bridge is not None
    owner = await world.store.conversation(conversation)
    ticket = world.bridge.context.tickets.ticket(owner.customer, conversation)
    return frames.Welcome(ticket, 60, conversation, 1, 0)


async def test_the_limit_counts_from_the_moment_of_writing(make_world: Callable[..., Any]) -> None:
    """A question that already waited gets what is left, not the whole limit again."""
    world = await make_world(engine_limit_s=20.0)
    world.engine.script = lambda ask: 1.0
    customer, welcome = await world.customer()
    deadlines = world.bridge._outbox._deadlines
    wait = deadlines.look(PendingAsk(welcome.conversation, 1, 2, None, at=100.0), now=50.0, clock=117.0)
    assert deadlines.left_s(wait, 50.0) == pytest.approx(3.0)
    later = deadlines.look(PendingAsk(welcome.conversation, 1, 2, None, at=100.0), now=52.0, clock=9_999_999.0)
    assert later == wait
    assert customer.socket.close_code is None


async def test_a_question_whose_reading_fails_costs_nobody_else(world: World, monkeypatch: Any) -> None:
    """A defect of ours over one text ends in that customer's way to a person, not in the bridge's end."""
    real = outbox.turns_now

    async def reads(store: Any, conversation: Any, *, until: int | None = None) -> Any:
        turns = await real(store, conversation, until=until)
        if turns[-1].text == "poison":
            raise ZeroDivisionError
        return turns

    monkeypatch.setattr(outbox, "turns_now", reads)
    customer, _ = await world.customer()
    await customer.send(frames.Say("m1", "poison"))
    await customer.get(frames.MessageFrame, lambda m: m.code == "engine_failed")
    other, _ = await world.customer()
    await other.send(frames.Say("m1", "hello"))
    await other.said("You said: hello")


async def test_an_answer_that_cannot_be_kept_is_a_failure_and_not_a_loop(world: World) -> None:
    """A memory too deep for the record, a text without a UTF-8 form: the customer gets a person."""
    world.engine.script = lambda ask: msgspec.json.encode(reply(ask, "fine")).replace(b'"fine"', b'"\\ud800"')
    customer, _ = await world.customer()
    await customer.send(frames.Say("m1", "hello"))
    await customer.get(frames.State, lambda s: s.owner == "queue")
    await until_quiet(world)


async def test_a_question_that_is_carried_twice_is_answered_once(world: World) -> None:
    """The list of questions may be older than the answer: the second answer is dropped."""
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", "hello"))
    await customer.said("You said: hello")
    stale = PendingAsk(welcome.conversation, 1, 2, None, 0.0)
    box = world.bridge._outbox  # type: ignore[union-attr]
    await box._bring_home(stale, await box._ask(stale, box._deadlines.look(stale, 0.0, 0.0)))
    answers = [m for m in await world.store.messages(welcome.conversation) if m.about == 2]
    assert len(answers) == 1


async def test_messages_written_while_the_bot_thinks_are_answered_in_order_each_once(world: World) -> None:
    """One question at a time for each conversation, whatever comes meanwhile."""
    customer, welcome = await world.customer()
    for n in range(6):
        await customer.send(frames.Say(f"m{n}", f"text {n}"))
    await customer.said("You said: text 5")
    answers = [m.text for m in await world.store.messages(welcome.conversation) if m.about]
    assert answers == [f"You said: text {n}" for n in range(6)]


async def test_a_bridge_that_has_just_started_answers_before_its_language_is_loaded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading takes seconds after a restart: the question goes out unread, and so does the request for a person."""
    gate = threading.Event()
    monkeypatch.setattr("warmline.bridge.reading.READ_LIMIT_S", 0.05)
    monkeypatch.setattr("warmline.bridge.reading.with_features", lambda turns, **_: gate.wait(60) and turns)
    try:
        customer, _ = await world.customer()
        await customer.send(frames.Say("m1", "hello"))
        await customer.said("You said: hello")
        assert [turn.features for turn in world.engine.asked[0].turns if turn.role == "customer"] == [None]
        await customer.send(frames.AskPerson("p1"))
        await customer.get(frames.State, lambda s: s.owner == "queue")
    finally:
        gate.set()
