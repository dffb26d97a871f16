"""Words that name a request beside an order ("A1248 label please"), where the classifier heard only the order."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rasa_sdk import Tracker

REQUESTS = {
    "return_form": re.compile(
        r"\b(?:return|label|send (?:it|this|them|that|\w+ \w+) back|sending (?:it|this|them) back)\b"
    ),
    "invoice_form": re.compile(r"\b(?:invoice|receipt)\b"),
    "cancel_form": re.compile(r"\b(?:cancel|cancellation)\b"),
}
"""
The form of each request for one order, and what names it; "returned" and "cancelled" are states, not requests.
"""
OF_AN_ACCOUNT = {
    "address_form": re.compile(
        r"\b(?:change|new|update|correct)\b(?![^.!?]{0,20}\be?-?mail address)[^.!?]{0,25}\baddress\b|\bmoved house\b"
    ),
    "pause_form": re.compile(r"\b(?:pause|skip)\b[^.!?]{0,25}\b(?:box|subscription)\b"),
    "end_form": re.compile(r"\b(?:cancel|end|stop)\b[^.!?]{0,25}\b(?:box|subscription)\b"),
    "reset_form": re.compile(r"\bpassword\b"),
}
"""The same for an account, beside its address."""
_NEW_ONE = re.compile(r"\b(?:a new one|replacement|replace (?:it|this|them)|another one instead|exchange|swap)\b")
_BROKEN = re.compile(
    r"\b(?:broken|broke|damaged|smashed|shattered|cracked|in pieces|defective|faulty|doesn'?t work|does not work)\b"
)
_UNWANTED = re.compile(r"\b(?:not|no|don'?t|never|without|instead of)\b[^.,;!?]{0,20}$")


def request_of(text: str, requests: Mapping[str, re.Pattern[str]] = REQUESTS) -> str | None:
    """The form of the one of *requests* that *text* names and wants; None when it is none, or several."""
    lower = text.lower().replace("\u2019", "'")
    named = [
        form
        for form, word in requests.items()
        if (found := word.search(lower)) and not _UNWANTED.search(lower[: found.start()])
    ]
    return named[0] if len(named) == 1 else None


def trouble_of(text: str) -> str | None:
    """The response to what *text* says is wrong with the goods; None when it says nothing of it."""
    lower = text.lower().replace("\u2019", "'")
    return (
        "utter_faq_parcel_damaged" if _BROKEN.search(lower) else "utter_replacement" if _NEW_ONE.search(lower) else None
    )


def began_with(tracker: Tracker, form: str) -> tuple[str, str]:
    """What the customer wrote when *form* began, and the intent it was taken for."""
    text = intent = ""
    began = ("", "")
    for event in tracker.events:
        if event["event"] == "user":
            text = str(event.get("text") or "")
            intent = str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
        elif event["event"] == "active_loop" and event.get("name") == form:
            began = (text, intent)
    return began
