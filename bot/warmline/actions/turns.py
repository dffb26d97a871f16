"""What an action sees of the conversation, and how it tells the engine what it did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from warmline.actions.services import services
from warmline.core.ask import Outcome
from warmline.core.conversation import Customer
from warmline.core.escalation import Assessment, Decision, assess
from warmline.core.features import GRAVE, TOPICS, Turn
from warmline.language import with_features

PERSON = "person"
"""The value of the slot *offer* while a yes means: bring in a person."""

TALK_TO_PERSON = {"title": "Talk to a person", "payload": "/warmline_ask_person"}

LOOK_BACK = 12

SURE_OF_TOPIC = dict.fromkeys(GRAVE, 0.35)
"""How sure the classifier must be of a topic. What may be grave reaches a person also when it is less sure."""
OTHER_TOPIC = 0.5
"""docs/measurements.md, "Where the lines are drawn", says why these."""
SURE_OF_A_PART = 0.7
"""One sentence of several says it: it has less around it that could say otherwise."""
SURE_OF_ANOTHER, ALMOST_CERTAIN, MOST_UNLIKELY = 0.6, 0.9, 0.02
UNCONCERNED, HARDLY, CONCERNED, QUITE_CONCERNED = 0.05, 0.15, 0.5, 0.75
"""What reads the matter of a text (warmline.language.matters) is asked about each topic of the classifier: one that it
finds most unlikely is none, and one that it finds likely is not denied."""
DENIABLE = frozenset((*TOPICS, "asked"))
"""What the classifier may know better than the words: phrases that a project wrote itself are always meant."""
LEARNED = GRAVE | {"hardship", "carer", "callback", "asked", "legal"}
_WANTS_NOBODY = re.compile(
    r"(?<!why )\b(?:do ?n[o'\u2019]?t|no need|need ?n[o'\u2019]?t)\b"
    r"(?:(?!\b(?:bots?|robots?|machines?|computers?|but|only)\b)[\w' ]){0,25}"
    r"\b(?:connect|transfer|put me|call me|phone|ring|agent|person|human|anyone|somebody|someone)\b",
    re.IGNORECASE,
)
"""Words that refuse a person, which the classifier easily takes for a request."""
_LEAVES_IT = re.compile(
    r"(?<!n't )(?<!not )(?<!dont )\b(?:leave|keep)\b[^.!?;]{0,60}?\b(?:as (?:it|they|is|was|are|were|before|planned|"
    r"booked)|as-is|where it is|unchanged|the way it is|alone)\b|"
    r"\b(?:don'?t|do not) (?:change|move|touch) (?:anything|it(?! (?:to|on|for))|a thing)\b|"
    r"\b(?:change|move) nothing\b",
    re.IGNORECASE,
)
MIN_LETTERS = 4
COMPLAINT = "complaint"


def metadata(tracker: Tracker) -> dict[str, Any]:
    """What the bridge sent along with the customer's message; empty in ``rasa shell``."""
    found = (tracker.latest_message or {}).get("metadata")
    return found if isinstance(found, dict) else {}


def customer(tracker: Tracker) -> Customer:
    """Who writes; a guest without a name when nobody said."""
    return msgspec.convert(metadata(tracker).get("customer") or {"id": "guest"}, Customer)


def ask_id(tracker: Tracker) -> str:
    """The key of this question: the same again must not act twice."""
    return str(metadata(tracker).get("id") or (tracker.latest_message or {}).get("message_id") or tracker.sender_id)


def words_of(tracker: Tracker) -> str:
    """What the customer wrote."""
    return str((tracker.latest_message or {}).get("text") or "")


def intent(tracker: Tracker) -> str:
    """What the customer's message was taken for."""
    return str(((tracker.latest_message or {}).get("intent") or {}).get("name") or "")


def confidence(tracker: Tracker) -> float:
    """How sure that is, 0 to 1."""
    return float(((tracker.latest_message or {}).get("intent") or {}).get("confidence") or 0.0)


def turns(tracker: Tracker) -> tuple[Turn, ...]:
    """
    The last turns as the bridge's log has them, the customer's newest last, with their features; without a bridge, as
    the tracker has them.
    """
    own = services().rules.phrases
    sent = metadata(tracker).get("turns")
    if sent:
        return with_features(msgspec.convert(sent, tuple[Turn, ...]), own=own)
    told = [
        Turn(role="customer" if event["event"] == "user" else "bot", text=event.get("text") or "")
        for event in tracker.events
        if event["event"] in ("user", "bot") and event.get("text")
    ]
    return with_features(told[-LOOK_BACK:], infer_outcomes=True, own=own)


def judge(
    tracker: Tracker, seen: tuple[Turn, ...], *, enough: bool = False, domain: Mapping[str, Any] | None = None
) -> Assessment:
    """
    warmline.core.escalation's verdict on *seen*, under the rules, the intent and what a person already dealt with.
    With the *domain*, slots that the customer's message is about to fill count as filled.
    """
    rules = services().rules
    again = tuple(metadata(tracker).get("handed_back_for") or ())
    concern = next((turn.features.concern for turn in reversed(seen) if turn.features), None)
    found = topics(tracker)
    if concern is not None:
        found = tuple(topic for topic in found if topic not in LEARNED or concern >= _least_concern(tracker, topic))
    if metadata(tracker).get("open_request") == "crisis" and intent(tracker) in rules.intents.bye:
        found = ("crisis", *found)  # a goodbye after such words is no small talk
    no = denied(tracker)
    if concern is not None and concern >= (QUITE_CONCERNED if no == ("asked",) else CONCERNED):
        no = ()
    certain = tuple(topic for topic in found if topic != COMPLAINT)
    bot: dict[str, Any] = {
        "intents": taken_for(tracker),
        "entities": entities_in(tracker),
        "slots": slots_now(tracker, domain or {}),
    }
    verdict = assess(seen, rules, handed_back_for=again, topics=certain, denied=no, enough=enough, **bot)
    if verdict.decision.escalate or certain == found or again:
        return verdict
    # what sounds like a complaint is one only when nothing says more, the mood for example, and nobody has heard it yet
    return assess(seen, rules, topics=found, denied=no, **bot)


def taken_for(tracker: Tracker) -> tuple[tuple[str, float], ...]:
    """
    What the customer's message was taken for, with how sure the bot is, 0..1: its intent, of one that was not
    understood the likeliest too, and of one that a response selector answers also its whole name
    (``faq/opening_hours``).
    """
    message = tracker.latest_message or {}
    found = {intent(tracker): confidence(tracker)} if intent(tracker) else {}
    if intent(tracker) == "nlu_fallback" and (likely := shares(tracker)):
        likeliest = max(likely, key=lambda name: likely[name])
        found[likeliest] = likely[likeliest]
    for selected in (message.get("response_selector") or {}).values():
        answer = selected.get("response") if isinstance(selected, dict) else None
        if isinstance(answer, dict) and str(answer.get("intent_response_key")).split("/")[0] in found:
            found[str(answer["intent_response_key"])] = float(answer.get("confidence") or 0.0)
    return tuple(found.items())


def entities_in(tracker: Tracker) -> tuple[str, ...]:
    """The names of the entities in the customer's message."""
    found = (tracker.latest_message or {}).get("entities") or ()
    return tuple(str(one["entity"]) for one in found if isinstance(one, dict) and one.get("entity"))


def slots_now(tracker: Tracker, domain: Mapping[str, Any]) -> dict[str, Any]:
    """
    Every slot, with those that the customer's message is about to fill by *domain*'s mappings from entities and
    intents: Rasa fills them after the action that watches. Mappings for some form only are left to Rasa.
    """
    slots = dict(tracker.slots)
    found = {
        str(one["entity"]): one.get("value")
        for one in (tracker.latest_message or {}).get("entities") or ()
        if isinstance(one, dict) and one.get("entity")
    }
    for name, about in (domain.get("slots") or {}).items():
        for mapping in (about or {}).get("mappings") or ():
            if mapping.get("conditions") or not _is_for(mapping, intent(tracker)):
                continue
            if mapping.get("type") == "from_entity" and found.get(mapping.get("entity")) is not None:
                slots[name] = found[mapping["entity"]]
            elif mapping.get("type") == "from_intent":
                slots[name] = mapping.get("value")
    return slots


def _is_for(mapping: Mapping[str, Any], name: str) -> bool:
    """Whether a slot's *mapping* is meant for a message of the intent *name*."""
    wanted, unwanted = mapping.get("intent") or (), mapping.get("not_intent") or ()
    wanted = (wanted,) if isinstance(wanted, str) else wanted
    unwanted = (unwanted,) if isinstance(unwanted, str) else unwanted
    return (not wanted or name in wanted) and name not in unwanted


def _least_concern(tracker: Tracker, topic: str) -> float:
    """How likely the text must be about something for a person, for the classifier's *topic* to count."""
    return HARDLY if topic in GRAVE and confidence(tracker) < SURE_OF_ANOTHER else UNCONCERNED


def topics(tracker: Tracker) -> tuple[str, ...]:
    """
    The high-stakes topic that the intent classifier found in the customer's message, if any: the phrases of
    warmline.language find most of them, and the classifier those in other words.

    Read from the ranking, so that "not sure enough to answer" does not hide it. A text that is nothing but a reference,
    an address or a code has no topic.
    """
    message = tracker.latest_message or {}
    text = str(message.get("text") or "")
    for entity in message.get("entities") or []:
        text = text.replace(text[entity.get("start") or 0 : entity.get("end") or 0], " ")
    if sum(char.isalpha() for char in text) < MIN_LETTERS or text.lstrip().startswith("/"):
        return ()
    likely = shares(tracker)
    found = topic_of(likely)
    if found in ("asked", "callback") and _WANTS_NOBODY.search(text):
        return ()
    if found == "crisis" and leaves_it(
        text
    ):  # "leave everything as it is"; words of harm are heard by warmline.language
        return ()
    if found:
        return (found,)
    parts = metadata(tracker).get("parts") or ()
    spoken = [topic_of(part, SURE_OF_A_PART) for part in parts]
    return tuple(dict.fromkeys(topic for topic in spoken if topic and topic != COMPLAINT))


def leaves_it(text: str) -> bool:
    """Whether *text* wants everything to stay as it is: "then leave it on the 7th as it is"."""
    return _LEAVES_IT.search(text.replace("\u2019", "'")) is not None


def topic_of(likely: dict[str, float], least: float = 0.0) -> str | None:
    """The topic of a text by how *likely* each intent is, at *least* so likely; None when it has none."""
    top = max(likely, key=lambda name: likely[name], default="")
    means = services().rules.topic_of
    topic = means.get(top)
    if topic and likely[top] >= max(least, SURE_OF_TOPIC.get(topic, OTHER_TOPIC)):
        return topic
    # torn between several of them ("he hurt me, I'm bleeding"): together they are sure enough, and the likeliest counts
    grave: dict[str, float] = {}
    for name, share in likely.items():
        if (grave_one := means.get(name, "")) in GRAVE:
            grave[grave_one] = grave.get(grave_one, 0.0) + share
    if grave and sum(grave.values()) >= max(least, OTHER_TOPIC):
        return max(grave, key=lambda one: grave[one])
    return None


def denied(tracker: Tracker) -> tuple[str, ...]:
    """
    The topics that the words may name, but the text does not mean, by the classifier: "my account was not hacked", "my
    husband says it is dead gorgeous". Words of self-harm are never denied, and a request for a person only by a plain
    refusal of one: a second matter in the same text must not hide them.
    """
    likely = shares(tracker)
    top = max(likely, key=lambda name: likely[name], default="")
    if likely.get(top, 0.0) < SURE_OF_ANOTHER:
        return ()
    rules = services().rules
    names, means = rules.intents, {name: topic for name, topic in rules.topic_of.items() if topic in DENIABLE}
    if top in names.about_the_bot and sum(likely.get(name, 0.0) for name in names.asking) < likely[top] / 5:
        return ("asked",)
    if top in names.leave_it:
        heeded = {"crisis"} if likely[top] >= ALMOST_CERTAIN else {"crisis", "danger", "threat"}
        return tuple(dict.fromkeys(topic for topic in means.values() if topic not in heeded))
    if top not in names.nothing_wanted:
        return ()
    heard = {topic for name, topic in means.items() if likely.get(name, 0.0) >= MOST_UNLIKELY}
    return tuple(topic for topic in dict.fromkeys(means.values()) if topic not in (*GRAVE, "asked", *heard))


def shares(tracker: Tracker) -> dict[str, float]:
    """How likely each intent is, 0..1; not understood is none."""
    message = tracker.latest_message or {}
    ranking = message.get("intent_ranking") or [message.get("intent") or {}]
    likely = {str(one.get("name")): float(one.get("confidence") or 0.0) for one in ranking}
    likely.pop("nlu_fallback", None)
    return likely


def report(dispatcher: CollectingDispatcher, outcome: Outcome, did: str) -> None:
    """Tell the engine how it went, for the turn's analysis; *did* in a few words for an agent."""
    dispatcher.utter_message(json_message={"report": {"outcome": outcome, "did": did}})


def hand_over(dispatcher: CollectingDispatcher, decision: Decision) -> None:
    """Say what *decision* says, and give it to the engine."""
    dispatcher.utter_message(text=decision.say)
    dispatcher.utter_message(json_message={"handoff": msgspec.to_builtins(decision)})


def end_form(tracker: Tracker) -> list[EventType]:
    """
    A form that waited for an answer waits no longer: nothing is asked once a person takes over. Where it took this
    whole message for its answer, that is no answer, and is forgotten.
    """
    known = [name for name in ("requested_slot", "warmline_tries") if name in tracker.slots]
    asked, text = tracker.get_slot("requested_slot"), words_of(tracker)
    taken = [asked] if asked and text and tracker.get_slot(asked) == text else []
    return [ActiveLoop(None), *(SlotSet(name, None) for name in (*known, *taken))]


def call_person(
    dispatcher: CollectingDispatcher, tracker: Tracker, *, rule: str, say: str, queue: str, urgency_min: int = 10
) -> list[EventType]:
    """
    Hand the conversation over from an action of one's own, whatever the rules say: the customer reads *say*, the agent
    *rule* as the reason, *queue* gets it (one of the setting ``queues``; else the first), and somebody should answer
    within *urgency_min* minutes. A form that runs ends. Returns the events to add.
    """
    seen = turns(tracker)
    decision = Decision(
        escalate=True,
        rule=rule,
        cause="topic",
        urgency_min=urgency_min,
        queue=queue,
        say=say,
        turns=(seen[-1].seq,) if seen and seen[-1].seq else (),
        counterfactual="An action of the bot asked for a person: no rule would have kept it.",
    )
    hand_over(dispatcher, decision)
    return end_form(tracker)


def failed(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    outcome: Outcome,
    did: str,
    response: str,
    *,
    enough: bool = False,
    **values: Any,
) -> list[EventType]:
    """
    The bot did not help this time. When that was one time too often, or *enough* says so, a person takes over at once
    instead of another apology; else *response* is said. Returns the events to add.
    """
    report(dispatcher, outcome, did)
    seen = turns(tracker)
    now = (*seen, Turn(role="bot", text="", seq=seen[-1].seq, outcome=outcome)) if seen else ()
    decision = judge(tracker, now, enough=enough).decision if now else None
    if decision is not None and decision.escalate:
        hand_over(dispatcher, decision)
        return end_form(tracker)
    dispatcher.utter_message(response=response, **values)
    return [SlotSet("warmline_offer", PERSON)]
