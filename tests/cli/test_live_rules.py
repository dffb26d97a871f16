"""A changed escalation.yml reaches the real bridge and the real action server while they run, and is told by both."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from warmline.cli.watch import SOURCES
from warmline.settings import Settings, inherited_environment, load
from warmline.supervisor import AllReady, Launch, Report, Said, Spec, Started, Supervisor, Warden

from ..own_rules import line_of, source, written
from .test_up import ports

__all__ = ["ports"]

TOKEN = "the-engine-s-own-token"
WATCH = {
    "next_action": "action_warmline_watch",
    "sender_id": "c#1",
    "domain": {"slots": {"plan": {"type": "text", "mappings": [{"type": "from_entity", "entity": "plan"}]}}},
    "tracker": {
        "sender_id": "c#1",
        "slots": {"plan": None},
        "latest_message": {
            "text": "could you look at my gold one please",
            "intent": {"name": "refund_gold", "confidence": 0.9},
            "entities": [{"entity": "plan", "value": "gold", "start": 21, "end": 25}],
        },
        "events": [{"event": "user", "text": "could you look at my gold one please"}],
        "latest_event_time": 0.0,
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": "action_listen",
    },
}


@pytest.fixture
def settings(tmp_path: Path, ports: list[int]) -> Settings:
    """A project of rules alone."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "warmline.toml").write_text('queues = ["support", "billing", "complaints", "security", "safety"]\n')
    written(root, source())
    return load({}, root=root, port=ports[0], engine_port=ports[1], actions_port=ports[2])


def spec(name: str, settings: Settings, argv: tuple[str, ...], port: int) -> Spec:
    env = inherited_environment() | settings.as_environment() | {"WARMLINE_ENGINE_TOKEN": TOKEN}
    env |= {"WARMLINE_TICKET_KEY": "ab" * 32}

    root = settings.root

    async def launch(_: Warden) -> Launch:
        return Launch(argv=(sys.executable, "-m", *argv), env=env, cwd=root)

    return Spec(name=name, launch=launch, health=f"http://127.0.0.1:{port}/health")


class Running:
    """The two processes under a supervisor, and all that it told."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.told = settings, list[Report]()
        self._news = asyncio.Event()
        actions = ("warmline.actions", "--port", str(settings.actions_port), "--guarded")
        self.supervisor = Supervisor(
            [
                spec("bridge", settings, ("warmline.cli.bridge_process",), settings.port),
                spec("actions", settings, actions, settings.actions_port),
            ],
            logs_dir=settings.logs_dir,
            tell=self._hear,
        )

    def _hear(self, report: Report) -> None:
        self.told.append(report)
        self._news.set()

    async def heard(self, what: Callable[[list[Report]], bool]) -> None:
        while not what(self.told):
            self._news.clear()
            await self._news.wait()

    async def both_say(self, words: str) -> list[str]:
        """Wait until both processes told something with these *words*; returns what they said."""

        def said(told: list[Report]) -> list[Said]:
            return [one for one in told if isinstance(one, Said) and words in one.text]

        await self.heard(lambda told: {one.name for one in said(told)} == {"bridge", "actions"})
        return [one.text for one in said(self.told)]

    async def rule(self) -> str:
        """The rule by which the action server would hand the customer over; empty for none."""
        async with httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
            url = f"http://127.0.0.1:{self.settings.actions_port}/webhook"
            events = (await http.post(url, json=WATCH)).raise_for_status().json()["events"]
        verdict = next(one["value"] for one in events if one.get("name") == "warmline_verdict")
        return str(verdict["rule"]) if verdict else ""


async def running_with(settings: Settings, use: Callable[[Running], Awaitable[None]]) -> None:
    world = Running(settings)
    task = asyncio.create_task(world.supervisor.run())
    try:
        await world.heard(lambda told: any(isinstance(one, AllReady) for one in told))
        await use(world)
    finally:
        world.supervisor.stop()
        assert await task


@pytest.mark.processes
async def test_both_processes_take_a_change_over_and_tell_a_wrong_one(settings: Settings) -> None:
    """Without a restart: a rule of the bot's intent and slot, a mistake with its line, and the rule gone again."""

    async def use(world: Running) -> None:
        assert await world.rule() == ""
        written(settings.root, source("{intent: refund_gold, slot: {plan: gold}}"))
        await world.both_say("has changed: its rules are in force")
        assert await world.rule() == "own"
        wrong = source("{intent: refund_gold}", queue="vip")
        written(settings.root, wrong)
        for told in await world.both_say("no queue 'vip'"):
            assert f"escalation.yml, line {line_of(wrong, 'queue: vip')}:" in told
            assert "the rules before it go on" in told
            assert "\n" not in told
        assert await world.rule() == "own"
        written(settings.root, source())
        await world.both_say("is right again: its rules are in force")
        assert await world.rule() == ""
        for name in ("bridge", "actions"):
            assert "is right again" in (settings.logs_dir / f"{name}.log").read_text(encoding="utf-8")
        assert [one.name for one in world.told if isinstance(one, Started)].count("bridge") == 1
        assert [one.name for one in world.told if isinstance(one, Started)].count("actions") == 1

    await running_with(settings, use)


def test_no_process_is_restarted_for_the_rules_in_dev() -> None:
    """They take them over themselves."""
    assert not [name for name, sources in SOURCES.items() if "escalation.yml" in sources]
