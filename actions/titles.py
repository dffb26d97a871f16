"""What an intent is called on a button or in a sentence. One without a title here is called by its own name."""

from __future__ import annotations

TITLES = {
    "account_locked": "Unlock my account",
    "appointment_book": "Book an appointment",
    "appointment_cancel": "Cancel an appointment",
    "appointment_move": "Move an appointment",
    "ask_person": "Talk to a person",
    "cancel_order": "Cancel an order",
    "change_address": "Change the address",
    "change_email": "Change my e-mail address",
    "change_order": "Change an order",
    "change_payment": "Change how I pay",
    "charge_not_recognised": "Check a charge",
    "close_account": "Close my account",
    "contact": "Contact details",
    "data_access": "See my data",
    "data_delete": "Delete my data",
    "data_use": "How data is used",
    "delivery_abroad": "Delivery abroad",
    "delivery_cost": "Delivery cost",
    "delivery_late": "My delivery is late",
    "delivery_options": "Delivery options",
    "exchange_item": "Exchange an item",
    "feedback": "Give feedback",
    "gift_card": "Gift cards",
    "invoice": "Get an invoice",
    "opening_hours": "Opening hours",
    "order_status": "Where is my order",
    "parcel_damaged": "A parcel arrived damaged",
    "parcel_missing": "A parcel is missing",
    "password_reset": "Reset my password",
    "payment_failed": "A payment failed",
    "promo_code": "Use a promo code",
    "refund_status": "Where is my refund",
    "repair": "Get something repaired",
    "return_item": "Return an item",
    "size": "Sizes and measurements",
    "stock": "Is it in stock",
    "subscription_cancel": "Cancel a subscription",
    "subscription_change": "Change a subscription",
    "subscription_pause": "Pause a subscription",
    "subscription_start": "Start a subscription",
    "two_factor_lost": "Lost second factor",
    "warranty": "Warranty",
    "wrong_item": "A wrong item arrived",
}

CHOICES = frozenset(TITLES) - {"ask_person"}
"""What may be offered as "did you mean": tasks and questions, no small talk, nothing that is delicate to suggest."""


def title(intent: str) -> str:
    """The words for *intent*, a verb first where it is a task."""
    return TITLES.get(intent) or intent.replace("_", " ").capitalize() or "That"
