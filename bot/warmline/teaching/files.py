"""
Adding to the project's files without touching what is there: all of a change is written, or nothing.

A YAML file grows by text, at its end or at the end of a list, so that nobody's comments, quotes and line breaks are
rewritten. Each grown text is read again before anything is written: it must mean what it meant before, and the new.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from warmline.teaching.corpus import TeachingError


def parsed(text: str) -> Any:
    """*text* as plain values. Raises YAMLError."""
    return YAML(typ="safe", pure=True).load(io.StringIO(text))


def with_intent(domain: str, name: str) -> str:
    """
    The text of a domain.yml with *name* as its last intent.

    Raises:
        TeachingError: the domain has no list of intents, or it is not written one a line.
    """
    try:
        tree: Any = YAML(typ="rt").load(io.StringIO(domain))
        intents = tree["intents"]
        last, column = intents.lc.item(len(intents) - 1)
    except (YAMLError, KeyError, TypeError, AttributeError):
        raise TeachingError("domain.yml has no list 'intents:' with one intent a line.") from None
    lines = domain.splitlines(keepends=True)
    dash = column - 2
    at = last + 1
    while at < len(lines) and (not lines[at].strip() or _depth(lines[at]) > dash) and not _is_comment(lines[at], dash):
        at += 1
    while at > last + 1 and not lines[at - 1].strip():
        at -= 1
    if not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    grown = "".join([*lines[:at], " " * dash + f"- {name}\n", *lines[at:]])
    before = parsed(domain)
    return _sure("domain.yml", grown, {**before, "intents": [*before["intents"], name]})


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_comment(line: str, dash: int) -> bool:
    return line.lstrip().startswith("#") and _depth(line) <= dash


def with_more(name: str, text: str, addition: str, expected: Callable[[Any], Any]) -> str:
    """
    *text* with *addition* at its end; *expected* says what the file must mean then, given what it means now.

    Raises:
        TeachingError: it would not mean that, because *text* ends with another part than the one that should grow.
    """
    try:
        before = parsed(text)
    except YAMLError:
        raise TeachingError(f"{name} is not YAML as it stands; mend it first.") from None
    return _sure(name, text.rstrip("\n") + "\n" + addition, expected(before))


def _sure(name: str, grown: str, expected: Any) -> str:
    try:
        now = parsed(grown)
    except YAMLError as wrong:
        raise TeachingError(f"Nothing was written: {name} would not be YAML any more ({wrong}).") from None
    if now != expected:
        raise TeachingError(f"Nothing was written: {name} is not written in a way that it can be added to by itself.")
    return grown


def write_all(root: Path, texts: Mapping[str, str], *, new: frozenset[str] = frozenset()) -> None:
    """
    Write *texts* (by path relative to *root*), each replaced as a whole; when one fails, those before it are put back.
    Those named in *new* must not be there yet.

    Raises:
        TeachingError: a file is there that should be new, or the disk refuses; every file is as it was.
    """
    for name in sorted(new):
        if (root / name).exists():
            raise TeachingError(f"Nothing was written: {name} is there already.")
    drafts: dict[Path, Path] = {}
    before: dict[Path, bytes | None] = {}
    try:
        for name, text in texts.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{os.getpid()}.new")
            drafts[path] = draft
            draft.write_text(text, encoding="utf-8")
            if path.exists():
                draft.chmod(path.stat().st_mode & 0o777)
        for path, draft in drafts.items():
            kept = path.read_bytes() if path.exists() else None
            if path.relative_to(root).as_posix() in new:
                os.link(draft, path)  # unlike a replacement, this fails when somebody made the file meanwhile
                before[path] = kept
                draft.unlink()
            else:
                draft.replace(path)
                before[path] = kept
    except OSError as wrong:
        for path, content in before.items():
            with contextlib.suppress(OSError):
                path.unlink() if content is None else path.write_bytes(content)
        raise TeachingError(f"Nothing was written: {wrong.strerror or wrong}.") from None
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
