"""A changed escalation.yml is taken over while everything runs; a wrong one is told in one line, and waits."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from warmline.core.errors import SettingsError
from warmline.core.rules import Rules
from warmline.live_rules import RESTED_S, LiveRules

from .own_rules import line_of, source, written

QUEUES = ("support", "billing", "complaints", "security", "safety")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A file and what is said about it; :meth:`later` is a look after the file has rested."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told, self.clock, self.saves = folder, list[str](), Clock(), 0
        self.save(source())
        self.live = LiveRules(folder / "escalation.yml", QUEUES, self.told.append, self.clock)

    def save(self, text: str) -> Path:
        file = written(self.folder, text)
        self.saves += 1
        os.utime(file, ns=(self.saves, self.saves))  # two saves in one tick of the file system's clock are two changes
        return file

    def later(self) -> Rules:
        self.live.look()
        self.clock.now += 2 * RESTED_S
        return self.live.now()


def names(rules: Rules) -> set[str]:
    return {rule.name for rule in rules.rules}


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_a_change_is_in_force_once_it_has_rested(watched: Watched) -> None:
    """It is told, and what was asked for before does not change under whoever holds it."""
    before = watched.live.now()
    watched.save(source("{intent: refund_gold}"))
    assert names(watched.later()) - names(before) == {"own"}
    assert watched.told == ["escalation.yml has changed: its rules are in force."]


def test_a_wrong_change_is_told_in_one_line_and_the_rules_before_go_on(watched: Watched) -> None:
    """Once, with its line, however often somebody looks; mended, it is taken over and told."""
    before = watched.live.now()
    wrong = source("{moood: angry}")
    watched.save(wrong)
    assert [watched.later(), watched.later(), watched.later()] == [before] * 3
    (told,) = watched.told
    assert f"escalation.yml, line {line_of(wrong, 'moood')}: 'moood' is not known" in told
    assert told.endswith("The change was not taken over: the rules before it go on.")
    assert "\n" not in told
    watched.save(source("{mood: angry}"))
    assert "own" in names(watched.later())
    assert watched.told[1:] == ["escalation.yml is right again: its rules are in force."]


def test_a_wrong_change_taken_back_is_told_too(watched: Watched) -> None:
    """The operator knows that the file is right again, though the rules are the same."""
    before = watched.live.now()
    watched.save("rules: 3")
    watched.later()
    watched.save(source())
    assert watched.later() == before
    assert watched.told[1:] == ["escalation.yml is right again: its rules are in force."]


def test_a_file_that_is_being_written_is_not_read_yet(watched: Watched) -> None:
    """Half of it would be a mistake, or worse: other rules."""
    text = source("{mood: angry}")
    before = watched.live.now()
    for length in (100, len(text) // 2, len(text)):
        watched.save(text[:length])
        assert watched.live.now() == before
        watched.clock.now += RESTED_S
        assert watched.told == []
    assert "own" in names(watched.later())


def test_a_file_that_is_gone_changes_nothing(watched: Watched) -> None:
    """It is told; a file put in its place, as editors do, is taken over."""
    before = watched.live.now()
    (watched.folder / "escalation.yml").unlink()
    assert watched.later() == before
    assert "cannot be read: No such file or directory" in watched.told[0]
    watched.save(source("{mood: angry}"))
    assert "own" in names(watched.later())


def test_a_queue_that_does_not_exist_is_no_rule(watched: Watched) -> None:
    """The setting says which exist."""
    watched.save(source("{mood: angry}", queue="vip"))
    watched.later()
    assert "no queue 'vip'. There are: support, billing" in watched.told[0]


def test_a_file_that_was_only_touched_is_nothing_to_tell(watched: Watched) -> None:
    """Nor is a comment."""
    watched.save(source() + "# a thought\n")
    watched.later()
    assert watched.told == []


def test_the_first_reading_of_a_wrong_file_is_an_error(tmp_path: Path) -> None:
    """Nothing starts with no rules at all."""
    with pytest.raises(SettingsError):
        LiveRules(written(tmp_path, "rules: 3"), QUEUES, print)


def test_a_process_that_dies_while_the_file_is_wrong_comes_back_with_the_rules_before(tmp_path: Path) -> None:
    """It tells what is wrong, and takes the mended file over; a copy that is of no use changes nothing."""
    file, kept, told, clock = (
        written(tmp_path, source("{mood: angry}")),
        tmp_path / "home" / "kept.yml",
        list[str](),
        Clock(),
    )
    LiveRules(file, QUEUES, told.append, kept=kept)
    written(tmp_path, "rules: 3")
    again = LiveRules(file, QUEUES, told.append, clock, kept=kept)
    assert "own" in names(again.in_force())
    assert "escalation.yml, line 1" in told[0]
    written(tmp_path, source())
    again.look()
    clock.now += 2 * RESTED_S
    assert "own" not in names(again.now())
    assert told[1:] == ["escalation.yml is right again: its rules are in force."]
    written(tmp_path, "rules: 3")
    kept.write_text("rules: 4")
    with pytest.raises(SettingsError, match=r"escalation\.yml, line 1"):
        LiveRules(file, QUEUES, told.append, kept=kept)


async def test_a_watched_file_is_taken_over_by_itself(tmp_path: Path) -> None:
    """Nobody has to use the rules for it."""
    written(tmp_path, source())
    told: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(text: str) -> None:
        loop.call_soon_threadsafe(told.put_nowait, text)

    live = LiveRules(tmp_path / "escalation.yml", QUEUES, tell)
    watching = asyncio.create_task(live.watch())
    written(tmp_path, source("{mood: angry}"))
    async with asyncio.timeout(10):
        assert "are in force" in await told.get()
    assert "own" in names(live.in_force())
    watching.cancel()
