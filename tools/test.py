"""
Runs every test there is, each in its own environment, and ends with pytest's closing lines. Called by ``make test``.

The browser's tests need Debian's chromium: it is installed when this is root on a Debian and it is missing. What cannot
run here is said loudly, at the end, once more. Exits 1 when anything failed. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT_PYTHON = ROOT / ".venv" / "bin" / "python"
ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
NOT_COLLECTED = 5


def say(text: str) -> None:
    print(text, flush=True)


def run(what: str, command: list[str | Path]) -> tuple[int, str]:
    """Show the output as it comes; returns the exit code and the last line that says something."""
    say(f"\n=== {what} ===")
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")}
    process = subprocess.Popen(
        [str(part) for part in command], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line.strip() or last
    return process.wait(), last


def bring_chromium() -> str:
    """Why there is no browser; empty when there is one."""
    if any(shutil.which(name) for name in CHROMIUM):
        return ""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return "Chromium is missing, and only root on a Debian can have it installed: the browser's tests were SKIPPED."
    say("Installing Debian's chromium for the browser's tests; this can take some minutes.")
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in ([*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", "chromium"]):
        if subprocess.run(step, env=env, stdout=subprocess.DEVNULL).returncode != 0:
            return f"Chromium could not be installed ('{' '.join(step)}' failed): the browser's tests were SKIPPED."
    return ""


def main() -> int:
    begun = time.monotonic()
    loud: list[str] = []
    closing: list[tuple[str, int, str]] = []
    no_browser = bring_chromium()
    if no_browser:
        loud.append(no_browser)

    code, last = run("training the assistant", [ROOT / ".venv" / "bin" / "warmline", "train"])
    closing.append(("training", code, last))
    pytest = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    if (ROOT / "tests" / "engine").is_dir():
        code, last = run(
            "tests of the engine, Python 3.10", [ENGINE_PYTHON, *pytest, "--confcutdir=tests/engine", "tests/engine"]
        )
        closing.append(("engine", code, last))
        code, last = run(
            "bots of others, adopted, Python 3.10",
            [ENGINE_PYTHON, *pytest, "--confcutdir=tests/adopted", "tests/adopted"],
        )
        closing.append(("adopted", code, last))
    project = [PROJECT_PYTHON, *pytest, "--ignore=tests/engine", "--ignore=tests/adopted", "-m"]
    code, last = run("tests of everything else, Python 3.12", [*project, "not engine and not browser"])
    closing.append(("project", code, last))
    if not no_browser:
        # A process of their own: while Playwright lives, its event loop runs in the main thread, and no other can.
        code, last = run("tests in a real browser", [*project, "browser"])
        closing.append(("browser", code, last))
    scripts = sorted((ROOT / "tests").rglob("*.test.js"))
    if scripts and shutil.which("node"):
        code, last = run("tests of the pages' modules, node", ["node", "--test", "--test-reporter=dot", *scripts])
        closing.append(("node", code, "all passed" if code == 0 else "some failed"))
    elif scripts:
        loud.append("node is missing: the tests of the pages' modules were SKIPPED.")

    say(f"\n=== all of it, in {time.monotonic() - begun:.0f} s ===")
    for what, code, last in closing:
        say(f"{what:<9} {'ok    ' if code == 0 else 'FAILED'} {last}")
    for text in loud:
        say(f"!!! {text}")
    return 1 if any(code not in (0, NOT_COLLECTED) for _, code, _ in closing) else 0


if __name__ == "__main__":
    sys.exit(main())
