"""Starts the children, tells when they are ready, starts them again when they die, and stops them in order."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from warmline.core import notice
from warmline.core.errors import WarmlineError
from warmline.supervisor.backoff import LONGEST_S, delay_s
from warmline.supervisor.logfile import LogFile
from warmline.supervisor.process import Launch, Process, Warden
from warmline.supervisor.reports import AllReady, Down, GaveUp, Ready, Report, Said, Started, Stopped, Stopping

START_ATTEMPTS = 3
STEADY_S = 30.0
PROBE_LIMIT_S = 2.0


class StartFailed(WarmlineError):
    """What a child needs before it can start is not there; *text* says what. Trying again would not help."""

    code = "start_failed"


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """
    One child. *launch* says what to run, before each start; it may take its time and run processes of its own under the
    given warden, or raise :class:`StartFailed`.

    *health* is the URL that answers 200 once the child is ready. A child that is not ready after *start_limit_s*
    seconds, or was and has not answered for *hang_limit_s*, is killed and started again, *longest_wait_s* later at most
    however often it failed. When all are stopped, those of the lowest *stop_stage* are asked first, and have
    *stop_limit_s* seconds.
    """

    name: str
    launch: Callable[[Warden], Awaitable[Launch]]
    health: str
    start_limit_s: float = 180.0
    hang_limit_s: float = 60.0
    longest_wait_s: float = LONGEST_S
    stop_stage: int = 0
    stop_limit_s: float = 10.0


class Life(msgspec.Struct, frozen=True):
    """One run of a child from start to end: why it ended, its exit code (None: never started), seconds it was ready."""

    reason: str
    code: int | None = None
    ready_s: float = 0.0


class Supervisor:
    """
    Runs *specs* until :meth:`stop` is called, or one of them cannot be started.

    Until all were ready once, a child that fails ``START_ATTEMPTS`` times in a row, or exits with ``EX_CONFIG`` (78: a
    person has to mend something), ends the run: whoever started it is still watching. After that, a child is started
    again for ever. *tell* hears every change, and the notices in what the children print, from within the event loop;
    *echo* every other line of theirs, with the child's name.
    """

    def __init__(
        self,
        specs: Sequence[Spec],
        *,
        logs_dir: Path,
        tell: Callable[[Report], None],
        echo: Callable[[str, str], None] | None = None,
    ) -> None:
        self._specs = tuple(specs)
        self._tell = tell
        self._logs = {spec.name: LogFile(logs_dir / f"{spec.name}.log", self._hears(spec.name, echo)) for spec in specs}
        self._running: dict[str, Process] = {}
        self._not_yet_ready = {spec.name for spec in specs}
        self._was_ready = False
        self._guard: Warden | None = None
        self._heirs: dict[str, tuple[Spec, Process]] = {}
        self._candidate: Process | None = None
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._gave_up = False

    def _hears(self, name: str, echo: Callable[[str, str], None] | None) -> Callable[[str], None]:
        def line(text: str) -> None:
            if said := notice.in_line(text):
                self._tell(Said(name, said))
            elif echo is not None:
                echo(name, text)

        return line

    def stop(self) -> None:
        """Stop all in order. A second call does not wait for them: it kills."""
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    async def restart(self, name: str) -> None:
        """Ask the child to end; being supervised, it starts again."""
        process = self._running.get(name)
        if process is not None:
            await process.stop(self._spec(name).stop_limit_s)

    @property
    def candidate_pid(self) -> int | None:
        """The process that is being started to take another's place, if any."""
        return None if self._candidate is None else self._candidate.pid

    async def exchange(self, spec: Spec, switch: Callable[[], Awaitable[object]]) -> str:
        """
        Start *spec* beside the running child of its name. Once it answers, await *switch*, and stop the other, whose
        place it takes. Returns an empty text, or why there was no exchange: the other goes on then. One at a time.
        """
        if self._guard is None or self._stop.is_set():
            return "nothing runs"
        try:
            launch = await spec.launch(self._guard)
        except StartFailed as wrong:
            return wrong.text
        new = self._candidate = await Process.start(launch, self._logs[spec.name], self._guard)
        try:
            reason = await self._until_ready(spec, new)
            old = self._running.get(spec.name)
            if reason or old is None or self._stop.is_set():
                return reason or "the one that runs is being started itself"
            self._heirs[spec.name] = spec, new
            await switch()
            self._candidate = None
            await old.stop(spec.stop_limit_s)
            return ""
        finally:
            if self._candidate is not None:
                self._heirs.pop(spec.name, None)
                self._candidate = None
                new.kill()
                await new.ended()

    async def _until_ready(self, spec: Spec, process: Process) -> str:
        """Wait for *process* to answer; why it does not, or an empty text."""
        end = asyncio.create_task(process.ended())
        try:
            async with asyncio.timeout(spec.start_limit_s), httpx.AsyncClient(trust_env=False, timeout=2.0) as http:
                while not await _answers(http, spec.health):
                    await asyncio.wait({end}, timeout=0.2)
                    if end.done():
                        return process.reason()
        except TimeoutError:
            return f"it was not ready after {spec.start_limit_s:.0f} seconds"
        finally:
            end.cancel()
        return ""

    async def run(self) -> bool:
        """Returns after everything has ended: True when it was :meth:`stop`, False when it gave up."""
        guard = self._guard = Warden()
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=PROBE_LIMIT_S) as http:
                keepers = [asyncio.create_task(self._keep(spec, guard, http), name=spec.name) for spec in self._specs]
                stopping = asyncio.create_task(self._stop.wait())
                try:
                    await asyncio.wait({stopping, *keepers}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    stopping.cancel()
                    await self._stop_all(keepers)
                for keeper in keepers:
                    if not keeper.cancelled() and (wrong := keeper.exception()) is not None:
                        raise wrong
        finally:
            await asyncio.to_thread(guard.close)
            for log in self._logs.values():
                log.close()
        return not self._gave_up

    async def _keep(self, spec: Spec, guard: Warden, http: httpx.AsyncClient) -> None:
        failures = 0
        while True:
            try:
                life = await self._one_life(spec, guard, http)
                while (heir := self._heirs.pop(spec.name, None)) is not None:
                    (spec, process), failures = heir, 0
                    life = await self._watched(spec, process, http)
            except StartFailed as wrong:
                self._give_up(spec.name, wrong.text)
                return
            except OSError as wrong:  # no process could be made: no memory, no room for another, no such directory
                life = Life(f"no process could be started ({wrong.strerror})")
            reason = life.reason
            failures = 1 if life.ready_s >= STEADY_S else failures + 1
            if (life.code == os.EX_CONFIG or failures >= START_ATTEMPTS) and not self._was_ready:
                self._give_up(spec.name, reason)
                return
            wait_s = delay_s(failures, random.random(), spec.longest_wait_s)  # noqa: S311 (spreads restarts)
            self._tell(Down(spec.name, reason, wait_s))
            await asyncio.sleep(wait_s)

    async def _one_life(self, spec: Spec, guard: Warden, http: httpx.AsyncClient) -> Life:
        """Start *spec* and watch it to its end."""
        launch = await spec.launch(guard)
        return await self._watched(spec, await Process.start(launch, self._logs[spec.name], guard), http)

    async def _watched(self, spec: Spec, process: Process, http: httpx.AsyncClient) -> Life:
        """Watch a child that was started to its end."""
        self._running[spec.name] = process
        self._tell(Started(spec.name, process.pid))
        killed_because, ready_s = await self._follow(spec, process, http)
        del self._running[spec.name]
        return Life(killed_because or process.reason(), await process.ended(), ready_s)

    async def _follow(self, spec: Spec, process: Process, http: httpx.AsyncClient) -> tuple[str, float]:
        """Watch *process* to its end; returns why it had to be killed (or an empty text), and how long it was ready."""
        end = asyncio.create_task(process.ended())
        started_at = answered_at = time.monotonic()
        ready, ready_at = False, 0.0
        why = ""
        try:
            while not end.done():
                if await _answers(http, spec.health):
                    answered_at = time.monotonic()
                    if not ready and not end.done():
                        ready, ready_at = True, answered_at
                        self._is_ready(spec.name, answered_at - started_at)
                silent_s = time.monotonic() - answered_at
                if silent_s > (spec.hang_limit_s if ready else spec.start_limit_s):
                    process.kill()
                    await end
                    words = "had not answered" if ready else "was not ready"
                    why = f"it {words} after {silent_s:.0f} seconds and was killed"
                pause_s = 2.0 if ready else min(0.5, 0.05 + silent_s / 10)
                await asyncio.wait({end}, timeout=pause_s)
        finally:
            end.cancel()
        return why, time.monotonic() - ready_at if ready else 0.0

    def _is_ready(self, name: str, took_s: float) -> None:
        self._tell(Ready(name, took_s))
        self._not_yet_ready.discard(name)
        if not self._not_yet_ready and not self._was_ready:
            self._was_ready = True
            self._tell(AllReady())

    def _give_up(self, name: str, reason: str) -> None:
        self._gave_up = True
        self._tell(GaveUp(name, reason))

    async def _stop_all(self, keepers: Sequence[asyncio.Task[None]]) -> None:
        if self._candidate is not None:
            self._candidate.kill()
        for keeper in keepers:
            keeper.cancel()
        await asyncio.wait(keepers)
        hurry: asyncio.Task[Any] = asyncio.create_task(self._hurry.wait())
        for stage in sorted({spec.stop_stage for spec in self._specs}):
            stops: list[asyncio.Task[Any]] = [
                asyncio.create_task(self._stop_one(spec, self._running[spec.name]))
                for spec in self._specs
                if spec.stop_stage == stage and spec.name in self._running
            ]
            if stops:
                waiting = set(stops)
                while waiting and not hurry.done():
                    done, _ = await asyncio.wait({hurry, *waiting}, return_when=asyncio.FIRST_COMPLETED)
                    waiting -= done
                if hurry.done():
                    for process in self._running.values():
                        process.kill()
                await asyncio.gather(*stops)
        hurry.cancel()

    async def _stop_one(self, spec: Spec, process: Process) -> None:
        self._tell(Stopping(spec.name))
        by_itself = await process.stop(spec.stop_limit_s)
        self._tell(Stopped(spec.name, forced=not by_itself or self._hurry.is_set()))

    def _spec(self, name: str) -> Spec:
        return next(spec for spec in self._specs if spec.name == name)


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).status_code == 200
    except httpx.HTTPError:
        return False
