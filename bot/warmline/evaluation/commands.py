"""The commands that measure: ``score``, ``eval mood``, ``eval handover``, ``replay`` and ``tune``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warmline.core.errors import SettingsError, WarmlineError
from warmline.core.rules import Rules
from warmline.evaluation import handover, metrics, pictures, tuning
from warmline.evaluation.dialogues import Line, read_lines
from warmline.evaluation.intent_commands import intents
from warmline.evaluation.record import conversation_lines, verdict_lines
from warmline.evaluation.score import Scored, as_json
from warmline.evaluation.score import score as score_lines
from warmline.rules_file import load_rules
from warmline.settings import Settings, load

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
RULES = click.option(
    "--rules",
    "rules_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("escalation.yml"),
    show_default=True,
    help="The rules to decide by.",
)
OUT = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of the terminal.")
COST = click.FloatRange(min=0.0, min_open=True, max=1e9)
PICTURE = click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw it here, as SVG.")


def _table(**options: Any) -> Table:
    """A table of rich, which is loaded only when something is shown."""
    from rich.table import Table

    return Table(**options)


def _console() -> Console:
    from rich.console import Console

    return Console()


def project() -> Settings:
    """The settings of the project that we are in, which is named on stderr. Raises SettingsError outside of one."""
    found = load()
    click.echo(f"Project: {found.root}", err=True)
    return found


class Told(click.Command):
    """A command whose own errors end it with their sentence and exit code 1, not with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WarmlineError as wrong:
            raise click.ClickException(wrong.text) from None


def _write(path: Path, text: str) -> None:
    """Write *text* to *path*. Raises SettingsError when that is not possible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as wrong:
        raise SettingsError(
            f"{path} cannot be written: {wrong.strerror}. Nothing was lost; name another place."
        ) from None


def _as_text(row: dict[str, object]) -> str:
    """*row* as JSON, letters as they are; half a surrogate, which no file can hold, stays escaped."""
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(row)
    return text


@click.command("score", cls=Told)
@FILE
@RULES
@OUT
def score(file: Path, rules_path: Path, out: Path | None) -> None:
    """
    Score the conversations of FILE: one JSON object a line with dialogue, role and text.

    Adds frustration, reasons, escalate and rule to each customer turn, decided in streaming order from the past only.
    """
    rules = load_rules(rules_path)
    rows = (_as_text(as_json(one)) + "\n" for one in score_lines(read_lines(file), rules))
    if out is None:
        for row in rows:
            click.echo(row, nl=False)
        return
    # A mistake in a later line must not leave half a file that looks whole.
    part = out.with_name(out.name + ".part")
    try:
        with part.open("w", encoding="utf-8") as target:
            target.writelines(rows)
        part.replace(out)
    except OSError as wrong:
        raise SettingsError(f"{out} cannot be written: {wrong.strerror}. Name another place with --out.") from None
    finally:
        part.unlink(missing_ok=True)


@click.group("eval")
def evaluate() -> None:
    """Measure against labelled conversations."""


def _label(line: Line, from_: float, below: float | None, equals: tuple[str, str] | None) -> int | None:
    """1 for a frustrated turn, 0 for another, None for one that nobody rated."""
    if equals is not None:
        value = line.raw.get(equals[0])
        return None if value is None else int(str(value) == equals[1])
    for name in ("label", "mean"):
        value = line.raw.get(name)
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, (int, float)):
            if below is not None:
                return int(value < below)
            return int(value >= (0.5 if name == "label" else from_))
        if isinstance(value, str):
            raise SettingsError(
                f"Line {line.number}: '{name}' is the text {value!r}; expected a number without quotes, or say which "
                f"text means frustrated with --equals {name} TEXT."
            )
    return None


@evaluate.command("mood", cls=Told)
@FILE
@RULES
@PICTURE
@click.option("--from", "from_", default=2.5, show_default=True, help="Frustrated when `mean` is at least this.")
@click.option("--below", type=float, help="Frustrated when `mean` is below this (for ratings of satisfaction).")
@click.option("--equals", type=(str, str), metavar="FIELD VALUE", help="Frustrated when FIELD is VALUE.")
@click.option("--json", "as_data", is_flag=True, help="Print the figures as JSON.")
def mood(
    file: Path,
    rules_path: Path,
    picture: Path | None,
    from_: float,
    below: float | None,
    equals: tuple[str, str] | None,
    as_data: bool,
) -> None:
    """Compare the mood with the ratings in FILE (`label` 0 or 1, or `mean`), turn by turn."""
    rules = load_rules(rules_path)
    labels: list[int] = []
    values: list[float] = []
    dialogues: list[str] = []
    for one in score_lines(read_lines(file), rules):
        label = _label(one.line, from_, below, equals)
        if one.assessment is not None and label is not None:
            labels.append(label)
            values.append(one.assessment.mood.value)
            dialogues.append(one.line.dialogue)
    if not 0 < sum(labels) < len(labels):
        raise click.ClickException(
            f"{file} has {sum(labels)} customer turns rated as frustrated and {len(labels) - sum(labels)} others; both "
            "kinds are needed. Rate customer turns with `label` (1 or 0) or `mean`; --from, --below and --equals say "
            "which ratings count as frustrated."
        )
    level = rules.thresholds.upset
    f1, at = metrics.best_f1(labels, values)
    figures: dict[str, tuple[float, tuple[float, float] | None]] = {
        "AUROC": (
            metrics.auroc(labels, values),
            metrics.interval(metrics.auroc, labels, values, dialogues),
        ),
        "average precision": (
            metrics.average_precision(labels, values),
            metrics.interval(metrics.average_precision, labels, values, dialogues),
        ),
        f"F1 at upset ({level:g})": (
            metrics.f1_at(level)(labels, values),
            metrics.interval(metrics.f1_at(level), labels, values, dialogues),
        ),
        f"best F1 on these data (at {at:.2f})": (f1, None),
        "calibration error": (metrics.calibration_error(labels, values), None),
        "Brier score": (metrics.brier(labels, values), None),
        "base rate": (sum(labels) / len(labels), None),
    }
    if picture is not None:
        bins = metrics.calibration(labels, values)
        area = figures["AUROC"][0]
        _write(picture, pictures.roc_and_calibration(metrics.roc(labels, values), bins, area))
    if as_data:
        plain = {name: {"value": value, "interval": span} for name, (value, span) in figures.items()}
        click.echo(json.dumps({"turns": len(labels), "dialogues": len(set(dialogues)), **plain}))
        return
    table = _table(title=f"{len(labels)} rated turns in {len(set(dialogues))} dialogues", title_justify="left")
    for heading in ("figure", "value", "95 % interval, by dialogue"):
        table.add_column(heading)
    for name, (value, span) in figures.items():
        table.add_row(name, f"{value:.3f}", "" if span is None else f"{span[0]:.3f} to {span[1]:.3f}")
    _console().print(table)


@evaluate.command("handover", cls=Told)
@FILE
@RULES
@click.option("--json", "as_data", is_flag=True, help="Print the table as JSON.")
def hand_over(file: Path, rules_path: Path, as_data: bool) -> None:
    """Compare ways of handing over on FILE, whose customer turns are rated 0 to 4 in `mean`."""
    rows = handover.table(score_lines(read_lines(file), load_rules(rules_path)))
    if not rows[0].needing:
        raise click.ClickException(
            f"{file} has no dialogue that needs a person: expected customer turns rated 0 to 4 in `mean`, and in some "
            f"dialogue one of at least {handover.NEEDS:g}."
        )
    if as_data:
        for row in rows:
            click.echo(
                json.dumps(
                    {
                        "way": row.name,
                        "precision": row.precision,
                        "recall": row.recall,
                        "caught": row.caught,
                        "needing": row.needing,
                        "alarmed": row.alarmed,
                        "fine": row.fine,
                        "false_alarms_per_100": row.false_alarms_per_100,
                        "delay_turns": row.delay,
                    }
                )
            )
        return
    table = _table(title=f"{rows[0].needing} dialogues need a person, {rows[0].fine} are fine", title_justify="left")
    for heading in ("way", "precision", "recall", "false alarms per 100", "delay in turns"):
        table.add_column(heading)
    for row in rows:
        delay = "never" if row.delay is None else f"{row.delay:+.1f}"
        table.add_row(row.name, f"{row.precision:.2f}", f"{row.recall:.2f}", f"{row.false_alarms_per_100:.0f}", delay)
    _console().print(table)


@click.command("replay", cls=Told)
@click.argument("what")
@click.argument("dialogue", required=False)
@RULES
@PICTURE
def replay(what: str, dialogue: str | None, rules_path: Path, picture: Path | None) -> None:
    """
    Show a conversation's mood turn by turn, its signals and the decision.

    WHAT is the id of a conversation in the record, as the console shows it, or a file: of that, DIALOGUE or the first.
    """
    rules = load_rules(rules_path)
    if Path(what).is_file():
        lines = list(read_lines(Path(what)))
        name = dialogue if dialogue is not None else (lines[0].dialogue if lines else "")
        lines = [line for line in lines if line.dialogue == name]
        if not lines:
            raise click.ClickException(f"{what} has no dialogue {name!r}. Its lines name theirs in `dialogue`.")
    elif Path(what).suffix or "/" in what:
        raise click.ClickException(f"There is no file {what}. Give a file of conversations, or the id of one.")
    else:
        lines = conversation_lines(project().store_path, what)
    scored = list(score_lines(lines, rules))
    if not scored:
        raise click.ClickException(f"Nothing was said in {what} yet.")
    console = _console()
    console.print(_curve(scored, rules))
    if picture is not None:
        values: list[tuple[int, float]] = []
        handed: list[tuple[int, str]] = []
        for number, one in enumerate(scored, 1):
            if one.assessment is not None:
                seq = one.line.seq or number
                values.append((seq, one.assessment.mood.value))
                if one.assessment.decision.escalate:
                    handed.append((seq, one.assessment.decision.rule))
        levels = rules.thresholds
        _write(picture, pictures.mood_curve(values, handed, levels.upset, levels.angry))


def _curve(scored: list[Scored], rules: Rules) -> Table:
    table = _table(show_lines=True, expand=True)
    for heading in ("", "who", "text", "mood", "why", "decision"):
        wide = {"text": 5, "why": 4, "decision": 4}.get(heading)
        table.add_column(heading, overflow="fold", ratio=wide, no_wrap=wide is None)
    for number, one in enumerate(scored, 1):
        seq = one.line.seq or number
        text = one.line.text if len(one.line.text) <= 200 else one.line.text[:199] + "…"
        if one.assessment is None:
            table.add_row(str(seq), one.line.role, _plain(text), "", "", "")
            continue
        mood, decision = one.assessment.mood, one.assessment.decision
        bar = "█" * max(1, round(6 * mood.value))
        why = "\n".join(f"{reason.weight:+.2f} {reason.text}" for reason in mood.reasons[:4])
        said = f"{decision.rule} ({decision.urgency_min} min)\n{decision.counterfactual}" if decision.escalate else ""
        table.add_row(str(seq), one.line.role, _plain(text), f"{mood.value:.2f}\n{bar}", _plain(why), _plain(said))
    return table


def _plain(text: str) -> str:
    """
    *text* so that a customer's brackets are not taken for rich's markup, nor control characters for the terminal's.
    """
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text).replace("[", "\\[")


@click.command("tune", cls=Told)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@RULES
@click.option("--alarm-cost", type=COST, default=1.0, show_default=True, help="What a needless handoff costs.")
@click.option(
    "--miss-cost", type=COST, default=3.0, show_default=True, help="What a customer left alone with the bot costs."
)
@click.option("--yes", is_flag=True, help="Write the levels without asking.")
def tune(file: Path | None, rules_path: Path, alarm_cost: float, miss_cost: float, yes: bool) -> None:
    """
    Choose the mood levels from what agents said when they handed back or ended: did this need a person?

    Reads the record, or FILE: conversations with `needed` (true or false) on one of their lines. Shows what changes on
    conversations held out, and writes the rules only when told to.
    """
    rules = load_rules(rules_path)
    lines = verdict_lines(project().store_path) if file is None else read_lines(file)
    tuned = tuning.tune(tuning.cases(lines), rules, alarm_cost=alarm_cost, miss_cost=miss_cost)
    table = _table(title=f"On {tuned.before.cases} conversations held out ({tuned.learned_from} learned from)")
    for heading in ("", "upset", "angry", "false alarms", "misses", "cost"):
        table.add_column(heading)
    for name, levels, outcome in (
        ("before", rules.thresholds, tuned.before),
        ("after", tuned.rules.thresholds, tuned.after),
    ):
        table.add_row(
            name,
            f"{levels.upset:.2f}",
            f"{levels.angry:.2f}",
            str(outcome.false_alarms),
            str(outcome.misses),
            f"{outcome.cost:g}",
        )
    _console().print(table)
    if tuned.rules.thresholds == rules.thresholds:
        click.echo("The levels are already the best of those tried; nothing to write.")
        return
    if yes or click.confirm(f"Write these levels into {rules_path} for the sensitivity '{rules.sensitivity}'?"):
        tuning.write_levels(rules_path, tuned.rules)
        load_rules(rules_path)
        click.echo(f"Written to {rules_path}.")
    else:
        click.echo("Nothing was written.")


evaluate.add_command(intents)

COMMANDS: list[click.Command] = [score, evaluate, replay, tune]
