"""
Where a Rasa project keeps what: its domain (one file, or a folder of them), its training data, its written
conversations; and where something new belongs beside them.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from warmline.engine.commands import PACKAGE, domain_path
from warmline.teaching.errors import TeachingError

Kind = Literal["nlu", "responses", "rules", "stories"]
YAML_FILES = (".yml", ".yaml")
TALKS = ("tests/conversations", "tests/assistant/conversations")
"""Where written conversations are looked for; new ones go to the first that is there, or else to the very first."""
NOT_THE_PROJECTS = frozenset({"venv", "env", "node_modules", "site-packages", "models", "results", "tests", "bench"})
GENERATED = re.compile(r"do not edit|@generated|\b(?:auto[- ]?)?generated (?:by|from|with|file)", re.I)
HEAD_LINES = 5


class Layout(msgspec.Struct, frozen=True):
    """
    The project at *root*. *domain* are its domain's files, *data* those Rasa is trained with; *split* says that the
    domain is a folder. *folders* holds, for each kind of training data, the folder that is named after it, or that most
    files of it are in.
    """

    root: Path
    domain: tuple[Path, ...]
    data: tuple[Path, ...]
    split: bool
    folders: dict[str, str]

    def place(self, kind: Kind, name: str) -> str:
        """
        Where *name*'s part of this *kind* goes, relative to the root: beside what is there of that kind. A folder that
        holds several kinds gets the kind into the file's name, so that no two parts are one file.
        """
        if kind == "responses" and self.split:
            return f"{self.domain_folder}/{name}.yml"
        folder = self.folders.get(kind) or self._new_folder(kind)
        shared = Path(folder).name != kind and (folder == "data" or [*self.folders.values()].count(folder) > 1)
        return f"{folder}/{name}_{kind}.yml" if shared else f"{folder}/{name}.yml"

    def _new_folder(self, kind: Kind) -> str:
        beside = self.folders.get("nlu", "")
        if not self.folders or Path(beside).name == "nlu":
            return f"{Path(beside).parent.as_posix() if beside else 'data'}/{kind}"
        return beside or "data"

    @property
    def domain_folder(self) -> str:
        """The folder of a split domain, relative to the root."""
        return domain_path(self.root).relative_to(self.root).as_posix()

    @property
    def talks(self) -> str:
        """Where a new conversation goes, relative to the root."""
        return next((place for place in TALKS if (self.root / place).is_dir()), TALKS[0])

    def shown(self, path: Path) -> str:
        """*path* as it is told: relative to the root where it lies in it."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def layout_of(root: Path) -> Layout:
    """
    How the project at *root* is laid out.

    Raises:
        TeachingError: it has no domain.
    """
    at = domain_path(root)
    if not at.exists():
        raise TeachingError(
            f"{root} has no domain: neither a file domain.yml nor a folder domain. Run this in a project's folder."
        )
    domain = tuple(_yaml_files(at)) if at.is_dir() else (at,)
    if not domain:
        raise TeachingError(f"{at} is a folder without a .yml file: there is no domain in it.")
    data = tuple(_yaml_files(root / "data"))
    folders: dict[str, Counter[str]] = {}
    for path in data:
        for kind in kinds_of(path):
            folders.setdefault(kind, Counter())[path.parent.relative_to(root).as_posix()] += 1
    most = {kind: _likeliest(kind, found) for kind, found in folders.items()}
    return Layout(root, domain, data, at.is_dir(), most)


def _likeliest(kind: str, found: Counter[str]) -> str:
    return min(found, key=lambda folder: (Path(folder).name != kind, -found[folder], folder))


def kinds_of(path: Path) -> set[str]:
    """The kinds of training data that a file says it holds, read from its keys at the margin."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return set()
    return set(re.findall(r"^(nlu|responses|rules|stories)\s*:", text, re.M))


def talk_folders(root: Path) -> list[Path]:
    """The folders of written conversations that are there."""
    return [root / place for place in TALKS if (root / place).is_dir()]


def python_files(root: Path) -> Iterator[Path]:
    """The project's own Python, its actions among it: no environments, no tests, nothing hidden, nothing of ours."""
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".")
            and name not in NOT_THE_PROJECTS
            and not (here / name / "pyvenv.cfg").exists()
            and (here / name) != PACKAGE
        )
        yield from (here / name for name in sorted(files) if name.endswith(".py"))


def check_writable(root: Path, name: str) -> Path:
    """
    The file *name* of the project, if it is one that its people write.

    Raises:
        TeachingError: it lies outside the project, in Warmline itself or in an environment, or says that a program
            generates it.
    """
    path = root / name
    real, home = path.resolve(), root.resolve()
    if not real.is_relative_to(home):
        raise TeachingError(f"Nothing was written: {name} is outside the project {root}.")
    parts = real.relative_to(home).parts
    hidden = [part for part in parts[:-1] if part.startswith(".") or part in ("site-packages", "node_modules")]
    if real.is_relative_to(PACKAGE) or hidden:
        raise TeachingError(f"Nothing was written: {name} is not a file of the project's own.")
    if real.is_file():
        head = real.read_text(encoding="utf-8", errors="replace").splitlines()[:HEAD_LINES]
        said = next((line.strip() for line in head if line.lstrip().startswith("#") and GENERATED.search(line)), "")
        if said:
            raise TeachingError(
                f"Nothing was written: {name} is generated ({said.lstrip('# ')!r}), so it would be lost. "
                "Add it to what the file is made from."
            )
    return path


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in YAML_FILES and path.is_file())
