"""Every method of the store, as its protocol promises it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from record_samples import (
    ANALYSIS,
    AWKWARD,
    BUTTONS,
    HANDOFF,
    a_note,
    accept,
    begun,
    fresh,
    full,
    said,
    take,
)

from warmline.core.conversation import Agent, Owner
from warmline.core.effects import (
    AskBot,
    Audit,
    ClearTimer,
    ForgetAsks,
    Keep,
    KeepAnalysis,
    KeepMemory,
    KeepNote,
    SetTimer,
    Settle,
)
from warmline.core.errors import NotFound, StaleVersion, StoreUnavailable
from warmline.store import Account, DueTimer, PendingAsk, Seat, Served, Store
from warmline.store.sqlite import SqliteStore


async def test_a_conversation_comes_back_with_every_field(store: SqliteStore) -> None:
    """What was created is read back equal, nested values and awkward characters included."""
    whole: Store = store
    await whole.create(full())
    assert await whole.conversation("c1") == full()


async def test_an_unknown_conversation_is_not_found(store: SqliteStore) -> None:
    """Reading what was never stored raises NotFound, and stores nothing."""
    with pytest.raises(NotFound):
        await store.conversation("c1")
    with pytest.raises(NotFound):
        await store.message("c1", 1)


async def test_an_id_is_created_once(store: SqliteStore) -> None:
    """Creating an id again raises StaleVersion, and the first conversation stays as it was."""
    first = await begun(store, texts=("hello",))
    with pytest.raises(StaleVersion):
        await store.create(fresh(customer="somebody else"))
    assert await store.conversation("c1") == first


async def test_a_step_is_stored_whole(store: SqliteStore) -> None:
    """The conversation and its messages are read back together, in order, with every field of a message."""
    conversation = await begun(store, texts=("one",))
    second = said(conversation, 2, AWKWARD, author="bot", buttons=BUTTONS, code="opening", at=11.5)
    third = said(conversation, 3, "three", author="agent", name="Anna", client_id="x-1", epoch=1)
    after = await take(store, conversation, Keep(second), Keep(third), seq=3)
    assert await store.conversation("c1") == after
    assert await store.messages("c1") == [said(conversation, 1, "one"), second, third]
    assert await store.message("c1", 2) == second


async def test_the_newest_messages_come_first_to_the_limit(store: SqliteStore) -> None:
    """
    With more messages than the limit the newest are given, ascending, and only those after the seq that was named.
    """
    await begun(store, texts=tuple(str(number) for number in range(1, 301)))
    assert [message.seq for message in await store.messages("c1")] == list(range(101, 301))
    assert [message.seq for message in await store.messages("c1", limit=3)] == [298, 299, 300]
    assert [message.seq for message in await store.messages("c1", after=297, limit=50)] == [298, 299, 300]
    assert await store.messages("c1", after=300) == []
    assert [message.seq for message in await store.messages("c1", before=101, limit=2)] == [99, 100]
    assert [message.seq for message in await store.messages("c1", after=3, before=6)] == [4, 5]
    assert await store.messages("c1", before=1) == []
    assert await store.messages("another") == []


async def test_the_customers_last_conversation_is_the_one_created_last(store: SqliteStore) -> None:
    """
    Creation counts, whatever the clock said: a clock that was set back does not bring an old conversation forward.
    """
    await store.create(fresh("old", created_at=100.0))
    await store.create(fresh("new", created_at=50.0))
    await store.create(fresh("other", customer="u2", created_at=200.0))
    latest = await store.latest_of_customer("u1")
    assert latest is not None
    assert latest.id == "new"
    assert await store.latest_of_customer("nobody") is None


async def test_an_accepted_frame_is_remembered_for_its_sender(store: SqliteStore) -> None:
    """The same frame gets the same seq; another sender's frame of the same id is another frame."""
    conversation = await begun(store)
    conversation = await take(store, conversation, accept(1), texts=("hello",))
    await take(store, conversation, accept(2, sender="anna"), texts=("hi",))
    assert await store.accepted("c1", "customer", "f1") == 1
    assert await store.accepted("c1", "anna", "f1") == 2
    assert await store.accepted("c1", "customer", "f2") is None
    assert await store.accepted("c2", "customer", "f1") is None


async def test_questions_wait_in_the_outbox_until_they_are_settled(store: SqliteStore) -> None:
    """Each conversation shows its oldest question, the oldest conversation first; settling shows the next."""
    one = await begun(store, "one")
    two = await begun(store, "two")
    two = await take(store, two, AskBot(1, 1, "/pressed"), texts=("a",), updated_at=20.0)
    one = await take(store, one, AskBot(1, 1), texts=("b",), updated_at=21.0)
    one = await take(store, one, AskBot(2, 1), texts=("c",), updated_at=22.0)
    first, second = PendingAsk("two", 1, 1, "/pressed", 20.0), PendingAsk("one", 1, 1, None, 21.0)
    assert await store.pending_asks(10) == [first, second]
    assert await store.pending_asks(1) == [first]
    one = await take(store, one, Settle(1))
    assert await store.pending_asks(10) == [first, PendingAsk("one", 1, 2, None, 22.0)]
    await take(store, one, Settle(1), Settle(2))
    assert await store.pending_asks(10) == [first]


async def test_leaving_the_bot_forgets_what_it_was_asked(store: SqliteStore) -> None:
    """ForgetAsks empties the outbox of this conversation, and of no other."""
    one = await begun(store, "one")
    two = await begun(store, "two")
    one = await take(store, one, AskBot(1, 1), AskBot(2, 1), texts=("a", "b"))
    await take(store, two, AskBot(1, 1), texts=("c",))
    await take(store, one, ForgetAsks(), owner=Owner.QUEUE, handoff=HANDOFF)
    assert [ask.conversation for ask in await store.pending_asks(10)] == ["two"]


async def test_notes_come_in_the_order_they_were_written(store: SqliteStore) -> None:
    """Two agents may choose the same id for their notes."""
    conversation = await begun(store, texts=("hello",))
    notes = [a_note(conversation, "n2", after_seq=1), a_note(conversation, "n1"), a_note(conversation, "n1", "ben")]
    for note in notes:
        conversation = await take(store, conversation, KeepNote(note))
    assert await store.notes("c1") == notes
    assert await store.notes("c2") == []


async def test_analyses_are_given_by_conversation_and_seq(store: SqliteStore) -> None:
    """Conversations without an analysis are left out; a second reading of the same turn replaces the first."""
    one = await begun(store, "one", texts=("a", "b", "c"))
    two = await begun(store, "two", texts=("a",))
    await begun(store, "three", texts=("a",))
    later = msgspec.structs.replace(ANALYSIS, outcome="answered")
    await take(store, one, KeepAnalysis(3, ANALYSIS), KeepAnalysis(1, ANALYSIS), KeepAnalysis(1, later))
    await take(store, two, KeepAnalysis(1, ANALYSIS))
    found = await store.analyses(["one", "three", "two", "nobody"])
    assert found == {"one": {1: later, 3: ANALYSIS}, "two": {1: ANALYSIS}}
    assert list(found["one"]) == [1, 3]
    assert await store.analyses([]) == {}
    assert [list(kept) for kept in (await store.analyses(["one", "two"], newest=1)).values()] == [
        list(kept)[-1:] for kept in (found["one"], found["two"])
    ]


async def test_the_engines_memory_is_the_last_one_kept(store: SqliteStore) -> None:
    """It is replaced as a whole, and can be forgotten."""
    conversation = await begun(store)
    assert await store.memory("c1") is None
    conversation = await take(store, conversation, KeepMemory({"slots": {"order": "A1042"}, "loop": None}))
    conversation = await take(store, conversation, KeepMemory({"events": [1, 2.5, AWKWARD]}))
    assert await store.memory("c1") == {"events": [1, 2.5, AWKWARD]}
    await take(store, conversation, KeepMemory(None))
    assert await store.memory("c1") is None


async def test_timers_ring_earliest_first_and_stay_until_cleared(store: SqliteStore) -> None:
    """A later call moves a timer; a timer that rang is still there; clearing one that is not set does nothing."""
    one = await begun(store, "one")
    two = await begun(store, "two")
    assert await store.next_timer_at() is None
    one = await take(store, one, SetTimer("idle", 5.0), SetTimer("queue_wait", 9.0))
    two = await take(store, two, SetTimer("idle", 7.0), SetTimer("idle", 3.0), ClearTimer("agent_grace"))
    due = [DueTimer("two", "idle", 3.0), DueTimer("one", "idle", 5.0)]
    assert await store.next_timer_at() == 3.0
    assert await store.due_timers(5.0, 10) == due
    assert await store.due_timers(5.0, 10) == due
    assert await store.due_timers(5.0, 1) == due[:1]
    assert await store.due_timers(2.9, 10) == []
    assert [await store.timer("one", name) for name in ("idle", "queue_wait", "agent_grace")] == [5.0, 9.0, None]
    await take(store, two, ClearTimer("idle"))
    assert await store.next_timer_at() == 5.0


async def test_the_desk_sees_who_waits_who_is_served_and_who_was_never_served(store: SqliteStore) -> None:
    """A request left out of hours is seen though the bot went on; conversations of the bot alone are not."""
    await store.create(fresh("bot"))
    await store.create(fresh("closed", owner=Owner.CLOSED))
    later = msgspec.structs.replace(HANDOFF, asked_at=60.0)
    await store.create(fresh("waits", owner=Owner.QUEUE, handoff=later))
    await store.create(fresh("served", owner=Owner.AGENT, agent=Agent("anna", "Anna"), handoff=HANDOFF))
    await store.create(fresh("asked", handoff=HANDOFF))
    assert [conversation.id for conversation in await store.at_desk()] == ["served", "asked", "waits"]


async def test_handle_times_are_the_stays_with_an_agent(store: SqliteStore) -> None:
    """From claim or take-over to the next departure, newest first; waiting in the queue is no part of them."""
    conversation = await begun(store)
    story = [
        (100.0, "asked_for_human"),
        (110.0, "claimed"),
        (120.0, "vanished"),
        (150.0, "transferred"),  # 40 s
        (500.0, "claimed"),
        (507.0, "agent_lost"),  # 7 s
        (600.0, "claimed"),
        (660.0, "handed_back"),  # 60 s
        (700.0, "taken_over"),
        (690.0, "ended"),  # the clock was set back: 0 s
        (800.0, "reopened"),
        (900.0, "ended"),  # by the customer, with the bot: no stay
    ]
    for at, act in story:
        conversation = await take(store, conversation, Audit("anna", act, {"n": 1}), updated_at=at)
    other = await begun(store, "other")
    for at, act in [(650.0, "claimed"), (655.0, "ended")]:
        other = await take(store, other, Audit("ben", act), updated_at=at)
    assert await store.handle_times() == [5.0, 0.0, 60.0, 7.0, 40.0]
    assert await store.handle_times(2) == [5.0, 0.0]


async def test_accounts_are_added_once_and_saved_often(store: SqliteStore) -> None:
    """Adding an id twice and saving an unknown one are refused; accounts come by id."""
    ben, anna = Account("ben", "Ben", "agent", "$argon2id$x"), Account("anna", "Anna", "supervisor", "$argon2id$y")
    await store.add_account(ben)
    await store.add_account(anna)
    with pytest.raises(StaleVersion):
        await store.add_account(Account("ben", "Another Ben", "agent", "z"))
    moved = Account("ben", "Ben B.", "supervisor", "$argon2id$z", 2, "away")
    await store.save_account(moved)
    assert await store.accounts() == [anna, moved]
    assert await store.account("ben") == moved
    for unknown in (store.account("carl"), store.save_account(Account("carl", "Carl", "agent", "x"))):
        with pytest.raises(NotFound):
            await unknown


async def test_seats_are_taken_refreshed_and_left(store: SqliteStore) -> None:
    """Taking a seat again refreshes it; leaving one twice is harmless."""
    await store.take_seat(Seat("s1", "anna", "bridge-1", 5.0))
    await store.take_seat(Seat("s2", "anna", "bridge-2", 6.0))
    await store.take_seat(Seat("s1", "anna", "bridge-1", 7.0))
    assert await store.seats() == [Seat("s1", "anna", "bridge-1", 7.0), Seat("s2", "anna", "bridge-2", 6.0)]
    await store.leave_seat("s1")
    await store.leave_seat("s1")
    assert await store.seats() == [Seat("s2", "anna", "bridge-2", 6.0)]


async def test_the_first_secret_of_a_name_stays(store: SqliteStore) -> None:
    """Whoever comes second gets the first one's, so that all processes sign with the same key."""
    assert await store.set_secret("tickets", b"\x00\xff1") == b"\x00\xff1"
    assert await store.set_secret("tickets", b"2") == b"\x00\xff1"
    assert await store.set_secret("other", b"") == b""


async def test_what_was_stored_is_there_after_closing_and_opening(path: Path) -> None:
    """Closing twice is harmless, opening an open store too; a closed store says so."""
    first = SqliteStore(path)
    await first.open()
    await first.open()
    conversation = await begun(first, texts=("hello",))
    await first.close()
    await first.close()
    with pytest.raises(StoreUnavailable):
        await first.conversation("c1")
    with pytest.raises(StoreUnavailable):
        await take(first, conversation, texts=("lost",))
    await first.open()
    assert await first.conversation("c1") == conversation
    await first.close()


async def test_closing_finishes_what_was_accepted(path: Path) -> None:
    """Writes that were under way when the store is closed are stored and their callers told."""
    store = SqliteStore(path)
    await store.open()
    writes = [asyncio.create_task(store.create(fresh(f"c{number}"))) for number in range(100)]
    await asyncio.sleep(0)  # each task has handed its request to the writer
    await store.close()
    await asyncio.gather(*writes)
    await store.open()
    for number in range(100):
        assert (await store.conversation(f"c{number}")).id == f"c{number}"
    await store.close()


async def test_two_processes_share_one_file(path: Path) -> None:
    """A second store on the same file sees at once what the first has stored, and the other way round."""
    first, second = SqliteStore(path), SqliteStore(path)
    await first.open()
    await second.open()
    conversation = await begun(first, texts=("hello",))
    assert await second.conversation("c1") == conversation
    after = await take(second, conversation, texts=("again",))
    assert await first.conversation("c1") == after
    with pytest.raises(StaleVersion):
        await take(first, conversation, texts=("late",))
    await first.close()
    await second.close()


def test_only_its_owner_may_read_the_file(path: Path) -> None:
    """Customers' words lie in it: the file and its companions are closed to everybody else."""

    async def modes() -> set[int]:
        store = SqliteStore(path)
        await store.open()
        await store.create(fresh())
        found = {file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        await store.close()
        return found

    assert asyncio.run(modes()) == {0o600}


async def test_served_handoffs_are_those_that_say_what_they_were_about(store: SqliteStore) -> None:
    """In the order they ended; other departures, and those of earlier versions without detail, are none."""
    about = {"rule": "angry", "since": 1, "asked_at": 50.0}
    conversation = await begun(store)
    for act, detail in [("ended", {}), ("handed_back", {**about, "needed": False}), ("claimed", about)]:
        conversation = await take(store, conversation, Audit("anna", act, detail), updated_at=60.0)
    other = await begun(store, "c2")
    await take(store, other, Audit("ben", "ended", about), updated_at=70.0)
    first = Served("c1", 60.0, "anna", "handed_back", "angry", 1, 50.0, needed=False)
    second = Served("c2", 70.0, "ben", "ended", "angry", 1, 50.0)
    assert await store.served() == [first, second]
    assert await store.served("c2") == [second]
