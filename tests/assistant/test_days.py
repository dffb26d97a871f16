"""The conversations that speak of days, on each weekday, a month's end, 29 February and at both clock changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
import sqlite_utils

from actions.backend.seed import seed
from actions.test_data import ShopTestData
from warmline.cli.model import ensure_model
from warmline.rules_file import load_rules
from warmline.settings import load
from warmline.supervisor import Warden
from warmline.teaching.conversation_tests import TestRunner, read_conversations
from warmline.teaching.corpus import read_corpus
from warmline.teaching.sandbox import Engine, sandbox_engine

ROOT = Path(__file__).resolve().parents[2]
TALKS = [
    talk
    for talk in read_conversations(ROOT / "tests" / "assistant" / "conversations")
    if talk.file.startswith(("appointment", "consent"))
]
DAYS = [
    *(f"2026-11-{day}T09:00" for day in range(23, 30)),
    "2026-12-31T23:30",
    "2027-01-31T12:00",
    "2028-02-28T12:00",
    "2028-02-29T12:00",
    "2027-03-27T23:30",
    "2027-03-28T02:30",
    "2026-10-24T23:30",
    "2026-10-25T02:30",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Engine, Path]]:
    settings = load({}, root=ROOT)
    if not settings.engine_python.exists():
        pytest.skip("the engine's environment .venv-engine is missing: run make setup")
    guard = Warden()
    try:
        model = await ensure_model(settings, guard, print)
    finally:
        guard.close()
    async with sandbox_engine(settings, model, actions=True, say=print) as started:
        yield started


@pytest.mark.processes
@pytest.mark.timeout(400)
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("day", DAYS)
async def test_the_conversations_go_as_written_on_any_day(day: str, engine: tuple[Engine, Path]) -> None:
    """What is offered and named differs from day to day; what happens does not."""
    asked, home = engine
    now = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    shop = sqlite_utils.Database(memory=True)
    seed(shop, now)
    player = TestRunner(
        asked,
        read_corpus(ROOT).responses,
        ShopTestData(home, shop.conn),
        now=now,
        listed=load_rules(ROOT / "escalation.yml").facts,
    )
    wrong = [one.wrong for one in [await player.play(talk, n) for n, talk in enumerate(TALKS)] if one.wrong]
    assert wrong == []
