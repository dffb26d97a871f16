"""
What identifiers look like in a project: the regexes of its training data that have the name of an entity.

Beside the regex may stand a response ``utter_<entity>_example``, the number that customers are shown, and a lookup
table ``<entity>_words``, the words that announce one ("booking", "policy").
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warmline.core.errors import SettingsError
from warmline.core.identifiers import Identifier

MAX_FILE_BYTES = 8 * 1024 * 1024
_TELLS = re.compile(r"^\s*(?:-\s+)?[\"']?(?:entities|regex|lookup|utter_\w+_example)[\"']?\s*:", re.MULTILINE)
"""A file without such a line says nothing of identifiers: it need not be read whole."""
Seen = tuple[tuple[str, int], ...]


class IdentifierFiles:
    """The identifiers of the project at *root*, read again when a file has changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: tuple[Seen, tuple[Identifier, ...]] | None = None

    def now(self) -> tuple[Identifier, ...]:
        """
        What they are. A change that cannot be read is not taken over: the training says what is wrong with it.

        Raises:
            SettingsError: as :func:`load_identifiers`, the first time.
        """
        changed = _changed(self._root)
        if self._seen is None:
            self._seen = (changed, load_identifiers(self._root))
        elif self._seen[0] != changed:
            try:
                self._seen = (changed, load_identifiers(self._root))
            except SettingsError:
                self._seen = (changed, self._seen[1])
        return self._seen[1]


def load_identifiers(root: Path) -> tuple[Identifier, ...]:
    """
    Read and check the identifiers of the project at *root*, in the order of its files; none when it has none.

    Raises:
        SettingsError: a file cannot be read, or a pattern or example is of no use; the text says which and what was
            expected.
    """
    entities: set[str] = set()
    patterns: dict[str, tuple[Path, list[str]]] = {}
    words: dict[str, list[str]] = {}
    examples: dict[str, str] = {}
    for path in _files(root):
        shown = path.relative_to(root)
        for kind, name, said in _told(_tree(path, shown)):
            if kind == "entity":
                entities.add(name)
            elif kind == "regex":
                patterns.setdefault(name, (shown, []))[1].extend(said)
            elif kind == "lookup":
                words.setdefault(name, []).extend(said)
            elif said:
                examples.setdefault(name, said[0])
    found: list[Identifier] = []
    for entity, (shown, forms) in patterns.items():
        if entity not in entities:
            continue
        try:
            found.append(
                Identifier(
                    entity,
                    "|".join(forms),
                    examples.get(f"utter_{entity}_example"),
                    words=words.get(f"{entity}_words", ()),
                )
            )
        except ValueError as wrong:
            raise SettingsError(f"{shown}: {wrong}") from None
    return tuple(found)


def _files(root: Path) -> Iterator[Path]:
    """Where Rasa looks for a domain and for training data."""
    for name in ("domain.yml", "domain.yaml"):
        if (root / name).is_file():
            yield root / name
    for folder in ("domain", "data"):
        yield from sorted(path for path in (root / folder).rglob("*") if path.suffix in (".yml", ".yaml"))


def _changed(root: Path) -> Seen:
    with contextlib.suppress(OSError):  # one that vanishes meanwhile: the next look sees it
        return tuple((str(path), path.stat().st_mtime_ns) for path in _files(root))
    return ()


def _tree(path: Path, shown: Path) -> dict[str, Any]:
    """The file as plain values; empty when it says nothing of identifiers."""
    from ruamel.yaml import YAML  # here, because it takes a tenth of a second
    from ruamel.yaml.error import YAMLError

    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return {}
        source = path.read_text(encoding="utf-8")
        tree = YAML(typ="safe").load(source) if _TELLS.search(source) else None
    except (OSError, UnicodeError, YAMLError) as wrong:
        reason = " ".join(str(wrong).split())
        raise SettingsError(f"{shown}, which may say what identifiers look like, cannot be read: {reason}.") from None
    return tree if isinstance(tree, dict) else {}


def _told(tree: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """``(kind, name, lines)`` of what *tree* says of identifiers; what has another shape than Rasa's is left out."""
    for entry in _list(tree.get("entities")):
        yield "entity", str(next(iter(entry), "")) if isinstance(entry, dict) else str(entry), []
    for entry in _list(tree.get("nlu")):
        for kind in ("regex", "lookup"):
            if isinstance(entry, dict) and kind in entry:
                yield kind, str(entry[kind]), lines_of(entry.get("examples"))
    responses = tree.get("responses")
    for name, wordings in responses.items() if isinstance(responses, dict) else ():
        if re.fullmatch(r"utter_\w+_example", str(name)):
            texts = [str(one["text"]) for one in _list(wordings) if isinstance(one, dict) and one.get("text")]
            yield "example", str(name), texts


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def lines_of(examples: Any) -> list[str]:
    """The lines of a block of examples, as Rasa reads them."""
    lines = examples if isinstance(examples, list) else str(examples or "").splitlines()
    return [said for line in lines if (said := str(line).strip().removeprefix("-").strip())]
