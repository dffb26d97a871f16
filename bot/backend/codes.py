"""Six-digit codes by mail: for a new password, and to prove who writes. Whether an address is known is never told."""

from __future__ import annotations

import hmac
from collections.abc import Callable

import msgspec
import sqlite_utils

from bot.backend import CODE_LIFETIME_S, CODE_TRIES, CodeTried, Purpose, Refusal
from bot.backend.tables import find_shopper, mail, one

CODES_AN_HOUR = 5
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
    if find_shopper(db, email) is None and not booked:
        return
    code = make()
    db.table(f"{purpose}_codes").upsert(
        {
            "email": email,
            "code": code,
            "expires_at": now + CODE_LIFETIME_S,
            "tries_left": CODE_TRIES,
            "last_key": None,
            "last_result": None,
        },
        pk="email",
    )
    text = f"Your code is {code}. It is good for 10 minutes. If you did not ask for it, you need not do anything."
    mail(db, now, email, f"{code} is your code", text)


def check(db: sqlite_utils.Database, purpose: Purpose, email: str, code: str, *, key: str, now: float) -> CodeTried:
    """Try *code*; the right one for a password mails the link."""
    row = next(iter(db.table(f"{purpose}_codes").rows_where("email = ?", [email])), None)
    if row is None:
        # an unknown address must look like one with a code nobody received
        return _check_nothing(db, purpose, email, key)
    if row["last_key"] == key:
        return CodeTried(result=row["last_result"], tries_left=row["tries_left"])
    left = row["tries_left"]
    if left <= 0:
        result = "locked"
    elif now >= row["expires_at"]:
        result = "expired"
    elif hmac.compare_digest(row["code"].encode(), code.encode()):
        result, left = "right", 0
        if purpose == "reset":
            mail(db, now, email, "Choose a new password", f"Here you can choose a new password: {RESET_LINK}")
    else:
        left -= 1
        result = "wrong" if left else "locked"
    db.table(f"{purpose}_codes").update(email, {"tries_left": left, "last_key": key, "last_result": result})
    return msgspec.convert({"result": result, "tries_left": left}, CodeTried)


def _check_nothing(db: sqlite_utils.Database, purpose: Purpose, email: str, key: str) -> CodeTried:
    if not db.table(f"{purpose}_requests").count_where("email = ?", [email]):
        return CodeTried(result="unknown")
    misses = db.table(f"{purpose}_misses")
    misses.insert({"key": key, "email": email}, ignore=True)
    left = max(0, CODE_TRIES - misses.count_where("email = ?", [email]))
    return CodeTried(result="wrong" if left else "locked", tries_left=left)
