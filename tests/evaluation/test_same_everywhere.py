"""
One conversation, one decision: in the action that the engine runs, in the bridge when the engine is down, and in
``warmline score``, turn by turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.services import ShopServices
from tests.actions.conftest import tracker
from warmline.actions.services import use_services
from warmline.actions.turns import judge
from warmline.actions.turns import turns as turns_of_tracker
from warmline.bridge.reading import turns_now, with_words_read
from warmline.core.ask import TurnAnalysis
from warmline.core.conversation import Conversation, Customer, Message
from warmline.core.effects import Keep, KeepAnalysis
from warmline.core.escalation import assess
from warmline.core.features import Turn
from warmline.core.mood import Mood
from warmline.core.rules import Rules
from warmline.core.triggers import engine_down
from warmline.core.turns import turns_of
from warmline.evaluation.dialogues import Line
from warmline.evaluation.score import Scored, score
from warmline.language import bot_outcome, with_features
from warmline.rules_file import load_rules
from warmline.store.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[2]
SHARED = next((p / "shared/data" for p in ROOT.parents if (p / "shared/data").exists()), None)
needs_data = pytest.mark.skipif(SHARED is None, reason="the public data is not beside the repository")
SAME = 0.002
"""Embeddings made one by one and in batches differ in their last bits; no more than this comes of it."""

Said = tuple[tuple[str, ...], ...]

SCRIPTED: tuple[Said, ...] = (
    (("customer", "hi"), ("bot", "Hello."), ("customer", "where is my order"), ("bot", "It left on Tuesday.")),
    (
        ("customer", "where is my parcel"),
        ("bot", "Sorry, I didn't understand that."),
        ("customer", "where is my parcel???"),
        ("bot", "Sorry, I didn't understand that."),
        ("bot", "You can ask for a person."),
        ("customer", "this is ridiculous, you are useless and nobody answers!!"),
        ("bot", "I'm not getting this right."),
        ("customer", "thanks, never mind"),
        ("customer", "I want to talk to a human"),
    ),
    (("customer", "someone hacked my account"), ("bot", "Which one?"), ("customer", "I want to die")),
    (
        ("customer", "is the lamp in stock"),
        ("bot", "Unfortunately not."),
        ("customer", "no, the other one"),
        ("bot", "That one neither."),
        ("customer", "not that either, anything else?"),
        ("agent", "Hello, I'm Anna. Yes, a third one."),
        ("customer", "great, thanks!"),
    ),
    (("customer", "Ich möchte mit einem Menschen sprechen"), ("customer", "😡😡😡"), ("customer", "…")),
    tuple(("customer", f"message number {n}, still no refund") for n in range(16)),
)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(ROOT / "escalation.yml")


@pytest.fixture(autouse=True)
def _room(rules: Rules) -> Any:
    use_services(ShopServices(lambda: rules, None, lambda: 0.0, root=ROOT))  # type: ignore[arg-type]
    yield
    use_services(None)


def logged(said: Iterable[Sequence[str]]) -> tuple[list[Message], dict[int, TurnAnalysis]]:
    """*said* as the bridge's log has it: an opening first, bubbles of one answer about one message."""
    messages = [Message("c", 1, 1, 0.0, "bot", "Hi, I'm an AI.", code="opening")]
    analyses: dict[int, TurnAnalysis] = {}
    asked: int | None = None
    for seq, (role, text) in enumerate(said, 2):
        messages.append(Message("c", seq, 1, 60.0 * seq, role, text, about=asked if role == "bot" else None))  # type: ignore[arg-type]
        if role == "customer":
            asked = seq
        elif role == "bot" and asked is not None:
            whole = "\n".join(m.text for m in messages if m.about == asked)
            analyses[asked] = TurnAnalysis("x", 0.9, Mood(0.0), bot_outcome(whole), "")  # type: ignore[arg-type]
    return messages, analyses


def scored(said: Iterable[Sequence[str]], rules: Rules) -> dict[int, Scored]:
    lines = [Line(n, "c", role, text, {}, at=60.0 * n) for n, (role, text) in enumerate(said, 2)]  # type: ignore[arg-type]
    return {one.line.number: one for one in score(lines, rules) if one.assessment is not None}


def compare(said: Said, rules: Rules) -> int:
    """Raises AssertionError where the three differ; returns how many customer turns were compared."""
    messages, analyses = logged(said)
    by_score = scored(said, rules)
    for seq, one in by_score.items():
        sent = turns_of(messages, analyses, until=seq, since=1)
        wire = msgspec.json.decode(msgspec.json.encode(sent))
        seen = tracker(sent[-1].text, "greet", turns=wire)
        in_action = judge(seen, turns_of_tracker(seen))
        in_bridge = engine_down(with_features(sent), rules)
        assert one.assessment is not None
        mood, decision = one.assessment.mood, one.assessment.decision
        assert in_action.mood.value == pytest.approx(mood.value, abs=SAME)
        assert (in_action.decision.escalate, in_action.decision.rule) == (decision.escalate, decision.rule), said
        assert in_action.decision.urgency_min == decision.urgency_min
        assert in_bridge.rule == (decision.rule or "engine_down"), said
        felt = next((signal.value for signal in in_bridge.signals if signal.name == "mood"), None)
        assert felt == pytest.approx(mood.value, abs=SAME)
    return len(by_score)


@pytest.mark.parametrize("said", SCRIPTED, ids=lambda said: said[0][1][:20])
def test_scripted_conversations_are_judged_alike_everywhere(said: Said, rules: Rules) -> None:
    """Failures, repeats, requests, danger, another language, an agent between, and more turns than are read."""
    assert compare(said, rules) == sum(role == "customer" for role, *_ in said)


def real() -> list[Said]:
    """Fifty rated support dialogues and fifty conversations of real customers with real agents."""
    assert SHARED is not None
    talks: dict[str, list[tuple[str, str]]] = {}
    roles = {"customer": "customer", "user": "customer"}
    for text in (SHARED / "mood/support_frustration_even.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(text)
        talks.setdefault(str(one["dialogue"]), []).append((roles.get(one["role"].lower(), "bot"), one["text"]))
    found = [tuple(said) for said in talks.values()][:50]
    for text in (SHARED / "real_text/twitter_care_dev.jsonl").read_text(encoding="utf-8").splitlines()[:50]:
        turns = json.loads(text)["turns"]
        found.append(tuple((roles.get(t["role"].lower(), "bot"), t["text"]) for t in turns))
    return found


@needs_data
def test_a_hundred_real_conversations_are_judged_alike_everywhere(rules: Rules) -> None:
    """Typos, links, emoji, shouting: what people really write."""
    compared = sum(compare(said, rules) for said in real())
    assert compared > 200


async def test_the_bridge_reads_its_own_store_as_score_reads_the_log(tmp_path: Path, rules: Rules) -> None:
    """Through the real store and the thread that reads words: the same turns, the same decision."""
    said = SCRIPTED[1]
    messages, analyses = logged(said)
    store = SqliteStore(tmp_path / "store.db")
    await store.open()
    here = Conversation("c", Customer("g"), 0.0, seq=len(messages), version=1)
    await store.create(here, [*map(Keep, messages), *(KeepAnalysis(seq, one) for seq, one in analyses.items())])
    for seq, one in scored(said, rules).items():
        turns = await with_words_read(await turns_now(store, here, until=seq), rules)
        assert one.assessment is not None
        assert engine_down(turns, rules).rule == (one.assessment.decision.rule or "engine_down")
        assert assess(turns, rules).mood.value == pytest.approx(one.assessment.mood.value, abs=SAME)
    await store.close()


TEXT = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["human please", "useless!!!", "thanks", "where is my order", "كيف حالك", "😡"]),
)
TALKS = st.lists(st.tuples(st.sampled_from(["customer", "bot", "agent"]), TEXT), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(TALKS)
def test_no_text_makes_any_of_the_three_raise_or_differ(rules: Rules, said: list[tuple[str, str]]) -> None:
    """Any Unicode, in any order of speakers."""
    compare(tuple(said), rules)


@settings(max_examples=60, deadline=None)
@given(TALKS, st.text(max_size=20), st.text(max_size=20))
def test_a_dialogues_name_and_its_neighbours_change_nothing(
    rules: Rules, said: list[tuple[str, str]], name: str, other: str
) -> None:
    """The same lines under another id, between the lines of another dialogue, are judged the same."""
    alone = [Line(n, "c", role, text, {}) for n, (role, text) in enumerate(said)]  # type: ignore[arg-type]
    mixed = []
    for line in alone:
        mixed += [
            msgspec.structs.replace(line, dialogue=f"1{other}", text="USELESS GARBAGE, I want a human!!!"),
            msgspec.structs.replace(line, dialogue=f"2{name}"),
        ]
    first = [one.assessment for one in score(alone, rules)]
    second = [one.assessment for one in score(mixed, rules)][1::2]
    for one, two in zip(first, second, strict=True):
        assert (one is None) == (two is None)
        if one is not None and two is not None:
            assert one.decision.rule == two.decision.rule
            assert one.mood.value == pytest.approx(two.mood.value, abs=SAME)


def test_an_unread_turn_is_never_guessed_at(rules: Rules) -> None:
    """A path that forgets to read the words is told so, instead of being calm."""
    with pytest.raises(ValueError, match="with_features"):
        assess((Turn("customer", "USELESS", seq=1),), rules)
