"""Replaying and tuning from the record: a real store, filled by the real line."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from warmline.core import inputs
from warmline.core.ask import Answer, BotMessage, TurnAnalysis
from warmline.core.conversation import Agent, Conversation, Customer, Owner
from warmline.core.escalation import Decision
from warmline.core.line import advance, start
from warmline.core.mood import Mood
from warmline.evaluation.commands import COMMANDS
from warmline.evaluation.record import conversation_lines, verdict_lines
from warmline.rules_file import load_rules
from warmline.store.sqlite import SqliteStore

RULES = Path(__file__).resolve().parents[2] / "escalation.yml"
BALANCED = re.compile(r"balanced: \{upset: [\d.]+, angry: [\d.]+")
BY_NAME = {command.name: command for command in COMMANDS}
ANNA = Agent("anna", "Anna")
HERE = inputs.There(True)
BUTTON = Decision(True, "asked", "asked", 5, "support", "I'll bring in a colleague.")


class Talk:
    """One conversation, carried on step by step as the bridge does it; a minute between steps."""

    def __init__(self, store: SqliteStore, name: str) -> None:
        self.store = store
        self.name = name
        self.here: Conversation | None = None
        self.now = 1_000.0

    async def step(self, *happened: inputs.Input) -> Talk:
        if self.here is None:
            self.here, effects = start(self.name, Customer("g"), self.now, team="Fjord")
            await self.store.create(self.here, effects)
        for what in happened:
            self.now += 60.0
            before = self.here
            self.here, effects = advance(before, what, self.now)
            await self.store.commit(self.here, effects, expected_version=before.version)
        return self

    async def exchange(self, text: str, said: str, outcome: str = "answered") -> Talk:
        await self.step(inputs.CustomerWrote(f"m{self.now}", text))
        assert self.here is not None
        seq = self.here.seq
        analysis = TurnAnalysis("x", 0.9, Mood(0.2), outcome, "")  # type: ignore[arg-type]
        answer = Answer(
            "a", self.name, self.here.epoch, (BotMessage(said), BotMessage("Anything else?")), analysis, (), {}
        )
        return await self.step(inputs.BotAnswered(seq, self.here.epoch, answer, HERE))

    async def to_anna(self) -> Talk:
        return await self.step(
            inputs.CustomerAskedForPerson(f"p{self.now}", BUTTON, HERE), inputs.AgentClaimed(f"k{self.now}", ANNA)
        )


def fill(home: Path, *stories: object) -> None:
    async def run() -> None:
        store = SqliteStore(home / "store.db")
        await store.open()
        try:
            for story in stories:
                await story(store)  # type: ignore[operator]
        finally:
            await store.close()

    asyncio.run(run())


async def judged(store: SqliteStore, number: int) -> None:
    """Every other customer was annoyed and needed a person; the rest asked for one out of habit."""
    annoyed = bool(number % 2)
    talk = Talk(store, f"c_{number}")
    text = "still no refund after two weeks, what is going on?" if annoyed else "when do you open?"
    await talk.exchange(text, "We open at nine.")
    await talk.to_anna()
    await talk.step(inputs.CustomerWrote("late", "FUCKING USELESS, worst garbage service ever!!!"))
    await talk.step(inputs.AgentEnded("e", ANNA, annoyed))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WARMLINE_HOME", str(tmp_path))
    return tmp_path


def run(name: str, *words: str, answer: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(BY_NAME[name], [*words], input=answer)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_agents_verdicts_become_levels_shown_before_they_are_written(home: Path) -> None:
    """From the record itself: held-out conversations compared, written on consent only, other lines untouched."""
    fill(home, *(lambda store, n=n: judged(store, n) for n in range(40)))
    rules = home / "escalation.yml"
    before, changed = BALANCED.subn("balanced: {upset: 0.94, angry: 0.94", RULES.read_text(encoding="utf-8"))
    assert changed == 1
    rules.write_text(before, encoding="utf-8")
    code, output = run("tune", "--rules", str(rules), answer="n\n")
    assert code == 0, output
    assert rules.read_text(encoding="utf-8") == before
    assert "held out" in output
    code, output = run("tune", "--rules", str(rules), answer="y\n")
    assert (code, "Written to" in output) == (0, True)
    assert load_rules(rules).thresholds.angry < 0.94


def test_a_verdict_is_about_what_led_to_the_handoff_and_not_about_what_the_agent_heard(home: Path) -> None:
    """Lines up to the moment of asking; after a hand-back, those since the agent's last word."""

    async def twice(store: SqliteStore) -> None:
        talk = await Talk(store, "c_1").exchange("where is my parcel", "On its way.")
        await talk.to_anna()
        await talk.step(
            inputs.AgentReplied("r1", ANNA, "Tomorrow."),
            inputs.CustomerWrote("m9", "you are useless"),
            inputs.AgentHandedBack("b1", ANNA, "", False),
        )
        await talk.exchange("and the other one?", "Also tomorrow.")
        await talk.to_anna()
        await talk.step(inputs.AgentEnded("e1", ANNA, True))

    fill(home, twice)
    found = [(line.text, line.raw["needed"], line.handed_back_for) for line in verdict_lines(home / "store.db")]
    assert [(text, needed) for text, needed, _ in found] == [
        ("where is my parcel", False),
        ("On its way.\nAnything else?", False),
        ("you are useless", True),
        ("and the other one?", True),
        ("Also tomorrow.\nAnything else?", True),
    ]
    assert found[3][2] == ("asked",)


def test_a_conversation_of_the_record_is_replayed_by_its_id(home: Path) -> None:
    """With the outcomes that the bot really had, the log's own numbers, and each episode apart."""

    async def story(store: SqliteStore) -> None:
        talk = await Talk(store, "c_1").exchange("where is my parcel", "I'm not sure.", "unsure")
        await talk.exchange("the parcel with the lamp", "I'm not getting this right.", "unsure")
        await talk.step(inputs.CustomerWrote("m3", "this is ridiculous, you are useless, still nothing!!"))
        await talk.step(inputs.CustomerEnded("e1"))
        await talk.exchange("hello again", "Hello.")
        assert talk.here is not None
        assert talk.here.owner is Owner.BOT

    fill(home, story)
    picture = home / "curve.svg"
    code, output = run("replay", "c_1", "--rules", str(RULES), "--picture", str(picture))
    assert code == 0, output
    assert "useless" in output
    assert picture.exists()
    lines = conversation_lines(home / "store.db", "c_1")
    assert [line.dialogue for line in lines if line.role == "customer"] == ["c_1", "c_1", "c_1", "c_1 (2)"]
    assert [line.seq for line in lines if line.role == "customer"] == [2, 5, 8, 11]
    assert lines[1].outcome == "unsure"


def test_what_is_not_there_is_said_in_one_sentence(home: Path) -> None:
    """No record yet, no such conversation, no verdict yet."""
    code, output = run("replay", "c_1", "--rules", str(RULES))
    assert (code, f"Error: There is no record at {home}/store.db yet.\n" in output) == (1, True)
    fill(home, lambda store: Talk(store, "c_1").exchange("hi", "Hello."))
    assert "nor a conversation 'c_2'" in run("replay", "c_2", "--rules", str(RULES))[1]
    code, output = run("tune", "--rules", str(RULES))
    assert (code, "No agent has given a verdict" in output) == (1, True)
