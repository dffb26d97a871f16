"""What an intent is called on a button: the responses ``utter_title_...`` in data/responses/, read where they stand."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

PREFIX = "utter_title_"


class Titles:
    """
    The titles in the files of *directory*, read at the first use and again when a file has changed: so that one that a
    developer adds is there without a restart. A file that cannot be read is as good as empty; ``warmline check`` and
    the training say what is wrong with it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: dict[Path, tuple[int, dict[str, str]]] = {}

    def of(self, intent: str) -> str | None:
        """The title of *intent*; None when it has none, and is not to be offered as "did you mean"."""
        for path in sorted(self._directory.glob("*.yml")):
            found = self._read(path).get(intent)
            if found:
                return found
        return None

    def _read(self, path: Path) -> dict[str, str]:
        try:
            changed = path.stat().st_mtime_ns
            known = self._seen.get(path)
            if known is None or known[0] != changed:
                known = self._seen[path] = (changed, _titles(path.read_text(encoding="utf-8")))
        except OSError:
            return {}
        return known[1]


def _titles(text: str) -> dict[str, str]:
    if PREFIX not in text:
        return {}
    try:
        responses = YAML(typ="safe").load(text)["responses"]
        return {
            name.removeprefix(PREFIX): str(wordings[0]["text"])
            for name, wordings in responses.items()
            if name.startswith(PREFIX)
        }
    except (YAMLError, LookupError, TypeError, AttributeError):
        return {}
