"""What keeps ``warmline up`` and ``train`` from starting, each told in a sentence; with real processes."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import sys
from pathlib import Path

import pytest

from warmline.cli.model import KEPT_MODELS, ensure_model, forget_old_models, is_step
from warmline.cli.preconditions import check_room
from warmline.cli.processes import why_not_listen, with_free_ports
from warmline.cli.running import Running, only_one, running_now, running_url, write
from warmline.core.errors import SettingsError
from warmline.engine.commands import model_path
from warmline.settings import Settings, inherited_environment, load
from warmline.supervisor import StartFailed, Warden

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without an assistant: rules, and an engine's Python that has no Rasa."""
    root = tmp_path / "project"
    (root / ".venv-engine" / "bin").mkdir(parents=True)
    (root / ".venv-engine" / "bin" / "python").symlink_to(sys.executable)
    for name in ("escalation.yml", "warmline.toml"):
        shutil.copy(ROOT / name, root)
    (root / "config.yml").write_text("language: en\n")
    (root / "domain.yml").write_text("intents: [greet]\n")
    return root


@pytest.fixture
def ports() -> list[int]:
    """Three ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(3)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    numbers = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return numbers


async def warmline(root: Path, ports: list[int], *arguments: str) -> tuple[int, list[str]]:
    """Run the real command to its end; returns the exit code and what it said."""
    chosen = {f"WARMLINE_{name}PORT": str(port) for name, port in zip(("", "ENGINE_", "ACTIONS_"), ports, strict=True)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "warmline.cli", *arguments),
        cwd=ROOT,
        env=inherited_environment() | chosen | {"WARMLINE_ROOT": str(root)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode().splitlines()


async def test_a_port_in_use_is_one_sentence(project: Path, ports: list[int]) -> None:
    """Which port, and what to do; nothing was started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[0]))
        taken.listen()
        code, said = await warmline(project, ports, "up")
    assert code == 1
    assert said[-1].startswith(f"warmline: Port {ports[0]} is already in use.")
    assert "--port" in said[-1]
    assert not list((project / ".warmline" / "logs").iterdir())


async def test_a_missing_environment_says_how_to_make_it(project: Path, ports: list[int]) -> None:
    """No traceback about a file that is not there."""
    (project / ".venv-engine" / "bin" / "python").unlink()
    code, said = await warmline(project, ports, "up")
    assert (code, len(said)) == (1, 3)
    assert "make setup" in said[-1]


async def test_an_engines_python_that_was_chosen_is_not_made(project: Path, ports: list[int]) -> None:
    """It belongs to somebody else, who is told which setting names it."""
    (project / "warmline.toml").write_text('engine_python = "of/mine/python"\n')
    code, said = await warmline(project, ports, "setup")
    assert code == 1
    assert f"there is no {project}/of/mine/python" in said[-1]
    assert "engine_python" in said[-1]
    (project / "warmline.toml").write_text(f'engine_python = "{sys.executable}"\n')
    code, said = await warmline(project, ports, "setup")
    assert (code, said[-1]) == (0, f"The engine's environment is there: {sys.executable}")


async def test_a_mistake_in_the_rules_is_told_before_anything_starts(project: Path, ports: list[int]) -> None:
    """With its line."""
    (project / "escalation.yml").write_text("sensitivity: wild\n")
    code, said = await warmline(project, ports, "up")
    assert code == 1
    assert re.search(r"escalation\.yml, line 1", said[-1])


async def test_a_failed_training_ends_the_start_with_its_reason(project: Path, ports: list[int]) -> None:
    """The bridge and the actions that had begun are stopped again, and the demo's passwords are not lost."""
    code, said = await warmline(project, ports, "up", "--demo")
    assert code == 1
    reasons = [line for line in said if "could not be trained" in line]
    assert len(reasons) == 1
    assert "train.log" in reasons[0]
    assert any("anna" in line for line in said)
    assert not any("Traceback" in line for line in said)
    assert not (project / ".warmline" / "running.json").exists()
    for pid in re.findall(r"process (\d+)", "\n".join(said)):
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


async def test_train_says_in_a_moment_that_nothing_has_changed(project: Path, ports: list[int]) -> None:
    """A model of the present sources is not made again; --force makes it, and its failure leaves the old one."""
    model = model_path(project, project / ".warmline" / "models")
    model.parent.mkdir(parents=True)
    model.write_bytes(b"a model")
    code, said = await warmline(project, ports, "train")
    assert (code, said) == (0, [f"Project: {project}", f"Nothing has changed since {model.name} was trained."])
    code, said = await warmline(project, ports, "train", "--force")
    assert code == 1
    assert "could not be trained" in said[-1]
    assert model.read_bytes() == b"a model"


async def test_a_change_in_the_sources_asks_for_a_new_model(project: Path) -> None:
    """The name of a model follows the bytes of what it is made from; anything else changes nothing."""
    settings = load({}, root=project)
    before = model_path(project, settings.models_dir)
    (project / "README.md").write_text("words")
    assert model_path(project, settings.models_dir) == before
    (project / "config.yml").write_text("language: de\n")
    assert model_path(project, settings.models_dir) != before
    guard = Warden()
    try:
        with pytest.raises(StartFailed, match="could not be trained"):
            await ensure_model(settings, guard, lambda _: None)
    finally:
        guard.close()


async def test_a_second_start_names_the_first(project: Path, ports: list[int]) -> None:
    """Two supervisors over one record would both think it theirs."""
    settings = load({}, root=project)
    settings.home.mkdir()
    with only_one(settings, Running(os.getpid(), "http://127.0.0.1:1", {})):
        code, said = await warmline(project, ports, "up")
        assert running_url(settings) == "http://127.0.0.1:1"
    assert code == 1
    assert said[-1] == f"warmline: Warmline is already running (process {os.getpid()}) at http://127.0.0.1:1."
    assert not (settings.home / "running.json").exists()


def test_a_start_that_was_killed_does_not_count_as_running(project: Path) -> None:
    """What is left of it names a process that is gone, or one that got its number, or is no such file at all."""
    settings = load({}, root=project)
    settings.home.mkdir()
    assert running_now(settings) is None
    write(settings, Running(os.getpid(), "http://127.0.0.1:1", {}))
    assert running_now(settings) is None
    with pytest.raises(SettingsError, match=f"Nothing runs in the project {project}"):
        running_url(settings)
    with only_one(settings, Running(os.getpid(), "http://127.0.0.1:1", {})):
        assert running_now(settings) is not None
        (settings.home / "running.json").write_text("{")
        assert running_now(settings) is None
    assert running_now(settings) is None


def test_ports_that_nobody_chose_move_when_they_are_taken(project: Path) -> None:
    """Those that follow from the bridge's port go elsewhere; a chosen one stays, to be told as taken."""
    usual = load({}, root=project)
    assert with_free_ports(usual).port == usual.port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        chosen = load({"WARMLINE_ENGINE_PORT": str(number)}, root=project)
        assert with_free_ports(chosen).engine_port == number
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", with_free_ports(usual).actions_port))
        moved = with_free_ports(usual)
    assert moved.actions_port != usual.actions_port or moved.engine_port != usual.engine_port
    assert moved.port == usual.port
    chosen = load({"WARMLINE_ACTIONS_PORT": "9"}, root=project)
    assert with_free_ports(chosen).actions_port == 9


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file in its place, for example."""
    (tmp_path / ".warmline").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        check_room(load({}, root=tmp_path))


@pytest.mark.parametrize(
    ("host", "says"), [("127.0.0.1", ""), ("203.0.113.7", "not an address of this machine"), ("no.invalid", "not an")]
)
def test_an_address_that_is_not_ours_is_told(ports: list[int], host: str, says: str) -> None:
    """Before any process is started."""
    why = why_not_listen(host, ports[0])
    assert says in why
    assert bool(why) == bool(says)


def test_old_models_are_forgotten_but_never_the_present_one(tmp_path: Path) -> None:
    """The newest are kept, by the time they were made; other files are left alone."""
    models = [tmp_path / f"warmline-{number}.tar.gz" for number in range(6)]
    for number, path in enumerate(models):
        path.touch()
        os.utime(path, (number, number))
    (tmp_path / "mine.tar.gz").touch()
    forget_old_models(tmp_path, models[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["mine.tar.gz", models[0].name, *(path.name for path in models[-(KEPT_MODELS - 1) :])]
    )


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("Loading Rasa", True),
        ("Trained warmline-2a870581ec38ae9e.tar.gz in 36 s", True),
        ("<frozen importlib._bootstrap>:283: DeprecationWarning: the load_module() method", False),
        ("/x/matplotlib/_fontconfig_pattern.py:85: PyparsingDeprecationWarning", False),
        ("  self._parser.resetCache()", False),
        ("", False),
    ],
)
def test_only_the_trainers_own_steps_are_shown(line: str, step: bool) -> None:
    """Warnings of libraries stay in the log."""
    assert is_step(line) is step


def test_paths_are_under_the_home(tmp_path: Path) -> None:
    """Nothing else on the machine is written."""
    settings: Settings = load({"WARMLINE_HOME": str(tmp_path / "h")}, root=tmp_path)
    for path in (
        settings.store_path,
        settings.models_dir,
        settings.logs_dir,
        settings.secrets_path,
    ):
        assert path.is_relative_to(tmp_path / "h")
