"""An engine of one's own, and the actions if wanted, on free ports: to try and to test without touching what runs."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from warmline import own_actions
from warmline.core.ask import Answer, Ask, Refusal
from warmline.engine import commands
from warmline.settings import Settings, inherited_environment
from warmline.supervisor import Launch, LogFile, Process, StartFailed, Warden, free_port
from warmline.teaching.errors import TeachingError

T = TypeVar("T")
START_LIMIT_S = 240.0
ANSWER_LIMIT_S = 30.0


class Understood(msgspec.Struct, frozen=True):
    """How a text is read: see :func:`warmline.engine.understand.understand`."""

    intents: tuple[dict[str, Any], ...]
    entities: tuple[dict[str, str], ...]
    action: str
    policy: str


class Engine:
    """Asks the engine at *url* with the bearer *token*."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=ANSWER_LIMIT_S, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def is_there(self) -> bool:
        """Whether it answers its health check with 200."""
        try:
            return (await self._http.get(commands.ENGINE_HEALTH, timeout=2.0)).status_code == 200
        except httpx.HTTPError:
            return False

    async def understand(self, text: str) -> Understood:
        """How *text* is read. Raises TeachingError when the engine refuses or fails."""
        return await self._post(commands.ENGINE_UNDERSTAND, {"text": text}, Understood)

    async def turn(self, ask: Ask) -> Answer:
        """One turn, for real. Raises TeachingError when the engine refuses or fails."""
        return await self._post(commands.ENGINE_TURN, ask, Answer)

    async def _post(self, path: str, body: Any, kind: type[T]) -> T:
        try:
            response = await self._http.post(path, content=msgspec.json.encode(body))
            if response.status_code == 200:
                return msgspec.json.decode(response.content, type=kind)
            refusal = msgspec.json.decode(response.content, type=Refusal)
        except httpx.HTTPError as wrong:
            raise TeachingError(f"The engine does not answer ({type(wrong).__name__}).") from None
        except msgspec.DecodeError:
            raise TeachingError("The engine answered with something else; restart it, it may be older.") from None
        raise TeachingError(f"The engine refused: {refusal.text}")


@contextlib.asynccontextmanager
async def sandbox_engine(
    settings: Settings, model: Path, *, actions: bool, say: Callable[[str], None]
) -> AsyncIterator[tuple[Engine, Path]]:
    """
    Serve *model* on a port of its own until the block ends; with *actions*, also those, with fresh data of their own in
    the directory that comes beside the engine, and the team's own where the supervisor would start them.

    Raises:
        TeachingError: one of them does not start; the text holds the reason.
    """
    token = "sandbox-" + "0" * 24
    guard = Warden()
    started: list[Process] = []
    with tempfile.TemporaryDirectory(prefix="warmline-sandbox-") as room:
        home = Path(room)
        log = LogFile(home / "sandbox.log")
        try:
            engine_port, actions_port = free_port(), free_port()
            wanted: list[tuple[commands.Command, str]] = [
                (
                    commands.engine(
                        python=settings.engine_python,
                        root=settings.root,
                        model=model,
                        port=engine_port,
                        actions_port=actions_port,
                        token=token,
                    ),
                    f"http://127.0.0.1:{engine_port}{commands.ENGINE_HEALTH}",
                )
            ]
            if actions:
                own_port = free_port()
                if settings.actions_requirements is not None:
                    command = await own_actions.OwnActions(settings, own_port, say).command(guard)
                    wanted.append((command, f"http://127.0.0.1:{own_port}{commands.ACTIONS_HEALTH}"))
                own = msgspec.structs.replace(
                    settings, home=home, actions_port=actions_port, own_actions_port=own_port, demo=True
                )
                command = commands.actions(
                    python=Path(sys.executable),
                    root=settings.root,
                    port=actions_port,
                    settings=own.as_environment(),
                )
                wanted.append((command, f"http://127.0.0.1:{actions_port}{commands.ACTIONS_HEALTH}"))
            for command, _ in wanted:
                env = inherited_environment() | command.env
                started.append(await Process.start(Launch(command.argv, env, Path(command.cwd)), log, guard))
            for process, (_, health) in zip(started, wanted, strict=True):
                await _ready(process, health, say)
            engine = Engine(f"http://127.0.0.1:{engine_port}", token)
            try:
                yield engine, home
            finally:
                await engine.close()
        except StartFailed as wrong:
            raise TeachingError(wrong.text) from None
        finally:
            await asyncio.gather(*(process.stop(10.0) for process in started))
            log.close()
            await asyncio.to_thread(guard.close)


async def _ready(process: Process, health: str, say: Callable[[str], None]) -> None:
    ended = asyncio.create_task(process.ended())
    begun = told = time.monotonic()
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2.0) as http:
            while time.monotonic() - begun < START_LIMIT_S:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(health)).status_code == 200:
                        return
                if ended.done():
                    raise TeachingError(f"The engine could not be started: {process.reason()}.")
                if time.monotonic() - told > 5.0:
                    told = time.monotonic()
                    say(f"still starting after {told - begun:.0f} s")
                await asyncio.wait({ended}, timeout=0.1)
        raise TeachingError(f"The engine was not ready after {START_LIMIT_S:.0f} seconds.")
    finally:
        ended.cancel()
