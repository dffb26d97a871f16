"""The assistant's model: trained when what it is made from has changed, found again when it has not."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from warmline.cli.project import ensure_engine, open_project
from warmline.settings import Settings

if TYPE_CHECKING:
    from warmline.supervisor import Warden

KEPT_MODELS = 3
REMINDER_S = 5.0


async def ensure_model(settings: Settings, guard: Warden, say: Callable[[str], None]) -> Path:
    """
    The model of the present sources, trained now unless it is there. *say* hears each step of the training.

    Raises:
        StartFailed: it could not be trained; the text holds the trainer's reason and where its log is.
    """
    from warmline.cli.preconditions import as_launch
    from warmline.engine import commands
    from warmline.supervisor import LogFile, StartFailed, run_to_end

    model = await asyncio.to_thread(commands.model_path, settings.root, settings.models_dir)
    if model.exists():
        return model
    say("training the assistant, which takes one to three minutes")
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    log = LogFile(settings.logs_dir / "train.log", lambda line: say(f"training: {line}") if is_step(line) else None)
    command = commands.train(python=settings.engine_python, root=settings.root, model=model)
    try:
        code, reason = await run_to_end(as_launch(command), log, guard)
    finally:
        log.close()
    if code != 0 or not model.exists():
        raise StartFailed(
            f"The assistant could not be trained: {reason.rstrip('.')}. The whole story is in {log.path}."
        )
    forget_old_models(settings.models_dir, model)
    return model


def is_step(line: str) -> bool:
    """Whether the trainer said *line* to tell how far it is; the rest are warnings of the libraries it uses."""
    return re.fullmatch(r"[A-Z][^/<>]{3,70}", line) is not None and "Warning" not in line


def forget_old_models(models_dir: Path, current: Path) -> None:
    """Keep *current* and the newest others, ``KEPT_MODELS`` in all: going back to an earlier state trains nothing."""
    others = sorted(
        (path for path in models_dir.glob("warmline-*.tar.gz") if path != current),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for path in others[KEPT_MODELS - 1 :]:
        with contextlib.suppress(OSError):
            path.unlink()


@click.command()
@click.option("--force", is_flag=True, help="Train even when nothing has changed.")
def train(force: bool) -> None:
    """Train the assistant, if what it is made from has changed."""
    settings = open_project()
    asyncio.run(_train(settings, force))


async def _train(settings: Settings, force: bool) -> None:
    from warmline.cli.preconditions import check_room
    from warmline.engine.commands import model_path
    from warmline.supervisor import Warden

    ensure_engine(settings)
    check_room(settings)
    model = model_path(settings.root, settings.models_dir)
    if model.exists() and not force:
        click.echo(f"Nothing has changed since {model.name} was trained.")
        return
    set_aside = model.with_suffix(".before")
    if model.exists():
        model.rename(set_aside)
    started = time.monotonic()
    guard = Warden()
    reminding = asyncio.create_task(_remind(started))
    try:
        await ensure_model(settings, guard, lambda line: click.echo(f"{time.monotonic() - started:5.0f} s  {line}"))
    finally:
        reminding.cancel()
        await asyncio.to_thread(guard.close)
        if set_aside.exists():
            set_aside.unlink() if model.exists() else set_aside.rename(model)
    click.echo(f"Trained {model.name} in {time.monotonic() - started:.0f} s.")


async def _remind(started: float) -> None:
    while True:
        await asyncio.sleep(REMINDER_S)
        click.echo(f"{time.monotonic() - started:5.0f} s  still training")
