"""Whole conversations through the real engine and the real actions: what is said, and what comes of it."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from .conftest import ROOT, Conversation, Engine

pytestmark = pytest.mark.engine

FILES = sorted((Path(__file__).parent / "conversations").glob("*.yml"))


def conversations() -> list[Any]:
    found = []
    for file in FILES:
        for name, turns in YAML(typ="safe").load(file.read_text(encoding="utf-8")).items():
            found.append(pytest.param(f"{file.stem} {name}", turns, id=f"{file.stem}: {name}"))
    return found


def responses() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted((ROOT / "data" / "responses").glob("*.yml")):
        found.update(YAML(typ="safe").load(file.read_text(encoding="utf-8"))["responses"])
    return found


RESPONSES = responses()


def is_wording_of(text: str, response: str) -> bool:
    """Whether *text* is *response* in one of its wordings, with anything in place of what is filled in."""
    for wording in RESPONSES[response]:
        parts = re.split(r"\{\w+\}", wording["text"])
        if re.fullmatch("(Once more: )?" + ".*".join(map(re.escape, parts)), text, re.DOTALL):
            return True
    return False


@pytest.mark.parametrize(("name", "turns"), conversations())
def test_a_conversation_goes_as_written(name: str, turns: list[dict[str, Any]], engine: Engine) -> None:
    """Each turn is understood as written, leads to that outcome, and is answered with those words."""
    engine.let_an_hour_pass()
    talk = Conversation(engine, re.sub(r"\W+", "-", name))
    said: list[str] = []
    for turn in turns:
        if "customer" in turn:
            talk.customer = turn["customer"]
            continue
        if "agent" in turn:
            talk.agent(turn["agent"], turn["handed_back_for"])
            continue
        words = re.sub(r"\{code of ([^}]+)\}", lambda found: engine.code_for(found[1]), turn.get("say") or "")
        answer = talk.press(turn["press"]) if "press" in turn else talk.say(words)
        texts = [message["text"] for message in answer["messages"]]
        where = f"after {turn.get('say') or turn.get('press')!r}: {texts} {answer['analysis']}"
        if "intent" in turn:
            assert answer["analysis"]["intent"] == turn["intent"], where
        if "outcome" in turn:
            assert answer["analysis"]["outcome"] == turn["outcome"], where
        for part in turn.get("bot", []):
            assert part.lower() in " / ".join(texts).lower(), where
        for part in turn.get("never", []):
            assert part.lower() not in " / ".join(texts).lower(), where
        for part in turn.get("buttons", []):
            assert part in talk.buttons, where
        if "says" in turn:
            assert len(texts) == len(turn["says"]), where
            for text, response in zip(texts, turn["says"], strict=True):
                assert is_wording_of(text, response), f"not {response} {where}"
        rule, may = (answer["decision"] or {}).get("rule"), turn.get("handoff")
        assert rule in may if isinstance(may, list) else rule == may, where
        facts = {fact["label"]: fact for fact in answer["facts"]}
        for label, value in turn.get("facts", {}).items():
            assert facts[label]["value"] == value, where
        for label in turn.get("proved", []):
            assert facts[label]["verified"], where
        for label in turn.get("unproved", []):
            assert label not in facts or not facts[label]["verified"], where
        assert not set(texts) & set(said), f"the same again {where}"
        assert not any("!" in text for text in texts), where
        said = texts
