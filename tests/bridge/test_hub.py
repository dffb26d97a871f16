"""Who hears what."""

from __future__ import annotations

from typing import Any

from warmline.bridge.hub import MOST_FOLLOWED, Hub


def test_an_agent_hears_the_conversations_opened_last_and_no_more() -> None:
    """The one opened longest ago gives way; opening it again counts; who has left is forgotten altogether."""
    hub, anna, ben = Hub(), _connection(), _connection()
    hub.follow("c0", ben)
    for number in range(MOST_FOLLOWED):
        hub.follow(f"c{number}", anna)
    hub.follow("c0", anna)
    hub.follow("new", anna)
    assert anna in hub.viewers["c0"]
    assert anna in hub.viewers["new"]
    assert "c1" not in hub.viewers
    assert sum(anna in members for members in hub.viewers.values()) == MOST_FOLLOWED
    hub.drop(anna)
    assert dict(hub.viewers) == {"c0": {ben}}
    for number in range(MOST_FOLLOWED + 1):
        hub.follow(f"c{number}", ben)
    assert "c0" not in hub.viewers


def test_an_agent_s_own_conversations_are_heard_however_many_others_are_opened() -> None:
    """What the agent has does not give way, and does not count."""
    hub, anna = Hub(), _connection()
    hub.follow("mine", anna, own={"mine"})
    for number in range(2 * MOST_FOLLOWED):
        hub.follow(f"c{number}", anna, own={"mine"})
    assert anna in hub.viewers["mine"]
    assert sum(anna in members for members in hub.viewers.values()) == MOST_FOLLOWED + 1


def _connection() -> Any:
    return object()
