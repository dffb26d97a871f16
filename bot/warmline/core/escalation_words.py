"""How a decision is put into words: signals for the agent, counterfactuals, and what the customer is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from warmline.core.mood import HEATING, Mood
from warmline.core.rules import Evidence, Thresholds, When

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TIMES = ("never", "once", "twice", "three times", "four times", "five times", "six times")
VALUE_CHARS = 80
"""Characters of a slot's value that an agent is shown among the reasons."""
PLACEHOLDERS = frozenset({"help_line", "failures", "asked"})
WITH_A_PERSON = {
    "crisis": {
        "en": "You matter. {help_line} The person you are writing with has been told that this is urgent.",
        "de": "Sie sind wichtig. {help_line} Die Person, mit der Sie schreiben, weiß jetzt, dass es dringend ist.",
        "fr": "Vous comptez. {help_line} La personne avec qui vous écrivez sait maintenant que c'est urgent.",
        "es": "Usted importa. {help_line} La persona con la que escribe ya sabe que es urgente.",
        "pt": "Você é importante. {help_line} A pessoa com quem está falando já sabe que é urgente.",
        "it": "Lei è importante. {help_line} La persona con cui sta scrivendo sa ora che è urgente.",
    },
    "danger": {
        "en": "Stop using it and get away from it if you can. If anyone is hurt or it is burning, call 112 or 911. "
        "The person you are writing with has been told that this is urgent.",
        "de": "Bitte nicht weiter benutzen und Abstand halten. Ist jemand verletzt oder brennt es, rufen Sie die 112. "
        "Die Person, mit der Sie schreiben, weiß jetzt, dass es dringend ist.",
        "fr": "N'y touchez plus et éloignez-vous. Si quelqu'un est blessé ou si ça brûle, appelez le 112. "
        "La personne avec qui vous écrivez sait maintenant que c'est urgent.",
        "es": "Deje de usarlo y aléjese. Si hay alguien herido o arde, llame al 112. "
        "La persona con la que escribe ya sabe que es urgente.",
        "pt": "Pare de usar e afaste-se. Se alguém estiver ferido ou houver fogo, ligue 112 em Portugal, "
        "193 no Brasil. A pessoa com quem está falando já sabe que é urgente.",
        "it": "Non lo usi più e si allontani. Se qualcuno è ferito o c'è fuoco, chiami il 112. "
        "La persona con cui sta scrivendo sa ora che è urgente.",
    },
}
"""Said at once to a customer who writes of danger while an agent has the conversation."""


def number(count: int) -> str:
    """``3`` as ``three``; figures from ten."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def times(count: int) -> str:
    """``2`` as ``twice``."""
    return TIMES[count] if count < len(TIMES) else f"{count} times"


def fill(sentence: str, *, help_line: str, failures: int, asked: int) -> str:
    """
    Put the placeholders of *sentence* in: ``{help_line}``, ``{failures}`` ("two answers"), ``{asked}`` ("three times").
    """
    answers = f"{number(failures)} answer{'' if failures == 1 else 's'}"
    return (
        sentence.replace("{help_line}", help_line).replace("{failures}", answers).replace("{asked}", times(asked))
    ).strip()


def _listed(seqs: tuple[int, ...]) -> str:
    if len(seqs) == 1:
        return f"message {seqs[0]}"
    return "messages " + ", ".join(str(seq) for seq in seqs[:-1]) + f" and {seqs[-1]}"


def spoken(name: str) -> str:
    """The name of an intent, a slot or an entity for a person to read: ``refund_gold`` as ``refund gold``."""
    return name.replace("_", " ").replace("/", ", ")


def _known(name: str, value: Any) -> str:
    plain = isinstance(value, (str, int, float, bool))
    said = f": {str(value)[:VALUE_CHARS]}" if plain else ""
    return f"The bot knows “{spoken(name)}”{said}."


def explain(mood: Mood, evidence: Evidence, limits: Thresholds) -> list[tuple[str, float, float, str]]:
    """
    What spoke for a handoff or against it, strongest first: name, value, weight (-1..1) and a sentence for the agent.
    """
    found: list[tuple[str, float, float, str]] = []
    if evidence.taken_over:
        found.append(("taken_over", 1.0, 1.0, "A colleague stepped in."))
    if evidence.engine_down:
        found.append(("engine_down", 1.0, 1.0, "The bot could not answer: its engine was down or too slow."))
    if evidence.crisis:
        found.append(("crisis", 1.0, 1.0, f"Words of harm or crisis in message {evidence.last}."))
    found += [
        (f"topic:{topic}", 1.0, 1.0, f"Speaks of {topic.replace('_', ' ')} in message {evidence.last}.")
        for topic in evidence.topics
    ]
    found += [
        (
            f"intent:{name}",
            round(sure, 3),
            1.0,
            f"Message {evidence.last} was taken for “{spoken(name)}” ({sure:.2f} of 1 sure).",
        )
        for name, sure in evidence.intents
    ]
    found += [
        (f"entity:{name}", 1.0, 1.0, f"“{spoken(name)}” was found in message {evidence.last}.")
        for name in evidence.entities
    ]
    found += [
        (f"signal:{name}", value, round(value, 3), f"“{spoken(name)}” is {value:.2f} of 1 in message {evidence.last}.")
        for name, value in evidence.signals.items()
        if value
    ]
    found += [(f"slot:{name}", 1.0, 1.0, _known(name, value)) for name, value in evidence.slots.items()]
    if evidence.asked:
        found.append(("asked", 1.0, 1.0, "The customer asks for a person."))
    if evidence.silent_s:
        found.append(("silent", evidence.silent_s, 0.5, "The customer went silent after an answer that did not help."))
    if evidence.failed:
        count = len(evidence.failed)
        found.append(
            (
                "failures",
                float(count),
                round(min(1.0, count / limits.failures), 3),
                f"{number(count).capitalize()} answer{'' if count == 1 else 's'} of the bot did not help "
                f"({_listed(evidence.failed)}).",
            )
        )
    if evidence.repeated:
        asked = len(evidence.repeated) + 1
        found.append(
            (
                "repeats",
                float(asked),
                round(min(1.0, asked / limits.repeats), 3),
                f"Asked the same thing {times(asked)} ({_listed((*evidence.repeated, evidence.last))}).",
            )
        )
    if evidence.moods:
        value = evidence.moods[0]
        level = "angry" if value >= limits.angry else "upset" if value >= limits.upset else "calm"
        found.append(
            ("mood", value, round(value, 3), f"Mood {value:.2f} of 1 ({level}) after message {evidence.last}.")
        )
    found += [(f"mood:{one.name}", abs(one.weight), one.weight, one.text) for one in mood.reasons[:5]]
    return sorted(found, key=lambda one: -abs(one[2]))


def counterfactuals(when: When, evidence: Evidence, limits: Thresholds) -> Iterator[tuple[Evidence, str]]:
    """
    Changes that may have kept the conversation with the bot, smallest first: the changed evidence, and the sentence
    to say if it did. The caller tries them against the rules.
    """
    kept = "and it would have stayed with the bot."
    if when.failures is not None:
        yield (
            msgspec.structs.replace(evidence, failed=evidence.failed[:-1]),
            f"One failed answer fewer {kept}",
        )
    if when.repeats is not None:
        yield (
            msgspec.structs.replace(evidence, repeated=evidence.repeated[:-1]),
            f"The same question once fewer {kept}",
        )
    if when.mood is not None and evidence.moods:
        level = getattr(limits, when.mood)
        for name, value in evidence.without:
            words = HEATING[name][0].lower() + HEATING[name][1:].rstrip(".")
            changed = msgspec.structs.replace(evidence, moods=(value, *evidence.moods[1:]))
            yield changed, f"Without one signal (“{words}”) the mood would have been {value:.2f} {kept}"
        lower = max(0.0, level - 0.01)
        yield (
            msgspec.structs.replace(evidence, moods=(lower, *evidence.moods[1:])),
            f"A mood of {lower:.2f} instead of {evidence.moods[0]:.2f} after message {evidence.last} {kept}",
        )
    if when.asked:
        yield msgspec.structs.replace(evidence, asked=False), f"Without the request for a person {kept[4:]}"
    if when.topic or when.crisis:
        named = "those words" if when.crisis else "the topic"
        yield (
            msgspec.structs.replace(evidence, topics=(), crisis=False),
            f"Without {named} in message {evidence.last} {kept[4:]}",
        )
    if when.intent:
        taken = next((name for name, _ in evidence.intents if name in when.intent), when.intent[0])
        yield (
            msgspec.structs.replace(evidence, intents=()),
            f"Had message {evidence.last} not been taken for “{spoken(taken)}”, {kept[4:]}",
        )
    if when.entity:
        there = next((name for name in evidence.entities if name in when.entity), when.entity[0])
        yield (
            msgspec.structs.replace(evidence, entities=()),
            f"Without “{spoken(there)}” in message {evidence.last} {kept[4:]}",
        )
    for name in when.signal:
        rest = {other: value for other, value in evidence.signals.items() if other != name}
        yield (
            msgspec.structs.replace(evidence, signals=rest),
            f"Without “{spoken(name)}” in message {evidence.last} {kept[4:]}",
        )
    for name, values in when.slot.items():
        others = {other: value for other, value in evidence.slots.items() if other != name}
        kind = f"With another value of “{spoken(name)}”" if values else f"Without “{spoken(name)}”"
        yield msgspec.structs.replace(evidence, slots=others), f"{kind} {kept[4:]}"
    if when.engine_down:
        yield msgspec.structs.replace(evidence, engine_down=False), f"With the bot's engine up {kept[4:]}"
    if when.taken_over:
        yield msgspec.structs.replace(evidence, taken_over=False), f"Had no colleague stepped in, {kept[4:]}"
    if when.silent_s is not None:
        yield msgspec.structs.replace(evidence, silent_s=0.0), f"With a word from the customer {kept[4:]}"
    yield (
        msgspec.structs.replace(evidence, moods=(0.0, *evidence.moods[1:]), failed=evidence.failed[:-1]),
        f"A calm last message and one failed answer fewer {kept}",
    )
