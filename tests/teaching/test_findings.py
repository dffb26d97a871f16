"""``warmline check`` finds what was planted, and nothing where nothing is; with the real embedding."""

from __future__ import annotations

from pathlib import Path

import pytest

from warmline.cli.terminal import wrapped
from warmline.language.embedding import Embedder
from warmline.rules_file import named_in
from warmline.teaching.corpus import read_corpus
from warmline.teaching.errors import TeachingError
from warmline.teaching.findings import Checked, Finding, _unknown, check
from warmline.teaching.rasa_tools import verdict
from warmline.teaching.similarity import judge
from warmline.teaching.vectors import Vectors

from ..own_rules import line_of, source, written
from .conftest import nlu

EMBED = Embedder().embed


def checked(root: Path, few: int = 5) -> Checked:
    return check(read_corpus(root), EMBED, few)


def plant(root: Path, text: str, kind: str = "nlu") -> None:
    (root / "data" / kind / "planted.yml").write_text(f'version: "3.1"\n{kind}:\n{text}')


def of_kind(found: Checked, kind: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.kind == kind]


def test_a_sound_project_has_no_mistakes(project: Path) -> None:
    """Nothing is called a mistake, and most examples are taken for what they are."""
    found = checked(project)
    assert [finding for finding in found.findings if finding.is_mistake] == []
    assert found.judged.right > 0.7


def test_the_same_sentence_under_two_intents_is_found(project: Path) -> None:
    """Case and punctuation make no difference; both places are named; it comes before every hint."""
    plant(project, nlu("bye", ["Refund, please!"]))
    first = checked(project).findings[0]
    assert first.kind == "same text"
    assert first.is_mistake
    assert {first.one.name, first.other.name if first.other else ""} == {"refund", "bye"}
    assert {first.one.text, first.other.text if first.other else ""} == {"refund please", "Refund, please!"}
    assert {first.one.where.split(":")[0], first.other.where.split(":")[0] if first.other else ""} == {
        "data/nlu/all.yml",
        "data/nlu/planted.yml",
    }


def test_a_typo_does_not_hide_a_duplicate(project: Path) -> None:
    """Nearly the same letters in another intent are a hint, with the two texts side by side."""
    plant(project, nlu("refund", ["how much is delivry"]))
    pairs = [{pair.one.text, pair.other.text} for pair in of_kind(checked(project), "nearly the same") if pair.other]
    assert {"how much is delivry", "how much is delivery"} in pairs


def test_an_example_in_the_wrong_intent_is_found(project: Path) -> None:
    """Among what the others would take for something else, the planted one is the worst, beside its nearest example."""
    plant(project, nlu("greet", ["I would like to know what it costs to have something delivered to me"]))
    worst = of_kind(checked(project), "confused")[0]
    assert (worst.one.name, worst.other.name if worst.other else "") == ("greet", "delivery_cost")
    assert worst.one.text.startswith("I would like to know")
    assert worst.one.where == "data/nlu/planted.yml:5"


def test_few_examples_and_repeated_ones_are_found(project: Path) -> None:
    """Below the limit the intent is named with its number; the same example twice is the smallest of worries."""
    plant(project, nlu("bye", ["goodbye", "Goodbye"]))
    found = checked(project, few=9)
    assert {finding.one.name for finding in of_kind(found, "few examples")} >= {"greet", "refund"}
    assert found.findings[-1].kind == "said twice"


@pytest.mark.parametrize(
    ("change", "kind", "name"),
    [
        (lambda root: grow_domain(root, "warranty"), "no answer", "warranty"),
        (lambda root: grow_domain(root, "warranty"), "no examples", "warranty"),
        (lambda root: plant(root, nlu("unheard", ["la la la"])), "not in domain", "unheard"),
        (lambda root: plant(root, RULE, "rules"), "no words", "utter_never_written"),
        (
            lambda root: plant(root, "  utter_left_over:\n  - text: Well.\n", "responses"),
            "never said",
            "utter_left_over",
        ),
    ],
)
def test_a_gap_is_found(project: Path, change: object, kind: str, name: str) -> None:
    """An intent without rule or examples, examples without intent, a rule without words, words without use."""
    assert callable(change)
    before = [finding.one.name for finding in of_kind(checked(project), kind)]
    change(project)
    after = [finding.one.name for finding in of_kind(checked(project), kind)]
    assert name not in before
    assert name in after


def test_every_response_that_the_assistant_uses_is_written() -> None:
    """What its rules, forms and actions say has words."""
    corpus = read_corpus(Path(__file__).resolve().parents[2])
    used = {name for name in corpus.used - corpus.actions if name.startswith("utter_")}
    assert {name for name in used if not name.startswith("utter_ask_")} <= corpus.responses.keys()


RULE = "- rule: planted\n  steps:\n  - intent: greet\n  - action: utter_never_written\n"


def test_what_the_rules_name_and_the_domain_does_not_have_is_found(project: Path) -> None:
    """Intents, slots and entities of escalation.yml, with the line; what Rasa and Warmline add themselves is known."""
    (project / "domain.yml").write_text((project / "domain.yml").read_text() + "slots:\n  plan:\n    type: text\n")
    intent, slot = "[refund, refnd, nlu_fallback]", "{plan: gold, plna: gold, requested_slot: x}"
    text = source(
        f"{{intent: {intent}, slot: {slot}, entity: [card, order_number]}}",
        topics="gold: {intents: [gold_card]}",
        intents="ask_person: [warmline_ask_person]",
    )
    named = [one for one in named_in(written(project, text)) if one.by in ("rule own", "topic gold", "ask_person")]
    found = of_kind(check(read_corpus(project), EMBED, 5, named), "not in domain")
    rule = f"escalation.yml:{line_of(text, '{intent: [refund,')}"
    assert {(one.one.name, one.one.text, one.one.where) for one in found} == {
        ("refnd", "intent, named by rule own", rule),
        ("plna", "slot, named by rule own", rule),
        ("card", "entity, named by rule own", rule),
        ("gold_card", "intent, named by topic gold", f"escalation.yml:{line_of(text, 'gold: {intents')}"),
    }
    assert all(one.is_mistake for one in found)


def test_the_shop_s_rules_name_only_what_its_domain_has() -> None:
    """The shipped escalation.yml against the shipped domain."""
    root = Path(__file__).resolve().parents[2]
    corpus, named = read_corpus(root), named_in(root / "escalation.yml")
    assert list(_unknown(corpus, named)) == []


def grow_domain(root: Path, intent: str) -> None:
    path = root / "domain.yml"
    path.write_text(path.read_text().replace("  - bye\n", f"  - bye\n  - {intent}\n"))


def test_a_file_that_is_not_yaml_is_told_with_its_line(project: Path) -> None:
    """No traceback: the file and the line."""
    plant(project, "- intent: [unclosed\n")
    with pytest.raises(TeachingError, match=r"planted\.yml, line \d"):
        read_corpus(project)


def test_vectors_are_kept_and_only_new_sentences_are_read(tmp_path: Path) -> None:
    """A second run embeds what is new; a damaged file is made anew; what comes back is the same."""
    asked: list[str] = []

    def embed(texts: list[str]) -> object:
        asked.extend(texts)
        return EMBED(texts)

    file = tmp_path / "home" / "embeddings.npz"
    first = Vectors(file, embed)(["one thing", "another"])  # type: ignore[arg-type]
    second = Vectors(file, embed)(["another", "a third", "one thing"])  # type: ignore[arg-type]
    assert asked == ["one thing", "another", "a third"]
    assert abs(second[[2, 0]] - first).max() < 0.001
    file.write_bytes(b"PK damaged")
    Vectors(file, embed)(["another"])  # type: ignore[arg-type]
    assert asked[-1] == "another"


def test_every_sentence_is_judged_by_the_others_only() -> None:
    """Two intents with the same two sentences each, swapped: a model that saw the sentence itself would be right."""
    texts = ["where is my parcel", "the weather is nice", "where is my parcel", "the weather is nice"]
    judged = judge(["a", "a", "b", "b"], EMBED(texts))
    assert len(judged.mistaken) == 4


def test_rasas_own_words_are_boiled_down() -> None:
    """Colours and what Rasa cannot know are left out, the rest is told once; a failure always has a reason."""
    line = "\x1b[93m/x/io.py:100: UserWarning: The intent 'x' is listed in the domain file, but nowhere else.\x1b[0m"
    noise = "io.py:100: UserWarning: The utterance 'utter_order' is not used in any story or rule."
    assert verdict(0, [line, noise, line]).notes == ("The intent 'x' is listed in the domain file, but nowhere else.",)
    assert verdict(1, ["Traceback", "ValueError: bad"]) == verdict(1, ["ValueError: bad"])
    assert verdict(1, []).notes


def test_a_message_of_several_lines_arrives_whole() -> None:
    """The file stands in the first line of a warning, and what is wrong with it in the second; an error has a place."""
    start = "\x1b[93m/x/io.py:100: UserWarning: "
    lines = [
        "2026-12-01 00:50:59 INFO     rasa.validator  - Validating intents...",
        start + "Issue found in 'data/stories.yml': ",
        "Found intent 'boook' in stories which is not part of the domain.",
        "  More info at https://rasa.com/docs/rasa/stories",
        "\x1b[0m2026-12-01 00:51:06 INFO     rasa.validator  - Validating utterances...",
        "/x/pkg.py:134: DeprecationWarning: pkg_resources is deprecated",
        "  import pkg_resources",
        "2026-12-01 00:51:06 ERROR    rasa.validator  - It is bad,",
        "for two reasons.",
        "Processed story blocks: 100%",
    ]
    assert verdict(0, lines).notes == (
        "Issue found in 'data/stories.yml':\nFound intent 'boook' in stories which is not part of the domain.\n"
        "More info at https://rasa.com/docs/rasa/stories",
        "It is bad,\nfor two reasons.",
    )
    error = [
        "\x1b[91mYamlSyntaxException: Failed to read 'data/nlu.yml'. while scanning for the next token",
        "found character '|' that cannot start any token",
        '  in "data/nlu.yml", line 9, column 13:',
        "",
        "You can use https://yamlchecker.com/ to validate the YAML syntax of your file.\x1b[0m",
    ]
    [note] = verdict(1, [*lines[:1], *error]).notes
    assert note.startswith("YamlSyntaxException: Failed to read 'data/nlu.yml'.")
    assert "line 9, column 13" in note
    assert note.endswith("of your file.")


def test_a_long_note_is_wrapped_and_loses_no_word() -> None:
    """Lines of a note stay lines; none is wider than the page, and those after the first stand further in."""
    text = "Rasa: " + "reason " * 40 + "\n/a/very/long/path/" + "x" * 120 + "/domain.yml"
    lines = wrapped(text, "  ").splitlines()
    assert " ".join(" ".join(lines).split()) == " ".join(text.split())
    assert all(len(line) <= 100 for line in lines[:-1])
    assert lines[0].startswith("  Rasa: ")
    assert all(line.startswith("    ") for line in lines[1:])
