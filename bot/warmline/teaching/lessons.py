"""New lessons, a question with its answer or an intent, as additions to the project's files; none is written here."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from warmline.teaching.corpus import BUILT_IN, Corpus, TeachingError
from warmline.teaching.files import with_intent, with_more
from warmline.teaching.likeness import normal

NAME = re.compile(r"[a-z][a-z0-9_]{1,48}[a-z0-9]")
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

NLU, RESPONSES, RULES = "data/nlu/faq_custom.yml", "data/responses/faq_custom.yml", "data/rules/faq_custom.yml"
TALKS = "tests/assistant/conversations"
_HEADINGS = "expected headings such as '## Do you wrap gifts?' with the answer below each"
_COLUMNS = "expected a first line with the columns question and answer, and a row for each question"
EXPECTED = {".md": _HEADINGS, ".markdown": _HEADINGS, ".csv": _COLUMNS}
HEADS = {
    NLU: 'version: "3.1"\n\n# Added with `warmline faq`. Edit it as you like; more is added at the end.\n\nnlu:\n',
    RESPONSES: 'version: "3.1"\n\n# The answers to data/nlu/faq_custom.yml. Edit them as you like.\n\nresponses:\n',
    RULES: 'version: "3.1"\n\n# Which answer belongs to which question of data/nlu/faq_custom.yml.\n\nrules:\n',
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


def checked(lesson: Lesson, corpus: Corpus) -> Lesson:
    """
    *lesson* tidied, if it can be taught beside *corpus*.

    Raises:
        TeachingError: the name is not one, or is taken; a question is taught as something else; there is no answer.
    """
    name = lesson.name
    if not NAME.fullmatch(name):
        raise TeachingError(
            f"'{name}' cannot be a name: use small letters, digits and underscores, like gift_wrapping."
        )
    if name in corpus.intents or name in BUILT_IN:
        place = next((f", in {one.path}" for one in corpus.examples if one.intent == name), "")
        raise TeachingError(f"There is an intent '{name}' already{place}: write more there, or choose another name.")
    if f"utter_faq_{name}" in corpus.responses:
        raise TeachingError(f"There is a response 'utter_faq_{name}' already: choose another name.")
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
            raise TeachingError(f"'{question}' is taught as {taken.intent} already ({where}).")
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


def add_faqs(root: Path, lessons: Sequence[Lesson], corpus: Corpus) -> Change:
    """
    The files that teach *lessons* besides what is there.

    Raises:
        TeachingError: one of them cannot be taught; as :func:`checked`.
    """
    texts = {name: _read(root, name) or head for name, head in HEADS.items()}
    domain = _read(root, "domain.yml")
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
        domain = with_intent(domain, lesson.name)
        texts[NLU] = _grow(NLU, texts[NLU], _nlu(lesson), "nlu")
        texts[RESPONSES] = _grow(RESPONSES, texts[RESPONSES], _response(lesson), "responses")
        texts[RULES] = _grow(RULES, texts[RULES], _rule(lesson), "rules")
    new = frozenset(name for name in HEADS if not (root / name).exists())
    return Change({**texts, "domain.yml": domain}, new)


def new_intent(root: Path, raw: Lesson, corpus: Corpus) -> Change:
    """
    Files of its own for an intent: examples, rule, response and a conversation that tests it.

    Raises:
        TeachingError: one of the files is there already, or as :func:`checked`.
    """
    lesson = checked(raw, corpus)
    name = lesson.name
    head = 'version: "3.1"\n\n'
    held_out = lesson.questions[-1]
    kept = msgspec.structs.replace(lesson, questions=lesson.questions[:-1] or lesson.questions)
    own = {
        f"data/nlu/{name}.yml": head + "nlu:\n" + _nlu(kept),
        f"data/rules/{name}.yml": head + "rules:\n" + _rule(lesson),
        f"data/responses/{name}.yml": head + "responses:\n" + _response(lesson),
        f"{TALKS}/{name}.yml": _talk(name, held_out),
    }
    for path in own:
        if (root / path).exists():
            raise TeachingError(f"Nothing was written: {path} is there already.")
    return Change({**own, "domain.yml": with_intent(_read(root, "domain.yml"), name)}, frozenset(own))


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


def _nlu(lesson: Lesson) -> str:
    return f"- intent: {lesson.name}\n  examples: |\n" + "".join(f"    - {text}\n" for text in lesson.questions)


def _response(lesson: Lesson) -> str:
    texts = "".join(f"  - text: {_quoted(answer)}\n" for answer in lesson.answers)
    title = f"\n  utter_title_{lesson.name}:\n  - text: {_quoted(lesson.title)}\n" if lesson.title else ""
    return f"  utter_faq_{lesson.name}:\n{texts}{title}"


def _rule(lesson: Lesson) -> str:
    title = lesson.name.replace("_", " ")
    return f"- rule: {title}\n  steps:\n  - intent: {lesson.name}\n  - action: utter_faq_{lesson.name}\n"


def _talk(name: str, question: str) -> str:
    title = f"somebody asks about {name.replace('_', ' ')}"
    turn = f"{{say: {_quoted(question)}, intent: {name}, says: [utter_faq_{name}]}}"
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

    gap = "" if text in HEADS.values() else "\n"
    return with_more(name, text, gap + addition, expected)


def _parsed_under(key: str, addition: str) -> Any:
    from warmline.teaching.files import parsed

    return parsed(f"{key}:\n{addition}")[key]


def _read(root: Path, name: str) -> str:
    path = root / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def summary(lessons: Iterable[Lesson]) -> str:
    """What was taught, for the reader of a terminal."""
    counted = list(lessons)
    asked = sum(len(lesson.questions) for lesson in counted)
    return f"{len(counted)} answer{'s' * (len(counted) != 1)}, {asked} way{'s' * (asked != 1)} to ask."
