"""
Who uses a database: stores share it, restoring needs it alone. A lock file beside it says so, also when it is
damaged.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from warmline.core.errors import SettingsError


class Use:
    """The claim on the database *path* of one store, or of one restore. The system ends it when the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def share(self) -> None:
        """Raises SettingsError while the database is being restored, or when its directory cannot be used."""
        self._claim(fcntl.LOCK_SH, f"{self._path} is being restored. Try again when that is done.")

    def alone(self) -> None:
        """Raises SettingsError while anybody uses the database, or when its directory cannot be used."""
        self._claim(fcntl.LOCK_EX, f"{self._path} is in use. Stop Warmline first.")

    def end(self) -> None:
        """Give the claim back, if there is one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _claim(self, kind: int, complaint: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path.with_name(self._path.name + "-use"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SettingsError(f"{self._path} cannot be used: {error.strerror or error}.") from error
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            raise SettingsError(complaint) from error
        self._file = file
