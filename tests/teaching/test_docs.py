"""docs/extending.md says what is so: its words, its commands, its signature."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from ruamel.yaml import YAML

from tests.actions.conftest import turn
from warmline.actions.titles import Titles
from warmline.bridge.tickets import Tickets, site_key
from warmline.cli import commands, main
from warmline.core.escalation_words import PLACEHOLDERS
from warmline.core.fact_list import FactLine
from warmline.core.features import TOPICS
from warmline.core.rules import Rule, Say, Thresholds, When
from warmline.teaching.conversation_tests import read_conversations
from warmline.teaching.corpus import read_corpus
from warmline.teaching.findings import HARM

KEY = b"the bridge's own key"
ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.S)


def test_every_word_of_the_escalation_file_is_explained() -> None:
    """Each field of a rule, a condition, a threshold and a sentence, each topic and each placeholder stands there."""
    words = {field.name for kind in (Rule, Say, Thresholds, When, FactLine) for field in msgspec.structs.fields(kind)}
    written = YAML(typ="safe").load((ROOT / "escalation.yml").read_text(encoding="utf-8"))
    words |= set(written) | set(TOPICS) | {f"{{{name}}}" for name in PLACEHOLDERS}
    assert {word for word in words if not re.search(rf"`[^`]*{re.escape(word)}[^`]*`", DOCS)} == set()


def test_every_kind_of_finding_is_explained() -> None:
    """The table of ``warmline check`` has a row for each kind, and no other."""
    table = DOCS[DOCS.index("`warmline check` reads") : DOCS.index("The first five are mistakes")]
    assert set(re.findall(r"^\| ([a-z ]+) \|", table, re.M)) - {"what"} == set(HARM)


def test_every_command_in_the_text_is_one() -> None:
    """``warmline x y --option`` in the text exists, options and all."""
    for name, rest in re.findall(
        r"warmline (up|faq \w+|intent \w+|check|try|test|train|doctor|site-key)\b([^`\n]*)", DOCS
    ):
        command: click.Command = commands
        for word in name.split():
            assert isinstance(command, click.Group)
            found = command.get_command(click.Context(command), word)
            assert found is not None, name
            command = found
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--[a-z][\w-]*", rest)) <= known, (name, rest)


def test_a_ticket_signed_as_written_is_read_by_the_bridge() -> None:
    """The Python in the text, run: the bridge knows the customer by it; with another key it does not."""
    room: dict[str, object] = {}
    exec(next(block for block in blocks("python") if "def ticket_for" in block), room)
    signed = room["ticket_for"]("17", "Mara K.", "mara@example.com", site_key(KEY))  # type: ignore[operator]
    customer, conversation = Tickets(KEY, ticket_s=60, session_s=60).read_ticket(signed)
    assert (customer.id, customer.name, customer.email) == ("u_17", "Mara K.", "mara@example.com")
    assert (customer.sure, conversation) == ("signed", None)
    with pytest.raises(Exception, match="expired"):
        Tickets(b"another key", ticket_s=60, session_s=60).read_ticket(signed)


@pytest.fixture
def taught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project in which the six steps of "Something the assistant does" were done as they are written."""
    root = tmp_path / "project"
    for name in ("data", "actions"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "domain.yml", root)
    (root / "tests" / "assistant" / "conversations").mkdir(parents=True)
    monkeypatch.setenv("WARMLINE_ROOT", str(root))
    chapter = DOCS[DOCS.index("## Something the assistant does") : DOCS.index("## Is it right")]
    typed = re.search(r"^warmline (intent new .*?)\n```", chapter, re.S | re.M)
    assert typed
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(typed[1].replace("\\\n", " ")))
    assert not ended.value.code
    slots, forms, names, rules, responses, talks = re.findall(r"```yaml\n(.*?)```", chapter, re.S)
    domain = (root / "domain.yml").read_text(encoding="utf-8")
    for key, addition in (("slots", slots), ("forms", forms), ("actions", names)):
        domain = re.sub(rf"^{key}:\n", lambda found, more=addition: found[0] + more, domain, count=1, flags=re.M)
    (root / "domain.yml").write_text(domain)
    (root / "data/rules/duvet_size.yml").write_text(rules)
    with (root / "data/responses/duvet_size.yml").open("a") as file:
        file.write("\n" + responses)
    (root / "tests/assistant/conversations/duvet_size.yml").write_text(talks)
    (root / "actions/duvet.py").write_text(blocks("python")[0])
    return root


def test_the_flow_that_is_taught_step_by_step_is_whole(taught: Path) -> None:
    """Nothing is used that is not there, nothing is there that is not used, and its conversations can be played."""
    corpus = read_corpus(taught)
    assert "duvet_size" in corpus.answered & set(corpus.intents)
    assert {"action_duvet", "validate_duvet_form"} <= corpus.actions
    ours = {name for name in corpus.responses if "duvet" in name or "bed_width" in name}
    assert ours == {"utter_ask_bed_width", "utter_bed_width_wrong", "utter_duvet", "utter_faq_duvet_size"} | {
        "utter_title_duvet_size"
    }
    assert ours <= corpus.used
    assert corpus.responses["utter_title_duvet_size"] == ("Duvet size",)
    assert Titles(taught / "data" / "responses").of("duvet_size") == "Duvet size"
    talks = read_conversations(taught / "tests" / "assistant" / "conversations")
    assert [len(talk.turns) for talk in talks] == [2, 3]
    spoken = {name for talk in talks for turn in talk.turns for name in turn.get("says", ())}
    assert spoken <= corpus.responses.keys()


async def test_the_actions_that_are_taught_do_what_the_text_says(taught: Path) -> None:
    """The Python in the text, run with a real tracker: the width is read, or asked again, and the answer is right."""
    room: dict[str, Any] = {"__name__": "rasa_sdk.taught"}  # of such a name rasa-sdk registers no action for others
    exec((taught / "actions" / "duvet.py").read_text(), room)
    form, tell = room["ValidateDuvetForm"](), room["TellDuvet"]()
    slots, texts, _ = await turn(form, told={"bed_width": "about 140 I think"}, loop="duvet_form", intent="inform")
    assert (slots["bed_width"], texts) == ("140", [])
    _, texts, _ = await turn(form, told={"bed_width": "wide"}, loop="duvet_form", intent="inform")
    assert texts == ["utter_bed_width_wrong"]
    _, texts, dispatcher = await turn(tell, slots=slots)
    assert texts == ["utter_duvet"]
    assert dispatcher.messages[0]["width"] == "200"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)]+)\)", DOCS))))
def test_every_link_leads_somewhere(target: str) -> None:
    """To a file that is there, or to a heading of this text."""
    if target.startswith("#"):
        heads = [
            re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", DOCS, re.M)
        ]
        assert target[1:] in heads
    else:
        assert (ROOT / "docs" / target).exists()


def test_the_readme_leads_here() -> None:
    """A developer who opens the README finds the way."""
    assert "(docs/extending.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
