"""data/order_number.yml: the one place where a shop says what its order numbers look like."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from warmline.core.errors import SettingsError
from warmline.order_number_file import PLACE, OrderNumberFile, load_order_numbers

ROOT = Path(__file__).resolve().parents[1]


def write(root: Path, pattern: str, example: str) -> None:
    (root / "data").mkdir(exist_ok=True)
    nlu = f"nlu:\n- regex: order_number\n  examples: |\n    - {pattern}\n"
    said = f'responses:\n  utter_order_number_example:\n  - text: "{example}"\n'
    (root / PLACE).write_text('version: "3.1"\n' + nlu + said)


def test_the_demo_shops_own_file_is_right() -> None:
    """The project as it comes."""
    assert load_order_numbers(ROOT).read("a 1042") == "A1042"


def test_a_change_is_taken_over_and_a_mistake_is_not(tmp_path: Path) -> None:
    """While the assistant runs; the first reading refuses a mistake."""
    write(tmp_path, r"A\d{4}", "A1042")
    file = OrderNumberFile(tmp_path)
    assert file.now().example == "A1042"
    write(tmp_path, r"ORD-\d{4}-\d{5}", "ORD-2024-00017")
    os.utime(tmp_path / PLACE, ns=(1, 1))
    assert file.now().read("ord 2024 00018") == "ORD-2024-00018"
    write(tmp_path, r"\d+", "1")
    os.utime(tmp_path / PLACE, ns=(2, 2))
    assert file.now().example == "ORD-2024-00017"
    with pytest.raises(SettingsError):
        OrderNumberFile(tmp_path).now()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot be read"),
        ("nlu: [", "cannot be read"),
        ("nlu: []\n", "expected a regex"),
        ("- a\n", "expected a regex"),
        ("nlu:\n- regex: order_number\n  examples: |\n    - A\\d{4}\n", "and a response"),
    ],
)
def test_what_is_missing_is_said_with_the_place(tmp_path: Path, text: str | None, sentence: str) -> None:
    """One sentence that names the file and what was expected."""
    (tmp_path / "data").mkdir()
    if text is not None:
        (tmp_path / PLACE).write_text(text)
    with pytest.raises(SettingsError, match=sentence) as refused:
        load_order_numbers(tmp_path)
    assert refused.value.text.startswith(str(PLACE))


def test_an_example_that_is_not_like_the_pattern_is_refused(tmp_path: Path) -> None:
    """Customers would be shown a number that is then refused."""
    write(tmp_path, r"ORD-\d{4}", "A1042")
    with pytest.raises(SettingsError, match="The example 'A1042' does not look like"):
        load_order_numbers(tmp_path)
