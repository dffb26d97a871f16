"""Opening a database file, and saying in a sentence what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlite_utils import Database

from warmline.core.errors import SettingsError, StoreError, StoreUnavailable
from warmline.store import schema

BUSY = sqlite3.SQLITE_BUSY
OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
LOG_KEPT_BYTES = 64 * 1024 * 1024  # a log that grew past this is cut back when it was copied into the file

_SENTENCES = {
    sqlite3.SQLITE_FULL: "the disk is full. Free some space",
    sqlite3.SQLITE_BUSY: "another program keeps the database locked. Find it and stop it",
    sqlite3.SQLITE_LOCKED: "another program keeps the database locked. Find it and stop it",
    sqlite3.SQLITE_PROTOCOL: "another program keeps the database locked. Find it and stop it",
    sqlite3.SQLITE_READONLY: "the database may only be read. Check the owner and mode of the file and its directory",
    sqlite3.SQLITE_PERM: "the database may not be opened. Check the owner and mode of the file and its directory",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened. Check that its directory exists and may be written",
    sqlite3.SQLITE_IOERR: "the disk reported an error. Check the disk and its free space",
    sqlite3.SQLITE_NOMEM: "there is no memory left. Stop other programs",
    sqlite3.SQLITE_CORRUPT: "the database is damaged. Stop Warmline and restore a backup: warmline restore FILE",
    sqlite3.SQLITE_NOTADB: "the database is damaged. Stop Warmline and restore a backup: warmline restore FILE",
}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_USELESS_AFTERWARDS = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOMEM,
}


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension; SQLITE_ERROR when the error is the module's own."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def fault(error: sqlite3.Error) -> StoreError:
    """
    What *error* means to us: StoreUnavailable when it is the disk's (nothing was kept, the same may work later), else
    StoreError, which is a mistake of ours.
    """
    sentence = _SENTENCES[sqlite3.SQLITE_CORRUPT] if is_damage(error) else _SENTENCES.get(primary_code(error))
    if sentence is not None:
        return StoreUnavailable(f"Nothing was kept: {sentence}.")
    return StoreError(f"The store refused a step that breaks its rules; nothing was kept: {error}.")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether *error* says that the file no longer holds what was written to it."""
    # Python's module says it without a code, and quotes the text, when what was written as UTF-8 no longer is.
    undecodable = not hasattr(error, "sqlite_errorcode") and str(error).startswith("Could not decode to UTF-8")
    return primary_code(error) in _DAMAGED or undecodable


def spoils_connection(error: sqlite3.Error) -> bool:
    """Whether the connection should be opened anew before it is used again."""
    return is_damage(error) or primary_code(error) in _USELESS_AFTERWARDS


class Opened:
    """
    A connection, and which file it is open on.

    Raises sqlite3.Error, SettingsError when the file is not ours, StoreUnavailable when there is none.
    """

    def __init__(self, path: Path, *, lock_timeout_s: float, mode: str) -> None:
        self.path = path
        self._identity = _identity(path)
        self.db = connect(path, lock_timeout_s=lock_timeout_s, mode=mode)
        try:
            schema.check_is_ours(self.db, str(path))
        except BaseException:
            self.close()
            raise

    def is_the_file_at_path(self) -> bool:
        """
        Whether the path still names the file that is open. SQLite would go on writing to a file that was deleted or
        replaced, and every acknowledgement would be a lie.

        Raises StoreUnavailable when there is no file.
        """
        return _identity(self.path) == self._identity

    def close(self) -> None:
        self.db.close()


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError as error:
        raise StoreUnavailable(
            f"Nothing was kept: the database file {path} is gone. Put it back, or stop Warmline and restore a backup."
        ) from error
    return status.st_dev, status.st_ino


def connect(path: Path, *, lock_timeout_s: float, mode: str) -> Database:
    """Open the existing *path* with *mode* ``rw`` or ``ro``. Raises sqlite3.Error."""
    # isolation_level None: no transaction begins but by our own word. Only closing happens in another thread than the
    # owner's.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=lock_timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        db = Database(connection, execute_plugins=False)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
        if mode == "rw":
            db.execute("PRAGMA synchronous = FULL")
            db.execute(f"PRAGMA journal_size_limit = {LOG_KEPT_BYTES}")
        else:
            db.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return db


def prepare(path: Path, *, lock_timeout_s: float, check_up_to_bytes: int) -> None:
    """
    Create *path* if there is no such file, check it, and bring its schema up to date.

    Files up to *check_up_to_bytes* are checked page by page (``PRAGMA quick_check``); larger ones as far as opening
    them goes.

    Raises:
        SettingsError: the database cannot be used, and what to do about it. An existing file was not changed, unless a
            migration finished.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise SettingsError(f"SQLite {sqlite3.sqlite_version} is too old: Warmline needs 3.37 or newer.")
    try:
        _create(path)
        db = connect(path, lock_timeout_s=lock_timeout_s, mode="rw")
        try:
            size = path.stat().st_size
            if 0 < size <= check_up_to_bytes:
                found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
                if found != "ok":
                    raise SettingsError(f"{path} is damaged ({found}). {_RESTORE}")
            schema.check_is_ours(db, str(path))
            db.enable_wal()
            if db.journal_mode != "wal":
                raise SettingsError(f"{path} lies on a disk without shared memory (a network disk?). Use a local disk.")
            schema.migrate(db)
        finally:
            db.close()
    except OSError as error:
        raise SettingsError(f"{path} cannot be used: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        if is_damage(error):
            raise SettingsError(f"{path} is damaged ({error}). {_RESTORE}") from error
        sentence = _SENTENCES.get(primary_code(error), str(error))
        raise SettingsError(f"{path} cannot be used: {sentence}.") from error


_RESTORE = "It was not changed. Restore a backup: warmline restore FILE."


def _create(path: Path) -> None:
    """Make an empty file that only we may read, unless there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size and not (path.exists() and path.stat().st_size):
        # SQLite would take the empty file for a new database and throw the log away.
        raise SettingsError(f"{path} is empty or gone, but its log {log.name} is not. {_RESTORE}")
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
