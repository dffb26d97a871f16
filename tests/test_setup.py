"""tools/setup.py: what it takes for "there already", and what it does before it installs anything."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The script as a module, with a project of its own."""
    spec = importlib.util.spec_from_file_location("warmline_setup", ROOT / "tools" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "uv.lock").write_text("version = 1\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module.environments.Tools, "uv", lambda _: pytest.fail("no uv is needed"))
    return module


def install(setup: types.ModuleType, name: str, stamp: str) -> None:
    binaries = setup.ROOT / name / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    (setup.ROOT / name / ".warmline").write_text(setup.stamp_text(stamp))


def test_what_serves_the_tests_serves_running_too(setup: types.ModuleType) -> None:
    """Not the other way round: the tests need more."""
    install(setup, ".venv", "test")
    install(setup, ".venv-engine", "run")
    assert setup.is_there(".venv", "run")
    assert setup.is_there(".venv", "test")
    assert setup.is_there(".venv-engine", "run")
    assert not setup.is_there(".venv-engine", "test")


def test_a_changed_lock_means_installing_again(setup: types.ModuleType) -> None:
    """And so does an environment whose Python is gone."""
    install(setup, ".venv", "run")
    assert setup.is_there(".venv", "run")
    (setup.ROOT / "uv.lock").write_text("version = 2\n")
    assert not setup.is_there(".venv", "run")
    install(setup, ".venv-engine", "run")
    (setup.ROOT / ".venv-engine" / "bin" / "python").unlink()
    assert not setup.is_there(".venv-engine", "run")


def test_nothing_to_do_takes_no_uv(setup: types.ModuleType) -> None:
    """A second run only looks at its stamps."""
    install(setup, ".venv", "run")
    install(setup, ".venv-engine", "run")
    assert setup.main("run") == 0


def test_too_little_disk_is_told_before_anything_is_downloaded(
    setup: types.ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and the figure."""
    monkeypatch.setattr(setup.environments, "ENGINE_ROOM_BYTES", 10**18)
    assert setup.main("run") == 1
    assert "it needs" in capsys.readouterr().err
