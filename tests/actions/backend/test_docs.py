"""docs/backend.md is the contract: its examples are decoded by what decodes the shop's answers, and none is missing."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import msgspec
import pytest

from actions.backend import contract
from actions.backend.http import MAX_ANSWER_BYTES, PAUSES_S
from actions.settings import ShopSettings
from warmline.settings import load

from .conftest import NOW
from .reference import BASE, Reference, Request

ROOT = Path(__file__).resolve().parents[3]
DOCS = (ROOT / "docs" / "backend.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (?:GET|POST) (/\S+)\n(.*?)(?=^###? )", DOCS, re.MULTILINE | re.DOTALL))


def example(path: str, what: str) -> bytes | None:
    found = re.search(rf"```json {what}\n(.*?)```", SECTIONS[path], re.DOTALL)
    return found[1].encode() if found else None


def test_every_endpoint_is_told_and_no_other() -> None:
    """A section each, with the method that is really used."""
    assert list(SECTIONS) == [end.path for end in contract.ENDPOINTS]
    assert {path for path in SECTIONS if f"### GET {path}\n" in DOCS} == {contract.HEALTH.path}


@pytest.mark.parametrize("end", contract.ENDPOINTS, ids=lambda end: end.path)
def test_the_examples_are_what_is_sent_and_read(end: contract.Endpoint) -> None:
    """Nothing in them is ignored, nothing that is sent is missing, and the reasons are all there."""
    asked, answer = example(end.path, "request"), example(end.path, "answer")
    if end.request is None:
        assert asked is None
    else:
        assert asked is not None
        assert json.loads(msgspec.json.encode(msgspec.json.decode(asked, type=end.request))) == json.loads(asked)
    assert answer is not None
    assert json.loads(msgspec.json.encode(msgspec.json.decode(answer, type=end.answer))) == json.loads(answer)
    assert ("`Idempotency-Key`" in SECTIONS[end.path]) == end.acts
    refuses = re.search(r"^Refuses: (.+)\.$", SECTIONS[end.path], re.MULTILINE)
    assert tuple(re.findall(r"`(\w+)`", refuses[1]) if refuses else ()) == end.refusals


def test_the_figures_in_the_text_are_those_of_the_code() -> None:
    """Limit, attempts, pauses and size."""
    assert f"{ShopSettings.of(load({}, root=ROOT / 'docs'), {}).backend_limit_s:g} s, further attempts" in DOCS
    assert "up\n  to two more are made, 0.1 and 0.3 s later" in DOCS
    assert PAUSES_S == (0.1, 0.3)
    assert f"more than {MAX_ANSWER_BYTES // 1024} KB" in DOCS


def test_every_word_in_the_answers_is_told(tmp_path: Path) -> None:
    """A state, kind or result that the decoder knows stands in the text."""
    words = {"placed", "packed", "shipped", "delivered", "cancelled", "returned", "asked", "approved", "paid"}
    words |= {"right", "wrong", "expired", "locked", "unknown", "active", "paused", "ended", "small", "large"}
    words |= {"access", "delete", "reset", "proof", "showroom", "video"}
    text = msgspec.json.encode(msgspec.json.schema_components([end.answer for end in contract.ENDPOINTS])).decode()
    assert set(re.findall(r'"enum":\[([^\]]+)\]', text))
    for enum in re.findall(r'"enum":\[([^\]]+)\]', text):
        for word in json.loads(f"[{enum}]"):
            assert word == "ok" or f"`{word}`" in DOCS, word
    for word in words:
        assert f"`{word}`" in DOCS


@pytest.mark.parametrize("command", re.findall(r"^curl .*?'$", DOCS, re.MULTILINE | re.DOTALL))
async def test_the_calls_by_hand_are_answered(command: str, tmp_path: Path) -> None:
    """As they are typed, by the reference server."""
    from actions.backend.demo import DemoShop

    words = shlex.split(command.replace("$(cat .warmline/backend-token)", "the-token").replace("\\\n", " "))
    headers = {
        name.lower(): value.strip()
        for name, _, value in (words[at + 1].partition(":") for at, word in enumerate(words) if word == "-H")
    }
    path = next(word for word in words if word.startswith("$SHOP_BACKEND_URL")).removeprefix("$SHOP_BACKEND_URL")
    body = words[words.index("-d") + 1].encode()
    shop = DemoShop(tmp_path / "shop.db", NOW)
    reference = Reference(shop, "the-token", lambda: NOW)
    answers = [await reference.answer(Request("POST", BASE + path, headers, body)) for _ in range(2)]
    assert {answer.status for answer in answers} == {200}
    assert answers[0].body == answers[1].body
    assert len(await shop.outbox()) == headers.get("idempotency-key", "").count("try-1")
    await shop.close()
