"""docs/operations.md tells of every command, option, setting and metric, and of none that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from warmline.bridge import metrics
from warmline.cli import commands
from warmline.settings import FIELDS, OTHER_VARIABLES, PREFIX, load

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def every_command(group: click.Group, before: str = "warmline") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{before} {name}", command
        if isinstance(command, click.Group):
            yield from every_command(command, f"{before} {name}")


COMMANDS = dict(every_command(commands))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_docs(name: str) -> None:
    """Its full name stands there, and so does each of its long options."""
    assert name in DOCS
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            for option in parameter.opts:
                assert not option.startswith("--") or option in DOCS, f"{name} {option}"


def test_no_command_is_made_up() -> None:
    """Each "warmline word" of the docs' headings is a command."""
    assert set(re.findall(r"^### (warmline \w+)$", DOCS, re.M)) <= COMMANDS.keys()


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_is_in_the_docs_with_its_default(name: str) -> None:
    """Its row names the variable and the default that the code has."""
    row = re.search(rf"^\| `{FIELDS[name].variable}` \| (.+?) \|", DOCS, re.M)
    assert row is not None
    settings = load({}, root=Path("/nowhere"))
    default = FIELDS[name].show(settings, name).removesuffix(".0").replace("/nowhere/", "")
    default = "" if name == "engine_python" else default  # a folder of the user's, with a digest in its name
    assert row[1] == (f"`{default}`" if default else "none")


def test_no_setting_is_made_up() -> None:
    """Each variable that the docs name is read."""
    known = {field.variable for field in FIELDS.values()} | {PREFIX + name for name in OTHER_VARIABLES}
    assert set(re.findall(r"WARMLINE_[A-Z_]+", DOCS)) <= known


def test_every_metric_is_in_the_docs() -> None:
    """Each name that /metrics shows has its row, and each row a metric."""
    counters = [value for value in vars(metrics).values() if hasattr(value, "collect")]
    made = {name for counter in counters for name in re.findall(r"warmline_\w+", str(counter))}
    assert made
    listed = set(re.findall(r"^\| `(warmline_\w+)` \|", DOCS, re.M))
    assert {name.removesuffix("_total") for name in listed} == {name.removesuffix("_total") for name in made}


def test_every_make_target_is_in_the_docs() -> None:
    """The Makefile's targets, each with its row or its mention."""
    makefile = (Path(__file__).resolve().parents[2] / "Makefile").read_text()
    for target in re.findall(r"^([a-z]+):", makefile, re.M):
        assert f"make {target}" in DOCS
