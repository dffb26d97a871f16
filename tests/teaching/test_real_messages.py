"""``warmline intent example``: what a customer really wrote becomes an example, without what is theirs alone."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmline.cli import main
from warmline.core.conversation import Conversation, Customer, Message
from warmline.core.effects import Keep
from warmline.store.sqlite import SqliteStore
from warmline.teaching.corpus import read_corpus
from warmline.teaching.personal import find, replaced

from . import shapes

WRITTEN = "book a table for Mara, mail mara.k@example.org or 0151 234 5678, ref AB-1042"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to Mara.K@Example.org please", [("e-mail address", "Mara.K@Example.org")]),
        ("call +47 22 33 44 55 or 0151 234567", [("number", "+47 22 33 44 55"), ("number", "0151 234567")]),
        ("where is A1042, and a1042?", [("number", "A1042"), ("number", "a1042")]),
        ("it is me, mara", [("name", "mara")]),
        ("see https://shop.example/o/17?t=abc now", [("link", "https://shop.example/o/17?t=abc")]),
        ("IBAN NO9386011117947", [("number", "NO9386011117947")]),
        ("two of them, 3 for me, at 9 or 10", []),
        ("a marathon is long", []),
    ],
)
def test_what_belongs_to_one_person_is_found(text: str, found: list[tuple[str, str]]) -> None:
    """By its form, and the customer's name in any case; small numbers and other words are nobody's."""
    assert [(one.kind, one.text) for one in find(text, ("Mara Kl",))] == found


def test_a_stand_in_has_the_same_shape_and_is_another() -> None:
    """Letters and groups stay, so that what is learnt is the same."""
    assert [one.stand_in for one in find(WRITTEN, ("Mara K",))] == [
        "Alex", "someone@example.com", "1234 567 8901", "AB-1234",
    ]  # fmt: skip
    assert find("number 1234")[0].stand_in == "5555"


@given(st.text(max_size=80))
def test_any_text_can_be_read_and_loses_nothing_by_itself(text: str) -> None:
    """What is found stands in the text; replacing it by itself changes nothing."""
    found = find(text, (text[:5],))
    assert all(one.text in text for one in found)
    assert replaced(text, {one.text: one.text for one in found}) == text


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A bot of another shape with a record in which one customer wrote one thing, and was answered."""
    root = shapes.split(tmp_path / "bot")

    async def fill() -> None:
        store = SqliteStore(root / ".warmline" / "store.db")
        await store.open()
        begun = Conversation("c_1", Customer("g_1", name="Mara Kelvin"), created_at=1.0, updated_at=1.0, seq=2)
        lines = (
            Message("c_1", 1, 1, 1.0, "customer", WRITTEN, client_id="a"),
            Message("c_1", 2, 1, 1.0, "bot", "Booked."),
        )
        await store.create(begun, tuple(Keep(line) for line in lines))
        await store.close()

    (root / ".warmline").mkdir()
    asyncio.run(fill())
    return root


@pytest.fixture
def warmline(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("WARMLINE_ROOT", str(root))

    def call(*arguments: str, typed: str = "") -> tuple[int, str]:
        path = tmp_path / "typed"
        path.write_text(typed)
        with path.open() as file, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", file)
            with pytest.raises(SystemExit) as ended:
                main(["intent", "example", *arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out + err

    return call


def last(root: Path, intent: str) -> str:
    return read_corpus(root).texts_of(intent)[-1]


def test_what_is_personal_is_shown_and_replaced_before_it_is_written(
    warmline: Callable[..., tuple[int, str]], root: Path
) -> None:
    """Enter takes the stand-in, ``=`` leaves it, anything else stands there instead."""
    code, said = warmline("book", "--from", "c_1:1", typed="\n\n0000\n=\n")
    assert code == 0
    for part in ("Mara", "mara.k@example.org", "0151 234 5678", "AB-1042"):
        assert repr(part) in said
    assert last(root, "book") == "book a table for Alex, mail someone@example.com or 0000, ref AB-1042"
    assert "data/training/questions.yml:14" in said


def test_nothing_is_written_when_nobody_says_what_to_do(warmline: Callable[..., tuple[int, str]], root: Path) -> None:
    """Input that ends is no consent. What was replaced beforehand is not asked; ``--as-is`` takes it all."""
    before = last(root, "book")
    assert warmline("book", "--from", "c_1:1")[0] == 130
    assert last(root, "book") == before
    replacing = ("Mara=Kim", "mara.k@example.org=a@example.com", "0151 234 5678=5550100", "AB-1042=AB-1")
    code, _ = warmline("book", "--from", "c_1:1", *(word for pair in replacing for word in ("--replace", pair)))
    assert (code, last(root, "book")) == (0, "book a table for Kim, mail a@example.com or 5550100, ref AB-1")
    assert warmline("book", "a table, ref AB-77", "--as-is")[0] == 0
    assert last(root, "book") == "a table, ref AB-77"


def test_the_record_is_only_read(warmline: Callable[..., tuple[int, str]], root: Path) -> None:
    """Not a byte of it is another afterwards, also when somebody has it open."""

    def digest() -> str:
        return hashlib.sha256((root / ".warmline" / "store.db").read_bytes()).hexdigest()

    before = digest()
    assert warmline("book", "--from", "c_1:1", "--as-is")[0] == 0
    assert digest() == before


@pytest.mark.parametrize(
    ("source", "code", "why"),
    [
        ("c_1:2", 2, "like c_1:SEQ"),
        ("c_1:9", 2, f"c_1:1  {WRITTEN}"),
        ("c_1", 2, f"c_1:1  {WRITTEN}"),
        ("c_9:1", 1, "no such conversation"),
    ],
)
def test_what_is_not_there_is_told(warmline: Callable[..., tuple[int, str]], source: str, code: int, why: str) -> None:
    """Only a customer's words are an example; those that there are, are listed."""
    ended, said = warmline("book", "--from", source)
    assert (ended, why in said) == (code, True), said


def test_a_project_that_never_ran_has_no_record(warmline: Callable[..., tuple[int, str]], root: Path) -> None:
    """And none is made by asking."""
    path = root / ".warmline" / "store.db"
    path.unlink()
    code, said = warmline("book", "--from", "c_1:1")
    assert (code, str(path) in said) == (1, True)
    assert not path.exists()
