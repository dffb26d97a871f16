"""The supervisor's small parts: waiting times, log files, and what the warden reads."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmline.supervisor import logfile
from warmline.supervisor.backoff import FIRST_S, LONGEST_S, SPREAD, delay_s
from warmline.supervisor.logfile import MAX_LINE_CHARS, LogFile
from warmline.supervisor.warden import listed


@given(failures=st.integers(1, 10_000), luck=st.floats(0, 1), bound=st.sampled_from([LONGEST_S, 2.0]))
def test_waits_double_up_to_a_bound_and_luck_only_shortens(failures: int, luck: float, bound: float) -> None:
    """Never longer than the bound, never shorter than the spread allows."""
    longest = min(bound, FIRST_S * 2.0 ** min(failures - 1, 100))
    assert longest * (1 - SPREAD) <= delay_s(failures, luck, bound) <= longest


@given(st.text("ab \r\n\u20ac", max_size=300).map(str.encode), st.lists(st.integers(0, 600), max_size=8))
def test_lines_do_not_depend_on_how_they_are_cut(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int]
) -> None:
    """Output that comes in pieces makes the same lines as output that comes at once."""
    folder = tmp_path_factory.mktemp("logs")
    whole: list[str] = []
    pieces: list[str] = []
    one, other = LogFile(folder / "a.log", whole.append), LogFile(folder / "b.log", pieces.append)
    one.feed(data)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        other.feed(data[start:end])
    one.close()
    other.close()
    assert pieces == whole
    assert [line.encode() for line in whole] == [line.rstrip(b"\r") for line in data.split(b"\n")][: len(whole)]


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    """A child that prints without line breaks cannot fill the memory."""
    lines: list[str] = []
    log = LogFile(tmp_path / "a.log", lines.append)
    for _ in range(10):
        log.feed(b"x" * MAX_LINE_CHARS)
    log.close()
    assert lines
    assert max(map(len, lines)) <= MAX_LINE_CHARS


def test_the_last_words_are_the_error_not_its_traceback(tmp_path: Path) -> None:
    """Indented lines and empty ones say nothing by themselves; a new child starts without its predecessor's words."""
    log = LogFile(tmp_path / "a.log")
    log.feed(b"Traceback (most recent call last):\n  File x\nOSError: no room\n    ~~~~\n\n")
    assert log.last_words() == "OSError: no room"
    log.forget()
    assert log.last_words() == ""
    log.close()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "Traceback (most recent call last):\n"
            '  File "x.py", line 3, in <module>\n'
            "    load()\n"
            "YamlException: Failed to read 'data/nlu.yml'.\n"
            '  in "data/nlu.yml", line 9\n\n'
            "Check the syntax of your file.\n",
            "YamlException: Failed to read 'data/nlu.yml'. in \"data/nlu.yml\", line 9 Check the syntax of your file.",
        ),
        (
            'Traceback (most recent call last):\n  File "x.py", line 3\nOSError: old\nINFO going on\nthe end\n',
            "the end",
        ),
        ("\x1b[91mDomainError: no slot\n  in domain.yml\x1b[0m\n", "DomainError: no slot in domain.yml"),
        ("warming up\nThe training failed: " + "because " * 100 + "\n", "The training failed: " + "because " * 100),
    ],
)
def test_an_error_of_several_lines_is_told_whole(tmp_path: Path, said: str, words: str) -> None:
    """Its reason and its place, in one line; what came later counts more."""
    log = LogFile(tmp_path / "a.log")
    log.feed(said.encode())
    assert log.last_words() == words.strip()
    log.close()


def test_logs_rotate_and_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest lines are in the file itself, older ones beside it, the oldest are gone."""
    monkeypatch.setattr(logfile, "MAX_BYTES", 100)
    log = LogFile(tmp_path / "a.log")
    for number in range(100):
        log.feed(b"line %d\n" % number)
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.log", "a.log.1", "a.log.2", "a.log.3"]
    assert (tmp_path / "a.log").read_text().endswith("line 99\n")
    assert all(path.stat().st_size <= 100 for path in tmp_path.iterdir())


def test_a_log_that_cannot_be_written_disturbs_nothing(tmp_path: Path) -> None:
    """The lines are lost; the last words are still known."""
    log = LogFile(Path("/dev/full"))
    log.feed(b"important\n")
    log.close()
    assert log.last_words() == "important"


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        ([b"+12", b"+13", b"-12", b""], {13}),
        ([b"-12", b"+12"], {12}),
        ([b"+0", b"+1", b"+-5", b"+", b"+x", b"12", b"*12"], set()),
    ],
)
def test_the_warden_ends_only_what_was_announced_and_not_taken_back(lines: list[bytes], groups: set[int]) -> None:
    """Group 0 is its own and group 1 is everybody's: neither is ever in the list, whatever the pipe holds."""
    assert listed(lines) == groups
