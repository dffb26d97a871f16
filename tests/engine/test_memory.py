"""The tracker that travels: cut, packed, sent through JSON and rebuilt, it predicts what the whole one predicts."""

import asyncio
import json
from typing import Any

import msgspec
import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    LoopInterrupted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from warmline.core.ask import Ask
from warmline.engine.memory import FLEETING, pack, unpack
from warmline.engine.turn import Turns, _sort, note_offer

from .conftest import Conversation

pytestmark = pytest.mark.engine

DIALOGUE = [
    "hello",
    "where is my order",
    "when are you open?",
    "hm no idea",
    "A1042",
    "how much is delivery?",
    "no, A1024",
    "tom.baker@example.com",
    "are you a real person?",
    "mara@example.com",
    "and where is my refund?",
    "I forgot my password",
    "what are your opening hours",
    "000000",
    "stop it, never mind",
    "blue blorp seventeen",
    "no, A1042",
    "thanks",
]


@pytest.fixture(scope="session")
def processor(load_agent: Any, actions_port: int) -> Any:
    return load_agent(actions_port).processor


class Straight:
    """The same conversation with a tracker that lives on, as Rasa means it."""

    def __init__(self, processor: Any, name: str) -> None:
        self.processor, self.name = processor, name
        self.turns = Turns(processor)
        self.tracker = DialogueStateTracker(name, processor.domain.slots)

    async def say(self, ask: Ask) -> DialogueStateTracker:
        store = self.turns._store
        store.put(self.tracker)
        output = CollectingOutputChannel()
        message = UserMessage(
            ask.text, output, self.name, message_id=ask.id, metadata=self.turns._metadata(ask, self.tracker)
        )
        await self.processor.handle_message(message)
        self.tracker = store.take(self.name) or self.tracker
        note_offer(self.tracker, _sort(output.messages)[0])
        return self.tracker


def state(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Everything that the next prediction can depend on."""
    slots = {name: value for name, value in tracker.current_slot_values().items() if name not in FLEETING}
    loop = tracker.active_loop
    return {
        "slots": slots,
        "loop": (loop.name, loop.is_interrupted, loop.rejected) if loop else None,
        "latest": tracker.latest_action_name,
        "intent": tracker.latest_message.intent.get("name") if tracker.latest_message else None,
    }


def actions_of(tracker: DialogueStateTracker) -> list[str]:
    return [event.action_name for event in tracker.events if isinstance(event, ActionExecuted)]


@pytest.mark.parametrize("window", [1, 40])
def test_a_cut_tracker_does_what_the_whole_one_does(processor: Any, window: int, monkeypatch: Any) -> None:
    """Forms, interruptions, a correction, wrong answers, giving up: the same actions and state, turn by turn."""
    asyncio.run(compare(processor, window, monkeypatch))


async def compare(processor: Any, window: int, monkeypatch: Any) -> None:
    seen: list[Any] = []

    def pack_and_look(tracker: DialogueStateTracker, domain: Domain) -> Any:
        seen.append(tracker)
        return json.loads(json.dumps(pack(tracker, domain, window)))

    monkeypatch.setattr("warmline.engine.turn.pack", pack_and_look)
    turns, whole = Turns(processor), Straight(processor, f"whole-{window}")
    talk = Conversation(None, f"cut-{window}")  # type: ignore[arg-type]
    before = 0
    for text in DIALOGUE:
        asked = talk.ask(text)
        answer = await turns.answer(msgspec.convert(asked, Ask))
        straight = await whole.say(msgspec.convert({**asked, "id": "whole-" + asked["id"]}, Ask))
        done = actions_of(straight)
        did, before = done[before:], len(done)
        assert actions_of(seen[-1])[-len(did) :] == did, text
        assert state(seen[-1]) == state(straight), text
        talk.keep(msgspec.to_builtins(answer))
        rebuilt = unpack(talk.memory, "x", processor.domain)
        assert state(rebuilt) == state(straight), text


def test_memory_stays_small(processor: Any) -> None:
    """Sixty turns, some of them as long as a text may be: never more than 16 KB, and not growing."""
    turns, sizes = Turns(processor), []
    talk = Conversation(None, "long")  # type: ignore[arg-type]

    async def main() -> None:
        for number in range(60):
            text = DIALOGUE[number % len(DIALOGUE)]
            text = text + " bla" * 900 if number % 5 == 0 else text
            answer = await turns.answer(msgspec.convert(talk.ask(text), Ask))
            talk.keep(msgspec.to_builtins(answer))
            sizes.append(len(msgspec.json.encode(answer.memory)))

    asyncio.run(main())
    assert max(sizes) <= 16 * 1024
    assert max(sizes[30:]) <= max(sizes[:30]) * 1.25


def test_a_slot_that_the_domain_lost_is_forgotten(processor: Any) -> None:
    """A memory of an older model can be read by a newer one."""
    memory = {"v": 1, "base": {"slots": {"shoe_size": 42, "email": "a@example.com"}, "loop": None}, "events": []}
    tracker = unpack(memory, "c", processor.domain)
    assert tracker.get_slot("email") == "a@example.com"
    assert "shoe_size" not in tracker.current_slot_values()


@pytest.mark.parametrize("extra", [[], [ActionExecutionRejected("order_form")], [LoopInterrupted(True)]], ids=str)
def test_a_loop_that_falls_out_of_the_window_keeps_its_state(processor: Any, extra: list[Any]) -> None:
    """Active, stepped back from, returned to: all of it is in the base, though no event of it is left."""
    started = [
        ActionExecuted("action_listen"),
        UserUttered("a", {"name": "order_status"}),
        ActionExecuted("order_form"),
        ActiveLoop("order_form"),
        SlotSet("requested_slot", "order_number"),
        *extra,
    ]
    then = [ActionExecuted("action_listen"), UserUttered("b", {"name": "greet"})]
    tracker = DialogueStateTracker("c", processor.domain.slots)
    for event in started:
        tracker.update(event)
    expected = state(tracker)
    for event in then:
        tracker.update(event)
    memory = json.loads(json.dumps(pack(tracker, processor.domain, 1)))
    assert len(memory["events"]) == len(then)
    rebuilt = state(unpack({**memory, "events": []}, "c", processor.domain))
    assert (rebuilt["loop"], rebuilt["slots"]) == (expected["loop"], expected["slots"])


def test_nothing_of_a_turn_stays_in_the_engine(processor: Any) -> None:
    """Neither after an answer nor after a refusal."""
    turns = Turns(processor)
    talk = Conversation(None, "gone")  # type: ignore[arg-type]
    asyncio.run(turns.answer(msgspec.convert(talk.ask("hello"), Ask)))
    assert list(asyncio.run(turns._store.keys())) == []
