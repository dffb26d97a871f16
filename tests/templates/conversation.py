"""A customer and an agent of a running instance, over the real WebSocket, with the client that Warmline itself has."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from warmline.client.link import Link
from warmline.core import frames

F = TypeVar("F", bound=frames.Frame)
LIMIT_S = 45.0


class Party:
    """One side: *heard* are the frames that came, in order."""

    def __init__(self, url: str, path: str, greeting: frames.Frame) -> None:
        self.heard: list[frames.Frame] = []
        self.link = Link(url, path, greet=lambda: greeting, hear=self._hear)
        self._news = asyncio.Event()
        self._numbers = itertools.count(1)

    def number(self) -> str:
        """An id for the next frame that needs one."""
        return f"t{next(self._numbers)}"

    async def gets(self, kind: type[F], where: Callable[[F], bool] = lambda _: True) -> F:
        """The first frame of *kind* that was or will be heard for which *where* holds. Raises AssertionError."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while True:
                    self._news.clear()
                    for frame in self.heard:
                        if isinstance(frame, kind) and where(frame):
                            return frame
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no such {kind.__name__} within {LIMIT_S} s; heard: {self.heard}") from None

    async def reads(self, text: str, author: str) -> frames.MessageFrame:
        """The message of *author* in which *text* stands."""
        return await self.gets(frames.MessageFrame, lambda one: one.author == author and text in one.text)

    def _hear(self, frame: frames.BridgeFrame) -> None:
        for one in frame.messages if isinstance(frame, (frames.Snapshot, frames.History)) else (frame,):
            self.heard.append(one)
        self._news.set()


@contextlib.asynccontextmanager
async def customer(url: str) -> AsyncIterator[Party]:
    """A new customer, welcomed."""
    async with _connected(Party(url, "/ws/customer", frames.Hello())) as party:
        await party.gets(frames.Welcome)
        yield party


@contextlib.asynccontextmanager
async def agent(url: str, name: str, password: str) -> AsyncIterator[Party]:
    """The agent *name*, signed in."""
    async with _connected(Party(url, "/ws/agent", frames.SignIn(name, password))) as party:
        await party.gets(frames.SignedIn)
        yield party


@contextlib.asynccontextmanager
async def _connected(party: Party) -> AsyncIterator[Party]:
    running = asyncio.create_task(party.link.run())
    try:
        yield party
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def told_and_handed_over(url: str, question: str, answer: str, name: str, password: str) -> None:
    """
    The whole way: a *question* that the bot answers with *answer*, the request for a person, the agent *name* who
    claims, reads, writes and hands back, and the bot that answers again. Raises AssertionError at the first thing
    amiss.
    """
    async with customer(url) as asking, agent(url, name, password) as desk:
        asking.link.send(frames.Say(asking.number(), question))
        await asking.reads(answer, "bot")
        asking.link.send(frames.Say(asking.number(), "let me talk to a real person please"))
        await asking.gets(frames.State, lambda state: state.owner == "queue")
        waiting = (await desk.gets(frames.Desk, lambda shown: bool(shown.waiting))).waiting[0]
        assert waiting.rule == "asked"
        desk.link.send(frames.Claim(desk.number(), waiting.conversation))
        await asking.gets(frames.State, lambda state: state.owner == "agent")
        desk.link.send_now(frames.Open(waiting.conversation))
        await desk.reads(question, "customer")
        desk.link.send(frames.Reply(desk.number(), waiting.conversation, "Here I am, a person."))
        assert (await asking.reads("Here I am, a person.", "agent")).name
        desk.link.send(frames.HandBack(desk.number(), waiting.conversation, "All done."))
        await asking.gets(frames.State, lambda state: state.owner == "bot" and state.epoch > 1)
        asking.link.send(frames.Say(asking.number(), "thank you"))
        before = max(one.seq for one in asking.heard if isinstance(one, frames.MessageFrame))
        await asking.gets(frames.MessageFrame, lambda one: one.author == "bot" and one.seq > before)
