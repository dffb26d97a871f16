"""
A disk that is full, locked, read-only, torn or gone: nothing is acknowledged, the reason is said, and it heals
itself.
"""

# ruff: noqa: ASYNC240 - a test may wait for its own disk and process

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import locked_by_another_process
from record_samples import begun, fresh, take

from warmline.core.conversation import Conversation
from warmline.core.errors import SettingsError, StoreUnavailable
from warmline.store.sqlite import SqliteStore
from warmline.store.upkeep import check

NOBODY = 65534
LONG = "x" * 3_000


async def fill_until_refused(store: SqliteStore, here: Conversation) -> tuple[Conversation, StoreUnavailable]:
    """Write long messages until the disk refuses; returns the conversation as last acknowledged."""
    try:
        for _ in range(2_000):
            here = await take(store, here, texts=(LONG,) * 5)
    except StoreUnavailable as error:
        return here, error
    raise AssertionError("the disk never refused")


async def test_while_another_process_holds_the_lock_nothing_is_kept_and_reading_goes_on(
    store: SqliteStore, path: Path
) -> None:
    """The write is given up with a sentence that says why; when the lock is gone the same write succeeds."""
    conversation = await begun(store)
    with locked_by_another_process(path):
        with pytest.raises(StoreUnavailable, match="locked"):
            await take(store, conversation, texts=("hello",))
        assert await store.conversation("c1") == conversation
    assert (await take(store, conversation, texts=("hello",))).seq == 1


async def test_a_short_lock_only_delays(path: Path) -> None:
    """A write that meets a lock waits, and succeeds when the lock goes in time; nobody is told of it."""
    store = SqliteStore(path, lock_timeout_s=60.0)
    await store.open()
    with locked_by_another_process(path):
        write = asyncio.create_task(begun(store))
        done, _ = await asyncio.wait([write], timeout=0.3)
        assert not done
    assert (await write).id == "c1"
    await store.close()


async def test_each_waiting_request_has_its_own_time(path: Path) -> None:
    """All 200 requests behind a lock are given up, batch after batch, though they came while others were waiting."""
    store = SqliteStore(path, lock_timeout_s=0.2)
    await store.open()
    with locked_by_another_process(path):
        writes = []
        for number in range(200):
            writes.append(asyncio.create_task(store.create(fresh(f"c{number}"))))
            await asyncio.sleep(0.001)
        results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailable] * 200
    await store.create(fresh("c0"))
    await store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("NOT TESTED: a full disk needs a tmpfs, and mounting one was refused (are you root?)")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def test_a_full_disk_refuses_and_heals(small_disk: Path) -> None:
    """
    What was acknowledged is all there, nothing else is, reading works on; with space again writing goes on by itself.
    """
    path = small_disk / "store.db"
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * 300_000)
    store = SqliteStore(path)
    await store.open()
    here, error = await fill_until_refused(store, await begun(store))
    assert "disk is full" in error.text
    assert await store.conversation("c1") == here
    assert len(await store.messages("c1", limit=10_000)) == here.seq
    with pytest.raises(StoreUnavailable):
        await take(store, here, texts=(LONG,) * 20)
    ballast.unlink()
    here = await take(store, here, texts=("space again",))
    await store.close()
    assert check(path) == []
    assert await _stored(path) == here


async def test_a_disk_too_full_to_begin_is_named_at_the_start(small_disk: Path) -> None:
    """Opening fails with a SettingsError that says what to do."""
    (small_disk / "ballast").write_bytes(b"0" * (1024 * 1024 - 8192))
    with pytest.raises(SettingsError, match=r"Free some space|free space|disk"):
        await SqliteStore(small_disk / "store.db").open()


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """The system refuses to let any file of this process grow past *size* bytes inside."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_disk_that_fails_while_writing_refuses_and_heals(store: SqliteStore, path: Path) -> None:
    """A write error is not a lost process: the next write opens the file anew."""
    conversation = await begun(store, texts=(LONG,) * 100)
    with files_no_longer_than(500_000):
        here, error = await fill_until_refused(store, conversation)
        assert "Nothing was kept" in error.text
        assert await store.conversation("c1") == here
    here = await take(store, here, texts=("again",))
    assert check(path) == []
    assert await store.conversation("c1") == here


@contextmanager
def without_rights() -> Iterator[None]:
    """As a user who is not root, inside."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public_directory() -> Iterator[Path]:
    """A directory that other users reach, which pytest's own is not."""
    directory = Path(tempfile.mkdtemp(prefix="warmline-store-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.mark.parametrize("directory_mode", [0o555, 0o777])
async def test_a_file_that_may_only_be_read_is_named_at_the_start(public_directory: Path, directory_mode: int) -> None:
    """Opening it for writing fails with a SettingsError that names the file; its bytes are untouched."""
    path = public_directory / "store.db"
    store = SqliteStore(path)
    await store.open()
    await begun(store)
    await store.close()
    before = path.read_bytes()
    path.chmod(0o444)
    public_directory.chmod(directory_mode)
    with without_rights(), pytest.raises(SettingsError, match=r"store\.db cannot be used: Permission denied"):
        await SqliteStore(path).open()
    assert path.read_bytes() == before


async def test_a_file_that_is_deleted_while_in_use_is_missed(store: SqliteStore, path: Path) -> None:
    """SQLite would write on into the deleted file; here nothing is acknowledged until the file is back in its place."""
    conversation = await begun(store)
    away = path.with_name("away.db")
    path.rename(away)
    with pytest.raises(StoreUnavailable, match="gone"):
        await take(store, conversation, texts=("into the void",))
    with pytest.raises(StoreUnavailable, match="gone"):
        await store.conversation("c1")
    away.rename(path)
    assert (await take(store, conversation, texts=("kept",))).seq == 1
    assert [message.text for message in await store.messages("c1")] == ["kept"]


async def _stored(path: Path) -> Conversation:
    store = SqliteStore(path)
    await store.open()
    try:
        return await store.conversation("c1")
    finally:
        await store.close()


async def _grown(path: Path) -> Conversation:
    """A closed database of some hundred pages at *path*."""
    store = SqliteStore(path)
    await store.open()
    conversation = await begun(store, texts=(LONG,) * 300)
    await store.close()
    return conversation


def _spoil(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    if how == "a header of something else":
        data[:100] = b"GIF89a" + bytes(94)
    elif how == "a page of noise":
        data[middle : middle + 4096] = b"\xa5" * 4096
    elif how == "cut off":
        del data[middle + 100 :]
    elif how == "empty, with a log beside it":
        path.with_name(path.name + "-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(100))
        data.clear()
    path.write_bytes(data)


@pytest.mark.parametrize(
    "how", ["a header of something else", "a page of noise", "cut off", "empty, with a log beside it"]
)
async def test_a_damaged_file_is_refused_at_the_start(path: Path, how: str) -> None:
    """The SettingsError says that a backup should be restored, and the file is left exactly as it was found."""
    await _grown(path)
    _spoil(path, how)
    before = path.read_bytes()
    with pytest.raises(SettingsError, match="warmline restore"):
        await SqliteStore(path).open()
    assert path.read_bytes() == before


async def test_damage_found_later_stops_everything(path: Path) -> None:
    """
    A file too large to be checked at the start, damaged: what is read wrong is not served, and nothing is written any
    more.
    """
    conversation = await _grown(path)
    _spoil(path, "a page of noise")
    store = SqliteStore(path, check_up_to_bytes=0)
    await store.open()
    with pytest.raises(StoreUnavailable, match="damaged"):
        await store.messages("c1", limit=1_000)
    with pytest.raises(StoreUnavailable, match="damaged"):
        await take(store, conversation, texts=("more",))
    with pytest.raises(StoreUnavailable, match="damaged"):
        await store.seats()
    await store.close()


@pytest.mark.parametrize("torn", ["cut", "noise", "zeros"])
async def test_a_torn_log_loses_only_what_was_torn(path: Path, tmp_path: Path, torn: str) -> None:
    """After a torn write at the log's end the database opens with an unbroken beginning of what had been written."""
    store = SqliteStore(path)
    await store.open()
    here = await begun(store)
    for number in range(20):
        here = await take(store, here, texts=(f"{number} {LONG}",))
    copy = tmp_path / "copy" / "store.db"
    copy.parent.mkdir()
    shutil.copy(path, copy)
    log = path.with_name("store.db-wal").read_bytes()
    await store.close()
    end = {"cut": b"", "noise": b"\xa5" * 5_000, "zeros": bytes(5_000)}[torn]
    copy.with_name("store.db-wal").write_bytes(log[:-5_000] + end)
    found = await _stored(copy)
    assert check(copy) == []
    assert 10 < found.seq < here.seq


async def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    """Pointing the store at somebody else's SQLite file, or at no database at all, changes nothing in it."""
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(SettingsError, match="another program"):
        await SqliteStore(path).open()
    assert path.read_bytes() == before
    text = path.with_name("notes.txt")
    text.write_text("shopping: milk\n" * 100)
    with pytest.raises(SettingsError):
        await SqliteStore(text).open()
    assert text.read_text() == "shopping: milk\n" * 100


async def test_a_place_where_no_file_can_be_is_named(tmp_path: Path) -> None:
    """A directory in the file's place, or a file in the directory's, is one clear SettingsError."""
    with pytest.raises(SettingsError, match="cannot be used"):
        await SqliteStore(tmp_path).open()
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match="cannot be used"):
        await SqliteStore(tmp_path / "file" / "store.db").open()
