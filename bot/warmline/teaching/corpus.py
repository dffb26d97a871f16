"""What the assistant has been taught, as it stands in domain.yml and data/: read for checking, never changed here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from warmline.core.errors import WarmlineError

MARKUP = re.compile(r"\[(?P<said>[^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
ALSO = "utter_warmline_also"
"""Said by the engine itself."""
RASA_KEY = "utter_action"
"""Where Rasa notes which response a message is one wording of: an action may look there, and it is no response."""
BUILT_IN = frozenset({"nlu_fallback", "restart", "back", "session_start"})
"""Intents that nobody teaches: Rasa gives them itself."""


class TeachingError(WarmlineError):
    """What was to be taught, or has been, cannot be: *text* says why, and nothing was changed."""

    code = "teaching"


class Example(msgspec.Struct, frozen=True):
    """A sentence of a customer, and what it means; *path* is relative to the project, *line* counts from 1."""

    text: str
    intent: str
    path: str
    line: int


class Corpus(msgspec.Struct, frozen=True):
    """
    Everything taught. *intents* are the domain's. *answered* are the intents that a rule or story begins with or goes
    on with, or that fill a slot; *used* every response or action that a rule, a story, a button or an action names;
    *responses* all there are, with their wordings.
    """

    intents: tuple[str, ...]
    examples: tuple[Example, ...]
    answered: frozenset[str]
    used: frozenset[str]
    responses: dict[str, tuple[str, ...]]
    actions: frozenset[str]

    def texts_of(self, intent: str) -> tuple[str, ...]:
        """The examples of *intent*."""
        return tuple(example.text for example in self.examples if example.intent == intent)


def read_yaml(path: Path) -> Any:
    """
    The file as plain values.

    Raises:
        TeachingError: it cannot be read, or is not YAML; names the line.
    """
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise TeachingError(f"{path}{line}: this is not YAML: {wrong.problem or wrong.context}.") from None
    except (OSError, UnicodeError, YAMLError) as wrong:
        raise TeachingError(f"{path} cannot be read: {wrong}.") from None


def read_corpus(root: Path) -> Corpus:
    """
    Read the project at *root*.

    Raises:
        TeachingError: a file is missing, is not YAML, or has another shape than Rasa's.
    """
    trees: list[tuple[Path, Any]] = [(root / "domain.yml", read_yaml(root / "domain.yml"))]
    trees += [(path, read_yaml(path)) for path in data_files(root)]
    examples: list[Example] = []
    intents: list[str] = []
    entities: set[str] = set()
    answered: set[str] = set()
    used: set[str] = set()
    responses: dict[str, tuple[str, ...]] = {}
    actions: set[str] = set()
    for path, tree in trees:
        if not isinstance(tree, dict):
            raise TeachingError(f"{path}: expected a file of Rasa's, with a key such as 'nlu:' or 'rules:'.")
        try:
            intents += [_name(entry) for entry in tree.get("intents") or ()]
            entities |= {_name(entry) for entry in tree.get("entities") or ()}
            actions |= {_name(entry) for entry in tree.get("actions") or ()}
            for name, wordings in (tree.get("responses") or {}).items():
                responses[name] = tuple(str(wording.get("text") or "") for wording in wordings)
            for slot in (tree.get("slots") or {}).values():
                for mapping in (slot or {}).get("mappings") or ():
                    if mapping.get("type") == "from_intent":
                        answered |= set(_listed(mapping.get("intent")))
            for form, settings in (tree.get("forms") or {}).items():
                slots = (settings or {}).get("required_slots") or ()
                used |= {f"utter_ask_{slot}" for slot in slots} | {f"utter_ask_{form}_{slot}" for slot in slots}
            for told in (*(tree.get("rules") or ()), *(tree.get("stories") or ())):
                for step in _steps(told.get("steps") or ()):
                    if "intent" in step:
                        answered.add(str(step["intent"]).split("/")[0])
                    if "action" in step:
                        used.add(str(step["action"]))
        except (AttributeError, KeyError, TypeError) as wrong:
            raise TeachingError(f"{path}: this is not written as Rasa expects ({wrong}).") from None
        if "nlu" in tree:
            examples += read_examples(path, root)
    used |= set(
        re.findall(
            r"[\"'](utter_\w*[^\W_])[\"']", "\n".join(file.read_text("utf-8") for file in root.glob("actions/*.py"))
        )
    )
    used.discard(RASA_KEY)
    read = {f"utter_title_{intent}" for intent in intents} | {f"utter_{entity}_example" for entity in entities}
    used |= (read | {ALSO}) & responses.keys()
    return Corpus(tuple(intents), tuple(examples), frozenset(answered), frozenset(used), responses, frozenset(actions))


def data_files(root: Path) -> list[Path]:
    """The files Rasa is trained with, besides domain.yml and config.yml."""
    return sorted(path for path in (root / "data").rglob("*") if path.suffix in (".yml", ".yaml"))


def read_examples(path: Path, root: Path) -> Iterator[Example]:
    """The examples of one file, each with its line: read as lines, which YAML's own reader does not tell of a block."""
    intent = ""
    shown = path.relative_to(root).as_posix()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        head = re.match(r"\s*(?:-\s+)?(intent|regex|lookup|synonym)\s*:\s*[\"']?([\w/ -]+?)[\"']?\s*(?:#.*)?$", line)
        if head:
            intent = head[2].split("/")[0] if head[1] == "intent" else ""
            continue
        example = re.match(r"\s+-\s+(.+?)\s*$", line)
        if intent and example and not re.match(r"\s*-?\s*examples\s*:", line):
            yield Example(plain(example[1]), intent, shown, number)


def plain(text: str) -> str:
    """An example as a customer would write it: without the marks of its entities."""
    return MARKUP.sub(lambda found: found["said"], text).strip()


def _name(entry: Any) -> str:
    return str(next(iter(entry))) if isinstance(entry, dict) else str(entry)


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _steps(steps: Any) -> Iterator[dict[str, Any]]:
    for step in steps:
        if "or" in step:
            yield from _steps(step["or"])
        else:
            yield step
