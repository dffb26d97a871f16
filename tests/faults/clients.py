"""
Clients that keep the delivery contract, and write down what their person saw: what docs/protocol.md asks, no more.

They use the product's own pure parts for it (:mod:`bot.client.log`), and add what a bad network adds: frames sent
twice, and old ones sent once more.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from bot.client.log import Log, merge
from bot.core import frames

from .world import PASSWORD

ANSWER_LIMIT_S = 6.0
OPEN_LIMIT_S = 6.0
SILENCE_LIMIT_S = 4.0


class Client:
    """Comes back until it is stopped. *port* may change between connections (a proxy's or the bridge's own)."""

    path = "/ws/customer"

    def __init__(self, name: str, port: int, luck: random.Random) -> None:
        self.name = name
        self.port = port
        self.luck = luck
        self.local = ""
        self.logs: dict[str, Log] = {}
        self.shown: dict[str, list[frames.MessageFrame]] = defaultdict(list)
        self.acks: dict[str, list[int]] = defaultdict(list)
        self.refused: dict[str, frames.Nack] = {}
        self.sent: dict[str, frames.Frame] = {}
        self.errors: list[frames.Error] = []
        self.defects: list[str] = []
        self.connections = 0
        self.up = asyncio.Event()
        self._answered: dict[str, asyncio.Future[frames.Ack | frames.Nack]] = {}
        self._socket: ClientConnection | None = None
        self._count = 0
        self._heard_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._run())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def next_id(self) -> str:
        self._count += 1
        return f"{self.name}-{self._count}"

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError, EOFError):
                await self._connection()
            self.up.clear()
            self._socket = None
            await asyncio.sleep(0.05 + self.luck.random() * 0.3)

    async def _connection(self) -> None:
        async with connect(
            f"ws://127.0.0.1:{self.port}{self.path}",
            compression=None,
            max_size=None,
            open_timeout=OPEN_LIMIT_S,
            close_timeout=0.2,
            ping_interval=None,
            proxy=None,
            local_addr=(self.local, 0) if self.local else None,
        ) as socket:
            self._socket = socket
            self.connections += 1
            await socket.send(frames.encode(self.greeting()))
            beat = asyncio.create_task(self._beat(socket))
            try:
                while True:
                    async with asyncio.timeout(OPEN_LIMIT_S):
                        data = await socket.recv()
                    self._heard_at = time.monotonic()
                    self._take(frames.decode_bridge(data))
            finally:
                beat.cancel()

    async def _beat(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(SILENCE_LIMIT_S / 4)
                await socket.send(frames.encode(frames.Ping()))

    def greeting(self) -> frames.Frame:
        raise NotImplementedError

    def _take(self, frame: frames.BridgeFrame) -> None:
        match frame:
            case frames.Ack() | frames.Nack():
                if isinstance(frame, frames.Ack):
                    self.acks[frame.id].append(frame.seq)
                waiter = self._answered.get(frame.id)
                if waiter is not None and not waiter.done():
                    waiter.set_result(frame)
            case frames.MessageFrame() | frames.Snapshot():
                self._show(frame)
            case frames.Error():
                self.errors.append(frame)
                if frame.code == "error":
                    self.defects.append(frame.text)
            case _:
                self.heard(frame)

    def heard(self, frame: frames.BridgeFrame) -> None:
        """Any other frame."""

    def _show(self, frame: frames.MessageFrame | frames.Snapshot) -> None:
        key = frame.conversation
        merged = merge(self.logs.get(key, Log(key)), frame)
        self.logs[key] = merged.log
        now = time.monotonic()
        for message in merged.fresh:
            self.shown[key].append(message)
            self.displayed(message, now)
        if merged.gap:
            self.gap(key)

    def displayed(self, message: frames.MessageFrame, now: float) -> None:
        """The person sees *message*."""

    def gap(self, conversation: str) -> None:
        """Something is missing before what came: connect anew."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def do(self, frame: frames.Frame, *, limit_s: float = 90.0) -> frames.Ack | frames.Nack:
        """
        Send *frame* until it is answered, sometimes twice. A nack that says when to try again is obeyed; any other is
        the report that it was not kept.
        """
        frame_id: str = frame.id  # type: ignore[attr-defined]
        self.sent[frame_id] = frame
        async with asyncio.timeout(limit_s):
            while True:
                waiter = self._answered[frame_id] = asyncio.get_running_loop().create_future()
                await self.up.wait()
                socket = self._socket
                if socket is None:
                    await asyncio.sleep(0.01)
                    continue
                with contextlib.suppress(ConnectionClosed):
                    await socket.send(frames.encode(frame))
                    if self.luck.random() < 0.3:
                        await socket.send(frames.encode(frame))
                done, _ = await asyncio.wait(
                    [waiter, asyncio.ensure_future(socket.wait_closed())],
                    timeout=ANSWER_LIMIT_S,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if waiter not in done:
                    continue
                answer = waiter.result()
                if isinstance(answer, frames.Nack) and answer.retry_after_s is not None:
                    self.put_off()
                    await asyncio.sleep(answer.retry_after_s)
                    continue
                if isinstance(answer, frames.Nack):
                    self.refused[frame_id] = answer
                return answer

    def put_off(self) -> None:
        """The bridge said that it does not take the frame now, and when to try again."""

    async def once_more(self) -> None:
        """An old frame arrives again, as a network may have it."""
        kept = [frame for frame_id, frame in self.sent.items() if frame_id in self.acks]
        if kept and self._socket is not None and self.up.is_set():
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(frames.encode(self.luck.choice(kept)))


class Customer(Client):
    """A customer; *silences* are the seconds each message of theirs waited for a word from the other side."""

    def __init__(self, name: str, port: int, luck: random.Random) -> None:
        super().__init__(name, port, luck)
        self.ticket: str | None = None
        self.conversation = ""
        self.state: frames.State | None = None
        self.silences: list[float] = []
        self._since: float | None = None

    def greeting(self) -> frames.Frame:
        log = self.logs.get(self.conversation)
        resume = frames.Resume(self.conversation, log.epoch, log.seq) if log else None
        return frames.Hello(self.ticket, resume)

    def heard(self, frame: frames.BridgeFrame) -> None:
        match frame:
            case frames.Welcome():
                self.ticket, self.conversation = frame.ticket, frame.conversation
                self.up.set()
            case frames.State():
                self.state = frame
                self._told_of_a_person()

    def displayed(self, message: frames.MessageFrame, now: float) -> None:
        if message.author != "customer" and self._since is not None:
            self.silences.append(now - self._since)
            self._since = None

    @property
    def waits(self) -> bool:
        """Whether something was said to the bot that nobody has answered."""
        return self._since is not None

    async def say(self, text: str) -> frames.Ack | frames.Nack:
        """Say it. The silence counts from now when the bot is the one to answer."""
        with_bot = self.state is None or self.state.owner in ("bot", "closed")
        if with_bot and self._since is None:
            self._since = time.monotonic()
        answer = await self.do(frames.Say(self.next_id(), text))
        self._told_of_a_person()
        return answer

    def put_off(self) -> None:
        """Being told "not now" is an answer too; the silence begins anew."""
        if self._since is not None:
            self.silences.append(time.monotonic() - self._since)
            self._since = time.monotonic()

    def _told_of_a_person(self) -> None:
        """With a person, or in the queue, the customer was told so: the state is the answer."""
        if self.state is not None and self.state.owner in ("queue", "agent") and self._since is not None:
            self.silences.append(time.monotonic() - self._since)
            self._since = None


class Agent(Client):
    """An agent at the desk: opens and claims what waits, works on it, and lets it go in one of the ways there are."""

    path = "/ws/agent"

    def __init__(self, name: str, port: int, luck: random.Random) -> None:
        super().__init__(name, port, luck)
        self.token: str | None = None
        self.desk: frames.Desk | None = None
        self.news = asyncio.Event()
        self.won: list[str] = []
        self.lost: list[str] = []
        self.resting = asyncio.Event()
        self._opened: set[str] = set()

    def greeting(self) -> frames.Frame:
        return frames.HelloAgent(self.token) if self.token else frames.SignIn(self.name, PASSWORD)

    def heard(self, frame: frames.BridgeFrame) -> None:
        match frame:
            case frames.SignedIn():
                self.token = frame.token
                self.up.set()
                for conversation in self._opened:
                    self.look(conversation)
            case frames.Desk():
                self.desk = frame
                self.news.set()

    def look(self, conversation: str) -> None:
        """Follow *conversation* from the last that was seen."""
        self._opened.add(conversation)
        log = self.logs.get(conversation)
        socket = self._socket
        if socket is not None:
            frame = frames.Open(conversation, log.seq if log else 0)
            task = asyncio.ensure_future(socket.send(frames.encode(frame)))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def work(self) -> None:
        """Serve the desk until *resting* is set; what was begun is finished."""
        while not self.resting.is_set():
            try:
                async with asyncio.timeout(0.2):
                    await self.news.wait()
            except TimeoutError:
                continue
            self.news.clear()
            desk = self.desk
            if desk is None:
                continue
            mine = [row.conversation for row in desk.mine]
            waiting = [row.conversation for row in desk.waiting[:5]]
            if mine:
                await self._serve(self.luck.choice(mine))
            elif waiting:
                await self._claim(self.luck.choice(waiting))
            else:
                await asyncio.sleep(0.05)
                continue
            self.news.set()
            await asyncio.sleep(0.02)

    async def _claim(self, conversation: str) -> None:
        self.look(conversation)
        answer = await self.do(frames.Claim(self.next_id(), conversation))
        (self.won if isinstance(answer, frames.Ack) else self.lost).append(conversation)

    async def _serve(self, conversation: str) -> None:
        if conversation not in self._opened:
            self.look(conversation)
        for n in range(self.luck.randint(0, 2)):
            await self.do(frames.Reply(self.next_id(), conversation, f"agent says {n}"))
        leave: list[Callable[[], frames.Frame]] = [
            lambda: frames.HandBack(self.next_id(), conversation, "done"),
            lambda: frames.HandBack(self.next_id(), conversation),
            lambda: frames.Transfer(self.next_id(), conversation, "support", "please"),
            lambda: frames.End(self.next_id(), conversation),
        ]
        await self.do(self.luck.choice(leave)())
        if self.desk is not None:
            rows = tuple(row for row in self.desk.mine if row.conversation != conversation)
            self.desk = frames.Desk(self.desk.waiting, rows, self.desk.requests, self.desk.colleagues, self.desk.bot_ok)
