"""Somebody else had the conversation in between: what was asked is over, what is known stays."""

from typing import Any

import msgspec
import pytest
from rasa.shared.core.events import ActiveLoop, SlotSet

from warmline.core.ask import Ask
from warmline.core.fact_list import FactLine, FactList
from warmline.engine.memory import pack, unpack
from warmline.engine.settled import OPEN_SLOTS, settle, slots_of_entities
from warmline.rules_file import load_rules

from .conftest import ROOT, Conversation

pytestmark = pytest.mark.engine

LISTED = load_rules(ROOT / "escalation.yml").facts
OVER = (*OPEN_SLOTS, *LISTED.forget)
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
    for name, value in {**KNOWN, **dict.fromkeys(OVER, "x"), "requested_slot": "confirm"}.items():
        tracker.update(SlotSet(name, value))
    tracker.update(ActiveLoop("cancel_form"))
    return {**pack(tracker, processor.domain), "epoch": epoch}


def settled(processor: Any, memory: Any, epoch: int, facts: Any = (), listed: FactList = LISTED) -> Any:
    made = {**Conversation(None, "c").ask("ok"), "memory": memory, "epoch": epoch, "facts": facts, "listed": listed}  # type: ignore[arg-type]
    tracker = unpack(memory, "c", processor.domain)
    settle(tracker, msgspec.convert(msgspec.to_builtins(made), Ask), slots_of_entities(processor.domain))
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
    assert {name: tracker.get_slot(name) for name in OVER} == dict.fromkeys(OVER)
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
        {"name": "promised.text", "label": "Promised", "value": "Noted: Monday."},
    ]
    for memory in (in_a_form(processor), None):
        tracker = settled(processor, memory, 2, told)
        assert tracker.get_slot("order_number") == "A1276"
        assert tracker.get_slot("email") == "mei.chen@example.com"
        assert tracker.get_slot("promised") == {"text": "Noted: Monday.", "about": "A1276"}
        assert tracker.get_slot("warmline_identity") == (KNOWN["warmline_identity"] if memory else None)


def test_without_a_list_of_facts_only_forms_and_our_own_slots_end_and_what_was_told_fills_the_entitys_slot(
    processor: Any,
) -> None:
    """A bot that was adopted: its own slots stay as they are, and no rendering of a fact takes the place of a value."""
    told = [
        {"name": "order_number", "label": "Order number", "value": "A1276"},
        {"name": "deeds", "label": "Deeds", "value": "sent something else"},
    ]
    tracker = settled(processor, in_a_form(processor), 2, told, FactList())
    assert tracker.active_loop_name is None
    assert tracker.get_slot("requested_slot") is None
    assert tracker.get_slot("confirm") == "x"
    assert tracker.get_slot("order_number") == "A1276"
    assert tracker.get_slot("deeds") == KNOWN["deeds"]


def test_a_fact_with_an_entity_of_another_name_is_filled_by_it(processor: Any) -> None:
    """The list says which slot."""
    listed = FactList((FactLine("about", entity="order_number"), FactLine("deeds")), ("offered",))
    told = [{"name": "about", "label": "About", "value": "A1276"}]
    tracker = settled(processor, in_a_form(processor), 2, told, listed)
    assert (tracker.get_slot("about"), tracker.get_slot("offered")) == ("A1276", None)
    assert tracker.get_slot("order_number") == "A1101"


def test_the_slot_that_an_entity_fills_is_the_one_of_its_name_else_the_one_that_is_mapped() -> None:
    """A mapping that holds in one form only is not asked."""
    from rasa.shared.core.domain import Domain

    def slot(entity: str, **more: Any) -> dict[str, Any]:
        return {"type": "text", "mappings": [{"type": "from_entity", "entity": entity, **more}]}

    made = {
        "entities": ["policy", "plate", "code"],
        "forms": {"f": {"required_slots": ["typed"]}},
        "slots": {
            "other": slot("policy"),
            "policy": slot("policy"),
            "number_plate": slot("plate"),
            "typed": slot("code", conditions=[{"active_loop": "f"}]),
        },
    }
    assert slots_of_entities(Domain.from_dict(made)) == {"policy": "policy", "plate": "number_plate"}
