"""Plain ``rasa shell``, as the docs say, in a terminal: Rasa's own command, with our actions beside it."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import ROOT, TOKEN, free_port, inherited

pytestmark = pytest.mark.engine

PROMPT = "Your input"
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A process that believes in a terminal; what it wrote is read until something is there."""

    def __init__(self, argv: "list[str]", env: "dict[str, str]") -> None:
        self._here, there = pty.openpty()
        self.child = subprocess.Popen(argv, cwd=ROOT, env=env, stdin=there, stdout=there, stderr=there)
        os.close(there)
        self.seen = ""

    def until(self, wanted: str, limit_s: float) -> str:
        """What was written up to and with *wanted*."""
        deadline = time.monotonic() + limit_s
        while wanted not in self.seen:
            ready, _, _ = select.select([self._here], [], [], 1.0)
            if ready:
                self.seen += ANSI.sub("", os.read(self._here, 4096).decode(errors="replace"))
            elif time.monotonic() > deadline or self.child.poll() is not None:
                raise AssertionError(f"{wanted!r} did not come:\n{self.seen[-2000:]}")
        before, _, self.seen = self.seen.partition(wanted)
        return before + wanted

    def type(self, line: str) -> None:
        """A line, and Enter."""
        os.write(self._here, line.encode() + b"\r")

    def close(self) -> None:
        self.child.kill()
        self.child.wait(10)
        os.close(self._here)


def test_plain_rasa_shell_runs_the_actions(model: Path, actions_port: int) -> None:
    """A form that the actions check, and the answer from the shop's database."""
    rasa = str(Path(sys.executable).with_name("rasa"))
    env = {
        **inherited(),
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONWARNINGS": "ignore",
        "WARMLINE_ACTIONS_PORT": str(actions_port),
        "WARMLINE_ENGINE_TOKEN": TOKEN,
        "TERM": "dumb",
    }
    terminal = Terminal([rasa, "shell", "--model", str(model), "--port", str(free_port())], env)
    try:
        terminal.until(PROMPT, 240)
        terminal.type("where is A1042")
        terminal.until("e-mail address", 60)
        terminal.until(PROMPT, 60)
        terminal.type("mara@example.com")
        terminal.until("A1042 is", 60)
    finally:
        terminal.close()
