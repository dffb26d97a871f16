"""``warmline try`` and ``warmline test``: one sentence, or everything, through the real assistant."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from warmline.cli.project import ensure_engine, open_project
from warmline.cli.running import running_now
from warmline.settings import Settings, load_secrets

if TYPE_CHECKING:
    from warmline.core.escalation import Assessment
    from warmline.teaching.conversation_tests import Played
    from warmline.teaching.corpus import Corpus
    from warmline.teaching.report import Guess
    from warmline.teaching.sandbox import Engine, Understood

NEAREST = 5


@click.command("try")
@click.argument("text")
@click.option("--fresh", is_flag=True, help="Do not ask the assistant that runs: train and start one of its own.")
def tryout(text: str, fresh: bool) -> None:
    """Show how TEXT is understood and why, and what the assistant would do first. Nothing is done."""
    settings = open_project()
    asyncio.run(_try(settings, text, fresh))


async def _try(settings: Settings, text: str, fresh: bool) -> None:
    from warmline.core.escalation import assess
    from warmline.core.features import Turn
    from warmline.language import with_features
    from warmline.rules_file import load_rules
    from warmline.teaching.corpus import read_corpus

    corpus = read_corpus(settings.root)
    rules = load_rules(settings.rules_path, settings.queues)
    turns = with_features((Turn("customer", text, seq=1, at=time.time()),), own=rules.phrases)
    async with _some_engine(settings, fresh) as engine:
        understood = await engine.understand(text)
    intents = [(str(one["name"]), float(one["confidence"])) for one in understood.intents[:1]]
    verdict = assess(turns, rules, intents=intents, entities=[str(one["entity"]) for one in understood.entities])
    _tell(settings, corpus, text, understood, verdict)


@contextlib.asynccontextmanager
async def _some_engine(settings: Settings, fresh: bool) -> AsyncIterator[Engine]:
    from warmline.engine.commands import model_path
    from warmline.teaching.sandbox import Engine, sandbox_engine

    up = running_now(settings)
    if up is not None and up.engine_urls and not fresh:
        running = Engine(up.engine_urls[0], load_secrets(settings).engine_token)
        try:
            if await running.is_there():
                if not model_path(settings.root, settings.models_dir).exists():
                    click.echo("The running assistant does not know the last changes yet (--fresh trains its own).")
                yield running
                return
        finally:
            await running.close()
    model = await _model(settings)
    click.echo("Starting the assistant's engine, which takes some seconds.")
    async with sandbox_engine(settings, model, actions=False, say=click.echo) as (engine, _):
        yield engine


async def _model(settings: Settings) -> Path:
    from warmline.cli.model import ensure_model
    from warmline.cli.preconditions import check_room
    from warmline.supervisor import Warden

    ensure_engine(settings)
    check_room(settings)
    guard = Warden()
    try:
        return await ensure_model(settings, guard, click.echo)
    finally:
        await asyncio.to_thread(guard.close)


def _tell(settings: Settings, corpus: Corpus, text: str, understood: Understood, verdict: Assessment) -> None:
    from warmline.teaching.vectors import Vectors

    def head(title: str) -> None:
        click.echo(click.style(f"\n{title}", bold=True))

    head("Understood as")
    for one in understood.intents:
        click.echo(f"  {one['confidence']:5.2f}  {one['name']}")
    if understood.entities:
        head("Found in it")
        for found in understood.entities:
            click.echo(f"  {found['entity']}: {found['value']}")
    head("Nearest examples")
    examples = corpus.examples
    rows = Vectors(settings.home / "embeddings.npz")([text, *(example.text for example in examples)], _progress)
    closeness = rows[1:] @ rows[0]
    for at in closeness.argsort()[::-1][:NEAREST]:
        near = examples[int(at)]
        click.echo(f"  {closeness[at]:5.2f}  {near.intent}: {near.text}  ({near.path}:{near.line})")
    head("Mood")
    click.echo(f"  {verdict.mood.value:5.2f}  (0 calm, 1 about to leave)")
    for reason in verdict.mood.reasons[:3]:
        click.echo(f"  {reason.weight:+5.2f}  {reason.text}")
    head("What the assistant does")
    decision = verdict.decision
    if decision.escalate:
        click.echo(f"  hands over by the rule '{decision.rule}' to {decision.queue}, within {decision.urgency_min} min")
        click.echo(f"  says: {decision.say}")
        click.echo(f"  {decision.counterfactual}")
        return
    click.echo(f"  {understood.action}, by {understood.policy or 'no policy'}; no rule of escalation.yml holds")
    for wording in corpus.responses.get(understood.action, ())[:1]:
        click.echo(f"  says: {wording}")


def _progress(done: int, of: int) -> None:
    if of > 1:
        click.echo(f"  reading the examples once: {done} of {of}")


@click.command()
@click.option("--only", default="", help="Play only conversations whose file or name holds this.")
@click.option("--folds", default=0, help="Judge understanding by Rasa's own cross-validation with so many trainings.")
@click.option("--out", type=click.Path(path_type=Path), help="Where report.md and confusion.svg go.")
def test(only: str, folds: int, out: Path | None) -> None:
    """
    Test the assistant: understanding by cross-validation, and the conversations of tests/assistant, played for real.

    Understanding is judged by leaving out each example once, in seconds; --folds 3 has Rasa train the whole pipeline
    three times instead, which takes minutes. Exits 1 when a conversation does not go as written.
    """
    sys.exit(0 if asyncio.run(_test(open_project(), only, folds, out)) else 1)


async def _test(settings: Settings, only: str, folds: int, out: Path | None) -> bool:
    from warmline.teaching.conversation_tests import conversations_of
    from warmline.teaching.corpus import read_corpus
    from warmline.teaching.report import share, write

    corpus = read_corpus(settings.root)
    talks = conversations_of(settings.root, only)
    out = out or settings.home / "test"
    guesses: list[Guess] = []
    how = "Not judged: only some conversations were played."
    if folds:
        guesses, how = await _by_rasa(settings, corpus, folds, out), f"Judged by Rasa's {folds}-fold cross-validation."
    elif not only:
        guesses, how = _left_out(settings, corpus), "Each was judged by all others, without the classifier's own words."
    played = await _play(settings, corpus, talks)
    report = write(out, how, guesses, played)
    good = sum(not one.wrong for one in played)
    if guesses:
        right = sum(one.intent == one.guess for one in guesses)
        click.echo(f"Understood: {right} of {len(guesses)} ({share(right, len(guesses))}). {how}")
    click.echo(f"Conversations: {good} of {len(played)} go as written. The report: {report}")
    return good == len(played)


def _left_out(settings: Settings, corpus: Corpus) -> list[Guess]:
    from warmline.teaching.report import Guess
    from warmline.teaching.similarity import judge
    from warmline.teaching.vectors import Vectors

    click.echo(f"Judging {len(corpus.examples)} examples, each by all others.")
    texts = [example.text for example in corpus.examples]
    labels = [example.intent for example in corpus.examples]
    judged = judge(labels, Vectors(settings.home / "embeddings.npz")(texts, _progress))
    return [Guess(*one) for one in zip(texts, labels, judged.guesses, strict=True)]


async def _by_rasa(settings: Settings, corpus: Corpus, folds: int, out: Path) -> list[Guess]:
    from warmline.cli.preconditions import as_launch, check_room
    from warmline.supervisor import LogFile, Warden, run_to_end
    from warmline.teaching.corpus import plain
    from warmline.teaching.errors import TeachingError
    from warmline.teaching.rasa_tools import cross_validate
    from warmline.teaching.report import Guess

    ensure_engine(settings)
    check_room(settings)
    click.echo(f"Rasa trains {folds} times, which takes minutes. Its own reports and pictures go to {out / 'rasa'}.")
    log = LogFile(settings.logs_dir / "test.log", _fold)
    guard = Warden()
    try:
        command = cross_validate(settings.engine_python, settings.root, folds, (out / "rasa").resolve())
        code, reason = await run_to_end(as_launch(command), log, guard)
    finally:
        log.close()
        await asyncio.to_thread(guard.close)
    errors = out / "rasa" / "intent_errors.json"
    if code != 0 or not (out / "rasa" / "intent_report.json").exists():
        raise TeachingError(f"Rasa's cross-validation failed: {reason}. The whole story is in {log.path}.")
    wrong: dict[tuple[str, str], tuple[str, float]] = {}
    if errors.exists():
        for one in msgspec.json.decode(errors.read_bytes(), type=list[dict[str, Any]]):
            taken = one["intent_prediction"]
            wrong[plain(one["text"]), one["intent"]] = (taken["name"], float(taken["confidence"]))
    guesses = []
    for example in corpus.examples:
        guess, confidence = wrong.get((example.text, example.intent), (example.intent, 1.0))
        guesses.append(Guess(example.text, example.intent, guess, confidence))
    return guesses


def _fold(line: str) -> None:
    if re.match(r"fold \d+ of|  reading the|writing Rasa", line):
        click.echo(f"{time.strftime('%H:%M:%S')}  {line}")


async def _play(settings: Settings, corpus: Corpus, talks: list[Any]) -> list[Played]:
    from warmline.plugins import load_plugins
    from warmline.rules_file import load_rules
    from warmline.teaching.conversation_tests import TestRunner
    from warmline.teaching.sandbox import sandbox_engine

    if not talks:
        return []
    model = await _model(settings)
    click.echo("Starting an engine and actions of its own, which takes some seconds.")
    played: list[Played] = []
    async with sandbox_engine(settings, model, actions=True, say=click.echo) as (engine, home):
        make_data = load_plugins(settings).test_data
        data = make_data(home) if make_data else None
        player = TestRunner(engine, corpus.responses, data, listed=load_rules(settings.rules_path).facts)
        for number, talk in enumerate(talks, 1):
            result = await player.play(talk, number)
            played.append(result)
            mark = click.style("ok  ", fg="green") if not result.wrong else click.style("FAIL", fg="red")
            click.echo(f"{mark} {talk.file}: {talk.name}")
            for sentence in result.wrong:
                click.echo(f"       {sentence}")
    return played
