"""One child process from its start to the end of its whole group."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from warmline.supervisor import launch, warden
from warmline.supervisor.logfile import LogFile

WARDEN_GRACE_S = 10.0


class Launch(msgspec.Struct, frozen=True):
    """What to run: *argv*, the whole environment *env*, and the directory *cwd*."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path


class Warden:
    """The process that ends our children when we cannot. Hand it to each :func:`start`; :meth:`close` it last."""

    def __init__(self) -> None:
        read, self._write = os.pipe()
        script = (sys.executable, "-S", "-E", warden.__file__, str(WARDEN_GRACE_S))
        try:
            self._process = subprocess.Popen(
                script, stdin=read, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
        finally:
            os.close(read)

    @property
    def pipe(self) -> int:
        """The descriptor that a child writes its group to."""
        return self._write

    def release(self, group: int) -> None:
        """*group* has ended: its number may belong to somebody else from now on."""
        with contextlib.suppress(OSError):
            os.write(self._write, b"-%d\n" % group)

    def close(self) -> None:
        """Let the warden end, and with it whatever was not released."""
        os.close(self._write)
        self._process.wait()


class Process:
    """
    A running child. Its output goes to *log*; its process group is its pid.

    :meth:`ended` may be awaited by several at once. After it, no member of the group is left.
    """

    def __init__(
        self, child: asyncio.subprocess.Process, output: asyncio.StreamReader, log: LogFile, guard: Warden
    ) -> None:
        self._child = child
        self._output = output
        self._log = log
        self._guard = guard
        self._end = asyncio.create_task(self._watch())

    @classmethod
    async def start(cls, what: Launch, log: LogFile, guard: Warden) -> Process:
        """
        Start *what* under *guard*. A program that is not there is a child that exits with code 127 and says so.

        When cancelled in between, no child is left.
        """
        starting = asyncio.create_task(cls._start(what, log, guard))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            process = await starting
            process.kill()
            await process.ended()
            raise

    @classmethod
    async def _start(cls, what: Launch, log: LogFile, guard: Warden) -> Process:
        output = asyncio.StreamReader()
        read, write = os.pipe()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(output), os.fdopen(read, "rb", buffering=0)
        )
        log.forget()
        try:
            # Our own pipe, because asyncio's wait() also waits for its pipes, which a grandchild may hold open.
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-S", "-E", launch.__file__, str(guard.pipe), *what.argv),
                stdin=subprocess.DEVNULL,
                stdout=write,
                stderr=write,
                env=dict(what.env),
                cwd=what.cwd,
                pass_fds=(guard.pipe,),
                start_new_session=True,
            )
        finally:
            os.close(write)
        return cls(child, output, log, guard)

    @property
    def pid(self) -> int:
        """The child's process id, and its group's."""
        return self._child.pid

    async def ended(self) -> int:
        """Wait for the end; returns the exit code, negative when a signal ended it."""
        return await asyncio.shield(self._end)

    async def stop(self, limit_s: float) -> bool:
        """Ask it to end, kill it after *limit_s* seconds. Whether it ended by itself."""
        with contextlib.suppress(ProcessLookupError):
            self._child.send_signal(signal.SIGTERM)
        done, _ = await asyncio.wait({self._end}, timeout=limit_s)
        if not done:
            self.kill()
            await self.ended()
        return bool(done)

    def kill(self) -> None:
        """End the whole group at once."""
        if not self._end.done():
            warden.signal_group(self.pid, signal.SIGKILL)

    def reason(self) -> str:
        """Why it ended, in a few words: the signal, or the exit code and the last thing it said."""
        code = self._child.returncode
        if code is None:
            return "it is still running"
        if code < 0:
            return f"it was ended by {signal.Signals(-code).name}"
        words = self._log.last_words()
        return f"it exited with code {code}" + (f": {words}" if words else " and said nothing")

    async def _watch(self) -> int:
        copying = asyncio.create_task(self._copy_output())
        code = await self._child.wait()
        warden.signal_group(self.pid, signal.SIGKILL)  # grandchildren, which would also hold the output open
        self._guard.release(self.pid)
        await copying
        return code

    async def _copy_output(self) -> None:
        while data := await self._output.read(65_536):
            self._log.feed(data)


async def run_to_end(what: Launch, log: LogFile, guard: Warden, stop_limit_s: float = 5.0) -> tuple[int, str]:
    """
    Run *what* until it ends by itself; returns its exit code and, when that is not 0, the reason.

    When cancelled, the child is stopped first, and killed after *stop_limit_s* seconds.
    """
    process = await Process.start(what, log, guard)
    try:
        code = await process.ended()
    except asyncio.CancelledError:
        await process.stop(stop_limit_s)
        raise
    return code, process.reason()
