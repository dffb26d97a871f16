"""``warmline backup``, ``restore`` and ``fsck``: copy the record, put a copy back, look for what is wrong in it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from warmline.cli.project import open_project


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the record to FILE, complete as of one moment; Warmline may be running."""
    from warmline.store import upkeep

    upkeep.backup(open_project().store_path, file)
    click.echo(f"Backed up to {file}.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE in the record's place; Warmline must not be running. What was there is kept beside it."""
    from warmline.store import upkeep

    replaced = upkeep.restore(file, open_project().store_path)
    click.echo(f"Restored from {file}.")
    for path in replaced:
        click.echo(f"What was there before is kept as {path}.")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
def fsck(file: Path | None) -> None:
    """Look for everything that must not be in the record, or in the backup FILE. Exits 1 when something is found."""
    from warmline.store import upkeep

    path = file or open_project().store_path
    found = upkeep.check(path)
    for sentence in found:
        click.echo(sentence)
    if found:
        sys.exit(1)
    click.echo(f"{path} is sound.")
