"""tools/setup.py: what it takes for "there already", and how it says what went wrong."""

from __future__ import annotations

import importlib.util
import os
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
    monkeypatch.setattr(module, "TOOLS", tmp_path / ".tools")
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


def test_nothing_to_do_takes_no_uv(setup: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run only looks at its stamps."""
    install(setup, ".venv", "run")
    install(setup, ".venv-engine", "run")
    monkeypatch.setattr(setup, "find_uv", lambda: pytest.fail("not needed"))
    assert setup.main("run") == 0


@pytest.mark.parametrize(
    ("version", "good"), [("uv 0.13.9 (x86_64)", True), ("uv 1.0.0", True), ("uv 0.9.2", False), ("", False)]
)
def test_an_old_uv_is_not_used(
    setup: types.ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, good: bool
) -> None:
    """A lock written by a newer one may hold what it does not know."""
    found = tmp_path / "path" / "uv"
    found.parent.mkdir()
    found.write_text(f"#!/bin/sh\necho '{version}'\n")
    found.chmod(0o755)
    monkeypatch.setenv("PATH", f"{found.parent}:{os.defpath}")
    assert setup.find_uv() == (str(found) if good else None)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("error: failed to write: No space left on device (os error 28)", "the disk is full."),
        ("error: No interpreter found for Python 3.10 in managed installations or search path", "Python 3.10 was not"),
        (
            "  cause: Failed to download `https://x/cpython-3.10.18%2B2.tar.gz`\n  cause: dns error",
            "Python 3.10 was not",
        ),
        ("  cause: invalid peer certificate: UnknownIssuer", "certificate"),
        ("The virtual environment was not created successfully because ensurepip is not available", "python3-venv"),
        ("error: Request failed\n  Caused by: dns error: failed to lookup address", "the network failed"),
        ("error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.", "uv lock"),
        ("warning: x\n  × No solution found\n  ╰─▶ because of y\n", "installing failed: because of y"),
        ("", "installing failed, as said above."),
    ],
)
def test_a_failure_comes_down_to_one_sentence(setup: types.ModuleType, output: str, sentence: str) -> None:
    """The reason, and what to do where something can be done."""
    assert sentence in setup.why(output, "installing")
    assert "\n" not in setup.why(output, "installing")


def test_too_little_disk_is_told_before_anything_is_downloaded(
    setup: types.ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and the figure."""
    monkeypatch.setattr(setup, "ROOM_BYTES", 10**18)
    monkeypatch.setattr(setup, "find_uv", lambda: pytest.fail("too early"))
    assert setup.main("run") == 1
    assert "it needs" in capsys.readouterr().err


def test_a_command_that_fails_is_told_with_its_last_words(setup: types.ModuleType) -> None:
    """And one that is not there, by its name."""
    with pytest.raises(setup.Unable, match="trying failed: gave up"):
        setup.wait_for([sys.executable, "-c", "import sys; sys.exit('gave up')"], "trying", quiet=True)
    with pytest.raises(setup.Unable, match="/nowhere/uv cannot be started"):
        setup.wait_for(["/nowhere/uv"], "trying", quiet=True)


def test_a_user_without_a_home_still_gets_a_cache(setup: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """uv's files then lie beside the project; an environment that is active does not lead it elsewhere."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    env = setup.environment(".venv")
    assert env["UV_CACHE_DIR"].startswith(str(setup.TOOLS))
    assert env["HOME"] == str(setup.TOOLS)
    assert "VIRTUAL_ENV" not in env
    assert env["UV_PROJECT_ENVIRONMENT"] == str(setup.ROOT / ".venv")


def test_the_pinned_uv_is_checked_by_its_hashes() -> None:
    """One version, and a hash for each of its files."""
    text = (ROOT / "tools" / "uv.txt").read_text()
    assert text.count("uv==") == 1
    assert text.count("--hash=sha256:") > 10
