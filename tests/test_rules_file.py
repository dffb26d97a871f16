"""escalation.yml: the shipped one is right, and every mistake names its line and what was expected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from warmline.core.errors import SettingsError
from warmline.core.fact_list import FactList
from warmline.language.other_languages import CRISIS
from warmline.rules_file import TONGUES, load_rules, named_in
from warmline.settings import load

from .own_rules import line_of, source, written

SHIPPED = Path(__file__).resolve().parents[1] / "escalation.yml"


def test_the_shipped_file_is_valid() -> None:
    """It has the sensitivity that it names, and a rule for every cause the bridge needs."""
    rules = load_rules(SHIPPED)
    assert rules.sensitivity == "balanced"
    assert {"crisis", "asked", "engine_down", "taken_over"} <= {rule.name for rule in rules.rules}


@pytest.mark.parametrize(
    ("was", "becomes", "at", "expected"),
    [
        ("sensitivity: balanced", "sensitivity: nervous", "sensitivity: nervous", "calm, balanced, eager"),
        ("balanced: {upset: 0.", "balanced: {upset: 0.9", "balanced: {upset", "upset not above angry"),
        ("{topic: fraud}", "{topic: frod}", "{topic: frod}", "danger, threat"),
        ("{mood: angry,", "{mood: cross,", "{mood: cross,", "cross"),
        ("{mood: angry,", "{moood: angry,", "{moood: angry,", "'moood' is not known here. Known: asked, crisis"),
        ("urgency_min: 15", "urgency_min: soon", "urgency_min: soon", "int"),
        ("a person. {help_line} ", "a person. ", 'say: "You matter', "{help_line}"),
        ("with this. {help_line} ", "with this. ", 'say_again: "Please', "{help_line}"),
        ('      de: "Bitte warten Sie damit', '      xx: "Bitte warten Sie damit', "      xx:", "de, fr, es, pt, it"),
        ("{asked} and", "{askd} and", "{askd} and", "'{askd}' is not known"),
        ("- name: outage", "- name: fraud", None, "two rules named 'fraud'"),
        ("when: {asked: true}", "when: {failures: 9}", "rules:", "'asked: true'"),
        ("when: {failures: limit}", "when: {}", None, "always hold"),
        ('help_line: "In', 'help_line: "" #', 'help_line: ""', "somebody in danger"),
        ('  de: "Im', '  xx: "Im', '  xx: "Im', "de, fr, es, pt, it"),
        ("einen Menschen. {help_line}", "einen Menschen.", '      de: "Sie', "{help_line}"),
        (
            "{slot: email, label",
            "{slott: email, label",
            "{slott: email",
            "'slott' is not known here. Known: slot",
        ),
        (
            'of: order_number, verified: always, words: "exp',
            'of: number, verified: always, words: "exp',
            "of: number",
            "'of'",
        ),
        ("promise: delivery, words", "promise: present, words", "promise: present", "present"),
        ('words: "your order {value}"', 'words: "your order"', 'words: "your order"', "{value}"),
        ("  - offered\n", "  - ''\n", "  - ''", "name of a slot"),
        ('      fr: "Vous comptez', '      ru: "Vous comptez', '      ru: "Vous', "de, fr, es, pt, it"),
    ],
)
def test_a_mistake_names_its_line_and_what_was_expected(
    tmp_path: Path, was: str, becomes: str, at: str | None, expected: str
) -> None:
    """The line is the one where the mistake stands; the sentence says what would be right."""
    source = SHIPPED.read_text(encoding="utf-8")
    assert source.count(was) >= 1
    source = source.replace(was, becomes, 1)
    file = tmp_path / "escalation.yml"
    file.write_text(source, encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load_rules(file)
    text = raised.value.text
    assert "escalation.yml" in text
    assert expected in text
    if at is not None:
        line = next(number for number, one in enumerate(source.splitlines(), 1) if at in one)
        assert f"line {line}:" in text


def test_facts_and_what_is_forgotten_are_the_projects_own(tmp_path: Path) -> None:
    """Shipped for the demo shop; a file without them has every slot shown and only forms end."""
    facts = load_rules(SHIPPED).facts
    assert facts.lines is not None
    assert [line.slot for line in facts.lines if line.subject] == ["order_number"]
    assert "confirm" in facts.forget
    file = tmp_path / "escalation.yml"
    file.write_text(SHIPPED.read_text(encoding="utf-8").partition("\nfacts:")[0], encoding="utf-8")
    assert load_rules(file).facts == FactList()
    file.write_text(file.read_text(encoding="utf-8") + "\nfacts: []\n", encoding="utf-8")
    assert load_rules(file).facts == FactList(())


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    """A missing bracket is found by its line."""
    file = tmp_path / "escalation.yml"
    file.write_text("sensitivity: balanced\nrules: [\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"line \d+: this is not YAML"):
        load_rules(file)


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "just words\n", "sensitivity: [\x00"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    """Whatever stands in it, the operator gets a sentence, not a traceback."""
    file = tmp_path / "escalation.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError):
        load_rules(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path is in the sentence."""
    with pytest.raises(SettingsError, match=r"nowhere\.yml"):
        load_rules(tmp_path / "nowhere.yml")


def test_short_forms_mean_the_long_ones(tmp_path: Path) -> None:
    """One sentence is said in every mood."""
    rule = next(rule for rule in load_rules(SHIPPED).rules if rule.name == "fraud")
    assert rule.when.topic == ("fraud",)
    assert rule.say.calm == rule.say.annoyed == rule.say.distressed


def test_the_languages_that_may_be_answered_are_those_that_are_listened_to() -> None:
    """One list in the reader of the file, one in the phrases."""
    assert tuple(CRISIS) == TONGUES


def test_no_rule_promises_that_somebody_comes_now() -> None:
    """Whether anybody is there, the line after it says; a promise that it takes back is worse than none."""
    promise = re.compile(
        r"connecting you|joins you|you to a (colleague|person) now|in now|verbinde|kommt jetzt|jetzt jemanden|"
        r"mets en contact maintenant|vous rejoint ici|"
        r"pongo en contacto ahora|colocar você em contato agora|entra aqui agora|"
        r"metto in contatto adesso|raggiunge qui",
        re.IGNORECASE,
    )
    for rule in load_rules(SHIPPED).rules:
        for said in (rule.say, *rule.say_in.values()):
            assert not promise.search(" ".join((said.calm, said.annoyed, said.distressed))), rule.name


QUEUES = ("support", "billing", "complaints", "security", "safety")


@pytest.mark.parametrize(
    ("parts", "at", "expected"),
    [
        ({"when": "{topic: gold}"}, "{topic: gold}", "or one of 'topics' in this file, found 'gold'"),
        ({"when": "{topic: crisis}"}, "{topic: crisis}", "found 'crisis'"),
        ({"when": "{intent: 3}"}, "{intent: 3}", "'intent': expected"),
        ({"when": '{intent: ""}'}, '{intent: ""}', "'intent': expected a name"),
        ({"when": "{slot: [a, b]}"}, "{slot: [a, b]}", "'slot': expected"),
        ({"when": "{slot: {plan: }}"}, "{slot: {plan: }}", "'slot': expected"),
        ({"when": "{confidence: 0.8}"}, "{confidence: 0.8}", "would always hold"),
        ({"when": "{asked: true, confidence: 0.8}"}, "{asked: true, conf", "needs an 'intent' beside it"),
        ({"when": "{intent: a, confidence: 80}"}, "confidence: 80", "above 0, to 1"),
        ({"when": "{intent: a, silent_s: 60}"}, "{intent: a", "the customer says nothing then"),
        ({"when": "{entity: a, engine_down: true}"}, "{entity: a", "cannot stand beside 'engine_down'"),
        ({"when": "{slot: a, taken_over: true}"}, "{slot: a", "cannot stand beside 'taken_over'"),
        ({"topics": "gold: {phrase: [a]}"}, "gold: {phrase", "'phrase' is not known here. Known: phrases, intents"),
        ({"topics": "gold: {}"}, "gold: {}", "expected 'phrases' or 'intents' that mean 'gold'"),
        ({"topics": "gold: 3"}, "gold: 3", "xpected `object`"),
        ({"topics": "Gold Card: {intents: a}"}, "Gold Card", "lower-case letters"),
        ({"topics": "asked: {intents: a}"}, "asked: {intents", "stands under 'intents', as ask_person"),
        ({"topics": "gold: {intents: [a, fraud]}"}, "fraud: {intents: fraud}", "'fraud' means 'gold' already"),
        ({"topics": "gold: {intents: [ask_person]}"}, "gold: {intents", "'ask_person' means 'asked' already"),
        ({"topics": 'gold: {phrases: ["..3 a?"]}'}, "gold: {phrases", "at least one word that must occur"),
        ({"topics": 'gold: {phrases: ["a <nobody>"]}'}, "gold: {phrases", "'<nobody>' is no set of words"),
        (
            {"topics": 'gold: {phrases: ["a, b"]}'},
            "gold: {phrases",
            "the phrase 'a, b' cannot be matched: 'a,' holds a",
        ),
        ({"topics": 'gold: {phrases: ["a ..12 b"]}'}, "gold: {phrases", "expected ..1 to ..9"),
        ({"topics": 'gold: {phrases: ["a $ b"]}'}, "gold: {phrases", "'$' stands at the end"),
        ({"topics": 'gold: {phrases: ["a|b-c d"]}'}, "gold: {phrases", "not one word each"),
        ({"topics": 'gold: {phrases: ["a||b"]}'}, "gold: {phrases", "not one word each"),
        ({"topics": 'gold: {phrases: [""]}'}, "gold: {phrases", "at least one word"),
        ({"intents": "smalltalk: [greet]"}, "smalltalk:", "'smalltalk' is not known here. Known: ask_person, affirm"),
        ({"intents": "bye: 3"}, "bye: 3", "'bye': expected"),
        ({"when": "{asked: true}", "queue": "vip"}, "queue: vip", "no queue 'vip'. There are: support, billing, compl"),
    ],
)
def test_a_mistake_in_what_is_said_of_the_bot_names_its_line(
    tmp_path: Path, parts: dict[str, str], at: str, expected: str
) -> None:
    """Conditions, topics, meanings of intents, phrases and queues."""
    text = source(**parts)
    with pytest.raises(SettingsError) as raised:
        load_rules(written(tmp_path, text), QUEUES)
    assert f"line {line_of(text, at)}:" in raised.value.text
    assert expected in raised.value.text
    assert "\n" not in raised.value.text


def test_a_phrase_in_a_list_of_lines_is_told_with_its_own_line(tmp_path: Path) -> None:
    """Not with that of the topic."""
    text = source(topics="gold:\n    phrases:\n      - refund for gold members\n      - money, back")
    with pytest.raises(SettingsError, match=f"line {line_of(text, '- money, back')}:"):
        load_rules(written(tmp_path, text))


def test_the_shipped_queues_are_those_of_the_project() -> None:
    """warmline.toml lists what its escalation.yml names; a bot without the setting has one, support."""
    shop = load({}, root=SHIPPED.parent)
    assert set(shop.queues) == {rule.queue for rule in load_rules(SHIPPED, shop.queues).rules}


def test_a_bot_without_queues_of_its_own_has_support(tmp_path: Path) -> None:
    """Rules that name only that one need no setting."""
    text = re.sub(r"    queue: \w+", "    queue: support", SHIPPED.read_text(encoding="utf-8"))
    assert load_rules(written(tmp_path, text), load({}, root=tmp_path).queues).rules


def test_a_file_without_the_new_sections_has_usual_names(tmp_path: Path) -> None:
    """Rules written before there were topics and intents in the file go on."""
    text = re.sub(r"^(topics|intents):\n(  .*\n)+", "", SHIPPED.read_text(encoding="utf-8"), flags=re.MULTILINE)
    rules = load_rules(written(tmp_path, text))
    assert rules.topics == {}
    assert rules.topic_of["ask_person"] == "asked"
    assert {"greet", "affirm", "bye", "nlu_fallback", ""} <= rules.intents.tell_nothing


def test_what_the_file_names_of_the_bot_is_listed_with_its_lines(tmp_path: Path) -> None:
    """For ``warmline check``; the usual names, which nobody wrote, are not among it."""
    text = source(
        "{intent: [refund_gold, other], slot: {plan: gold}, entity: card}",
        topics="gold: {intents: [gold_card]}",
        intents="leave_it: stay",
    )
    found = {(one.kind, one.name, one.by): one.line for one in named_in(written(tmp_path, text))}
    rule = line_of(text, "{intent: [refund_gold")
    assert found["intent", "refund_gold", "rule own"] == found["intent", "other", "rule own"] == rule
    assert found["slot", "plan", "rule own"] == found["entity", "card", "rule own"] == rule
    assert found["intent", "gold_card", "topic gold"] == line_of(text, "gold: {intents")
    assert found["intent", "stay", "leave_it"] == line_of(text, "leave_it: stay")
    assert not [name for kind, name, by in found if by == "affirm"]
