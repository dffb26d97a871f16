"""
Signed, short-lived proofs: a customer's ticket and an agent's session token. Forged or expired ones are refused
alike.

A site that knows its customers signs tickets too, with a key derived from ours: with it nobody can sign an agent's
session, or a ticket for a guest's conversation.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from warmline.core.conversation import Customer
from warmline.core.errors import NotSignedIn

EXPIRED = "Your chat has expired. A new one begins."
GUEST = "g_"
"""How the ids of guests begin; a site cannot sign for one."""
LONGEST_ID, LONGEST_NAME = 64, 200


def site_key(key: bytes) -> str:
    """The key of a site, in hexadecimal digits, from which *key* cannot be found (HMAC-SHA256, RFC 2104)."""
    return hmac.new(key, b"warmline.site", hashlib.sha256).hexdigest()


class Tickets:
    """Signs and reads with *key* (bytes, the same in all bridges). Lifetimes are seconds."""

    def __init__(
        self, key: bytes, *, ticket_s: float, session_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self.ticket_s = int(ticket_s)
        self.session_s = int(session_s)
        self._tickets = URLSafeTimedSerializer(key, salt="warmline.ticket")
        self._site = URLSafeTimedSerializer(bytes.fromhex(site_key(key)), salt="warmline.site")
        self._sessions = URLSafeTimedSerializer(key, salt="warmline.session")

    def ticket(self, customer: Customer, conversation: str | None) -> str:
        """A ticket for *customer* and, when named, one *conversation*."""
        body = {"id": customer.id, "sure": customer.sure, "conversation": conversation}
        if customer.sure == "signed":
            body |= {"name": customer.name, "email": customer.email}
        return str(self._tickets.dumps(body))

    def read_ticket(self, ticket: str) -> tuple[Customer, str | None]:
        """The customer and the conversation that *ticket*, ours or a site's, names. Raises NotSignedIn."""
        try:
            body = self._read(self._tickets, ticket, self.ticket_s, EXPIRED)
        except NotSignedIn:
            return _of_site(self._read(self._site, ticket, self.ticket_s, EXPIRED)), None
        customer = Customer(body["id"], body.get("name"), body.get("email"), body["sure"])
        return customer, body.get("conversation")

    def session(self, agent: str, sessions: int) -> str:
        """A token for *agent*; void once the account's *sessions* number has grown."""
        return str(self._sessions.dumps({"agent": agent, "sessions": sessions}))

    def read_session(self, token: str) -> tuple[str, int]:
        """The agent and the sessions number that *token* names. Raises NotSignedIn."""
        body = self._read(self._sessions, token, self.session_s, "Your session has ended. Sign in again.")
        return body["agent"], body["sessions"]

    def _read(self, signer: URLSafeTimedSerializer, signed: str, lifetime_s: int, text: str) -> dict[str, Any]:
        try:
            body, signed_at = signer.loads(signed, return_timestamp=True)
        except BadData:
            raise NotSignedIn(text) from None
        # An age below zero is no forgery: our clock was set back. itsdangerous' own max_age would refuse it, and every
        # customer would lose the conversation.
        if self._clock() - signed_at.timestamp() > lifetime_s:
            raise NotSignedIn(text)
        found: dict[str, Any] = body
        return found


def _of_site(body: object) -> Customer:
    """The customer a site signed for. Raises NotSignedIn: it is not what docs/extending.md says, or a guest's id."""
    fields = body if isinstance(body, dict) else {}
    who, name, email = fields.get("id"), fields.get("name"), fields.get("email")
    named = all(one is None or (isinstance(one, str) and len(one) <= LONGEST_NAME) for one in (name, email))
    if not (isinstance(who, str) and 0 < len(who) <= LONGEST_ID and not who.startswith(GUEST) and named):
        raise NotSignedIn(EXPIRED)
    return Customer(who, name, email, "signed")
