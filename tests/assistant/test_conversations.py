"""Whole conversations through the real engine and the real actions: what is said, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import sqlite_utils

from actions.backend.seed import seed
from actions.test_data import ShopTestData
from warmline.cli.model import ensure_model
from warmline.rules_file import load_rules
from warmline.settings import load
from warmline.supervisor import Warden
from warmline.teaching.conversation_tests import Conversation, TestRunner, read_conversations
from warmline.teaching.corpus import read_corpus
from warmline.teaching.sandbox import sandbox_engine

ROOT = Path(__file__).resolve().parents[2]
TALKS = read_conversations(ROOT / "tests" / "assistant" / "conversations")
TODAY = 1_793_966_400.0
"""Friday 6 November 2026, noon in UTC; test_days.py goes through other days."""
REQUESTS = {
    "address": "",
    "appointment": "",
    "appointment_move": "",
    "appointment_cancel": "",
    "cancel": "",
    "data": "deletion, ",
    "invoice": "",
    "order_status": "",
    "password": "",
    "refund": "",
    "return": "",
    "subscription": "a pause, ",
    "subscription ": "the end, ",
}
"""Each request's file, and what the names of its conversations begin with."""
WAYS = {
    "the straight way": r"the straight way",
    "an interruption": r"an interruption",
    "a correction": r"a correction",
    "giving up": r"giving up",
    "three wrong answers": r"three (wrong )?answers",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def player(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TestRunner]:
    settings = load({}, root=ROOT)
    if not settings.engine_python.exists():
        pytest.skip("the engine's environment .venv-engine is missing: run make setup")
    guard = Warden()
    try:
        model = await ensure_model(settings, guard, print)
    finally:
        guard.close()
    async with sandbox_engine(settings, model, actions=True, say=print) as (engine, home):
        shop = sqlite_utils.Database(memory=True)
        seed(shop, TODAY)
        yield TestRunner(
            engine,
            read_corpus(ROOT).responses,
            ShopTestData(home, shop.conn),
            now=TODAY,
            listed=load_rules(ROOT / "escalation.yml").facts,
        )


@pytest.mark.processes
@pytest.mark.timeout(400)
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("number", range(len(TALKS)), ids=[f"{one.file}: {one.name}" for one in TALKS])
async def test_a_conversation_goes_as_written(number: int, player: TestRunner) -> None:
    """Each turn is understood as written, leads to that outcome, and is answered with those words."""
    assert (await player.play(TALKS[number], number)).wrong == ()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wanted", REQUESTS)
def test_every_request_is_tried_in_every_way(wanted: str, way: str) -> None:
    """A conversation of that name, long enough to show it."""

    def shows(talk: Conversation) -> bool:
        mine = talk.file == wanted.strip() and talk.name.startswith(REQUESTS[wanted])
        return mine and re.search(WAYS[way], talk.name) is not None and len(talk.turns) >= 2

    assert any(shows(talk) for talk in TALKS)


def test_there_are_enough_and_no_two_have_one_name() -> None:
    """The assistant's promise is kept by whole conversations, not by parts."""
    assert len(TALKS) >= 150
    assert len({(talk.file, talk.name) for talk in TALKS}) == len(TALKS)
