"""The customer's side of ``warmline chat``: what they see, and what their lines mean."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from warmline.cli.terminal import complain, is_terminal, lines, note, show, until_input_ends
from warmline.client.link import Link
from warmline.client.log import Log, merge
from warmline.core import frames

HELP = """\
Write a line and press Enter. Commands:
/1 /2 ...   press that quick reply        /person     talk to a person
/back       rather go on with the assistant            /contact X  where to answer when nobody is there
/end        end the conversation          /quit       leave; the conversation stays
A line that begins with a slash: put a second slash before it."""

QUIET_S = 0.4


async def converse(url: str, ticket: str | None, ticket_path: Path, *, wait_s: float) -> int:
    """
    Chat at *url* until the input ends; returns the exit code.

    *ticket* continues an earlier conversation; the newest one is kept in *ticket_path*. When no person is typing, each
    line waits up to *wait_s* seconds for its answer.
    """
    customer = Customer(url, ticket, ticket_path, echo=not is_terminal())
    if is_terminal():
        note("/help lists the commands.")
    obeying = _obey(customer, lines(sys.stdin), None if is_terminal() else wait_s)
    return await until_input_ends(customer.link.run(), obeying)


async def _obey(customer: Customer, typed: AsyncIterator[str], wait_s: float | None) -> int:
    await customer.welcomed.wait()
    async for line in typed:
        if not line.strip():
            continue
        if line.strip() == "/quit":
            break
        said = customer.do(line.strip())
        if wait_s is not None and not await customer.answered(said, wait_s):
            complain(f"No answer within {wait_s:.0f} s.")
            return 1
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait_s or 2.0):
            await customer.link.settled()
    return 0


class Customer:
    """One customer: what they see, and what their lines mean. *echo* shows their own lines too, for a transcript."""

    def __init__(self, url: str, ticket: str | None, ticket_path: Path, *, echo: bool) -> None:
        self.link = Link(url, "/ws/customer", greet=self._greet, hear=self._hear, tell=self._phase)
        self.log = Log("")
        self.welcomed = asyncio.Event()
        self._ticket = ticket
        self._ticket_path = ticket_path
        self._echo = echo
        self._mine: set[str] = set()
        self._buttons: tuple[int, tuple[str, ...]] = (0, ())
        self._owner = ""
        self._place = ""
        self._was_up = False
        self._news = asyncio.Event()
        self._kept: dict[str | None, int] = {}
        self._heard_seq = 0
        self._resuming: asyncio.Future[None] | None = None

    def do(self, line: str) -> str | None:
        """Obey a command, or say the line; returns the id of what the assistant may answer."""

        frame_id = f"t{os.urandom(8).hex()}"
        word, _, rest = line.partition(" ")
        if line.startswith("//"):
            return self._say(frame_id, line[1:])
        if not line.startswith("/"):
            return self._say(frame_id, line)
        if word[1:].isdigit() and 1 <= int(word[1:]) <= len(self._buttons[1]):
            seq, titles = self._buttons
            index = int(word[1:]) - 1
            return self._say(frame_id, titles[index], frames.Choice(seq, index))
        if word == "/person":
            self.link.send(frames.AskPerson(frame_id))
        elif word == "/back":
            self.link.send(frames.BackToBot(frame_id))
        elif word == "/contact" and len(rest) >= 3:
            self.link.send(frames.LeaveContact(frame_id, rest))
        elif word == "/end":
            self.link.send(frames.End(frame_id))
        elif word == "/help":
            note(HELP)
        else:
            complain(f"'{line}' is not a command here; /help lists them.")
        return None

    def _say(self, frame_id: str, text: str, choice: frames.Choice | None = None) -> str | None:
        if len(text) > frames.MAX_TEXT_CHARS:
            complain(f"A message has at most {frames.MAX_TEXT_CHARS} characters; this one has {len(text)}.")
            return None
        self._mine.add(frame_id)
        self.link.send(frames.Say(frame_id, text, choice))
        return frame_id

    async def answered(self, said: str | None, wait_s: float) -> bool:
        """
        Wait until what was sent is kept and, when it was *said* to the assistant, until that has answered.

        False when that took more than *wait_s* seconds.
        """
        try:
            async with asyncio.timeout(wait_s):
                await self.link.settled()
                while said in self._kept and self._owner in ("", "bot") and self._heard_seq <= self._kept[said]:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        with contextlib.suppress(TimeoutError):
            while True:  # an answer of several bubbles comes as several frames
                self._news.clear()
                async with asyncio.timeout(QUIET_S):
                    await self._news.wait()
        return True

    def _greet(self) -> frames.Frame:
        resume = frames.Resume(self.log.conversation, self.log.epoch, self.log.seq) if self.log.seq else None
        return frames.Hello(ticket=self._ticket, resume=resume)

    def _phase(self, phase: str, why: str) -> None:
        if phase == "waiting":
            complain(f"Not connected: {why}. Trying again; what you write is kept.")
        elif phase == "up" and self._was_up:
            complain("Connected again.")
        self._was_up = self._was_up or phase == "up"

    def _hear(self, frame: frames.BridgeFrame) -> None:
        match frame:
            case frames.Welcome():
                self._ticket = frame.ticket
                _keep(self._ticket_path, frame.ticket)
                if frame.conversation != self.log.conversation:
                    self.log = Log(frame.conversation)
                self.welcomed.set()
            case frames.MessageFrame() | frames.Snapshot():
                merged = merge(self.log, frame)
                self.log = merged.log
                for message in merged.fresh:
                    self._show(message)
                if merged.gap:
                    self._resuming = asyncio.ensure_future(self.link.again())
            case frames.State():
                self._state(frame)
            case frames.Ack():
                self._kept[frame.id] = frame.seq
            case frames.Nack() | frames.Error():
                complain(frame.text)
        self._news.set()

    def _show(self, message: frames.MessageFrame) -> None:
        if message.author != "customer":
            self._heard_seq = message.seq
        self._buttons = (message.seq, message.buttons)
        if message.author == "system":
            note(message.text)
        elif message.author != "customer":
            show("assistant" if message.author == "bot" else (message.name or "agent"), message.text)
        elif self._echo or message.id not in self._mine:
            show("you", message.text)
        if message.buttons:
            note("   ".join(f"/{number} {title}" for number, title in enumerate(message.buttons, 1)))

    def _state(self, state: frames.State) -> None:
        self._owner = state.owner
        place = ""
        if state.owner == "queue" and state.position is not None and not state.offline:
            place = "You're next." if state.position == 1 else f"You are number {state.position} in the queue."
            if state.wait_min:
                place += f" Usually {state.wait_min[0]} to {state.wait_min[1]} minutes."
        if place and place != self._place:
            note(place)
        self._place = place


def _keep(path: Path, ticket: str) -> None:
    """The ticket is as good as the conversation itself: for its owner only."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(ticket)
