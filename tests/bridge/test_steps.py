"""
A refusal means that nothing was kept, and nothing will be; a step that is kept is never refused. Held at every point at
which a step can fail, with copies of the frame before and after it would be allowed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from warmline.bridge.hub import Hub
from warmline.bridge.steps import Steps
from warmline.core import inputs
from warmline.core.conversation import Conversation, Customer, Message
from warmline.core.effects import Effect
from warmline.core.errors import EngineUnavailable, NotAllowed, StoreError, StoreUnavailable, TooFast, WarmlineError
from warmline.store.sqlite import SqliteStore

NOW = 1_700_000_000.0


class BadMoments(SqliteStore):
    """A real store whose next commit fails: *before* anything is written, or *after* it is on the disk."""

    fails: str = ""

    async def commit(self, after: Conversation, effects: Sequence[Effect], *, expected_version: int) -> None:
        fails, self.fails = self.fails, ""
        if fails == "before":
            raise StoreUnavailable("Nothing was kept: the disk is full.")
        await super().commit(after, effects, expected_version=expected_version)
        if fails == "after":
            raise StoreUnavailable("Nothing was kept: the disk does not answer.")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[BadMoments]:
    store = BadMoments(tmp_path / "store.db")
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def steps(store: BadMoments) -> Steps:
    steps = Steps(store, Hub(), team="Warmline", clock=lambda: NOW)
    await steps.start("c_1", Customer("g_1"))
    return steps


async def outcome(steps: Steps, happened: Callable[[], inputs.Input]) -> int | Exception:
    """What the sender of frame f1 hears: the seq of the ack, or the error."""

    async def made(conversation: Conversation) -> inputs.Input:
        return happened()

    try:
        return await steps.step("c_1", made, sender="customer", frame_id="f1")
    except Exception as refused:  # whatever it is, it is what the session turns into a nack
        return refused


def wrote() -> inputs.Input:
    return inputs.CustomerWrote("f1", "hello")


async def kept(store: BadMoments) -> int:
    return len([m for m in await store.messages("c_1") if m.client_id == "f1"])


@pytest.mark.parametrize(
    "wrong",
    [NotAllowed("Not now."), EngineUnavailable("The engine is down."), KeyError("defect"), TypeError("defect")],
    ids=lambda wrong: type(wrong).__name__,
)
async def test_a_copy_of_what_was_refused_for_good_is_refused_whatever_the_reason(
    steps: Steps, store: BadMoments, wrong: Exception
) -> None:
    """The first copy meets *wrong*; the next would be allowed, and still nothing is kept, also by a later one."""

    def fails() -> inputs.Input:
        raise wrong

    assert isinstance(await outcome(steps, fails), type(wrong))
    for _ in range(2):
        assert isinstance(await outcome(steps, wrote), WarmlineError)
    assert await kept(store) == 0
    assert await store.accepted("c_1", "customer", "f1") is None


@pytest.mark.parametrize("wrong", [TooFast("Slowly, please.", 0.5), StoreError("Nothing was kept: locked.")])
async def test_what_asks_for_another_try_is_taken_then(steps: Steps, store: BadMoments, wrong: Exception) -> None:
    """These are no refusals: the sender was told to try again."""

    def fails() -> inputs.Input:
        raise wrong

    assert await outcome(steps, fails) is wrong
    assert isinstance(await outcome(steps, wrote), int)
    assert await kept(store) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_commit_that_fails_on_either_side_of_the_disk_asks_for_another_try(
    steps: Steps, store: BadMoments, moment: str
) -> None:
    """A disk that stops answering leaves open whether it kept the step: the sender tries again, and it is kept once."""
    store.fails = moment
    assert isinstance(await outcome(steps, wrote), StoreUnavailable)
    seq = await outcome(steps, wrote)
    assert seq == await store.accepted("c_1", "customer", "f1")
    assert await kept(store) == 1


async def test_a_step_that_is_kept_is_acknowledged_although_nobody_could_be_told(
    steps: Steps, store: BadMoments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect between the disk and those who listen is ours; its sender hears what is true: it was kept."""

    def broken(hub: Hub, message: Message) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Hub, "tell_message", broken)
    seq = await outcome(steps, wrote)
    assert seq == await store.accepted("c_1", "customer", "f1")
    assert await kept(store) == 1
