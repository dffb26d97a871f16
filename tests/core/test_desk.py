"""Who waits, in which order, and what a customer is told about the wait."""

from __future__ import annotations

import msgspec

from warmline.core import desk
from warmline.core.conversation import Conversation, Customer, Fact, Handoff, Owner
from warmline.core.escalation import Decision
from warmline.core.frames import Colleague


def waiting(name: str, asked_at: float, urgency_min: int = 10, *, front: bool = False) -> Conversation:
    decision = Decision(True, "rule", "mood", urgency_min, "support", "why")
    handoff = Handoff(asked_at, "escalated", decision, front=front)
    return Conversation(name, Customer(f"g_{name}"), 0.0, owner=Owner.QUEUE, handoff=handoff)


ONE_FREE = (Colleague("anna", "Anna", "online", 0),)
ONE_BUSY = (Colleague("anna", "Anna", "online", desk.OPEN_LIMIT),)


def test_the_one_who_is_due_first_comes_first_and_a_lost_agents_customer_before_all() -> None:
    """Urgency overtakes waiting time, and being dropped overtakes both."""
    old, urgent, dropped = (
        waiting("old", 0.0, 10),
        waiting("urgent", 300.0, 1),
        waiting("dropped", 400.0, 10, front=True),
    )
    assert [c.id for c in desk.in_order([old, urgent, dropped])] == ["dropped", "urgent", "old"]


def test_nobody_is_overtaken_for_ever() -> None:
    """Who has waited longer than the difference in urgency comes before a newer urgent matter."""
    assert [c.id for c in desk.in_order([waiting("new", 600.0, 1), waiting("old", 0.0, 10)])] == ["old", "new"]


def test_only_the_queue_waits_and_places_count_from_one() -> None:
    """A conversation that an agent has is not in the queue."""
    taken = msgspec.structs.replace(waiting("taken", 0.0), owner=Owner.AGENT)
    order = desk.in_order([waiting("a", 5.0), taken, waiting("b", 1.0)])
    assert [desk.place(name, order) for name in ("b", "a", "taken")] == [1, 2, None]


def test_a_wait_that_is_not_known_is_not_told() -> None:
    """Nobody online, or too few conversations to judge from: no minutes."""
    assert desk.wait_minutes(1, (), [60.0] * 20) is None
    assert desk.wait_minutes(1, ONE_FREE, [60.0] * (desk.FEWEST_SAMPLES - 1)) is None


def test_a_wait_grows_with_the_place_and_is_a_range() -> None:
    """Low is below high, and a later place never waits less."""
    times = [120.0, 240.0, 300.0, 360.0, 600.0, 900.0]
    ranges = [desk.wait_minutes(place, ONE_BUSY, times) for place in range(1, 12)]
    assert all(r is not None and 1 <= r[0] < r[1] for r in ranges)
    assert ranges == sorted(ranges)  # type: ignore[type-var]
    assert desk.wait_minutes(1, ONE_FREE, times) == (1, 2)


def test_a_customer_is_called_by_the_name_that_is_known() -> None:
    """The signed name, else the one they told, else a guest with the end of the id."""
    guest = waiting("x", 0.0)
    told = msgspec.structs.replace(guest, facts=(Fact("warmline_identity.name", "Name", "Mara K."),))
    signed = msgspec.structs.replace(told, customer=Customer("g_1", name="Mara Kline"))
    assert [desk.display_name(c) for c in (guest, told, signed)] == ["Guest g_x"[-9:], "Mara K.", "Mara Kline"]


def test_somebody_in_a_crisis_comes_before_all_others() -> None:
    """However long the others have waited, and before those who lost their agent."""
    crisis = waiting("crisis", 900.0, 1)
    assert crisis.handoff is not None
    decision = msgspec.structs.replace(crisis.handoff.decision, cause="crisis")
    crisis = msgspec.structs.replace(crisis, handoff=msgspec.structs.replace(crisis.handoff, decision=decision))
    order = desk.in_order([waiting("old", 0.0, 1), waiting("dropped", 100.0, front=True), crisis])
    assert [c.id for c in order] == ["crisis", "dropped", "old"]
