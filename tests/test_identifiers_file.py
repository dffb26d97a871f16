"""The one place where a project says what its identifiers look like: regexes with the name of an entity."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from warmline.core.errors import SettingsError
from warmline.identifiers_file import IdentifierFiles, load_identifiers

ROOT = Path(__file__).resolve().parents[1]
PLACE = Path("data") / "numbers.yml"


def write(root: Path, pattern: str, example: str | None, more: str = "") -> None:
    (root / "data").mkdir(exist_ok=True)
    (root / "domain.yml").write_text("entities: [policy, {plate: {roles: [old, new]}}]\n")
    said = f'responses:\n  utter_policy_example:\n  - text: "{example}"\n' if example is not None else ""
    (root / PLACE).write_text(f"nlu:\n- regex: policy\n  examples: |\n    - {pattern}\n{more}{said}")


def test_the_demo_shops_own_file_is_right() -> None:
    """The project as it comes."""
    (orders,) = load_identifiers(ROOT)
    assert (orders.entity, orders.read("a 1042"), orders.example) == ("order_number", "A1042", "A1042")
    assert [one.value for one in orders.find("the parcel 1042 is late, Auftrag 1043 too")] == ["A1042", "A1043"]


def test_every_regex_that_is_an_entity_is_one_with_its_words_and_no_other(tmp_path: Path) -> None:
    """The domain may be in pieces, and the entity may be written with its roles."""
    more = (
        "- regex: greeting\n  examples: |\n    - hi+\n- regex: plate\n  examples: |\n    - [A-Z]{2}\\w+\n"
        "- lookup: policy_words\n  examples: |\n    - contract\n"
    )
    write(tmp_path, r"P\d{5}", "P20481", more)
    policy, plate = load_identifiers(tmp_path)
    assert (policy.entity, policy.words, policy.example) == ("policy", ("contract",), "P20481")
    assert (plate.entity, plate.plain) == ("plate", True)
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain.yml").rename(tmp_path / "domain" / "entities.yml")
    assert [one.entity for one in load_identifiers(tmp_path)] == ["policy", "plate"]


def test_a_project_without_identifiers_has_none(tmp_path: Path) -> None:
    """No file, or none that speaks of them."""
    assert load_identifiers(tmp_path) == ()
    write(tmp_path, r"P\d{5}", None)
    (tmp_path / "domain.yml").write_text("intents: [greet]\n")
    assert load_identifiers(tmp_path) == ()


def test_a_change_is_taken_over_and_a_mistake_is_not(tmp_path: Path) -> None:
    """While the assistant runs; the first reading refuses a mistake."""
    write(tmp_path, r"A\d{4}", "A1042")
    files = IdentifierFiles(tmp_path)
    assert files.now()[0].example == "A1042"
    assert files.now() is files.now()
    write(tmp_path, r"ORD-\d{4}-\d{5}", "ORD-2024-00017")
    os.utime(tmp_path / PLACE, ns=(1, 1))
    assert files.now()[0].read("ord 2024 00018") == "ORD-2024-00018"
    write(tmp_path, r"\d+", "1")
    os.utime(tmp_path / PLACE, ns=(2, 2))
    assert files.now()[0].example == "ORD-2024-00017"
    with pytest.raises(SettingsError):
        IdentifierFiles(tmp_path).now()


@pytest.mark.parametrize(
    ("pattern", "example", "sentence"),
    [
        (r"\d+", "1", "must say how many"),
        (r"ORD-\d{4}", "A1042", "The example 'A1042' does not look like"),
        (r"(\d{4}", None, "cannot be read"),
    ],
)
def test_what_is_of_no_use_is_said_with_the_place(
    tmp_path: Path, pattern: str, example: str | None, sentence: str
) -> None:
    """One sentence that names the file and what was expected."""
    write(tmp_path, pattern, example)
    with pytest.raises(SettingsError, match=sentence) as refused:
        load_identifiers(tmp_path)
    assert refused.value.text.startswith(str(PLACE))


@pytest.mark.parametrize("text", ["regex: [", "entities: [a\n"])
def test_a_file_that_is_not_yaml_is_named(tmp_path: Path, text: str) -> None:
    """When it could say something."""
    (tmp_path / "data").mkdir()
    (tmp_path / PLACE).write_text(text)
    with pytest.raises(SettingsError, match=r"data/numbers\.yml, which may say .* cannot be read"):
        load_identifiers(tmp_path)
