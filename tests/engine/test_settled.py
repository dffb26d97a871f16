"""Somebody else had the conversation in between: what was asked is over, what is known stays."""

from typing import Any

import msgspec
import pytest
from rasa.shared.core.events import ActiveLoop, SlotSet

from warmline.core.ask import Ask
from warmline.engine.memory import pack, unpack
from warmline.engine.settled import OPEN_SLOTS, settle

from .conftest import Conversation

pytestmark = pytest.mark.engine

KNOWN = {
    "order_number": "A1101",
    "email": "jonas.ode@example.com",
    "warmline_identity": {"email": "jonas.ode@example.com", "by": "code"},
    "deeds": ["sent the invoice"],
}


@pytest.fixture(scope="module")
def processor(load_agent: Any, actions_port: int) -> Any:
    return load_agent(actions_port).processor


def in_a_form(processor: Any, epoch: int = 1) -> dict[str, Any]:
    """A memory in which a last yes is waited for, with every slot that may be open set."""
    tracker = unpack(None, "c", processor.domain)
    for name, value in {**KNOWN, **dict.fromkeys(OPEN_SLOTS, "x"), "requested_slot": "confirm"}.items():
        tracker.update(SlotSet(name, value))
    tracker.update(ActiveLoop("cancel_form"))
    return {**pack(tracker, processor.domain), "epoch": epoch}


def settled(processor: Any, memory: Any, epoch: int, facts: Any = ()) -> Any:
    made = {**Conversation(None, "c").ask("ok"), "memory": memory, "epoch": epoch, "facts": facts}  # type: ignore[arg-type]
    tracker = unpack(memory, "c", processor.domain)
    settle(tracker, msgspec.convert(made, Ask))
    return tracker


@pytest.mark.parametrize("memory_epoch", [1, None])
def test_another_epoch_ends_the_form_and_every_open_question_and_keeps_what_is_known(
    processor: Any, memory_epoch: int | None
) -> None:
    """A memory from before epochs were written down is of the first one."""
    memory = in_a_form(processor)
    if memory_epoch is None:
        del memory["epoch"]
    tracker = settled(processor, memory, 2)
    assert tracker.active_loop_name is None
    assert {name: tracker.get_slot(name) for name in OPEN_SLOTS} == dict.fromkeys(OPEN_SLOTS)
    assert {name: tracker.get_slot(name) for name in KNOWN} == KNOWN


def test_in_the_same_epoch_the_form_goes_on(processor: Any) -> None:
    """Nobody else had it; facts that come along change nothing then."""
    told = [{"name": "order_number", "label": "Order", "value": "A1276"}]
    tracker = settled(processor, in_a_form(processor, 2), 2, told)
    assert tracker.active_loop_name == "cancel_form"
    assert tracker.get_slot("requested_slot") == "confirm"
    assert tracker.get_slot("order_number") == "A1101"


def test_what_was_told_meanwhile_fills_slots_and_proves_nothing(processor: Any) -> None:
    """Also when the bot was never asked before; the identity is another matter."""
    told = [
        {"name": "order_number", "label": "Order", "value": "A1276"},
        {"name": "email", "label": "E-mail", "value": "mei.chen@example.com"},
        {"name": "promised_delivery", "label": "Promised", "value": "Noted: Monday."},
    ]
    for memory in (in_a_form(processor), None):
        tracker = settled(processor, memory, 2, told)
        assert tracker.get_slot("order_number") == "A1276"
        assert tracker.get_slot("email") == "mei.chen@example.com"
        assert tracker.get_slot("promised") == {"text": "Noted: Monday.", "order": "A1276"}
        assert tracker.get_slot("warmline_identity") == (KNOWN["warmline_identity"] if memory else None)
