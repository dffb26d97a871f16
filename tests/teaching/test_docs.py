"""docs/extending.md says what is so: its words, its commands, its signature."""

from __future__ import annotations

import re
from pathlib import Path

import click
import msgspec
import pytest
from ruamel.yaml import YAML

from bot.bridge.tickets import Tickets, site_key
from bot.cli import commands
from bot.core.escalation import Rule, Say, Thresholds, When
from bot.core.escalation_words import PLACEHOLDERS
from bot.core.mood import TOPICS
from bot.teaching.findings import HARM

KEY = b"the bridge's own key"
ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.S)


def test_every_word_of_the_escalation_file_is_explained() -> None:
    """Each field of a rule, a condition, a threshold and a sentence, each topic and each placeholder stands there."""
    words = {field.name for kind in (Rule, Say, Thresholds, When) for field in msgspec.structs.fields(kind)}
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
