"""
What becomes of the engine's memory when somebody else had the conversation in between: every open question is over.

The memory carries the epoch of the answer it came with, and the ask carries the conversation's. The bridge begins a new
epoch whenever the bot gets a conversation back (warmline.core.conversation.move), so two that differ say that the owner
changed, for whatever reason: the button, an agent who stepped in, a silence, an engine that failed. A yes said after
that answers nothing that was asked before it. What is known (order number, address, identity, deeds) stays.
"""

from typing import List

from rasa.shared.core.events import ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from warmline.core.ask import Ask

OPEN_SLOTS = (
    "requested_slot",
    "warmline_tries",
    "warmline_form_end",
    "confirm",
    "about",
    "warmline_offer",
    "offered",
    "warmline_also",
    "proof_code",
    "proof_sent_to",
    "reset_code",
    "reset_sent_to",
    "warmline_verdict",
    "warmline_preface",
    "last_deed",
    "errand",
    "order_choice",
    "own_orders",
)
"""Slots that hold what is being asked or offered, and not what is known. One that a domain has not is left out."""


FACTS_TO_SLOTS = {"order_number": "order_number", "email": "email"}
"""Facts that may have been told to a person, and where the bot looks for them. None of them proves anything."""


def owner_changed(ask: Ask) -> bool:
    """Whether somebody else had the conversation since the memory was made; one without an epoch is of the first."""
    return bool((ask.memory or {}).get("epoch", 1) != ask.epoch)


def settle(tracker: DialogueStateTracker, ask: Ask) -> None:
    """When the owner changed: end what *tracker* waits for, and take over the facts that a person was told."""
    if not owner_changed(ask):
        return
    slots = tracker.slots
    events: List[Event] = [ActiveLoop(None)] if tracker.active_loop_name else []
    events += [SlotSet(name, None) for name in OPEN_SLOTS if name in slots and slots[name].value is not None]
    told = {FACTS_TO_SLOTS[fact.name]: fact.value for fact in ask.facts if fact.name in FACTS_TO_SLOTS}
    promise = next((fact.value for fact in ask.facts if fact.name == "promised_delivery"), None)
    about = {"promised": {"text": promise, "order": told.get("order_number")}} if promise else {}
    filled = {**told, **about}.items()
    events += [SlotSet(name, value) for name, value in filled if name in slots and slots[name].value != value]
    for event in events:
        tracker.update(event)
