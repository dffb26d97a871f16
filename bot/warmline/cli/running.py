"""
The file ``running.json`` in the home directory: what is up now, for the other commands, scripts and the next ``up``.

Whether it still holds is told by a lock that the supervisor keeps for as long as it lives: a process id alone could
belong to somebody else by now.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from warmline.core.errors import SettingsError
from warmline.settings import Settings


class Running(msgspec.Struct):
    """
    Process ids: of the supervisor, and of its *children* by name. Where the bridge is found (*url*), and on loopback
    the engines and the actions.
    """

    pid: int
    url: str
    children: dict[str, int]
    engine_urls: tuple[str, ...] = ()
    actions_url: str = ""


def path_of(settings: Settings) -> Path:
    """Where it is."""
    return settings.home / "running.json"


def running_now(settings: Settings) -> Running | None:
    """What runs from this home directory, if its supervisor is alive."""
    try:
        with _lock_path(settings).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        pass
    except OSError:
        return None
    try:
        return msgspec.json.decode(path_of(settings).read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None


def running_url(settings: Settings) -> str:
    """Where this project's bridge is found. Raises SettingsError when it does not run."""
    running = running_now(settings)
    if running is None:
        raise SettingsError(
            f"Nothing runs in the project {settings.root}. Start it with 'warmline up', or name a bridge with --url."
        )
    return running.url


@contextlib.contextmanager
def only_one(settings: Settings, running: Running) -> Iterator[None]:
    """
    Be the one supervisor of this home directory, which is told as *running*, until the block ends.

    Raises:
        SettingsError: there is another one.
    """
    with _lock_path(settings).open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if (other := running_now(settings)) is not None:
                    where = f" (process {other.pid}) at {other.url}"
                    raise SettingsError(f"Warmline is already running{where}.") from None
                time.sleep(0.05)  # somebody only looks, or has not said yet that it is the one
        write(settings, running)
        try:
            yield
        finally:
            path_of(settings).unlink(missing_ok=True)


def _lock_path(settings: Settings) -> Path:
    return settings.home / "running.lock"


def write(settings: Settings, running: Running) -> None:
    """Replace the file as a whole; a disk that is full leaves the one before."""
    path = path_of(settings)
    draft = path.with_suffix(".new")
    with contextlib.suppress(OSError):
        draft.write_bytes(msgspec.json.encode(running))
        draft.replace(path)
