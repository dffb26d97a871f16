"""The table says who may own a conversation next, and nothing else does."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from warmline.core.conversation import TRANSITIONS, Agent, Conversation, Customer, Event, Owner, move
from warmline.core.errors import IllegalTransition

PAIRS = list(itertools.product(Owner, Event))


def conversation(owner: Owner, epoch: int = 3) -> Conversation:
    return Conversation("c_1", Customer("g_1"), 0.0, owner=owner, epoch=epoch, agent=Agent("anna", "Anna"))


@pytest.mark.parametrize(("owner", "event"), PAIRS, ids=lambda value: value.value)
def test_every_pair_of_owner_and_event_moves_as_the_table_says_or_is_refused(owner: Owner, event: Event) -> None:
    """A pair in the table leads to its owner; any other raises and leaves the conversation as it was."""
    before = conversation(owner)
    expected = TRANSITIONS.get((owner, event))
    if expected is None:
        with pytest.raises(IllegalTransition) as refused:
            move(before, event)
        assert refused.value.code == "illegal_transition"
        assert before == conversation(owner)
    else:
        assert move(before, event).owner is expected


@pytest.mark.parametrize(("owner", "event"), TRANSITIONS, ids=lambda value: value.value)
def test_only_entering_the_bot_begins_a_new_epoch(owner: Owner, event: Event) -> None:
    """
    Every way into the bot raises the epoch by one, so an answer from before can be told apart; no other move does.
    """
    after = move(conversation(owner), event)
    assert after.epoch == (4 if after.owner is Owner.BOT else 3)


@pytest.mark.parametrize(("owner", "event"), TRANSITIONS, ids=lambda value: value.value)
def test_an_agent_is_named_only_while_an_agent_owns_it(owner: Owner, event: Event) -> None:
    """Leaving the agent forgets the agent."""
    after = move(conversation(owner), event)
    assert (after.agent is not None) == (after.owner is Owner.AGENT)


def test_a_conversation_survives_the_way_to_disk_and_back() -> None:
    """What is encoded decodes to an equal value."""
    before = conversation(Owner.AGENT)
    assert msgspec.json.decode(msgspec.json.encode(before), type=Conversation) == before
