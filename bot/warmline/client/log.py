"""What a client holds of one conversation's log, and how frames are merged into it. Pure."""

from __future__ import annotations

import msgspec

from warmline.core.frames import MessageFrame, Snapshot


class Log(msgspec.Struct, frozen=True):
    """The last message held without a gap before it: *seq*, 0 when there is none. *epoch* is the highest seen."""

    conversation: str
    epoch: int = 0
    seq: int = 0


class Merged(msgspec.Struct, frozen=True):
    """The log after a frame; *fresh* are the messages to show, in order. With *gap* something is missing: resume."""

    log: Log
    fresh: tuple[MessageFrame, ...] = ()
    gap: bool = False


def merge(log: Log, frame: MessageFrame | Snapshot) -> Merged:
    """
    Take *frame* into *log*. What is held already, or belongs to another conversation, changes nothing.

    A message beyond the next seq is a gap: it is not shown, and comes again after a resume.
    """
    if frame.conversation != log.conversation:
        return Merged(log)
    if isinstance(frame, Snapshot):
        fresh = tuple(message for message in frame.messages if message.seq > log.seq)
        return Merged(Log(log.conversation, frame.epoch, frame.seq), fresh)
    if frame.seq <= log.seq:
        return Merged(log)
    if frame.seq > log.seq + 1:
        return Merged(log, gap=True)
    return Merged(Log(log.conversation, max(log.epoch, frame.epoch), frame.seq), (frame,))
