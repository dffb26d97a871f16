"""Reading a text: phrases, negation, requests for a person, and whatever anybody may type."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warmline.core.features import TOPICS, Features, Turn
from warmline.language import bot_outcome, embed, read, reading, with_features
from warmline.language import lexicon as words
from warmline.language.phrases import normalise
from warmline.language.spelling import mended


@pytest.mark.parametrize(
    "text",
    [
        "can I speak to a human?",
        "human please",
        "agent",
        "let me talk to a real person",
        "get me your supervisor",
        "I want to speak with somebody who knows what they're doing",
        "could you put me through to customer service",
        "is there anyone there I can talk to?",
        "how do I reach an operator",
        "pls conect me with an agnet",
        "i dont want to talk to a bot",
        "no more bots please",
        "can a human look at this, I need a person",
        "transfer me to your billing department",
        "I'd rather talk to someone",
        "REAL PERSON NOW",
        "wanna speak tosomebody",
    ],
)
def test_a_request_for_a_person_is_heard(text: str) -> None:
    """In any wording, in haste, misspelt."""
    assert read(text).asks_person


@pytest.mark.parametrize(
    "text",
    [
        "are you a human?",
        "am I talking to a real person?",
        "is this a bot or a person",
        "the agent told me it would arrive today",
        "I don't need an agent, thanks",
        "my travel agent booked it",
        "I am the account manager of Miller Ltd",
        "a table for 4 people please",
        "can I send money to another person?",
        "what does a contract with an operator cost",
        "you sound like a human",
        "I spoke to someone yesterday about my order",
        "book a meeting with my manager",
        "where is my order?",
        "taking my dog for walks",
    ],
)
def test_what_only_sounds_like_a_request_is_none(text: str) -> None:
    """Wondering, telling, refusing and naming others is no request."""
    assert not read(text).asks_person


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("someone hacked my account", "fraud"),
        ("there is a payment I did not make", "fraud"),
        ("the whole website is down", "outage"),
        ("I want to file a complaint", "complaint"),
        ("you charged me twice", "billing_dispute"),
        ("I was billed again for the same month", "billing_dispute"),
        ("I want to cancel my contract", "contract_change"),
        ("my lawyer will hear of this", "legal"),
        ("I'll see you in small claims court", "legal"),
        ("the battery caught fire", "danger"),
    ],
)
def test_high_stakes_topics_are_named(text: str, topic: str) -> None:
    """Each topic of escalation.yml is recognised."""
    assert topic in read(text).topics


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("I had someone make a deposit in my account yesterday", "fraud"),
        ("how is my money protected against fraud?", "fraud"),
        ("what is your fraud policy", "fraud"),
        ("your company is one big scam", "fraud"),
        ("why can't I make any transactions?", "fraud"),
        ("I fell and went to the hospital, now I need a bus to the university", "danger"),
        ("I used to work as a driver of an ambulance", "danger"),
        ("do you know good jokes about lawyers", "legal"),
    ],
)
def test_a_topic_only_mentioned_is_no_report_of_it(text: str, topic: str) -> None:
    """The word alone sends nobody to a person."""
    assert topic not in read(text).topics


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("someone used my card at an ATM", "fraud"),
        ("I think somebody got into my account", "fraud"),
        ("this transaction is a fraud", "fraud"),
        ("my son is bleeding", "danger"),
        ("I was injured by your chair", "danger"),
        ("please call an ambulance", "danger"),
    ],
)
def test_a_report_in_few_words_is_one(text: str, topic: str) -> None:
    """What is left out of the mentions still counts."""
    assert topic in read(text).topics


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("ugh, I took the wrong bus and I'm lost", True),
        ("my mistake, I typed the wrong street", True),
        ("you took the wrong amount", False),
        ("my parcel is lost", False),
    ],
)
def test_a_mishap_of_their_own_is_heard(text: str, own: bool) -> None:
    """Who blames only themselves is in trouble, but not with us."""
    assert read(text).own_fault is own


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("I don't know what else to do", "pleading"),
        ("please, somebody help me", "pleading"),
        ("I'm at my wits' end", "pleading"),
        ("forget it", "giving_up"),
        ("okay, I give up", "giving_up"),
        ("I'll just do without it then", "giving_up"),
        ("I'll tell everyone on facebook", "leaving"),
        ("expect a one star review", "leaving"),
        ("you are thieves", "insults"),
        ("I expected better from you", "angry_words"),
        ("what part of no is so hard", "questioning"),
    ],
)
def test_quiet_and_unquiet_trouble_is_heard(text: str, sign: str) -> None:
    """Who pleads, gives up or threatens to tell others needs no swear word."""
    assert getattr(read(text), sign) > 0


@pytest.mark.parametrize(
    "text", ["no complaints at all", "I didn't think so but it works", "nothing to complain about"]
)
def test_praise_in_negated_words_is_praise(text: str) -> None:
    """The words are those of trouble, the sense is the opposite."""
    assert read(text).solved


def test_every_topic_that_rules_may_name_is_read() -> None:
    """The core's list of topics and the lexicon's are the same."""
    assert tuple(words.TOPICS) == TOPICS


@pytest.mark.parametrize(
    "text",
    ["I want to kill myself", "i cant go on living", "thinking about suicide", "I just want to die", "self-harm again"],
)
def test_words_of_crisis_are_heard(text: str) -> None:
    """These are never left to a bot."""
    assert read(text).crisis


@pytest.mark.parametrize(
    "text",
    ["this queue is killing me", "kill the session please", "I could kill for a coffee", "that place is the bomb"],
)
def test_ways_of_speaking_are_no_crisis(text: str) -> None:
    """Nobody is sent a help line for a figure of speech."""
    assert not read(text).crisis


@pytest.mark.parametrize("text", ["that did not help", "it still doesn't work", "no use at all", "nothing works"])
def test_negated_help_is_counted(text: str) -> None:
    """The words are friendly (help, work, use); the negation is what matters."""
    assert read(text).negated_help


def test_negation_turns_solved_and_anger_off() -> None:
    """Who is not angry is not angry, and what is not fixed is not solved."""
    assert not read("I am not angry").angry_words
    assert read("I am angry").angry_words
    assert not read("it is not fixed, nothing is solved").solved
    assert read("it is fixed").solved


def test_shouting_and_stretching_are_measured() -> None:
    """Capitals count as a share of the words, marks and stretched words by number."""
    found = read("WHERE IS MY ORDER!!! sooooo late")
    assert found.capitals > 0.4
    assert found.exclamations == 3
    assert found.stretched == 1
    assert read("my ID is AB12").capitals == 0.0


@pytest.mark.parametrize(
    ("annoyed", "calm"),
    [
        ("this is ridiculous, I have been waiting for three weeks", "when will it arrive?"),
        ("thanks for nothing", "thanks for your help"),
        ("why can nobody answer a simple question", "can you answer a question"),
        ("I want my money back NOW!!!", "I'd like a refund please"),
        ("your app is garbage", "your app is great"),
    ],
)
def test_annoyed_wording_scores_above_calm_wording(annoyed: str, calm: str) -> None:
    """Also where VADER sees nothing, or the opposite."""
    assert read(annoyed).wording > read(calm).wording + 1.0


def test_without_the_embedder_the_wording_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package may be missing: n-grams alone still tell annoyed from calm."""
    monkeypatch.setattr(reading, "_embedder", lambda: None)
    assert read("this is ridiculous, worst service ever").wording > read("when do you open?").wording + 1.0
    assert read("hello").meaning == b""


@given(st.text(max_size=1_500))
@settings(deadline=None, max_examples=100)
def test_any_text_can_be_read(text: str) -> None:
    """No text raises, lone surrogates and control characters included, and the same text reads the same."""
    assert read(text) == read(text)


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\x00\x01", "😡" * 2_000, "a" * 5_000, "﷽" * 3_000, "?!" * 900])
def test_strange_texts_can_be_read(text: str) -> None:
    """The corners that a random search may miss."""
    assert isinstance(read(text), Features)


def test_only_the_first_thousand_characters_are_read() -> None:
    """What stands behind changes nothing: a long text cannot make the bot slow."""
    text = "hello there my order is late " * 40
    assert read(text) == read(text + " I hate you, I want a human, useless!!!")


def test_what_was_read_is_not_read_again() -> None:
    """Given features stay, missing ones are filled in, other roles are left alone."""
    given_already = Features(words=99)
    turns = (Turn("customer", "hello", features=given_already), Turn("bot", "hi"), Turn("customer", "angry!"))
    done = with_features(turns)
    assert done[0].features is given_already
    assert done[1] is turns[1]
    assert done[2].features == read("angry!")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Sorry, I didn't understand that.", "unsure"),
        ("Could you rephrase?", "unsure"),
        ("Unfortunately there are no flights that day.", "refused"),
        ("Which city?", "asked"),
        ("Your order arrives tomorrow.", "answered"),
    ],
)
def test_how_a_bot_did_is_told_by_its_words(text: str, outcome: str) -> None:
    """For logs of other systems, which have no outcome."""
    assert bot_outcome(text) == outcome
    assert with_features((Turn("bot", text),), infer_outcomes=True)[0].outcome == outcome


def test_mending_leaves_real_words_alone() -> None:
    """ "Taking" is not "talking", a "contract" no "contact"."""
    for real in ("taking", "contract", "agents", "walking", "manage", "persona", "person"):
        assert real not in mended()
    assert mended()["asistant"] == "assistant"
    assert normalise("CAN'T u spaek tosomebody") == "can not you speak to somebody"


def test_pattern_words_can_match_a_token() -> None:
    """A pattern word with a hyphen, a capital or an unknown set could never match anything."""
    for group, patterns in words.GROUPS.items():
        for pattern in patterns:
            for word in pattern.split():
                for part in [] if word.startswith("..") else word.lstrip("!").split("|"):
                    part = part if part == "?" else part.rstrip("?")
                    if part.startswith("<"):
                        assert part[1:-1] in words.SETS, (group, pattern)
                    else:
                        assert part == part.lower(), (group, pattern)
                        assert part == "-" or "-" not in part, (group, pattern)


def test_embeddings_made_together_read_as_alone() -> None:
    """Batches only save time."""
    texts = ["where is my order", "you are useless", "", "thanks"]
    for text, vector in zip(texts, embed(texts), strict=True):
        assert read(text, vector).wording == pytest.approx(read(text).wording, abs=0.02)


@pytest.mark.parametrize(
    "text",
    [
        "Sorry, I was unable to make an appointment there.",
        "I apologize but I could not find a flight.",
        "No, they do not serve alcohol.",
        "Pets are not allowed.",
        "Unfortunately, the reservation did not go through.",
        "The event is sold out.",
    ],
)
def test_a_bots_no_is_seen_in_its_words(text: str) -> None:
    """For logs that do not say how the bot did."""
    assert bot_outcome(text) == "refused"


@pytest.mark.parametrize("text", ["No problem. Have a lovely day.", "Your table is booked.", "Not far: it is 3 km."])
def test_a_bots_yes_is_no_refusal(text: str) -> None:
    """Words such as "no" alone are not enough."""
    assert bot_outcome(text) == "answered"


@pytest.mark.parametrize(
    "text",
    ["no", "No, I don't want that", "that is too early for me", "I don't think so", "not interested", "nope, 5 pm"],
)
def test_turning_down_is_read(text: str) -> None:
    """In a polite voice too."""
    assert read(text).turns_down


@pytest.mark.parametrize(
    "text",
    [
        "No, thank you.",
        "Nope. Thanks very much!",
        "no, that's all",
        "No. That will be all.",
        "No, I'm good",
        "no preference",
    ],
)
def test_being_done_is_not_turning_down(text: str) -> None:
    """A comma or a full stop between makes no difference."""
    assert not read(text).turns_down


@pytest.mark.parametrize(
    ("text", "accepts"),
    [
        ("yes please", True),
        ("sounds good", True),
        ("ok, go ahead", True),
        ("yes but it is broken", False),
        ("no", False),
    ],
)
def test_going_along_is_read(text: str, *, accepts: bool) -> None:
    """A yes with a but is none."""
    assert read(text).accepts is accepts


@pytest.mark.parametrize(
    "text",
    ["can i tlak wiht a persn", "i nede a humann", "tranfser me to an opertor", "chatt with an agnt", "tlk to somone"],
)
def test_a_request_with_slips_of_the_pen_is_heard(text: str) -> None:
    """Whoever wants out types in haste."""
    assert read(text).asks_person


def test_a_text_that_was_read_lately_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The same features, also with a new text beside it and however often it stands there; what is remembered is bounded.
    """
    read_now: list[str] = []
    really = reading._read

    def counted(text: str, vector: reading.Vector | None) -> Features:
        read_now.append(text)
        return really(text, vector)

    monkeypatch.setattr(reading, "_read", counted)
    monkeypatch.setattr(reading, "_lately", {})
    monkeypatch.setattr(reading, "REMEMBERED", 3)
    turns = tuple(Turn("customer", text, seq=n) for n, text in enumerate(["one thing", "other thing", "one thing"], 1))
    first = with_features(turns)
    again = with_features((*turns, Turn("customer", "third thing", seq=4)))
    assert read_now == ["one thing", "other thing", "third thing"]
    assert again[:3] == first
    assert [turn.features for turn in again] == [really(turn.text, embed([turn.text])[0]) for turn in again]
    with_features(tuple(Turn("customer", f"text {n}", seq=n) for n in range(9)))
    assert len(reading._lately) == 3
