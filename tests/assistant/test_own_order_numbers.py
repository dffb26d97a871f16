"""A shop whose orders look otherwise: one file is changed, and the engine and the actions go by it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from actions.test_data import ShopTestData
from warmline.cli.model import ensure_model
from warmline.rules_file import load_rules
from warmline.settings import load
from warmline.supervisor import Warden
from warmline.teaching.conversation_tests import Conversation, TestRunner
from warmline.teaching.corpus import read_corpus
from warmline.teaching.sandbox import sandbox_engine

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES_KEPT = 8
FILES = (
    "config.yml",
    "domain.yml",
    "endpoints.yml",
    "credentials.yml",
    "escalation.yml",
    "warmline.toml",
    "actions",
    "data",
)
TALKS = {
    "told in the first sentence": [
        {"say": "where is my order ord 2024 00017", "intent": "order_status", "facts": {"Order": "ORD-2024-00017"}},
        {"say": "mara@example.com", "bot": ["ORD-2024-00017"], "proved": ["Order", "E-mail"]},
    ],
    "asked for, with the example, and corrected": [
        {"say": "I want to cancel my order", "intent": "cancel_order", "bot": ["ORD-2024-00017"]},
        {"say": "A1042", "says": ["utter_order_number_wrong", "utter_ask_cancel_form_order_number"]},
        {"say": "2024-00018", "says": ["utter_ask_cancel_form_email"], "facts": {"Order": "ORD-2024-00018"}},
        {"say": "no, ord202400019", "facts": {"Order": "ORD-2024-00019"}},
    ],
}


def other_project(root: Path) -> Path:
    """A copy whose orders are ``ORD-2024-00017``, with a few examples of each intent so that training is quick."""
    for name in FILES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    for name in (".venv", ".venv-engine"):
        (root / name).symlink_to(ROOT / name)
    for path in (root / "data" / "nlu").glob("*.yml"):
        kept, count = [], 0
        for line in path.read_text().splitlines():
            count = (
                count + 1 if line.startswith("    - ") else 0 if re.match(r"\s*-?\s*(intent|examples)", line) else count
            )
            if not line.startswith("    - ") or count <= EXAMPLES_KEPT:
                kept.append(line)
        path.write_text("\n".join(kept) + "\n")
    file = root / "data" / "order_number.yml"
    file.write_text(
        file.read_text().replace("- A\\d{4}", "- ORD-\\d{4}-\\d{5}").replace('text: "A1042"', 'text: "ORD-2024-00017"')
    )
    return root


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def player(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TestRunner]:
    if not load({}, root=ROOT).engine_python.exists():
        pytest.skip("the engine's environment .venv-engine is missing: run make setup")
    root = other_project(tmp_path_factory.mktemp("other"))
    settings = load({}, root=root)
    guard = Warden()
    try:
        model = await ensure_model(settings, guard, print)
    finally:
        await asyncio.to_thread(guard.close)
    async with sandbox_engine(settings, model, actions=True, say=print) as (engine, home):
        with contextlib.closing(sqlite3.connect(home / "shop.db")) as shop:
            for table in ("orders", "items", "refunds"):
                shop.execute(f"update {table} set number = 'ORD-2024-00017' where number = 'A1042'")
            shop.commit()
        yield TestRunner(
            engine, read_corpus(root).responses, ShopTestData(home), listed=load_rules(root / "escalation.yml").facts
        )


@pytest.mark.processes
@pytest.mark.timeout(400)
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", TALKS)
async def test_another_format_goes_all_the_way(name: str, player: TestRunner) -> None:
    """Found, put into the shop's spelling, checked, shown as an example, and looked up."""
    talk = Conversation(name, tuple(TALKS[name]), "own_order_numbers")
    assert (await player.play(talk, list(TALKS).index(name))).wrong == ()
