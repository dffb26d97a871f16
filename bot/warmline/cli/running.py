"""The file ``running.json`` in the home directory: what is up now, for ``doctor``, scripts and the next ``up``."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from warmline.settings import Settings


class Running(msgspec.Struct):
    """Process ids: of the supervisor, and of its *children* by name."""

    pid: int
    url: str
    children: dict[str, int]


def path_of(settings: Settings) -> Path:
    """Where it is."""
    return settings.home / "running.json"


def running_now(settings: Settings) -> Running | None:
    """What runs from this home directory, if its supervisor is alive."""
    try:
        found = msgspec.json.decode(path_of(settings).read_bytes(), type=Running)
        os.kill(found.pid, 0)
    except (OSError, msgspec.DecodeError):
        return None
    return found


def write(settings: Settings, running: Running) -> None:
    """Replace the file as a whole; a disk that is full leaves the one before."""
    path = path_of(settings)
    draft = path.with_suffix(".new")
    with contextlib.suppress(OSError):
        draft.write_bytes(msgspec.json.encode(running))
        draft.replace(path)
