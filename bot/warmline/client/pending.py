"""
What was said and is not yet known to be kept: frames with ids, in the order they were said. Pure; times are seconds of
any clock that only goes forward.

A frame's id never changes, so sending it again is harmless. Frames of one conversation keep their order: the next
leaves when the one before it was answered.
"""

from __future__ import annotations

import msgspec

from warmline.core.frames import Frame, Nack

MOST_TRIES = 6
ANSWER_LIMIT_S = 12.0


class Item(msgspec.Struct, frozen=True):
    """A *frame* under way: on the wire since *sent_at*, or (None) to be sent, but not before *not_before*."""

    id: str
    lane: str
    frame: Frame
    sent_at: float | None = None
    not_before: float = 0.0
    tries: int = 0


Items = tuple[Item, ...]


def add(items: Items, frame: Frame) -> Items:
    """Append *frame*, which has an id; its lane is the conversation it names."""
    frame_id, lane = getattr(frame, "id", ""), getattr(frame, "conversation", "")
    return (*items, Item(frame_id, lane or "", frame))


def due(items: Items, now: float) -> Items:
    """The items that may leave now: the first of each lane, unless it waits for its answer or its time."""
    return tuple(item for item in _first(items) if item.sent_at is None and item.not_before <= now)


def next_due_s(items: Items, now: float) -> float | None:
    """Seconds until :func:`due` or :func:`overdue` has something new to say; None when only a frame can change that."""
    moments = [item.not_before if item.sent_at is None else item.sent_at + ANSWER_LIMIT_S for item in _first(items)]
    return max(0.0, min(moments) - now) if moments else None


def sent(items: Items, frame_id: str, now: float) -> Items:
    """The item is on the wire."""
    return _change(items, frame_id, sent_at=now)


def answered(items: Items, frame_id: str) -> Items:
    """The bridge kept it, or refused it for good."""
    return tuple(item for item in items if item.id != frame_id)


def refused(items: Items, nack: Nack, now: float) -> tuple[Items, bool]:
    """The bridge did not keep it. Returns whether it will be sent again, after the time the bridge asked for."""
    item = next((each for each in items if each.id == nack.id), None)
    if item is None:
        return items, False
    if nack.retry_after_s is None or item.tries + 1 >= MOST_TRIES:
        return answered(items, nack.id), False
    return _change(items, nack.id, sent_at=None, not_before=now + nack.retry_after_s, tries=item.tries + 1), True


def overdue(items: Items, now: float) -> Items:
    """What got no answer in time goes again, under the same id."""
    late = [item.id for item in items if item.sent_at is not None and item.sent_at + ANSWER_LIMIT_S <= now]
    for frame_id in late:
        items = _change(items, frame_id, sent_at=None)
    return items


def unsent(items: Items) -> Items:
    """The link is gone: what was on the wire may or may not have arrived, so it goes again."""
    return tuple(msgspec.structs.replace(item, sent_at=None) for item in items)


def _first(items: Items) -> Items:
    lanes: dict[str, Item] = {}
    for item in items:
        lanes.setdefault(item.lane, item)
    return tuple(lanes.values())


def _change(items: Items, frame_id: str, **what: object) -> Items:
    return tuple(msgspec.structs.replace(item, **what) if item.id == frame_id else item for item in items)
