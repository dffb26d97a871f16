"""The turns that are about the conversation itself."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import phrasing
from actions.small_talk import Unsure
from warmline.actions.small_talk import Cannot, Repeat, WhatYouKnow
from warmline.actions.titles import Titles
from warmline.core.escalation import Decision
from warmline.teaching.corpus import read_corpus
from warmline.teaching.lessons import MAX_TITLE_CHARS

from .conftest import ROOT, custom, said, slots_of, tracker

pytestmark = pytest.mark.usefixtures("shop")

RANKING = [
    {"name": "nlu_fallback", "confidence": 0.4},
    {"name": "order_status", "confidence": 0.3},
    {"name": "bye", "confidence": 0.2},
    {"name": "refund_status", "confidence": 0.15},
    {"name": "stock", "confidence": 0.02},
]


SMALL_TALK = [{"name": "bye", "confidence": 0.4}, {"name": "thanks", "confidence": 0.3}]


def log(*unsure: str) -> list[dict[str, Any]]:
    """A conversation in which the bot did not understand, as often as there are *unsure* texts, then once more."""
    turns: list[dict[str, Any]] = []
    for text in unsure:
        turns.append({"role": "customer", "text": text, "seq": len(turns) + 1})
        turns.append({"role": "bot", "text": "I'm not sure.", "seq": len(turns) + 1, "outcome": "unsure"})
    return [*turns, {"role": "customer", "text": "blorp", "seq": len(turns) + 1}]


async def unsure(turns: list[dict[str, Any]]) -> CollectingDispatcher:
    dispatcher = CollectingDispatcher()
    await Unsure().run(dispatcher, tracker("blorp", "nlu_fallback", turns=turns, ranking=RANKING), {})
    return dispatcher


async def test_the_first_time_it_asks_what_was_meant() -> None:
    """The likeliest things as buttons, in words, without small talk or what is hardly likely."""
    dispatcher = await unsure(log())
    assert said(dispatcher) == ["utter_warmline_unsure_choice"]
    assert [one["buttons"] for one in dispatcher.messages if one["buttons"]] == [
        [
            {"title": "Where is my order", "payload": "/order_status"},
            {"title": "Where is my refund", "payload": "/refund_status"},
        ]
    ]


async def test_the_second_time_it_offers_a_person_as_well() -> None:
    """The offer stands beside the choices."""
    dispatcher = await unsure(log("fnord"))
    assert said(dispatcher) == ["utter_warmline_unsure_again_choice"]
    assert dispatcher.messages[-1]["buttons"][-1]["payload"] == "/warmline_ask_person"


async def test_the_third_time_a_person_takes_over_at_once() -> None:
    """No third apology: the decision is made on this very answer."""
    dispatcher = await unsure(log("fnord", "gribble"))
    decision = custom(dispatcher, "handoff")[0]
    assert decision["escalate"]
    assert decision["cause"] == "failure"
    assert said(dispatcher) == [decision["say"]]


async def test_a_failure_that_hands_over_ends_the_form_too() -> None:
    """Else the form would ask its next question below the words that a colleague comes."""
    dispatcher = CollectingDispatcher()
    turns = log("fnord", "gribble")
    waiting = tracker("blorp", "nlu_fallback", turns=turns, loop="order_form", slots={"requested_slot": "email"})
    events = await Unsure().run(dispatcher, waiting, {})
    assert custom(dispatcher, "handoff")
    assert any(event["event"] == "active_loop" and event["name"] is None for event in events)
    assert slots_of(events)["requested_slot"] is None


async def test_what_is_not_for_a_machine_is_offered_to_a_person() -> None:
    """The outcome is failed, and a yes to the offer is enough."""
    dispatcher = CollectingDispatcher()
    events = await Cannot().run(dispatcher, tracker("somebody used my name", "fraud"), {})
    assert said(dispatcher) == ["utter_warmline_for_a_person"]
    assert custom(dispatcher, "report") == [{"outcome": "failed", "did": "left it to a person: fraud"}]
    assert slots_of(events)["warmline_offer"] == "person"


async def test_it_repeats_what_it_said_last() -> None:
    """All bubbles of its last turn, and nothing of the turn before."""
    turns = [
        {"role": "bot", "text": "Zero.", "seq": 1},
        {"role": "customer", "text": "x", "seq": 2},
        {"role": "bot", "text": "One.", "seq": 3},
        {"role": "bot", "text": "Two?", "seq": 4},
        {"role": "customer", "text": "again", "seq": 5},
    ]
    dispatcher = CollectingDispatcher()
    await Repeat().run(dispatcher, tracker("again", "repeat", turns=turns), {})
    assert dispatcher.messages[0]["words"] == "One. Two?"


async def test_it_tells_what_it_knows() -> None:
    """After a hand-back the slots still hold it."""
    slots = {"order_number": "A1042", "order": {"number": "A1042", "state": "on its way"}, "email": "m@example.com"}
    dispatcher = CollectingDispatcher()
    await WhatYouKnow().run(dispatcher, tracker(slots=slots), {})
    assert dispatcher.messages[0]["known"] == "your e-mail address m@example.com, your order A1042 (on its way)"


def test_a_decision_in_a_tracker_is_the_contract_s_own() -> None:
    """What actions hand on is decoded by the engine as warmline.core.escalation.Decision: no field may get lost."""
    import msgspec

    decision = Decision(escalate=True, rule="r", cause="mood", urgency_min=3, queue="q", say="s", turns=(1, 2))
    assert msgspec.convert(msgspec.to_builtins(decision), Decision) == decision


def test_a_title_is_read_where_a_developer_writes_it(tmp_path: Path) -> None:
    """A new one is there without a restart; one without a title is not offered; a broken file harms no other."""
    (tmp_path / "a.yml").write_text('responses:\n  utter_title_size:\n  - text: "Sizes"\n')
    titles = Titles(tmp_path)
    assert (titles.of("size"), titles.of("greet")) == ("Sizes", None)
    (tmp_path / "b.yml").write_text('responses:\n  utter_title_greet:\n  - text: "Say hello"\n')
    (tmp_path / "c.yml").write_text("responses:\n  utter_title_bye: [\n")
    assert (titles.of("greet"), titles.of("bye")) == ("Say hello", None)
    os.utime(tmp_path / "a.yml", ns=(1, 1))
    (tmp_path / "a.yml").write_text('responses:\n  utter_title_size:\n  - text: "How big is it"\n')
    assert titles.of("size") == "How big is it"


def test_every_title_fits_on_a_button_and_belongs_to_an_intent() -> None:
    """Buttons are read by people; what starts a request or answers a question has one."""
    corpus = read_corpus(ROOT)
    titles = {
        name.removeprefix("utter_title_"): text
        for name, [text, *more] in corpus.responses.items()
        if name.startswith("utter_title_") and not more
    }
    assert titles.keys() <= set(corpus.intents)
    assert len(titles) > 40
    for title in titles.values():
        assert title[0].isupper()
        assert len(title) <= MAX_TITLE_CHARS
        assert not {"_", "{", "!"} & set(title)


async def test_the_second_time_without_a_guess_it_speaks_of_none() -> None:
    """ "One of these" needs something to point at."""
    dispatcher = CollectingDispatcher()
    told = tracker("blorp", "nlu_fallback", turns=log("fnord"), ranking=SMALL_TALK)
    await Unsure().run(dispatcher, told, {})
    assert said(dispatcher) == ["utter_warmline_unsure_again"]
    assert [button["payload"] for button in dispatcher.messages[-1]["buttons"]] == ["/warmline_ask_person"]


@pytest.mark.parametrize(
    ("iso", "told"),
    [
        ("2026-03-10", "today"),
        ("2026-03-11", "tomorrow"),
        ("2026-03-09", "yesterday"),
        ("2026-03-13", "on Friday"),
        ("2026-03-04", "on Wednesday"),
        ("2026-03-17", "on 17 March"),
        ("2026-03-03", "on 3 March"),
    ],
)
def test_days_are_told_as_one_says_them(iso: str, told: str) -> None:
    """A weekday only when there is no doubt which one."""
    assert phrasing.day(iso, date(2026, 3, 10)) == told
