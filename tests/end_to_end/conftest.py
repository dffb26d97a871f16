"""All real processes under the real supervisor, and a real headless Chromium in front of them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
READY_LIMIT_S = 240.0
READY = "Ctrl-C stops everything"


def free_port(in_a_row: int = 1) -> int:
    """A port that nobody listens at, nor at those after it, *in_a_row* of them."""
    while True:
        with contextlib.ExitStack() as probes, contextlib.suppress(OSError):
            first = probes.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            for other in range(port + 1, port + in_a_row):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", other))
            return port


class Warmline:
    """
    ``warmline up --demo`` with a home and ports of its own. *agents* maps the demo agents' names to first passwords,
    *engine_urls* are where its *engines* answer.
    """

    def __init__(self, home: Path, *, engines: int = 1) -> None:
        self.home = home
        self.agents: dict[str, str] = {}
        self.output: list[str] = []
        self._ready = threading.Event()
        first = free_port(engines)
        self.engine_urls = [f"http://127.0.0.1:{first + n}" for n in range(engines)]
        ports = {"PORT": str(free_port()), "ENGINE_PORT": str(first), "ACTIONS_PORT": str(free_port())}
        self.url = f"http://127.0.0.1:{ports['PORT']}"
        models = ROOT / ".warmline" / "models"
        if models.is_dir():
            shutil.copytree(models, home / "models")
        env = {name: value for name, value in os.environ.items() if not name.startswith("WARMLINE_")}
        env |= {f"WARMLINE_{name}": value for name, value in ports.items()}
        env |= {"WARMLINE_HOME": str(home), "WARMLINE_ENGINES": str(engines), "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "warmline.cli", "up", "--demo"],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line.rstrip())
            if found := re.search(r"\s(\w+)\s+(\w{5}-\w{5}-\w{5})$", line.rstrip()):
                self.agents[found[1]] = found[2]
            if READY in line:
                self._ready.set()
        self._ready.set()

    def wait(self) -> None:
        """Until it says that everything is ready."""
        self._ready.wait(READY_LIMIT_S)
        if self._process.poll() is not None or not any(READY in line for line in self.output):
            raise AssertionError("warmline up did not get ready:\n" + "\n".join(self.output) + self.logs())

    def logs(self) -> str:
        """The end of each process's log."""
        files = sorted((self.home / "logs").glob("*.log"))
        return "".join(f"\n--- {f.name}\n{f.read_text(errors='replace')[-4000:]}" for f in files)

    def pid(self, name: str) -> int:
        """The process id of a child, as the supervisor wrote it down."""
        children: dict[str, int] = json.loads((self.home / "running.json").read_text())["children"]
        return children[name]

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a child; returns its process id."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def outbox(self) -> list[dict[str, str]]:
        """The demo shop's mails, newest first."""
        mails: list[dict[str, str]] = httpx.get(f"{self.url}/demo/outbox.json").json()
        return mails

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(60)
        self._reader.join(10)
        return code


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--pictures docs/images`` makes the README's pictures anew."""
    parser.addoption("--pictures", type=Path, default=None, help="folder for the README's pictures")


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path | None:
    """Where to put pictures of the story, if anywhere."""
    folder: Path | None = request.config.getoption("--pictures")
    return folder


@pytest.fixture(scope="session")
def warmline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warmline]:
    """One running Warmline for all tests here."""
    if not (ROOT / ".venv-engine").is_dir():
        pytest.skip("the engine's environment is missing: run 'make setup' first")
    running = Warmline(tmp_path_factory.mktemp("warmline"))
    try:
        running.wait()
        yield running
    finally:
        running.stop()
