"""The mood: what raises it, what lowers it, and what must never happen, whatever the signals say."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warmline.core.features import Features, Turn
from warmline.core.mood import (
    COOLING,
    HEATING,
    SHORT_WAIT_S,
    WINDOW,
    failed_turns,
    frustration,
    repeats,
    signals,
    similarity,
    waited_s,
    without,
)
from warmline.core.mood_weights import WEIGHTS

COUNTS = (
    "exclamations",
    "stretched",
    "swearing",
    "insults",
    "angry_words",
    "negated_help",
    "waiting",
    "leaving",
    "questioning",
    "sarcasm",
    "pleading",
    "giving_up",
    "stakes",
)
HEATING_MARKS = ("denial", "correction", "asks_other", "turns_down")
COOLING_MARKS = ("accepts", "thanks", "solved", "third_party", "joking", "own_fault", "polite")

features = st.builds(
    Features,
    wording=st.floats(-6, 6),
    vader=st.floats(-1, 1),
    words=st.integers(0, 200),
    capitals=st.floats(0, 1),
    content=st.lists(
        st.sampled_from(["refund", "order", "parcel", "broken", "late", "money", "card"]), unique=True
    ).map(lambda found: tuple(sorted(found))),
    **{name: st.integers(0, 5) for name in COUNTS},
    **{name: st.booleans() for name in (*HEATING_MARKS, *COOLING_MARKS)},
)
customer = st.builds(Turn, role=st.just("customer"), text=st.just("x"), features=features)
bot = st.builds(
    Turn,
    role=st.just("bot"),
    text=st.sampled_from(("a", "b")),
    outcome=st.sampled_from(("answered", "asked", "unsure", "failed", "refused", None)),
)
# A busy machine takes a while to draw long talks and to judge them: no test here is about time.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
talks = st.tuples(st.lists(st.one_of(customer, bot), max_size=14), customer).map(lambda both: (*both[0], both[1]))


def said(**found: object) -> Turn:
    return Turn("customer", "x", features=Features(**found))  # type: ignore[arg-type]


def last_with(turns: tuple[Turn, ...], **change: object) -> tuple[Turn, ...]:
    """*turns* with the last one's features changed."""
    features = msgspec.structs.replace(turns[-1].features, **change)
    return (*turns[:-1], msgspec.structs.replace(turns[-1], features=features))


def test_every_signal_has_a_weight_of_its_documented_sign() -> None:
    """HEATING can only raise, COOLING only lower; nothing else has a weight."""
    assert set(WEIGHTS) == set(HEATING) | set(COOLING)
    assert all(WEIGHTS[name] >= 0.0 for name in HEATING)
    assert all(WEIGHTS[name] <= 0.0 for name in COOLING)


@unhurried
@given(talks)
def test_the_value_is_a_probability_and_reasons_explain_it(turns: tuple[Turn, ...]) -> None:
    """Between 0 and 1; reasons point the way of their signal, largest first."""
    mood = frustration(turns)
    assert 0.0 <= mood.value <= 1.0
    weights = [abs(reason.weight) for reason in mood.reasons]
    assert weights == sorted(weights, reverse=True)
    for reason in mood.reasons:
        assert (reason.weight > 0) == (reason.name in HEATING)


@unhurried
@given(talks)
def test_signals_are_between_0_and_1(turns: tuple[Turn, ...]) -> None:
    """So that a weight means the most that its signal can do."""
    assert all(0.0 < strength <= 1.0 for strength in signals(turns).values())


@unhurried
@given(talks, st.sampled_from(COUNTS), st.integers(1, 3))
def test_more_of_a_heating_sign_never_calms(turns: tuple[Turn, ...], name: str, more: int) -> None:
    """One swear word, capital or exclamation mark more leaves the mood where it was, or higher."""
    now = getattr(turns[-1].features, name)
    assert frustration(last_with(turns, **{name: now + more})).value >= frustration(turns).value


@unhurried
@given(talks, st.sampled_from((*HEATING_MARKS, *COOLING_MARKS)))
def test_a_mark_moves_the_mood_its_own_way_only(turns: tuple[Turn, ...], name: str) -> None:
    """Denying never calms; thanking never angers, unless by forgiving the bot's failures, which lowers it too."""
    off, on = frustration(last_with(turns, **{name: False})), frustration(last_with(turns, **{name: True}))
    if name in HEATING_MARKS:
        assert on.value >= off.value
    elif name != "polite":
        assert on.value <= off.value


@unhurried
@given(talks, st.floats(0.01, 6))
def test_a_more_annoyed_wording_never_calms(turns: tuple[Turn, ...], more: float) -> None:
    """The learned wording is monotone too, over its whole range."""
    now = turns[-1].features.wording  # type: ignore[union-attr]
    assert frustration(last_with(turns, wording=min(6.0, now + more))).value >= frustration(turns).value


@unhurried
@given(talks)
def test_taking_a_raising_signal_away_never_raises(turns: tuple[Turn, ...]) -> None:
    """What the counterfactual builds on."""
    value = frustration(turns).value
    assert all(less <= value + 1e-4 for less in without(turns).values())


@unhurried
@given(talks, talks)
def test_what_is_older_than_the_window_does_not_matter(older: tuple[Turn, ...], turns: tuple[Turn, ...]) -> None:
    """Only the last 12 turns are read."""
    padded = (*turns[-1:] * WINDOW, *turns)[-WINDOW:]
    assert frustration((*older, *padded)) == frustration(padded)


@unhurried
@given(talks, st.integers(1, 10_000))
def test_numbers_and_times_do_not_matter(turns: tuple[Turn, ...], start: int) -> None:
    """The same words under other seqs give the same mood."""
    numbered = tuple(msgspec.structs.replace(turn, seq=start + n) for n, turn in enumerate(turns))
    assert frustration(numbered) == frustration(turns)


def test_one_failed_answer_more_raises_the_mood() -> None:
    """The bot's own failures count, up to three."""
    ask, fail = said(words=3), Turn("bot", "Sorry?", outcome="unsure")
    values = [frustration((*(ask, fail) * count, ask)).value for count in range(4)]
    assert values == sorted(values)
    assert values[3] > values[0]


def test_thanks_or_a_helpful_answer_forgive_failures() -> None:
    """Failures are counted since the bot last helped."""
    fail, good = Turn("bot", "Sorry?", outcome="unsure"), Turn("bot", "Here it is.", outcome="answered")
    assert len(failed_turns((said(), fail, said(), fail, said()))) == 2
    assert not failed_turns((said(), fail, said(thanks=True), good, said()))
    assert not failed_turns((said(), fail, said(), good, said()))


def test_an_answer_said_again_word_for_word_counts_as_failed() -> None:
    """The customer wrote after it, so it had not helped; a question may be asked again."""
    again = (said(), Turn("bot", "Refunds take 5 days.", outcome="answered"), said())
    assert not failed_turns(again)
    assert len(failed_turns((*again, Turn("bot", "Refunds take 5 days.", outcome="answered"), said()))) == 1
    assert not failed_turns((*again, Turn("bot", "It was sent today.", outcome="answered"), said()))
    asked = (said(), Turn("bot", "Your name?", outcome="asked"), said(), Turn("bot", "Your name?", outcome="asked"))
    assert not failed_turns((*asked, said()))


def test_harsh_words_about_somebody_else_count_half() -> None:
    """About the courier or oneself; not when the text speaks to us as well."""
    here = signals((said(wording=3.0),))["annoyed_wording"]
    for mark in ("third_party", "own_fault"):
        assert signals((said(wording=3.0, **{mark: True}),))["annoyed_wording"] == pytest.approx(here / 2)
        assert signals((said(wording=3.0, addressed=True, **{mark: True}),))["annoyed_wording"] == here


def test_praise_for_an_answer_that_did_not_help_is_hardly_meant() -> None:
    """Unless thanks or a solved problem say otherwise."""
    failed = (said(), Turn("bot", "I'm not sure I understood.", outcome="unsure"))
    assert signals((*failed, said(vader=0.8)))["sarcasm"] > 0.0
    assert "sarcasm" not in signals((*failed, said(vader=0.8, thanks=True)))
    assert "sarcasm" not in signals((*failed, said(vader=0.2)))
    assert "sarcasm" not in signals((said(), Turn("bot", "It is sent.", outcome="answered"), said(vader=0.8)))


def test_an_answer_that_is_denied_counts_as_failed() -> None:
    """The bot may think that it answered; the customer knows."""
    good = Turn("bot", "Here it is.", outcome="answered")
    assert failed_turns((said(), good, said(denial=True))) == [good]


def test_the_same_question_is_seen_by_words_or_meaning() -> None:
    """Most words shared is enough; fewer need close meanings; short answers never count."""
    first = said(content=("order", "parcel", "refund"), meaning=bytes([100, 20, 0]))
    same_words = said(content=("order", "parcel", "please", "refund"))
    same_meaning = said(content=("money", "order", "parcel"), meaning=bytes([99, 25, 0]))
    other_meaning = said(content=("money", "order", "parcel"), meaning=bytes([0, 5, 100]))
    short = said(content=("order",))
    assert repeats((first, same_words)) == [first]
    assert repeats((first, same_meaning)) == [first]
    assert repeats((first, other_meaning)) == []
    assert repeats((short, short)) == []


def test_similarity_is_a_cosine() -> None:
    """1 for the same direction, -1 for the opposite, 0 when a meaning is missing or of another length."""
    assert similarity(bytes([10, 0]), bytes([100, 0])) == pytest.approx(1.0)
    assert similarity(bytes([10, 0]), bytes([256 - 10, 0])) == pytest.approx(-1.0)
    assert similarity(b"", bytes([1])) == 0.0
    assert similarity(bytes([0, 0]), bytes([1, 1])) == 0.0


@pytest.mark.parametrize(
    "turns",
    [(), (Turn("bot", "hello"),), (Turn("customer", "hello"),), (said(), Turn("bot", "hello"))],
    ids=["nothing", "only the bot", "no features", "the bot last"],
)
def test_what_cannot_be_judged_is_refused(turns: tuple[Turn, ...]) -> None:
    """A mood is read after a customer turn whose text was read before."""
    with pytest.raises(ValueError, match="customer"):
        frustration(turns)


def test_an_upset_past_raises_and_a_calm_past_lowers() -> None:
    """The same words weigh more after annoyed ones."""
    now = said(words=5)
    angry, calm = said(wording=4.0, words=9), said(wording=-4.0, words=9)
    values = [frustration((before, now)).value for before in (calm, said(words=5), angry)]
    assert values == sorted(values)
    assert values[0] < values[1] < values[2]


def timed(*said: tuple[str, float]) -> tuple[Turn, ...]:
    """Turns at given seconds, of a customer who says nothing that tells a mood."""
    return tuple(
        Turn(role, "x", at=at, features=Features() if role == "customer" else None)  # type: ignore[arg-type]
        for role, at in said
    )


def test_the_time_waited_is_the_last_answers_or_the_one_still_running() -> None:
    """Until the answer came, or since the first message that has none; not the customer's own time to think."""
    assert waited_s(timed(("customer", 100), ("bot", 190), ("customer", 1_000))) == 90
    assert waited_s(timed(("customer", 100), ("customer", 130), ("customer", 170))) == 70
    assert waited_s(timed(("customer", 100), ("bot", 400), ("customer", 500), ("bot", 501), ("customer", 502))) == 1
    assert waited_s(timed(("customer", 0), ("bot", 0), ("customer", 0))) == 0
    assert waited_s(timed(("customer", 100), ("bot", 40), ("customer", 50))) == 0


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_a_longer_wait_never_calms(first: float, more: float) -> None:
    """A quick answer moves nothing at all."""
    short = timed(("customer", 10), ("bot", 10 + first), ("customer", 2e4))
    longer = timed(("customer", 10), ("bot", 10 + first + more), ("customer", 3e4))
    assert frustration(longer).value >= frustration(short).value
    if first <= SHORT_WAIT_S:
        assert "waited" not in signals(short)


@pytest.mark.parametrize(
    ("asked", "turns_it_down"),
    [
        ("Would you like me to try Luigi's instead?", True),
        ("Cancel order A1042, is that right?", True),
        ("Sent. Is there anything else I can help you with?", False),
        ("Do you need any further help?", False),
        ("Have you already paid the fee?", False),
        ("Any preference?", False),
    ],
)
def test_a_no_turns_down_an_offer_and_not_a_question(asked: str, *, turns_it_down: bool) -> None:
    """Whoever needs nothing else, or has not paid, is not dissatisfied."""
    found = signals((said(words=4), Turn("bot", asked, outcome="asked"), said(turns_down=True, words=1)))
    assert ("turns_down" in found) is turns_it_down


def test_a_no_before_any_answer_turns_nothing_down() -> None:
    """Nothing was offered yet."""
    assert "turns_down" not in signals((said(turns_down=True, accepts=True, asks_other=True),))


def test_the_yes_or_no_of_a_long_text_is_only_its_beginning() -> None:
    """There the wording tells more."""
    bot = Turn("bot", "Shall I?", outcome="asked")
    short = signals((said(), bot, said(turns_down=True, words=2)))["turns_down"]
    long = signals((said(), bot, said(turns_down=True, words=60)))["turns_down"]
    assert 0.0 < long < short


def test_a_refusal_counts_on_and_fades() -> None:
    """The bot's no weighs most right after it, and less after a better answer."""
    no, good = Turn("bot", "Sorry, no.", outcome="refused"), Turn("bot", "Here it is.", outcome="answered")
    fresh, older = signals((said(), no, said())), signals((said(), no, said(), good, said()))
    assert fresh["bot_refused"] > older["bot_refused"] > 0.0
    assert "bot_refused" not in signals((said(), good, said()))


def test_a_long_talk_raises_the_mood_a_little_and_only_so_far() -> None:
    """Each turn more never calms; after five it makes no difference."""
    bot = Turn("bot", "Which one?", outcome="asked")
    strengths = [signals((*(said(), bot) * count, said())).get("long_talk", 0.0) for count in range(6)]
    assert strengths == sorted(strengths)
    assert strengths[4] == strengths[5] == 1.0
