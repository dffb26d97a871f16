"""Actions run against rasa-sdk's real Tracker, a real shop in SQLite and the real rules; only the clock is ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.backend.demo import DemoShop
from actions.forms import describe_slots
from actions.services import ShopServices
from warmline.actions.services import use_services
from warmline.rules_file import load_rules

ROOT = Path(__file__).resolve().parents[2]
NOW = 1_790_000_000.0


class Clock:
    """Unix seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def shop(tmp_path: Path, clock: Clock) -> AsyncIterator[DemoShop]:
    describe_slots()
    codes = iter(f"{n:06d}" for n in range(111_111, 999_999))
    shop = DemoShop(tmp_path / "shop.db", NOW, lambda: next(codes))
    rules = load_rules(ROOT / "escalation.yml")
    use_services(ShopServices(lambda: rules, shop, clock, root=ROOT))
    yield shop
    use_services(None)
    await shop.close()


def tracker(
    text: str = "hello",
    intent: str = "greet",
    *,
    slots: dict[str, Any] | None = None,
    loop: str | None = None,
    told: dict[str, Any] | None = None,
    turns: list[dict[str, Any]] | None = None,
    ask: str = "c:1",
    confidence: float = 0.95,
    customer: dict[str, Any] | None = None,
    ranking: list[dict[str, Any]] | None = None,
    handed_back_for: tuple[str, ...] = (),
    begins: bool = False,
    entities: list[dict[str, Any]] | None = None,
) -> Tracker:
    """A tracker after the customer's *text*; *told* are slots that were read from it; *begins*: it started the form."""
    sent = turns or [{"role": "customer", "text": text, "seq": 1}]
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": ranking or [],
        "entities": entities or [],
        "metadata": {
            "id": ask,
            "turns": sent,
            "customer": customer or {"id": "g"},
            "handed_back_for": list(handed_back_for),
        },
    }
    events: list[dict[str, Any]] = [{"event": "user", "text": text}]
    if begins:
        events.append({"event": "active_loop", "name": loop})
    if told is not None:
        events.append({"event": "action", "name": loop})
        events += [{"event": "slot", "name": name, "value": value} for name, value in told.items()]
    return Tracker(
        sender_id="c#1",
        slots={**(slots or {}), **(told or {})},
        latest_message=message,
        events=events,
        paused=False,
        followup_action=None,
        active_loop={"name": loop} if loop else {},
        latest_action_name="action_listen",
    )


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    """What the events set, the last one of each slot."""
    return {event["name"]: event["value"] for event in events if event["event"] == "slot"}


def said(dispatcher: CollectingDispatcher) -> list[str]:
    """Names of the responses, or the texts themselves, in order."""
    return [one["response"] or one["text"] for one in dispatcher.messages if one["response"] or one["text"]]


def custom(dispatcher: CollectingDispatcher, name: str) -> list[Any]:
    """What was told to the engine under *name*."""
    return [one["custom"][name] for one in dispatcher.messages if name in (one["custom"] or {})]


async def turn(action: Any, **kwargs: Any) -> tuple[dict[str, Any], list[str], CollectingDispatcher]:
    """One run of *action* (a form's validation or an action after it): the slots it set, what it said, all it gave."""
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, tracker(**kwargs), {})
    return slots_of(events), said(dispatcher), dispatcher


class Talk:
    """Turns of one form in a row: what one run sets, the next one finds."""

    def __init__(self, form: Any, **slots: Any) -> None:
        self.form, self.slots, self.turns = form, dict(slots), 0

    async def say(
        self, text: str = "", intent: str = "inform", asked: str | None = None, **kwargs: Any
    ) -> tuple[dict[str, Any], list[str]]:
        """The customer's *text* while *asked* was the question; None begins the form."""
        self.turns += 1
        slots = {**self.slots, "requested_slot": asked}
        told = kwargs.pop("told", None)
        found, texts, _ = await turn(
            self.form,
            text=text,
            intent=intent,
            slots=slots,
            told=told if told is not None else {},
            loop=self.form.form_name(),
            begins=asked is None,
            ask=f"c:{self.turns}",
            **kwargs,
        )
        self.slots |= {**(told or {}), **found}
        return found, texts
