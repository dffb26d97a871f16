"""The command line called as ``main`` is, with a home of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from warmline.cli import main


class Outcome(NamedTuple):
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@pytest.fixture
def warmline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Outcome]:
    """Call ``warmline`` in this process with WARMLINE_HOME in tmp_path; *typed* is its standard input."""
    monkeypatch.setenv("WARMLINE_HOME", str(tmp_path / "home"))

    def call(*arguments: str, typed: str = "") -> Outcome:
        path = tmp_path / "typed"
        path.write_text(typed)
        with path.open() as file, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", file)
            with pytest.raises(SystemExit) as ended:
                main(list(arguments))
        out, err = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), out, err)

    return call
