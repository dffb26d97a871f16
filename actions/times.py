"""Times of the shop's calendar: what a customer says of them, which are free, and how they are offered."""

from __future__ import annotations

import itertools
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import phrasing
from actions.services import shop
from warmline.actions.forms import wrong
from warmline.actions.services import services
from warmline.actions.turns import TALK_TO_PERSON, failed, report, words_of
from warmline.core.errors import BackendError

OFFERED = 3
SPREAD = 5
"""Of the next free times every so-many-th is offered, so that they lie on several days."""
FURTHER = 60
MAX_TIME_CHARS = 80
"""A longer text is about more than a time."""
MAX_OPENING_CHARS = 200
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDINALS = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1}
_PLACE = re.compile(
    r"^(?:(?:yes|ok|okay|then|i'?d like|i would like|i'?ll take|let'?s take|let'?s do|take|give me|we take|please|um)"
    r"\b[, ]*)*"
    r"(?:the )?(?P<place>first|1st|second|2nd|third|3rd|last)"
    r"(?: (?:one|time|slot|option|appointment|date|of them|of those|is fine|is good|is ok|works|suits me|sounds good|"
    r"would be (?:fine|good|great|perfect|best)|for me|please|then|thanks|thank you))*[.!, ]*$"
)
"""A text that is nothing but the choice of one that was offered, by its place."""
_OTHER = re.compile(
    r"\b(other|others|else|later|none|neither|different|more|another|not|any day but|don'?t suit|can'?t)\b",
    re.IGNORECASE,
)
_RULED_OUT = re.compile(
    r"\b(?:not|(?:ca|wo|do|does)n'?t|no|never|except|but|any day but|rather than|instead of)\b"
    r"(?: (?:on|at|the|a|for|do|make|possible))*\s*$"
)
"""What comes after these words is a time that does not suit."""
_LENGTH = re.compile(
    r"\b(?:\d+|a|an|one|two|five|ten|fifteen|twenty|thirty)\s*(?:minutes?|mins?|hours?|hrs?|seconds?|secs?|days?|weeks?)\b"
)
"""How long something takes: no time of day."""
MAX_BARE_WORDS = 4
"""A bare number is a time of day only in a text as short as this."""
_WEEKS = (
    (re.compile(r"\bweek after next\b|\bin (?:two|2) weeks\b|\b(?:two|2) weeks from now\b|\bfortnight\b"), 2),
    (re.compile(r"\bin (?:three|3) weeks\b"), 3),
    (re.compile(r"\bnext week\b|\bthe week after\b|\bin (?:a|one) week\b"), 1),
    (re.compile(r"\bthis week\b"), 0),
)
"""How many weeks after this one is meant."""
_NTH = re.compile(r"(?P<on>\bon )?(?:\bthe )?\b(?P<day>\d{1,2})(?:st|nd|rd|th)\b")
"""A day of a month that is not named."""
_MEANT = re.compile(
    r".*\b(?:i mean|i meant|i'?m talking about|make (?:it|that)|let'?s say|rather|not?\b[^.;!?]*\bbut)\b", re.DOTALL
)
"""What comes after these words is what counts."""
_CLOCK = re.compile(r"\b(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?\b", re.IGNORECASE)
_SURELY_A_CLOCK = re.compile(r"\d[:.h]\d\d|\d\s*(am|pm|o'?clock)\b|\bat \d", re.IGNORECASE)
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may(?! (?:work|be|suit|do|not))|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_NUMERIC = re.compile(r"\b(\d{1,2})[/.](\d{1,2})(?:[/.]\d{2,4})?\b(?!\s*(?:am|pm|o'?clock))")
_DATES = (
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:of\s+)?{_MONTH}\b"),
    re.compile(rf"\b{_MONTH}\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)"),
)
_NAMED = (
    rf"(?:{'|'.join(rf'{name}|{name[:3]}' for name in WEEKDAYS)}|"
    rf"{_MONTH.replace('?P<month>', '?:')}\s+\d{{1,2}}(?:st|nd|rd|th)?|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s*(?:of\s+)?{_MONTH.replace('?P<month>', '?:')}|\d{{1,2}}(?:st|nd|rd|th)|"
    r"\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|o'?clock)?)"
)
_REFUSED_AFTER = re.compile(
    rf"(?<![:.\d])\b(?:\d{{1,2}}(?:[:.]\d\d)?\s*(?:am|pm|o'?clock)?\s+(?:on\s+)?)?{_NAMED}\s*"
    r"(?:(?:is|was|are|'s)\s+(?:wrong|no good|not|too|this|already|impossible|bad|taken)\b|"
    r"(?:does|do|is|are|was|will|wo|ca)(?:n'?t| not)\b|can(?:not|'?t| not)\b|won'?t\b)[^.,;!?]*"
)
"""A day or time that the words after it rule out: "Thursday is too early", "3 December is this week"."""


def wanted_time(text: str, today: date, offered: list[str]) -> tuple[str | None, str | None]:
    """
    The day (ISO) and the time of day (``10:00``) that *text* names, either may be None. One of *offered* may be named
    by its place, or by as much of it as fits no other.
    """
    lower = " ".join(text.lower().split())
    exact = re.search(r"\d{4}-\d{2}-\d{2}t\d{2}:\d{2}", lower)
    if exact:
        return exact[0][:10], exact[0][11:]
    place = _PLACE.match(lower)
    if place and offered and -1 <= _ORDINALS[place["place"]] < len(offered):
        chosen = offered[_ORDINALS[place["place"]]]
        return chosen[:10], chosen[11:]
    if lower.endswith("?") and place_in_question(lower):
        return None, None
    lower = what_counts(lower)
    week = week_of(lower)
    day, rest = _day(_LENGTH.sub(" ", lower), today, the_week_of(offered, today) if week is None else week)
    bare = len(rest.split()) <= MAX_BARE_WORDS
    for found in _CLOCK.finditer(rest):
        if _RULED_OUT.search(rest[: found.start()]):
            continue
        if not (found[2] or found[3] or bare or _SURELY_A_CLOCK.search(rest)):
            continue
        hour, minute, half = int(found[1]), found[2] or "00", (found[3] or "").lower()
        if (half == "pm" and hour < 12) or (not half and 1 <= hour <= 6):
            hour += 12
        elif half == "am" and hour == 12:
            hour = 0
        if hour < 24 and int(minute) < 60:
            return day, f"{hour:02d}:{minute}"
    return day, None


def place_in_question(lower: str) -> bool:
    """Whether one of the offered times is asked about by its place ("what was the second one again?")."""
    return re.search(r"\b(first|1st|second|2nd|third|3rd|last)\b", lower) is not None


def what_counts(lower: str) -> str:
    """*lower* without days and times that it takes back: "no, the 3rd is this week. I mean 17 December"."""
    meant = _MEANT.match(lower)
    after = lower[meant.end() :] if meant else ""
    if re.search(rf"\d|{'|'.join(WEEKDAYS)}|morrow", after):
        lower = after
    return _REFUSED_AFTER.sub(" ", lower)


def week_of(text: str) -> int | None:
    """How many weeks after this one *text* speaks of; None when it speaks of none."""
    return next((weeks for pattern, weeks in _WEEKS if pattern.search(text.lower())), None)


def the_week_of(times: Sequence[str], today: date) -> int | None:
    """How many weeks after this one all *times* are: a weekday is meant in that week. None when they are in several."""
    weeks = {
        ((when := date.fromisoformat(time[:10])) - today).days - when.weekday() + today.weekday() for time in times
    }
    return weeks.pop() // 7 if len(weeks) == 1 else None


def _day(lower: str, today: date, week: int | None) -> tuple[str | None, str]:
    """The day that *lower* names, in so many weeks if it says so, and the rest of the text."""
    soon = re.search(r"\b(day after )?tomorrow\b", lower)
    if soon and not _RULED_OUT.search(lower[: soon.start()]):
        return (today + timedelta(days=2 if soon[1] else 1)).isoformat(), lower.replace(soon[0], " ")
    for n, name in enumerate(WEEKDAYS):
        found = re.search(rf"\b({name}|{name[:3]}|{name[:4]})s?\b", lower)
        if found and _RULED_OUT.search(lower[: found.start()]):
            lower = lower[: found.start()] + " " + lower[found.end() :]
        elif found:
            dated, _ = _dated(lower[: found.start()] + " " + lower[found.end() :], today)
            if dated:  # "Thursday 17 December": the date says which Thursday
                lower = lower[: found.start()] + " " + lower[found.end() :]
                break
            ahead = n - today.weekday() + 7 * week if week is not None else 0
            if ahead <= 0:
                ahead = (n - today.weekday() - 1) % 7 + 1
            rest = lower[: found.start()] + " " + lower[found.end() :]
            for written in _DATES:
                rest = written.sub(" ", rest)
            return (today + timedelta(days=ahead)).isoformat(), rest
    return _dated(lower, today)


def _dated(lower: str, today: date) -> tuple[str | None, str]:
    """The day of a month that *lower* names, and the rest of the text."""
    numeric = _NUMERIC.search(lower)
    if numeric and "/" in numeric[0]:  # 30/11 is a day first, as in Europe; 10.30 is a time
        number, month = int(numeric[1]), int(numeric[2])
        try:
            day = date(today.year + (month < today.month), month, number)
        except ValueError:
            return None, lower
        return day.isoformat(), lower[: numeric.start()] + " " + lower[numeric.end() :]
    for written in _DATES:
        for found in written.finditer(lower):
            month = MONTHS.index(found["month"][:3]) + 1
            try:
                day = date(today.year + (month < today.month), month, int(found["day"]))
            except ValueError:
                continue
            if not _RULED_OUT.search(lower[: found.start()]):
                return day.isoformat(), lower[: found.start()] + " " + lower[found.end() :]
    for found in _NTH.finditer(lower):
        number = int(found["day"])
        if (number > len(_ORDINALS) // 2 or found["on"]) and not _RULED_OUT.search(lower[: found.start()]):
            coming = next((day for n in range(1, 63) if (day := today + timedelta(days=n)).day == number), None)
            if coming:
                return coming.isoformat(), lower[: found.start()] + " " + lower[found.end() :]
    return None, lower


def time_of(text: str, tracker: Tracker) -> str | None:
    """*text* itself, when it names a day or a time, or asks for other ones."""
    entity = next(
        (e["value"] for e in (tracker.latest_message or {}).get("entities") or [] if e["entity"] == "time"), None
    )
    if entity:
        return str(entity)
    if len(text) > MAX_TIME_CHARS:
        return None
    named = wanted_time(text, phrasing.day_of(services().now()), tracker.slots.get("offered") or [])
    return text if any(named) or _OTHER.search(text) or week_of(text) is not None else None


async def free_time(value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
    """
    The slots to set for what was said to the question for a time: a free one is taken; another day, or other times, are
    looked up and offered.

    Raises:
        BackendError: the shop does not answer.
    """
    now, offered = services().now(), list(tracker.slots.get("offered") or [])
    day, clock = wanted_time(str(value), phrasing.day_of(now), offered)
    week = week_of(str(value))
    if day is None and clock is None and week is not None:
        today = phrasing.day_of(now)
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=week)
        free = await shop().backend.free_times(limit=FURTHER, now=now)
        times = [time for time in free if monday.isoformat() <= time < (monday + timedelta(weeks=1)).isoformat()]
        if times:
            return {"appointment_time": None, "offered": times[::SPREAD][:OFFERED], "warmline_tries": None}
        dispatcher.utter_message(
            response="utter_time_not_free", when=f"in the week of {phrasing.date_words(str(monday))}"
        )
        return {"appointment_time": None, "offered": nearest(free, monday.isoformat()) or None}
    if day is None and clock is None:
        if not _OTHER.search(str(value)):
            return wrong(dispatcher, tracker, "appointment_time", "utter_time_wrong", "utter_time_wrong")
        free = await shop().backend.free_times(limit=FURTHER, now=now)
        later = [time for time in free if time > max(offered, default="")]
        return {"appointment_time": None, "offered": later[::SPREAD][:OFFERED] or None}
    if day is None:
        fits = [time for time in offered if time.endswith(f"T{clock}")]
        day = fits[0][:10] if fits else offered[0][:10] if len({time[:10] for time in offered}) == 1 else None
    free = await shop().backend.free_times(day=day, limit=FURTHER, now=now)
    chosen = [time for time in free if clock is None or time.endswith(f"T{clock}")]
    if day and clock and chosen:
        if str(value) != chosen[0]:  # not a pressed button: say how the words were read
            dispatcher.utter_message(response="utter_time_chosen", time=full(chosen[0]))
        return {"appointment_time": chosen[0], "warmline_tries": None}
    if chosen:
        return {"appointment_time": None, "offered": chosen[:OFFERED], "warmline_tries": None}
    dispatcher.utter_message(response="utter_time_not_free", when=spoken_when(day, clock))
    if not free and day:
        free = await shop().backend.free_times(limit=FURTHER, now=now)
    return {"appointment_time": None, "offered": nearest(free, f"{day}T{clock}" if day and clock else day) or None}


def spoken_when(day: str | None, clock: str | None) -> str:
    """A day (ISO), a time of day, or both, in words with their preposition."""
    at = f" at {clock}" if clock else ""
    return "on " + full(f"{day}T00:00").partition(",")[0] + at if day else at.strip()


def nearest(free: Sequence[str], wanted: str | None) -> list[str]:
    """Of the *free* times those next to the *wanted* one (or day), in their order; the first ones when None."""
    if wanted is None:
        return list(free[:OFFERED])
    aim = datetime.fromisoformat(wanted)
    return sorted(sorted(free, key=lambda time: abs(datetime.fromisoformat(time) - aim))[:OFFERED])


def corrected_time(tracker: Tracker) -> str | None:
    """The customer's text, when it names a day or a time though another question was asked."""
    text = words_of(tracker)
    if len(text) > MAX_TIME_CHARS:
        return None
    day, clock = wanted_time(text, phrasing.day_of(services().now()), [])
    return text if day or (clock and ":" in text) or week_of(text) is not None else None


async def time_at_the_start(text: str) -> dict[str, Any]:
    """
    The slots to set for a day or a time named in the sentence that begins a request: a free time is taken, a free day
    is offered. Nothing is set, and nothing said, when there is no such time or the shop does not answer.
    """
    now, lower = services().now(), text.lower()
    day, clock = wanted_time(lower, phrasing.day_of(now), [])
    clock = clock if _SURELY_A_CLOCK.search(lower) else None
    if len(text) > MAX_OPENING_CHARS or not (day or clock):
        return {}
    try:
        free = await shop().backend.free_times(day=day, limit=FURTHER, now=now)
    except BackendError:
        return {}
    fits = [time for time in free if clock is None or time.endswith(f"T{clock}")]
    if day and clock and fits:
        return {"appointment_time": fits[0]}
    return {"offered": fits[:OFFERED]} if fits else {}


class OfferTimes(Action, ABC):
    """Asks for the time, with free ones to choose from."""

    @abstractmethod
    def name(self) -> str:
        """``action_ask_``, the form and the slot. Abstract, so that rasa-sdk does not register this class."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        offered = list(tracker.get_slot("offered") or [])
        try:
            if not offered:
                free = await shop().backend.free_times(limit=FURTHER, now=services().now())
                offered = list(free[::SPREAD][:OFFERED])
        except BackendError:
            return failed(dispatcher, tracker, "failed", "the shop's calendar did not answer", "utter_our_fault")
        if not offered:
            return failed(dispatcher, tracker, "failed", "no appointment is free", "utter_nothing_free")
        buttons = [{"title": short(time), "payload": '/inform{"time": "' + time + '"}'} for time in offered]
        dispatcher.utter_message(response="utter_times", times=listed(offered), buttons=[*buttons, TALK_TO_PERSON])
        report(dispatcher, "asked", "offered free times")
        return [SlotSet("offered", offered)]


def listed(times: list[str]) -> str:
    """*times* in a sentence, each day said once: "Tuesday 24 November at 10:00 or 11:30; Friday 27 November, 14:00"."""
    said = []
    for day, group in itertools.groupby(times, key=lambda time: time[:10]):
        same = list(group)
        clocks = [time[11:] for time in same]
        day_words = full(day + "T00:00").partition(",")[0]
        several = f"{day_words} at {', '.join(clocks[:-1])} or {clocks[-1]}"
        said.append(several if len(same) > 1 else full(same[0]))
    return "; ".join(said)


def full(starts: str) -> str:
    """``2026-11-24T10:00`` as "Tuesday 24 November, 10:00"."""
    when = datetime.fromisoformat(starts)
    return f"{when:%A} {when.day} {when:%B}, {when:%H:%M}"


def short(starts: str) -> str:
    """``2026-11-24T10:00`` as "Tue 24 Nov, 10:00"."""
    when = datetime.fromisoformat(starts)
    return f"{when:%a} {when.day} {when:%b}, {when:%H:%M}"
