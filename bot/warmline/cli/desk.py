"""The agent's side of ``warmline agent``: the desk, one open conversation, and what an agent's lines mean."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable

import msgspec

from warmline.cli.packet_text import packet_lines
from warmline.cli.terminal import complain, is_terminal, lines, note, show, until_input_ends
from warmline.client.link import Link
from warmline.client.log import Log, merge
from warmline.core import frames
from warmline.core.packet import Packet

HELP = """\
Write a line and press Enter: it goes to the customer of the open conversation. Commands:
/desk       who waits, what is yours      /open N     look at number N of the desk
/claim N    take number N                 /take N     take number N over from the assistant
/packet     everything known about it     /earlier    the lines before the first one shown
/note X     a private line for your colleagues
/back X     hand back to the assistant, with the note X
/transfer Q X    put it into the queue Q, with the note X
/needed yes|no   whether this needed a person: told with the next /back or /end
/end        end the conversation          /away /here whether you take new ones
/quit       leave the desk
N may also be a conversation's id. A reply that begins with a slash: put a second slash before it."""

MORE = "There are earlier lines; /earlier shows them."
QUIET_S = 0.4
SETTLE_LIMIT_S = 20.0


async def work_at_desk(url: str, name: str, password: str) -> int:
    """Sign in at *url* and work until the input ends; returns the exit code."""
    desk = AgentDesk(url, name, password, echo=not is_terminal())
    return await until_input_ends(desk.link.run(), _obey(desk))


async def _obey(desk: AgentDesk) -> int:
    await desk.seated.wait()
    if is_terminal():
        note("/help lists the commands.")
    async for line in lines(sys.stdin):
        if line.strip() == "/quit":
            break
        if line.strip():
            desk.do(line.strip())
        if not is_terminal() and not await desk.quiet():
            complain("The bridge does not answer.")
            return 1
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_LIMIT_S):
            await desk.link.settled()
    return 1 if desk.refused and not is_terminal() else 0


class AgentDesk:
    """An agent's session: the newest desk, the open conversation, and the frames that lines become."""

    def __init__(self, url: str, name: str, password: str, *, echo: bool) -> None:
        self.link = Link(url, "/ws/agent", greet=self._greet, hear=self._hear, tell=self._phase)
        self.seated = asyncio.Event()
        self.refused = False
        self._name = name
        self._password = password
        self._token: str | None = None
        self._echo = echo
        self._desk: frames.Desk | None = None
        self._listed: list[frames.Waiting] = []
        self._logs: dict[str, Log] = {}
        self._first: dict[str, int] = {}
        self._open = ""
        self._mine: set[str] = set()
        self._claims: dict[str, str] = {}
        self._needed: dict[str, bool] = {}
        self._packet: Packet | None = None
        self._packet_wanted = False
        self._news = asyncio.Event()
        self._resuming: asyncio.Future[None] | None = None

    def do(self, line: str) -> None:
        """Obey a command, or reply with the line."""
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if not line.startswith("/") or line.startswith("//"):
            self._to_open(
                lambda at, to: frames.Reply(at, to, line.removeprefix("/") if line.startswith("//") else line)
            )
            return
        match word:
            case "/desk":
                self._list_desk()
            case "/help":
                note(HELP)
            case "/away" | "/here":
                self.link.send_now(frames.Presence("away" if word == "/away" else "online"))
            case "/open" | "/claim" | "/take":
                self._approach(word, rest)
            case "/packet":
                self._show_packet()
            case "/earlier":
                self._ask_earlier()
            case "/note" if rest:
                self._to_open(lambda at, to: frames.AddNote(at, to, rest))
            case "/back":
                self._to_open(lambda at, to: frames.HandBack(at, to, rest, self._needed.pop(to, None)))
            case "/needed" if rest in ("yes", "no") and self._open:
                self._needed[self._open] = rest == "yes"
                note("Kept for when you hand it back or end it.")
            case "/transfer" if rest:
                queue, _, words = rest.partition(" ")
                self._to_open(lambda at, to: frames.Transfer(at, to, queue, words.strip()))
            case "/end":
                self._to_open(lambda at, to: frames.End(at, to, self._needed.pop(to, None)))
            case _:
                self.refused = True
                complain(f"'{line}' is not a command here; /help lists them.")

    async def quiet(self) -> bool:
        """Wait until all that was sent is answered and nothing new comes for a moment; False when it takes too long."""
        try:
            async with asyncio.timeout(SETTLE_LIMIT_S):
                await self.link.settled()
        except TimeoutError:
            return False
        with contextlib.suppress(TimeoutError):
            while True:
                self._news.clear()
                async with asyncio.timeout(QUIET_S):
                    await self._news.wait()
        return True

    def _to_open(self, make: Callable[[str, str], frames.Frame]) -> None:
        if not self._open:
            self.refused = True
            complain("No conversation is open; /claim N takes one from the desk.")
            return
        frame_id = _new_id()
        self._mine.add(frame_id)
        self.link.send(make(frame_id, self._open))

    def _approach(self, word: str, which: str) -> None:
        listed = {str(number): row.conversation for number, row in enumerate(self._listed, 1)}
        conversation = listed.get(which, which)
        if not conversation or conversation.isdigit():
            self.refused = True
            complain(f"There is no number {which or '?'} on the desk; /desk shows it.")
            return
        if word == "/open":
            self._look(conversation)
            return
        frame_id = _new_id()
        self._claims[frame_id] = conversation
        make = frames.Claim if word == "/claim" else frames.TakeOver
        self.link.send(make(frame_id, conversation))

    def _look(self, conversation: str) -> None:
        self._open = conversation
        self._packet_wanted = True
        self._logs.setdefault(conversation, Log(conversation))
        self.link.send_now(frames.Open(conversation, self._logs[conversation].seq))

    def _ask_earlier(self) -> None:
        first = self._first.get(self._open, 1)
        if first > 1:
            self.link.send_now(frames.Earlier(first, self._open))
        else:
            note("There is nothing earlier.")

    def _greet(self) -> frames.Frame:
        return frames.HelloAgent(self._token) if self._token else frames.SignIn(self._name, self._password)

    def _phase(self, phase: str, why: str) -> None:
        if phase == "waiting":
            complain(f"Not connected: {why}. Trying again; what you write is kept.")
        elif phase == "up" and self._open:
            self.link.send_now(frames.Open(self._open, self._logs[self._open].seq))

    def _hear(self, frame: frames.BridgeFrame) -> None:
        match frame:
            case frames.SignedIn():
                if self._token is None:
                    note(f"Signed in as {frame.name} ({frame.role}), {frame.status}.")
                self._token = frame.token
            case frames.Desk():
                self._take_desk(frame)
                self.seated.set()
            case frames.Ring():
                note(f"{frame.customer} needs a person within {frame.urgency_min} min: {frame.why}")
            case frames.MessageFrame() | frames.Snapshot() if frame.conversation in self._logs:
                merged = merge(self._logs[frame.conversation], frame)
                self._logs[frame.conversation] = merged.log
                if isinstance(frame, frames.Snapshot) and frame.more:
                    self._first[frame.conversation] = frame.messages[0].seq
                    note(MORE)
                for message in merged.fresh:
                    self._show(message)
                if merged.gap:
                    self._resuming = asyncio.ensure_future(self.link.again())
            case frames.History() if frame.messages and frame.conversation in self._logs:
                note(f"Lines {frame.messages[0].seq} to {frame.messages[-1].seq}:")
                for message in frame.messages:
                    self._show(message)
                self._first[frame.conversation] = frame.messages[0].seq
                note(MORE if frame.more else "That was the first line.")
            case frames.PacketFrame() if frame.conversation == self._open:
                self._packet = msgspec.convert(frame.packet, Packet)
                if self._packet_wanted:
                    self._show_packet()
            case frames.Ack() if frame.id in self._claims:
                self._look(self._claims.pop(frame.id))
            case frames.Nack() | frames.Error():
                self.refused = True
                complain(frame.text)
        self._news.set()

    def _show(self, message: frames.MessageFrame) -> None:
        if message.author == "system":
            note(message.text)
        elif self._echo or message.id not in self._mine:
            speaker = {"customer": "customer", "bot": "assistant"}.get(message.author, message.name or "agent")
            show(speaker, message.text)

    def _take_desk(self, desk: frames.Desk) -> None:
        before, self._desk = self._desk, desk
        if before is None or _rows(before) != _rows(desk):
            self._list_desk()
        was_mine = before is not None and any(row.conversation == self._open for row in before.mine)
        if was_mine and not any(row.conversation == self._open for row in desk.mine):
            note("The open conversation is not yours any more.")

    def _list_desk(self) -> None:
        desk = self._desk
        if desk is None:
            return
        self._listed = [*desk.waiting, *desk.mine, *desk.requests]
        kinds = ["waits"] * len(desk.waiting) + ["yours"] * len(desk.mine) + ["asked"] * len(desk.requests)
        for number, (kind, row) in enumerate(zip(kinds, self._listed, strict=True), 1):
            minutes = max(0, time.time() - row.since) / 60
            contact = f" · {row.contact}" if row.contact else ""
            note(f"{number:>2} {kind} {minutes:4.0f} min  {row.customer}: {row.wants}{contact}")
            note(f"   why: {row.why}")
        if not self._listed:
            note("The desk is empty.")
        if not desk.bot_ok:
            note("The assistant is not answering; people are needed.")

    def _show_packet(self) -> None:
        if self._packet is None or self._packet.conversation != self._open:
            complain("No conversation is open.")
            return
        self._packet_wanted = False
        for line in packet_lines(self._packet):
            note(line)


def _rows(desk: frames.Desk) -> list[list[str]]:
    return [[row.conversation for row in rows] for rows in (desk.waiting, desk.mine, desk.requests)]


def _new_id() -> str:
    return f"t{os.urandom(8).hex()}"
