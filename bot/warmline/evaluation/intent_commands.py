"""``warmline eval intents``: train the shipped pipeline on any labelled texts, and see what it makes of others."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from warmline.core.errors import EngineUnavailable, SettingsError, WarmlineError
from warmline.evaluation.intents import Reading, confusions, figures, read_labelled, write_labelled, write_readings
from warmline.settings import load

if TYPE_CHECKING:
    from rich.table import Table

CSV = click.Path(exists=True, dir_okay=False, path_type=Path)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "LOG_LEVEL": "ERROR",
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


@click.command("intents")
@click.option("--train", "train", type=CSV, required=True, help="CSV with text,label to learn from.")
@click.option("--test", "test", type=CSV, required=True, help="CSV with text,label to be read.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write text,label,intent,confidence here.")
@click.option("--json", "json_out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
@click.option("--config", type=CSV, help="A pipeline to use instead of the shipped config.yml.")
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="Processor cores to use.")
def intents(
    train: Path, test: Path, out: Path | None, json_out: Path | None, config: Path | None, threads: int
) -> None:
    """
    Train the shipped pipeline on the texts of one CSV file and measure it on another's.

    The label oos means: none of the intents. A text is answered oos when the confidence in its best intent is below the
    threshold that config.yml gives. Without --json the figures are printed as JSON at the end.
    """
    try:
        settings = load()
        click.echo(f"Project: {settings.root}", err=True)
        learnt, tested = read_labelled(train), read_labelled(test)
        answer = run(
            settings.engine_python, settings.root, config or settings.root / "config.yml", learnt, tested, threads
        )
    except WarmlineError as wrong:
        raise click.ClickException(wrong.text) from None
    readings = [
        Reading(text, label, intent, best, confidence)
        for (text, label), (intent, confidence, best) in zip(tested, answer.pop("read"), strict=True)
    ]
    measured = {**msgspec.to_builtins(figures(readings)), **answer}
    if out is not None:
        write_readings(out, readings)
    if json_out is None:
        click.echo(json.dumps(measured, indent=2))
        return
    json_out.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    from rich.console import Console  # late, so that `warmline --help` stays quick

    console = Console()
    console.print(table(measured))
    for label, intent, times in confusions(readings)[:5]:
        console.print(f"{times} x {label} read as {intent}", highlight=False)


def table(measured: dict[str, Any]) -> Table:
    """The figures for people."""
    from rich.table import Table

    shown = Table("figure", "value")
    for name, value in measured.items():
        text = "-" if value is None else f"{value:.2%}" if isinstance(value, float) and value <= 1 else f"{value}"
        shown.add_row(name.replace("_", " "), text)
    return shown


def run(
    python: Path,
    root: Path,
    config: Path,
    train: list[tuple[str, str]],
    test: list[tuple[str, str]],
    threads: int = 1,
) -> dict[str, Any]:
    """
    What ``warmline.engine.evaluate`` answers, in the engine's environment.

    Raises:
        SettingsError: all training texts have the same label.
        EngineUnavailable: that environment is missing, or the training failed; the text holds the reason.
    """
    if len({label for _, label in train}) < 2:
        raise SettingsError("The training texts need at least two different labels.")
    if not os.access(python, os.X_OK):
        raise EngineUnavailable(f"The engine's environment is missing ({python}). Run 'warmline setup' to make it.")
    with tempfile.TemporaryDirectory(prefix="warmline-intents-") as room:
        learnt, read, answer = (Path(room) / name for name in ("train.csv", "test.csv", "answer.json"))
        write_labelled(learnt, train)
        write_labelled(read, test)
        cores = {name: str(threads) for name in ONE_THREAD}
        done = subprocess.run(
            [
                *("env", *(f"{name}={value}" for name, value in {**QUIET, **cores}.items())),
                *(str(python), "-m", "warmline.engine.evaluate", "--config", str(config.resolve())),
                *("--train", str(learnt), "--test", str(read), "--out", str(answer)),
            ],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
            raise EngineUnavailable(f"The pipeline could not be trained: {reason}")
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found
