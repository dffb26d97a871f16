"""Real processes for the tests of the action server: ours, rasa-sdk's own, and a socket that answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from warmline.settings import inherited_environment

TOKEN = "the-token-of-the-engine-0123456789"
WORDS = "zanzibar is what the customer wrote"

TEAM_ACTIONS = """
from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import ActionExecutionRejection

class Greet(Action):
    def name(self):
        return "action_team_greet"
    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="From the team.", buttons=[{"title": "Yes", "payload": "/affirm"}])
        known = sorted(domain.get("slots", {}))
        return [SlotSet("seen", tracker.latest_message.get("text")), SlotSet("slots_known", known)]

class Reject(Action):
    def name(self):
        return "action_team_reject"
    def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection(self.name(), "not now")

class Break(Action):
    def name(self):
        return "action_team_break"
    def run(self, dispatcher, tracker, domain):
        raise ValueError(tracker.latest_message.get("text"))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call_of(action: str, **more: Any) -> dict[str, Any]:
    """What Rasa 3.6 sends for *action*."""
    tracker = {"sender_id": "c#1", "slots": {}, "events": [], "paused": False, "latest_message": {"text": WORDS}}
    domain = {"slots": {"seen": {}}, "intents": []}
    return {
        "next_action": action,
        "sender_id": "c#1",
        "version": "3.6.21",
        "tracker": tracker,
        "domain": domain,
        **more,
    }


class Running:
    """A child that serves HTTP at *port*; *log* is what it printed."""

    def __init__(self, child: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self.child, self.port, self.log = child, port, log
        self.http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            trust_env=False,
            timeout=20,
        )

    async def ready(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and self.child.returncode is None:
            with contextlib.suppress(httpx.HTTPError):
                if (await self.http.get("/health")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
        raise AssertionError(f"it did not become ready: {self.log.read_text()}")

    async def run(self, action: str, **more: Any) -> httpx.Response:
        return await self.http.post("/webhook", json=call_of(action, **more))

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, 9)
        await self.child.wait()

    async def close(self) -> None:
        await self.http.aclose()
        await self.kill()


async def start(argv: tuple[str, ...], cwd: Path, port: int, log: Path, **variables: str) -> Running:
    with log.open("ab") as file:
        child = await asyncio.create_subprocess_exec(
            *argv, cwd=cwd, env=inherited_environment() | variables, stdout=file, stderr=file, start_new_session=True
        )
    return Running(child, port, log)


@contextlib.asynccontextmanager
async def ours(project: Path, **variables: str) -> AsyncIterator[Running]:
    """``python -m warmline.actions`` in *project*, guarded, with *variables* beside its warmline.toml."""
    port = free_port()
    named = {"WARMLINE_ROOT": str(project), "WARMLINE_ENGINE_TOKEN": TOKEN, "WARMLINE_TICKET_KEY": "00" * 32}
    argv = (sys.executable, "-m", "warmline.actions", "--port", str(port), "--guarded")
    running = await start(
        argv, project, port, project / "ours.log", **named, **{"WARMLINE_ACTIONS_PORT": str(port), **variables}
    )
    try:
        await running.ready()
        yield running
    finally:
        await running.close()


async def rasa_sdk(project: Path, port: int) -> Running:
    """rasa-sdk's own server, with the team's actions."""
    (project / "actions").mkdir(exist_ok=True)
    (project / "actions" / "__init__.py").write_text("")
    (project / "actions" / "team.py").write_text(TEAM_ACTIONS)
    argv = (sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port))
    running = await start(argv, project, port, project / "team.log", SANIC_HOST="127.0.0.1")
    await running.ready()
    return running


class Request:
    """What arrived: *target* with its parameters, *headers* in lower case, *body*; *connection* counts from 1."""

    def __init__(self, head: str, body: bytes, connection: int) -> None:
        first, *rest = head.split("\r\n")
        self.target = first.split(" ")[1]
        self.headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in rest if line}
        self.body, self.connection = body, connection


Script = Callable[[Request], bytes | None]
"""The whole response, or None: never any."""


def response(body: bytes, status: int = 200, headers: Mapping[str, str] = {}) -> bytes:
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    return (
        f"HTTP/1.1 {status} X\r\n{''.join(f'{k}: {v}' + chr(13) + chr(10) for k, v in lines.items())}\r\n".encode()
        + body
    )


class Socket:
    """A server that answers what *script* says, on connections that it keeps."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.seen: list[Request] = []
        self.asked = asyncio.Event()
        self.connections = 0
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Socket:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhook"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = self.connections
        self._open.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next((int(r[15:]) for r in head.lower().split("\r\n") if r.startswith("content-length:")), 0)
                request = Request(head, await reader.readexactly(length), connection)
                self.seen.append(request)
                self.asked.set()
                said = self.script(request)
                if said is None:
                    continue
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()
