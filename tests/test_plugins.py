"""What a project adds: services, signals, readers, checks; and a plugin that fails takes nothing down."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from warmline.core.errors import SettingsError
from warmline.core.escalation import assess
from warmline.core.features import Features, Turn
from warmline.language import read, use_own, with_features
from warmline.plugins import Plugins, load_plugins
from warmline.rules_file import load_rules
from warmline.settings import load

CODE = """
from warmline.plugins import Plugins

def mine(plugins: Plugins) -> None:
    plugins.add_signal("competitor", "Names a competitor.", lambda text: "acme" in text.lower(), weight=3.0)
    plugins.add_check("mine", lambda settings: ("ok", "is well"))

def broken(plugins: Plugins) -> None:
    raise RuntimeError("no network")
"""
RULES = """
  - name: competitor
    when: {signal: {competitor: 0.8}}
    urgency_min: 10
    queue: support
    say: "I'm passing this to a colleague."
"""


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """Plugins of one test are none of another's."""
    before = list(sys.path)
    yield
    use_own((), ())
    sys.path[:] = before
    sys.modules.pop("own_plugin", None)


def project(root: Path, *names: str) -> Path:
    (root / "own_plugin.py").write_text(CODE)
    listed = ", ".join(f'"own_plugin:{name}"' for name in names)
    (root / "warmline.toml").write_text(f"plugins = [{listed}]\n")
    return root


def rules_of(root: Path, text: str = RULES) -> Path:
    original = (Path(__file__).resolve().parents[1] / "escalation.yml").read_text(encoding="utf-8")
    (root / "escalation.yml").write_text(
        original.replace("\n  - name: asked\n", text + "\n  - name: asked\n", 1), encoding="utf-8"
    )
    return root / "escalation.yml"


def test_a_signal_of_ones_own_raises_the_mood_and_is_heard_by_rules(tmp_path: Path) -> None:
    """With its sentence for the agent, and what would have kept the conversation with the bot."""
    plugins = load_plugins(load({}, root=project(tmp_path, "mine")))
    calm = with_features([Turn("customer", "I think Acme is cheaper", seq=1)])
    use_own(plugins.readers, plugins.signals)
    told = with_features([Turn("customer", "I think Acme is cheaper", seq=1)])
    rules = load_rules(rules_of(tmp_path))
    before, now = assess(calm, rules), assess(told, rules)
    assert (before.decision.escalate, now.decision.rule) == (False, "competitor")
    assert now.mood.value > before.mood.value + 0.2
    assert "Names a competitor." in [reason.text for reason in now.mood.reasons]
    assert any(signal.name == "signal:competitor" for signal in now.decision.signals)
    assert "competitor" in now.decision.counterfactual
    assert plugins.checks[0][1](load({}, root=tmp_path)) == ("ok", "is well")


def test_another_reader_has_the_last_word(tmp_path: Path) -> None:
    """It sees what was found, and what it returns counts."""
    plugins = Plugins()
    plugins.add_reader(lambda text, found: msgspec.structs.replace(found, asks_person="operator" in text))
    use_own(plugins.readers, plugins.signals)
    assert read("OPERATOR? no: operator").asks_person
    assert not read("let me talk to a human").asks_person


def test_what_fails_in_a_plugin_takes_no_turn_down(caplog: pytest.LogCaptureFixture) -> None:
    """It is told without the customer's words; what else was found counts."""
    plugins = Plugins()

    def fails(text: str) -> float:
        raise ValueError(text)

    def returns_nothing(text: str, found: Features) -> Features:
        return None  # type: ignore[return-value]

    plugins.add_signal("bad", "Is bad.", fails)
    plugins.add_reader(returns_nothing)
    use_own(plugins.readers, plugins.signals)
    with caplog.at_level(logging.WARNING):
        assert read("my secret, let me talk to a human").asks_person
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["broken"], "RuntimeError: no network"),
        (["missing"], "cannot be loaded"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_told_at_the_start(tmp_path: Path, names: list[str], told: str) -> None:
    """In one sentence with its name."""
    with pytest.raises(SettingsError, match=f"own_plugin:{names[0]}.*{told}"):
        load_plugins(load({}, root=project(tmp_path, *names)))


def test_a_signal_needs_a_name_of_its_own_and_a_weight_that_leaves_the_rest_a_word() -> None:
    """Twice the same name, or a weight that decides alone, is refused."""
    plugins = Plugins()
    plugins.add_signal("one", "One.", lambda text: 0.0)
    for name, weight in (("one", 0.0), ("two words", 0.0), ("two", 9.0)):
        with pytest.raises(ValueError, match=name):
            plugins.add_signal(name, "Text.", lambda text: 0.0, weight=weight)


@pytest.mark.parametrize("least", ["0", "2", "[a]"])
def test_a_strength_that_cannot_be_meant_is_told_with_its_line(tmp_path: Path, least: str) -> None:
    """As every mistake in the file."""
    path = rules_of(tmp_path, RULES.replace("{competitor: 0.8}", f"{{competitor: {least}}}"))
    with pytest.raises(SettingsError, match="line"):
        load_rules(path)


def test_what_the_documents_show_works(tmp_path: Path) -> None:
    """The plugin of docs/extending.md, as it stands there."""
    docs = (Path(__file__).resolve().parents[1] / "docs" / "extending.md").read_text(encoding="utf-8")
    code = next(one for one in re.findall(r"```python\n(.*?)```", docs, re.S) if "def register(" in one)
    (tmp_path / "own_plugin.py").write_text(code)
    (tmp_path / "warmline.toml").write_text('plugins = ["own_plugin:register"]\n')
    plugins = load_plugins(load({}, root=tmp_path))
    use_own(plugins.readers, plugins.signals)
    assert read("OPERATOR").asks_person
    assert [(one.name, one.value) for one in read("Acme is cheaper").own] == [("competitor", 1.0)]
    methods = {name for name in vars(Plugins) if not name.startswith("_")}
    assert {name for name in methods if f"`{name}(" not in docs} == set()
