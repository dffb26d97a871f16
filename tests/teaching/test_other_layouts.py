"""Projects that are not the demo shop: what is taught lands in its place, and what is right is not called wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from warmline.cli import main
from warmline.engine.commands import PACKAGE, fingerprint
from warmline.language.embedding import Embedder
from warmline.teaching.corpus import read_corpus, read_yaml
from warmline.teaching.errors import TeachingError
from warmline.teaching.files import write_all
from warmline.teaching.findings import check
from warmline.teaching.lessons import Lesson, add_example, add_faqs, new_intent
from warmline.teaching.rasa_tools import validate

from . import shapes

EMBED = Embedder().embed
GIFTS = Lesson("gift_wrapping", ("do you wrap gifts", "gift wrapping?"), ("We do: ask at the desk.",))
SHAPES = pytest.mark.parametrize("shape", [shapes.flat, shapes.split])


def files(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before | after if before.get(name) != after.get(name)}


@SHAPES
def test_a_sound_project_has_no_mistakes(tmp_path: Path, shape: Callable[[Path], Path]) -> None:
    """Stories answer, a ResponseSelector answers, an action says what is said, a form asks: all of it counts."""
    corpus = read_corpus(shape(tmp_path / "bot"))
    assert set(corpus.intents) == {"greet", "faq", "book"}
    assert corpus.texts_of("faq/hours") == ("when are you open", "opening hours", "how late are you open")
    assert len(corpus.texts_of("faq")) == 6
    found = check(corpus, EMBED, 3).findings
    assert [one for one in found if one.is_mistake or one.kind == "never said"] == []


def test_a_question_without_its_answer_is_a_mistake(tmp_path: Path) -> None:
    """And the same sentence under two questions of one retrieval intent is another."""
    root = shapes.split(tmp_path / "bot")
    path = root / "data/training/questions.yml"
    path.write_text(
        path.read_text() + "- intent: faq/pets\n  examples: |\n    - can my dog come\n    - Where can I park?\n"
    )
    found = {(one.kind, one.one.name) for one in check(read_corpus(root), EMBED, 1).findings if one.is_mistake}
    assert ("no words", "utter_faq/pets") in found
    assert {kind for kind, _ in found} == {"no words", "same text"}


def test_in_a_flat_project_new_files_say_what_they_hold(tmp_path: Path) -> None:
    """Beside data/nlu.yml; a bot whose policies follow stories gets a story; only domain.yml grows, by one line."""
    root = shapes.flat(tmp_path / "bot")
    before = files(root)
    change = add_faqs(root, [GIFTS], read_corpus(root))
    write_all(root, change.texts, new=change.new)
    after = files(root)
    new = {f"data/faq_custom_{kind}.yml" for kind in ("nlu", "responses", "stories")}
    assert changed(before, after) == new | {"domain.yml"}
    assert set(after["domain.yml"].splitlines()) - set(before["domain.yml"].splitlines()) == {"  - gift_wrapping"}
    assert read_yaml(root / "data/faq_custom_stories.yml")["stories"][0]["steps"] == [
        {"intent": "gift_wrapping"},
        {"action": "utter_faq_gift_wrapping"},
    ]
    second = add_faqs(root, [Lesson("pets", ("can my dog come",), ("Yes.",))], read_corpus(root))
    assert second.new == frozenset()
    write_all(root, second.texts, new=second.new)
    corpus = read_corpus(root)
    assert {"gift_wrapping", "pets"} <= corpus.answered & set(corpus.intents)
    assert [one for one in check(corpus, EMBED, 1).findings if one.is_mistake] == []


def test_in_a_split_domain_nobodys_file_is_touched(tmp_path: Path) -> None:
    """Intent and answer get a file of the domain's folder, examples and rule one beside theirs; all of them grow."""
    root = shapes.split(tmp_path / "bot")
    before = files(root)
    for lesson in (GIFTS, Lesson("pets", ("can my dog come",), ("Yes.",))):
        change = add_faqs(root, [lesson], read_corpus(root), "ours")
        write_all(root, change.texts, new=change.new)
    assert changed(before, files(root)) == {"domain/ours.yml", "data/training/ours.yml", "data/paths/ours_rules.yml"}
    assert read_yaml(root / "domain/ours.yml") == {
        "version": "3.1",
        "intents": ["gift_wrapping", "pets"],
        "responses": {"utter_faq_gift_wrapping": [{"text": GIFTS.answers[0]}], "utter_faq_pets": [{"text": "Yes."}]},
    }
    assert [one for one in check(read_corpus(root), EMBED, 1).findings if one.is_mistake] == []


@SHAPES
def test_an_intent_brings_its_own_files_to_any_project(tmp_path: Path, shape: Callable[[Path], Path]) -> None:
    """With a test in tests/conversations, and without a title where no button has one."""
    root = shape(tmp_path / "bot")
    before = files(root)
    change = new_intent(root, GIFTS, read_corpus(root))
    write_all(root, change.texts, new=change.new)
    touched = changed(before, files(root))
    assert "tests/conversations/gift_wrapping.yml" in touched
    assert touched - change.new == ({"domain.yml"} if shape is shapes.flat else set())
    assert "utter_title_gift_wrapping" not in read_corpus(root).responses
    assert [one for one in check(read_corpus(root), EMBED, 1).findings if one.is_mistake] == []


@SHAPES
def test_one_more_question_of_a_retrieval_intent(tmp_path: Path, shape: Callable[[Path], Path]) -> None:
    """``faq/gift_wrapping`` needs neither rule nor domain entry; of a group that is not there it is refused."""
    root = shape(tmp_path / "bot")
    before = files(root)
    lesson = Lesson("faq/gift_wrapping", GIFTS.questions, GIFTS.answers)
    change = add_faqs(root, [lesson], read_corpus(root))
    write_all(root, change.texts, new=change.new)
    assert len(changed(before, files(root))) == 2
    corpus = read_corpus(root)
    assert corpus.responses["utter_faq/gift_wrapping"] == GIFTS.answers
    assert [one for one in check(corpus, EMBED, 1).findings if one.is_mistake] == []
    with pytest.raises(TeachingError, match="no retrieval intent 'help'"):
        add_faqs(root, [Lesson("help/me", ("help me",), ("Yes.",))], corpus)


@SHAPES
def test_an_example_goes_below_the_last_one_of_its_intent(tmp_path: Path, shape: Callable[[Path], Path]) -> None:
    """One line more, in that file and nowhere else; where it is, is said."""
    root = shape(tmp_path / "bot")
    before = files(root)
    for intent, text in (("book", "table for four: [Voss](city)"), ("faq/parking", "a place for my van")):
        change, place = add_example(root, intent, text, read_corpus(root))
        write_all(root, change.texts, new=change.new)
        [name] = change.texts
        path, _, line = place.partition(":")
        assert (path, files(root)[name].splitlines()[int(line) - 1]) == (name, f"    - {text}")
    [name] = changed(before, files(root))
    lines = files(root)[name].splitlines()
    lines.remove("    - table for four: [Voss](city)")
    lines.remove("    - a place for my van")
    assert lines == before[name].splitlines()
    assert read_corpus(root).texts_of("book")[-1] == "table for four: Voss"


@pytest.mark.parametrize(
    ("intent", "text", "why"),
    [
        ("bok", "a table", "no intent 'bok'. Did you mean book"),
        ("faq", "can I park", "say which: faq/hours, faq/parking"),
        ("book", "Opening hours?", r"taught as faq/hours already \(data/nlu.yml, line \d+\)"),
        ("nlu_fallback", "hrmpf", "no intent"),
        ("book", "?!", "letters"),
    ],
)
def test_an_example_that_cannot_be_taught_is_refused(tmp_path: Path, intent: str, text: str, why: str) -> None:
    """One sentence says why."""
    root = shapes.flat(tmp_path / "bot")
    with pytest.raises(TeachingError, match=why):
        add_example(root, intent, text, read_corpus(root))


def test_examples_written_as_a_list_grow_too(tmp_path: Path) -> None:
    """Quoted, where YAML would read something else; examples with metadata are left to their author."""
    root = shapes.flat(tmp_path / "bot")
    path = root / "data/nlu.yml"
    more = "- intent: bye\n  examples:\n  - goodbye\n- intent: thanks\n  examples:\n  - text: |\n      thanks\n"
    path.write_text(before := path.read_text() + more)
    (root / "domain.yml").write_text(
        (root / "domain.yml").read_text().replace("- book\n", "- book\n  - bye\n  - thanks\n")
    )
    change, _ = add_example(root, "bye", "bye: see you", read_corpus(root))
    assert change.texts["data/nlu.yml"] == before.replace("  - goodbye\n", '  - goodbye\n  - "bye: see you"\n')
    with pytest.raises(TeachingError, match="by hand"):
        add_example(root, "thanks", "thank you", read_corpus(root))


@pytest.mark.parametrize("head", ["# DO NOT EDIT\n", "# This file is generated by our CMS.\n", "\n# @generated\n"])
def test_a_generated_file_is_left_alone(tmp_path: Path, head: str) -> None:
    """Whatever is added there would be lost at the next run of what makes it."""
    root = shapes.flat(tmp_path / "bot")
    path = root / "data/nlu.yml"
    path.write_text(head + path.read_text())
    change, _ = add_example(root, "greet", "good evening", read_corpus(root))
    with pytest.raises(TeachingError, match="is generated"):
        write_all(root, change.texts)
    assert "good evening" not in path.read_text()


def test_nothing_outside_the_project_and_nothing_of_warmline_is_written(tmp_path: Path) -> None:
    """Neither by a path, nor by a link, nor in an environment that lies in the project."""
    root = shapes.flat(tmp_path / "bot")
    (root / "linked").symlink_to(PACKAGE)
    (root / "elsewhere").symlink_to(tmp_path)
    (root / "warmline").mkdir()
    for name in ("../x.yml", "linked/x.yml", "elsewhere/x.yml", ".venv/x.yml", "env/lib/site-packages/warmline/x.yml"):
        with pytest.raises(TeachingError, match="Nothing was written"):
            write_all(root, {name: "x"}, new=frozenset({name}))
    assert not (PACKAGE / "x.yml").exists()
    write_all(root, {"warmline/x.yml": "theirs"})


def test_a_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    """What it leads to, within the project, is what changes."""
    root = shapes.flat(tmp_path / "bot")
    (root / "real.yml").write_text((root / "data/nlu.yml").read_text())
    (root / "data/nlu.yml").unlink()
    (root / "data/nlu.yml").symlink_to(root / "real.yml")
    change, _ = add_example(root, "greet", "good evening", read_corpus(root))
    write_all(root, change.texts)
    assert (root / "data/nlu.yml").is_symlink()
    assert "good evening" in (root / "real.yml").read_text()


@SHAPES
def test_a_change_of_the_domain_is_a_change_of_the_model(tmp_path: Path, shape: Callable[[Path], Path]) -> None:
    """Also where the domain is a folder; and Rasa is asked about that."""
    root = shape(tmp_path / "bot")
    before = fingerprint(root)
    path = next(path for path in sorted(root.glob("domain*/**/*.yml")) or [root / "domain.yml"])
    path.write_text(path.read_text() + "\n# more\n")
    assert fingerprint(root) != before
    argv = validate(Path("python"), root).argv
    assert argv[argv.index("--domain") + 1] == ("domain.yml" if shape is shapes.flat else "domain")


@pytest.fixture
def warmline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The command line on the bot with the split domain: exit code and what was said."""
    root = shapes.split(tmp_path / "bot")
    monkeypatch.setenv("WARMLINE_ROOT", str(root))

    def call(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out + err

    return call


def test_the_commands_work_there(warmline: Callable[..., tuple[int, str]]) -> None:
    """Each says which files it wrote; a check can be narrowed to an intent, and one that is not there is told."""
    code, said = warmline("faq", "add", "gift_wrapping", "-q", "do you wrap gifts", "-a", "Yes.", "--files", "ours")
    assert (code, "new      domain/ours.yml" in said, "faq/gift_wrapping" in said) == (0, True, True)
    code, said = warmline("intent", "new", "pets", "-e", "can my dog come", "-e", "dogs?", "-a", "Yes.")
    assert (code, "tests/conversations/pets.yml" in said) == (0, True)
    code, said = warmline("check", "--no-rasa", "--intent", "pets")
    assert (code, "pets" in said, "gift_wrapping" in said) == (0, True, False)
    code, said = warmline("check", "--no-rasa", "--few", "4", "--intent", "faq")
    assert (code, "greet" in said) == (0, False)
    code, said = warmline("check", "--no-rasa", "--intent", "gifts_wrapping")
    assert (code, "There is no intent 'gifts_wrapping'. There is gift_wrapping" in said) == (1, True)


def test_a_word_that_no_conversation_holds_is_a_failure(warmline: Callable[..., tuple[int, str]]) -> None:
    """``warmline test --only`` says what there is instead."""
    code, said = warmline("test", "--only", "pets")
    assert (code, "There are none at all" in said) == (1, True)
    warmline("intent", "new", "pets", "-e", "can my dog come", "-e", "dogs?", "-a", "Yes.")
    code, said = warmline("test", "--only", "cats")
    assert code == 1
    assert "No conversation has 'cats' in its file or its name. There are 1, in pets (1)." in said
