"""
Every error Warmline raises on purpose, each with a wire code and whose fault it is.

::

    WarmlineError
    ├── PeerError            the other side sent something we will not do
    │   ├── FrameError           bad_frame: not JSON, not a known frame, or a field out of range
    │   ├── TooLarge             too_large: over a limit, refused before it is parsed
    │   ├── NotSignedIn          not_signed_in: no ticket or token, or one that is forged or expired
    │   ├── NotAllowed           not_allowed: signed in, but not for this
    │   ├── NotFound             not_found: no such conversation, message or agent
    │   ├── TooFast              too_fast: over a rate limit; carries retry_after_s
    │   ├── NotOffered           not_offered: a button that belongs to an earlier question, or was pressed before
    │   ├── NotAContact          not_a_contact: neither an e-mail address nor a phone number
    │   └── IllegalTransition    illegal_transition: the conversation's owner does not allow that event
    ├── StoreError           our disk
    │   ├── StaleVersion         stale_version: somebody else moved the conversation first
    │   └── StoreUnavailable     store_unavailable: full, locked or read-only; nothing was kept
    ├── EngineUnavailable    engine_unavailable: Rasa is down, slow, or answered with something else
    ├── BackendError         backend_error: a system behind the bot refused or could not be reached
    └── SettingsError        bad_settings: a file or a variable the operator has to mend
"""

from __future__ import annotations

from typing import ClassVar


class WarmlineError(Exception):
    """Base of all. *text* is a whole sentence for the person on the other side: what happened and what to do."""

    code: ClassVar[str] = "error"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class PeerError(WarmlineError):
    """The peer's fault: tell it, change nothing, go on."""

    code = "refused"


class FrameError(PeerError):
    code = "bad_frame"


class TooLarge(PeerError):
    code = "too_large"


class NotSignedIn(PeerError):
    code = "not_signed_in"


class NotAllowed(PeerError):
    code = "not_allowed"


class NotFound(PeerError):
    code = "not_found"


class TooFast(PeerError):
    """Carries *retry_after_s*, seconds until the same thing would be accepted."""

    code = "too_fast"

    def __init__(self, text: str, retry_after_s: float) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class NotOffered(PeerError):
    code = "not_offered"


class NotAContact(PeerError):
    code = "not_a_contact"


class IllegalTransition(PeerError):
    code = "illegal_transition"


class StoreError(WarmlineError):
    code = "store_error"


class StaleVersion(StoreError):
    code = "stale_version"


class StoreUnavailable(StoreError):
    code = "store_unavailable"


class EngineUnavailable(WarmlineError):
    code = "engine_unavailable"


class BackendError(WarmlineError):
    code = "backend_error"


class SettingsError(WarmlineError):
    code = "bad_settings"
