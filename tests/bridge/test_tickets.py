"""Tickets: who a customer is, signed by us or by a site that knows them."""

from __future__ import annotations

import time

import pytest
from itsdangerous import URLSafeTimedSerializer

from warmline.bridge.tickets import Tickets, site_key
from warmline.core.conversation import Customer
from warmline.core.errors import NotSignedIn

KEY = b"the bridge's own key"


def tickets(key: bytes = KEY, now: float = 0.0) -> Tickets:
    return Tickets(key, ticket_s=60, session_s=60, clock=lambda: now or time.time())


def of_site(body: object, salt: str = "warmline.site") -> str:
    return str(URLSafeTimedSerializer(bytes.fromhex(site_key(KEY)), salt=salt).dumps(body))


def test_our_own_ticket_names_customer_and_conversation() -> None:
    """What was signed is read, as it was."""
    who = Customer("u_1", "Mara", "mara@example.com", "signed")
    assert tickets().read_ticket(tickets().ticket(who, "c_1")) == (who, "c_1")


def test_a_site_speaks_for_its_customers() -> None:
    """Its ticket names a customer, whom we then call signed in, and no conversation, whatever it says."""
    body = {"id": "u_1", "name": "Mara", "email": None, "sure": "asked", "conversation": "c_of_another"}
    assert tickets().read_ticket(of_site(body)) == (Customer("u_1", "Mara", None, "signed"), None)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "g_1"},
        {"id": ""},
        {"id": "u" * 65},
        {"id": 7},
        {"id": "u_1", "name": ["Mara"]},
        {"id": "u_1", "email": "m" * 201},
        {"name": "Mara"},
        ["u_1"],
        "u_1",
        None,
    ],
)
def test_a_site_cannot_speak_for_guests_or_in_another_shape(body: object) -> None:
    """A guest's id, or anything that the documents do not name, is refused like a forged ticket."""
    with pytest.raises(NotSignedIn, match="expired"):
        tickets().read_ticket(of_site(body))


def test_the_site_key_signs_no_session_and_no_ticket_of_ours() -> None:
    """With the site's key alone, neither an agent's session nor a guest's ticket can be made."""
    with pytest.raises(NotSignedIn):
        tickets().read_session(of_site({"agent": "anna", "sessions": 0}, salt="warmline.session"))
    with pytest.raises(NotSignedIn):
        tickets().read_ticket(of_site({"id": "g_1", "sure": "guest", "conversation": "c_1"}, salt="warmline.ticket"))
    assert site_key(KEY) != site_key(KEY + b"!")


def test_a_site_s_ticket_expires_as_ours_does() -> None:
    """After its lifetime it is refused."""
    signed = of_site({"id": "u_1"})
    with pytest.raises(NotSignedIn, match="expired"):
        tickets(now=time.time() + 62).read_ticket(signed)
