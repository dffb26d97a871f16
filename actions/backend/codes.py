"""Six-digit codes by mail: for a new password, and to prove who writes. Whether an address is known is never told."""

from __future__ import annotations

import hmac
from collections.abc import Callable

import msgspec
import sqlite_utils

from actions.backend import CODE_LIFETIME_S, CODE_TRIES, CodeTried, Purpose, Refusal
from actions.backend.tables import find_shopper, mail, one

CODES_AN_HOUR = 5
NO_CODE = ""
"""Equal to nothing that consists of digits."""

RESET_LINK = "https://shop.example/new-password"


def send(
    db: sqlite_utils.Database, purpose: Purpose, email: str, make: Callable[[], str], *, key: str, now: float
) -> None:
    """
    Mail a new code to *email*; the old one is void.

    Raises:
        Refusal: there were :data:`CODES_AN_HOUR` in the last hour.
    """
    requests = db.table(f"{purpose}_requests")
    if requests.count_where("key = ?", [key]):
        return
    if requests.count_where("email = ? and at > ?", [email, now - 3600]) >= CODES_AN_HOUR:
        raise Refusal("too_often")
    requests.insert({"key": key, "email": email, "at": now})
    booked = purpose == "proof" and one(db, "select 1 from appointments where email = ?", [email])
    known = booked or find_shopper(db, email) is not None
    # An unknown address gets a code as well, which nobody can type and nobody is told: everything that is counted,
    # expires or locks from here on is then the same for both.
    code = make() if known else NO_CODE
    db.table(f"{purpose}_codes").upsert(
        {
            "email": email,
            "code": code,
            "expires_at": now + CODE_LIFETIME_S,
            "tries_left": CODE_TRIES,
            "used": 0,
            "last_key": None,
            "last_result": None,
        },
        pk="email",
    )
    if not known:
        return
    text = f"Your code is {code}. It is good for 10 minutes. If you did not ask for it, you need not do anything."
    mail(db, now, email, f"{code} is your code", text)


def check(db: sqlite_utils.Database, purpose: Purpose, email: str, code: str, *, key: str, now: float) -> CodeTried:
    """
    Try *code*; the right one for a password mails the link, once.

    That a code was used is told only to who types that very code. Any other code is counted as if it had not been used:
    else a stranger would learn that somebody at this address has an account.
    """
    row = next(iter(db.table(f"{purpose}_codes").rows_where("email = ?", [email])), None)
    if row is None:
        return CodeTried(result="unknown")
    if row["last_key"] == key:
        return CodeTried(result=row["last_result"], tries_left=row["tries_left"])
    left, used = row["tries_left"], row["used"]
    if left <= 0:
        result = "locked"
    elif now >= row["expires_at"]:
        result = "expired"
    elif hmac.compare_digest(row["code"].encode(), code.encode()):
        result, used = "used" if used else "right", 1
        if purpose == "reset" and result == "right":
            mail(db, now, email, "Choose a new password", f"Here you can choose a new password: {RESET_LINK}")
    else:
        left -= 1
        result = "wrong" if left else "locked"
    changes = {"tries_left": left, "used": used, "last_key": key, "last_result": result}
    db.table(f"{purpose}_codes").update(email, changes)
    return msgspec.convert({"result": result, "tries_left": left}, CodeTried)
