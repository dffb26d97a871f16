"""The processes of a campaign: a real bridge and a scripted engine over a real store, killed and started at will."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from argon2 import PasswordHasher

from warmline.settings import inherited_environment
from warmline.store import Account
from warmline.store.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[2]

PASSWORD = "correct horse"
HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now; below the range that connections are given, so nobody gets them by chance."""
    found: list[int] = []
    for port in range(20_000 + os.getpid() % 8_000, 32_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free port")


class Processes:
    """Start and end the bridge and the engine below *home*. *settings* are variables without their prefix."""

    def __init__(self, home: Path, *, agents: int = 2, without: str = "", **settings: str) -> None:
        self.home = home
        self.agents = [f"agent{n}" for n in range(agents)]
        self.port, self.engine_port, actions_port = free_ports(3)
        self.without = without
        names = {"HOME": str(home), "PORT": self.port, "ENGINE_PORT": self.engine_port, "ACTIONS_PORT": actions_port}
        # all customers are one address here: it gets the room of an office
        names |= {"CLIENT_BURST": 100_000, "CLIENT_PER_S": 10_000, "CLIENT_AT_ONCE": 16}
        self._env = {f"WARMLINE_{name}": str(value) for name, value in (names | settings).items()}
        self._zygote: asyncio.subprocess.Process | None = None
        self.bridge = 0
        self.engine = 0

    @property
    def store_path(self) -> Path:
        return self.home / "store.db"

    @property
    def log(self) -> Path:
        return self.home / "bridge.log"

    async def __aenter__(self) -> Processes:
        await self._prepare()
        await self.start_engine()
        await self.start_bridge()
        return self

    @asynccontextmanager
    async def only_bridge(self) -> AsyncIterator[None]:
        """A bridge, and no engine but the one that is somewhere else."""
        await self._prepare()
        try:
            await self.start_bridge()
            yield
        finally:
            await self.__aexit__()

    async def _prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        store = SqliteStore(self.store_path)
        await store.open()
        for name in self.agents:
            await store.add_account(Account(name, name.capitalize(), "agent", HASH))
        await store.close()
        self._zygote = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.zygote",
            cwd=ROOT,
            env=inherited_environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._zygote.stdout is not None
        assert (await self._zygote.stdout.readline()).strip() == b"ready"

    async def __aexit__(self, *exc: object) -> None:
        assert self._zygote is not None
        for pid in (self.bridge, self.engine):
            self._signal(pid, signal.SIGKILL)
        self._zygote.kill()
        await self._zygote.wait()

    async def _fork(self, kind: str, log: Path, env: dict[str, str]) -> int:
        assert self._zygote is not None
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        order = {"kind": kind, "env": env, "log": str(log)}
        self._zygote.stdin.write(json.dumps(order).encode() + b"\n")
        await self._zygote.stdin.drain()
        return int(await self._zygote.stdout.readline())

    async def start_bridge(self) -> None:
        """Returns when it answers."""
        env = self._env | ({"FAULTS_WITHOUT": self.without} if self.without else {})
        self.bridge = await self._fork("bridge", self.log, env)
        await self._answers(f"http://127.0.0.1:{self.port}/health")

    async def start_engine(self) -> None:
        env = {"FAULTS_ENGINE_PORT": str(self.engine_port)}
        self.engine = await self._fork("engine", self.home / "engine.log", env)
        await self._answers(f"http://127.0.0.1:{self.engine_port}/")

    async def _answers(self, url: str) -> None:
        def ask() -> bool:
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return True
            except OSError:
                return False

        async with asyncio.timeout(60):
            while not await asyncio.to_thread(ask):
                await asyncio.sleep(0.02)

    async def kill_bridge(self) -> None:
        self._signal(self.bridge, signal.SIGKILL)
        await self.gone(self.bridge)

    async def kill_engine(self) -> None:
        self._signal(self.engine, signal.SIGKILL)
        await self.gone(self.engine)

    async def drain_bridge(self) -> None:
        self._signal(self.bridge, signal.SIGTERM)
        await self.gone(self.bridge)

    def stop_engine(self) -> None:
        self._signal(self.engine, signal.SIGSTOP)

    def continue_engine(self) -> None:
        self._signal(self.engine, signal.SIGCONT)

    def stop_bridge(self) -> None:
        self._signal(self.bridge, signal.SIGSTOP)

    def continue_bridge(self) -> None:
        self._signal(self.bridge, signal.SIGCONT)

    @staticmethod
    def alive(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    async def gone(self, pid: int) -> None:
        async with asyncio.timeout(30):
            while self.alive(pid):
                await asyncio.sleep(0.01)

    @staticmethod
    def _signal(pid: int, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if pid:
                os.kill(pid, number)
