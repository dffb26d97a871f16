"""What the flows that change something share: reading answers, the proof of who writes, the last yes, and the end."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Literal

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend import Refusal, Unconfirmed
from actions.codes import DONE, PROOF, check, send
from actions.forms import ANSWERS, CountingForm, wrong
from actions.room import room
from actions.turns import confidence, failed, intent, leaves_it, report, words_of
from warmline.core.ask import Outcome
from warmline.core.errors import BackendError
from warmline.language.consent import consent

OWN_TO_A_RUN = ("tries", "form_end", "confirm", "proof_code", "proof_sent_to", "about")
"""Slots of the task that runs; the next one begins without them."""
FLEETING = (*OWN_TO_A_RUN, "requested_slot")
"""What is forgotten when a task ends."""
MAX_DEEDS = 5
FIND = "find"
"""The *form_end* of a form that is left to find the order by e-mail (:mod:`actions.by_email`)."""


_ASKS = re.compile(
    r"\?|^\W*(?:(?:hm+|wait|so|but|ok|and|sorry)\b[\s,.]*)*(?:what|when|which|where|why|how|who|is|are|does|do|did|will|"
    r"would|can|could|has|have)\b(?! (?:it|that|so|this|you dare)\s*[.!]*$)",
    re.IGNORECASE,
)


NO_MAILBOX = "no mailbox"
_NO_MAILBOX = re.compile(
    r"\b(?:lost|no|don'?t have|do not have|without|can'?t|cannot|can not|no longer|not) (?:\w+ ){0,3}"
    r"(?:access|read|open|get into|see)\b[^.!?]{0,30}\b(?:mail\w*|e-?mail\w*|inbox|address|account)\b|"
    r"\b(?:mailbox|inbox|e-?mail|address)\b[^.!?]{0,20}\b(?:is gone|no longer|not mine|hacked|closed)\b|"
    r"\b(?:hacker|thief|ex|he|she|they|somebody else|someone else)\b[^.!?]{0,15}\b(?:gets?|reads?|has|sees?)\b",
    re.IGNORECASE,
)
Topic = Literal["order", "box", "appointment"]
Shapes = dict[str, Callable[[str, Tracker], Any]]
"""How an answer to a slot is known by its form: text and tracker to the answer, or None when it is no such thing."""


class TaskForm(CountingForm):
    """
    A form for an errand. What is asked is read by its shape first, then by the intent: anything else that may be an
    answer is a wrong one (the errand's own intent too: "the new house"), and the rest is a question in between.

    *form_end* is ``tries``, ``backend``, ``declined``, ``locked``, ``too_often``, ``find`` or ``no:`` and the reason
    why the shop will not do it.
    """

    shapes: ClassVar[Shapes] = {}
    acts: ClassVar[frozenset[str]] = frozenset()
    """What its last question would do, in words that a yes may say again: "yes, cancel it"."""
    forget: ClassVar[tuple[str, ...]] = ()
    """Slots of this form that an earlier run must not fill."""

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> list[EventType]:
        fresh: list[EventType] = []
        text = words_of(tracker)
        if self._begins(tracker):
            # it begins with this turn: an earlier task's yes must not count, nor what the customer said to begin it
            old = [SlotSet(slot, None) for slot in (*OWN_TO_A_RUN, *self.forget)]
            tracker.add_slots(old)
            fresh = [*old, *self._keep(tracker, await self.begin(text, tracker))]
            self.say_first(text, dispatcher, tracker)
        elif fresh_words(tracker):
            if leaves_it(text):
                return self._keep(tracker, {"form_end": "declined"})
            heard = self.heard(tracker)
            if heard is not None:
                tracker.add_slots([SlotSet(tracker.slots["requested_slot"], heard)])
        return fresh + await super().get_validation_events(dispatcher, tracker, domain)

    async def begin(self, text: str, tracker: Tracker) -> dict[str, Any]:
        """What the sentence that begins the errand says already, beside its entities; returns slots to set."""
        return {}

    def say_first(self, text: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """What has to be known before anything is asked; called once, when the errand begins with *text*."""

    def heard(self, tracker: Tracker) -> Any:
        """What the message says to the slot that was asked for; None when it says nothing about it."""
        asked = tracker.slots.get("requested_slot")
        if asked not in self.slots or self.told(tracker):
            return None
        text = words_of(tracker)
        if asked == "confirm":
            found = self.answer(text, tracker)
        else:
            found = self.shapes[asked](text, tracker) if asked in self.shapes else None
        if found is not None:
            return found
        return text if intent(tracker) in ANSWERS | self.own else None

    def answer(self, text: str, tracker: Tracker) -> str | None:
        """What *text* says to the last question; None when it is no unambiguous yes or no."""
        about, _, items = str(tracker.slots.get("about") or "").partition("(")
        if items.count(" x ") == 1:  # of several things one alone must not be named: "yes, cancel the lamp"
            about += items
        return consent(text, acts=self.acts, named=about, intent=intent(tracker), confidence=confidence(tracker))

    def told(self, tracker: Tracker) -> bool:
        """Whether the message named something this form waits for, by an entity."""
        return any(tracker.slots_to_validate().get(slot) is not None for slot in self.slots)

    def _interrupts(self, tracker: Tracker) -> bool:
        if not fresh_words(tracker) or tracker.active_loop_name != self.form_name():
            return False
        if intent(tracker) in ANSWERS | self.own:
            return False
        if not self.told(tracker):
            return True
        # what was read by its shape is an answer, or corrects one, whatever the intent
        answered = any(tracker.slots_to_validate().get(slot) is not None for slot in (*self.shapes, "confirm"))
        return not answered and super()._interrupts(tracker)

    async def validate_confirm(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """A yes goes on, a no ends it without anything done. A question brings once more what a yes would do."""
        if value in ("yes", "no"):
            return {"confirm": "yes"} if value == "yes" else {"confirm": None, "form_end": "declined"}
        if asks(str(value)) and not tracker.slots.get("tries"):
            dispatcher.utter_message(response="utter_confirm_question")
            report(dispatcher, "asked", "said again what a yes would do")
            return {"confirm": None, "tries": 1}
        return wrong(dispatcher, tracker, "confirm", "utter_confirm_wrong", "utter_confirm_wrong")


class ProvedForm(TaskForm):
    """A task for an account: who writes is proved by a mailed code, once in a conversation."""

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> list[str]:
        wanted = await super().required_slots(domain_slots, dispatcher, tracker, domain)
        return [slot for slot in wanted if slot != "proof_code"] if proved(tracker) else wanted

    def heard(self, tracker: Tracker) -> Any:
        """Who cannot read that mailbox, or says that somebody else does, answers the question for the code by that."""
        text = words_of(tracker)
        if tracker.slots.get("requested_slot") == "proof_code" and _NO_MAILBOX.search(text):
            return NO_MAILBOX
        return super().heard(tracker)

    def _interrupts(self, tracker: Tracker) -> bool:
        return tracker.slots_to_validate().get("proof_code") != NO_MAILBOX and super()._interrupts(tracker)

    async def validate_proof_code(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """Tries the code; the right one proves the address. Without the mailbox it is for a person."""
        if value == NO_MAILBOX:
            return {"proof_code": None, "form_end": "tries"}
        found = await check(PROOF, value, dispatcher, tracker)
        if found.get("proof_code") == DONE:
            email = tracker.slots["proof_sent_to"]
            shopper = await room().backend.shopper(email)
            found["identity"] = {"email": email, "name": shopper.name if shopper else None, "by": "code"}
        return found

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """Mails a code to an address that got none yet; once it is proved, :meth:`look_further`."""
        email = tracker.slots.get("email")
        if not email or tracker.slots.get("form_end"):
            return {}
        if proved(tracker):
            return await self.look_further(email, tracker)
        return {} if email == tracker.slots.get("proof_sent_to") else await send(PROOF, dispatcher, tracker, email)

    async def look_further(self, email: str, tracker: Tracker) -> dict[str, Any]:
        """Called with a proved address; returns slots to set."""
        return {}


class Finish(Action, ABC):
    """
    The action after a task's form: does it, or says why not. The fleeting slots are forgotten in any case; *label*
    says to an agent what it was about, and *topic* what a "cancel it" means after it.
    """

    label: ClassVar[str]
    topic: ClassVar[Topic | None] = None
    way_back: ClassVar[str | None] = None
    """The intent that leads back from what it does, where that cannot be undone on the spot."""
    gave_up: ClassVar[str] = "utter_task_gave_up"
    changes: ClassVar[bool] = True
    """Whether it would have changed something, so that it is said when nothing was."""

    @abstractmethod
    def name(self) -> str:
        """Abstract, so that rasa-sdk does not register this class."""

    @abstractmethod
    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """
        Do it and say so. Returns the events to add.

        Raises:
            Refusal: the shop says no; :meth:`refuse` tells it then.
            BackendError: the shop does not answer.
        """

    def refuse(self, reason: str, tracker: Tracker) -> tuple[str, dict[str, Any]]:
        """The response, with its values, for the shop's *reason*."""
        return "utter_task_refused", {}

    def instead(self, reason: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Says something better than the refusal for *reason*; returns its events, none when there is nothing."""
        return []

    def declined(self, tracker: Tracker) -> str:
        """The response when the customer does not want it."""
        return "utter_task_declined"

    def done(self, dispatcher: CollectingDispatcher, tracker: Tracker, did: str, **undo: Any) -> list[EventType]:
        """As :func:`done`: an "undo" means this from now on, and *undo* is what :class:`actions.undo.Undo` needs."""
        return done(dispatcher, tracker, did, {"deed": self.label, "way": self.way_back, **undo})

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        end = str(tracker.get_slot("form_end") or "")
        over: list[EventType] = [SlotSet(name, None) for name in FLEETING]
        if end == FIND:
            return [*over, FollowupAction("find_form")]
        over += [SlotSet("topic", {"kind": self.topic})] if self.topic else []
        if end == "declined":
            dispatcher.utter_message(response=self.declined(tracker))
            report(dispatcher, "answered", f"left it: {self.label}, the customer said no")
            return over
        if not end:
            try:
                return [*over, *await self.act(dispatcher, tracker)]
            except Refusal as refusal:
                end = f"no:{refusal.reason}"
            except Unconfirmed:
                end = "unconfirmed"  # it may be the last deed, so an "undo" must not reach the one before it
                over += [SlotSet("last_deed", {"deed": self.label, "way": self.way_back})]
            except BackendError:
                end = "backend"
        if end.startswith("no:"):
            instead = self.instead(end[3:], dispatcher, tracker)
            if instead:
                return [*over, *instead]
            response, values = self.refuse(end[3:], tracker)
            dispatcher.utter_message(response=response, **values)
            report(dispatcher, "answered", f"{self.label} is not possible: {end[3:].replace('_', ' ')}")
            return over
        response, did = {
            "locked": ("utter_reset_locked", f"stopped {self.label} after too many wrong codes"),
            "too_often": ("utter_reset_too_often", "could not send a code: too many were asked for"),
            "backend": ("utter_not_reached", f"the shop's system did not answer ({self.label}): nothing was done"),
            "unconfirmed": ("utter_unconfirmed", f"the shop did not confirm {self.label}: it may be done, or not"),
        }.get(end, (self.gave_up, f"gave up {self.label} after wrong answers"))
        if end == "tries" and self.changes:
            dispatcher.utter_message(response="utter_nothing_changed")
        return over + failed(dispatcher, tracker, "failed", did, response, enough=end == "tries")


def offer_to_put_back(
    dispatcher: CollectingDispatcher, tracker: Tracker, outcome: Outcome = "asked"
) -> list[EventType]:
    """
    Says that the order was cancelled just now, and offers it back: "everything stays as it is" would be false. Returns
    no event when the last deed was no cancellation that can be undone.
    """
    number = ((tracker.get_slot("last_deed") or {}).get("order") or {}).get("number")
    if not number:
        return []
    back = {"title": "Put it back", "payload": "/undo"}
    dispatcher.utter_message(response="utter_done_already", number=number, buttons=[back])
    report(dispatcher, outcome, "offered to put the order back")
    return [SlotSet("offer", back["payload"])]


def done(dispatcher: CollectingDispatcher, tracker: Tracker, did: str, last: dict[str, Any]) -> list[EventType]:
    """
    Note for an agent, and for the assistant after a hand-back, that *did* is done; *last* is what "undo" means from now
    on. Returns the events to add.
    """
    report(dispatcher, "answered", did)
    deeds = [*(tracker.get_slot("deeds") or []), did][-MAX_DEEDS:]
    return [SlotSet("deeds", deeds), SlotSet("last_deed", last)]


def asks(text: str) -> bool:
    """Whether *text* is a question rather than an answer."""
    return _ASKS.search(text) is not None


def fresh_words(tracker: Tracker) -> bool:
    """Whether the message is still to be read: not so when it was answered in this turn, and a form only goes on."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return True
        if event["event"] == "action" and event["name"] not in (tracker.active_loop_name, "action_listen"):
            return False
    return True


def proved(tracker: Tracker) -> bool:
    """Whether the address that is talked about is the customer's own, by a mailed code or the site's signature."""
    identity = tracker.slots.get("identity") or {}
    return identity.get("by") in ("code", "signed") and identity.get("email") == tracker.slots.get("email")
