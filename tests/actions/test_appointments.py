"""Appointments: times as people say them, only those that are free, and only one's own are moved or cancelled."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.appointment import Book, OfferTimesToBook, ValidateAppointmentForm, kind_of
from actions.appointment_change import (
    AskWhichToMove,
    CancelAppointment,
    Move,
    ValidateMoveForm,
    ValidateUnbookForm,
    which_of,
)
from actions.backend import Appointment, Unconfirmed
from actions.backend.demo import DemoShop
from actions.times import free_time, full, short, wanted_time

from .conftest import NOW, Talk, custom, tracker, turn

MARA, HUGO = "mara@example.com", "hugo.lindqvist@example.com"
MONDAY = date(2026, 11, 23)
OFFERED = ["2026-11-24T10:00", "2026-11-25T11:30", "2026-11-26T14:00"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("the first one", ("2026-11-24", "10:00")),
        ("the last", ("2026-11-26", "14:00")),
        ("tomorrow at 2pm", ("2026-11-24", "14:00")),
        ("day after tomorrow", ("2026-11-25", None)),
        ("friday 16:00", ("2026-11-27", "16:00")),
        ("monday", ("2026-11-30", None)),
        ("on 3rd of December at 10", ("2026-12-03", "10:00")),
        ("2 January", ("2027-01-02", None)),
        ("30 february", (None, "18:00")),
        ("at 11:30", (None, "11:30")),
        ("2026-11-25T11:30", ("2026-11-25", "11:30")),
        ("whenever", (None, None)),
    ],
)
def test_days_and_times_are_read_as_people_say_them(text: str, wanted: tuple[str | None, str | None]) -> None:
    """A weekday is the next one, never today; a date that has passed is next year's."""
    if text == "30 february":  # no such day; what is left of it is no time either that could be free
        assert wanted_time(text, MONDAY, OFFERED)[0] is None
    else:
        assert wanted_time(text, MONDAY, OFFERED) == wanted


@pytest.mark.parametrize(
    ("text", "kind"),
    [("showroom", "showroom"), ("a video call", "video"), ("next week", None), ("visit or call", None)],
)
def test_the_kind_is_read_when_there_is_no_doubt(text: str, kind: str | None) -> None:
    """Both, or neither, is asked again."""
    assert kind_of(text, tracker()) == kind


def test_a_time_is_told_in_words() -> None:
    """Long in a sentence, short on a button."""
    assert (full(OFFERED[0]), short(OFFERED[0])) == ("Tuesday 24 November, 10:00", "Tue 24 Nov, 10:00")


async def test_only_free_times_are_offered_and_booked(shop: DemoShop) -> None:
    """One that has gone in between is said to be gone, and others are offered."""
    offered, texts, dispatcher = await turn(OfferTimesToBook(), slots={})
    assert texts == ["utter_times"]
    assert len(dispatcher.messages[0]["buttons"]) == 4
    free = await shop.free_times(limit=99, now=NOW)
    assert set(offered["offered"]) <= set(free)
    talk = Talk(ValidateAppointmentForm())
    await talk.say("book", "appointment_book")
    await talk.say("showroom", asked="appointment_kind")
    talk.slots |= offered
    found, _ = await talk.say("the second one", asked="appointment_time")
    assert found["appointment_time"] == offered["offered"][1]
    found, _ = await talk.say(MARA, asked="email", told={"email": MARA})
    assert found["about"].startswith("a visit to our showroom on ")
    await talk.say("yes", "affirm", "confirm")
    await shop.book_appointment(offered["offered"][1], "video", HUGO, key="other:1", now=NOW)
    slots, texts, _ = await turn(Book(), slots=talk.slots)
    assert texts == ["utter_time_gone"]
    assert (slots["appointment_time"], slots["offered"], slots["confirm"]) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "response"),
    [("on sunday", "utter_time_not_free"), ("blorp", "utter_time_wrong"), ("none of these", None)],
)
async def test_what_is_no_free_time_leads_to_others(shop: DemoShop, text: str, response: str | None) -> None:
    """And is not taken."""
    talk = Talk(ValidateAppointmentForm())
    await talk.say("book", "appointment_book")
    await talk.say("video", asked="appointment_kind")
    first = await shop.free_times(limit=3, now=NOW)
    talk.slots["offered"] = list(first)
    found, texts = await talk.say(text, "nlu_fallback", asked="appointment_time")
    assert found["appointment_time"] is None
    assert texts == ([response] if response else [])
    if text == "none of these":
        assert min(found["offered"]) > max(first)


async def test_an_appointment_is_moved_after_proof_choice_and_yes(shop: DemoShop) -> None:
    """The only one is not asked for; the old time is free again."""
    [mine] = await shop.appointments(MARA, now=NOW)
    talk = Talk(ValidateMoveForm())
    await talk.say("move my appointment", "appointment_move")
    found, texts = await talk.say(MARA, asked="email", told={"email": MARA})
    assert texts == ["utter_proof_sent"]
    assert not found.get("own_appointments")
    found, _ = await talk.say("111111", asked="proof_code", told={"proof_code": "111111"})
    assert found["appointment"] == mine.reference
    talk.slots["offered"] = list(await shop.free_times(limit=3, now=NOW))
    found, _ = await talk.say("the last one", asked="appointment_time")
    assert full(mine.starts) in found["about"]
    assert full(talk.slots["offered"][2]) in found["about"]
    found, _ = await talk.say("no, the day after tomorrow at 16:00", "deny", "confirm")
    assert found.get("warmline_form_end") is None
    assert found["appointment_time"].endswith("T16:00")
    await talk.say("yes", "affirm", "confirm")
    slots, texts, _ = await turn(Move(), slots=talk.slots)
    assert texts == ["utter_moved"]
    assert slots["deeds"][0].startswith("moved the showroom appointment to")
    [moved] = await shop.appointments(MARA, now=NOW)
    assert moved.starts.endswith("T16:00")
    assert mine.starts in await shop.free_times(limit=99, now=NOW)


async def test_of_several_it_is_asked_which(shop: DemoShop) -> None:
    """By its kind, its day or its place; what fits both is asked again."""
    proved = {"warmline_identity": {"email": HUGO, "by": "signed"}, "email": HUGO}
    talk = Talk(ValidateUnbookForm(), **proved)
    found, _ = await talk.say("cancel my appointment", "appointment_cancel")
    assert found["appointment"] is None
    video, showroom = found["own_appointments"]
    _, texts, dispatcher = await turn(AskWhichToMove(), slots=talk.slots)
    assert texts == ["utter_which_appointment"]
    assert [one["title"] for one in dispatcher.messages[0]["buttons"]][:2] == [
        short(video["starts"]),
        short(showroom["starts"]),
    ]
    _, texts = await talk.say("my appointment", "appointment_cancel", "appointment")
    assert texts == ["utter_which_wrong"]
    for text, one in (("the video call", video), ("the second", showroom), (showroom["reference"], showroom)):
        assert which_of(text, tracker(text, slots=talk.slots)) == one["reference"]
    day = datetime.fromisoformat(showroom["starts"])
    assert which_of(f"{day.day} {day:%B}", tracker(slots=talk.slots)) == showroom["reference"]
    found, _ = await talk.say("the showroom visit", asked="appointment")
    assert found["about"].startswith("your visit to our showroom on")
    await talk.say("yes", "affirm", "confirm")
    _, texts, _ = await turn(CancelAppointment(), slots=talk.slots)
    assert texts == ["utter_unbooked"]
    assert [one.reference for one in await shop.appointments(HUGO, now=NOW)] == [video["reference"]]


async def test_without_an_appointment_that_is_said(shop: DemoShop) -> None:
    """And who else has one is not."""
    tom = "tom.baker@example.com"
    talk = Talk(ValidateMoveForm(), warmline_identity={"email": tom, "by": "code"}, email=tom)
    found, _ = await talk.say("move it", "appointment_move")
    assert found["warmline_form_end"] == "no:none"
    _, texts, _ = await turn(Move(), slots=talk.slots)
    assert texts == ["utter_appointment_none"]


async def test_on_the_day_itself_a_person_is_offered(shop: DemoShop, clock: Any) -> None:
    """Before any time is asked for."""
    [mine] = await shop.appointments(MARA, now=NOW)
    clock.now = datetime.fromisoformat(mine.starts + "+00:00").timestamp()
    talk = Talk(ValidateMoveForm(), warmline_identity={"email": MARA, "by": "code"}, email=MARA)
    found, _ = await talk.say("move it", "appointment_move")
    assert found["warmline_form_end"] == "no:too_late"
    _, texts, _ = await turn(Move(), slots=talk.slots)
    assert texts == ["utter_appointment_too_late"]


async def test_a_move_that_is_not_confirmed_is_not_said_to_be_done(
    shop: DemoShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The customer hears that it is unknown, and a person is offered."""

    async def hangs(*args: Any, **kwargs: Any) -> Appointment:
        raise Unconfirmed("no answer")

    monkeypatch.setattr(shop, "move_appointment", hangs)
    slots = {"appointment": "T1", "appointment_time": OFFERED[0], "email": MARA}
    found, texts, dispatcher = await turn(Move(), slots=slots)
    assert texts == ["utter_unconfirmed"]
    assert custom(dispatcher, "report")[0]["outcome"] == "failed"
    assert found["warmline_offer"] == "person"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("thursday in the week after next", ("2026-12-10", None)),
        ("thursday next week", ("2026-12-03", None)),
        ("tuesday in two weeks", ("2026-12-08", None)),
        ("no, 26 november is THIS week. i mean 3 december", ("2026-12-03", None)),
        ("not the 26th but the 27th", ("2026-11-27", None)),
        ("26 november is wrong, 3 december", ("2026-12-03", None)),
        ("10:00 on thursday is too early, thursday 14:00", ("2026-11-26", "14:00")),
        ("monday does not work, tuesday please", ("2026-11-24", None)),
        ("on thursday 3 december at 10:00", ("2026-12-03", "10:00")),
        ("something like the 14th?", ("2026-12-14", None)),
        ("thursday the 26th", ("2026-11-26", None)),
        ("i can't on thursday", (None, None)),
    ],
)
def test_the_corrected_day_counts(text: str, wanted: tuple[str | None, str | None]) -> None:
    """What is taken back is no day, a date says which Thursday, and weeks are counted from this one."""
    assert wanted_time(text, MONDAY, OFFERED) == wanted


def test_a_weekday_is_meant_in_the_week_that_is_spoken_of() -> None:
    """When all times that were offered are in one; else it is the next one."""
    later = ["2026-12-14T10:00", "2026-12-15T11:30"]
    assert wanted_time("no, thursday", MONDAY, later) == ("2026-12-17", None)
    assert wanted_time("no, thursday", MONDAY, [*OFFERED, *later]) == ("2026-11-26", None)


async def test_when_nothing_is_free_the_day_is_named_and_the_nearest_are_offered(shop: DemoShop) -> None:
    """Far beyond the calendar, and at a weekend."""
    dispatcher = CollectingDispatcher()
    far = (datetime.fromtimestamp(NOW, timezone.utc) + timedelta(days=90)).date()
    found = await free_time(f"{far.day} {far:%B}", dispatcher, tracker(slots={"offered": OFFERED}))
    free = await shop.free_times(limit=99, now=NOW)
    assert found["offered"] == list(free[-3:])
    assert dispatcher.messages[0]["response"] == "utter_time_not_free"
    assert dispatcher.messages[0]["when"] == f"on {far:%A} {far.day} {far:%B}"


async def test_a_time_for_a_parcel_is_no_appointment(shop: DemoShop) -> None:
    """Nothing is asked; an appointment that is named is one, whatever was delivered."""
    parcel = [{"role": "customer", "text": "can the parcel come after 3pm?", "seq": 1}]
    for text, end in (("can i pick a time", "no:parcel"), ("can I move my appointment", None)):
        talk = Talk(ValidateMoveForm())
        said = [*parcel, {"role": "customer", "text": text, "seq": 3}]
        found, _ = await talk.say(text, "appointment_move", turns=said)
        assert found.get("warmline_form_end") == end
    _, texts, _ = await turn(Move(), slots={"warmline_form_end": "no:parcel"})
    assert texts == ["utter_delivery_no_time"]
