"""
One turn: an Ask in, an Answer out, through Rasa. Whatever goes wrong leaves as a :class:`Refused`, never as silence.

Nothing of a turn stays behind: the tracker is rebuilt from the ask's memory, lives in the tracker store while the turn
runs under a name of its own, and leaves as the answer's memory. So any number of conversations may run at once.
"""

import asyncio
import itertools
import logging
import re
from typing import Any, Container, Dict, List, Optional, Tuple

import msgspec
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.constants import (
    ACTION_DEFAULT_FALLBACK_NAME,
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    ACTION_TWO_STAGE_FALLBACK_NAME,
    DEFAULT_ACTION_NAMES,
    REQUESTED_SLOT,
)
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from warmline.core.ask import Answer, Ask, BotMessage, TurnAnalysis, customer_words
from warmline.core.conversation import Button
from warmline.core.escalation import Decision
from warmline.core.facts import known
from warmline.core.mood import Mood
from warmline.engine import multi_intent, names, tuning
from warmline.engine.memory import BadMemory, pack, unpack
from warmline.engine.settled import at_start, begun_anew, owner_changed, settle, slots_of_entities
from warmline.engine.tracker_store import TurnStore
from warmline.engine.wording import CHANNEL, Wording
from warmline.language.signs import in_words

logger = logging.getLogger(__name__)

MAX_TEXT_CHARS = 4_000
PAYLOAD = re.compile(r"/(?P<intent>[^\s/{@;]+)(?P<rest>/[^\s{@;]+)?(?P<entities>\s*\{.*\})?", re.DOTALL)
"""``/intent``, of a retrieval intent ``/faq/ask_hours``, and entities as JSON."""
NOT_FOR_BUTTONS = frozenset({"restart", "back", "session_start", "nlu_fallback"})
ASK_PERSON = f"/{names.ASK_PERSON}"
FALLBACKS = frozenset({ACTION_DEFAULT_FALLBACK_NAME, ACTION_TWO_STAGE_FALLBACK_NAME, names.UNSURE})
NOTHING_DONE = frozenset({ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME})
NOT_UNDERSTOOD = "nlu_fallback"
FAILED, NO_WORDS = names.RESPONSE_PREFIX + "failed", names.RESPONSE_PREFIX + "no_words"
WEIGHT = {"handoff": 4, "failed": 3, "unsure": 2, "answered": 1, "asked": 0}
"""Which outcome counts when a turn had several: a question that is answered while a form waits is answered."""


_SENTENCES = re.compile(r"[.!?\n]+\s+|\n+")
MAX_SENTENCES, MAX_READ_CHARS, MIN_LETTERS = 5, 1_000, 6
"""What is read sentence by sentence costs some 10 ms each."""


class Refused(Exception):
    """Why there is no answer: an HTTP *status*, a *code* and a *text* without any of the customer's words."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


class Turns:
    """Runs turns on a loaded model. *limit_s* is how long one may take."""

    def __init__(self, processor: MessageProcessor, limit_s: float = 7.5) -> None:
        store = processor.tracker_store
        while isinstance(store, FailSafeTrackerStore):
            store = store._tracker_store
        if not isinstance(store, TurnStore):
            raise TypeError("endpoints.yml must name warmline.engine.tracker_store.TurnStore as the tracker store.")
        self.processor, self._store, self._limit_s = processor, store, limit_s
        self._numbers = itertools.count(1)
        self._mapped = slots_of_entities(processor.domain)
        self._fallback = _own_fallback(processor)
        self._language = str(processor.model_metadata.language or "en")

    async def answer(self, ask: Ask, limit_s: Optional[float] = None) -> Answer:
        """
        Take one turn, within *limit_s* seconds when that is less than the limit of all turns. So whoever asks hears of
        a turn that takes too long, and can tell it from an engine that hangs.

        An action of the project's that fails is told to the customer, with the offer of a person; so is an answer
        without words.

        Raises:
            Refused: the ask cannot be read, an action of Warmline's failed, or it took too long.
        """
        limit_s = min(self._limit_s, limit_s or self._limit_s)
        until = asyncio.get_running_loop().time() + limit_s
        text = self._text(ask)
        name = f"{ask.conversation}#{next(self._numbers)}"
        try:
            tracker = unpack(ask.memory, name, self.processor.domain)
        except BadMemory as wrong:
            raise Refused(422, "bad_memory", str(wrong)) from None
        settle(tracker, ask, self._mapped)
        if owner_changed(ask):
            tracker = begun_anew(tracker, self.processor.domain)
        if ask.payload is None:
            text = in_words(text, asked=bool(tracker.active_loop_name or tracker.get_slot(names.OFFER)))
        wished = await self._wishes(ask, text, tracker)
        parts = await self._parts(text) if ask.payload is None else []
        before, output = len(tracker.events), CollectingOutputChannel()
        failed = tuning.watching()
        self._store.put(tracker)
        try:
            message = UserMessage(
                wished.text,
                output,
                name,
                input_channel=CHANNEL,
                message_id=ask.id,
                metadata=self._metadata(ask, tracker) | {"parts": parts, "language": self._language},
            )
            left_s = max(0.01, until - asyncio.get_running_loop().time())
            await asyncio.wait_for(self.processor.handle_message(message), left_s)
        except asyncio.TimeoutError:
            raise Refused(504, "too_slow", f"The turn took more than {limit_s} seconds.") from None
        except Exception as wrong:
            logger.error("A turn failed with %s at %s", type(wrong).__name__, _where(wrong))
            raise Refused(500, "failed", f"The engine failed with {type(wrong).__name__}.") from None
        finally:
            tracker = self._store.take(name) or tracker
        if any(tuning.is_ours(one.action) for one in failed):
            raise Refused(502, "action_failed", "; ".join(sorted({f"{one.action}: {one.kind}" for one in failed})))
        if wished.also:
            tracker.update(SlotSet(multi_intent.ALSO, wished.also))
        happened = list(tracker.events)[before:]
        said = [*await self._preface(happened, tracker), *output.messages]
        if failed:
            logger.warning(
                "Actions of the project failed: %s", ", ".join(f"{one.action}: {one.kind}" for one in failed)
            )
            # what was said after it was said as if it had been done
            kept = said[: len(said) - len(output.messages) + failed[0].said]
            did = "could not do: " + ", ".join(dict.fromkeys(_words(one.action) for one in failed))
            report = {"custom": {"report": {"outcome": "failed", "did": did}}}
            said = [*kept, *await self._say(FAILED, tracker), report]
        elif not any(_shown(one) for one in said):
            report = {"custom": {"report": {"outcome": "unsure", "did": "had no answer"}}}
            said = [*said, *await self._say(NO_WORDS, tracker), report]
        else:
            said = [*said, *await self._second_wish(tracker, said)]
        return self._answer(ask, tracker, said, happened)

    async def _wishes(self, ask: Ask, text: str, tracker: DialogueStateTracker) -> multi_intent.MultiIntent:
        """
        What Rasa reads of *text*, and the request it leaves. A yes to the offer of a second request is that request.
        """
        if ask.payload is not None or tracker.active_loop_name:
            return multi_intent.MultiIntent(text)
        offer = str(tracker.get_slot(names.OFFER) or "")
        if offer.startswith("/") and ((await self._parse(text)).get("intent") or {}).get("name") == "affirm":
            return multi_intent.MultiIntent(offer)
        return await multi_intent.apart(text, self.processor.domain, self._parse)

    async def _parts(self, text: str) -> List[Dict[str, float]]:
        """How likely each intent is for each sentence of a *text* of several: a grave one must not drown in others."""
        sentences = [
            one for one in _SENTENCES.split(text[:MAX_READ_CHARS]) if sum(map(str.isalpha, one)) >= MIN_LETTERS
        ]
        if len(sentences) < 2:
            return []
        parsed = [await self._parse(one) for one in sentences[:MAX_SENTENCES]]
        return [{one["name"]: one["confidence"] for one in each.get("intent_ranking") or ()} for each in parsed]

    async def _parse(self, text: str) -> Dict[str, Any]:
        parsed: Dict[str, Any] = await self.processor.parse_message(UserMessage(customer_words(text)))
        return parsed

    async def _second_wish(self, tracker: DialogueStateTracker, said: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        """The offer of the second request, once the first is done and nothing else is asked."""
        also = tracker.get_slot(multi_intent.ALSO)
        custom = [one["custom"] for one in said if isinstance(one.get("custom"), dict) and _told_us(one["custom"])]
        outcomes = {one["report"]["outcome"] for one in custom if "report" in one}
        if not also or tracker.active_loop_name or any("handoff" in one for one in custom):
            return []
        tracker.update(SlotSet(multi_intent.ALSO, None))
        if outcomes & {"failed", "unsure", "asked"} or also == (tracker.latest_message.intent or {}).get("name"):
            return []
        title = multi_intent.title(also, self.processor.domain)
        offer = await self.processor.nlg.generate(names.RESPONSE_PREFIX + "also", tracker, CHANNEL, wish=title)
        if not offer:
            return []
        tracker.update(SlotSet(names.OFFER, f"/{also}"))
        return [{**offer, "buttons": [{"title": title, "payload": f"/{also}"}]}]

    async def _say(self, response: str, tracker: DialogueStateTracker) -> List[Dict[str, Any]]:
        """Words of our own: the project's generator may not know them, and they are said all the same."""
        try:
            said = await self.processor.nlg.generate(response, tracker, CHANNEL)
        except Exception as wrong:  # a generator of the project's may be down, or refuse what it does not know
            logger.warning("The project's NLG failed for %s with %s", response, type(wrong).__name__)
            said = None
        if not (said or {}).get("text"):
            said = await Wording(domain=self.processor.domain).generate(response, tracker, CHANNEL)
        if not (said or {}).get("text"):
            raise Refused(500, "empty", "The bot had nothing to say.")
        tracker.update(BotUttered(said["text"], {"buttons": said.get("buttons")}, {"utter_action": response}))
        return [said]

    async def _preface(self, happened: List[Any], tracker: DialogueStateTracker) -> List[Dict[str, Any]]:
        """
        What action_warmline_watch wants said before the answer: the slot *preface*, a response's name with its values.
        (Rasa drops what an action says while slots are filled.)
        """
        wanted = dict(_last_set(happened, names.PREFACE) or {})
        if not wanted:
            return []
        said = await self.processor.nlg.generate(wanted.pop("response"), tracker, CHANNEL, **wanted)
        return [said] if said else []

    def _text(self, ask: Ask) -> str:
        """What Rasa reads: the button's payload, or the customer's words, which are never a command."""
        if ask.payload is not None:
            form = PAYLOAD.fullmatch(ask.payload)
            if form is None and not ask.payload.lstrip().startswith("/"):
                return customer_words(ask.payload)  # what the customer would have typed
            if form is None or form["intent"] in NOT_FOR_BUTTONS or form["intent"] not in self.processor.domain.intents:
                raise Refused(422, "bad_payload", "This button's payload is not one of the bot's intents.")
            return ask.payload
        if len(ask.text) > MAX_TEXT_CHARS:
            raise Refused(413, "too_large", f"A text may have {MAX_TEXT_CHARS} characters.")
        return customer_words(ask.text)

    @staticmethod
    def _metadata(ask: Ask, tracker: DialogueStateTracker) -> Dict[str, Any]:
        return {
            "id": ask.id,
            "conversation": ask.conversation,
            "turns": msgspec.to_builtins(ask.turns),
            "customer": msgspec.to_builtins(ask.customer),
            "handed_back_for": list(ask.handed_back_for),
            "open_request": ask.open_request,
            "slots_at_start": at_start(tracker),
        }

    def _answer(
        self, ask: Ask, tracker: DialogueStateTracker, said: List[Dict[str, Any]], happened: List[Any]
    ) -> Answer:
        """*happened* are the events of this turn, those among them too that a fallback has taken back."""
        messages, custom = _sort(said)
        slots = tracker.current_slot_values()
        try:
            decision = next((msgspec.convert(one["handoff"], Decision) for one in custom if "handoff" in one), None)
            mood = msgspec.convert(_last_set(happened, names.MOOD), Mood)
            intent = next(event.intent or {} for event in happened if isinstance(event, UserUttered))
            outcome, did = _report(
                happened,
                str(intent.get("name")),
                custom,
                decision,
                forms=self.processor.domain.forms,
                fallback=self._fallback,
            )
            analysis = TurnAnalysis(
                intent=str(intent.get("name")),
                confidence=min(max(float(intent.get("confidence") or 0.0), 0.0), 1.0),
                mood=mood,
                outcome=outcome,
                did=did,
            )
        except (msgspec.ValidationError, TypeError, ValueError) as wrong:
            logger.error("An action reported something that is not in the contract: %s", wrong)
            raise Refused(500, "failed", "An action reported something that is not in the contract.") from None
        if not messages:
            raise Refused(500, "empty", "The bot had nothing to say.")
        note_offer(tracker, messages)
        return Answer(
            id=ask.id,
            conversation=ask.conversation,
            epoch=ask.epoch,
            messages=messages,
            analysis=analysis,
            facts=known(ask.listed, slots, at_start(tracker)),
            memory={**pack(tracker, self.processor.domain), "epoch": ask.epoch},
            decision=decision,
        )


def _own_fallback(processor: MessageProcessor) -> str:
    """The action that the model's RulePolicy takes where no policy knows what to do; empty when it does not."""
    for node in processor.model_metadata.predict_schema.nodes.values():
        if "core_fallback_action_name" in node.config and node.config.get("enable_fallback_prediction", True):
            return str(node.config["core_fallback_action_name"])
    return ""


def note_offer(tracker: DialogueStateTracker, messages: Tuple[BotMessage, ...]) -> None:
    """When all that the last of *messages* offers is a person, a yes means that: remember it for the next turn."""
    buttons = messages[-1].buttons
    if buttons and all(button.payload == ASK_PERSON for button in buttons):
        tracker.update(SlotSet(names.OFFER, "person"))


def _sort(said: List[Dict[str, Any]]) -> Tuple[Tuple[BotMessage, ...], List[Dict[str, Any]]]:
    """The bubbles, and what actions told the engine beside them."""
    messages, custom = [], []
    for one in said:
        told = one.get("custom")
        if isinstance(told, dict) and _told_us(told):
            custom.append(told)
        text = _shown(one)
        if text:
            buttons = [
                Button(title=str(button["title"]), payload=str(button["payload"]))
                for button in one.get("buttons") or ()
                if button.get("title") and button.get("payload")
            ]
            # a response and the action that says it may both bring the button for a person
            messages.append(BotMessage(text=text, buttons=tuple(dict.fromkeys(buttons))))
    return tuple(messages), custom


def _told_us(custom: Dict[str, Any]) -> bool:
    """Whether *custom* is an action's word to the engine; a project may send JSON of its own."""
    report, handoff = custom.get("report"), custom.get("handoff")
    return (isinstance(report, dict) and "outcome" in report) or (isinstance(handoff, dict) and "escalate" in handoff)


def _shown(one: Dict[str, Any]) -> str:
    """What a customer reads of one message of Rasa's: its text, else the link to what it shows; empty without any."""
    text = str(one.get("text") or "")
    if text:
        links = [
            f"{button.get('title')}: {button['url']}"
            for button in one.get("buttons") or ()
            if button.get("url") and not button.get("payload")
        ]
        return "\n".join([text, *links])
    for kind in ("image", "attachment"):
        if one.get(kind):
            return _link(one[kind])
    custom = one.get("custom")
    return "" if isinstance(custom, dict) and _told_us(custom) else _link(custom)


def _link(shown: Any) -> str:
    """The address in *shown*, a text or JSON of any shape, after its title; its words where there is no address."""
    if isinstance(shown, str):
        return shown
    found: Dict[str, str] = {}
    parts = [shown]
    while parts:
        part = parts.pop(0)
        if isinstance(part, dict):
            for key, value in part.items():
                if isinstance(value, str) and value.strip():
                    found.setdefault(str(key), value.strip())
            parts += list(part.values())
        elif isinstance(part, list):
            parts += part
    words = next((found[key] for key in ("text", "title", "name", "caption") if key in found), "")
    address = next((value for value in found.values() if value.startswith(("https://", "http://"))), "")
    return f"{words}: {address}" if words and address else words or address


def _last_set(happened: List[Any], slot: str) -> Any:
    """What *slot* was set to in a turn, also where a fallback took the turn back; None when it was not."""
    values = [event.value for event in happened if isinstance(event, SlotSet) and event.key == slot]
    return values[-1] if values else None


def _report(
    happened: List[Any],
    intent: str,
    custom: List[Dict[str, Any]],
    decision: Optional[Decision],
    *,
    forms: Container[str] = (),
    fallback: str = "",
) -> Tuple[str, str]:
    """
    How the turn went, from the actions' own reports. Where they report nothing: a fallback was not sure, a plain
    response answers, and a form's question asks. *forms* are the domain's, *fallback* is the bot's own action for what
    no policy knows.
    """
    own = [(one["report"]["outcome"], str(one["report"].get("did") or "")) for one in custom if "report" in one]
    reports = list(own)
    if decision is not None:
        reports.append(("handoff", "called a person"))
    ran = [event.action_name or "" for event in happened if isinstance(event, ActionExecuted)]
    rejected = {event.action_name for event in happened if isinstance(event, ActionExecutionRejected)}
    heard = any(name in forms and name not in rejected for name in ran)
    lost = not own and (_fell_back(ran, fallback) or (intent == NOT_UNDERSTOOD and not heard))
    if lost:
        reports.append(("unsure", "did not understand"))
    asked, asks_for = False, _last_set(happened, REQUESTED_SLOT)
    for number, event in enumerate(happened):
        if isinstance(event, ActionExecuted) and not lost:
            name = event.action_name or ""
            if name.startswith("utter_"):
                reports.append(("answered", "answered: " + _words(_answer_of(name, happened))))
            elif not own and _is_theirs(name, forms) and _said_something(happened[number + 1 :]):
                reports.append(("answered", _words(name)))
        response = (event.metadata or {}).get("utter_action") or "" if isinstance(event, BotUttered) else ""
        if asks_for and response.startswith("utter_ask_"):
            slot = response[len("utter_ask_") :].rpartition("_form_")[2]
            asked = True
            reports.append(("asked", "asked for " + ("a last yes" if slot == "confirm" else slot.replace("_", " "))))
    if asks_for and not asked and not own and not lost and heard:
        reports.append(("asked", "asked for " + str(asks_for).replace("_", " ")))
    if not reports:
        return "answered", ""
    outcome = max((outcome for outcome, _ in reports), key=lambda outcome: WEIGHT[outcome])
    return outcome, "; ".join(dict.fromkeys(did for _, did in reports if did))


def _is_theirs(name: str, forms: Container[str]) -> bool:
    return name not in DEFAULT_ACTION_NAMES and name not in forms and not tuning.is_ours(name)


def _said_something(after: List[Any]) -> bool:
    """Whether the action said something before the next one ran; *after* are the events that came after it."""
    for event in after:
        if isinstance(event, ActionExecuted):
            return False
        if isinstance(event, BotUttered):
            return True
    return False


def _fell_back(ran: List[str], fallback: str) -> bool:
    """Whether the last thing done by the actions that *ran* was a fallback; one of two stages may be cleared up."""
    done = [name for name in ran if name not in NOTHING_DONE]
    return bool(done) and (done[-1] in FALLBACKS or done[-1] == fallback)


def _answer_of(action: str, happened: List[Any]) -> str:
    """The response that *action* said: of a retrieval action, which of its answers."""
    responses = [
        str((event.metadata or {}).get("utter_action") or "") for event in happened if isinstance(event, BotUttered)
    ]
    return next((response for response in responses if response.startswith(action + "/")), action)


def _words(name: str) -> str:
    return re.sub(r"^(utter_(faq[_/])?|action_|ask_)", "", name).replace("_", " ").replace("/", " ")


def _where(wrong: BaseException) -> str:
    """File and line where *wrong* was raised, for the log: its own text may hold the customer's words."""
    frame = wrong.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame is not None else "?"
