"""
The only permission check. Deny by default: what ``GRANTS`` does not list is not allowed.

An id that exists is no permission: a customer reaches the one conversation their ticket names, an agent acts on the
conversations that they own, and everybody at the desk may look.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from warmline.core.conversation import Conversation, Owner
from warmline.core.errors import NotAllowed

Role = Literal["customer", "agent", "supervisor"]
Act = Literal[
    "read", "write", "ask_person", "go_back", "leave_contact", "end", "type", "claim", "take_over", "reply", "note",
    "hand_back", "transfer", "see_desk",
]  # fmt: skip


class Who(msgspec.Struct, frozen=True):
    """Somebody who was authenticated. *id*: the customer's id, or the agent's sign-in name."""

    role: Role
    id: str


Check = Callable[[Who, "Conversation | None"], bool]


def _always(who: Who, conversation: Conversation | None) -> bool:
    return True


def _their_own(who: Who, conversation: Conversation | None) -> bool:
    return conversation is not None and conversation.customer.id == who.id


def _any(who: Who, conversation: Conversation | None) -> bool:
    return conversation is not None


def _holds_it(who: Who, conversation: Conversation | None) -> bool:
    return (
        conversation is not None
        and conversation.owner is Owner.AGENT
        and conversation.agent is not None
        and conversation.agent.id == who.id
    )


_DESK: dict[str, Check] = {
    "see_desk": _always,
    "read": _any,
    "note": _any,
    "claim": _any,
    "take_over": _any,
    "reply": _holds_it,
    "hand_back": _holds_it,
    "transfer": _holds_it,
    "end": _holds_it,
    "type": _holds_it,
}
GRANTS: dict[str, dict[str, Check]] = {
    "customer": dict.fromkeys(("read", "write", "ask_person", "go_back", "leave_contact", "end", "type"), _their_own),
    "agent": _DESK,
    "supervisor": _DESK,
}


def may(who: Who, act: Act, conversation: Conversation | None = None) -> bool:
    """Whether *who* may do *act* (to *conversation*). Unknown roles and acts may not."""
    check = GRANTS.get(who.role, {}).get(act)
    return check is not None and check(who, conversation)


def require(who: Who, act: Act, conversation: Conversation | None = None) -> None:
    """Raise NotAllowed unless *who* may do *act*."""
    if not may(who, act, conversation):
        raise NotAllowed(f"You may not do this here ({act.replace('_', ' ')}).")
