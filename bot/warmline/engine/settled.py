"""
What becomes of the engine's memory when somebody else had the conversation in between: every open question is over.

The memory carries the epoch of the answer it came with, and the ask carries the conversation's. The bridge begins a new
epoch whenever the bot gets a conversation back (warmline.core.conversation.move), so two that differ say that the owner
changed, for whatever reason: the button, an agent who stepped in, a silence, an engine that failed. A yes said after
that answers nothing that was asked before it. What is known (numbers, address, identity, deeds) stays.
"""

from typing import Any, Dict, List, Mapping

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

from warmline.core.ask import Ask
from warmline.core.conversation import Fact
from warmline.core.facts import known
from warmline.engine.wording import LOOK_BACK

OPEN_SLOTS = (
    "requested_slot",
    "warmline_tries",
    "warmline_form_end",
    "warmline_offer",
    "warmline_also",
    "warmline_verdict",
    "warmline_preface",
)
"""Slots of Rasa's and ours that hold what is being asked or offered; escalation.yml names those of the project."""

EMAIL = "email"
TELLABLE = ("text", "any", "categorical")
"""Types of slots that a value told to a person may fill: it is a text."""


def owner_changed(ask: Ask) -> bool:
    """Whether somebody else had the conversation since the memory was made; one without an epoch is of the first."""
    return bool((ask.memory or {}).get("epoch", 1) != ask.epoch)


def settle(tracker: DialogueStateTracker, ask: Ask, mapped: Mapping[str, str] = {}) -> None:
    """
    When the owner changed: end what *tracker* waits for, and take over the facts that a person was told.

    *mapped* are the entities of the domain and the slot that each fills; a fact that is told has the name of its slot
    or, in a project that lists no facts, of its entity. None of it proves anything.
    """
    if not owner_changed(ask):
        return
    slots = tracker.slots
    events: List[Event] = [ActiveLoop(None)] if tracker.active_loop_name else []
    over = dict.fromkeys((*OPEN_SLOTS, *ask.listed.forget))
    events += [SlotSet(name, None) for name in over if name in slots and slots[name].value is not None]
    events += [SlotSet(name, value) for name, value in _told(ask, slots, mapped).items() if slots[name].value != value]
    for event in events:
        tracker.update(event)


def begun_anew(tracker: DialogueStateTracker, domain: Domain) -> DialogueStateTracker:
    """
    *tracker* as at the beginning of a conversation, with all that its slots hold and the bot's last words. A policy
    that learns from stories has seen none with a handoff in it, and would not know how to go on after one.
    """
    fresh = DialogueStateTracker(tracker.sender_id, domain.slots)
    filled = [(name, slot.value) for name, slot in tracker.slots.items() if slot.value != slot.initial_value]
    said = [event for event in tracker.events if isinstance(event, BotUttered)][-LOOK_BACK:]
    for event in (*(SlotSet(name, value) for name, value in filled), *said, ActionExecuted(ACTION_LISTEN_NAME)):
        fresh.update(event)
    return fresh


def _told(ask: Ask, slots: Mapping[str, Slot], mapped: Mapping[str, str]) -> Dict[str, Any]:
    """The slots that *ask*'s facts fill, as far as the domain has them and they hold something else."""
    here = {fact.name: fact.value for fact in known(ask.listed, {name: slot.value for name, slot in slots.items()})}
    told = [fact for fact in ask.facts if here.get(fact.name) != fact.value]
    filled: Dict[str, Any] = {}
    for fact in told:
        slot = _slot_of(fact, ask, mapped)
        if slot in slots and slots[slot].type_name in TELLABLE:
            filled[slot] = fact.value
    about = next((line for line in ask.listed.lines or () if line.subject), None)
    for line in ask.listed.lines or ():
        promise = next((fact.value for fact in told if fact.name == line.name and line.promise), None)
        if promise and line.slot in slots:
            subject = (
                filled.get(about.slot, slots[about.slot].value if about.slot in slots else None) if about else None
            )
            filled[line.slot] = {line.key: promise, "about": subject} if line.key else promise
    return filled


def _slot_of(fact: Fact, ask: Ask, mapped: Mapping[str, str]) -> str:
    """The slot that *fact* fills when it was told; empty when it is none that can be told."""
    if ask.listed.lines is None:
        return fact.name if fact.name in (EMAIL, *mapped.values()) else mapped.get(fact.name, "")
    line = next((one for one in ask.listed.lines if one.name == fact.name), None)
    tellable = line is not None and (line.entity or line.told_as == EMAIL or line.told_as in mapped)
    return line.slot if line is not None and tellable and line.told_as else ""


def slots_of_entities(domain: Any) -> Dict[str, str]:
    """The entities of a Rasa *domain*, and the slot that each fills: of its own name, else the first that is mapped."""
    mapped: Dict[str, str] = {}
    for slot in domain.slots:
        for mapping in slot.mappings:
            entity = mapping.get("entity")
            if mapping.get("type") == "from_entity" and entity and not mapping.get("conditions"):
                mapped.setdefault(entity, slot.name)
    names = {slot.name for slot in domain.slots}
    return {**mapped, **{entity: entity for entity in domain.entities if entity in names}}


def at_start(tracker: DialogueStateTracker) -> Dict[str, Any]:
    """What the slots hold before anybody wrote, as far as they hold something."""
    return {name: slot.initial_value for name, slot in tracker.slots.items() if slot.initial_value is not None}
