"""What must be true before a process of ours can start: an environment to run in, and room for what it writes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from warmline.core.errors import SettingsError
from warmline.settings import Settings, inherited_environment

if TYPE_CHECKING:
    from warmline.engine.commands import Command
    from warmline.supervisor import Launch

ROOM_BYTES = 200_000_000


def as_launch(command: Command) -> Launch:
    """*command* with the environment it will really have."""
    from warmline.supervisor import Launch

    return Launch(argv=command.argv, env=inherited_environment() | command.env, cwd=Path(command.cwd))


def check_room(settings: Settings) -> None:
    """Makes the home directory. Raises SettingsError when that cannot be written, or its disk is nearly full."""
    try:
        settings.logs_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.home / f".probe-{os.getpid()}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
        free = shutil.disk_usage(settings.home).free
    except OSError as wrong:
        raise SettingsError(f"{settings.home} cannot be written: {wrong.strerror}.") from None
    if free < ROOM_BYTES:
        raise SettingsError(
            f"The disk of {settings.home} has {free // 1_000_000} MB left; Warmline needs {ROOM_BYTES // 1_000_000}."
        )
