"""What the supervisor tells of its children."""

from __future__ import annotations

from typing import Union

import msgspec


class Started(msgspec.Struct, frozen=True):
    """*name* runs as *pid*, and is not ready yet."""

    name: str
    pid: int


class Ready(msgspec.Struct, frozen=True):
    """*name* answers, *took_s* seconds after it was started."""

    name: str
    took_s: float


class AllReady(msgspec.Struct, frozen=True):
    """For the first time, all children are ready."""


class Down(msgspec.Struct, frozen=True):
    """*name* ended, for *reason*; it is started again in *retry_s* seconds."""

    name: str
    reason: str
    retry_s: float


class GaveUp(msgspec.Struct, frozen=True):
    """*name* cannot be started; everything is being stopped."""

    name: str
    reason: str


class Stopping(msgspec.Struct, frozen=True):
    """*name* has been asked to end."""

    name: str


class Stopped(msgspec.Struct, frozen=True):
    """*name* has ended; *forced* when it had to be killed."""

    name: str
    forced: bool


class Said(msgspec.Struct, frozen=True):
    """*name* has something to say to whoever runs it (warmline.core.notice)."""

    name: str
    text: str


Report = Union[Started, Ready, AllReady, Down, GaveUp, Stopping, Stopped, Said]
