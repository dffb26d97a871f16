"""
What is wrong with the files a bot is made from, each with file and line, before Rasa is asked: domain, config.yml, NLU.

Only what cannot be right is told: what no training accepts, or what names something that is not there.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from warmline.teaching.corpus import BUILT_IN, OURS, marked, read_examples
from warmline.teaching.errors import TeachingError
from warmline.teaching.layout import Layout, layout_of

DOMAIN_KEYS = ("version", "intents", "entities", "slots", "responses", "actions", "forms", "e2e_actions")
DOMAIN_KEYS_TOO = ("session_config", "config")
DATA_KEYS = ("version", "nlu", "rules", "stories", "responses")
NLU_KEYS = ("intent", "synonym", "regex", "lookup")
SLOT_TYPES = ("text", "bool", "categorical", "float", "list", "any")
MAPPING_TYPES = ("from_entity", "from_text", "from_intent", "from_trigger_intent", "custom")
COMPONENTS = frozenset(
    re.findall(
        r"\w+",
        "AugmentedMemoizationPolicy CRFEntityExtractor ConveRTFeaturizer CountVectorsFeaturizer DIETClassifier "
        "DucklingEntityExtractor EntitySynonymMapper FallbackClassifier JiebaTokenizer KeywordIntentClassifier "
        "LanguageModelFeaturizer LexicalSyntacticFeaturizer LogisticRegressionClassifier MemoizationPolicy "
        "MitieEntityExtractor MitieFeaturizer MitieIntentClassifier MitieNLP MitieTokenizer RegexEntityExtractor "
        "RegexFeaturizer ResponseSelector RulePolicy SklearnIntentClassifier SpacyEntityExtractor SpacyFeaturizer "
        "SpacyNLP SpacyTokenizer TEDPolicy UnexpecTEDIntentPolicy WhitespaceTokenizer",
    )
)
"""Rasa 3.6's own components, by the names that config.yml may call them."""


class Problem(msgspec.Struct, frozen=True):
    """*text*, a sentence, about the *line* of *path*, relative to the root; line 0 is the whole file."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


class Read(msgspec.Struct, frozen=True):
    """One file of the domain or the data, with its places: *tree* is ruamel's, whose parts know their lines."""

    path: str
    tree: Any


def of_domain(root: Path) -> list[Problem]:
    """What is wrong with the domain, whether it is one file or a folder of them."""
    try:
        layout = layout_of(root)
    except TeachingError as wrong:
        return [Problem("domain.yml", 0, wrong.text)]
    problems: list[Problem] = []
    files = [read for path in layout.domain if (read := _read(layout, path, problems)) is not None]
    slots: set[str] = set()
    seen: dict[str, str] = {}
    for file in files:
        problems += _of_domain_file(file, seen)
        slots |= set(_mapping(file.tree.get("slots")))
    for file in files:
        problems += _of_forms(file, slots)
    if files and not seen and not problems:
        problems.append(Problem(files[0].path, 0, "it lists no intents, so nothing can be understood."))
    return problems


def of_config(root: Path) -> list[Problem]:
    """What is wrong with config.yml."""
    path = root / "config.yml"
    if not path.exists():
        return [Problem("config.yml", 0, f"there is none in {root}; it names the pipeline and the policies.")]
    problems: list[Problem] = []
    file = _read(Layout(root, (), (), False, {}), path, problems)
    if file is None:
        return problems
    for part in ("pipeline", "policies"):
        if file.tree.get(part) is None:
            continue  # Rasa takes its own then
        if not isinstance(file.tree[part], list):
            problems.append(
                Problem(file.path, _line(file.tree, part), f"'{part}': expected a list, one '- name: ...' each.")
            )
            continue
        for at, component in enumerate(file.tree[part]):
            name = component.get("name") if isinstance(component, dict) else None
            line = _line(file.tree[part], at)
            if not isinstance(name, str):
                problems.append(Problem(file.path, line, f"a component of '{part}' has no 'name'."))
            elif "." not in name and name not in COMPONENTS:
                problems.append(Problem(file.path, line, f"Rasa has no component '{name}'.{_meant(name, COMPONENTS)}"))
            elif "." in name and not _is_there(root, name):
                problems.append(Problem(file.path, line, f"'{name}' is not there: this project has no such module."))
    return problems


def of_nlu(root: Path) -> list[Problem]:
    """What is wrong with the training data: each file's form, and what its examples name that the domain does not."""
    try:
        layout = layout_of(root)
    except TeachingError:
        return [Problem("data", 0, "it cannot be compared with a domain that is not there.")]
    if not layout.data:
        return [Problem("data", 0, f"there is no .yml file in {root / 'data'}: the bot has nothing to learn from.")]
    problems: list[Problem] = []
    unheard: list[Problem] = []  # told of a domain that could be read
    domain = [read for path in layout.domain if (read := _read(layout, path, unheard)) is not None]
    intents = {str(_first(one)) for file in domain for one in _list(file.tree.get("intents"))}
    entities = {str(_first(one)) for file in domain for one in _list(file.tree.get("entities"))}
    count = 0
    for path in layout.data:
        file = _read(layout, path, problems)
        if file is None:
            continue
        problems += _of_keys(file, DATA_KEYS + DOMAIN_KEYS + DOMAIN_KEYS_TOO)
        if "nlu" not in file.tree:
            continue
        problems += _of_nlu_entries(file)
        lines = path.read_text(encoding="utf-8").splitlines()
        told: set[str] = set()
        for example in read_examples(path, root):
            count += 1
            known = example.intent in intents or example.intent in BUILT_IN or OURS.match(example.intent)
            if not unheard and not known and example.intent not in told:
                told.add(example.intent)
                hint = _meant(example.intent, intents) or " List it there."
                text = f"the intent '{example.intent}' is not in the domain.{hint}"
                problems.append(Problem(example.path, example.line, text))
            written = lines[example.line - 1]
            if re.search(r"\[[^\]]*$|\[[^\]]*\]\([^)]*$", re.sub(r"\[[^\]]+\](?:\([^)]*\)|\{[^}]*\})", "", written)):
                problems.append(Problem(example.path, example.line, "a bracket of an entity is never closed."))
            for entity in marked(written):
                if not unheard and entity not in entities and f"entity {entity}" not in told:
                    told.add(f"entity {entity}")
                    text = f"the entity '{entity}' is not in the domain.{_meant(entity, entities) or ' List it there.'}"
                    problems.append(Problem(example.path, example.line, text))
    if not count and not problems:
        problems.append(Problem("data", 0, "no file has examples ('nlu:'): the bot has nothing to learn from."))
    return problems


def _of_domain_file(file: Read, seen: dict[str, str]) -> Iterator[Problem]:
    yield from _of_keys(file, DOMAIN_KEYS + DOMAIN_KEYS_TOO)
    tree = file.tree
    for part in ("intents", "entities", "actions"):
        if tree.get(part) is not None and not isinstance(tree[part], list):
            yield Problem(file.path, _line(tree, part), f"'{part}': expected a list, one a line.")
    for at, entry in enumerate(_list(tree.get("intents"))):
        name, line = str(_first(entry)), _line(tree["intents"], at)
        if name in seen:
            yield Problem(file.path, line, f"the intent '{name}' is listed twice, first in {seen[name]}.")
        seen.setdefault(name, f"{file.path}, line {line}")
    for part in ("slots", "responses", "forms"):
        if tree.get(part) is not None and not isinstance(tree[part], dict):
            yield Problem(file.path, _line(tree, part), f"'{part}': expected names, each with what belongs to it.")
    for name, slot in _mapping(tree.get("slots")).items():
        yield from _of_slot(file, str(name), slot)
    for name, wordings in _mapping(tree.get("responses")).items():
        line = _line(tree["responses"], name)
        if not str(name).startswith("utter_"):
            yield Problem(file.path, line, f"the response '{name}' must be called 'utter_...'.")
        if not isinstance(wordings, list) or not all(isinstance(one, dict) for one in wordings):
            yield Problem(file.path, line, f"'{name}': expected a list of wordings, each like '- text: Hello.'.")


def _of_slot(file: Read, name: str, slot: Any) -> Iterator[Problem]:
    line = _line(file.tree["slots"], name)
    kind = slot.get("type") if isinstance(slot, dict) else None
    if not isinstance(kind, str):
        yield Problem(file.path, line, f"the slot '{name}' has no 'type'.")
        return
    if kind not in SLOT_TYPES and "." not in kind:
        yield Problem(file.path, _line(slot, "type"), f"'{kind}' is no type of slot; one is {', '.join(SLOT_TYPES)}.")
    if not isinstance(slot.get("mappings"), list):
        yield Problem(file.path, line, f"the slot '{name}' has no list 'mappings', which says how it is filled.")
        return
    for at, mapping in enumerate(slot["mappings"]):
        how = mapping.get("type") if isinstance(mapping, dict) else None
        if how not in MAPPING_TYPES:
            text = f"'{how}' is no mapping of a slot; one is {', '.join(MAPPING_TYPES)}."
            yield Problem(file.path, _line(slot["mappings"], at), text)


def _of_forms(file: Read, slots: set[str]) -> Iterator[Problem]:
    for name, form in _mapping(file.tree.get("forms")).items():
        wanted = form.get("required_slots") if isinstance(form, dict) else None
        if not isinstance(wanted, list):
            line = _line(file.tree["forms"], name)
            yield Problem(file.path, line, f"the form '{name}' has no list 'required_slots' (it may be empty: []).")
            continue
        for at, slot in enumerate(wanted):
            if str(slot) not in slots:
                text = f"the form '{name}' asks for the slot '{slot}', which is not there.{_meant(str(slot), slots)}"
                yield Problem(file.path, _line(wanted, at), text)


def _of_nlu_entries(file: Read) -> Iterator[Problem]:
    entries = file.tree["nlu"]
    if entries is None:
        return
    if not isinstance(entries, list):
        yield Problem(file.path, _line(file.tree, "nlu"), "'nlu': expected a list, such as '- intent: greet'.")
        return
    for at, entry in enumerate(entries):
        line = _line(entries, at)
        if not isinstance(entry, dict) or not any(key in entry for key in NLU_KEYS):
            yield Problem(file.path, line, f"expected one of {', '.join(NLU_KEYS)}, each with its examples.")
            continue
        examples = entry.get("examples")
        if not examples:
            kind = next(key for key in NLU_KEYS if key in entry)
            yield Problem(file.path, line, f"the {kind} '{entry[kind]}' has no examples.")
        elif isinstance(examples, str):
            for number, row in enumerate(examples.splitlines()):
                if row.strip() and not row.lstrip().startswith(("-", "#")):
                    below = _line(entry, "examples") + 1 + number
                    yield Problem(file.path, below, f"an example begins with '- '; this does not: {row.strip()!r}.")


def _of_keys(file: Read, known: tuple[str, ...]) -> Iterator[Problem]:
    for key in file.tree:
        if key not in known:
            yield Problem(
                file.path, _line(file.tree, key), f"'{key}' is no part of such a file.{_meant(str(key), known)}"
            )


def _read(layout: Layout, path: Path, problems: list[Problem]) -> Read | None:
    """The file, or None: *problems* then says why, unless it is empty."""
    shown = layout.shown(path)
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        said = " ".join(str(wrong.problem or wrong.context).split())
        problems.append(Problem(shown, mark.line + 1 if mark else 0, f"this is not YAML: {said}."))
        return None
    except UnicodeError:
        problems.append(Problem(shown, 0, "it is not UTF-8 text; save it as UTF-8."))
        return None
    except (OSError, YAMLError) as wrong:
        problems.append(Problem(shown, 0, f"it cannot be read: {wrong}."))
        return None
    if tree is None:
        return None
    if not isinstance(tree, dict):
        problems.append(Problem(shown, 1, "expected parts with names, such as 'version:' or 'nlu:'."))
        return None
    return Read(shown, tree)


def _line(tree: Any, at: Any) -> int:
    """The line, from 1, where the part *at* of *tree* stands."""
    try:
        place = tree.lc.item(at) if isinstance(at, int) else tree.lc.key(at)
    except (AttributeError, KeyError, TypeError):
        return 0
    return int(place[0]) + 1


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _first(entry: Any) -> Any:
    return next(iter(entry), "") if isinstance(entry, dict) else entry


def _meant(name: str, names: Any) -> str:
    near = difflib.get_close_matches(name, sorted(map(str, names)), 1, 0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


def _is_there(root: Path, name: str) -> bool:
    """Whether the module of a component of the project's own is there; somebody's package cannot be seen from here."""
    top, *rest = name.split(".")[:-1]
    if not (root / top).is_dir() and not (root / f"{top}.py").exists():
        return True
    at = root.joinpath(top, *rest)
    return at.is_dir() or at.with_suffix(".py").exists()
