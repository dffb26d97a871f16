"""``warmline backup``, ``restore`` and ``fsck`` on a real record."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Outcome


def test_what_a_backup_holds_comes_back_with_a_restore(warmline: Callable[..., Outcome], tmp_path: Path) -> None:
    """An account added after the backup is gone then, and what was replaced lies beside it."""
    warmline("agent", "add", "mara")
    copy = tmp_path / "copy.db"
    assert warmline("backup", str(copy)).out == f"Backed up to {copy}.\n"
    warmline("agent", "add", "ben")
    assert "ben" in warmline("agent", "list").out
    said = warmline("restore", str(copy)).out
    assert said.startswith(f"Restored from {copy}.\n")
    assert "store.db.replaced" in said
    assert "mara" in warmline("agent", "list").out
    assert "ben" not in warmline("agent", "list").out


def test_a_sound_record_is_called_sound_and_a_broken_one_fails_with_every_finding(
    warmline: Callable[..., Outcome], tmp_path: Path
) -> None:
    """Of the record and of a backup; the exit code is what a night job looks at."""
    warmline("agent", "add", "mara")
    copy = tmp_path / "copy.db"
    warmline("backup", str(copy))
    for named in ((), (str(copy),)):
        sound = warmline("fsck", *named)
        assert (sound.code, sound.out.endswith(" is sound.\n")) == (0, True)
    with closing(sqlite3.connect(copy)) as other:
        other.execute("PRAGMA foreign_keys = OFF")
        other.execute("INSERT INTO timers VALUES ('nobody', 'idle', 1.0)")
        other.commit()
    broken = warmline("fsck", str(copy))
    assert broken.code == 1
    assert "nobody" in broken.out
    assert warmline("fsck").code == 0


def test_a_file_that_is_no_record_is_refused_in_a_sentence(warmline: Callable[..., Outcome], tmp_path: Path) -> None:
    """Nothing is written, and the record is as it was."""
    warmline("agent", "add", "mara")
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear all")
    assert warmline("fsck", str(letter)) == (1, "the file is damaged: file is not a database\n", "")
    refused = warmline("restore", str(letter))
    assert (refused.code, refused.out) == (1, "")
    assert f"{letter} is damaged" in refused.err
    assert letter.read_text() == "Dear all"
    assert "mara" in warmline("agent", "list").out
