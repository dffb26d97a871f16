"""
What a customer and an agent said to each other, as facts: the order, the address, and what was promised.

Read when the assistant gets a conversation back, so that nothing is asked again that was told to a person. A function
of the texts alone. Nothing of it is verified: an address that is told proves nothing.

A note is for colleagues: no word of it reaches the customer. Of a note only an order number and the day of something
that is to come are taken, and said in words of ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from warmline.core.addresses import EMAIL, spelled
from warmline.core.conversation import Fact, Message
from warmline.core.order_number import OrderNumbers
from warmline.language.phrases import folded

MAX_CHARS = 4_000
MAX_SENTENCE = 160
"""A longer one is not repeated."""

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]+)*[.!?]?")
_CLAUSE = re.compile(r"[,;!?\n]|\.(?!\d)")
_RULED_OUT = re.compile(
    r"\b(not|no longer|instead of|rather than|forget|isn'?t|wasn'?t|nicht|pas|non|no|nao|não)\s+"
    r"(order\s+|number\s+)?#?\s*$",
    re.IGNORECASE,
)
_ASKS_NUMBER = re.compile(
    r"\b(order|number|bestell\w*|auftrag\w*|nummer|commande|numero|numéro|número|pedido|encomenda|ordine)\b.*\?",
    re.IGNORECASE | re.DOTALL,
)

_DAYS = {
    "Monday": "monday mon montag lundi lunes segunda lunedi",
    "Tuesday": "tuesday tue tues dienstag mardi martes terca martedi",
    "Wednesday": "wednesday wed mittwoch mercredi miercoles quarta mercoledi",
    "Thursday": "thursday thu thurs donnerstag jeudi jueves quinta giovedi",
    "Friday": "friday fri freitag vendredi viernes sexta venerdi",
    "Saturday": "saturday sat samstag sonnabend samedi sabado sabato",
    "Sunday": "sunday sonntag dimanche domingo domenica",
}
_DAY_OF = {word: day for day, words in _DAYS.items() for word in words.split()}
_MONTHS = (
    "january|jan|februar|february|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug|september|sept|sep|october|"
    "oct|november|nov|december|dec|januar|marz|mai|juni|juli|oktober|dezember|janvier|fevrier|mars|avril|juin|juillet|"
    "aout|septembre|octobre|novembre|decembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|"
    "noviembre|diciembre|janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro|novembro|dezembro|gennaio|febbraio|"
    "aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
)
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)? ?\.? ?(?:of |de |d )?(?:{_MONTHS})\b|(?:{_MONTHS}) \d{{1,2}}\b(?:st|nd|rd|th)?"
    r"|\d{1,2} ?[./] ?\d{1,2}(?: ?[./] ?\d{2,4})?\b(?! ?(?:eur|usd|gbp|€|%))|\d{4} \d{2} \d{2}\b)"
)
_SOON = re.compile(
    r"\b(tomorrow|today|tonight|this week|next week|within|heute|morgen|ubermorgen|nachste woche|innerhalb|demain|"
    r"aujourd|semaine prochaine|manana|hoy|proxima semana|amanha|hoje|domani|oggi|prossima settimana|in \d+ \w+|"
    r"in (?:one|two|three|a few) \w+|dans \d+|en \d+|em \d+|tra \d+)\b"
)
_ABOUT = {
    "delivery": re.compile(
        r"\b(arriv(?:e|es|ing)|deliver(?:s|y|ing)?|be delivered|be with you|be there|expected|comes|will come|"
        r"lieferung|geliefert|liefern|liefert|kommt|ankommen|zugestellt|livraison|livree?|livrer\w*|arrivera|arrive|"
        r"entrega|entregara\w*|entregado|llegara|llega|chega|chegara|entregue|consegna|consegnat[oa]|arrivera|arriva)\b"
    ),
    "refund": re.compile(
        r"\b(refund|money back|credited|erstattung|ruckerstattung|erstattet|remboursement|rembourse\w*|reembolso|"
        r"reembolsa\w*|rimborso|rimborsat[oa])\b"
    ),
    "answer": re.compile(
        r"\b(call you|ring you|write to you|e ?mail you|get back to you|call(?:ing)? back|hear from|rufe|rufen|"
        r"melde|melden|schreibe|rappelle\w*|recontacte\w*|llamar\w*|escribir\w*|ligar\w*|ligo|chiamer\w*|scriver\w*)\b"
    ),
}
_NOT_SO = re.compile(
    r"\b(not|no|never|cannot|can t|won t|don t|didn t|wasn t|nicht|kein\w*|nie|pas|jamais|nunca|nao|non|mai|if|wenn|"
    r"si|se|was|were|should have|had|war|hatte|arrived|came)\b"
)


def told(messages: Sequence[Message], note: str, orders: OrderNumbers | None) -> tuple[Fact, ...]:
    """
    The facts in *messages* of a customer and of agents (ascending; other lines are not looked at) and in the *note* of
    the agent who hands back. The later word stands; the note's is the last.

    Without *orders* no order number is known. The values of ``promised_delivery``, ``promised_refund``,
    ``promised_answer`` are sentences for the customer. ``promised`` is one whose time is told from the day it was said
    ("tomorrow"): good for the moment of the hand-back only.
    """
    number = email = None
    promises: dict[str, Fact] = {}
    asked = False
    for message in messages:
        text = message.text[:MAX_CHARS]
        if message.author not in ("customer", "agent"):
            continue
        number = _number(text, orders, asked=asked and message.author == "customer") or number
        if message.author == "customer":
            email = _email(text) or email
            asked = False
        else:
            asked = _ASKS_NUMBER.search(text) is not None
            promises |= {fact.name: fact for fact in _promises(text, message.name or "Our colleague")}
    number = _number(note[:MAX_CHARS], orders, asked=False) or number
    if not promises:
        promises = {fact.name: fact for fact in _noted(note[:MAX_CHARS])}
    facts = [Fact("order_number", "Order", number)] if number else []
    facts += [Fact("email", "E-mail", email)] if email else []
    return (*facts, *promises.values())


def _number(text: str, orders: OrderNumbers | None, *, asked: bool) -> str | None:
    if orders is None:
        return None
    found = orders.find(text, asked=asked)
    meant = [one.value for one in found if not _RULED_OUT.search(text[: one.start])]
    return meant[-1] if meant else None


def _email(text: str) -> str | None:
    meant = [m.group() for m in EMAIL.finditer(text) if not _RULED_OUT.search(text[: m.start()])]
    return spelled(meant[-1]) if meant else None


def _promises(text: str, agent: str) -> list[Fact]:
    """The agent's own sentences, as they stand, that name something to come and its time."""
    facts: list[Fact] = []
    for sentence in (found.group().strip() for found in _SENTENCE.finditer(text)):
        plain = folded(sentence)
        about = next((name for name, words in _ABOUT.items() if words.search(plain)), None)
        lasting = _when(plain) is not None
        if about is None or sentence.endswith("?") or len(sentence) > MAX_SENTENCE:
            continue
        if not lasting and not _SOON.search(plain):
            continue
        name = f"promised_{about}" if lasting and not _SOON.search(plain) else "promised"
        facts.append(Fact(name, "Promised", f"{agent} told you: “{sentence}”"))
    return facts


def _noted(note: str) -> list[Fact]:
    """The day of something to come, in our words: the note itself is for colleagues."""
    facts: list[Fact] = []
    for clause in _CLAUSE.split(note):
        plain = folded(clause)
        about = next((name for name, words in _ABOUT.items() if words.search(plain)), None)
        when = _when(plain)
        if about is not None and when is not None and not _NOT_SO.search(plain):
            facts.append(Fact(f"promised_{about}", "Promised", f"Noted for the {about}: {when}."))
    return facts


def _when(plain: str) -> str | None:
    """The weekday, in English, or the date that the folded text *plain* names; None when it names no day."""
    date = _DATE.search(plain)
    if date is not None:
        return date.group().replace(" . ", ".").replace(" / ", "/").title()
    return next((_DAY_OF[word] for word in plain.split() if word in _DAY_OF), None)
