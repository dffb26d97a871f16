"""
Five bots as teams of others would write them (``bots/``), without a trace of Warmline: each is adopted by the command,
trained, and talked to through the real processes. They run in the engine's environment, as tests/engine does::

    .venv-engine/bin/python -m pytest tests/adopted --confcutdir=tests/adopted

A model is kept under .warmline/adopted by the hash of its sources, so that it is trained once.
"""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..engine.conftest import HERE, ROOT, TOKEN, Conversation, Engine, Process, free_port, inherited

collect_ignore_glob: list[str] = [] if HERE else ["test_*.py"]

BOTS = Path(__file__).parent / "bots"
OURS = {"warmline.toml", "escalation.yml"}
PASSES_ON = importlib.util.find_spec("warmline.actions.server") is not None

if HERE:
    from warmline.engine import commands


class Talk(Conversation):
    """A conversation that the bot can get back from a person."""

    epoch = 1

    def ask(self, text: str, payload: "str | None" = None) -> "dict[str, Any]":
        return {**super().ask(text, payload), "epoch": self.epoch}

    def handed_back(self, rule: str) -> None:
        """A person wrote, and gave the conversation back."""
        self.agent("That is settled.", [rule])
        self.epoch += 1


class Bot:
    """An adopted project at *root*, with the processes that were started for it."""

    def __init__(self, name: str, root: Path) -> None:
        self.name, self.root = name, root
        self.before = contents(root)
        self._processes: list[Any] = []
        self._talks = 0
        self.team: Any = None

    def start(self) -> None:
        """Train it unless that was done before, and start the actions and the engine."""
        settings = {"WARMLINE_ROOT": str(self.root), "WARMLINE_HOME": str(self.root / ".warmline")}
        if self.name == "trams":
            port = free_port()
            settings["TRAMS_ACTIONS_PORT"] = str(port)
            self.team = self._team(port)
        elif PASSES_ON and (self.root / "actions").exists():
            settings["WARMLINE_ACTIONS_URL"] = "here"
        home = self.root / ".warmline"
        home.mkdir()
        model = commands.model_path(self.root, ROOT / ".warmline" / "adopted")
        if not model.exists():
            train = commands.train(python=Path(sys.executable), root=self.root, model=model)
            subprocess.run(train.argv, cwd=train.cwd, env={**inherited(), **train.env}, check=True, timeout=280)
        actions_port, engine_port = free_port(), free_port()
        settings["WARMLINE_ACTIONS_PORT"] = str(actions_port)
        actions = commands.actions(
            python=ROOT / ".venv" / "bin" / "python", root=self.root, port=actions_port, settings=settings, token=TOKEN
        )
        health = f"http://127.0.0.1:{actions_port}{commands.ACTIONS_HEALTH}"
        self._processes.append(Process(actions, health, home / "actions.log"))
        engine = commands.engine(
            python=Path(sys.executable),
            root=self.root,
            model=model,
            port=engine_port,
            actions_port=actions_port,
            token=TOKEN,
        )
        address = f"http://127.0.0.1:{engine_port}"
        self._processes.append(Process(engine, address + commands.ENGINE_HEALTH, home / "engine.log", 280))
        self.engine = Engine(address, home)

    def _team(self, port: int) -> Any:
        """The team's own action server, as they run it: another Python, and a library that Warmline does not have."""
        command = commands.Command(
            argv=(sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)),
            env={"PYTHONWARNINGS": "ignore", "SANIC_HOST": "127.0.0.1"},
            cwd=str(self.root),
        )
        process = Process(command, f"http://127.0.0.1:{port}/health", self.root.with_suffix(".log"))
        self._processes.append(process)
        return process

    def talk(self) -> Talk:
        """A new conversation."""
        self._talks += 1
        return Talk(self.engine, f"{self.name}-{self._talks}")

    def stop(self) -> None:
        """End what was started."""
        for process in reversed(self._processes):
            process.stop()


def contents(root: Path) -> "dict[str, bytes]":
    """The project's files by their place, without what Warmline and Python put beside them."""
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file() and not {".warmline", ".rasa", "__pycache__"} & set(file.relative_to(root).parts)
    }


def adopt(root: Path) -> "subprocess.CompletedProcess[str]":
    """``warmline adopt`` in *root*, from the project's own environment."""
    argv = [str(ROOT / ".venv" / "bin" / "python"), "-m", "warmline.cli", "adopt"]
    return subprocess.run(argv, cwd=root, env=inherited(), capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="session")
def bots(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Any]":
    """A function that gives a bot by its name, adopted and running. Of the five, one runs at a time."""
    if not (ROOT / ".venv" / "bin" / "python").exists():
        pytest.skip("the project's environment .venv is missing: run uv sync -p 3.12")
    running: dict[str, Bot] = {}

    def give(name: str) -> Bot:
        if name not in running:
            for other in list(running):
                running.pop(other).stop()
            root = tmp_path_factory.mktemp("adopted") / name
            shutil.copytree(BOTS / name, root, ignore=shutil.ignore_patterns("__pycache__"))
            bot = Bot(name, root)
            done = adopt(root)
            assert done.returncode == 0, done.stderr
            running[name] = bot
            bot.start()
        return running[name]

    yield give
    for bot in running.values():
        bot.stop()


@pytest.fixture(scope="session", params=["library", "clinic", "trams", "townhall", "tables"])
def bot(request: pytest.FixtureRequest, bots: Any) -> Bot:
    """Each of the five, one after the other."""
    if request.param == "trams" and not PASSES_ON:
        pytest.skip("this Warmline does not pass actions on yet")
    given: Bot = bots(request.param)
    return given
