"""Whose turn it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warmline.core.fairness import MOST_REMEMBERED, Shares, in_turns


def served(clients: list[str], each: int = 1) -> list[str]:
    """The order in which *clients* are served one at a time."""
    shares, order, waiting = Shares(each), [], list(clients)
    while (place := shares.next(waiting)) is not None:
        client = waiting.pop(place)
        shares.began(client)
        order.append(client)
        shares.ended(client)
    return order


def test_who_has_one_request_is_served_before_the_second_of_who_has_many() -> None:
    """However many stand in front of it."""
    assert served([*"aaaaaa", "b", "c"]) == [*"abc", *"aaaaa"]


def test_who_comes_later_does_not_wait_behind_what_is_left_of_the_others() -> None:
    """The one served longest ago goes first, and somebody new before all."""
    shares = Shares(1)
    shares.began("a")
    shares.ended("a")
    assert shares.next(["a", "a", "b"]) == 2


def test_nobody_has_more_under_way_than_their_share() -> None:
    """Room that is free stays free for others."""
    shares = Shares(2)
    for _ in range(2):
        assert shares.next(["a", "a"]) == 0
        shares.began("a")
    assert shares.next(["a", "a"]) is None
    assert shares.next(["a", "b"]) == 1
    shares.ended("a")
    assert shares.next(["a"]) == 0


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(1, 3))
def test_all_are_served_and_nobody_twice_before_another_who_waits(clients: list[str], each: int) -> None:
    """Everybody's first, then everybody's second; the same rounds as are foreseen."""
    order = served(clients, each)
    assert sorted(order) == sorted(clients)
    rounds = [order[:at].count(client) for at, client in enumerate(order)]
    assert rounds == sorted(rounds)
    foreseen = in_turns(clients)
    assert [clients[:at].count(clients[at]) for at in foreseen] == rounds


def test_memory_is_bounded() -> None:
    """Who was served long ago is forgotten, who is being served is not."""
    shares = Shares(1)
    shares.began("stays")
    for number in range(MOST_REMEMBERED + 10):
        shares.began(str(number))
        shares.ended(str(number))
    assert len(shares._last) <= MOST_REMEMBERED
    assert shares.next(["stays"]) is None
