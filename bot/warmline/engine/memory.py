"""
Rasa's tracker in short: what leaves with an answer as ``memory`` and comes back with the next question.

``{"v": 1, "base": {"slots", "loop"}, "events": [...]}``: the state before the window, and the events of the window,
whole turns only. What falls out of the window is folded into the base by Rasa's own code, so a tracker that is rebuilt
is in the same state as one that was never cut: forms, interruptions and slots survive any length of conversation.
Beside them lies the ``epoch`` of the answer (warmline.engine.settled).
"""

from typing import Any, Dict, Iterable, List, Optional

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_TWO_STAGE_FALLBACK_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    Event,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

from warmline.engine.names import MOOD, PREFACE, VERDICT

VERSION = 1
WINDOW_EVENTS = 40
KEPT_TEXT_CHARS = 300
FLEETING = frozenset({VERDICT, MOOD, PREFACE, "session_started_metadata"})
"""Slots that are written anew on each turn: nothing of them is remembered."""

Memory = Dict[str, Any]


class BadMemory(ValueError):
    """The memory is not one that :func:`pack` made."""


def unpack(memory: Optional[Memory], conversation: str, domain: Domain) -> DialogueStateTracker:
    """
    Rebuild the tracker of *conversation*; a new one when there is no memory yet.

    Raises:
        BadMemory: *memory* is of another version or not of this shape.
    """
    tracker = DialogueStateTracker(conversation, domain.slots)
    if memory is None:
        return tracker
    if memory.get("v") != VERSION:
        raise BadMemory("This memory has another version.")
    try:
        base, events = memory["base"], deserialise_events(memory["events"])
        events = _as_events(base["slots"], base["loop"], tracker) + events
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise BadMemory(f"This memory has another shape ({type(wrong).__name__}).") from None
    for event in events:
        tracker.update(event)
    return tracker


def pack(tracker: DialogueStateTracker, domain: Domain, window: int = WINDOW_EVENTS) -> Memory:
    """
    The memory of *tracker* after a turn: its last turns, at most *window* events of them but at least one turn, over a
    base that holds everything older.
    """
    # not applied_events(): that leaves out a form's own turns, and Rasa's two-stage fallback counts what was taken back
    events = [event for event in tracker.events if _kept(event)]
    cut = _cut(events, window)
    older = DialogueStateTracker(tracker.sender_id, domain.slots)
    for event in events[:cut]:
        older.update(event)
    slots = {
        name: slot.value
        for name, slot in older.slots.items()
        if name not in FLEETING and slot.value != slot.initial_value
    }
    loop = older.active_loop
    return {
        "v": VERSION,
        "base": {
            "slots": slots,
            "loop": {"name": loop.name, "interrupted": loop.is_interrupted, "rejected": loop.rejected}
            if loop is not None and loop.name
            else None,
        },
        "events": [_slim(event) for event in events[cut:]],
    }


def _as_events(slots: Dict[str, Any], loop: Optional[Dict[str, Any]], tracker: DialogueStateTracker) -> List[Event]:
    """The base as events; a slot that a newer domain no longer has is left out."""
    events: List[Event] = [SlotSet(name, value) for name, value in slots.items() if name in tracker.slots]
    if loop:
        events.append(ActiveLoop(loop["name"]))
        if loop["rejected"]:
            events.append(ActionExecutionRejected(loop["name"]))
        if loop["interrupted"]:
            events.append(LoopInterrupted(True))
    return events


def _kept(event: Event) -> bool:
    if isinstance(event, SlotSet):
        return event.key not in FLEETING
    return not (isinstance(event, BotUttered) and not event.text)


def _cut(events: List[Event], window: int) -> int:
    """Where the window begins: at the listening before a customer's turn, and where nothing after it is taken back."""
    turns = [
        n
        for n, event in enumerate(events[:-1])
        if isinstance(event, ActionExecuted)
        and event.action_name == ACTION_LISTEN_NAME
        and isinstance(_next_of(events[n + 1 :]), UserUttered)
        and _loop_before(events[:n]) != ACTION_TWO_STAGE_FALLBACK_NAME  # whose end takes its beginning back
        and _stands_alone(events[n:])
    ]
    if len(events) <= window or not turns:
        return 0
    return next((n for n in turns if len(events) - n <= window), turns[-1])


def _loop_before(events: List[Event]) -> Optional[str]:
    """The loop that runs after *events*, as far as they say."""
    return next((event.name for event in reversed(events) if isinstance(event, ActiveLoop)), None)


def _stands_alone(events: List[Event]) -> bool:
    """Whether no fallback in *events* takes back what was before them: it would take the base back, too."""
    if not any(isinstance(event, (UserUtteranceReverted, ActionReverted)) for event in events):
        return True
    left: List[Event] = []
    for event in events:
        if isinstance(event, (Restarted, SessionStarted)):
            return True
        wanted: List[Any] = []
        if isinstance(event, UserUtteranceReverted):
            wanted = [UserUttered, ActionExecuted]
        elif isinstance(event, ActionReverted):
            wanted = [ActionExecuted]
        else:
            left.append(event)
        for kind in wanted:
            if not any(isinstance(one, kind) for one in left):
                return False
            DialogueStateTracker._undo_till_previous(kind, left)
    return True


def _next_of(events: Iterable[Event]) -> Optional[Event]:
    return next((event for event in events if isinstance(event, (ActionExecuted, UserUttered))), None)


def _slim(event: Event) -> Dict[str, Any]:
    """The event without what no prediction reads: clocks, rankings, long texts, the questions' metadata."""
    whole = event.as_dict()
    whole.pop("timestamp", None)
    metadata = whole.pop("metadata", None) or {}
    if isinstance(event, UserUttered):
        parsed = whole.get("parse_data") or {}
        text = (event.text or "")[:KEPT_TEXT_CHARS]
        intent = {key: parsed.get("intent", {}).get(key) for key in ("name", "confidence")}
        entities = [
            {key: entity[key] for key in ("entity", "value", "start", "end") if key in entity}
            for entity in parsed.get("entities", [])
        ]
        return {
            "event": "user",
            "text": text,
            "parse_data": {"intent": intent, "entities": entities, "text": text},
            "input_channel": event.input_channel,
        }
    if isinstance(event, BotUttered):
        said = {"event": "bot", "text": (event.text or "")[:KEPT_TEXT_CHARS]}
        return {**said, "metadata": {"utter_action": metadata["utter_action"]}} if "utter_action" in metadata else said
    return {key: value for key, value in whole.items() if value is not None or key in ("value", "name")}
