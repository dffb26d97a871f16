"""Where a colleague can answer: whether something a customer left is plausibly an e-mail address or a phone number."""

from __future__ import annotations

import re

from bot.core.errors import NotAContact

LONGEST_MAIL = 254  # RFC 5321, errata 1690
LONGEST_LOCAL, LONGEST_LABEL = 64, 63  # RFC 5321 4.5.3.1.1, RFC 1035 2.3.4
FEWEST_DIGITS, MOST_DIGITS = 6, 15  # the most is ITU-T E.164's

# Without quoted local parts and addresses in brackets: nobody has one, and a slip of the pen looks like them. Letters
# of any script may stand in both parts (RFC 6531).
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[^\W_]([\w-]*[^\W_])?")
_PHONE = re.compile(r"(\+|00)?[\d\s()/.-]+")
_NO_CONTACT = "That is no e-mail address or phone number we could answer to. Please check it and try again."


def contact(text: str) -> str:
    """
    *text* without blank ends, when it is plausibly an e-mail address or a phone number. Whether anybody is there is not
    known.

    Raises:
        NotAContact: it is neither.
    """
    trimmed = text.strip()
    if not (_is_mail(trimmed) or _is_phone(trimmed)):
        raise NotAContact(_NO_CONTACT)
    return trimmed


def _is_mail(text: str) -> bool:
    local, at, domain = text.partition("@")
    labels = domain.split(".")
    return (
        bool(at)
        and len(text) <= LONGEST_MAIL
        and len(local) <= LONGEST_LOCAL
        and _LOCAL.fullmatch(local) is not None
        and len(labels) >= 2
        and all(len(label) <= LONGEST_LABEL and _LABEL.fullmatch(label) and "_" not in label for label in labels)
        and len(labels[-1]) >= 2
        and not labels[-1].isdigit()
    )


def _is_phone(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return _PHONE.fullmatch(text) is not None and FEWEST_DIGITS <= digits <= MOST_DIGITS and text.isascii()
