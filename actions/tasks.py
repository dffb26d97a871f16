"""What the flows that change something share: reading answers, the proof of who writes, the last yes, and the end."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend import Refusal, Unconfirmed
from actions.codes import DONE, PROOF, check, send
from actions.forms import ShopAnswers
from actions.services import shop
from warmline.actions.tasks import OWN_TO_A_RUN, TaskForm
from warmline.actions.turns import failed, report, words_of
from warmline.core.ask import Outcome
from warmline.core.errors import BackendError

RUN = (*OWN_TO_A_RUN, "proof_code", "proof_sent_to")
"""Slots of the task that runs; the next one begins without them."""
FLEETING = (*RUN, "requested_slot")
"""What is forgotten when a task ends."""
MAX_DEEDS = 5
FIND = "find"
"""The *form_end* of a form that is left to find the order by e-mail (:mod:`actions.by_email`)."""


NO_MAILBOX = "no mailbox"
_NO_MAILBOX = re.compile(
    r"\b(?:lost|no|don'?t have|do not have|without|can'?t|cannot|can not|no longer|not) (?:\w+ ){0,3}"
    r"(?:access|read|open|get into|see)\b[^.!?]{0,30}\b(?:mail\w*|e-?mail\w*|inbox|address|account)\b|"
    r"\b(?:mailbox|inbox|e-?mail|address)\b[^.!?]{0,20}\b(?:is gone|no longer|not mine|hacked|closed)\b|"
    r"\b(?:hacker|thief|ex|he|she|they|somebody else|someone else)\b[^.!?]{0,15}\b(?:gets?|reads?|has|sees?)\b",
    re.IGNORECASE,
)
Topic = Literal["order", "box", "appointment"]


class ShopTask(ShopAnswers, TaskForm):
    """A task in the shop."""

    fleeting: ClassVar[tuple[str, ...]] = RUN

    def named(self, about: str) -> str:
        """Of several things one alone must not be named: "yes, cancel the lamp"."""
        order, _, items = about.partition("(")
        return order + items if items.count(" x ") == 1 else order


class ProvedForm(ShopTask):
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
            return {"proof_code": None, "warmline_form_end": "tries"}
        found = await check(PROOF, value, dispatcher, tracker)
        if found.get("proof_code") == DONE:
            email = tracker.slots["proof_sent_to"]
            shopper = await shop().backend.shopper(email)
            found["warmline_identity"] = {"email": email, "name": shopper.name if shopper else None, "by": "code"}
        return found

    async def look_up(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """Mails a code to an address that got none yet; once it is proved, :meth:`look_further`."""
        email = tracker.slots.get("email")
        if not email or tracker.slots.get("warmline_form_end"):
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
        end = str(tracker.get_slot("warmline_form_end") or "")
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
    return [SlotSet("warmline_offer", back["payload"])]


def done(dispatcher: CollectingDispatcher, tracker: Tracker, did: str, last: dict[str, Any]) -> list[EventType]:
    """
    Note for an agent, and for the assistant after a hand-back, that *did* is done; *last* is what "undo" means from now
    on. Returns the events to add.
    """
    report(dispatcher, "answered", did)
    deeds = [*(tracker.get_slot("deeds") or []), did][-MAX_DEEDS:]
    return [SlotSet("deeds", deeds), SlotSet("last_deed", last)]


def proved(tracker: Tracker) -> bool:
    """Whether the address that is talked about is the customer's own, by a mailed code or the site's signature."""
    identity = tracker.slots.get("warmline_identity") or {}
    return identity.get("by") in ("code", "signed") and identity.get("email") == tracker.slots.get("email")
