"""
How frustrated the customer is after the last of their turns, and why. Pure: texts were read by warmline.language
before.

The value is a logistic model over named signals, each between 0 and 1. A signal of ``HEATING`` can only raise the
value and one of ``COOLING`` only lower it, whatever the rest says; its weight is in warmline.core.mood_weights.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping, Sequence

import msgspec

from warmline.core.features import Features, Turn, read_features
from warmline.core.mood_weights import BIAS, WEIGHTS

WINDOW = 12
FAILED = frozenset({"unsure", "failed"})
REFUSED = frozenset({"failed", "refused"})
SHORT_WAIT_S, LONG_WAIT_S = 15.0, 120.0
"""Nobody minds the one; the other is as bad as waiting gets in a chat."""
SHARED_WORDS = 0.75
SAME_MEANING = 0.85
_more_wishes = re.compile(
    r"(any|some)thing (else|more|other)|(any|more|further) (other )?(help|assistance|questions|need)|assist you further"
    r"|(help|assist|serve|do for) you (any )?(further|with)[^.!?]*\?\s*$",
    re.IGNORECASE,
)
PRAISE = 0.5
"""Words this friendly (VADER) after an answer that did not help are hardly meant."""
ELSEWHERE = 0.5
"""What is left of annoyed words that are about somebody else, in a text that speaks to nobody here."""
BRIEF = 20
"""Words of a short answer."""
_bare_no = re.compile(
    r"\W*(?:no|nope|nah|not yet|not really|no thanks?|no thank you|no,? i (?:have|did|do|am|was|can)(?:n'?t| not)|"
    r"i don'?t|"
    r"it (?:is|does|did)(?:n'?t| not))\W*",
    re.IGNORECASE,
)
"""A "no" and nothing else is an answer, whatever was asked."""
_plain_question = re.compile(
    r"\b(have|had|did|were|are) you\b[^.!?]*\?\s*$|\bdo you (have|know|need|require|own|live)\b[^.!?]*\?\s*$"
    r"|\b(any|specific|particular|certain)\b[^.!?]*\?\s*$",
    re.IGNORECASE,
)


class Reason(msgspec.Struct, frozen=True):
    """
    One thing that moved the mood: *weight* is its share in points of frustration (-1..1), *text* says it to an agent.
    """

    name: str
    weight: float
    text: str


class Mood(msgspec.Struct, frozen=True):
    """*value* 0.0 (calm) to 1.0 (about to leave); *reasons* largest first."""

    value: float
    reasons: tuple[Reason, ...] = ()


HEATING: dict[str, str] = {
    "annoyed_wording": "Sounds annoyed.",
    "negative_tone": "Negative words.",
    "capitals": "Writes in capitals.",
    "exclamations": "Exclamation marks.",
    "stretched": "Stretched words.",
    "swearing": "Swears.",
    "insults": "Insulting words.",
    "angry_words": "Says so: angry, frustrated, unacceptable or the like.",
    "negated_help": "Says that it did not help or still does not work.",
    "waiting": "Has waited, or tried several times.",
    "leaving": "Talks of leaving, or wants the money back.",
    "questioning": "Asks how this can be.",
    "sarcasm": "Sounds sarcastic.",
    "pleading": "Pleads, or does not know what to do any more.",
    "giving_up": "Gives up.",
    "stakes": "Much hangs on it: a birthday, a funeral, rent, a child.",
    "denial": "Says that the answer was wrong.",
    "correction": "Had to say it again or correct something.",
    "curt": "Was polite before and is curt now.",
    "turns_down": "Turns down what was offered or asked.",
    "asks_other": "Wants something else than was offered.",
    "repeated": "Asks the same thing again.",
    "bot_failed": "The bot's last answers did not help.",
    "bot_refused": "The bot had to say no, just now or before.",
    "bot_repeated": "The bot said the same thing twice.",
    "waited": "Had to wait for an answer.",
    "long_talk": "Has been at it for a while.",
    "in_a_row": "Sent several messages in a row.",
    "upset_before": "Was upset in the turns before.",
}
COOLING: dict[str, str] = {
    "calm_wording": "Sounds calm.",
    "positive_tone": "Friendly words.",
    "calm_before": "Was calm in the turns before.",
    "accepts": "Goes along with it.",
    "thanks": "Says thanks.",
    "solved": "Says that it is solved.",
    "polite": "Stays polite.",
    "third_party": "Is angry at somebody else.",
    "joking": "Is joking.",
    "own_fault": "Something of their own went wrong.",
}


def _some(count: int, enough: int) -> float:
    return min(count, enough) / enough


def text_signals(features: Features) -> dict[str, float]:
    """The signals of one text alone, each 0..1; those that are 0 are left out."""
    # A yes or no is all of a short answer, and only the beginning of a long one.
    brief = 1.0 if features.words <= BRIEF else 0.5
    # Harsh words about oneself, a courier or the weather are harsh words, but not about us.
    elsewhere = (features.own_fault or features.third_party) and not features.addressed
    found = {
        "annoyed_wording": max(0.0, features.wording) / 6.0 * (ELSEWHERE if elsewhere else 1.0),
        "calm_wording": max(0.0, -features.wording) / 6.0,
        "negative_tone": max(0.0, -features.vader),
        "positive_tone": max(0.0, features.vader),
        "capitals": features.capitals,
        "exclamations": _some(features.exclamations, 3),
        "stretched": _some(features.stretched, 1),
        "swearing": _some(features.swearing, 2),
        "insults": _some(features.insults, 2),
        "angry_words": _some(features.angry_words, 2),
        "negated_help": _some(features.negated_help, 2),
        "waiting": _some(features.waiting, 2),
        "leaving": _some(features.leaving, 1),
        "questioning": _some(features.questioning, 2),
        "sarcasm": _some(features.sarcasm, 1),
        "pleading": _some(features.pleading, 1),
        "giving_up": _some(features.giving_up, 1),
        # "for a birthday" alone is a reason to buy: only together with something that goes wrong it weighs.
        "stakes": _some(features.stakes, 1)
        if features.wording > 0.5 or features.waiting or features.negated_help
        else 0.0,
        "denial": float(features.denial),
        "correction": float(features.correction),
        "turns_down": features.turns_down * brief,
        "asks_other": float(features.asks_other),
        "accepts": features.accepts * brief,
        "thanks": float(features.thanks),
        "solved": float(features.solved),
        "polite": float(features.polite),
        "third_party": float(features.third_party),
        "joking": float(features.joking),
        "own_fault": float(features.own_fault),
    }
    return {name: value for name, value in found.items() if value > 0.0}


def same_question(earlier: Features, later: Features) -> bool:
    """
    Whether *later* asks what *earlier* asked: most words that carry meaning are shared, or the meanings are close.
    Short answers ("yes", "A1042") never do.
    """
    first, second = set(earlier.content), set(later.content)
    if min(len(first), len(second)) < 3:
        return False
    shared = len(first & second)
    if shared >= SHARED_WORDS * max(len(first), len(second)):
        return True
    return shared >= 2 and similarity(earlier.meaning, later.meaning) >= SAME_MEANING


def similarity(one: bytes, other: bytes) -> float:
    """The cosine of two meanings, -1..1; 0.0 when one is missing."""
    if not one or len(one) != len(other):
        return 0.0
    first, second = memoryview(one).cast("b"), memoryview(other).cast("b")
    length = math.sqrt(sum(map(operator.mul, first, first)) * sum(map(operator.mul, second, second)))
    return sum(map(operator.mul, first, second)) / length if length else 0.0


def failed_turns(turns: Sequence[Turn]) -> list[Turn]:
    """
    The bot's turns that did not help, since it last did: unsure, failed, said again word for word, or denied.

    An answer helped when the customer did not deny it. Thanks, or a problem called solved, forgive everything before.
    Several messages in a row are one answer.
    """
    failed: list[Turn] = []
    said = ""
    for index, turn in enumerate(turns):
        if turn.role == "customer":
            features = read_features(turn)
            if (features.thanks or features.solved) and not (features.negated_help or features.denial):
                failed = []
            continue
        if turn.role != "bot":
            continue
        reply = turns[index + 1] if index + 1 < len(turns) else None
        denied = reply is not None and reply.role == "customer" and read_features(reply).denial
        # A question asked again is no failure: the customer may have spoken of something else in between.
        again, said = bool(turn.text) and turn.text == said and turn.outcome == "answered", turn.text
        if turn.outcome in FAILED or again or (denied and turn.outcome == "answered"):
            if not (index and failed and failed[-1] is turns[index - 1]):
                failed.append(turn)
            else:
                failed[-1] = turn
        elif turn.outcome == "answered" and reply is not None:
            failed = []
    return failed


def repeats(turns: Sequence[Turn]) -> list[Turn]:
    """The customer's earlier turns that asked what their last one asks, oldest first."""
    asked = [turn for turn in turns if turn.role == "customer"]
    if not asked:
        return []
    last = read_features(asked[-1])
    return [turn for turn in asked[:-1] if same_question(read_features(turn), last)]


def waited_s(turns: Sequence[Turn]) -> float:
    """
    Seconds the customer waited for the last answer, or has waited since they first wrote after it: the longer of both.
    0.0 where the times are not known.
    """
    longest = since = 0.0
    for turn in turns:
        if turn.role == "customer":
            since = since or turn.at
        elif since:
            longest, since = max(0.0, turn.at - since) if turn.at else 0.0, 0.0
    return max(longest, turns[-1].at - since if turns and since else 0.0)


def _before(earlier: Sequence[Features]) -> float:
    """
    How upset (to 1.0) or calm (to -1.0) the customer's earlier texts were; each counts twice as much as the one
    before.
    """
    level = total = 0.0
    for age, features in enumerate(reversed(earlier)):
        share = 0.5**age
        level += share * max(-4.0, min(4.0, _score(text_signals(features)) - _score({})))
        total += share
    return level / total / 4.0 if total else 0.0


def signals(turns: Sequence[Turn]) -> dict[str, float]:
    """
    Everything the mood after the last of *turns* is made from: name to strength, 0..1; those that are 0 are left out.

    Raises:
        ValueError: as :func:`frustration`.
    """
    if not turns or turns[-1].role != "customer":
        raise ValueError("The mood is read after a customer's turn.")
    turns = turns[-WINDOW:]
    last = read_features(turns[-1])
    found = text_signals(last)
    earlier = [read_features(turn) for turn in turns[:-1] if turn.role == "customer"]
    bot = [turn for turn in turns if turn.role == "bot"]
    in_a_row = 0
    for turn in reversed(turns[:-1]):
        if turn.role != "customer":
            break
        in_a_row += 1
    before = _before(earlier)
    if all(turn.role == "customer" for turn in turns):
        # Nothing was answered yet, so "wrong" is about the parcel, not about an answer.
        found["denial"] = found["asks_other"] = found["turns_down"] = found["accepts"] = 0.0
    elif _more_wishes.search(turns[-2].text) and turns[-2].role != "customer":
        # "No" to "Anything else?" turns nothing down, and asking for more is what was offered.
        found["turns_down"] = found["asks_other"] = 0.0
    elif _plain_question.search(turns[-2].text) and turns[-2].role != "customer" and last.words <= BRIEF // 2:
        # "No" to "Have you paid?" is an answer.
        found["turns_down"] = 0.0
    if len(turns) > 1 and turns[-2].role != "customer" and _bare_no.fullmatch(turns[-1].text):
        asked = turns[-2].outcome == "asked" or turns[-2].text.rstrip().endswith("?")
        for name in ("turns_down", "annoyed_wording", "negative_tone", "denial", "curt") if asked else ():
            found[name] = 0.0
    found["upset_before"] = max(0.0, before)
    found["calm_before"] = max(0.0, -before)
    found["repeated"] = _some(len(repeats(turns)), 2)
    failed = failed_turns(turns)
    found["bot_failed"] = _some(len(failed), 3)
    if failed and last.vader >= PRAISE and not (last.solved or last.thanks):
        found["sarcasm"] = max(found.get("sarcasm", 0.0), 0.5)
    refused = [turn.outcome in REFUSED for turn in bot]
    found["bot_refused"] = 1.0 if refused and refused[-1] else 0.5 if any(refused) else 0.0
    found["long_talk"] = _some(len(earlier), 4)
    found["bot_repeated"] = float(len(bot) > 1 and bot[-1].text == bot[-2].text)
    found["in_a_row"] = _some(in_a_row, 3)
    found["waited"] = max(0.0, min(1.0, (waited_s(turns) - SHORT_WAIT_S) / (LONG_WAIT_S - SHORT_WAIT_S)))
    found["curt"] = (
        0.0 if "curt" in found else float(last.words <= 4 and not last.polite and any(one.polite for one in earlier))
    )
    return {name: value for name, value in found.items() if value > 0.0}


def _score(found: Mapping[str, float]) -> float:
    return BIAS + sum(WEIGHTS[name] * value for name, value in found.items())


def _probability(found: Mapping[str, float], own: float = 0.0) -> float:
    """*own* are the log-odds that signals of the project's own add."""
    return 1.0 / (1.0 + math.exp(-_score(found) - own))


def frustration(turns: Sequence[Turn]) -> Mood:
    """
    Estimate how frustrated the customer is after the last of *turns*.

    Returns a value from 0.0 (calm) to 1.0 (about to leave), with the reasons that moved it most, largest first. The
    weights of all reasons together are what parts the value from that of a message without any signal. Reads at most
    the last 12 turns.

    Raises:
        ValueError: *turns* is empty, its last turn is not the customer's, or a customer turn has no features.
    """
    found = signals(turns)
    own = {one.name: one for one in read_features(turns[-1]).own if one.value and one.weight}
    pull = {name: WEIGHTS[name] * strength for name, strength in found.items()}
    pull |= {name: one.weight * one.value for name, one in own.items()}
    value = _probability(found, sum(pull[name] for name in own))
    moved = value - _probability({})
    total = sum(pull.values())
    # The log-odds add up, points do not: the points moved are shared out as the log-odds are, on the slope between
    # both ends.
    slope = moved / total if abs(total) > 1e-9 else value * (1.0 - value)
    reasons = [
        Reason(
            name=name,
            weight=round(one * slope, 3),
            text=own[name].text if name in own else HEATING.get(name) or COOLING[name],
        )
        for name, one in pull.items()
        if abs(one * slope) >= 0.01
    ]
    reasons.sort(key=lambda reason: (-abs(reason.weight), reason.name))
    return Mood(value=round(value, 4), reasons=tuple(reasons))


def without(turns: Sequence[Turn]) -> dict[str, float]:
    """
    What the mood would be without each of the signals that raise it: name to value. Raises as :func:`frustration`.
    """
    found = signals(turns)
    own = sum(one.value * one.weight for one in read_features(turns[-1]).own)
    return {
        name: round(_probability({other: strength for other, strength in found.items() if other != name}, own), 4)
        for name in found
        if name in HEATING
    }
