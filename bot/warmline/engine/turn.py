"""
One turn: an Ask in, an Answer out, through Rasa. Whatever goes wrong leaves as a :class:`Refused`, never as silence.

Nothing of a turn stays behind: the tracker is rebuilt from the ask's memory, lives in the tracker store while the turn
runs under a name of its own, and leaves as the answer's memory. So any number of conversations may run at once.
"""

import asyncio
import itertools
import logging
import re
from typing import Any, Dict, List, Optional, Tuple

import msgspec
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from warmline.core.ask import Answer, Ask, BotMessage, TurnAnalysis, customer_words
from warmline.core.conversation import Button
from warmline.core.escalation import Decision
from warmline.core.facts import known
from warmline.core.mood import Mood
from warmline.engine import tuning, wishes
from warmline.engine.memory import BadMemory, pack, unpack
from warmline.engine.settled import at_start, settle, slots_of_entities
from warmline.engine.tracker_store import TurnStore
from warmline.language.signs import in_words

logger = logging.getLogger(__name__)

CHANNEL = "warmline"
MAX_TEXT_CHARS = 4_000
PAYLOAD = re.compile(r"/(?P<intent>[a-z][a-z0-9_]*)(?P<entities>\{.*\})?", re.DOTALL)
NOT_FOR_BUTTONS = frozenset({"restart", "back", "session_start", "out_of_scope", "nlu_fallback"})
ASK_PERSON = "/warmline_ask_person"
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

    async def answer(self, ask: Ask, limit_s: Optional[float] = None) -> Answer:
        """
        Take one turn, within *limit_s* seconds when that is less than the limit of all turns. So whoever asks hears of
        a turn that takes too long, and can tell it from an engine that hangs.

        Raises:
            Refused: the ask cannot be read, an action failed, the bot said nothing, or it took too long.
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
        if ask.payload is None:
            text = in_words(text, asked=bool(tracker.active_loop_name or tracker.get_slot("warmline_offer")))
        wished = await self._wishes(ask, text, tracker)
        parts = await self._parts(text) if ask.payload is None else []
        output = CollectingOutputChannel()
        failed = tuning.watching()
        self._store.put(tracker)
        try:
            message = UserMessage(
                wished.text,
                output,
                name,
                input_channel=CHANNEL,
                message_id=ask.id,
                metadata=self._metadata(ask, tracker) | {"parts": parts},
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
        if failed:
            raise Refused(502, "action_failed", "; ".join(sorted(set(failed))))
        if wished.also:
            tracker.update(SlotSet(wishes.ALSO, wished.also))
        said = [*await self._preface(tracker), *output.messages]
        return self._answer(ask, tracker, [*said, *await self._second_wish(tracker, said)])

    async def _wishes(self, ask: Ask, text: str, tracker: DialogueStateTracker) -> wishes.Wishes:
        """What Rasa reads of *text*, and the wish it leaves. A yes to the offer of a second wish is that wish."""
        if ask.payload is not None or tracker.active_loop_name:
            return wishes.Wishes(text)
        offer = str(tracker.get_slot("warmline_offer") or "")
        if offer.startswith("/") and ((await self._parse(text)).get("intent") or {}).get("name") == "affirm":
            return wishes.Wishes(offer)
        return await wishes.apart(text, self.processor.domain, self._parse)

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
        """The offer of the second wish, once the first is done and nothing else is asked."""
        also = tracker.get_slot(wishes.ALSO)
        custom = [one["custom"] for one in said if isinstance(one.get("custom"), dict)]
        outcomes = {one["report"]["outcome"] for one in custom if "report" in one}
        if not also or tracker.active_loop_name or any("handoff" in one for one in custom):
            return []
        tracker.update(SlotSet(wishes.ALSO, None))
        if outcomes & {"failed", "unsure", "asked"} or also == (tracker.latest_message.intent or {}).get("name"):
            return []
        title = wishes.title(also, self.processor.domain)
        offer = await self.processor.nlg.generate("utter_warmline_also", tracker, CHANNEL, wish=title)
        if not offer:
            return []
        tracker.update(SlotSet("warmline_offer", f"/{also}"))
        return [{**offer, "buttons": [{"title": title, "payload": f"/{also}"}]}]

    async def _preface(self, tracker: DialogueStateTracker) -> List[Dict[str, Any]]:
        """
        What action_warmline_watch wants said before the answer: the slot *preface*, a response's name with its values.
        (Rasa drops what an action says while slots are filled.)
        """
        wanted = dict(tracker.get_slot("warmline_preface") or {})
        if not wanted:
            return []
        said = await self.processor.nlg.generate(wanted.pop("response"), tracker, CHANNEL, **wanted)
        return [said] if said else []

    def _text(self, ask: Ask) -> str:
        """What Rasa reads: the button's payload, or the customer's words, which are never a command."""
        if ask.payload is not None:
            form = PAYLOAD.fullmatch(ask.payload)
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

    def _answer(self, ask: Ask, tracker: DialogueStateTracker, said: List[Dict[str, Any]]) -> Answer:
        messages, custom = _sort(said)
        slots = tracker.current_slot_values()
        try:
            decision = next((msgspec.convert(one["handoff"], Decision) for one in custom if "handoff" in one), None)
            mood = msgspec.convert(slots.get("warmline_mood"), Mood)
            outcome, did = _report(tracker, custom, decision)
            intent = tracker.latest_message.intent or {}
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


def note_offer(tracker: DialogueStateTracker, messages: Tuple[BotMessage, ...]) -> None:
    """When all that the last of *messages* offers is a person, a yes means that: remember it for the next turn."""
    buttons = messages[-1].buttons
    if buttons and all(button.payload == ASK_PERSON for button in buttons):
        tracker.update(SlotSet("warmline_offer", "person"))


def _sort(said: List[Dict[str, Any]]) -> Tuple[Tuple[BotMessage, ...], List[Dict[str, Any]]]:
    """The bubbles, and what actions told the engine beside them."""
    messages, custom = [], []
    for one in said:
        if isinstance(one.get("custom"), dict):
            custom.append(one["custom"])
        if one.get("text"):
            buttons = [Button(title=b["title"], payload=b["payload"]) for b in one.get("buttons") or ()]
            # a response and the action that says it may both bring the button for a person
            messages.append(BotMessage(text=one["text"], buttons=tuple(dict.fromkeys(buttons))))
    return tuple(messages), custom


def _report(
    tracker: DialogueStateTracker, custom: List[Dict[str, Any]], decision: Optional[Decision]
) -> Tuple[str, str]:
    """How the turn went, from the actions' own reports; a plain response answers, and a form's question asks."""
    reports = [(one["report"]["outcome"], one["report"]["did"]) for one in custom if "report" in one]
    if decision is not None:
        reports.append(("handoff", "called a person"))
    for event in _this_turn(tracker):
        if isinstance(event, ActionExecuted) and (event.action_name or "").startswith("utter_"):
            reports.append(("answered", "answered: " + _words(event.action_name)))
        asked = (event.metadata or {}).get("utter_action", "") if isinstance(event, BotUttered) else ""
        if asked.startswith("utter_ask_"):
            slot = asked[len("utter_ask_") :].rpartition("_form_")[2]
            reports.append(("asked", "asked for " + ("a last yes" if slot == "confirm" else slot.replace("_", " "))))
    if not reports:
        return "answered", ""
    outcome = max((outcome for outcome, _ in reports), key=lambda outcome: WEIGHT[outcome])
    return outcome, "; ".join(dict.fromkeys(did for _, did in reports if did))


def _this_turn(tracker: DialogueStateTracker) -> List[Any]:
    events: List[Any] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        events.append(event)
    return events[::-1]


def _words(name: str) -> str:
    return re.sub(r"^(utter_(faq_)?|ask_)", "", name).replace("_", " ")


def _where(wrong: BaseException) -> str:
    """File and line where *wrong* was raised, for the log: its own text may hold the customer's words."""
    frame = wrong.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame is not None else "?"
