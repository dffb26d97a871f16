"""``warmline init``: a project of one's own from a template."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from warmline import templates
from warmline.core.errors import SettingsError
from warmline.settings import refuse_installed

LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")
IGNORED = "# what Warmline writes: the record, models, logs, keys\n.warmline/\n__pycache__/\n"

NEXT = """\
Made {folder} from the template '{template}'. Next:
    cd {shown}
    {up:<24} the first time takes some minutes: it brings Rasa (2.5 GB) and trains
    {chat:<24} in another terminal, to talk to it; {people}
What it answers is in data/, when it hands over to a person in escalation.yml; 'warmline test' tries it."""


@click.command()
@click.argument("folder", metavar="NAME", type=click.Path(path_type=Path))
@click.option(
    "--template",
    type=click.Choice(["bare", "shop"]),
    default="bare",
    show_default=True,
    help="The smallest bot, or the demo shop with all it can do.",
)
def init(folder: Path, template: str) -> None:
    """Make a project in the new folder NAME, with a bot that works."""
    make(folder, template)
    demo = template == "shop"
    click.echo(
        NEXT.format(
            folder=folder.resolve(),
            shown=folder,
            template=template,
            up="warmline up --demo" if demo else "warmline up",
            chat="warmline chat",
            people="the page says how agents sign in" if demo else "'warmline agent add NAME' lets an agent sign in",
        )
    )


def make(folder: Path, template: str) -> None:
    """
    Fill *folder*, which is made unless it is there and empty, with *template*.

    Raises:
        SettingsError: it holds something, cannot be written, or belongs to installed packages.
    """
    refuse_installed(folder.resolve())
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise SettingsError(
                f"{folder} is not empty, and nothing was changed. Choose a folder that is not there yet."
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, source in templates.contents(template).items():
            place = folder / name
            if source.is_dir():
                shutil.copytree(source, place, ignore=LEFT_OUT, copy_function=shutil.copyfile)
            else:
                shutil.copyfile(source, place)
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
    except (OSError, shutil.Error) as wrong:
        why = getattr(wrong, "strerror", None) or wrong
        raise SettingsError(f"{folder} cannot be made from the template '{template}': {why}.") from None
