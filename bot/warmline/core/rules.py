"""
The rules of escalation.yml, what they look at, and whether one of them holds. Reading the file is
warmline.rules_file's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union

import msgspec

from warmline.core.fact_list import FactList
from warmline.core.features import TOPICS

Level = Literal["upset", "angry", "furious"]
Count = Union[int, Literal["limit"]]
Value = Union[bool, int, float, str]
"""What a slot is compared with."""
Cause = Literal["asked", "topic", "crisis", "mood", "failure", "engine", "taken_over"]
STILL = 0.75
"""The share of the level asked for that the last words alone must reach for a handoff by mood."""
WAS_CALM = 0.65
"""The share of *upset* below which somebody was calm the turn before."""
SURE_OF_INTENT = 0.5
"""How sure the bot must be of an intent that a rule names, unless the rule says otherwise."""
OUR_BUTTON = "warmline_ask_person"
"""The intent of the button that Warmline adds to every bot: it always wants a person."""
OPENING = 0.05
"""How much more a first message needs where outbursts are let pass: nobody has tried to help yet."""


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What a sensitivity means. *upset*, *angry* and *furious* are moods, 0..1. *failures* and *repeats* are the
    ``limit`` of the rules: so many answers of the bot that did not help, so many times the customer asked the same
    thing.
    """

    upset: float
    angry: float
    furious: float
    failures: int
    repeats: int


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    The conditions of a rule; all that are given must hold.

    *asked*: the customer asks for a person. *crisis*: words of harm. *topic*: one of these topics is named.
    *mood*: the mood is at least that level, after the last *turns* customer turns each; with *sudden* false it does not
    hold for an outburst, when the customer was calm (below two thirds of *upset*) the turn before, and a first message
    needs a little more. Whoever has calmed down, so that the last words alone are below three quarters of the level, is
    not handed over for the mood of earlier ones. *failures*, *repeats*: at least so many. *silent_s*: the customer has
    been silent so long after an answer that did not help. *engine_down*, *taken_over*: the bot cannot answer; an agent
    stepped in.

    Of the bot itself: *intent*: the customer's last message was taken for one of these with at least *confidence*,
    0..1. *entity*: one of these was found in it. *slot*: each of these slots is filled, with one of its values where
    there are any. *signal*: each of these signals of the project's own is at least so strong, 0..1.
    """

    asked: bool = False
    crisis: bool = False
    topic: tuple[str, ...] = ()
    mood: Level | None = None
    turns: int = 1
    sudden: bool = True
    failures: Count | None = None
    repeats: Count | None = None
    silent_s: int | None = None
    engine_down: bool = False
    taken_over: bool = False
    intent: tuple[str, ...] = ()
    confidence: float = SURE_OF_INTENT
    slot: dict[str, tuple[Value, ...]] = {}
    entity: tuple[str, ...] = ()
    signal: dict[str, float] = {}


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A topic of escalation.yml: *phrases* that name it, in the notation of warmline.language.phrases, and the *intents*
    of the bot that mean it.
    """

    phrases: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()


class Intents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What Warmline should know of the bot's intents, each by its names; the defaults are usual names.

    *ask_person*: wants a person. *affirm*, *deny*, *dont_know*: a bare yes, no, "I don't know". *small_talk*: says
    nothing about what the customer wants. *about_the_bot*: a question about the assistant, which may name people
    without asking for one. *nothing_wanted*: wants nothing, so that no topic is meant that the bot finds most unlikely.
    *leave_it*: everything should stay as it is. *bye*: takes leave.
    """

    ask_person: tuple[str, ...] = (
        "ask_person",
        "human_handoff",
        "talk_to_human",
        "talk_to_person",
        "talk_to_agent",
    )
    affirm: tuple[str, ...] = ("affirm", "yes")
    deny: tuple[str, ...] = ("deny", "no")
    dont_know: tuple[str, ...] = ("dont_know",)
    small_talk: tuple[str, ...] = (
        "greet",
        "hello",
        "help",
        "thanks",
        "thank",
        "thankyou",
        "bot_challenge",
        "out_of_scope",
        "chitchat",
        "inform",
        "repeat",
        "stop",
    )
    about_the_bot: tuple[str, ...] = ("bot_challenge",)
    nothing_wanted: tuple[str, ...] = ("out_of_scope", "thanks", "thank", "thankyou")
    leave_it: tuple[str, ...] = ("leave_it",)
    bye: tuple[str, ...] = ("bye", "goodbye")

    @property
    def asking(self) -> tuple[str, ...]:
        """The intents that want a person, that of our own button among them."""
        return (*self.ask_person, OUR_BUTTON)

    @property
    def tell_nothing(self) -> frozenset[str]:
        """The intents that say nothing about what the customer wants; what was not understood is among them."""
        named = (*self.small_talk, *self.asking, *self.affirm, *self.deny, *self.dont_know, *self.bye)
        return frozenset((*named, "nlu_fallback", ""))


OwnPhrases = tuple[tuple[str, tuple[str, ...]], ...]
"""Topics with the phrases that escalation.yml has for them."""


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What the customer is told: for a calm, an annoyed (mood from *upset*) and a distressed (from *angry*) customer.
    """

    calm: str
    annoyed: str
    distressed: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    One rule of escalation.yml; the first that holds names the handoff, the most urgent that holds sets the urgency.
    *say_in* is what is said instead to somebody who was heard in another language, by its two-letter code. *say_again*
    (and *say_again_in*) is what is said each time it is named again by somebody who already waits, or asks what to do:
    a rule without it says nothing again.
    """

    name: str
    when: When
    urgency_min: int
    queue: str
    say: Say
    say_in: dict[str, Say] = {}
    say_again: str = ""
    say_again_in: dict[str, str] = {}


class Rules(msgspec.Struct, frozen=True):
    """
    escalation.yml, validated: see warmline.rules_file. *thresholds* are those of the chosen *sensitivity*.

    *after_hand_back* is added to the mood levels (and one to the counts) of a rule whose handoff a person already
    dealt with. *facts* says which slots of the bot are facts. *topics* are the project's own, and what it adds to the
    built-in ones; *intents* what its intents mean.
    """

    sensitivity: str
    thresholds: Thresholds
    help_line: str
    after_hand_back: float
    rules: tuple[Rule, ...]
    help_line_in: dict[str, str] = {}
    facts: FactList = FactList()
    topics: dict[str, Topic] = {}
    intents: Intents = Intents()

    @property
    def phrases(self) -> OwnPhrases:
        """The phrases of topics that stand in the file, for warmline.language.with_features."""
        return tuple((name, topic.phrases) for name, topic in self.topics.items() if topic.phrases)

    @property
    def topic_of(self) -> dict[str, str]:
        """For each intent that means a topic, which; ``asked`` stands for the request for a person."""
        asked = dict.fromkeys(self.intents.asking, "asked")
        return asked | {intent: name for name, topic in self.topics.items() for intent in topic.intents}

    @property
    def asks_about_slots(self) -> bool:
        """Whether some rule looks at a slot."""
        return any(rule.when.slot for rule in self.rules)

    def heard(self, topics: Sequence[str]) -> tuple[str, ...]:
        """Those of *topics* that a rule may name."""
        return tuple(topic for topic in topics if topic in TOPICS or (topic in self.topics and topic != "crisis"))

    def help_line_for(self, language: str) -> str:
        """The help line in the language *language*, or the plain one where the file has none."""
        return self.help_line_in.get(language, self.help_line)


class Evidence(msgspec.Struct, frozen=True):
    """
    What the rules look at. *moods* are those after the last customer turns, newest first, with their *mood_seqs*; they
    end where the customer had cooled down. *without* says, for each signal that raises the newest mood, what it would
    be without it, lowest first. *own* is the mood of the last words taken alone. *failed* and *repeated* are seqs.
    *last* is the seq of the last customer turn, *language* as in Features. *intents* (with how sure the bot is, 0..1),
    *entities* and *slots* are only those that fulfil a rule's condition: see :func:`of_the_bot`. *signals* are the
    project's own in the last customer turn, by name.
    """

    moods: tuple[float, ...] = ()
    mood_seqs: tuple[int, ...] = ()
    without: tuple[tuple[str, float], ...] = ()
    own: float = 1.0
    asked: bool = False
    crisis: bool = False
    topics: tuple[str, ...] = ()
    failed: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    last: int = 0
    silent_s: float = 0.0
    engine_down: bool = False
    taken_over: bool = False
    language: str = ""
    intents: tuple[tuple[str, float], ...] = ()
    entities: tuple[str, ...] = ()
    slots: dict[str, Any] = {}
    signals: dict[str, float] = {}


def of_the_bot(
    evidence: Evidence,
    rules: Rules,
    *,
    intents: Sequence[tuple[str, float]] = (),
    entities: Sequence[str] = (),
    slots: Mapping[str, Any] | None = None,
) -> Evidence:
    """
    *evidence* with what the bot understood and knows, as far as a rule asks for it. *intents* of the customer's last
    message come with their confidence, 0..1; *slots* are all the bot's, by name.
    """
    whens, filled = [rule.when for rule in rules.rules], slots or {}
    asked_for = {name: values for when in whens for name, values in when.slot.items()}
    return msgspec.structs.replace(
        evidence,
        intents=tuple(one for one in intents if any(_taken_for(when, (one,)) for when in whens)),
        entities=tuple(dict.fromkeys(one for one in entities if any(one in when.entity for when in whens))),
        slots={
            name: filled[name]
            for name in asked_for
            if any(name in when.slot and slot_is(filled.get(name), when.slot[name]) for when in whens)
        },
    )


def _taken_for(when: When, intents: Sequence[tuple[str, float]]) -> bool:
    return any(name in when.intent and sure >= when.confidence for name, sure in intents)


def slot_is(found: Any, wanted: Sequence[Value]) -> bool:
    """
    Whether a slot that holds *found* is filled, and with one of the values *wanted* when there are any. Capitals make
    no difference, nor does ``5`` or ``"5"``; a list holds each of its items.
    """
    if found is None or found == "" or (isinstance(found, (list, tuple, dict)) and not found):
        return False
    held = found if isinstance(found, (list, tuple)) else (found,)
    return not wanted or any(_alike(one, value) for one in held for value in wanted)


def _alike(found: Any, wanted: Value) -> bool:
    if isinstance(found, (int, float)) and isinstance(wanted, (int, float)):
        return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted
    return str(found).strip().casefold() == str(wanted).strip().casefold()


def cause_of(rule: Rule) -> Cause:
    """What kind of rule this is, from its conditions."""
    when = rule.when
    if when.crisis:
        return "crisis"
    if when.topic:
        return "topic"
    if when.asked:
        return "asked"
    if when.engine_down:
        return "engine"
    if when.taken_over:
        return "taken_over"
    if when.mood is not None:
        return "mood"
    tried = when.failures is not None or when.repeats is not None or when.silent_s is not None
    return "failure" if tried else "topic"  # an intent, an entity or a slot says what it is about


def holds(rule: Rule, evidence: Evidence, rules: Rules, handed_back_for: tuple[str, ...] = ()) -> bool:
    """
    Whether all conditions of *rule* are met. After a hand-back for the same rule the bar is higher, except for
    crisis.
    """
    when, limits = rule.when, rules.thresholds
    again = rule.name in handed_back_for
    raised = rules.after_hand_back if again else 0.0
    extra = 1 if again else 0

    def mood_is(level: Level, turns: int) -> bool:
        needed = min(0.99, getattr(limits, level) + raised)
        newest = evidence.moods[:turns]
        return len(newest) == turns and all(mood >= needed for mood in newest)

    def still(level: Level) -> bool:
        return evidence.own >= STILL * float(getattr(limits, level))

    def outburst(level: Level | None) -> bool:
        if len(evidence.moods) > 1:
            return evidence.moods[1] < WAS_CALM * limits.upset
        needed = min(0.99, getattr(limits, level) + raised + OPENING) if level else 0.0
        return bool(evidence.moods) and evidence.moods[0] < needed

    def reaches(found: int, needed: Count | None, limit: int) -> bool:
        return needed is None or found >= (limit if needed == "limit" else needed) + extra

    return (
        (not when.asked or evidence.asked)
        and (not when.crisis or evidence.crisis)
        and (not when.topic or bool(set(when.topic) & set(evidence.topics)))
        and (not when.intent or _taken_for(when, evidence.intents))
        and (not when.entity or bool(set(when.entity) & set(evidence.entities)))
        and all(slot_is(evidence.slots.get(name), values) for name, values in when.slot.items())
        and all(evidence.signals.get(name, 0.0) >= least for name, least in when.signal.items())
        and (not again or cause_of(rule) != "topic" or mood_is("upset", 1))
        and (when.mood is None or (mood_is(when.mood, when.turns) and still(when.mood)))
        and (when.sudden or not outburst(when.mood))
        and reaches(len(evidence.failed), when.failures, limits.failures)
        and reaches(len(evidence.repeated), when.repeats, limits.repeats - 1)
        and (when.silent_s is None or evidence.silent_s >= when.silent_s)
        and when.engine_down <= evidence.engine_down
        and when.taken_over <= evidence.taken_over
    )
