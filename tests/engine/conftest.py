"""
These tests run in the engine's environment, against the real Rasa, a model of the real files and the real actions::

    .venv-engine/bin/python -m pytest tests/engine --confcutdir=tests/engine

Anywhere else they are left out, loudly. The model is kept under .warmline/models by the hash of its sources.
"""

import importlib.util
import json
import logging
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-the-tests-0123456789"
HERE = importlib.util.find_spec("rasa") is not None

collect_ignore_glob: list[str] = [] if HERE else ["test_*.py"]


def pytest_report_header() -> str:
    if HERE:
        return "engine: the real Rasa is here"
    return "engine: LEFT OUT, there is no Rasa here; run .venv-engine/bin/python -m pytest tests/engine"


if HERE:
    from warmline.engine import commands, lean_start

    lean_start.leave_tensorflow_out()


def inherited() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WARMLINE_", "PYTHON"))}
    return {**kept, "PYTHONPYCACHEPREFIX": ""}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def model() -> Path:
    """A model of the files as they are now."""
    path = commands.model_path(ROOT, ROOT / ".warmline" / "models")
    if not path.exists():
        train = commands.train(python=Path(sys.executable), root=ROOT, model=path)
        subprocess.run(train.argv, cwd=train.cwd, env={**inherited(), **train.env}, check=True, timeout=280)
    return path


class Process:
    """A process of ours, and the address where it answers."""

    def __init__(self, command: Any, health: str, log: Path, limit_s: float = 110) -> None:
        self.log = log
        with log.open("wb") as file:
            self.child = subprocess.Popen(
                command.argv, cwd=command.cwd, env={**inherited(), **command.env}, stdout=file, stderr=file
            )
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if self.child.poll() is not None:
                raise RuntimeError(f"{command.argv[2]} ended at once:\n{log.read_text()[-3000:]}")
            try:
                with urllib.request.urlopen(health, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"{command.argv[2]} did not become ready:\n{log.read_text()[-3000:]}")

    def stop(self) -> None:
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait(10)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def actions_port(home: Path) -> Iterator[int]:
    """The real actions, served from the project's own environment with a shop of their own."""
    python = ROOT / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("the project's environment .venv is missing: run uv sync -p 3.12")
    port = free_port()
    settings = {"WARMLINE_ROOT": str(ROOT), "WARMLINE_HOME": str(home), "WARMLINE_ACTIONS_PORT": str(port)}
    command = commands.actions(python=python, root=ROOT, port=port, settings=settings, token=TOKEN)
    process = Process(command, f"http://127.0.0.1:{port}{commands.ACTIONS_HEALTH}", home / "actions.log")
    yield port
    process.stop()


@pytest.fixture(scope="session")
def engine(model: Path, actions_port: int, home: Path) -> Iterator["Engine"]:
    """The real engine, over HTTP."""
    port = free_port()
    command = commands.engine(
        python=Path(sys.executable), root=ROOT, model=model, port=port, actions_port=actions_port, token=TOKEN
    )
    address = f"http://127.0.0.1:{port}"
    process = Process(command, address + commands.ENGINE_HEALTH, home / "engine.log")
    yield Engine(address, home)
    process.stop()


class Engine:
    """The bridge's side of the contract, as plain HTTP."""

    def __init__(self, address: str, home: Path) -> None:
        self.address, self.home = address, home

    def post(self, body: bytes, token: str | None = TOKEN) -> Any:
        """Status and decoded answer."""
        headers = {"content-type": "application/json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.address + commands.ENGINE_TURN, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read())

    def code_for(self, email: str) -> str:
        """The code that the shop mailed last, for a new password or as a proof."""
        with sqlite3.connect(str(self.home / "shop.db")) as db:
            found = []
            for table in ("reset_codes", "proof_codes"):
                found += db.execute(f"select expires_at, code from {table} where email = ?", [email]).fetchall()
        return str(max(found)[1])

    def let_an_hour_pass(self) -> None:
        """The shop forgets how many codes were asked for lately."""
        with sqlite3.connect(str(self.home / "shop.db")) as db:
            for table in ("reset_requests", "proof_requests"):
                db.execute(f"delete from {table}")


class Conversation:
    """Keeps the log and the memory as the bridge does."""

    def __init__(self, engine: Engine, name: str, customer: dict[str, Any] | None = None) -> None:
        self.engine, self.name = engine, name
        self.customer = customer or {"id": "guest-1"}
        self.turns: list[dict[str, Any]] = []
        self.memory: dict[str, Any] | None = None
        self.buttons: dict[str, str] = {}
        self.handed_back_for: list[str] = []
        self.seq = 0

    def ask(self, text: str, payload: str | None = None) -> dict[str, Any]:
        """The Ask that the bridge would send; takes the next seq."""
        self.seq += 1
        turn: dict[str, Any] = {"role": "customer", "text": text, "seq": self.seq, "at": float(self.seq)}
        if payload is not None:
            turn["features"] = {}  # as in warmline.core.turns: a pressed button says nothing about how they feel
        self.turns.append(turn)
        return {
            "id": f"{self.name}:{self.seq}",
            "conversation": self.name,
            "epoch": 1,
            "seq": self.seq,
            "text": text,
            "payload": payload,
            "customer": self.customer,
            "turns": self.turns[-12:],
            "memory": self.memory,
            "handed_back_for": self.handed_back_for,
        }

    def say(self, text: str, payload: str | None = None) -> dict[str, Any]:
        """One turn; the answer is kept as the bridge keeps it."""
        ask = self.ask(text, payload)
        status, answer = self.engine.post(json.dumps(ask).encode())
        assert status == 200, answer
        self.keep(answer)
        return answer

    def press(self, title: str) -> dict[str, Any]:
        """Press a button of the last answer."""
        return self.say(title, self.buttons[title])

    def agent(self, text: str, handed_back_for: list[str]) -> None:
        """A person says *text*, then hands back."""
        self.seq += 1
        self.turns.append({"role": "agent", "text": text, "seq": self.seq, "at": float(self.seq)})
        self.handed_back_for = handed_back_for

    def keep(self, answer: dict[str, Any]) -> None:
        self.memory = answer["memory"]
        self.buttons = {}
        for message in answer["messages"]:
            self.seq += 1
            outcome = answer["analysis"]["outcome"]
            turn = {"role": "bot", "text": message["text"], "seq": self.seq, "at": float(self.seq), "outcome": outcome}
            self.turns.append(turn)
            self.buttons.update({button["title"]: button["payload"] for button in message["buttons"]})


@pytest.fixture(scope="session")
def load_agent(model: Path) -> Any:
    """A function that loads the model in this process, for actions at a port."""
    import asyncio

    import rasa.core.agent
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig
    from rasa.utils.log_utils import configure_structlog

    from warmline.engine import tuning

    configure_structlog(logging.WARNING)
    tuning.apply()

    def load(port: int) -> Any:
        endpoints = AvailableEndpoints(
            action=EndpointConfig(
                f"http://127.0.0.1:{port}/webhook",
                headers={"Authorization": f"Bearer {TOKEN}"},
                enable_selective_domain=True,
            ),
            nlg=EndpointConfig(type="warmline.engine.wording.Wording"),
            tracker_store=EndpointConfig(type="warmline.engine.tracker_store.TurnStore"),
        )
        return asyncio.run(rasa.core.agent.load_agent(model_path=str(model), endpoints=endpoints))

    return load
