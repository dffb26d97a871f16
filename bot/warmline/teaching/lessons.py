"""New lessons, a question with its answer or an intent, as additions to the project's files; none is written here."""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from warmline.teaching.corpus import BUILT_IN, OURS, Corpus, plain
from warmline.teaching.errors import TeachingError
from warmline.teaching.files import parsed, with_example, with_intent, with_more
from warmline.teaching.layout import Kind, Layout, layout_of
from warmline.teaching.similarity import normal

NAME = re.compile(r"[a-z][a-z0-9_]{1,48}[a-z0-9]")
FILE_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,60}")
MARKED = re.compile(r"\[[^\]]*\]\s*[({]")
MAX_ANSWER_CHARS = 2_000
MAX_TITLE_CHARS = 40
"""What fits on a button."""
SMALL = frozenset(
    re.findall(
        r"\w+",
        "a an and any are be can could did do does for from get have how i if im in is it its may me my of on or our "
        "shall should some that the there they this to we what whats when where which who why will with would you your",
    )
)
"""Words that say little in a name."""

FILES = "faq_custom"
"""What the files of ``warmline faq`` are called when no other name was given."""
_HEADINGS = "expected headings such as '## Do you wrap gifts?' with the answer below each"
_COLUMNS = "expected a first line with the columns question and answer, and a row for each question"
EXPECTED = {".md": _HEADINGS, ".markdown": _HEADINGS, ".csv": _COLUMNS}
VERSION = 'version: "3.1"\n\n'
HEADS = {
    "nlu": "# Added with `warmline faq`. Edit it as you like; more is added at the end.\n\nnlu:\n",
    "responses": "# Answers, added with `warmline faq`. Edit them as you like.\n\nresponses:\n",
    "rules": "# Which answer belongs to which question, added with `warmline faq`.\n\nrules:\n",
    "stories": "# Which answer belongs to which question, added with `warmline faq`.\n\nstories:\n",
}


class Lesson(msgspec.Struct, frozen=True):
    """
    An intent *name*, ways to say it (*questions*) and what is answered (*answers*: wordings of one answer). *title* is
    what a button calls it when the assistant is not sure what was meant; without one it is never offered there.
    """

    name: str
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    title: str = ""


class Change(msgspec.Struct, frozen=True):
    """The new *texts* of files, by path relative to the project; those in *new* are not there yet."""

    texts: dict[str, str]
    new: frozenset[str]


def name_from(question: str) -> str:
    """A name for *question*: ``Do you wrap my gifts?`` becomes ``wrap_gifts``."""
    words = re.findall(r"[a-z0-9]+", question.lower().replace("'", ""))
    name = "_".join([word for word in words if word not in SMALL][:5] or words[:5])[:48].strip("_")
    return name if NAME.fullmatch(name) else f"faq_{name}".strip("_")


def retrieval(corpus: Corpus) -> frozenset[str]:
    """The retrieval intents whose answers are looked up (by a ResponseSelector, in the action ``utter_NAME``)."""
    named = {key.split("/")[0] for key in corpus.keys}
    return frozenset(name for name in named if f"utter_{name}" in corpus.used)


def checked(lesson: Lesson, corpus: Corpus) -> Lesson:
    """
    *lesson* tidied, if it can be taught beside *corpus*.

    A name in two parts (``faq/gift_wrapping``) is one more question of a retrieval intent that is there.

    Raises:
        TeachingError: the name is not one, or is taken; a question is taught as something else; there is no answer.
    """
    name = lesson.name
    group, _, own = name.rpartition("/")
    if group and group not in retrieval(corpus):
        there = ", ".join(sorted(retrieval(corpus)))
        raise TeachingError(
            f"There is no retrieval intent '{group}' that '{own}' could be a question of"
            + (f"; there is {there}." if there else f": 'warmline faq add {own}' makes an intent of its own.")
        )
    if not NAME.fullmatch(own):
        raise TeachingError(
            f"'{name}' cannot be a name: use small letters, digits and underscores, like gift_wrapping."
        )
    if name in corpus.keys or name in corpus.intents or name in BUILT_IN or OURS.match(name):
        if OURS.match(name):
            raise TeachingError(f"'{name}' is a name of Warmline's own: choose another.")
        place = next((f", in {one.path}" for one in corpus.examples if name in (one.intent, one.key)), "")
        raise TeachingError(f"There is an intent '{name}' already{place}: write more there, or choose another name.")
    if response_of(name) in corpus.responses:
        raise TeachingError(f"There is a response '{response_of(name)}' already: choose another name.")
    known = {normal(example.text): example for example in corpus.examples}
    questions: dict[str, str] = {}
    for raw in lesson.questions:
        question = " ".join(raw.split())
        if not any(sign.isalnum() for sign in question):
            continue
        if MARKED.search(question):
            raise TeachingError(f"'{question}' has brackets that Rasa would read as an entity; leave them out.")
        taken = known.get(normal(question))
        if taken is not None:
            where = f"{taken.path}, line {taken.line}"
            raise TeachingError(f"'{question}' is taught as {taken.key} already ({where}).")
        questions.setdefault(normal(question), question)
    answers = tuple(answer.strip() for answer in lesson.answers if answer.strip())
    if not questions:
        raise TeachingError(f"'{name}' has no question: give at least one, as a customer would write it.")
    if not answers:
        raise TeachingError(f"'{name}' has no answer: give at least one.")
    if "{" in lesson.title or len(lesson.title) > MAX_TITLE_CHARS:
        raise TeachingError(f"The title of '{name}' must have {MAX_TITLE_CHARS} characters at most, and no braces.")
    for answer in answers:
        if len(answer) > MAX_ANSWER_CHARS:
            raise TeachingError(f"The answer to '{name}' is longer than {MAX_ANSWER_CHARS} characters.")
        if re.search(r"\{\s*\w*\s*\}", answer):
            raise TeachingError(f"The answer to '{name}' holds braces, which Rasa would fill in; leave them out.")
    return Lesson(name, tuple(questions.values()), answers, " ".join(lesson.title.split()))


def response_of(name: str) -> str:
    """The response that answers the intent *name*."""
    return f"utter_{name}" if "/" in name else f"utter_faq_{name}"


def add_faqs(root: Path, lessons: Sequence[Lesson], corpus: Corpus, files: str = FILES) -> Change:
    """
    The files that teach *lessons* besides what is there; those that grow are called *files*, each in its place.

    Raises:
        TeachingError: one of them cannot be taught; as :func:`checked`.
    """
    if not FILE_NAME.fullmatch(files):
        raise TeachingError(f"'{files}' cannot be the name of files: use letters, digits, underscores and hyphens.")
    grown = _Grown(root, layout_of(root), files)
    seen: dict[str, str] = {}
    names: set[str] = set()
    for raw in lessons:
        lesson = checked(raw, corpus)
        if lesson.name in names:
            raise TeachingError(f"'{lesson.name}' is there twice.")
        names.add(lesson.name)
        for question in lesson.questions:
            other = seen.setdefault(normal(question), lesson.name)
            if other != lesson.name:
                raise TeachingError(f"'{question}' is asked under '{other}' and under '{lesson.name}'.")
        grown.teach(lesson)
    return grown.change()


def new_intent(root: Path, raw: Lesson, corpus: Corpus) -> Change:
    """
    Files of its own for an intent: examples, rule (or story), response and a conversation that tests it.

    Raises:
        TeachingError: one of the files is there already, or as :func:`checked`.
    """
    if "/" in raw.name:
        raise TeachingError(f"'{raw.name}' is a question of a retrieval intent: 'warmline faq add {raw.name}' adds it.")
    lesson = checked(raw, corpus)
    name, layout = lesson.name, layout_of(root)
    if not lesson.title and any(response.startswith("utter_title_") for response in corpus.responses):
        lesson = msgspec.structs.replace(lesson, title=name.replace("_", " ").capitalize()[:MAX_TITLE_CHARS])
    held_out = lesson.questions[-1]
    own = _Grown(root, layout, name, headed=False)
    taken = [*own.places.values(), f"{layout.talks}/{name}.yml"]
    for path in taken:
        if (root / path).exists():
            raise TeachingError(f"Nothing was written: {path} is there already.")
    own.teach(lesson, lesson.questions[:-1] or lesson.questions)
    own.texts[f"{layout.talks}/{name}.yml"] = _talk(name, held_out)
    return own.change()


class _Grown:
    """
    The texts of the files called *name* of the project, each with what was taught to it. *headed*: a file that begins
    says what it is.
    """

    def __init__(self, root: Path, layout: Layout, name: str, *, headed: bool = True) -> None:
        self._root, self._layout, self._headed = root, layout, headed
        self._steps: Literal["rules", "stories"] = "rules" if _has_rules(root) else "stories"
        kinds: tuple[Kind, ...] = ("nlu", "responses", self._steps)
        self.places = {kind: layout.place(kind, name) for kind in kinds}
        self.texts: dict[str, str] = {}

    def teach(self, lesson: Lesson, questions: Sequence[str] = ()) -> None:
        """Add *lesson*, with *questions* of its own to learn from if they are not all."""
        self._grow("nlu", _nlu(lesson.name, questions or lesson.questions))
        if self._layout.split and "/" not in lesson.name:
            self._list(self.places["responses"], lesson.name)
        self._grow("responses", _response(lesson))
        if "/" in lesson.name:
            return  # its group has its rule, and its place in the domain
        self._grow(self._steps, _steps(lesson.name, self._steps))
        if not self._layout.split:
            self._list(self._layout.shown(self._layout.domain[0]), lesson.name)

    def change(self) -> Change:
        """What is to be written."""
        return Change(self.texts, frozenset(name for name in self.texts if not (self._root / name).exists()))

    def _list(self, place: str, name: str) -> None:
        before = self.texts.get(place) or _read(self._root, place)
        if not before:  # the first of a file of a split domain
            self.texts[place] = VERSION + f"intents:\n  - {name}\n\nresponses:\n"
        else:
            self.texts[place] = with_intent(place, before, name)

    def _grow(self, kind: Kind, addition: str) -> None:
        place = self.places[kind]
        head = VERSION + (HEADS[kind] if self._headed else f"{kind}:\n")
        before = self.texts.get(place) or _read(self._root, place) or head
        if not re.search(rf"^{kind}\s*:", before, re.M):
            before = before.rstrip("\n") + f"\n\n{kind}:\n"
        self.texts[place] = _grow(place, before, addition, kind)


def _has_rules(root: Path) -> bool:
    """Whether the bot has a policy that follows rules; where none is, a story says the same."""
    config = _read(root, "config.yml")
    return not config or "RulePolicy" in config or "policies" not in config


def add_example(root: Path, intent: str, said: str, corpus: Corpus, file: str = "") -> tuple[Change, str]:
    """
    The file that teaches *said* as one more example of *intent*, and its place (``PATH:LINE``): below its last example
    there, in *file* if one was named, else where most of its examples are.

    Raises:
        TeachingError: there is no such intent, or *said* is taught already, or the file cannot be added to.
    """
    text = " ".join(said.split())
    examples = [one for one in corpus.examples if intent in (one.intent, one.key)]
    questions = sorted({one.key for one in examples})
    if intent not in (*corpus.intents, *corpus.keys) or intent in BUILT_IN:
        raise TeachingError(f"There is no intent '{intent}'.{_meant(intent, (*corpus.intents, *corpus.keys))}")
    if len(questions) > 1 or (questions and questions[0] != intent):
        raise TeachingError(f"'{intent}' has a question for each answer; say which: {', '.join(questions)}.")
    if not any(sign.isalnum() for sign in text):
        raise TeachingError("There is nothing to learn in a text without letters.")
    known = next((one for one in corpus.examples if normal(one.text) == normal(plain(text))), None)
    if known is not None:
        raise TeachingError(f"'{text}' is taught as {known.key} already ({known.path}, line {known.line}).")
    if file and file not in {one.path for one in corpus.examples}:
        raise TeachingError(f"{file} holds no examples.")
    if file and not any(one.path == file for one in examples):
        there = ", ".join(sorted({one.path for one in examples}))
        raise TeachingError(f"{file} holds no example of '{intent}'; there are some in {there or 'no file'}.")
    if not examples:
        place = layout_of(root).place("nlu", intent.replace("/", "_"))
        before = _read(root, place) or VERSION + "nlu:\n"
        grown = _grow(place, before, _nlu(intent, [text]), "nlu")
        return Change(
            {place: grown}, frozenset({place} - {place if (root / place).exists() else ""})
        ), f"{place}:{grown.count(chr(10))}"
    counted = Counter(one.path for one in examples)
    place = file or min(counted, key=lambda path: (-counted[path], path))
    line = max(one.line for one in examples if one.path == place)
    return Change({place: with_example(place, _read(root, place), line, text)}, frozenset()), f"{place}:{line + 1}"


def _meant(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(names), 3, 0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def read_import(path: Path) -> list[Lesson]:
    """
    The lessons of a file.

    A ``.csv`` has the columns ``question`` and ``answer`` (and ``name`` if you like), separated by commas, semicolons
    or tabs; rows with the same answer, or the same name, are ways to ask the same. In a ``.md`` each heading is a
    question, further ways to ask are a list right below it, and the text after that is the answer.

    Raises:
        TeachingError: the file cannot be read, or is neither; names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else "it is not UTF-8; save it as UTF-8 and try again"
        raise TeachingError(f"{path} cannot be read: {why}.") from None
    if path.suffix.lower() == ".csv":
        found = _from_csv(path, text)
    elif path.suffix.lower() in (".md", ".markdown"):
        found = _from_markdown(path, text)
    else:
        raise TeachingError(f"{path}: expected a file that ends in .md or .csv.")
    if not found:
        raise TeachingError(f"{path} holds no question with an answer: {EXPECTED[path.suffix.lower()]}.")
    return found


def _from_csv(path: Path, text: str) -> list[Lesson]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)  # a spreadsheet writes what its country uses
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    columns = {(column or "").strip().lower(): column for column in rows.fieldnames or ()}
    if not {"question", "answer"} <= columns.keys():
        raise TeachingError(f"{path}, line 1: {_COLUMNS}.")
    grouped: dict[str, Lesson] = {}
    for row in rows:
        question = (row.get(columns["question"]) or "").strip()
        answer = (row.get(columns["answer"]) or "").strip()
        name = (row.get(columns["name"]) or "").strip() if "name" in columns else ""
        if not question and not answer:
            continue
        before = grouped.get(name or answer)
        if not question or not (answer or before):
            what = "question" if not question else "answer"
            raise TeachingError(f"{path}, line {rows.line_num}: the {what} is missing.")
        if before is None:
            grouped[name or answer] = Lesson(name or name_from(question), (question,), (answer,))
        else:
            answers = before.answers if not answer or answer in before.answers else (*before.answers, answer)
            grouped[name or answer] = Lesson(before.name, (*before.questions, question), answers)
    return list(grouped.values())


def _from_markdown(path: Path, text: str) -> list[Lesson]:
    found: list[Lesson] = []
    blocks = list(re.finditer(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$\n?", text, re.M))
    for at, heading in enumerate(blocks):
        end = blocks[at + 1].start() if at + 1 < len(blocks) else len(text)
        body = text[heading.end() : end].strip("\n")
        questions: list[str] = [heading[2].strip()]
        answer: list[str] = []
        for line in body.splitlines():
            other = re.match(r"\s*[-*]\s+(.+)", line)
            if other and not answer:
                questions.append(other[1].strip())
            elif line.strip() or answer:
                answer.append(line.strip())
        words = re.sub(r"\n{2,}", "\n\n", "\n".join(answer)).strip()
        if not words:
            deeper = at + 1 < len(blocks) and len(blocks[at + 1][1]) > len(heading[1])
            if deeper and len(questions) == 1:
                continue  # the title of a chapter
            line_number = text.count("\n", 0, heading.start()) + 1
            raise TeachingError(
                f"{path}, line {line_number}: '{heading[2].strip()}' has no answer: write it below, after the list."
            )
        found.append(Lesson(name_from(heading[2]), tuple(questions), (re.sub(r"(?<!\n)\n(?!\n)", " ", words),)))
    return found


def _nlu(name: str, questions: Sequence[str]) -> str:
    return f"- intent: {name}\n  examples: |\n" + "".join(f"    - {text}\n" for text in questions)


def _response(lesson: Lesson) -> str:
    texts = "".join(f"  - text: {_quoted(answer)}\n" for answer in lesson.answers)
    title = f"\n  utter_title_{lesson.name}:\n  - text: {_quoted(lesson.title)}\n" if lesson.title else ""
    return f"  {response_of(lesson.name)}:\n{texts}{title}"


def _steps(name: str, kind: Literal["rules", "stories"]) -> str:
    what = {"rules": "rule", "stories": "story"}[kind]
    title = name.replace("_", " ")
    return f"- {what}: {title}\n  steps:\n  - intent: {name}\n  - action: {response_of(name)}\n"


def _talk(name: str, question: str) -> str:
    title = f"somebody asks about {name.replace('_', ' ')}"
    turn = f"{{say: {_quoted(question)}, intent: {name}, says: [{response_of(name)}]}}"
    return f"{_quoted(title)}:\n- {turn}\n"


def _quoted(text: str) -> str:
    """*text* as a double-quoted YAML scalar, which JSON's is."""
    return json.dumps(text, ensure_ascii=False)


def _grow(name: str, text: str, addition: str, key: str) -> str:
    more = _parsed_under(key, addition)

    def expected(before: Any) -> Any:
        part = before.get(key)
        if isinstance(more, dict):
            return {**before, key: {**(part or {}), **more}}
        return {**before, key: [*(part or ()), *more]}

    gap = "" if text.rstrip().endswith(f"{key}:") else "\n"
    return with_more(name, text, gap + addition, expected)


def _parsed_under(key: str, addition: str) -> Any:
    return parsed(f"{key}:\n{addition}")[key]


def _read(root: Path, name: str) -> str:
    path = root / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def summary(lessons: Iterable[Lesson]) -> str:
    """What was taught, for the reader of a terminal."""
    counted = list(lessons)
    asked = sum(len(lesson.questions) for lesson in counted)
    return f"{len(counted)} answer{'s' * (len(counted) != 1)}, {asked} way{'s' * (asked != 1)} to ask."
