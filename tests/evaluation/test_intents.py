"""The figures over what was understood, and the files they come from."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from warmline.core.errors import SettingsError
from warmline.evaluation.intent_commands import intents
from warmline.evaluation.intents import Reading, confusions, figures, read_labelled, write_labelled, write_readings

READ = [
    Reading("where is it", "order", "order", "order", 0.9),
    Reading("send it back", "return", "oos", "return", 0.3),
    Reading("my money", "refund", "return", "return", 0.8),
    Reading("who won", "oos", "oos", "order", 0.2),
    Reading("sing", "oos", "order", "order", 0.7),
]


def test_a_refused_text_of_ours_counts_as_wrong_unless_said_otherwise() -> None:
    """In-scope accuracy is strict; the other reading and the share refused stand beside it."""
    found = figures(READ)
    assert (found.in_scope, found.out_of_scope) == (3, 2)
    assert found.in_scope_accuracy == pytest.approx(1 / 3)
    assert found.in_scope_accuracy_unthresholded == pytest.approx(2 / 3)
    assert found.in_scope_rejected == pytest.approx(1 / 3)
    assert (found.oos_recall, found.oos_precision) == (0.5, 0.5)
    assert found.accuracy == pytest.approx(2 / 5)


def test_macro_f1_weighs_each_label_alike() -> None:
    """Worked by hand: order 2/3, return 0, refund 0, oos 1/2."""
    assert figures(READ).macro_f1 == pytest.approx((2 / 3 + 0 + 0 + 1 / 2) / 4)


def test_figures_of_nothing_are_unknown_not_zero() -> None:
    """No text at all, and no text out of scope."""
    assert figures([]).accuracy is None
    assert figures(READ[:1]).oos_recall is None


def test_the_most_frequent_confusion_comes_first() -> None:
    """Right answers are not confusions."""
    assert confusions([*READ, READ[2]])[0] == ("refund", "return", 2)


def test_labelled_texts_survive_commas_quotes_and_lines(tmp_path: Path) -> None:
    """What was written is read again, but for blank texts."""
    rows = [('a, "b"\nc', "x"), ("  ", "y"), ("ü", "z")]
    write_labelled(tmp_path / "a.csv", rows)
    assert read_labelled(tmp_path / "a.csv") == [rows[0], rows[2]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"text,intent\na,b\n", "columns text and label"),
        (b"text,label\n", "holds no text"),
        (b"text,label\nhello,\n", "without a label"),
        (b"text,label\n\xff,x\n", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: bytes, reason: str, tmp_path: Path) -> None:
    """One sentence that names the file and what is wrong."""
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SettingsError, match=reason):
        read_labelled(tmp_path / "a.csv")


def test_readings_are_written_one_a_line(tmp_path: Path) -> None:
    """The four columns that others read."""
    write_readings(tmp_path / "out.csv", READ[:2])
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "text,label,intent,confidence",
        "where is it,order,order,0.900000",
        "send it back,return,oos,0.300000",
    ]


def test_one_label_alone_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    """The command ends with exit code 1 and a sentence."""
    write_labelled(tmp_path / "a.csv", [("a", "x"), ("b", "x")])
    done = CliRunner().invoke(intents, ["--train", str(tmp_path / "a.csv"), "--test", str(tmp_path / "a.csv")])
    assert done.exit_code == 1
    assert "two different labels" in done.output
