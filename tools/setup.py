"""
Makes the two environments from uv.lock, with a pinned uv when this machine has none. Standard library only.

    python tools/setup.py run|test|check

``run`` wants what Warmline needs to run, ``test`` what its tests need in both environments, ``check`` the project's own
environment with the tools. What is there already is found by a stamp in each environment and left alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
OLDEST_UV = (0, 13)
REMINDER_S = 5.0
ROOM_BYTES = 5_000_000_000

PROJECT, ENGINE = ".venv", ".venv-engine"
WANTED = {
    "run": {
        PROJECT: ("3.12", "run", ("--no-dev", "--inexact")),
        ENGINE: ("3.10", "run", ("--only-group", "engine", "--inexact")),
    },
    "test": {PROJECT: ("3.12", "test", ()), ENGINE: ("3.10", "test", ("--only-group", "engine-dev"))},
    "check": {PROJECT: ("3.12", "test", ())},
}
"""For each purpose: environment -> Python, its stamp, and uv's options. What is stamped ``test`` serves ``run`` too."""

WORDS = {PROJECT: "Warmline's own environment", ENGINE: "the assistant's environment (Rasa, 2.5 GB)"}


CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep the certificates that they trust; uv brings its own for where there are none."""


class Unable(Exception):
    """Set-up cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    print(text, flush=True)


def main(purpose: str) -> int:
    try:
        missing = {name: how for name, how in WANTED[purpose].items() if not is_there(name, how[1])}
        if missing:
            say("Setting up Warmline; the first time takes a few minutes, mostly downloading.")
            check_room(ENGINE in missing)
            uv = find_uv() or bring_uv()
            for name, (python, stamp, options) in missing.items():
                sync(uv, name, python, stamp, options)
    except Unable as wrong:
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
        found = (ROOT / name / ".warmline").read_text()
    except OSError:
        return False
    return found in [stamp_text(each) for each in serves] and os.access(ROOT / name / "bin" / "python", os.X_OK)


def check_room(engine: bool) -> None:
    free = shutil.disk_usage(ROOT).free
    if engine and free < ROOM_BYTES:
        raise Unable(f"it needs 5 GB of disk, and {ROOT} has {free / 1e9:.1f} GB left.")


def environment(name: str | None = None) -> dict[str, str]:
    """Ours, without what would lead uv or Python elsewhere; with a home for uv's files when this user has none."""
    unwanted = (
        "PYTHONDONTWRITEBYTECODE",
        "VIRTUAL_ENV",
        "PYTHONHOME",
        "PYTHONPATH",
        "UV_PYTHON",
        "UV_PROJECT",
        "UV_FROZEN",
    )
    env = {key: value for key, value in os.environ.items() if key not in unwanted}
    env["UV_PREVIEW_FEATURES"] = "package-conflicts"
    if any(Path(bundle).exists() for bundle in CERTIFICATES):
        env.setdefault("UV_SYSTEM_CERTS", "true")  # a company's network often has a certificate of its own
    if name is not None:
        env["UV_PROJECT_ENVIRONMENT"] = str(ROOT / name)
    home = env.get("HOME", "")
    if not home or not os.access(home, os.W_OK):
        env["HOME"] = str(TOOLS)
        env.setdefault("UV_CACHE_DIR", str(TOOLS / "cache"))
        env.setdefault("UV_PYTHON_INSTALL_DIR", str(TOOLS / "pythons"))
    return env


def find_uv() -> str | None:
    """A uv that is new enough: the one brought along before, or one on PATH."""
    for candidate in (str(TOOLS / "bin" / "uv"), shutil.which("uv")):
        if candidate is None:
            continue
        try:
            answer = subprocess.run([candidate, "--version"], capture_output=True, text=True, timeout=20).stdout
        except (OSError, subprocess.TimeoutExpired):
            continue
        version = re.match(r"uv (\d+)\.(\d+)", answer)
        if version and (int(version[1]), int(version[2])) >= OLDEST_UV:
            return candidate
    return None


def bring_uv() -> str:
    """Install the pinned uv, checked by its hashes, into .tools."""
    wait_for([sys.executable, "-m", "venv", "--clear", str(TOOLS)], "making a place for uv", quiet=True)
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    wait_for([*pip, "--require-hashes", "--no-deps", "-r", str(ROOT / "tools" / "uv.txt")], "fetching uv", quiet=True)
    return str(TOOLS / "bin" / "uv")


def sync(uv: str, name: str, python: str, stamp: str, options: tuple[str, ...]) -> None:
    mark = ROOT / name / ".warmline"
    mark.unlink(missing_ok=True)
    command = [uv, "sync", "--locked", "--python", python, *options]
    wait_for(command, f"installing {WORDS[name]}", env=environment(name), quiet=not sys.stderr.isatty())
    if name == ENGINE:
        link_warmline(ROOT / name)
    mark.write_text(stamp_text(stamp))


def link_warmline(environment: Path) -> None:
    """Let the engine's Python import Warmline itself, without what Warmline is installed with."""
    for packages in environment.glob("lib/python3.*/site-packages"):
        link = packages / "warmline"
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT / "bot" / "warmline", target_is_directory=True)


def wait_for(command: list[str], what: str, *, env: dict[str, str] | None = None, quiet: bool) -> None:
    """
    Run *command*, saying what it does and, every few seconds, that it still does. *quiet* keeps its output for the case
    that it fails; otherwise it draws its own progress. Raises Unable with its last words.
    """
    begun = time.monotonic()
    say(f"  {what} ...")
    over = threading.Event()
    if quiet:
        threading.Thread(target=remind, args=(over, what, begun), daemon=True).start()
    pipe = subprocess.PIPE if quiet else None
    try:
        done = subprocess.run(command, cwd=ROOT, env=env or environment(), stderr=pipe, stdout=pipe, text=True)
    except OSError as wrong:
        raise Unable(f"{command[0]} cannot be started ({wrong.strerror}).") from None
    finally:
        over.set()
    if done.returncode != 0:
        raise Unable(why((done.stderr or "") + (done.stdout or ""), what))
    say(f"  {what}: done in {time.monotonic() - begun:.0f} s")


def remind(over: threading.Event, what: str, begun: float) -> None:
    while not over.wait(REMINDER_S):
        say(f"  still {what} ({time.monotonic() - begun:.0f} s)")


def why(output: str, what: str) -> str:
    """The one sentence that *output* of a failed command comes down to."""
    if re.search(r"No space left|ENOSPC|os error 28", output):
        return "the disk is full."
    missing = re.search(
        r"(?:No interpreter found for (?:\w+ )?Python |Failed to download \S*cpython-)(\d\.\d+)", output
    )
    if missing:
        return (
            f"Python {missing[1]} was not found on this machine, and could not be downloaded. Install it and try again."
        )
    if re.search(r"ensurepip|No module named pip", output):
        return "this Python cannot make environments (on Debian: apt install python3-venv)."
    if re.search(r"invalid peer certificate|CERTIFICATE_VERIFY_FAILED", output):
        return f"this machine does not trust the network's certificate ({what}). Add it to the system's certificates."
    if re.search(
        r"dns error|Connection refused|error sending request|NewConnectionError|timed out|tunnel error", output
    ):
        return f"the network failed while {what}. Try again; what was downloaded is kept."
    if "needs to be updated" in output:
        return "uv.lock does not fit pyproject.toml; run 'uv lock' and commit it."
    lines = [line.strip(" ×╰─▶│├") for line in output.splitlines() if line.strip(" ×╰─▶│├")]
    return f"{what} failed" + (f": {lines[-1]}" if lines else ", as said above.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
