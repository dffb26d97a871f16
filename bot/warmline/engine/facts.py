"""Slots as facts: what is known by now, in words an agent reads. Pure."""

from typing import Any, List, Mapping, Optional, Tuple

from warmline.core.conversation import Fact


def known(slots: Mapping[str, Any]) -> Tuple[Fact, ...]:
    """
    Everything the *slots* hold that a person should know, most identifying first.

    The slot ``identity`` (``{"email", "name"}``) is set by an action only after the backend confirmed it; ``order`` is
    the backend's own answer about the order it names.
    """
    identity = _mapping(slots.get("warmline_identity"))
    order = _mapping(slots.get("order"))
    email, number = slots.get("email"), slots.get("order_number")
    facts: List[Optional[Fact]] = [
        _fact("name", "Name", identity.get("name"), True),
        _fact("email", "E-mail", email, bool(email) and email == identity.get("email")),
        _fact("order_number", "Order", number, bool(number) and number == order.get("number")),
    ]
    if number and number == order.get("number"):
        facts += [
            _fact("order_state", "Order state", order.get("state"), True),
            _fact("items", "Items", order.get("items"), True),
            _fact("expected", "Expected", order.get("expected"), True),
            _fact("refund", "Refund", order.get("refund"), True),
        ]
    facts.append(_fact("promised_delivery", "Promised", _mapping(slots.get("promised")).get("text"), False))
    facts.append(_fact("reset", "Password reset", slots.get("reset_state"), True))
    facts += [
        _fact("done", "Done here", "; ".join(str(deed) for deed in slots.get("deeds") or ()), True),
        _fact("language", "Language", slots.get("warmline_language_told"), False),
    ]
    return tuple(fact for fact in facts if fact is not None)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _fact(name: str, label: str, value: Any, verified: bool) -> Optional[Fact]:
    return Fact(name=name, label=label, value=str(value), verified=verified) if value else None
