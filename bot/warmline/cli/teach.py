"""``warmline faq``, ``intent`` and ``check``: teach the assistant, and see what is wrong with what it was taught."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from warmline.cli.project import ensure_engine, open_project
from warmline.settings import Settings

if TYPE_CHECKING:
    from warmline.teaching.findings import Checked, Finding
    from warmline.teaching.lessons import Change, Lesson
    from warmline.teaching.rasa_tools import Verdict

NEXT = "Try it with: warmline try {question!r}. 'warmline check' says whether it is mixed up with something else."


@click.group()
def faq() -> None:
    """Add questions that have one answer each."""


@faq.command("add")
@click.argument("name")
@click.option("--question", "-q", "questions", multiple=True, help="A way to ask it; may be given several times.")
@click.option("--answer", "-a", "answers", multiple=True, help="The answer; a second one is another wording of it.")
@click.option("--files", default="faq_custom", show_default=True, help="What the files that grow are called.")
def faq_add(name: str, questions: tuple[str, ...], answers: tuple[str, ...], files: str) -> None:
    """
    Teach one question, NAME, and its answer; asks for what is not given.

    NAME may be one of a retrieval intent that is there, like faq/gift_wrapping.
    """
    from warmline.teaching.corpus import read_corpus
    from warmline.teaching.lessons import Lesson, add_faqs, retrieval

    questions = questions or _asked("Ways to ask it, one a line, as a customer would write; an empty line ends:")
    answers = answers or (click.prompt("The answer"),)
    root = open_project().root
    lesson = Lesson(name, questions, answers)
    corpus = read_corpus(root)
    _write(root, add_faqs(root, [lesson], corpus, files), [lesson])
    groups = sorted(retrieval(corpus))
    if groups and "/" not in name:
        click.echo(f"It is an intent of its own; a question of '{groups[0]}' would be called {groups[0]}/{name}.")


@faq.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be taught.")
@click.option("--files", default="faq_custom", show_default=True, help="What the files that grow are called.")
def faq_import(file: Path, dry_run: bool, files: str) -> None:
    """Teach every question of FILE, a .md or a .csv; all of them, or none."""
    from warmline.teaching.corpus import read_corpus
    from warmline.teaching.lessons import add_faqs, read_import, summary

    root = open_project().root
    lessons = read_import(file)
    change = add_faqs(root, lessons, read_corpus(root), files)
    if not dry_run:
        _write(root, change, lessons)
        return
    for lesson in lessons:
        click.echo(f"{lesson.name}: {len(lesson.questions)} x {lesson.questions[0]!r} -> {lesson.answers[0][:80]!r}")
    click.echo(f"Nothing was written. It would be {summary(lessons)} In: {', '.join(change.texts)}.")


@click.group()
def intent() -> None:
    """Add something new that a customer may mean."""


@intent.command("new")
@click.argument("name")
@click.option("--example", "-e", "examples", multiple=True, help="A way to say it; may be given several times.")
@click.option("--answer", "-a", "answers", multiple=True, help="What is answered; a second one is another wording.")
@click.option("--title", default="", help='What a button calls it in "did you mean"; the name in words if not given.')
def intent_new(name: str, examples: tuple[str, ...], answers: tuple[str, ...], title: str) -> None:
    """
    Make the files of an intent NAME: examples, rule, response, domain entry and a conversation that tests it.

    The last example is kept out of the training and becomes the test. Asks for what is not given.
    """
    from warmline.teaching.corpus import read_corpus
    from warmline.teaching.lessons import Lesson, new_intent

    examples = examples or _asked("Ways to say it, one a line; the last becomes the test; an empty line ends:")
    answers = answers or (click.prompt("What is answered"),)
    root = open_project().root
    lesson = Lesson(name, examples, answers, title)
    _write(root, new_intent(root, lesson, read_corpus(root)), [lesson])


@intent.command("example")
@click.argument("name", metavar="INTENT")
@click.argument("text", required=False)
@click.option(
    "--from", "source", metavar="CONVERSATION[:SEQ]", help="What a customer wrote there. Without SEQ: a list."
)
@click.option("--file", default="", help="The file of examples to add it to, if there are several with this intent's.")
@click.option("--replace", "replacing", multiple=True, metavar="OLD=NEW", help="Write NEW where OLD stands.")
@click.option("--as-is", is_flag=True, help="Write what looks personal as it is, without asking.")
def intent_example(
    name: str, text: str | None, source: str | None, file: str, replacing: tuple[str, ...], as_is: bool
) -> None:
    """
    Teach TEXT as one more example of INTENT, from what a customer really wrote.

    What looks like it belongs to one person (addresses, numbers, the customer's name) is shown first, to be replaced or
    left. The record is only read.
    """
    from warmline.teaching.corpus import read_corpus
    from warmline.teaching.errors import TeachingError
    from warmline.teaching.files import write_all
    from warmline.teaching.lessons import MARKED, add_example
    from warmline.teaching.personal import replaced

    if (text is None) == (source is None):
        raise click.UsageError("Give either the text, or --from CONVERSATION:SEQ.")
    settings = open_project()
    names: tuple[str, ...] = ()
    if source is not None:
        text, names = _from_record(settings, source)
        click.echo(f"The customer wrote: {text!r}")
    said = " ".join(str(text).split())
    instead: dict[str, str] = {}
    for pair in replacing:
        old, sign, new = pair.partition("=")
        if not sign or not old or old not in said:
            raise click.UsageError(f"--replace {pair!r}: give OLD=NEW, with an OLD that stands in the text.")
        instead[old] = new
    said = replaced(said, instead)
    if not as_is:
        said = _without_personal(said, names, frozenset(instead.values()))
    if source is not None and MARKED.search(said):
        raise TeachingError(f"'{said}' has brackets that Rasa would read as an entity; replace them with --replace.")
    change, place = add_example(settings.root, name, said, read_corpus(settings.root), file)
    write_all(settings.root, change.texts, new=change.new)
    click.echo(f"Taught {said!r} as {name}, in {place}.")


def _from_record(settings: Settings, source: str) -> tuple[str, tuple[str, ...]]:
    from warmline.cli.terminal import printable
    from warmline.store.upkeep import said

    conversation, sign, number = source.rpartition(":")
    if not sign:
        conversation, number = source, ""
    messages, customer = said(settings.store_path, conversation)
    theirs = {str(message.seq): message for message in messages if message.author == "customer"}
    if number not in theirs:
        for seq, message in theirs.items():
            click.echo(f"{conversation}:{seq}  {printable(message.text)}", err=True)
        raise click.UsageError(f"--from {source!r}: name one of the customer's messages, like {conversation}:SEQ.")
    message = theirs[number]
    return message.text, tuple(name for name in (customer.name,) if name)


def _without_personal(text: str, names: tuple[str, ...], chosen: frozenset[str]) -> str:
    from warmline.teaching.personal import find, replaced

    found = [one for one in find(text, names) if not any(one.text in new for new in chosen)]
    if not found:
        return text
    click.echo("This looks like it belongs to one person. Type what is to stand there instead; '=' leaves it.")
    instead = {}
    for one in found:
        typed = click.prompt(f"  {one.kind} {one.text!r}", default=one.stand_in).strip()
        instead[one.text] = one.text if typed == "=" else typed
    return replaced(text, instead)


def _asked(what: str) -> tuple[str, ...]:
    click.echo(what)
    lines: list[str] = []
    while line := click.prompt(" ", prompt_suffix="", default="", show_default=False).strip():
        lines.append(line)
    return tuple(lines)


def _write(root: Path, change: Change, lessons: list[Lesson]) -> None:
    from warmline.teaching.files import write_all
    from warmline.teaching.lessons import summary

    write_all(root, change.texts, new=change.new)
    click.echo(f"Taught {summary(lessons)}")
    for name in change.texts:
        click.echo(f"  {'new    ' if name in change.new else 'changed'}  {name}")
    few = [lesson.name for lesson in lessons if len(lesson.questions) < 5]
    if few:
        click.echo(f"Few ways to ask: {', '.join(few)}. With ten or more it is understood far better.")
    click.echo(NEXT.format(question=lessons[0].questions[-1]))


@click.command()
@click.option("--all", "everything", is_flag=True, help="Show every finding, not only the most harmful.")
@click.option("--intent", "-i", "intents", multiple=True, help="Only what is about this intent; may be repeated.")
@click.option("--few", default=10, show_default=True, help="How many examples are too few.")
@click.option("--strict", is_flag=True, help="Exit 1 for hints too.")
@click.option("--no-rasa", is_flag=True, help="Leave out Rasa's own validation, which takes half a minute.")
def check(everything: bool, intents: tuple[str, ...], few: int, strict: bool, no_rasa: bool) -> None:
    """Look for mistakes in what was taught. Exits 1 when something is wrong for certain."""
    from warmline.cli.terminal import wrapped
    from warmline.identifiers_file import load_identifiers
    from warmline.rules_file import named_in
    from warmline.teaching.corpus import read_corpus
    from warmline.teaching.findings import about, known_intents
    from warmline.teaching.findings import check as look
    from warmline.teaching.vectors import Vectors

    settings = open_project()
    named = named_in(settings.rules_path, settings.queues) if settings.rules_path.exists() else ()
    load_identifiers(settings.root)
    corpus = read_corpus(settings.root)
    known_intents(corpus, intents)
    click.echo(f"Reading {len(corpus.examples)} examples of {len(corpus.intents)} intents.")
    vectors = Vectors(settings.home / "embeddings.npz")
    checked = about(intents, look(corpus, lambda texts: vectors(texts, _progress), few, named))
    mistakes = sum(finding.is_mistake for finding in checked.findings)
    show(checked, None if everything else 25)
    if not no_rasa:
        click.echo("Asking Rasa.")
        verdict = asyncio.run(validated(settings))
        notes = [note for note in verdict.notes if not intents or any(name in note for name in intents)]
        for note in notes:
            click.echo(wrapped(f"Rasa: {note}", "  "))
        if len(notes) < len(verdict.notes):
            click.echo(f"  Rasa says {len(verdict.notes) - len(notes)} more, about other things.")
        mistakes += len(verdict.notes) if not verdict.good else 0
        if verdict.good:
            click.echo(
                "  Rasa accepts the files." if not verdict.notes else "  Rasa accepts the files, with the above."
            )
    hints = sum(not finding.is_mistake for finding in checked.findings)
    click.echo(f"{mistakes} mistake{'s' * (mistakes != 1)}, {hints} hint{'s' * (hints != 1)}.")
    sys.exit(1 if mistakes or (strict and hints) else 0)


def _progress(done: int, of: int) -> None:
    click.echo(f"  {done} of {of} new sentences read")


def show(checked: Checked, most: int | None) -> None:
    """The table: the two texts side by side, the most harmful first; at most *most* lines of each kind together."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown: list[Finding] = list(checked.findings[:most])
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 160  # a file or a log has no edge; texts side by side need the room
    if shown:
        table = Table(show_lines=False, pad_edge=False, box=None, header_style="bold", expand=False)
        for title in ("what", "this", "and this", "do"):
            table.add_column(title, overflow="fold", ratio=None if title == "what" else 1)
        for finding in shown:
            pair = (finding.one, finding.other)
            sides = [Text("" if side is None else f"{side.name}: {side.text}\n{side.where}".rstrip()) for side in pair]
            style = "red" if finding.is_mistake else "yellow"
            table.add_row(Text(finding.kind, style=style), *sides, Text(finding.advice))
        console.print(table)
    left = Counter(finding.kind for finding in checked.findings[len(shown) :])
    if left:
        parts = ", ".join(f"{count} x {kind}" for kind, count in left.most_common())
        click.echo(f"Less harmful and not shown ({parts}): --all shows them.")
    share = checked.judged.right * 100
    click.echo(f"{share:.1f} % of the examples are taken for what they are by all the others.")


async def validated(settings: Settings) -> Verdict:
    """``rasa data validate`` in the engine's environment. Raises SettingsError when that is not there."""
    from warmline.cli.preconditions import as_launch, check_room
    from warmline.supervisor import LogFile, Warden, run_to_end
    from warmline.teaching.rasa_tools import validate, verdict

    ensure_engine(settings)
    check_room(settings)
    lines: list[str] = []
    log = LogFile(settings.logs_dir / "check.log", lines.append)
    guard = Warden()
    try:
        code, _ = await run_to_end(as_launch(validate(settings.engine_python, settings.root)), log, guard)
    finally:
        log.close()
        await asyncio.to_thread(guard.close)
    return verdict(code, lines)
