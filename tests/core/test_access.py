"""Deny by default: only what the table grants is allowed."""

from __future__ import annotations

from typing import get_args

import pytest

from warmline.core.access import GRANTS, Act, Who, may, require
from warmline.core.conversation import Agent, Conversation, Customer, Owner
from warmline.core.errors import NotAllowed

MARAS = Conversation("c_1", Customer("g_mara"), 0.0)
ANNAS = Conversation("c_1", Customer("g_mara"), 0.0, owner=Owner.AGENT, agent=Agent("anna", "Anna"))
MARA, OTHER = Who("customer", "g_mara"), Who("customer", "g_other")
ANNA, BEN = Who("agent", "anna"), Who("supervisor", "ben")


@pytest.mark.parametrize("act", get_args(Act))
def test_a_customer_reaches_their_own_conversation_and_no_other(act: Act) -> None:
    """Knowing an id is no permission."""
    assert may(MARA, act, MARAS) == (act in GRANTS["customer"])
    assert not may(OTHER, act, MARAS)


@pytest.mark.parametrize("act", ["reply", "hand_back", "transfer", "end", "type"])
def test_only_the_agent_who_has_a_conversation_acts_on_it(act: Act) -> None:
    """A supervisor may look and take over, not speak in between."""
    assert may(ANNA, act, ANNAS)
    assert not may(BEN, act, ANNAS)
    assert not may(ANNA, act, MARAS)


def test_a_customer_does_not_see_the_desk() -> None:
    """The desk is for agents."""
    assert not may(MARA, "see_desk")
    assert may(ANNA, "see_desk")


def test_what_nobody_listed_is_denied() -> None:
    """An unknown role or act is refused, with a code."""
    assert not may(Who("robot", "r"), "read", MARAS)  # type: ignore[arg-type]
    assert not may(ANNA, "erase", ANNAS)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed) as refused:
        require(OTHER, "read", MARAS)
    assert refused.value.code == "not_allowed"
