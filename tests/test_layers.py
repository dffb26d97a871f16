"""Imports point inward: the table of rooms in docs and DESIGN, held by reading every import there is."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Mapping, Set
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "bot" / "warmline"

MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "environments": set(),
    "settings": {"core", "environments"},
    "rules_file": {"core", "language"},
    "live_rules": {"core", "rules_file"},
    "identifiers_file": {"core"},
    "endpoints_file": {"core", "settings"},
    "own_actions": {"core", "settings", "supervisor", "engine", "environments"},
    "language": {"core"},
    "store": {"core"},
    "client": {"core"},
    "web": set(),
    "templates": set(),
    "supervisor": {"core", "settings"},
    "engine": {"core", "language"},
    "plugins": {"core", "settings"},
    "actions": {
        "core",
        "language",
        "settings",
        "rules_file",
        "live_rules",
        "identifiers_file",
        "plugins",
        "endpoints_file",
    },
    "the shop": {"core", "language", "actions", "settings", "rules_file", "live_rules", "identifiers_file", "plugins"},
    "bridge": {"core", "language", "store", "settings", "plugins", "rules_file", "identifiers_file"},
    "evaluation": {"core", "language", "store", "rules_file", "settings"},
    "teaching": {
        *("core", "language", "settings", "engine", "supervisor", "plugins"),
        *("rules_file", "identifiers_file", "own_actions"),
    },
    "cli": {"*"},
}
"""
For each room the rooms it may import, itself not named. A room is a package or module of ``warmline``, or ``actions``.
"""

CORE_MAY_USE = {"msgspec"}
"""What the pure core may import besides the standard library and itself."""

IMPURE = {
    "asyncio",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
    "urllib",
}
"""Parts of the standard library that reach for a clock, a disk, a network or luck."""

ONLY_USERS = {
    "websockets": {"bridge", "client"},
    "sqlite_utils": {"store", "the shop"},
    "vaderSentiment": {"language"},
    "spacy": {"language"},
    "rasa": {"engine"},
    "rasa_sdk": {"actions", "the shop"},
    "click": {"cli", "evaluation"},
    "rich": {"cli", "evaluation"},
}
"""Libraries that only some rooms know."""


def sources() -> list[Path]:
    return sorted([*PACKAGE.rglob("*.py"), *(ROOT / "actions").rglob("*.py")])


def room_of(module: str) -> str:
    """
    ``warmline.core.line`` is in ``core``, ``actions.mood`` in ``actions``; the package ``warmline`` itself in none.
    """
    parts = module.split(".")
    if parts[0] == "actions":
        return "the shop"
    return parts[1] if parts[0] == "warmline" and len(parts) > 1 else ""


def module_of(path: Path) -> str:
    base = PACKAGE.parent if path.is_relative_to(PACKAGE) else ROOT
    parts = list(path.relative_to(base).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """The modules that *path* imports anywhere, functions and TYPE_CHECKING blocks included."""
    found: set[str] = set()
    package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names} | {module}
    return found


@pytest.mark.parametrize("path", sources(), ids=module_of)
def test_a_room_imports_only_what_the_table_allows(path: Path) -> None:
    """Every import of a room of ours is in MAY_IMPORT; a room that is not in the table is a mistake too."""
    room = room_of(module_of(path))
    if not room:
        return
    assert room in MAY_IMPORT, f"{module_of(path)}: add the room '{room}' to the table, and to the documents"
    rooms = {room_of(name) for name in imported(path)} - {"", room}
    allowed = MAY_IMPORT[room]
    if "*" not in allowed:
        assert rooms <= allowed, f"{module_of(path)} imports {sorted(rooms - allowed)}"


@pytest.mark.parametrize("path", sources(), ids=module_of)
def test_a_library_is_used_by_its_own_rooms_only(path: Path) -> None:
    """Each library with a room of its own stays there."""
    room = room_of(module_of(path))
    for library in {name.split(".")[0] for name in imported(path)} & ONLY_USERS.keys():
        assert room in ONLY_USERS[library], f"{module_of(path)} imports {library}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=module_of)
def test_the_core_is_pure(path: Path) -> None:
    """The core imports the standard library's pure parts and msgspec, nothing else."""
    tops = {name.split(".")[0] for name in imported(path)} - {"warmline"}
    assert tops - set(sys.stdlib_module_names) <= CORE_MAY_USE
    assert not tops & IMPURE, f"{module_of(path)} imports {sorted(tops & IMPURE)}"


@functools.cache
def modules() -> dict[str, Path]:
    return {module_of(path): path for path in sources()}


def needed(module: str) -> set[str]:
    """The modules of ours that *module* imports; ``from package import module`` needs that module, not the package."""
    path, found = modules()[module], set[str]()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            inner = {f"{source}.{alias.name}" for alias in node.names}
            found |= inner & modules().keys()
            if inner - modules().keys():
                found.add(source)
    return found & modules().keys() - {module}


def circle(edges: Mapping[str, Set[str]]) -> list[str]:
    """Modules that import each other in turn, the first once more at the end; empty when there are none."""
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for other in sorted(edges[module]):
            if found := walk(other, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(edges) if (found := walk(module, []))), [])


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports within functions and for types count too: two modules that need each other are one, or need a third."""
    assert circle({module: needed(module) for module in modules()}) == []


def test_the_reader_of_circles_sees_them() -> None:
    """A long one is found, and told in its order; a diamond is none."""
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []
    assert {"warmline.cli.preconditions", "warmline.supervisor"} <= needed("warmline.cli.model")


def test_the_actions_never_see_the_bridge_and_the_bridge_never_the_engine() -> None:
    """The two sides that speak over HTTP share no code but the core and what reads language."""
    assert not MAY_IMPORT["actions"] & {"bridge", "store", "engine"}
    assert not MAY_IMPORT["engine"] & {"bridge", "store"}
    assert not MAY_IMPORT["bridge"] & {"engine", "actions"}


def reads_environment(path: Path) -> bool:
    names = {"environ", "environb", "getenv"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and names & {alias.name for alias in node.names})
        for node in ast.walk(tree_of(path))
    )


@pytest.mark.parametrize("path", sources(), ids=module_of)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    """``os.environ`` and ``os.getenv`` stand in the two modules of settings and nowhere else."""
    assert reads_environment(path) == (module_of(path) in ("warmline.settings", "actions.settings"))


def test_every_room_is_told_to_newcomers() -> None:
    """CONTRIBUTING.md has a line for each."""
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    places = {room: "actions" if room == "the shop" else f"bot/warmline/{room}" for room in MAY_IMPORT}
    assert [room for room, place in places.items() if f"`{place}`" not in told and f"`{place}.py`" not in told] == []


def test_the_reader_of_imports_sees_all_kinds() -> None:
    """Imports at the top and within functions are both found, so that the tests above mean something."""
    assert {"warmline.core.errors", "warmline.core.errors.FrameError"} <= imported(PACKAGE / "core" / "frames.py")
    assert "warmline.store.sqlite" in imported(PACKAGE / "cli" / "agent.py")
    assert (room_of("warmline.core.frames.Frame"), room_of("actions.small_talk"), room_of("warmline")) == (
        "core",
        "the shop",
        "",
    )


OF_THE_SHOP = re.compile(
    r"\border_?numbers?\b|\byour order\b|\border form\b|appointment|\bfern\b|fjord|\bA1\d{3}\b|mara@|\bparcels?\b|"
    r"\blamps?\b|\binvoices?\b|\bthe shop|shop's|\bthe box\b|subscription|actions\.backend|\bshop\.db\b",
    re.IGNORECASE,
)
"""Words of the demo shop. What customers of any company say is language, and stands in the files below."""
SPEAKS_AS_CUSTOMERS_DO = re.compile(
    r"language/|core/(?:contact|mood)|core/identifiers|engine/extractor|templates/|web/vendor/"
)


def test_the_package_does_not_know_the_demo_shop() -> None:
    """Orders, boxes, appointments and their numbers stand in the root's own actions, data and files."""
    found = [
        f"{path.relative_to(PACKAGE)}, line {number}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*"))
        if path.suffix in (".py", ".js", ".html", ".css", ".yml", ".toml") and "__pycache__" not in path.parts
        if not SPEAKS_AS_CUSTOMERS_DO.match(path.relative_to(PACKAGE).as_posix())
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OF_THE_SHOP.search(line)
    ]
    assert found == []
