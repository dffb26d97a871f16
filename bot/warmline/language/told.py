"""
What a customer and an agent said to each other, as facts: identifiers, the address, and what was promised.

Read when the assistant gets a conversation back, so that nothing is asked again that was told to a person. A function
of the texts alone. Nothing of it is verified: an address that is told proves nothing.

A note is for colleagues: no word of it reaches the customer. Of a note only identifiers and the day of something that
is to come are taken, and said in words of ours.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from warmline.core.addresses import EMAIL, spelled
from warmline.core.conversation import Fact, Message
from warmline.core.fact_list import FactList, Promise, in_title
from warmline.core.identifiers import Identifier
from warmline.language.phrases import folded

MAX_CHARS = 4_000
EMAIL_ENTITY = "email"
MAX_SENTENCE = 160
"""A longer one is not repeated."""

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]+)*[.!?]?")
_CLAUSE = re.compile(r"[,;!?\n]|\.(?!\d)")
_NOT_THIS = r"\b(?:not|no longer|instead of|rather than|forget|isn'?t|wasn'?t|nicht|pas|non|no|nao|não)\s+"

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
_ABOUT: dict[Promise, re.Pattern[str]] = {
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


def told(
    messages: Sequence[Message], note: str, identifiers: Sequence[Identifier], listed: FactList | None = None
) -> tuple[Fact, ...]:
    """
    The facts in *messages* of a customer and of agents (ascending; other lines are not looked at) and in the *note* of
    the agent who hands back. The later word stands; the note's is the last.

    What is told has the name of the fact in *listed* that it fills; where the project lists its facts and none is
    filled by it, it is left out. Promises have the role ``promise``, and their values are sentences for the customer.
    One named ``promised`` has its time told from the day it was said ("tomorrow"): it is good for the moment of the
    hand-back only.
    """
    listed = listed or FactList()
    found: dict[str, str] = {}
    promises: dict[str, Fact] = {}
    asked: set[str] = set()
    for message in messages:
        text = message.text[:MAX_CHARS]
        if message.author not in ("customer", "agent"):
            continue
        by_customer = message.author == "customer"
        found |= _identifiers(text, identifiers, asked if by_customer else set())
        if by_customer:
            email = _email(text)
            found |= {EMAIL_ENTITY: email} if email else {}
            asked = set()
        else:
            asked = {one.entity for one in identifiers if one.asked_for(text)}
            promises |= {fact.name: fact for fact in _promises(text, message.name or "Our colleague", listed)}
    found |= _identifiers(note[:MAX_CHARS], identifiers, set())
    if not promises:
        promises = {fact.name: fact for fact in _noted(note[:MAX_CHARS], listed)}
    order = [*(one.entity for one in identifiers), EMAIL_ENTITY]
    facts = (_fact(entity, found[entity], listed) for entity in dict.fromkeys(order) if entity in found)
    return (*(fact for fact in facts if fact is not None), *promises.values())


def _fact(entity: str, value: str, listed: FactList) -> Fact | None:
    line = listed.told_line(entity)
    if line is not None:
        return Fact(line.name, line.title, value, role=line.role, of=line.of)
    return Fact(entity, in_title(entity), value) if listed.lines is None else None


def _identifiers(text: str, identifiers: Sequence[Identifier], asked: set[str]) -> dict[str, str]:
    """The last of each in *text* that the words before it do not rule out."""
    found: dict[str, str] = {}
    taken: list[tuple[int, int]] = []
    for identifier in identifiers:
        ruled_out = _ruled_out(identifier.words)
        for one in identifier.find(text, asked=identifier.entity in asked):
            if any(one.start < end and start < one.end for start, end in taken):
                continue
            taken.append((one.start, one.end))
            if not ruled_out.search(text[: one.start]):
                found[identifier.entity] = one.value
    return found


@functools.lru_cache(maxsize=64)
def _ruled_out(words: tuple[str, ...] = ()) -> re.Pattern[str]:
    named = "|".join(re.escape(word) for word in (*words, "number"))
    return re.compile(rf"{_NOT_THIS}(?:(?:{named})\s+)?#?\s*$", re.IGNORECASE)


def _email(text: str) -> str | None:
    meant = [m.group() for m in EMAIL.finditer(text) if not _ruled_out().search(text[: m.start()])]
    return spelled(meant[-1]) if meant else None


def _promises(text: str, agent: str, listed: FactList) -> list[Fact]:
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
        said = f"{agent} told you: “{sentence}”"
        if lasting and not _SOON.search(plain):
            facts.append(_promise(about, said, listed))
        else:
            facts.append(Fact("promised", "Promised", said, role="promise"))
    return facts


def _promise(about: Promise, said: str, listed: FactList) -> Fact:
    line = listed.promise_line(about)
    if line is not None:
        return Fact(line.name, line.title, said, role="promise", of=line.of)
    return Fact(f"promised_{about}", "Promised", said, role="promise")


def _noted(note: str, listed: FactList) -> list[Fact]:
    """The day of something to come, in our words: the note itself is for colleagues."""
    facts: list[Fact] = []
    for clause in _CLAUSE.split(note):
        plain = folded(clause)
        about = next((name for name, words in _ABOUT.items() if words.search(plain)), None)
        when = _when(plain)
        if about is not None and when is not None and not _NOT_SO.search(plain):
            facts.append(_promise(about, f"Noted for the {about}: {when}.", listed))
    return facts


def _when(plain: str) -> str | None:
    """The weekday, in English, or the date that the folded text *plain* names; None when it names no day."""
    date = _DATE.search(plain)
    if date is not None:
        return date.group().replace(" . ", ".").replace(" / ", "/").title()
    return next((_DAY_OF[word] for word in plain.split() if word in _DAY_OF), None)
