"""
The decisions that something else triggers than a customer's turn with the bot: the button, a bot that cannot answer or
goes unanswered, an agent who steps in, and words of danger written where no bot listens. Pure, as
warmline.core.escalation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from warmline.core.escalation import Decision, decide, gather
from warmline.core.escalation_words import WITH_A_PERSON, fill
from warmline.core.features import Turn, read_features
from warmline.core.mood import Mood, frustration
from warmline.core.rules import Evidence, Rules, of_the_bot

DANGER = ("crisis", "danger")
"""What the customer is told about even while a person is with them."""


def _gathered(turns: Sequence[Turn], handed_back_for: tuple[str, ...]) -> tuple[Mood, Evidence]:
    """As :func:`gather`, and nothing at all for a conversation without a word of the customer."""
    try:
        return gather(turns, handed_back_for=handed_back_for)
    except ValueError:
        return Mood(0.0), Evidence(last=turns[-1].seq if turns else 0)


def asked_for_person(
    turns: Sequence[Turn],
    rules: Rules,
    *,
    handed_back_for: tuple[str, ...] = (),
    slots: Mapping[str, Any] | None = None,
) -> Decision:
    """
    The decision when the customer pressed "Talk to a person". *slots* are what the bot knows. Never raises; a more
    careful rule above may apply.
    """
    mood, evidence = _gathered(turns, handed_back_for)
    known = of_the_bot(msgspec.structs.replace(evidence, asked=True), rules, slots=slots)
    decision = decide(mood, known, rules, handed_back_for)
    return msgspec.structs.replace(decision, confidence=1.0) if decision.cause == "asked" else decision


def engine_down(
    turns: Sequence[Turn],
    rules: Rules,
    *,
    handed_back_for: tuple[str, ...] = (),
    slots: Mapping[str, Any] | None = None,
) -> Decision:
    """
    The decision when the bot cannot answer: a rule above, if one holds (crisis, asked, ...), else the engine's own.
    *slots* are what the bot knew before.
    """
    mood, evidence = _gathered(turns, handed_back_for)
    known = of_the_bot(msgspec.structs.replace(evidence, engine_down=True), rules, slots=slots)
    return decide(mood, known, rules, handed_back_for)


def taken_over(turns: Sequence[Turn], rules: Rules) -> Decision:
    """The decision when an agent steps in unasked."""
    mood, _ = _gathered(turns, ())
    return decide(mood, Evidence(last=turns[-1].seq if turns else 0, taken_over=True), rules)


def silences(rules: Rules) -> tuple[int, ...]:
    """The lengths of silence, in seconds, that some rule asks about, shortest first."""
    return tuple(sorted({rule.when.silent_s for rule in rules.rules if rule.when.silent_s is not None}))


def gone_silent(
    turns: Sequence[Turn],
    rules: Rules,
    silent_s: float,
    *,
    handed_back_for: tuple[str, ...] = (),
    slots: Mapping[str, Any] | None = None,
) -> Decision:
    """
    The decision when nothing came for *silent_s* seconds after the last of *turns*, to a bot that knows *slots*. Only
    the bot's failure as the last word makes a silence tell anything: after any other turn the conversation stays.
    """
    mood, evidence = _gathered(turns, handed_back_for)
    failed_last = bool(turns) and turns[-1].role == "bot" and turns[-1].seq in evidence.failed
    heard = msgspec.structs.replace(evidence, silent_s=silent_s) if failed_last else Evidence(last=evidence.last)
    known = of_the_bot(heard, rules, slots=slots if failed_last else None)
    return decide(mood, known, rules, handed_back_for)


def alarmed(turn: Turn, rules: Rules, *, with_person: bool) -> Decision | None:
    """
    The decision when the customer's *turn*, written while they wait or to an agent (*with_person*), names harm or a
    high-stakes topic; None when it does not. *say* is empty when there is nothing to say: to somebody who has a
    person already only danger is answered.

    Raises:
        ValueError: *turn* has no features, or is not the customer's.
    """
    features = read_features(turn)
    evidence = Evidence(crisis=features.crisis, topics=features.topics, last=turn.seq, language=features.language)
    decision = decide(frustration((turn,)), evidence, rules)
    if not decision.escalate:
        return None
    if not with_person:
        return decision
    danger = "crisis" if features.crisis else next((topic for topic in features.topics if topic in DANGER), "")
    if not danger:
        return msgspec.structs.replace(decision, say="")
    sentence = WITH_A_PERSON[danger].get(features.language, WITH_A_PERSON[danger]["en"])
    say = fill(sentence, help_line=rules.help_line_for(features.language), failures=0, asked=1)
    return msgspec.structs.replace(decision, say=say)
