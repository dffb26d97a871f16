"""
The commands of ``warmline``. A command's module is loaded when it is named, so that ``warmline --help`` stays quick.

Commands of other rooms are lists named ``COMMANDS`` of click commands, in the modules of ``PLUGGED``.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any, NoReturn

import click

from warmline.core.errors import WarmlineError

OWN = {
    "init": "warmline.cli.init:init",
    "setup": "warmline.cli.project:setup",
    "up": "warmline.cli.up:up",
    "adopt": "warmline.cli.adopt:adopt",
    "train": "warmline.cli.model:train",
    "chat": "warmline.cli.chat:chat",
    "agent": "warmline.cli.agent:agent",
    "backup": "warmline.cli.store:backup",
    "restore": "warmline.cli.store:restore",
    "fsck": "warmline.cli.store:fsck",
    "doctor": "warmline.cli.doctor:doctor",
    "site-key": "warmline.cli.site_key:command",
    "faq": "warmline.cli.teach:faq",
    "intent": "warmline.cli.teach:intent",
    "check": "warmline.cli.teach:check",
    "try": "warmline.cli.tryout:tryout",
    "test": "warmline.cli.tryout:test",
}
"""Our commands in the order of the help, and where each is."""

PLUGGED = ("warmline.evaluation.commands",)
"""Modules with a list ``COMMANDS``; one that is not there adds nothing."""


class Commands(click.Group):
    """A group whose commands are imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Ours in their order, then those of the other rooms by name."""
        return [*OWN, *sorted(self._plugged())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """None when there is no such command."""
        if cmd_name in OWN:
            module, name = OWN[cmd_name].split(":")
            command: click.Command = getattr(importlib.import_module(module), name)
            return command
        return self._plugged().get(cmd_name)

    def _plugged(self) -> dict[str, click.Command]:
        found: dict[str, click.Command] = {}
        for module in PLUGGED:
            if importlib.util.find_spec(module.rpartition(".")[0]) and importlib.util.find_spec(module):
                found.update({str(command.name): command for command in importlib.import_module(module).COMMANDS})
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="warmline", message="warmline %(version)s")
def commands() -> None:
    """Warmline: a chat assistant that knows when to hand over to a person."""


def main(argv: list[str] | None = None, **extra: Any) -> NoReturn:
    """Run the command line; exits 0, 1 when something went wrong, 2 when it was not understood, 130 on Ctrl-C."""
    if sys.version_info < (3, 11):  # installed all the same, for the engine's Python reads parts of the package
        click.echo(f"warmline: Warmline needs Python 3.11 or newer, and this is {sys.version.split()[0]}.", err=True)
        sys.exit(1)
    try:
        commands.main(args=argv, prog_name="warmline", standalone_mode=False, **extra)
    except WarmlineError as wrong:
        click.echo(_readable(f"warmline: {wrong.text}"), err=True)
        sys.exit(1)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.exceptions.Exit as wanted:
        sys.exit(wanted.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("", err=True)
        sys.exit(130)
    sys.exit(0)


def _readable(text: str) -> str:
    """*text* in lines that fit, where a person reads it; a script gets one line."""
    if not sys.stderr.isatty():
        return text
    from warmline.cli.terminal import wrapped

    return wrapped(text)
