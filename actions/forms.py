"""What the shop's forms ask for: order numbers, e-mail addresses and codes."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.services import shop
from warmline.actions.forms import USUAL_ANSWERS, AboutSlot, describe, wrong
from warmline.actions.turns import words_of

FIND_BY_EMAIL = {"title": "Find it by e-mail", "payload": "/find_order"}
EMAIL = re.compile(r"[^@\s,;:<>()\"]{1,64}@[^@\s,;:<>()\"]{1,190}\.[a-z]{2,24}")
_RULED_OUT = re.compile(
    r"\b(not|instead of|rather than|forget|isn'?t|wasn'?t|no longer)\s+(order\s+)?#?\s*$", re.IGNORECASE
)
CODE = re.compile(r"\d{6}")
ANSWERS = USUAL_ANSWERS | {"unclear", "other_one"}
"""Intents that are, or may be, an answer to what a form asked."""


class ShopAnswers:
    """
    For the shop's forms, beside :class:`~warmline.actions.forms.CountingForm`: how numbers and addresses are read.
    """

    answers: ClassVar[frozenset[str]] = ANSWERS

    async def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """A number of the right form, else a hint."""
        number = read_order_number(value, tracker)
        if number:
            return {"order_number": number}
        return wrong(dispatcher, tracker, "order_number", "utter_order_number_wrong", "utter_order_number_hint")

    async def validate_email(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """An address of the right form, else a hint."""
        email = told_email(value, tracker)
        if email:
            return {"email": email}
        return wrong(dispatcher, tracker, "email", "utter_email_wrong", "utter_email_hint")


def read_order_number(value: Any, tracker: Tracker) -> str | None:
    """
    The number in the shop's spelling, or None when *value* is none. When the message names several ("A1024, not
    A1042"), the first that the words before it do not rule out: Rasa took the last.
    """
    text = words_of(tracker)
    named = shop().orders.find(text)
    if len({one.value for one in named}) > 1 and any(one.value == value for one in named):
        meant = [one.value for one in named if not _RULED_OUT.search(text[: one.start])]
        return meant[0] if meant else named[-1].value
    return shop().orders.read(str(value))


def told_email(value: Any, tracker: Tracker) -> str | None:
    """
    The address in one spelling, or None. When the message names several ("mara@example.com, not mary@example.com"), the
    only one that the words before it do not rule out; None when more than one is left: which of them is asked.
    """
    text = words_of(tracker).lower()
    named = list(EMAIL.finditer(text))
    if len({one[0] for one in named}) > 1 and any(one[0] == str(value).strip().lower() for one in named):
        meant = {one[0] for one in named if not _RULED_OUT.search(text[: one.start()])}
        return meant.pop() if len(meant) == 1 else None
    return read_email(value)


def read_email(value: Any) -> str | None:
    """The address in one spelling, or None when *value* is not one."""
    text = str(value).strip().lower()
    return text if EMAIL.fullmatch(text) else None


def describe_slots() -> None:
    """What the forms say of their slots; called once, before the first turn."""
    digits = re.compile(r"\d")
    number = AboutSlot(
        "order number",
        attempt=digits,
        hint="utter_order_number_hint",
        fits=lambda value: bool(shop().orders.read(str(value)) == value),
        buttons=(FIND_BY_EMAIL,),
    )
    describe("order_number", number)
    address = re.compile(r"@|\bat\b.*\bdot\b|\.[a-z]{2,}$|\(at\)", re.IGNORECASE)
    known = AboutSlot(
        "e-mail address", attempt=address, hint="utter_email_hint", fits=lambda v: read_email(v) is not None
    )
    describe("email", known)
    for slot in ("reset_code", "proof_code"):
        describe(slot, AboutSlot("code", attempt=digits, hint="utter_code_hint"))
    spoken = {
        "appointment_time": "time",
        "appointment_kind": "kind of appointment",
        "new_address": "new address",
        "pause_months": "months",
        "order_choice": "order",
    }
    for slot, words in spoken.items():
        describe(slot, AboutSlot(words))
