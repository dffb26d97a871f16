"""Playing written conversations, and what ``warmline test`` and ``warmline check`` show."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from actions.test_data import ShopTestData
from warmline.cli import main
from warmline.core.ask import Answer, Ask, BotMessage, TurnAnalysis
from warmline.core.conversation import Button, Fact
from warmline.core.escalation import Decision
from warmline.core.mood import Mood
from warmline.teaching.conversation_tests import Conversation, TestRunner, read_conversations
from warmline.teaching.errors import TeachingError
from warmline.teaching.report import Guess, markdown, picture, write

RESPONSES = {"utter_order": ("Order {number} is {state}.", "It is {state}: {number}."), "utter_hello": ("Hello.",)}


class Says:
    """An engine that answers *text*, later *then*, to everything, and remembers what it was asked."""

    def __init__(self, text: str, rule: str = "") -> None:
        self.asked: list[Ask] = []
        self._text, self._rule = text, rule
        self.then = ""

    async def turn(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        text = self._text if len(self.asked) == 1 else self.then or self._text
        decision = Decision(True, self._rule, "asked", 5, "support", self._text) if self._rule else None
        return Answer(
            id=ask.id,
            conversation=ask.conversation,
            epoch=1,
            messages=(BotMessage(text, (Button("Yes", "/affirm"),)),),
            analysis=TurnAnalysis("order_status", 0.9, Mood(0.1), "answered"),
            facts=(Fact("order", "Order", "A1042", True),),
            memory={"turns": len(self.asked)},
            decision=decision,
        )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as db:
        db.execute('create table outbox (id integer primary key, "to" text, text text)')
        db.execute("insert into outbox (\"to\", text) values ('m@example.com', 'Your code is 123456.')")
        db.execute("insert into outbox (\"to\", text) values ('other@example.com', 'Your code is 654321.')")
    return path


async def played(engine: Says, shop: Path, *turns: dict[str, Any]) -> tuple[str, ...]:
    player = TestRunner(engine, RESPONSES, ShopTestData(shop.parent))  # type: ignore[arg-type]
    return (await player.play(Conversation("one", turns, "file"), 1)).wrong


async def test_a_conversation_that_goes_as_written_has_nothing_wrong(shop: Path) -> None:
    """Intent, named wording with its slots filled, pieces and no handoff all hold; memory and log go along."""
    engine = Says("Once more: Order A1042 is on its way.")
    turn = {"say": "where is it", "intent": "order_status", "outcome": "answered", "says": ["utter_order"]}
    engine.then = "It is A1042."
    assert (
        await played(
            engine,
            shop,
            {**turn, "bot": ["a1042"], "facts": {"Order": "A1042"}, "proved": ["Order"], "buttons": ["Yes"]},
            {"say": "the code is {code of m@example.com}", "never": ["sorry"], "unproved": ["Name"]},
        )
        == ()
    )
    assert engine.asked[1].text == "the code is 123456"
    assert engine.asked[1].memory == {"turns": 1}
    assert [turn.role for turn in engine.asked[1].turns] == ["customer", "bot", "customer"]


@pytest.mark.parametrize(
    "expected",
    [
        {"intent": "refund"},
        {"outcome": "asked"},
        {"says": ["utter_hello"]},
        {"says": ["utter_order", "utter_hello"]},
        {"says": []},
        {"bot": ["A9999"]},
        {"never": ["on its way"]},
        {"buttons": ["No"]},
        {"facts": {"Order": "A1"}},
        {"facts": {"Name": "M"}},
        {"proved": ["Name"]},
        {"unproved": ["Order"]},
        {"handoff": ["asked"]},
        {"handoff": "asked"},
    ],
)
async def test_each_thing_that_differs_is_told(shop: Path, expected: dict[str, Any]) -> None:
    """One wrong expectation is one sentence."""
    assert len(await played(Says("Order A1042 is on its way."), shop, {"say": "where", **expected})) == 1


async def test_an_unexpected_handoff_is_told(shop: Path) -> None:
    """Without ``handoff`` no rule may hand over, and a named rule must."""
    assert len(await played(Says("Hello.", "angry"), shop, {"say": "hm"})) == 1
    assert await played(Says("Hello.", "angry"), shop, {"say": "hm", "handoff": "angry"}) == ()
    assert await played(Says("Hello.", "angry"), shop, {"say": "hm", "handoff": ["angry", "asked"]}) == ()


async def test_the_same_answer_twice_and_an_exclamation_mark_are_told(shop: Path) -> None:
    """Written or not, they hold in every turn; the bot's turn after an agent's is its first again."""
    assert len(await played(Says("Hello."), shop, {"say": "hi"}, {"say": "hm"})) == 1
    assert len(await played(Says("Hello!"), shop, {"say": "hi"})) == 1


async def test_a_button_sends_its_payload_and_one_that_is_not_there_is_told(shop: Path) -> None:
    """A pressed button says nothing about the mood; without the button the rest is not played."""
    engine = Says("One.")
    engine.then = "Two."
    assert await played(engine, shop, {"say": "hi"}, {"press": "Yes"}) == ()
    assert (engine.asked[1].payload, engine.asked[1].turns[-1].features) == ("/affirm", {})
    [wrong] = await played(Says("One."), shop, {"say": "hi"}, {"press": "No"}, {"say": "never played"})
    assert "no button 'No'" in wrong


async def test_a_customer_and_an_agent_step_in(shop: Path) -> None:
    """Who writes from there on, and what a person said and dealt with, reach the engine."""
    engine = Says("One.")
    engine.then = "Two."
    who = {"id": "c1", "name": "Mara", "email": "m@example.com", "sure": "signed"}
    agent = {"agent": "Anna here.", "handed_back_for": ["asked"]}
    assert await played(engine, shop, {"say": "hi"}, {"customer": who}, agent, {"say": "thanks"}) == ()
    assert engine.asked[1].customer.email == "m@example.com"
    assert engine.asked[1].handed_back_for == ("asked",)
    assert [turn.role for turn in engine.asked[1].turns] == ["customer", "bot", "agent", "customer"]


async def test_each_conversation_finds_the_shop_as_on_its_first_day(shop: Path) -> None:
    """What one conversation did to the shop is gone before the next."""
    player = TestRunner(Says("Hello."), RESPONSES, ShopTestData(shop.parent))  # type: ignore[arg-type]
    with sqlite3.connect(shop) as db:
        db.execute("insert into outbox (text) values ('Your code is 999999.')")
    await player.play(Conversation("one", ({"say": "hi"},), "file"), 1)
    with sqlite3.connect(shop) as db:
        assert db.execute("select count(*) from outbox").fetchone() == (2,)


def test_conversations_that_are_not_written_as_such_are_refused(tmp_path: Path) -> None:
    """The file is named."""
    for text in ("- a list\n", "name: text\n", "name:\n- {say: hi, hasnt: [typo]}\n", "name:\n- {bot: [no say]}\n"):
        (tmp_path / "bad.yml").write_text(text)
        with pytest.raises(TeachingError, match=r"bad\.yml"):
            read_conversations(tmp_path)


def test_the_picture_shows_what_is_confused(tmp_path: Path) -> None:
    """It is XML, names the confused intents and no other, and says how often; the report lists each sentence."""
    guesses = [Guess("a <b>", "size", "stock"), Guess("c", "size", "size"), Guess("d", "bye", "bye")]
    drawn = ElementTree.fromstring(picture(guesses))
    texts = {element.text for element in drawn.iter() if element.text}
    assert "size taken for stock: 1 of 2" in texts
    assert not any("bye" in text for text in texts)
    assert "| a <b> | size | stock |" in markdown("", guesses, [])
    assert write(tmp_path / "out", "", guesses, []).exists()
    assert (tmp_path / "out" / "confusion.svg").exists()


@pytest.fixture
def warmline(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The command line on the small project: exit code and what was said."""
    monkeypatch.setenv("WARMLINE_ROOT", str(project))

    def call(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out + err

    return call


def test_the_commands_teach_and_check(warmline: Callable[..., tuple[int, str]], project: Path) -> None:
    """A sound project passes; a question is added; the same under another name is refused; a planted one is found."""
    assert warmline("check", "--no-rasa", "--few", "5")[0] == 0
    code, said = warmline("faq", "add", "gift_wrapping", "-q", "do you wrap gifts", "-a", "Yes.")
    assert (code, "data/nlu/faq_custom.yml" in said) == (0, True)
    code, said = warmline("faq", "add", "presents", "-q", "Do you wrap gifts?", "-a", "Yes.")
    assert (code, "taught as gift_wrapping already" in said) == (1, True)
    path = project / "data" / "nlu" / "faq_custom.yml"
    path.write_text(path.read_text() + "    - refund please\n")
    code, said = warmline("check", "--no-rasa", "--few", "1")
    assert code == 1
    assert "same text" in said
    assert said.index("same text") < said.index("1 mistake")


def test_a_dry_run_writes_nothing(warmline: Callable[..., tuple[int, str]], project: Path, tmp_path: Path) -> None:
    """It tells what would be taught."""
    file = tmp_path / "faq.md"
    file.write_text("# Is there a shop in Oslo?\nNot yet.\n")
    code, said = warmline("faq", "import", str(file), "--dry-run")
    assert (code, "shop_oslo" in said, "Nothing was written" in said) == (0, True, True)
    assert not (project / "data" / "nlu" / "faq_custom.yml").exists()
