"""``warmline adopt``: Warmline for a Rasa project that is there already; two files are added, and none is edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from warmline.core.errors import SettingsError
from warmline.engine import project
from warmline.engine.lean_start import components
from warmline.settings import PROJECT_FILE

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "adopt"
RULES_FILE = "escalation.yml"
COUNTED = ("intent", "slot", "form", "response", "action")
WIDTH = 14

NEXT = """\
Next:
    warmline up               trains your bot with what Warmline adds, and starts it; the first time it brings Rasa
    warmline agent add NAME   lets somebody sign in at the agents' console
    warmline chat             in another terminal, to talk to your bot as a customer
When it hands over to a person, and what is said then, is in escalation.yml."""


@click.command()
@click.argument(
    "folder", default=".", metavar="[FOLDER]", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
def adopt(folder: Path) -> None:
    """Add Warmline to the Rasa 3 project in FOLDER (default: here). Adds two files, and edits none."""
    root = folder.resolve()
    found = add(root)
    click.echo(f"Added {PROJECT_FILE} and {RULES_FILE} to {root}. Nothing else was changed.")
    click.echo("Found:")
    for subject, text in description(found):
        click.echo(f"    {subject:<{WIDTH}} {text}")
    click.echo(NEXT)


def add(root: Path) -> project.Project:
    """
    Put our two files beside the Rasa project at *root*.

    Raises:
        SettingsError: there is no Rasa 3 project, it names something as Warmline does, one of the two files is there
            already, or the folder cannot be written. Nothing was changed then.
    """
    for name in (PROJECT_FILE, RULES_FILE):
        if (root / name).exists():
            raise SettingsError(
                f"{root / name} is there already, and nothing was changed. 'warmline up' starts this project."
            )
    found = project.find(root)
    project.refuse_older(found)
    project.refuse_collisions(found)
    made: list[Path] = []
    try:
        for name in (RULES_FILE, PROJECT_FILE):  # the one that makes it a project last
            with (root / name).open("x", encoding="utf-8") as file:
                made.append(root / name)
                file.write((TEMPLATE / name).read_text(encoding="utf-8"))
    except OSError as wrong:
        for file_made in made:
            file_made.unlink(missing_ok=True)
        raise SettingsError(f"{root} cannot be written: {wrong.strerror}. Nothing was changed.") from None
    return found


def description(found: project.Project) -> Iterator[tuple[str, str]]:
    """What the project *found* has, as subjects and one line each; what becomes of it where that is not obvious."""
    config = project.read(found.config)
    counts = Counter(place.kind for file in project.files_of(found.domain) for place in project.names_in(file))
    if found.domain is not None:
        files = project.files_of(found.domain)
        split = f" ({_some(len(files), 'file')})" if found.domain.is_dir() else ""
        yield "domain", f"{found.domain.name}{split}: " + ", ".join(_some(counts[kind], kind) for kind in COUNTED)
    if config.get("importers"):
        yield "importers", ", ".join(str(one.get("name")) for one in config["importers"]) + ": go on working"
    left = [key for key in ("pipeline", "policies") if config.get(key) is None]
    own = ", ".join(name.rsplit(".", 1)[-1] for name in components(config))
    yield "config", f"{found.config.name}: {'as Rasa chooses' if len(left) == 2 else own}"
    if found.data is not None:
        yield "training data", f"{found.data.name}: {_some(len(project.files_of(found.data)), 'file')}"
    else:
        yield "training data", "none in a folder data, where Warmline and Rasa look for it"
    url = project.own_action_url(found)
    if url:
        yield "actions", f"your action server at {url}: keep it running, Warmline passes on to it what is yours"
    elif found.own_actions is not None:
        yield "actions", f"{found.own_actions.name}, and no action server in endpoints.yml: Warmline runs them"
    else:
        yield "actions", "none of your own"
    language = str(config.get("language") or "en")
    if language != "en":
        yield "language", f"{language}: what Warmline itself says is English until you word it (docs/extending.md)"
    if found.endpoints is not None and (project.read(found.endpoints) or {}).get("nlg"):
        yield "nlg", "yours, as endpoints.yml says"


def _some(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
