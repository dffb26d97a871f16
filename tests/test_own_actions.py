"""The team's actions as a process of its own, on another Python: made, served, killed, made anew. Real processes."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.actions.passing import TEAM_ACTIONS, call_of
from warmline import own_actions
from warmline.cli.processes import processes
from warmline.core.errors import SettingsError
from warmline.own_actions import OwnActions, check_own_actions, digest
from warmline.settings import Secrets, Settings, load
from warmline.supervisor import Down, Ready, Report, Started, StartFailed, Supervisor, Warden

ROOT = Path(__file__).resolve().parents[1]
KEYS = Secrets(engine_token="t" * 32, ticket_key=b"k" * 32)
_ENGINE = (ROOT / ".venv-engine" / "pyvenv.cfg").read_text(encoding="utf-8")
OTHER_PYTHON = str(Path(re.search(r"^home = (.+)$", _ENGINE, re.M)[1]) / "python3.10")  # type: ignore[index]
"""One that is on this machine for sure, and is not Warmline's."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose actions need what Warmline's environment does not have, and a uv on the PATH."""
    monkeypatch.setenv("PATH", f"{ROOT / '.tools' / 'bin'}:{os.environ['PATH']}")
    (tmp_path / "actions").mkdir()
    (tmp_path / "actions" / "__init__.py").write_text("")
    (tmp_path / "actions" / "team.py").write_text("import iniconfig, sys\n" + TEAM_ACTIONS)
    (tmp_path / "more.txt").write_text("iniconfig==2.1.0\n")
    shutil.copy(ROOT / "bot/warmline/templates/bare/escalation.yml", tmp_path)
    (tmp_path / "requirements-actions.txt").write_text("-r more.txt\nrasa-sdk==3.6.2\nsetuptools<81\n")
    (tmp_path / "warmline.toml").write_text(
        f'actions_requirements = "requirements-actions.txt"\nactions_python = "{OTHER_PYTHON}"\n'
    )
    return tmp_path


class World:
    """The supervisor with own-actions and ours, and what it told."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.told: list[Report] = []
        self.steps: list[str] = []
        self._news = asyncio.Event()
        specs = processes(settings, KEYS, lambda name, line: self.steps.append(f"{name}: {line}"))
        self.specs = [spec for spec in specs if spec.name in ("actions", own_actions.NAME)]
        self.supervisor = Supervisor(self.specs, logs_dir=settings.logs_dir, tell=self._hear)

    def _hear(self, report: Report) -> None:
        self.told.append(report)
        self._news.set()

    async def heard(self, what: Callable[[Report], bool], count: int = 1) -> None:
        async with asyncio.timeout(100):
            while sum(map(what, self.told)) < count:
                self._news.clear()
                await self._news.wait()

    async def ready(self, name: str, count: int = 1) -> None:
        await self.heard(lambda report: isinstance(report, Ready) and report.name == name, count)

    async def run(self, action: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            return await http.post(
                f"http://127.0.0.1:{self.settings.actions_port}/webhook",
                json=call_of(action),
                headers={"Authorization": f"Bearer {KEYS.engine_token}"},
            )

    @property
    def own_port(self) -> int:
        return int(next(re.findall(r":(\d+)/", s.health)[0] for s in self.specs if s.name == own_actions.NAME))

    def own_pid(self) -> int:
        return [one.pid for one in self.told if isinstance(one, Started) and one.name == own_actions.NAME][-1]


def text_of(path: str) -> str:
    return Path(path).read_text()


@asynccontextmanager
async def running(project: Path) -> AsyncIterator[World]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    world = World(load({"WARMLINE_ACTIONS_PORT": str(port)}, root=project))
    task = asyncio.create_task(world.supervisor.run())
    try:
        yield world
    finally:
        world.supervisor.stop()
        await task


@pytest.mark.processes
@pytest.mark.timeout(300)
async def test_it_is_made_served_killed_and_served_again(project: Path) -> None:
    """On its own Python and loopback only; while it is down its calls fail and ours are well; then it is back."""
    async with running(project) as world:
        await world.ready(own_actions.NAME)
        await world.ready("actions")
        assert any("making an environment for your actions" in step for step in world.steps)
        assert any("Installed" in step for step in world.steps)
        greeted = await world.run("action_team_greet")
        assert (greeted.status_code, greeted.json()["responses"][0]["text"]) == (200, "From the team.")
        made = list((project / ".warmline" / "own-actions").iterdir())
        assert [path.name for path in made] == [digest(project / "requirements-actions.txt", OTHER_PYTHON)]
        assert list(made[0].glob("lib/python3.*/site-packages/rasa_sdk"))
        assert "WARMLINE_" not in text_of(f"/proc/{world.own_pid()}/environ")
        listening = text_of("/proc/net/tcp") + text_of("/proc/net/tcp6")
        places = re.findall(rf"\s([0-9A-F]+):{world.own_port:04X} [0-9A-F:]+ 0A ", listening)
        assert places == ["0100007F"]

        steps = len(world.steps)
        os.killpg(world.own_pid(), signal.SIGKILL)
        await world.heard(lambda report: isinstance(report, Down) and report.name == own_actions.NAME)
        assert (await world.run("action_team_greet")).status_code == 503
        await world.ready(own_actions.NAME, 2)
        assert (await world.run("action_team_greet")).status_code == 200
        assert len(world.steps) == steps  # nothing was made again

        (project / "more.txt").write_text("iniconfig==2.1.0\nno-such-package-warmline==1\n")
        await world.supervisor.restart(own_actions.NAME)
        await world.ready(own_actions.NAME, 3)
        assert any("The environment before it goes on" in step for step in world.steps)
        assert (await world.run("action_team_greet")).status_code == 200

        (project / "more.txt").write_text("iniconfig==2.0.0\n")
        await world.supervisor.restart(own_actions.NAME)
        await world.ready(own_actions.NAME, 4)
        new = list((project / ".warmline" / "own-actions").iterdir())
        assert [path.name for path in new] == [digest(project / "requirements-actions.txt", OTHER_PYTHON)]
        assert new != made
        assert list(new[0].glob("lib/python3.*/site-packages/iniconfig-2.0.0.dist-info"))
    log = (project / ".warmline" / "logs" / "own-actions.log").read_text()
    assert "action_team_greet" in log


@pytest.mark.parametrize(
    ("requirements", "said"),
    [
        ("iniconfig==2.1.0\n", "brings no rasa-sdk"),
        (
            "rasa-sdk==3.6.2\nno-such-package-warmline==1\n",
            "was not found in the package registry",
        ),
    ],
)
@pytest.mark.processes
async def test_what_cannot_be_made_is_told_in_a_sentence(project: Path, requirements: str, said: str) -> None:
    """With the file, and where the whole story is; nothing that is half made is ever taken for whole."""
    (project / "requirements-actions.txt").write_text(requirements)
    guard = Warden()
    own = OwnActions(load({}, root=project), 1, lambda line: None)
    try:
        for _ in range(2):
            with pytest.raises(StartFailed) as failed:
                await own.launch(guard)
            assert said in failed.value.text
    finally:
        await asyncio.to_thread(guard.close)


def test_the_digest_goes_by_what_is_installed(tmp_path: Path) -> None:
    """The file, the files it includes, and the Python; a file that includes itself ends, and an address is no file."""
    main, more = tmp_path / "r.txt", tmp_path / "more.txt"
    main.write_text("-r more.txt\n--constraint=c.txt\n-r https://example.com/r.txt\n")
    more.write_text("-r r.txt\na\n")
    seen = {digest(main, "3.9"), digest(main, "3.10")}
    more.write_text("-r r.txt\nb\n")
    seen.add(digest(main, "3.9"))
    (tmp_path / "c.txt").write_text("b<2\n")
    seen.add(digest(main, "3.9"))
    assert len(seen) == 4


def test_a_file_that_is_not_there_is_told_before_anything_starts(project: Path) -> None:
    """And so is a project without actions."""
    settings = load({}, root=project)
    check_own_actions(settings)
    (project / "actions").rename(project / "elsewhere")
    with pytest.raises(SettingsError, match="package 'actions'"):
        check_own_actions(settings)
    (project / "requirements-actions.txt").unlink()
    with pytest.raises(SettingsError, match="which is not there"):
        check_own_actions(settings)
