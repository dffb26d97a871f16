"""Who reaches a person with a first message, and who does not: texts by kind, through the real engine and actions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Conversation, Engine

pytestmark = pytest.mark.engine

LINES = [json.loads(line) for line in Path(__file__).with_name("judgement.jsonl").read_text("utf-8").splitlines()]
RULES = {
    "danger": {"danger"},
    "crisis": {"crisis"},
    "threat": {"threat"},
    "bereavement": {"bereavement"},
    "takeover": {"fraud"},
    "hardship": {"hardship"},
    "legal": {"legal"},
    "callback": {"callback", "asked"},
    "carer": {"carer"},
    "person": {"asked"},
}
"""The rules whose words fit a kind; the kinds without any need nobody."""


OPEN = ("Not the worst service I've had",)
"""Still wrong: the classifier is sure of a complaint."""


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["text"])
def test_a_text_reaches_the_person_it_needs_and_no_other(line: Any, engine: Engine) -> None:
    """By the rule whose words fit, at once; what only sounds like it stays with the bot."""
    if line["text"] in OPEN:
        pytest.xfail("the classifier does not hear the negation")
    answer = Conversation(engine, f"judged-{LINES.index(line)}").say(line["text"])
    rule = answer["decision"]["rule"] if answer["decision"] else None
    assert rule in RULES.get(line["kind"], {None}), (rule, answer["analysis"])
