"""What is wrong with what the assistant has been taught: one list, the most harmful first."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec
import numpy as np

from warmline.rules_file import Named
from warmline.teaching.corpus import BUILT_IN, OURS, Corpus, Example
from warmline.teaching.errors import TeachingError
from warmline.teaching.similarity import Judged, Matrix, judge, near_duplicates

Kind = Literal[
    "same text",
    "no answer",
    "not in domain",
    "no words",
    "no examples",
    "nearly the same",
    "confused",
    "few examples",
    "said twice",
    "never said",
]

MISTAKES: tuple[Kind, ...] = ("same text", "no answer", "not in domain", "no words", "no examples")
"""What is wrong for certain; the other kinds are hints, to be read by somebody who knows the customers."""

HARM: dict[Kind, float] = {
    "no words": 5.0,
    "no answer": 4.8,
    "not in domain": 4.6,
    "no examples": 4.4,
    "same text": 4.0,
    "nearly the same": 2.0,
    "few examples": 1.5,
    "confused": 1.0,
    "said twice": 0.2,
    "never said": 0.1,
}

TOLD_APART = 0.4
"""Where a pair begins that is nearly the same, and yet each is taken for what it is."""

RULES = "escalation.yml"
WARMLINES = "warmline_"
"""How the names of what Warmline adds to every bot begin: they are in no file of the project."""
RASAS_SLOTS = frozenset({"requested_slot", "session_started_metadata"})
FEW = 10
MAY_BE_FEW = frozenset({"nlu_fallback"})
CONFUSED_FROM = 0.35
"""How much better the other intent must fit before an example is called confused: below it is a toss-up."""


class Side(msgspec.Struct, frozen=True):
    """One of the two things compared: its *name* (an intent, a response), its *text*, and *where* it stands."""

    name: str
    text: str = ""
    where: str = ""


class Finding(msgspec.Struct, frozen=True):
    """*advice* says what to do about it. *other* is what *one* is compared with, if anything."""

    kind: Kind
    harm: float
    one: Side
    other: Side | None
    advice: str

    @property
    def is_mistake(self) -> bool:
        """Wrong for certain, whatever the customers say."""
        return self.kind in MISTAKES


class Checked(msgspec.Struct, frozen=True):
    """*findings*, the most harmful first; *judged* is the cross-validation behind them, over the corpus' examples."""

    findings: tuple[Finding, ...]
    judged: Judged


def known_intents(corpus: Corpus, intents: Sequence[str]) -> None:
    """Raises TeachingError when one of *intents* is none of *corpus*, with those that are called alike."""
    there = {*corpus.intents, *corpus.keys, *(example.intent for example in corpus.examples)}
    for name in intents:
        if name not in there:
            near = difflib.get_close_matches(name, sorted(there), 3, 0.5)
            hint = f" There is {', '.join(near)}." if near else ""
            raise TeachingError(f"There is no intent '{name}'.{hint}")


def about(intents: Sequence[str], checked: Checked) -> Checked:
    """*checked* with only what is about one of *intents*, on either side; all of it when there are none."""
    if not intents:
        return checked
    return msgspec.structs.replace(
        checked, findings=tuple(one for one in checked.findings if any(_is_about(name, one) for name in intents))
    )


def _is_about(intent: str, finding: Finding) -> bool:
    sides = {side.name for side in (finding.one, finding.other) if side is not None}
    own = {intent, *(f"utter_{part}{intent}" for part in ("", "faq_", "title_"))}
    return bool(own & sides) or any(side.startswith((f"{intent}/", f"utter_{intent}/")) for side in sides)


def check(corpus: Corpus, embed: Callable[[list[str]], Matrix], few: int = FEW, named: Sequence[Named] = ()) -> Checked:
    """
    All that can be said about *corpus*; *embed* gives unit vectors. Less than *few* examples are too few. *named* is
    what escalation.yml names of the bot (warmline.rules_file.named_in).
    """
    examples = corpus.examples
    labels = [example.key for example in examples]
    vectors = embed([example.text for example in examples]) if examples else np.zeros((0, 1), dtype=np.float32)
    judged = judge(labels, vectors)
    found = [*_gaps(corpus, few), *_repeated(corpus), *_unknown(corpus, named)]
    paired: set[int] = set()
    wrongly = {wrong.place for wrong in judged.mistaken}
    for pair in near_duplicates([example.text for example in examples], labels, vectors):
        kind: Kind = "same text" if pair.alike == 1.0 else "nearly the same"
        one, other = examples[pair.one], examples[pair.other]
        taken_wrongly = bool({pair.one, pair.other} & wrongly)
        if kind == "same text":
            advice, harm = "it can mean only one of the two: keep it there", HARM[kind] + pair.alike
        elif taken_wrongly:
            advice, harm = (
                "the model cannot tell them apart: keep it in one, or say it otherwise",
                HARM[kind] + pair.alike,
            )
        else:
            advice, harm = "told apart so far; read whether a customer means two things", TOLD_APART + pair.alike / 2
        found.append(Finding(kind, harm, _side(one), _side(other), advice))
        paired |= {pair.one, pair.other}
    for wrong in judged.mistaken:
        if wrong.harm < CONFUSED_FROM or wrong.place in paired:
            continue
        one, other = examples[wrong.place], examples[wrong.nearest]
        advice = f"reads like {wrong.taken_for}: move it, or teach {one.key} more like it"
        found.append(Finding("confused", HARM["confused"] + wrong.harm / 2, _side(one), _side(other), advice))
    found.sort(key=lambda finding: (-finding.harm, finding.one.name, finding.one.text))
    return Checked(tuple(found), judged)


def _side(example: Example) -> Side:
    return Side(example.key, example.text, f"{example.path}:{example.line}")


def _gaps(corpus: Corpus, few: int) -> Iterator[Finding]:
    counted = Counter(example.intent for example in corpus.examples)
    listed = set(corpus.intents)
    for intent in corpus.intents:
        if intent in BUILT_IN or OURS.match(intent):
            continue
        one = Side(intent, f"{counted[intent]} examples")
        if not counted[intent]:
            yield Finding("no examples", HARM["no examples"], one, None, "nothing a customer says can mean this")
        elif counted[intent] < few:
            harm = HARM["few examples"] + (1 - counted[intent] / few) / 2
            yield Finding("few examples", harm, one, None, f"write at least {few}, in customers' own words")
        if intent not in corpus.answered:
            yield Finding("no answer", HARM["no answer"], one, None, "no rule or story has it: add one")
    for intent in sorted(counted.keys() - listed):
        first = next(example for example in corpus.examples if example.intent == intent)
        yield Finding("not in domain", HARM["not in domain"], _side(first), None, "list the intent in the domain")
    for intent in sorted(corpus.answered - listed - BUILT_IN):
        if OURS.match(intent) or intent in counted:
            continue
        one = Side(intent, "named in a rule")
        yield Finding(
            "not in domain", HARM["not in domain"], one, None, "list the intent in the domain, or mend the name"
        )
    looked_up = {f"utter_{key.split('/')[0]}" for key in corpus.keys} & corpus.used
    needed = {f"utter_{key}" for key in corpus.keys if f"utter_{key.split('/')[0]}" in looked_up}
    for name in sorted((corpus.used | needed) - corpus.responses.keys() - looked_up):
        if name.startswith("utter_") and name not in corpus.actions and not name.startswith("utter_ask_"):
            if OURS.match(name):
                continue
            advice = "write it under 'responses:', or mend the name where it is used"
            yield Finding("no words", HARM["no words"], Side(name, "used, and never written"), None, advice)
    for name in sorted(corpus.responses.keys() - corpus.used):
        if not name.startswith("utter_ask_"):
            text = next(iter(corpus.responses[name]), "")
            yield Finding("never said", HARM["never said"], Side(name, text), None, "no rule, form or action uses it")


def _unknown(corpus: Corpus, named: Sequence[Named]) -> Iterator[Finding]:
    """What escalation.yml names and the domain does not have: such a condition never holds."""
    known: dict[str, frozenset[str]] = {
        "intent": frozenset(corpus.intents) | BUILT_IN,
        "slot": corpus.slots | RASAS_SLOTS,
        "entity": corpus.entities,
    }
    for one in named:
        if one.name.split("/")[0] not in known[one.kind] and not one.name.startswith(WARMLINES):
            side = Side(one.name, f"{one.kind}, named by {one.by}", f"{RULES}:{one.line}")
            advice = f"no {one.kind} of domain.yml is called so: mend the name, or leave it out"
            yield Finding("not in domain", HARM["not in domain"], side, None, advice)


def _repeated(corpus: Corpus) -> Iterator[Finding]:
    seen: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in corpus.examples:
        seen[example.key, example.text.casefold()].append(example)
    for same in seen.values():
        if len(same) > 1:
            one, other = _side(same[0]), _side(same[1])
            yield Finding("said twice", HARM["said twice"], one, other, "it teaches nothing the second time")
