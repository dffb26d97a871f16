"""
Makes Python environments with uv, and brings a pinned uv when this machine has none. Standard library only.

Shared by ``warmline setup``, which makes the engine's environment from the hashes in ``pins/engine.txt``, and by
``tools/setup.py``, which makes a clone's two environments before anything else is installed: it loads this file by its
path, so nothing here may import the rest of Warmline.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ENGINE_PINS = PACKAGE / "pins" / "engine.txt"
"""What the engine's environment holds, each file by its hash: the group ``engine`` of uv.lock, exported."""

UV_PINS = PACKAGE / "pins" / "uv.txt"
ENGINE_VERSION = "3.10"
"""The newest Python that Rasa 3.6 runs on."""

STAMP = ".warmline"
"""The file in an environment that is written last, and says what was installed."""

OLDEST_UV = (0, 13)
REMINDER_S = 5.0
ENGINE_ROOM_BYTES = 5_000_000_000

CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep the certificates that they trust; uv brings its own for where there are none."""

UNWANTED = (
    "PYTHONDONTWRITEBYTECODE",
    "VIRTUAL_ENV",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_PYTHON",
    "UV_PROJECT",
    "UV_FROZEN",
)
"""Variables that would lead uv or Python elsewhere."""


class Unable(Exception):
    """An environment cannot be made; the text says why and what to do."""


class Tools:
    """
    A uv, and how it is run. *folder* is where one that we bring is kept; *environ* are the variables we were started
    with; *say* hears each step, and every few seconds that it still goes on.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.folder = folder
        self._environ = environ
        self._say = say

    def uv(self) -> str:
        """The path of a uv that is new enough, brought if need be. Raises Unable when none can be had."""
        return self.find_uv() or self.bring_uv()

    def find_uv(self) -> str | None:
        """A uv that is new enough: the one brought before, or one on PATH; None when there is none."""
        for candidate in (str(self.folder / "bin" / "uv"), shutil.which("uv", path=self._environ.get("PATH"))):
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

    def bring_uv(self) -> str:
        """Install the pinned uv, checked by its hashes, into the folder; returns its path. Raises Unable."""
        self.wait_for([sys.executable, "-m", "venv", "--clear", str(self.folder)], "making a place for uv")
        pip = (str(self.folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
        self.wait_for([*pip, "--require-hashes", "--no-deps", "-r", str(UV_PINS)], "fetching uv")
        return str(self.folder / "bin" / "uv")

    def environment(self, **more: str) -> dict[str, str]:
        """
        The variables for uv: ours, without what would lead it elsewhere; with a home for its files, in the folder, when
        this user has none. *more* is added.
        """
        env = {key: value for key, value in self._environ.items() if key not in UNWANTED}
        env["UV_PREVIEW_FEATURES"] = "package-conflicts"
        if any(Path(bundle).exists() for bundle in CERTIFICATES):
            env.setdefault("UV_SYSTEM_CERTS", "true")  # a company's network often has a certificate of its own
        home = env.get("HOME", "")
        if not home or not os.access(home, os.W_OK):
            env["HOME"] = str(self.folder)
            env.setdefault("UV_CACHE_DIR", str(self.folder / "cache"))
            env.setdefault("UV_PYTHON_INSTALL_DIR", str(self.folder / "pythons"))
        return env | more

    def wait_for(
        self, command: Sequence[str], what: str, *, cwd: Path | None = None, drawn: bool = False, **variables: str
    ) -> None:
        """
        Run *command*, saying that it is *what* ("installing the engine"). Its output is kept for the case that it
        fails, unless it is *drawn*: then it draws progress of its own. *variables* go beside those of
        :meth:`environment`. Raises Unable with its last words.
        """
        begun = time.monotonic()
        self._say(f"  {what} ...")
        over = threading.Event()
        if not drawn:
            threading.Thread(target=self._remind, args=(over, what, begun), daemon=True).start()
        pipe = None if drawn else subprocess.PIPE
        try:
            done = subprocess.run(
                command, cwd=cwd, env=self.environment(**variables), stderr=pipe, stdout=pipe, text=True
            )
        except OSError as wrong:
            raise Unable(f"{command[0]} cannot be started ({wrong.strerror}).") from None
        finally:
            over.set()
        if done.returncode != 0:
            raise Unable(why((done.stderr or "") + (done.stdout or ""), what))
        self._say(f"  {what}: done in {time.monotonic() - begun:.0f} s")

    def _remind(self, over: threading.Event, what: str, begun: float) -> None:
        while not over.wait(REMINDER_S):
            self._say(f"  still {what} ({time.monotonic() - begun:.0f} s)")


def engine_digest() -> str:
    """What decides what an engine's environment of this Warmline holds, in 16 hexadecimal digits."""
    digest = hashlib.sha256(ENGINE_PINS.read_bytes())
    digest.update(str(PACKAGE).encode())  # the environment links to this very package
    return digest.hexdigest()[:16]


def engine_folder(shared: Path) -> Path:
    """Where the engine's environment is, or will be, under *shared*, the folder of all of a user's projects."""
    return shared / f"engine-{engine_digest()}"


def has_engine(folder: Path) -> bool:
    """Whether the environment in *folder* was made to its end, from the present pins, and its Python is there."""
    try:
        stamp = (folder / STAMP).read_text()
    except OSError:
        return False
    return stamp == engine_digest() and os.access(folder / "bin" / "python", os.X_OK)


def make_engine(tools: Tools, folder: Path, *, drawn: bool = False) -> None:
    """
    Make the engine's environment in *folder*, unless it is there. One at a time: a second caller waits for the first
    and finds it made. Raises Unable.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.with_suffix(".lock")):
            if has_engine(folder):
                return
            check_room(folder.parent)
            (folder / STAMP).unlink(missing_ok=True)
            uv = tools.uv()
            python = str(folder / "bin" / "python")
            tools.wait_for(
                [uv, "venv", "--no-project", "--clear", "--python", ENGINE_VERSION, str(folder)],
                f"making an environment with Python {ENGINE_VERSION}",
            )
            tools.wait_for(
                [uv, "pip", "sync", "--python", python, "--require-hashes", str(ENGINE_PINS)],
                "installing the engine (Rasa, 2.5 GB)",
                drawn=drawn,
            )
            link_warmline(folder)
            (folder / STAMP).write_text(engine_digest())
    except OSError as wrong:
        raise Unable(f"{wrong.filename or folder} cannot be written ({wrong.strerror}).") from None


def link_warmline(environment: Path) -> None:
    """Let *environment*'s Python import Warmline itself, without what Warmline is installed with."""
    for packages in environment.glob("lib/python3.*/site-packages"):
        link = packages / "warmline"
        link.unlink(missing_ok=True)
        link.symlink_to(PACKAGE, target_is_directory=True)


def check_room(folder: Path) -> None:
    """Raises Unable when the disk of *folder* has no room for an engine's environment."""
    free = shutil.disk_usage(folder).free
    if free < ENGINE_ROOM_BYTES:
        raise Unable(f"it needs 5 GB of disk, and {folder} has {free / 1e9:.1f} GB left.")


def why(output: str, what: str) -> str:
    """The one sentence that *output* of a failed command comes down to; *what* it was doing."""
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


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock *path*; the system lets go of it when this process ends, however it does."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
