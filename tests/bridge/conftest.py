"""A real bridge on a free port with a real store, an engine that the test scripts, and clients that speak the wire."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from argon2 import PasswordHasher
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from warmline.bridge import meanwhile
from warmline.bridge.server import Bridge
from warmline.core import frames
from warmline.core.ask import Answer, Ask, BotMessage, TurnAnalysis
from warmline.core.conversation import Button, Fact
from warmline.core.escalation import Decision
from warmline.core.mood import Mood
from warmline.plugins import load_plugins
from warmline.rules_file import load_rules
from warmline.settings import Secrets, load
from warmline.store import Account
from warmline.store.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[2]

SECRETS = Secrets(engine_token="t" * 32, ticket_key=b"k" * 32)
PASSWORD = "correct horse"
HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
F = TypeVar("F", bound=frames.Frame)

Script = Callable[[Ask], Answer | bytes | int | float]


def reply(ask: Ask, *texts: str, decision: Decision | None = None, buttons: tuple[Button, ...] = ()) -> Answer:
    """A plain answer to *ask*."""
    analysis = TurnAnalysis("order_status", 0.9, Mood(0.4), "handoff" if decision else "answered", "order status")
    facts = (Fact("order_number", "Order", "A1042", True, "subject"),)
    messages = tuple(BotMessage(text, buttons) for text in texts)
    return Answer(ask.id, ask.conversation, ask.epoch, messages, analysis, facts, {"n": ask.seq}, decision)


class FakeEngine:
    """
    Speaks the engine's HTTP on a free port; *script* says what each question gets: an Answer, a status, raw bytes, or
    the seconds to hang.
    """

    def __init__(self) -> None:
        self.script: Script = lambda ask: reply(ask, f"You said: {ask.text}")
        self.asked: list[Ask] = []
        self.faqs: dict[str, str] = {}
        self.intents: dict[str, str] = {}
        self.port = 0
        self._server: asyncio.Server | None = None
        self.release = asyncio.Event()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                (int(r.split(":")[1]) for r in head.lower().split("\r\n") if r.startswith("content-length")), 0
            )
            body = await reader.readexactly(length)
            if head.startswith("POST /webhooks/warmline/understand"):
                text = json.loads(body)["text"]
                likely = [{"name": self.intents.get(text, "other"), "confidence": 0.8}]
                status, said = 200, json.dumps({"faq": self.faqs.get(text, ""), "intents": likely}).encode()
            else:
                status, said = (200, b"{}") if head.startswith("GET") else await self._answer(body)
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n".encode() + said
            )
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, body: bytes) -> tuple[int, bytes]:
        ask = msgspec.json.decode(body, type=Ask)
        self.asked.append(ask)
        said = self.script(ask)
        if isinstance(said, float):
            await self.release.wait()
            said = reply(ask, "late")
        if isinstance(said, int):
            return said, b'{"code":"broken","text":"it broke"}'
        return 200, said if isinstance(said, bytes) else msgspec.json.encode(said)


class Client:
    """One socket; frames arrive in the background and are waited for by kind and condition."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[frames.BridgeFrame] = []
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for data in self.socket:
                async with self._news:
                    self.seen.append(frames.decode_bridge(data))
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        finally:
            async with self._news:
                self._news.notify_all()

    async def send(self, frame: frames.Frame) -> None:
        await self.socket.send(frames.encode(frame))

    async def raw(self, data: str | bytes) -> None:
        await self.socket.send(data)

    async def get(self, kind: type[F], condition: Callable[[F], bool] = lambda _: True, *, limit_s: float = 10) -> F:
        """The first frame of *kind* for which *condition* holds, already seen or yet to come."""
        async with asyncio.timeout(limit_s), self._news:
            while True:
                for frame in self.seen:
                    if isinstance(frame, kind) and condition(frame):
                        return frame
                if self._reader.done():
                    raise AssertionError(f"closed before {kind.__name__}: {self.seen}") from None
                await self._news.wait()

    async def said(self, text: str) -> frames.MessageFrame:
        return await self.get(frames.MessageFrame, lambda m: text in m.text)

    def messages(self) -> list[frames.MessageFrame]:
        """Every message in the order it came, those of snapshots included."""
        out: list[frames.MessageFrame] = []
        for frame in self.seen:
            if isinstance(frame, frames.Snapshot):
                out = list(frame.messages)
            elif isinstance(frame, frames.MessageFrame):
                out.append(frame)
        return out

    async def close(self) -> None:
        await self.socket.close()
        await self._reader


class World:
    """A bridge and what is around it. *restart* is a new bridge process's worth of objects over the same store file."""

    def __init__(self, home: Path, engine: FakeEngine, **settings: Any) -> None:
        self.engine = engine
        self.home = home
        self._settings = settings
        self.bridge: Bridge | None = None
        self._clients: list[Client] = []
        self.rules = load_rules(ROOT / "escalation.yml")

    async def up(self) -> None:
        base = load({}, root=ROOT)
        others = {name: value for name, value in self._settings.items() if name != "clock"}
        # most of these customers are one address: what is not about that gives it room, as for an office
        room = {"client_burst": 10_000, "client_per_s": 10_000.0, "client_at_once": 16}
        chosen = {"home": self.home, "port": 0, "engine_port": self.engine.port, **room, **others}
        settings = msgspec.structs.replace(base, **chosen)
        store = SqliteStore(settings.store_path)
        make_demo = load_plugins(settings).demo if settings.demo else None
        clock = self._settings.get("clock", time.time)
        demo = make_demo(settings) if make_demo else None
        self.bridge = Bridge(settings, SECRETS, store, lambda: self.rules, demo=demo, clock=clock)
        await self.bridge.__aenter__()
        for name in ("anna", "ben"):
            if name not in {account.id for account in await store.accounts()}:
                await store.add_account(Account(name, name.capitalize(), "agent", HASH))

    async def down(self) -> None:
        assert self.bridge is not None
        await self.bridge.__aexit__(None, None, None)

    async def restart(self) -> None:
        await self.down()
        await self.up()

    @property
    def store(self) -> Any:
        assert self.bridge is not None
        return self.bridge.context.store

    async def client(self, path: str, **options: Any) -> Client:
        assert self.bridge is not None
        socket = await connect(f"ws://127.0.0.1:{self.bridge.port}{path}", compression=None, **options)
        client = Client(socket)
        self._clients.append(client)
        return client

    async def customer(
        self, ticket: str | None = None, resume: frames.Resume | None = None
    ) -> tuple[Client, frames.Welcome]:
        client = await self.client("/ws/customer")
        await client.send(frames.Hello(ticket, resume))
        return client, await client.get(frames.Welcome)

    async def agent(self, name: str = "anna") -> Client:
        client = await self.client("/ws/agent")
        await client.send(frames.SignIn(name, PASSWORD))
        await client.get(frames.SignedIn)
        return client

    async def close(self) -> None:
        for client in self._clients:
            await client.close()


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits is answered after a tenth of the usual pause."""
    monkeypatch.setattr(meanwhile, "PAUSE_S", meanwhile.PAUSE_S / 10)


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Worlds with chosen settings; all are taken down at the end."""
    async with AsyncExitStack() as stack:

        async def make(**settings: Any) -> World:
            engine = FakeEngine()
            await engine.start()
            stack.push_async_callback(engine.stop)
            world = World(settings.pop("home", tmp_path), engine, **settings)
            await world.up()
            stack.push_async_callback(world.down)
            stack.push_async_callback(world.close)
            return world

        yield make


@pytest.fixture
async def world(make_world: Callable[..., Any]) -> World:
    """One world with the default settings."""
    made: World = await make_world()
    return made


def as_json(frame: frames.Frame) -> dict[str, Any]:
    """The frame as a client sees it."""
    loaded: dict[str, Any] = json.loads(frames.encode(frame))
    return loaded
