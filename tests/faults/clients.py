"""
Clients that keep the delivery contract, and write down what their person saw: what docs/protocol.md asks, no more.

They use the product's own parts for it (:mod:`warmline.client.log`, the patience of :mod:`warmline.client.link`), and
add what a bad network adds: frames sent twice, and old ones sent once more.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import defaultdict, deque
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from warmline.bridge.session import BACKLOG
from warmline.client.link import LIVELY_S, OPEN_LIMIT_S, PONG_LIMIT_S, open_limit_s, wait_s
from warmline.client.log import Log, merge
from warmline.client.pending import ANSWER_LIMIT_S
from warmline.core import frames

from .silence import Silence
from .world import PASSWORD

EVENTS_KEPT = 2_000


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
        self.skipped: dict[str, set[int]] = defaultdict(set)
        self.acks: dict[str, list[int]] = defaultdict(list)
        self.refused: dict[str, frames.Nack] = {}
        self.sent: dict[str, frames.Frame] = {}
        self.errors: list[frames.Error] = []
        self.defects: list[str] = []
        self.connections = 0
        self.events: deque[tuple[float, str]] = deque(maxlen=EVENTS_KEPT)
        self.up = asyncio.Event()
        self._answered: dict[str, asyncio.Future[frames.Ack | frames.Nack]] = {}
        self._socket: ClientConnection | None = None
        self._count = 0
        self._attempt = 0
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

    def note(self, what: str) -> None:
        """Write down what this client did, for whoever asks why somebody waited."""
        self.events.append((time.monotonic(), what))

    def welcomed(self) -> None:
        """The greeting was accepted."""
        self._attempt = 0
        self.note("up")
        self.up.set()

    async def _run(self) -> None:
        while True:
            began_at = time.monotonic()
            try:
                await self._connection()
            except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError, EOFError) as why:
                self.note(f"down: {type(why).__name__} {str(why)[:60]}")
            spent_s = 0.0 if self.up.is_set() else time.monotonic() - began_at
            self.up.clear()
            self._socket = None
            pause_s = max(0.0, wait_s(self._attempt, self.luck.random()) - spent_s)
            self._attempt += 1
            self.note(f"waits {pause_s:.2f} s before attempt {self._attempt}")
            await asyncio.sleep(pause_s)

    async def _connection(self) -> None:
        async with connect(
            f"ws://127.0.0.1:{self.port}{self.path}",
            compression=None,
            max_size=None,
            open_timeout=open_limit_s(self._attempt),
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
                    limit_s = LIVELY_S + PONG_LIMIT_S if self.up.is_set() else open_limit_s(self._attempt)
                    async with asyncio.timeout(limit_s):
                        data = await socket.recv()
                    self._take(frames.decode_bridge(data))
            finally:
                beat.cancel()

    async def _beat(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(LIVELY_S)
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
                self.told(frame)
            case _:
                self.heard(frame)

    def heard(self, frame: frames.BridgeFrame) -> None:
        """Any other frame."""

    def _show(self, frame: frames.MessageFrame | frames.Snapshot) -> None:
        key = frame.conversation
        before = self.logs.get(key, Log(key))
        if isinstance(frame, frames.Snapshot) and frame.more and len(frame.messages) >= BACKLOG:
            self.skipped[key] |= set(range(before.seq + 1, frame.messages[0].seq))
        merged = merge(before, frame)
        self.logs[key] = merged.log
        for message in merged.fresh:
            self.shown[key].append(message)
            self.displayed(message)
        if merged.gap:
            self.gap(key)

    def told(self, error: frames.Error) -> None:
        """The bridge said in a sentence what is wrong."""

    def displayed(self, message: frames.MessageFrame) -> None:
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
                    self.note(f"sent {frame_id}")
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
                self.note(f"{type(answer).__name__} {frame_id}")
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
    """A customer; *silences* are the stretches in which a message of theirs waited for a word from the other side."""

    def __init__(self, name: str, port: int, luck: random.Random) -> None:
        super().__init__(name, port, luck)
        self.ticket: str | None = None
        self.conversation = ""
        self.state: frames.State | None = None
        self.silences: list[Silence] = []
        self._since: float | None = None

    def greeting(self) -> frames.Frame:
        log = self.logs.get(self.conversation)
        resume = frames.Resume(self.conversation, log.epoch, log.seq) if log else None
        return frames.Hello(self.ticket, resume)

    def heard(self, frame: frames.BridgeFrame) -> None:
        match frame:
            case frames.Welcome():
                self.ticket, self.conversation = frame.ticket, frame.conversation
                self.welcomed()
            case frames.State():
                self.state = frame
                self._told_of_a_person()

    def displayed(self, message: frames.MessageFrame) -> None:
        if message.author != "customer":
            self._hears(f"{message.author} {message.code or 'message'} {message.seq}")

    def told(self, error: frames.Error) -> None:
        """A sentence, but no answer: the silence begins anew."""
        if self._since is not None and self.up.is_set():
            self._hears(f"error {error.code}")
            self._since = time.monotonic()

    def _hears(self, word: str) -> None:
        """A word from the other side ends the silence, if there is one."""
        if self._since is not None:
            now = time.monotonic()
            events = tuple(each for each in self.events if each[0] >= self._since)
            self.silences.append(Silence(self.name, self._since, now, word, events))
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
            self._hears("nack, later")
            self._since = time.monotonic()

    def _told_of_a_person(self) -> None:
        """With a person, or in the queue, the customer was told so: the state is the answer."""
        if self.state is not None and self.state.owner in ("queue", "agent"):
            self._hears(f"state {self.state.owner}")


class Agent(Client):
    """An agent at the desk: opens and claims what waits, works on it, and lets it go in one of the ways there are."""

    path = "/ws/agent"

    def __init__(self, name: str, port: int, luck: random.Random, password: str = PASSWORD) -> None:
        super().__init__(name, port, luck)
        self._password = password
        self.token: str | None = None
        self.desk: frames.Desk | None = None
        self.news = asyncio.Event()
        self.won: list[str] = []
        self.lost: list[str] = []
        self.resting = asyncio.Event()
        self._opened: set[str] = set()

    def greeting(self) -> frames.Frame:
        return frames.HelloAgent(self.token) if self.token else frames.SignIn(self.name, self._password)

    def heard(self, frame: frames.BridgeFrame) -> None:
        match frame:
            case frames.SignedIn():
                self.token = frame.token
                self.welcomed()
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


async def flood(port: int, count: int, *, limit_s: float = OPEN_LIMIT_S) -> None:
    """
    A customer who sends *count* long messages as fast as the link takes them, reads nothing, and is gone; before that
    when *limit_s* seconds are over or the bridge has had enough.
    """
    with contextlib.suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
        async with (
            asyncio.timeout(limit_s),
            connect(
                f"ws://127.0.0.1:{port}/ws/customer",
                compression=None,
                open_timeout=OPEN_LIMIT_S,
                close_timeout=0.1,
                ping_interval=None,
                proxy=None,
            ) as socket,
        ):
            await socket.send(frames.encode(frames.Hello()))
            await socket.recv()
            socket.transport.pause_reading()
            for number in range(count):
                await socket.send(frames.encode(frames.Say(f"f{number}", "x" * 3_900)))
            socket.transport.abort()
