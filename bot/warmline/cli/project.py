"""The project that a command works on: it is found, named to the user, and gets the engine's environment if need be."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from warmline import environments
from warmline.core.errors import SettingsError
from warmline.settings import Settings, inherited_environment, load


def open_project(**chosen: Any) -> Settings:
    """
    The settings of the project that we are in, with the options *chosen* laid over; says on stderr which one it is.

    Raises:
        SettingsError: we are in none, or a setting cannot be read.
    """
    settings = load(**chosen)
    click.echo(f"Project: {settings.root}", err=True)
    return settings


def ensure_engine(settings: Settings) -> None:
    """
    Make the engine's environment unless it is there, saying so on stderr.

    Raises:
        SettingsError: it cannot be made, or it is one that somebody else looks after and it is not there.
    """
    python = settings.engine_python
    folder = python.parent.parent
    if folder.name != environments.engine_folder(folder.parent).name:
        if not os.access(python, os.X_OK):
            made_by = "'make setup' makes it" if folder.name == ".venv-engine" else "the setting engine_python names it"
            raise SettingsError(f"The engine's environment is missing: there is no {python} ({made_by}).")
        return
    if environments.has_engine(folder):
        return
    tell(f"Making the engine's environment in {folder}; this takes some minutes, once for all projects of yours.")
    tools = environments.Tools(folder.parent / "uv", inherited_environment(), tell)
    try:
        environments.make_engine(tools, folder, drawn=sys.stderr.isatty())
    except environments.Unable as wrong:
        raise SettingsError(f"The engine's environment cannot be made: {wrong}") from None


def tell(line: str) -> None:
    """Progress: on stderr, so that what a command answers can be piped."""
    click.echo(line, err=True)


@click.command()
def setup() -> None:
    """Make the environment of the assistant's engine (Rasa) now; other commands do it when they need it."""
    settings = open_project()
    ensure_engine(settings)
    click.echo(f"The engine's environment is there: {settings.engine_python}")
