"""
What the assistant has been taught, as it stands in its domain and data/: read for checking, never changed here.

A retrieval intent (``faq/opening_hours``, answered by a ResponseSelector) counts as one intent, ``faq``; what its
examples and answers are filed under is their *key*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from warmline.engine.commands import PACKAGE
from warmline.teaching.errors import TeachingError
from warmline.teaching.layout import layout_of, python_files

MARKUP = re.compile(r"\[(?P<said>[^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
OURS = re.compile(r"(?:utter_|action_)?warmline_")
"""How everything begins that Warmline itself brings to a bot."""
QUOTED = re.compile(r"[\"'](utter_\w*[^\W_])[\"']")
RASA_KEY = "utter_action"
"""Where Rasa notes which response a message is one wording of: an action may look there, and it is no response."""
BUILT_IN = frozenset({"nlu_fallback", "restart", "back", "session_start"})
"""Intents that nobody teaches: Rasa gives them itself."""


class Example(msgspec.Struct, frozen=True):
    """
    A sentence of a customer, and what it means; *path* is relative to the project, *line* counts from 1. *key* is the
    intent in full (``faq/opening_hours``), *entities* are those that are marked in it.
    """

    text: str
    intent: str
    path: str
    line: int
    key: str
    entities: tuple[str, ...] = ()


class Corpus(msgspec.Struct, frozen=True):
    """
    Everything taught. *intents* are the domain's. *answered* are the intents that a rule or story begins with or goes
    on with, or that fill a slot; *used* every response or action that a rule, a story, a button or an action names;
    *responses* all there are, with their wordings. *slots* and *entities* are the domain's.
    """

    intents: tuple[str, ...]
    examples: tuple[Example, ...]
    answered: frozenset[str]
    used: frozenset[str]
    responses: dict[str, tuple[str, ...]]
    actions: frozenset[str]
    slots: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()

    @property
    def keys(self) -> frozenset[str]:
        """The full names of the retrieval intents that have examples."""
        return frozenset(example.key for example in self.examples if "/" in example.key)

    def texts_of(self, intent: str) -> tuple[str, ...]:
        """The examples of *intent*, which may be a retrieval intent in full."""
        return tuple(example.text for example in self.examples if intent in (example.intent, example.key))


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
    layout = layout_of(root)
    trees: list[tuple[Path, Any]] = [(path, read_yaml(path)) for path in (*layout.domain, *layout.data)]
    examples: list[Example] = []
    intents: list[str] = []
    entities: set[str] = set()
    answered: set[str] = set()
    used: set[str] = set()
    responses: dict[str, tuple[str, ...]] = {}
    actions: set[str] = set()
    filled_from: set[str] = set()
    known_slots: set[str] = set()
    for path, tree in trees:
        if tree is None:
            continue  # a file of comments only
        if not isinstance(tree, dict):
            raise TeachingError(f"{path}: expected a file of Rasa's, with a key such as 'nlu:' or 'rules:'.")
        try:
            intents += [_name(entry) for entry in tree.get("intents") or ()]
            entities |= {_name(entry) for entry in tree.get("entities") or ()}
            actions |= {_name(entry) for entry in tree.get("actions") or ()}
            known_slots |= {str(name) for name in tree.get("slots") or ()}
            for name, wordings in (tree.get("responses") or {}).items():
                responses[name] = tuple(str(wording.get("text") or "") for wording in wordings or ())
            for slot in (tree.get("slots") or {}).values():
                for mapping in (slot or {}).get("mappings") or ():
                    answered |= set(_listed(mapping.get("intent")))
                    if mapping.get("type") == "from_entity":
                        filled_from.add(str(mapping.get("entity")))
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
    answered |= {example.intent for example in examples if filled_from & set(example.entities)}
    for file in python_files(root):
        used |= set(QUOTED.findall(file.read_text(encoding="utf-8", errors="replace")))
    used.discard(RASA_KEY)
    ours = (QUOTED.findall(file.read_text(encoding="utf-8")) for file in PACKAGE.rglob("*.py"))
    perhaps = {name for names in ours for name in names}
    perhaps |= {f"utter_title_{intent}" for intent in intents} | {f"utter_{entity}_example" for entity in entities}
    perhaps |= {name for name in responses if OURS.match(name)}
    perhaps |= {f"utter_{example.key}" for example in examples if f"utter_{example.intent}" in used}
    used |= perhaps & responses.keys()
    return Corpus(
        tuple(dict.fromkeys(intents)),
        tuple(examples),
        frozenset(answered),
        frozenset(used),
        responses,
        frozenset(actions),
        frozenset(known_slots),
        frozenset(entities),
    )


def read_examples(path: Path, root: Path) -> Iterator[Example]:
    """The examples of one file, each with its line: read as lines, which YAML's own reader does not tell of a block."""
    key = part = ""
    below = False  # the example stands on the line below a "- text: |"
    shown = path.relative_to(root).as_posix()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if top := re.match(r"([A-Za-z_]\w*)\s*:", line):
            part, key = top[1], ""
        head = re.match(r"\s*(?:-\s+)?(intent|regex|lookup|synonym)\s*:\s*[\"']?([\w/ -]+?)[\"']?\s*(?:#.*)?$", line)
        if head:
            key = head[2] if head[1] == "intent" else ""
            continue
        if part != "nlu" or not key or not line.strip() or re.match(r"\s*-?\s*(?:examples|metadata)\s*:", line):
            continue
        said = line.strip() if below else ""
        if not below and (example := re.match(r"\s*-\s+(.+?)\s*$", line)):
            text = re.match(r"text\s*:\s*(?:[|>][+-]?|[\"']?(.*?)[\"']?)$", example[1])
            said, below = (text[1] or "", not text[1]) if text else (example[1], False)
        elif below:
            below = False
            said = re.sub(r"^-\s+", "", said)
        if said:
            yield Example(plain(said), key.split("/")[0], shown, number, key, marked(said))


def plain(text: str) -> str:
    """An example as a customer would write it: without the marks of its entities."""
    return MARKUP.sub(lambda found: found["said"], text).strip()


def marked(text: str) -> tuple[str, ...]:
    """The entities that are marked in an example, by name."""
    short = re.findall(r"\[[^\]]+\]\(\s*([^):]+?)\s*(?::[^)]*)?\)", text)
    return (*short, *re.findall(r"\[[^\]]+\]\{[^}]*\"entity\"\s*:\s*\"([^\"]+)\"", text))


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
