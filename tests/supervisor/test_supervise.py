"""The supervisor, with real children, real signals and real health checks."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from warmline.supervisor import (
    AllReady,
    Down,
    GaveUp,
    Launch,
    Ready,
    Report,
    Said,
    Spec,
    Started,
    StartFailed,
    Stopped,
    Stopping,
    Supervisor,
    Warden,
)

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import signal, sys, http.server
class Fine(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *ignored): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Fine)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server.serve_forever()
"""
DEAF = SERVE.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
ONCE = """
import os, pathlib, sys
mark = pathlib.Path(sys.argv[2])
if not mark.exists():
    mark.write_text("")
    print("the first attempt always fails")
    sys.exit(3)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def python(code: str, *arguments: object) -> Callable[[Warden], Awaitable[Launch]]:
    argv = (sys.executable, "-S", "-c", code, *map(str, arguments))

    async def launch(_guard: Warden) -> Launch:
        return Launch(argv=argv, env=dict(os.environ), cwd=Path.cwd())

    return launch


def child(name: str, code: str, *arguments: object, port: int | None = None, **more: float) -> Spec:
    port = port or free_port()
    health = f"http://127.0.0.1:{port}/"
    return Spec(name=name, launch=python(code, port, *arguments), health=health, **more)  # type: ignore[arg-type]


class Watched:
    """A supervisor in the background, and everything it told, in order."""

    def __init__(self, logs: Path, *specs: Spec) -> None:
        self.told: list[Report] = []
        self.lines: list[tuple[str, str]] = []
        self._news = asyncio.Condition()
        self._wakers: set[asyncio.Task[None]] = set()
        self.supervisor = Supervisor(
            specs, logs_dir=logs, tell=self._hear, echo=lambda name, line: self.lines.append((name, line))
        )

    async def __aenter__(self) -> Watched:
        self.running = asyncio.create_task(self.supervisor.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.supervisor.stop()
        await self.running

    def _hear(self, report: Report) -> None:
        self.told.append(report)
        waker = asyncio.create_task(self._wake())
        self._wakers.add(waker)
        waker.add_done_callback(self._wakers.discard)

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def heard(self, what: Callable[[Report], bool], count: int = 1) -> Report:
        """Wait until *count* reports are as asked for; returns the last of them."""
        async with self._news:
            await self._news.wait_for(lambda: sum(map(what, self.told)) >= count)
        return [report for report in self.told if what(report)][count - 1]

    async def is_ready(self, name: str, count: int = 1) -> None:
        await self.heard(lambda report: isinstance(report, Ready) and report.name == name, count)

    def pid(self, name: str) -> int:
        """The newest pid of *name*."""
        return [report.pid for report in self.told if isinstance(report, Started) and report.name == name][-1]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z"


async def is_gone(pid: int) -> None:
    """Wait for a process that is not our child; the test's own time limit bounds it."""
    while not gone(pid):
        await asyncio.sleep(0.01)


async def test_all_is_ready_when_every_child_answers(tmp_path: Path) -> None:
    """AllReady is told once, after each child's Ready; stopping by request is a success."""
    async with Watched(tmp_path, child("a", SERVE), child("b", SERVE)) as watched:
        await watched.heard(lambda report: isinstance(report, AllReady))
        assert [type(report) for report in watched.told].count(AllReady) == 1
        assert {report.name for report in watched.told if isinstance(report, Ready)} == {"a", "b"}
        watched.supervisor.stop()
        assert await watched.running is True
    assert gone(watched.pid("a"))
    assert gone(watched.pid("b"))


async def test_a_notice_of_a_child_is_told_and_any_other_line_is_echoed(tmp_path: Path) -> None:
    """One JSON object a line with a text under "notice", whatever else stands in it; all of it is in the log."""
    lines = ['{"level": "warning", "notice": "look here"}', '{"notice": 3', "plain", '{"event": "notice"}']
    code = "".join(f"print({line!r}, flush=True)\n" for line in lines) + SERVE
    async with Watched(tmp_path, child("a", code)) as watched:
        await watched.is_ready("a")
        assert [one for one in watched.told if isinstance(one, Said)] == [Said("a", "look here")]
        assert [line for _, line in watched.lines] == lines[1:]
    assert lines[0] in (tmp_path / "a.log").read_text()


async def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    """Down names the signal, and a new process becomes ready; the other child is left alone."""
    async with Watched(tmp_path, child("a", SERVE), child("b", SERVE)) as watched:
        await watched.heard(lambda report: isinstance(report, AllReady))
        first, other = watched.pid("a"), watched.pid("b")
        os.kill(first, signal.SIGKILL)
        await watched.is_ready("a", 2)
        down = await watched.heard(lambda report: isinstance(report, Down))
        assert isinstance(down, Down)
        assert "SIGKILL" in down.reason
        assert watched.pid("a") != first
        assert watched.pid("b") == other


async def test_one_failed_start_is_forgiven(tmp_path: Path) -> None:
    """A child that fails at first and then starts is reported with its own last words, and the run goes on."""
    flaky = child("a", ONCE + SERVE, tmp_path / "mark")
    async with Watched(tmp_path, flaky) as watched:
        await watched.heard(lambda report: isinstance(report, AllReady))
        down = next(report for report in watched.told if isinstance(report, Down))
        assert down.reason == "it exited with code 3: the first attempt always fails"


async def test_a_child_that_cannot_start_ends_the_run_with_one_reason(tmp_path: Path) -> None:
    """After three attempts the run ends, the other children are stopped, and the reason is the child's last line."""
    broken = child("a", "raise OSError('no room')")
    async with Watched(tmp_path, broken, child("b", SERVE)) as watched:
        assert await watched.running is False
        gave_up = next(report for report in watched.told if isinstance(report, GaveUp))
        assert gave_up.reason == "it exited with code 1: OSError: no room"
        assert sum(isinstance(report, Started) and report.name == "a" for report in watched.told) == 3
        assert gone(watched.pid("b"))


async def test_what_a_person_must_mend_is_not_tried_again(tmp_path: Path) -> None:
    """Exit code 78 ends the run after the first attempt."""
    async with Watched(tmp_path, child("a", "import sys; sys.stderr.write('bad port\\n'); sys.exit(78)")) as watched:
        assert await watched.running is False
        assert sum(isinstance(report, Started) for report in watched.told) == 1
        assert isinstance(watched.told[-1], GaveUp)


async def test_a_program_that_is_missing_says_so(tmp_path: Path) -> None:
    """The reason names the program, not a traceback."""

    async def launch(_guard: Warden) -> Launch:
        return Launch(argv=("/nowhere/python", "-V"), env={}, cwd=tmp_path)

    async with Watched(tmp_path, Spec(name="a", launch=launch, health="http://127.0.0.1:1/")) as watched:
        assert await watched.running is False
        gave_up = watched.told[-1]
        assert isinstance(gave_up, GaveUp)
        assert gave_up.reason.endswith("/nowhere/python cannot be started: No such file or directory")


async def test_a_process_that_cannot_be_made_is_tried_again_and_then_told(tmp_path: Path) -> None:
    """The system refuses to start it (here: no such directory); the run ends with that reason, not with a traceback."""

    async def launch(_guard: Warden) -> Launch:
        return Launch(argv=(sys.executable, "-V"), env={}, cwd=tmp_path / "nowhere")

    async with Watched(tmp_path, Spec(name="a", launch=launch, health="http://127.0.0.1:1/")) as watched:
        assert await watched.running is False
        assert watched.told[-1] == GaveUp("a", "no process could be started (No such file or directory)")


async def test_what_a_launch_refuses_ends_the_run(tmp_path: Path) -> None:
    """StartFailed is the reason, word by word, and no process of that name was started."""

    async def launch(_guard: Warden) -> Launch:
        raise StartFailed("The model could not be trained.")

    async with Watched(tmp_path, Spec(name="a", launch=launch, health="http://127.0.0.1:1/")) as watched:
        assert await watched.running is False
        assert watched.told == [GaveUp("a", "The model could not be trained.")]


async def test_a_child_that_stops_answering_is_replaced(tmp_path: Path) -> None:
    """A frozen process (SIGSTOP) is killed after its limit, and a new one takes its place."""
    async with Watched(tmp_path, child("a", SERVE, hang_limit_s=0.5)) as watched:
        await watched.heard(lambda report: isinstance(report, AllReady))
        first = watched.pid("a")
        os.kill(first, signal.SIGSTOP)
        await watched.is_ready("a", 2)
        down = next(report for report in watched.told if isinstance(report, Down))
        assert "had not answered" in down.reason
        assert gone(first)


async def test_a_child_that_never_becomes_ready_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running is not enough, however long: it must answer within its limit."""
    monkeypatch.setattr("warmline.supervisor.supervise.STEADY_S", 0.01)
    mute = child("a", "import signal; signal.pause()", start_limit_s=0.2)
    async with Watched(tmp_path, mute) as watched:
        assert await watched.running is False
        gave_up = watched.told[-1]
        assert isinstance(gave_up, GaveUp)
        assert "was not ready" in gave_up.reason


async def test_stages_are_stopped_one_after_the_other(tmp_path: Path) -> None:
    """The child of stage 0 has ended before those of stage 1 are asked."""
    first, second = child("bridge", SERVE), child("engine", SERVE, stop_stage=1)
    async with Watched(tmp_path, second, first) as watched:
        await watched.heard(lambda report: isinstance(report, AllReady))
    ends = [report for report in watched.told if isinstance(report, (Stopping, Stopped))]
    assert ends == [
        Stopping("bridge"),
        Stopped("bridge", forced=False),
        Stopping("engine"),
        Stopped("engine", forced=False),
    ]


async def test_a_deaf_child_is_killed_after_its_limit(tmp_path: Path) -> None:
    """Stopping always ends."""
    async with Watched(tmp_path, child("a", DEAF, stop_limit_s=0.2)) as watched:
        await watched.heard(lambda report: isinstance(report, AllReady))
    assert watched.told[-1] == Stopped("a", forced=True)
    assert gone(watched.pid("a"))


async def test_asking_twice_to_stop_does_not_wait(tmp_path: Path) -> None:
    """The second request kills, long before the limit of 100 seconds."""
    async with Watched(tmp_path, child("a", DEAF, stop_limit_s=100), child("b", DEAF, stop_stage=1)) as watched:
        await watched.heard(lambda report: isinstance(report, AllReady))
        watched.supervisor.stop()
        await watched.heard(lambda report: isinstance(report, Stopping))
        watched.supervisor.stop()
        assert await watched.running is True
    assert gone(watched.pid("a"))
    assert gone(watched.pid("b"))


async def test_stopping_while_a_child_is_being_prepared_leaves_nothing(tmp_path: Path) -> None:
    """What a launch waits for is cancelled."""
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def launch(_guard: Warden) -> Launch:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError("never")

    async with Watched(tmp_path, Spec(name="a", launch=launch, health="http://127.0.0.1:1/")) as watched:
        await begun.wait()
        watched.supervisor.stop()
        assert await watched.running is True
    assert cancelled.is_set()
    assert watched.told == []


async def test_grandchildren_end_with_their_parent(tmp_path: Path) -> None:
    """A process that a child started does not survive it, even when it holds the child's output open."""
    fork = "import subprocess; print(subprocess.Popen(['sleep', '1000']).pid, flush=True)\n"
    async with Watched(tmp_path, child("a", fork + SERVE)) as watched:
        await watched.heard(lambda report: isinstance(report, AllReady))
        grandchild = int(watched.lines[0][1])
        assert not gone(grandchild)
    assert watched.told[-1] == Stopped("a", forced=False)
    await is_gone(grandchild)


async def test_output_is_kept_in_a_file_of_its_own(tmp_path: Path) -> None:
    """What a child prints is in its log, its errors too, in order; bytes that are no text do no harm."""
    talk = "import sys, os\nprint('one 100%', flush=True)\nos.write(2, b'two \\xff\\n')\n"
    async with Watched(tmp_path, child("a", talk + SERVE)) as watched:
        await watched.heard(lambda report: isinstance(report, AllReady))
    assert (tmp_path / "a.log").read_text(encoding="utf-8").splitlines() == ["one 100%", "two \ufffd"]


SUPERVISE = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tests.supervisor.test_supervise import SERVE, child
from warmline.supervisor import AllReady, Started, Supervisor

def tell(report):
    if isinstance(report, Started): print(report.pid, flush=True)
    if isinstance(report, AllReady): print("ready", flush=True)

fork = "import subprocess; open(sys.argv[2], 'w').write(str(subprocess.Popen(['sleep', '1000']).pid))\\n"
spec = child("a", "import sys\\n" + fork + SERVE, sys.argv[2] + "/grandchild")
asyncio.run(Supervisor([spec], logs_dir=Path(sys.argv[2]), tell=tell).run())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
async def test_no_orphan_is_left_when_the_supervisor_is_killed(tmp_path: Path, number: int) -> None:
    """kill -9 on the supervisor ends the child and the grandchild: nobody else will."""
    supervisor = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SUPERVISE, str(ROOT), str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout is not None
    pid = int(await supervisor.stdout.readline())
    assert (await supervisor.stdout.readline()).strip() == b"ready"
    grandchild = int((tmp_path / "grandchild").read_text())
    assert not gone(pid)
    supervisor.send_signal(number)
    await supervisor.wait()
    await is_gone(pid)
    await is_gone(grandchild)
