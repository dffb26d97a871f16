"""
Adding to the project's files without touching what is there: all of a change is written, or nothing.

A YAML file grows by text, at its end or at the end of a list, so that nobody's comments, quotes and line breaks are
rewritten. Each grown text is read again before anything is written: it must mean what it meant before, and the new.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from warmline.teaching.errors import TeachingError
from warmline.teaching.layout import check_writable


def parsed(text: str) -> Any:
    """*text* as plain values. Raises YAMLError."""
    return YAML(typ="safe", pure=True).load(io.StringIO(text))


def with_intent(file: str, domain: str, name: str) -> str:
    """
    The text of the domain *file* with *name* as its last intent; a list of intents begins where there is none yet.

    Raises:
        TeachingError: its intents are not written one a line.
    """
    try:
        before = parsed(domain) or {}
        tree: Any = YAML(typ="rt").load(domain) or {}
        known = before.get("intents") or []
        expected = {**before, "intents": [*known, name]}
    except (YAMLError, AttributeError, TypeError):
        raise TeachingError(f"Nothing was written: {file} is not a domain that can be read; mend it first.") from None
    lines = domain.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if not known:
        at = next((at for at, line in enumerate(lines) if re.match(r"intents\s*:", line)), None)
        if at is not None:
            return _sure(file, "".join([*lines[:at], f"intents:\n  - {name}\n", *lines[at + 1 :]]), expected)
        first = (at for at, line in enumerate(lines) if re.match(r"[A-Za-z_]\w*\s*:", line) and line[:7] != "version")
        at = next(first, len(lines))
        while at and lines[at - 1].startswith("#"):
            at -= 1
        return _sure(file, "".join([*lines[:at], f"intents:\n  - {name}\n\n", *lines[at:]]), expected)
    try:
        intents = tree["intents"]
        last, column = intents.lc.item(len(intents) - 1)
        one_a_line = all(lines[intents.lc.item(at)[0]].lstrip().startswith("-") for at in range(len(intents)))
    except (KeyError, TypeError, AttributeError):
        one_a_line = False
    if not one_a_line:
        raise TeachingError(
            f"Nothing was written: the intents of {file} are not one a line. Write them so, then again."
        )
    dash = column - 2
    at = last + 1
    while at < len(lines) and (not lines[at].strip() or _depth(lines[at]) > dash) and not _is_comment(lines[at], dash):
        at += 1
    while at > last + 1 and not lines[at - 1].strip():
        at -= 1
    return _sure(file, "".join([*lines[:at], " " * dash + f"- {name}\n", *lines[at:]]), expected)


def with_example(file: str, text: str, after: int, example: str) -> str:
    """
    The *text* of an NLU file with *example* below the one that stands on line *after* (from 1), written as that one is.

    Raises:
        TeachingError: the examples there are not written one a line.
    """
    lines = text.splitlines(keepends=True)
    if not lines[after - 1].endswith("\n"):
        lines[after - 1] += "\n"
    dash = re.match(r"( *)-(\s+)", lines[after - 1])
    if dash is None or re.match(r"\s*-\s+text\s*:", lines[after - 1]):
        raise TeachingError(
            f"Nothing was written: the examples in {file} (line {after}) are not one a line; add it there by hand."
        )
    for written in (
        example,
        json.dumps(example, ensure_ascii=False),
    ):  # quoted, where the examples are a list of YAML's
        grown = "".join([*lines[:after], f"{dash[1]}-{dash[2]}{written}\n", *lines[after:]])
        with contextlib.suppress(YAMLError):
            if _one_more(parsed(text), parsed(grown), example):
                return grown
    raise TeachingError(f"Nothing was written: {file} is not written in a way that it can be added to by itself.")


def _one_more(before: Any, now: Any, example: str) -> bool:
    """Whether *now* is *before* with one line more, *example*, in one block of examples, and nothing else."""
    if before.keys() != now.keys() or any(before[key] != now[key] for key in before if key != "nlu"):
        return False
    changed = [(one, other) for one, other in zip(before["nlu"], now["nlu"], strict=True) if one != other]
    if len(changed) != 1:
        return False
    was, becomes = changed[0]
    if {**was, "examples": ""} != {**becomes, "examples": ""}:
        return False
    if isinstance(was["examples"], list):
        return [one for one in becomes["examples"] if one != example] == [
            one for one in was["examples"] if one != example
        ]
    return sorted([*was["examples"].splitlines(), f"- {example}"]) == sorted(becomes["examples"].splitlines())


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
        before = parsed(text) or {}
    except YAMLError:
        raise TeachingError(f"{name} is not YAML as it stands; mend it first.") from None
    return _sure(name, text.rstrip("\n") + "\n" + addition, expected(before))


def _or_refused(name: str, grown: str) -> Any:
    try:
        return parsed(grown)
    except YAMLError as wrong:
        raise TeachingError(f"Nothing was written: {name} would not be YAML any more ({wrong}).") from None


def _sure(name: str, grown: str, expected: Any) -> str:
    now = _or_refused(name, grown)
    if now != expected:
        raise TeachingError(f"Nothing was written: {name} is not written in a way that it can be added to by itself.")
    return grown


def write_all(root: Path, texts: Mapping[str, str], *, new: frozenset[str] = frozenset()) -> None:
    """
    Write *texts* (by path relative to *root*), each replaced as a whole; when one fails, those before it are put back.
    Those named in *new* must not be there yet.

    Raises:
        TeachingError: a file is there that should be new, or is not one the project's people write, or the disk
            refuses; every file is as it was.
    """
    places = {name: check_writable(root, name).resolve() for name in texts}  # a link stays one
    for name in sorted(new):
        if (root / name).exists():
            raise TeachingError(f"Nothing was written: {name} is there already.")
    drafts: dict[Path, Path] = {}
    before: dict[Path, bytes | None] = {}
    try:
        for name, text in texts.items():
            path = places[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{os.getpid()}.new")
            drafts[path] = draft
            draft.write_text(text, encoding="utf-8")
            if path.exists():
                draft.chmod(path.stat().st_mode & 0o777)
        for name, path in places.items():
            draft = drafts[path]
            kept = path.read_bytes() if path.exists() else None
            if name in new:
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
