"""
Where a colleague can answer: whether something a customer left is plausibly an e-mail address or a phone number, and
where in a sentence one stands.
"""

from __future__ import annotations

import re

from warmline.core.addresses import EMAIL, spelled
from warmline.core.errors import NotAContact

LONGEST_MAIL = 254  # RFC 5321, errata 1690
LONGEST_LOCAL, LONGEST_LABEL = 64, 63  # RFC 5321 4.5.3.1.1, RFC 1035 2.3.4
FEWEST_DIGITS, MOST_DIGITS = 6, 15  # the most is ITU-T E.164's

# Without quoted local parts and addresses in brackets: nobody has one, and a slip of the pen looks like them. Letters
# of any script may stand in both parts (RFC 6531).
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[^\W_]([\w-]*[^\W_])?")
_PHONE = re.compile(r"(\+|00)?[\d\s()/.-]+")

MAX_CHARS = 4_000
NEAR_CHARS = 80
"""So far to both sides of an address is read whose it is."""
# Between two runs of digits stands a mark: else a long number could be cut in too many ways.
_NUMBER = re.compile(
    r"(?<![\w@.+])(?:\+ ?|\()?\d{1,16}(?:[ ()/.-]{1,3}\d{1,12}){0,8}(?![\w@]|[ ()/.-]{0,3}\d)", re.ASCII
)
_DATE = re.compile(r"\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{4}-\d{2}-\d{2}")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|\n")
_PHONE_WORD = re.compile(
    r"\b(phone|mobile|cell|call|ring|tel|telephone|whatsapp|my number|telefon\w*|handy\w*|mobil\w*|anruf\w*|"
    r"meine nummer|telephone|portable|appel\w*|mon numero|mon numéro|movil|móvil|llam\w*|mi numero|mi número|celular|"
    r"telemovel|telemóvel|ligar|ligue\w*|meu numero|meu número|cellulare|chiam\w*|mio numero)\b",
    re.IGNORECASE,
)
_OTHER_NUMBER = re.compile(
    r"\b(order|tracking|invoice|parcel|code|iban|account|card|bestell\w*|auftrag\w*|sendung\w*|rechnung\w*|commande|"
    r"suivi|facture|pedido|factura|encomenda|fatura|ordine|fattura|codice|codigo|código)\b[^,;]*$",
    re.IGNORECASE,
)
_RULED_OUT = re.compile(
    r"\b(not|no longer|instead of|rather than|forget|isn'?t|wasn'?t|old|wrong|nicht|alte|falsche|pas|ancienne?|non|no|"
    r"nao|não|antig[oa]|viej[oa]|vecchi[oa])\s+(to\s+|an\s+|a\s+|at\s+|unter\s+)?"
    r"((e-?mail|mail|address|adresse|number|nummer|one)\s+)?((is|was|ist|war)\s+)?$",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(my|mine|me|reach|contact|write|call|answer|reply|correspond\w*|mein\w*|mir|mich|erreich\w*|schreib\w*|"
    r"antwort\w*|anruf\w*|mon|ma|moi|m'|joindre|ecri\w*|écri\w*|rappel\w*|repond\w*|répond\w*|mi|mis|llam\w*|"
    r"escrib\w*|contact\w*|meu|minha|mim|ligu?\w*|escrev\w*|mio|mia|scriv\w*|chiam\w*|contatt\w*)\b",
    re.IGNORECASE,
)
_STRANGERS = re.compile(
    r"\b(chang(?:ed|ing|es)|hack\w*|scam\w*|fake|phish\w*|spam\w*|geandert|geändert|betrüg\w*|gehackt|changé\w*|"
    r"piraté\w*|cambi(?:aron|ado|ato|ó)|mudaram|mudou|alteraram|truffa\w*)\b|\b(from|von|de la part de|"
    r"da parte de)\s*$",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(they|he|she|him|her|his|their|hacker\w*|somebody|someone|wrote to|mailed|emailed|sent|account|er|"
    r"seine?|ihre?|jemand|geschickt|"
    r"ils?|elles?|quelqu'un|envoye|envoyé|ellos|el|ella|alguien|enviaron|eles|ele|ela|alguem|"
    r"alguém|loro|lui|lei|qualcuno|inviato)\b",
    re.IGNORECASE,
)
_NOT_THERE = re.compile(
    r"\b(?:do ?n[o'\u2019]?t|never|not) (?:e-?mail|mail|write|send|answer|reply|use)\b[^.!?]{0,20}"
    r"\b(?:there|that|it|this)\b|\bnot (?:that|this) one\b|"
    r"\b(?:they|he|she|thief|hacker|ex)\b[^.!?@]{0,20}\b(?:changed|reads?|has access)\b|"
    r"\b(?:nicht|keine?) (?:dorthin|dahin|mails? dorthin)\b|\bpas (?:la|l\u00e0)\b|"
    r"\bno (?:escriba\w* )?(?:ahi|ah\u00ed|alli|all\u00ed)\b",
    re.IGNORECASE,
)
"""After an address: it is not where the answer may go."""
_NO_CONTACT = "That is no e-mail address or phone number we could answer to. Please check it and try again."


def contact(text: str) -> str:
    """
    *text* without blank ends, when it is plausibly an e-mail address or a phone number, or one of each with a comma
    between. Whether anybody is there is not known.

    Raises:
        NotAContact: it is neither.
    """
    trimmed = text.strip()
    mail, phone = kinds(trimmed)
    both = mail and phone and trimmed == _listed(mail, phone)
    if not (_is_mail(trimmed) or _is_phone(trimmed) or (both and _is_mail(mail) and _is_phone(phone))):
        raise NotAContact(_NO_CONTACT)
    return trimmed


def contact_in(text: str) -> str:
    """
    The address or number (both: with a comma between them) that *text* gives for the answer, as ``with_contact`` keeps
    it; empty when it gives none. The last one stands. An address that is told about somebody else ("they changed it to
    ..."), or ruled out, is none: a colleague would write to whoever that is.
    """
    mail = phone = ""
    for found in EMAIL.finditer(text[:MAX_CHARS]):
        if _given(text, found) and _is_mail(address := spelled(found.group())):
            mail = address
    for found in _NUMBER.finditer(text[:MAX_CHARS]):
        number = found.group().strip(" .-/")
        sure = number.lstrip("(").startswith(("+", "0")) and sum(char.isdigit() for char in number) > FEWEST_DIGITS
        called = _PHONE_WORD.search(_before(text, found)) is not None
        if (sure or called) and _is_phone(number) and not _DATE.fullmatch(number) and _given(text, found, number=True):
            phone = number
    return _listed(mail, phone)


def with_contact(before: str | None, new: str) -> str:
    """*before* with *new* in it: of each kind, address and number, the later one stands."""
    mail, phone = kinds(before or "")
    newer_mail, newer_phone = kinds(new)
    return _listed(newer_mail or mail, newer_phone or phone)


def kinds(kept: str) -> tuple[str, str]:
    """The address and the number in what ``with_contact`` made, each empty when it is not there."""
    parts = kept.split(", ")
    return next((one for one in parts if "@" in one), ""), next((one for one in parts if one and "@" not in one), "")


def _listed(mail: str, phone: str) -> str:
    return ", ".join(part for part in (mail, phone) if part)


def _before(text: str, found: re.Match[str]) -> str:
    """What stands before *found* in its sentence."""
    return _SENTENCE_END.split(text[max(0, found.start() - NEAR_CHARS) : found.start()])[-1]


def _given(text: str, found: re.Match[str], *, number: bool = False) -> bool:
    """Whether the sentence gives what was *found* as the customer's own."""
    before = _before(text, found)
    after = _SENTENCE_END.split(text[found.end() : found.end() + NEAR_CHARS])[0]
    if _RULED_OUT.search(before) or _STRANGERS.search(before) or (number and _OTHER_NUMBER.search(before)):
        return False
    if not number and _NOT_THERE.search(text[found.end() : found.end() + NEAR_CHARS]):
        return False
    if _OWN.search(before) or _OWN.search(after):
        return True
    return not _OTHERS.search(f"{before} {after}")


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
