"""Two requests in one message."""

import asyncio
from typing import Any

import pytest
from rasa.shared.core.domain import Domain

from warmline.engine.multi_intent import MultiIntent, apart, halves

pytestmark = pytest.mark.engine

INTENTS = {"where is A1042?": "order_status", "can I get an invoice?": "invoice", "do you like me?": "bot_challenge"}
DOMAIN = Domain.from_dict(
    {
        "intents": ["order_status", "invoice", "bot_challenge"],
        "responses": {
            "utter_title_order_status": [{"text": "Where is my order"}],
            "utter_title_invoice": [{"text": "Get an invoice"}],
        },
    }
)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("where is A1042, and can I get an invoice", [("where is A1042", "can I get an invoice")]),
        ("pause my box and change my address", [("pause my box", "change my address")]),
        ("Do you ship to Norway? And what does it cost?", [("Do you ship to Norway?", "what does it cost?")]),
        ("my parcel is late and I want to cancel", []),
        ("hello, where is my order?", []),
        ("cancel A1101 and A1108", []),
        ("Good afternoon. I hope you are well. Can you tell me where A1042 is? Thank you.", []),
        ("where is it? " * 40, []),
        ("", []),
    ],
)
def test_a_text_is_cut_where_both_halves_ask_for_something(text: str, cut: list[tuple[str, str]]) -> None:
    """A greeting, a reason or a second number is no request."""
    assert halves(text) == cut


BOTH = "where is A1042? and can I get an invoice?"


@pytest.mark.parametrize(
    ("text", "whole", "sure", "wished"),
    [
        (BOTH, "invoice", 0.9, MultiIntent("where is A1042?", "invoice")),
        (BOTH, "order_status", 0.9, MultiIntent(BOTH, "invoice")),
        (BOTH, "nlu_fallback", 0.9, MultiIntent("where is A1042?", "invoice")),
        (BOTH, "stock", 0.9, MultiIntent(BOTH)),
        (BOTH, "invoice", 0.5, MultiIntent(BOTH)),
        (
            "where is A1042? and do you like me?",
            "order_status",
            0.9,
            MultiIntent("where is A1042? and do you like me?"),
        ),
        ("where is A1042?", "order_status", 0.9, MultiIntent("where is A1042?")),
    ],
)
def test_the_wish_that_is_not_answered_at_once_is_remembered(
    text: str, whole: str, sure: float, wished: MultiIntent
) -> None:
    """Only when both are certain, and of a kind that can be offered; what could be either begins with the first."""

    async def parse(said: str) -> dict[str, Any]:
        return {"intent": {"name": whole if said == text else INTENTS.get(said, "stock"), "confidence": sure}}

    assert asyncio.run(apart(text, DOMAIN, parse)) == wished
