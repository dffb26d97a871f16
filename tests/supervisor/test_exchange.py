"""A process is exchanged while it is asked without a pause: no question stays without its answer. Real processes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from warmline.supervisor import AllReady, Door, Launch, Report, Spec, Supervisor, Warden, free_port

SERVER = """
import http.server, signal, sys, time
class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.answer(b"ready")
    def do_POST(self):
        asked = self.rfile.read(int(self.headers["content-length"]))
        time.sleep(float(self.path[1:] or 0))
        self.answer(sys.argv[2].encode() + b":" + asked)
    def answer(self, body):
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *ignored): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answers)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server.serve_forever()
"""
BROKEN = "import sys; print('this model cannot be loaded'); sys.exit(1)"


def spec(port: int, says: str, code: str = SERVER) -> Spec:
    async def launch(_guard: Warden) -> Launch:
        argv = (sys.executable, "-S", "-c", code, str(port), says)
        return Launch(argv=argv, env=dict(os.environ), cwd=Path.cwd())

    return Spec(name="engine", launch=launch, health=f"http://127.0.0.1:{port}/", stop_limit_s=5.0)


@asynccontextmanager
async def served(logs: Path) -> AsyncIterator[tuple[Supervisor, Door, list[Report]]]:
    """A supervised engine that says "old", behind an open door."""
    told: list[Report] = []
    ready = asyncio.Event()

    def tell(report: Report) -> None:
        told.append(report)
        if isinstance(report, AllReady):
            ready.set()

    first = free_port()
    door = Door(first)
    await door.open(0)
    supervisor = Supervisor([spec(first, "old")], logs_dir=logs, tell=tell)
    running = asyncio.create_task(supervisor.run())
    await asyncio.wait_for(ready.wait(), 60)
    try:
        yield supervisor, door, told
    finally:
        supervisor.stop()
        assert await asyncio.wait_for(running, 60)
        await door.close()


async def ask(http: httpx.AsyncClient, door: Door, number: int, takes_s: float = 0.0) -> str:
    answer = await http.post(f"http://127.0.0.1:{door.port}/{takes_s}", content=str(number).encode())
    assert answer.status_code == 200
    assert answer.text.endswith(f":{number}")
    return answer.text.split(":")[0]


async def test_no_question_fails_while_the_engine_is_exchanged(tmp_path: Path) -> None:
    """Four callers ask without a pause: each gets its own answer, first from the old one, at last from the new one."""
    async with served(tmp_path) as (supervisor, door, _), httpx.AsyncClient(trust_env=False, timeout=30) as http:
        heard: list[list[str]] = [[] for _ in range(4)]
        done = asyncio.Event()

        async def caller(said: list[str]) -> None:
            while not done.is_set() or "new" not in said:
                said.append(await ask(http, door, len(said), takes_s=0.01))

        callers = [asyncio.create_task(caller(said)) for said in heard]
        port = free_port()
        why = await supervisor.exchange(spec(port, "new"), lambda: door.switch_to(port, 30))
        done.set()
        await asyncio.gather(*callers)
        assert why == ""
        assert door.target == port
        for said in heard:
            assert said == sorted(said, reverse=True)  # never back to the old one
            assert set(said) == {"old", "new"}


async def test_a_question_under_way_is_waited_for(tmp_path: Path) -> None:
    """A slow answer that the old engine owes is given before that engine is stopped."""
    async with served(tmp_path) as (supervisor, door, _), httpx.AsyncClient(trust_env=False, timeout=30) as http:
        port = free_port()
        slow: list[asyncio.Task[str]] = []

        async def switch() -> None:
            slow.append(asyncio.create_task(ask(http, door, 7, takes_s=1.0)))
            while not door.busy:
                await asyncio.sleep(0.01)
            await door.switch_to(port, 30)
            assert slow[0].done() or not door.busy

        assert await supervisor.exchange(spec(port, "new"), switch) == ""
        assert await slow[0] == "old"
        assert await ask(http, door, 8) == "new"


async def test_an_engine_that_cannot_start_changes_nothing(tmp_path: Path) -> None:
    """The reason comes back, and the old one goes on answering."""
    async with served(tmp_path) as (supervisor, door, _), httpx.AsyncClient(trust_env=False, timeout=30) as http:
        port = free_port()
        why = await supervisor.exchange(spec(port, "new", BROKEN), lambda: door.switch_to(port, 30))
        assert "this model cannot be loaded" in why
        assert await ask(http, door, 1) == "old"


async def test_a_new_engine_that_dies_later_is_started_again(tmp_path: Path) -> None:
    """The supervisor follows the one that took over, at its own port."""
    async with served(tmp_path) as (supervisor, door, told), httpx.AsyncClient(trust_env=False, timeout=30) as http:
        port = free_port()
        assert await supervisor.exchange(spec(port, "new"), lambda: door.switch_to(port, 30)) == ""
        starts = len(told)
        await supervisor.restart("engine")
        async with asyncio.timeout(60):
            while True:
                try:
                    assert await ask(http, door, 2) == "new"
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        assert len(told) > starts


async def test_stopping_in_the_middle_of_an_exchange_leaves_nobody(tmp_path: Path) -> None:
    """A successor that is not ready yet ends with all the others."""
    async with served(tmp_path) as (supervisor, door, _):
        never_ready = spec(free_port(), "new", "import time; time.sleep(600)")
        exchanging = asyncio.create_task(supervisor.exchange(never_ready, lambda: door.switch_to(1, 1)))
        while supervisor.candidate_pid is None:
            await asyncio.sleep(0.01)
        pid = supervisor.candidate_pid
        supervisor.stop()
        assert await asyncio.wait_for(exchanging, 30)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
