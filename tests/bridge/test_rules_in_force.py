"""The bridge goes by the rules as they are in force at each moment, with what the bot knows."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from warmline.core import frames
from warmline.core.ask import Answer, Ask
from warmline.rules_file import load_rules

from ..own_rules import source, written
from .conftest import World, reply


def rule_of(conversation: str, rule: str) -> Callable[[frames.Desk], bool]:
    """Whether the desk shows that *conversation* was handed over by *rule*."""
    return lambda desk: any(row.conversation == conversation and row.rule == rule for row in desk.waiting)


async def test_rules_that_change_while_it_runs_are_asked_from_then_on(world: World) -> None:
    """The button, and the topics that are heard while somebody waits, without a restart."""
    agent = await world.agent()
    before, first = await world.customer()
    await before.send(frames.AskPerson("p1"))
    await agent.get(frames.Desk, rule_of(first.conversation, "asked"))
    text = source("{topic: gold}", topics="gold: {phrases: [refund for gold members]}")
    world.rules = load_rules(written(world.home, text.replace("- name: asked", "- name: by_button")))
    after, second = await world.customer()
    await after.send(frames.AskPerson("p1"))
    await agent.get(frames.Desk, rule_of(second.conversation, "by_button"))
    await after.send(frames.Say("m2", "it is about the refund for gold members"))
    await agent.get(frames.Desk, rule_of(second.conversation, "own"))


@pytest.mark.parametrize(("plan", "rule"), [("gold", "own"), ("silver", "asked")])
async def test_a_rule_about_a_slot_is_asked_with_what_the_bot_knows(world: World, plan: str, rule: str) -> None:
    """The button is no question to the engine: the bridge reads the slot from the memory of its last answer."""
    world.rules = load_rules(written(world.home, source("{asked: true, slot: {plan: gold}}")))
    events = [{"event": "slot", "name": "plan", "value": plan}, {"event": "slot", "name": "plan_was", "value": None}]

    def answer(ask: Ask) -> Answer:
        memory = {"v": 1, "base": {"slots": {"plan": "bronze"}, "loop": None}, "events": events}
        return msgspec.structs.replace(reply(ask, "Noted."), memory=memory)

    world.engine.script = answer
    agent = await world.agent()
    customer, welcome = await world.customer()
    await customer.send(frames.Say("m1", f"I am on the {plan} plan"))
    await customer.said("Noted.")
    await customer.send(frames.AskPerson("p1"))
    await agent.get(frames.Desk, rule_of(welcome.conversation, rule))


async def test_the_intents_that_mean_danger_are_the_project_s(world: World) -> None:
    """What no phrase names and the assistant understands, while somebody waits: by the names of its own intents."""
    text = source().replace("danger: {intents: danger}", "danger: {intents: [kitchen_fire]}")
    world.rules = load_rules(written(world.home, text))
    world.engine.intents["it went all orange in there"] = "kitchen_fire"
    await world.agent()
    customer, _ = await world.customer()
    await customer.send(frames.AskPerson("p1"))
    await customer.get(frames.Ack, lambda ack: ack.id == "p1")
    await customer.send(frames.Say("m2", "it went all orange in there"))
    await customer.said("Please stop using it")
