"""
Where a Rasa project keeps what its model is made from, and what of it is its own. Reads files, imports no Rasa, so that
the commands of ``warmline`` use it as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from warmline.core.errors import SettingsError

DOMAIN = Path(__file__).with_name("domain")
"""What Warmline adds to every domain."""

CONFIGS = ("config.yml", "config.yaml")
DOMAINS = ("domain.yml", "domain.yaml", "domain")
YAML_SUFFIXES = (".yml", ".yaml")
MODEL_SUFFIXES = (*YAML_SUFFIXES, ".json", ".py")
OWN_IMPORTER = "warmline.engine.importer.WarmlineImporter"
OURS = "warmline"
"""How everything of Warmline's is called; a file without that word names nothing of ours."""


class Project(msgspec.Struct, frozen=True):
    """
    A Rasa project at *root*. *domain* is a file or a folder, None where only the importers in *config* know; *data* is
    None where there is no such folder; *endpoints* None likewise. *own_actions* is the package or module of custom
    actions, None without one.
    """

    root: Path
    config: Path
    domain: Path | None
    data: Path | None
    endpoints: Path | None
    own_actions: Path | None


class Place(NamedTuple):
    """Where *name* stands; *kind* is ``slot``, ``intent``, ``action``, ``form``, ``entity`` or ``response``."""

    file: Path
    line: int
    kind: str
    name: str


def find(root: Path) -> Project:
    """
    The project at *root*.

    Raises:
        SettingsError: it is none: no config, no domain, or a recipe that is not supported.
    """
    config = _first(root, CONFIGS)
    domain = _first(root, DOMAINS)
    if config is None and domain is None:
        raise SettingsError(f"{root} is no Rasa project: there is neither a config.yml nor a domain in it.")
    if config is None:
        raise SettingsError(f"{root} is no Rasa project: there is no config.yml beside the domain.")
    settings = read(config)
    if not isinstance(settings, dict):
        raise SettingsError(f"{config}, line 1: expected Rasa's configuration, such as 'pipeline:' and 'policies:'.")
    recipe = settings.get("recipe") or "default.v1"
    if recipe != "default.v1":
        line = settings.lc.key("recipe")[0] + 1
        raise SettingsError(f"{config}, line {line}: the recipe '{recipe}' is not supported, only 'default.v1' is.")
    if domain is None and not settings.get("importers"):
        raise SettingsError(
            f"{root} is no Rasa project: there is no domain.yml and no folder domain beside config.yml."
        )
    return Project(
        root=root,
        config=config,
        domain=domain,
        data=_first(root, ("data",)),
        endpoints=_first(root, ("endpoints.yml", "endpoints.yaml")),
        own_actions=_first(root, ("actions", "actions.py")),
    )


def read(file: Path) -> Any:
    """
    The YAML of *file*, with its lines (``.lc``).

    Raises:
        SettingsError: it cannot be read, with file and line.
    """
    from ruamel.yaml import YAML  # here, because it takes a tenth of a second and `warmline --help` needs none of it
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.allow_duplicate_keys = True
    try:
        return yaml.load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as wrong:
        raise SettingsError(f"{file} cannot be read: {wrong}.") from None
    except YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        where = f"{file}, line {mark.line + 1}" if mark else str(file)
        raise SettingsError(f"{where}: this is not YAML: {getattr(wrong, 'problem', None) or wrong}.") from None


def files_of(path: Path | None, suffixes: tuple[str, ...] = YAML_SUFFIXES) -> list[Path]:
    """*path* itself, or all files with one of *suffixes* below it, hidden ones left out; none where there is none."""
    if path is None or not path.exists():
        return []
    if path.is_file():
        return [path]
    below = (file for file in path.rglob("*") if file.is_file() and file.suffix in suffixes)
    return sorted(file for file in below if not any(part.startswith(".") for part in file.relative_to(path).parts))


def names_in(file: Path) -> Iterator[Place]:
    """
    All that the domain or training data in *file* defines.

    Raises:
        SettingsError: as :func:`read`.
    """
    tree = read(file)
    if not isinstance(tree, dict):
        return
    for section in ("slots", "forms", "responses"):
        part = tree.get(section)
        if isinstance(part, dict):
            for name in part:
                yield Place(file, _line_of(part, name), section[:-1], str(name))
    for section, kind in (("intents", "intent"), ("actions", "action"), ("entities", "entity")):
        part = tree.get(section)
        if isinstance(part, list):
            for index, one in enumerate(part):
                name = next(iter(one), "") if isinstance(one, dict) else one
                yield Place(file, _line_of(part, index), kind, str(name))
    if isinstance(tree.get("nlu"), list):
        for index, one in enumerate(tree["nlu"]):
            if isinstance(one, dict) and one.get("intent"):
                yield Place(file, _line_of(tree["nlu"], index), "intent", str(one["intent"]))


def reserved() -> set[tuple[str, str]]:
    """The (kind, name) of all that Warmline adds to a domain, except responses: those a project may word itself."""
    return {
        (place.kind, place.name) for file in files_of(DOMAIN) for place in names_in(file) if place.kind != "response"
    }


def collisions(project: Project) -> list[Place]:
    """Where *project* defines what is Warmline's own."""
    ours = reserved()
    return [
        place
        for file in [*files_of(project.domain), *files_of(project.data)]
        if OURS in file.read_text(encoding="utf-8", errors="replace")
        for place in names_in(file)
        if (place.kind, place.name) in ours
    ]


def refuse_collisions(project: Project) -> None:
    """Raises SettingsError with file and line when :func:`collisions` finds any."""
    found = collisions(project)
    if found:
        first = found[0]
        more = f" ({len(found) - 1} more such names)" if len(found) > 1 else ""
        raise SettingsError(
            f"{first.file}, line {first.line}: the {first.kind} '{first.name}' is Warmline's own, and is added by it. "
            f"Give yours another name, or take the line out{more}."
        )


def refuse_older(project: Project) -> None:
    """Raises SettingsError with file and line when the domain of *project* is of Rasa 1 or 2."""
    for file in files_of(project.domain):
        tree = read(file)
        if not isinstance(tree, dict):
            continue
        version = str(tree.get("version") or "")
        what = "templates" if "templates" in tree else ""
        slots = tree.get("slots")
        if not what and not version.startswith("3") and isinstance(slots, dict):
            what = next(
                (str(name) for name, slot in slots.items() if isinstance(slot, dict) and "mappings" not in slot), ""
            )
        if version[:1] in ("1", "2") or what:
            line = _line_of(tree, "version") if version[:1] in ("1", "2") else _line_of(slots or tree, what)
            line = _line_of(tree, "templates") if what == "templates" else line
            said = f"version {version}" if version else "an older version"
            raise SettingsError(
                f"{file}, line {line}: this domain is of {said} of Rasa's format, and Warmline works with Rasa 3. "
                "Rasa's migration guide says how to bring it up to 3.1; then try again."
            )


def own_action_url(project: Project) -> str | None:
    """
    Where endpoints.yml says that the project's own action server is, its variables as they stand there; None when it
    names none, or only Warmline's.

    Raises:
        SettingsError: the file cannot be read.
    """
    tree = read(project.endpoints) if project.endpoints else None
    endpoint = tree.get("action_endpoint") if isinstance(tree, dict) else None
    url = endpoint.get("url") if isinstance(endpoint, dict) else None
    return None if not url or "${WARMLINE_" in str(url) else str(url)


def sources(project: Project) -> list[Path]:
    """
    Every file of the project that its model is made from, each once, in order: config, domain, training data, and the
    folders, files and components of its own that config.yml names.
    """
    named = {path for text in _texts(read(project.config)) for path in _meant(text, project.root)}
    roots = [project.config, project.domain, project.data, *sorted(named)]
    found = [file for root in roots for file in files_of(root, MODEL_SUFFIXES)]
    return list(dict.fromkeys(found))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, str):
        yield node


def _meant(text: str, root: Path) -> Iterator[Path]:
    """The paths below *root* that *text* of config.yml may name: a file, a folder, or the module of a component."""
    if not text.strip("./ ") or "\n" in text or len(text) > 200:
        return
    module = text.split(".")[0]
    for path in (root / text, root / module, root / f"{module}.py"):
        if path != root and root.resolve() in path.resolve().parents and path.exists():
            yield path


def _first(root: Path, names: tuple[str, ...]) -> Path | None:
    return next((root / name for name in names if (root / name).exists()), None)


def _line_of(node: Any, key: Any) -> int:
    try:
        return int((node.lc.item(key) if isinstance(key, int) else node.lc.key(key))[0]) + 1
    except (AttributeError, KeyError, IndexError, TypeError):
        return 1
