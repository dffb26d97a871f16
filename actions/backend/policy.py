"""What the shop allows, as far as it can be told from the order alone. A real shop decides it again when it acts."""

from __future__ import annotations

from datetime import date

from actions.backend import RETURN_DAYS, Order


def why_no_return(order: Order, today: date) -> str | None:
    """Why *order* cannot go back, as :meth:`actions.backend.Backend.start_return` names it; None when it can."""
    if order.state in ("placed", "packed", "shipped"):
        return "not_delivered"
    if order.state != "delivered":
        return order.state
    if order.refund is not None:
        return "refunded"
    if order.label_on is not None:
        return "label_sent"
    delivered = date.fromisoformat(order.delivered_on or order.expected_on)
    return "too_late" if (today - delivered).days > RETURN_DAYS else None
