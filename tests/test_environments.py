"""warmline.environments: which uv is used, when an environment counts as made, and how failures are told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from warmline import environments
from warmline.environments import Tools, Unable

ROOT = Path(__file__).resolve().parent.parent
LOCK = "uv export --locked --only-group engine --python 3.10 --no-emit-project --no-header --no-annotate"
"""Makes bot/warmline/pins/engine.txt from uv.lock (CONTRIBUTING.md says when)."""


@pytest.fixture
def said() -> list[str]:
    """What the tools said, line by line."""
    return []


@pytest.fixture
def tools(tmp_path: Path, said: list[str]) -> Tools:
    """Tools with a folder of their own, and no PATH to speak of."""
    return Tools(tmp_path / "tools", {"PATH": os.defpath, "HOME": str(tmp_path)}, said.append)


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "good"), [("uv 0.13.9 (x86_64)", True), ("uv 1.0.0", True), ("uv 0.9.2", False), ("", False)]
)
def test_an_old_uv_is_not_used(tmp_path: Path, version: str, good: bool) -> None:
    """A lock written by a newer one may hold what it does not know."""
    found = program(tmp_path / "path" / "uv", f"echo '{version}'")
    tools = Tools(tmp_path / "tools", {"PATH": f"{found.parent}:{os.defpath}"}, print)
    assert tools.find_uv() == (str(found) if good else None)


def test_the_uv_that_was_brought_goes_first(tools: Tools) -> None:
    """It is the pinned one."""
    brought = program(tools.folder / "bin" / "uv", "echo 'uv 0.13.9'")
    assert tools.find_uv() == tools.uv() == str(brought)


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
def test_a_failure_comes_down_to_one_sentence(output: str, sentence: str) -> None:
    """The reason, and what to do where something can be done."""
    assert sentence in environments.why(output, "installing")
    assert "\n" not in environments.why(output, "installing")


def test_a_command_that_fails_is_told_with_its_last_words(tools: Tools, said: list[str]) -> None:
    """And one that is not there, by its name; what is done is said before."""
    with pytest.raises(Unable, match="trying failed: gave up"):
        tools.wait_for([sys.executable, "-c", "import sys; sys.exit('gave up')"], "trying")
    with pytest.raises(Unable, match="/nowhere/uv cannot be started"):
        tools.wait_for(["/nowhere/uv"], "trying")
    assert said == ["  trying ..."] * 2


def test_a_user_without_a_home_still_gets_a_cache(tmp_path: Path) -> None:
    """uv's files then lie beside its own; an environment that is active does not lead it elsewhere."""
    env = Tools(tmp_path, {"VIRTUAL_ENV": "/somewhere", "PATH": "/bin"}, print).environment(UV_OFFLINE="1")
    assert env["UV_CACHE_DIR"].startswith(str(tmp_path))
    assert env["HOME"] == str(tmp_path)
    assert "VIRTUAL_ENV" not in env
    assert (env["PATH"], env["UV_OFFLINE"]) == ("/bin", "1")


UV = """case "$1" in
    --version) echo 'uv 0.13.9' ;;
    venv) for last; do :; done; mkdir -p "$last/bin" "$last/lib/python3.10/site-packages"
        ln -sf /bin/sh "$last/bin/python" ;;
    pip) echo "$@" >> "$HOME/asked"; test ! -e "$HOME/fails" || { echo 'dns error' >&2; exit 1; } ;;
esac"""


def test_an_engine_is_made_once_and_again_when_its_pins_change(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    """From the pins with their hashes, with a link to this very package; what broke off does not count as made."""
    program(tools.folder / "bin" / "uv", UV)
    pins = tmp_path / "engine.txt"
    pins.write_text("rasa==1 --hash=sha256:1\n")
    monkeypatch.setattr(environments, "ENGINE_PINS", pins)
    folder = environments.engine_folder(tmp_path / "shared")
    (tmp_path / "fails").touch()
    with pytest.raises(Unable, match="network failed"):
        environments.make_engine(tools, folder)
    assert not environments.has_engine(folder)
    (tmp_path / "fails").unlink()
    environments.make_engine(tools, folder)
    assert environments.has_engine(folder)
    link = folder / "lib" / "python3.10" / "site-packages" / "warmline"
    assert link.resolve() == ROOT / "bot" / "warmline"
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 2
    assert asked[1].endswith(f"--require-hashes {pins}")
    said.clear()
    environments.make_engine(tools, folder)
    assert said == []
    pins.write_text("rasa==2 --hash=sha256:2\n")
    assert not environments.has_engine(folder)
    assert environments.engine_folder(tmp_path / "shared") != folder


def test_what_cannot_be_written_is_told(tools: Tools, tmp_path: Path) -> None:
    """A file in the place of the folder, for example."""
    (tmp_path / "shared").write_text("")
    with pytest.raises(Unable, match="cannot be written"):
        environments.make_engine(tools, tmp_path / "shared" / "engine-1")


def test_the_pins_fit_the_lock() -> None:
    """What the wheel installs for the engine is what a clone has; another line in uv.lock needs another file."""
    uv = Tools(ROOT / ".tools", os.environ, print)
    command = [uv.uv(), *LOCK.split()[1:], "--offline"]
    made = subprocess.run(command, cwd=ROOT, env=uv.environment(), capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert made.stdout == environments.ENGINE_PINS.read_text(), f"write it anew: {LOCK} -o bot/warmline/pins/engine.txt"


def test_everything_that_is_pinned_has_hashes() -> None:
    """The pinned uv in one version with all its files, and each line of the engine's with at least one."""
    uv = environments.UV_PINS.read_text()
    assert uv.count("uv==") == 1
    assert uv.count("--hash=sha256:") > 10
    for pinned in re.split(r"\n(?=\w)", environments.ENGINE_PINS.read_text().strip()):
        assert re.match(r"[\w.-]+==\S+ ", pinned)
        assert "--hash=sha256:" in pinned
