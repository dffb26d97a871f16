"""What ``faq add``, ``faq import`` and ``intent new`` write, and what they refuse to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warmline.teaching.corpus import read_corpus, read_yaml
from warmline.teaching.errors import TeachingError
from warmline.teaching.files import parsed, with_intent, write_all
from warmline.teaching.lessons import Lesson, add_faqs, name_from, new_intent, read_import

from .conftest import DOMAIN

GIFTS = Lesson("gift_wrapping", ("do you wrap gifts?", "- with a bow: #1"), ('Yes: it costs "3 EUR". # really',))


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def teach(root: Path, *lessons: Lesson) -> None:
    change = add_faqs(root, lessons, read_corpus(root))
    write_all(root, change.texts, new=change.new)


def test_a_question_is_taught_whole(project: Path) -> None:
    """Examples, response, rule and domain entry are there, with the very words; a second lesson comes behind them."""
    teach(project, GIFTS)
    teach(project, Lesson("shop_oslo", ("is there a shop in Oslo",), ("Not yet.", "No.")))
    corpus = read_corpus(project)
    assert corpus.intents[-2:] == ("gift_wrapping", "shop_oslo")
    assert corpus.texts_of("gift_wrapping") == GIFTS.questions
    assert corpus.responses["utter_faq_gift_wrapping"] == GIFTS.answers
    assert corpus.responses["utter_faq_shop_oslo"] == ("Not yet.", "No.")
    assert {"gift_wrapping", "shop_oslo"} <= corpus.answered


def test_what_was_there_stays_byte_for_byte(project: Path) -> None:
    """No file of before is rewritten but domain.yml, which has one line more and every other as it was."""
    before = files(project)
    teach(project, GIFTS)
    after = files(project)
    assert {name for name in before if before[name] != after[name]} == {"domain.yml"}
    lines = after["domain.yml"].decode().splitlines()
    lines.remove("  - gift_wrapping")
    assert lines == DOMAIN.splitlines()


@pytest.mark.parametrize(
    ("lesson", "why"),
    [
        (Lesson("refund", ("what about money",), ("Soon.",)), "already"),
        (Lesson("Bad Name", ("what about it",), ("Soon.",)), "cannot be a name"),
        (Lesson("money", ("When do I get my REFUND",), ("Soon.",)), "taught as refund already"),
        (Lesson("where_now", ("where is a1042?",), ("There.",)), "taught as order_status already"),
        (Lesson("nothing", ("?!",), ("Soon.",)), "no question"),
        (Lesson("nothing", ("what is it",), ("  ",)), "no answer"),
        (Lesson("braces", ("what is it",), ("It is {price}.",)), "braces"),
        (Lesson("marks", ("what is [it](thing)",), ("It.",)), "brackets"),
    ],
)
def test_what_cannot_be_taught_is_refused_and_changes_nothing(project: Path, lesson: Lesson, why: str) -> None:
    """One sentence says why; with one bad lesson the good one beside it is not written either."""
    before = files(project)
    with pytest.raises(TeachingError, match=why):
        teach(project, GIFTS, lesson)
    assert files(project) == before


def test_a_file_that_cannot_grow_is_left_alone(project: Path) -> None:
    """When the file's last part is not the list to grow, the addition would land elsewhere: refused."""
    teach(project, GIFTS)
    path = project / "data" / "nlu" / "faq_custom.yml"
    path.write_text(path.read_text() + "stories: []\n")
    before = files(project)
    with pytest.raises(TeachingError, match="faq_custom"):
        teach(project, Lesson("shop_oslo", ("is there a shop in Oslo",), ("Not yet.",)))
    assert files(project) == before


def test_a_failing_disk_leaves_everything_as_it_was(project: Path) -> None:
    """The third of three files cannot be written: the first two are put back, a new one is gone."""
    (project / "blocked").write_text("a file where a directory should be")
    before = files(project)
    texts = {"domain.yml": "changed", "data/new.yml": "new", "blocked/third.yml": "x"}
    with pytest.raises(TeachingError, match="Nothing was written"):
        write_all(project, texts, new=frozenset({"data/new.yml"}))
    assert files(project) == before


def test_an_intent_brings_its_own_files_and_a_test(project: Path) -> None:
    """The last example becomes the conversation's turn and is not trained; a second time nothing is overwritten."""
    lesson = Lesson("price_match", ("it is cheaper there", "do you match prices"), ("We don't.",), "Match a price")
    change = new_intent(project, lesson, read_corpus(project))
    write_all(project, change.texts, new=change.new)
    assert read_corpus(project).texts_of("price_match") == ("it is cheaper there",)
    assert read_corpus(project).responses["utter_title_price_match"] == ("Match a price",)
    assert read_yaml(project / "tests/conversations/price_match.yml") == {
        "somebody asks about price match": [
            {"say": "do you match prices", "intent": "price_match", "says": ["utter_faq_price_match"]}
        ]
    }
    before = files(project)
    with pytest.raises(TeachingError, match="already"):
        new_intent(project, lesson, read_corpus(project))
    (project / "domain.yml").write_text(DOMAIN)
    (project / "data" / "nlu" / "price_match.yml").unlink()
    (project / "data" / "responses" / "price_match.yml").unlink()
    with pytest.raises(TeachingError, match="there already"):
        new_intent(project, lesson, read_corpus(project))
    assert files(project)["data/rules/price_match.yml"] == before["data/rules/price_match.yml"]


def test_a_markdown_file_is_read_by_its_headings(tmp_path: Path) -> None:
    """A title without text is a chapter; a list below a heading holds more ways to ask; lines join, paragraphs stay."""
    path = tmp_path / "faq.md"
    path.write_text(
        "# FAQ\n\n## Is there a shop in Oslo?\n- a store in oslo?\n\n"
        "Not yet.\nSoon.\n\nWrite to us.\n\n## Vipps?\nYes.\n"
    )
    assert read_import(path) == [
        Lesson("shop_oslo", ("Is there a shop in Oslo?", "a store in oslo?"), ("Not yet. Soon.\n\nWrite to us.",)),
        Lesson("vipps", ("Vipps?",), ("Yes.",)),
    ]


def test_a_table_is_read_by_its_columns(tmp_path: Path) -> None:
    """Rows with the same answer are one lesson; a missing cell is told with its line."""
    path = tmp_path / "faq.csv"
    path.write_text('Question,Answer\nIs there a shop in Oslo?,"Not yet, no."\na store in oslo?,"Not yet, no."\n')
    assert read_import(path) == [
        Lesson("shop_oslo", ("Is there a shop in Oslo?", "a store in oslo?"), ("Not yet, no.",))
    ]
    path.write_text("question,answer\nIs there a shop?,\n")
    with pytest.raises(TeachingError, match="line 2"):
        read_import(path)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.from_regex(r"[a-z][a-z0-9_]{2,20}", fullmatch=True), min_size=1, max_size=5, unique=True))
def test_a_domain_grows_by_any_names_and_keeps_its_meaning(names: list[str]) -> None:
    """However many intents are added, the list ends with them and everything else means what it meant."""
    text = DOMAIN
    for name in names:
        text = with_intent("domain.yml", text, f"x_{name}")
    before, after = parsed(DOMAIN), parsed(text)
    assert after == {**before, "intents": [*before["intents"], *(f"x_{name}" for name in names)]}


def test_a_name_is_made_of_the_words_that_say_something() -> None:
    """Small words are left out, unless nothing else is there."""
    assert name_from("Do you have a shop in Oslo?") == "shop_oslo"
    assert name_from("How is it?") == "how_is_it"
    assert name_from("Öffnen?") == "ffnen"
