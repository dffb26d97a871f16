"""
Makes a clone's two environments from uv.lock, with a pinned uv when this machine has none. Standard library only.

    python tools/setup.py run|test|check

``run`` wants what Warmline needs to run, ``test`` what its tests need in both environments, ``check`` the project's own
environment with the tools. What is there already is found by a stamp in each environment and left alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent

if TYPE_CHECKING:
    from warmline import environments
else:
    # Not by its name: that would import the package, and what the package needs is not installed yet.
    _spec = importlib.util.spec_from_file_location("environments", ROOT / "bot" / "warmline" / "environments.py")
    environments = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(environments)

PROJECT, ENGINE = ".venv", ".venv-engine"
WANTED: dict[str, dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "run": {
        PROJECT: ("3.12", "run", ("--no-dev", "--inexact")),
        ENGINE: (environments.ENGINE_VERSION, "run", ("--only-group", "engine", "--inexact")),
    },
    "test": {
        PROJECT: ("3.12", "test", ()),
        ENGINE: (environments.ENGINE_VERSION, "test", ("--only-group", "engine-dev")),
    },
    "check": {PROJECT: ("3.12", "test", ())},
}
"""For each purpose: environment -> Python, its stamp, and uv's options. What is stamped ``test`` serves ``run`` too."""

WORDS = {PROJECT: "Warmline's own environment", ENGINE: "the assistant's environment (Rasa, 2.5 GB)"}


def say(text: str) -> None:
    print(text, flush=True)


def main(purpose: str) -> int:
    try:
        missing = {name: how for name, how in WANTED[purpose].items() if not is_there(name, how[1])}
        if missing:
            say("Setting up Warmline; the first time takes a few minutes, mostly downloading.")
            if ENGINE in missing:
                environments.check_room(ROOT)
            tools = environments.Tools(ROOT / ".tools", os.environ, say)
            uv = tools.uv()
            for name, (python, stamp, options) in missing.items():
                sync(tools, uv, name, python, stamp, options)
    except environments.Unable as wrong:
        print(f"Warmline cannot be set up: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def stamp_text(stamp: str) -> str:
    """What the stamp says: for what it serves, and a digest of everything that decides what is installed."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "uv.lock"):
        digest.update((ROOT / name).read_bytes())
    digest.update(str(ROOT).encode())  # a copied environment still points to where it was made
    return f"{stamp} {digest.hexdigest()}"


def is_there(name: str, stamp: str) -> bool:
    serves = (stamp,) if stamp == "test" else (stamp, "test")
    try:
        found = (ROOT / name / environments.STAMP).read_text()
    except OSError:
        return False
    return found in [stamp_text(each) for each in serves] and os.access(ROOT / name / "bin" / "python", os.X_OK)


def sync(tools: Any, uv: str, name: str, python: str, stamp: str, options: tuple[str, ...]) -> None:
    mark = ROOT / name / environments.STAMP
    mark.unlink(missing_ok=True)
    tools.wait_for(
        [uv, "sync", "--locked", "--python", python, *options],
        f"installing {WORDS[name]}",
        cwd=ROOT,
        drawn=sys.stderr.isatty(),
        UV_PROJECT_ENVIRONMENT=str(ROOT / name),
    )
    if name == ENGINE:
        environments.link_warmline(ROOT / name)
    mark.write_text(stamp_text(stamp))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
