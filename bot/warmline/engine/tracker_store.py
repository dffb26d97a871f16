"""
A tracker store that stores nothing: it holds a tracker only while its turn runs.

The bridge's log is the record, and the tracker's short form travels with each question (warmline.engine.memory), so
nothing here can be lost, locked, outgrown or read by the wrong conversation.
"""

from typing import Any, Dict, Iterable, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class TurnStore(TrackerStore):
    """Trackers of the turns that run now, by sender id; :meth:`put` before a turn, :meth:`take` after it, always."""

    def __init__(self, domain: Optional[Domain], event_broker: Optional[EventBroker] = None, **kwargs: Any) -> None:
        kwargs.pop("host", None)
        super().__init__(domain, event_broker, **kwargs)
        self._running: Dict[Text, DialogueStateTracker] = {}

    def put(self, tracker: DialogueStateTracker) -> None:
        """Hold *tracker* for the turn of its sender id."""
        self._running[tracker.sender_id] = tracker

    def take(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """Give the tracker back and forget it; None when there is none."""
        return self._running.pop(sender_id, None)

    async def save(self, tracker: DialogueStateTracker) -> None:
        self._running[tracker.sender_id] = tracker

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        return self._running.get(sender_id)

    async def keys(self) -> Iterable[Text]:
        return list(self._running)
