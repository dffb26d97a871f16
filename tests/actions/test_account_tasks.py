"""Address, Fern Box, data: who writes is proved by a mailed code, sent and tried by one set of rules."""

from __future__ import annotations

from typing import Any

import pytest

from actions.account_tasks import (
    ChangeAddress,
    End,
    Pause,
    RequestData,
    ValidateAddressForm,
    ValidateDataForm,
    ValidateEndForm,
    ValidatePauseForm,
    address_of,
    months_of,
)
from actions.backend import CODE_LIFETIME_S
from actions.backend.demo import CODES_AN_HOUR, DemoShop
from actions.codes import DONE, ResendProof
from actions.reset import FinishReset, ValidateResetForm
from warmline.actions.turns import leaves_it
from warmline.core.errors import BackendError

from .conftest import Clock, Talk, tracker, turn

MARA = "mara@example.com"
SIGNED = {"email": MARA, "name": "Mara K.", "by": "signed"}


async def prove(talk: Talk, code: str) -> tuple[dict[str, Any], list[str]]:
    return await talk.say(code, asked="proof_code", told={"proof_code": code})


async def test_a_code_proves_the_address_and_is_not_kept(shop: DemoShop) -> None:
    """Nothing of the account is said or asked before; the name comes with the proof."""
    talk = Talk(ValidatePauseForm())
    await talk.say("pause my box", "subscription_pause")
    found, texts = await talk.say(MARA, asked="email", told={"email": MARA})
    assert texts == ["utter_proof_sent"]
    assert (found.get("about"), found.get("warmline_identity")) == (None, None)
    found, texts = await prove(talk, "111 111")
    assert (found["proof_code"], texts) == (DONE, [])
    assert found["warmline_identity"] == {"email": MARA, "name": "Mara K.", "by": "code"}
    assert found["about"].startswith("the small Fern Box from the one of")
    assert "111111" not in str(talk.slots)


async def test_wrong_codes_are_counted_and_the_fifth_ends_it(shop: DemoShop) -> None:
    """As with a password: the same rules, the same words."""
    talk = Talk(ValidateEndForm())
    await talk.say("end it", "subscription_cancel")
    await talk.say(MARA, asked="email", told={"email": MARA})
    for _ in range(4):
        found, texts = await prove(talk, "000000")
        assert (texts, found["proof_code"], "warmline_identity" in found) == (["utter_code_wrong"], None, False)
    found, texts = await prove(talk, "000000")
    assert (found["warmline_form_end"], texts) == ("locked", [])
    _, texts, _ = await turn(End(), slots=talk.slots)
    assert texts == ["utter_reset_locked"]


async def test_an_expired_code_is_replaced_and_the_old_one_is_void(shop: DemoShop, clock: Clock) -> None:
    """The customer need not ask for it."""
    talk = Talk(ValidateEndForm())
    await talk.say("end it", "subscription_cancel")
    await talk.say(MARA, asked="email", told={"email": MARA})
    clock.now += CODE_LIFETIME_S + 1
    _, texts = await prove(talk, "111111")
    assert texts == ["utter_code_expired"]
    found, _ = await prove(talk, "111112")
    assert found["proof_code"] == DONE


@pytest.mark.parametrize(("form", "slot"), [(ValidateEndForm, "proof_code"), (ValidateResetForm, "reset_code")])
async def test_a_shop_that_is_away_is_not_taken_for_too_many_codes(
    shop: DemoShop, monkeypatch: pytest.MonkeyPatch, form: Any, slot: str
) -> None:
    """Told as what it is: our system does not answer."""

    async def broken(*args: Any, **kwargs: Any) -> None:
        raise BackendError("down")

    monkeypatch.setattr(shop, "send_code", broken)
    talk = Talk(form())
    await talk.say("please", "subscription_cancel")
    found, texts = await talk.say(MARA, asked="email", told={"email": MARA})
    assert (found["warmline_form_end"], texts) == ("backend", [])
    for finish in (End(), FinishReset()):
        _, texts, _ = await turn(finish, slots=talk.slots)
        assert texts == ["utter_not_reached"]


async def test_too_many_codes_are_told_as_such(shop: DemoShop) -> None:
    """Also when the customer asks for another one."""
    slots: dict[str, Any] = {"email": MARA, "proof_sent_to": MARA}
    for number in range(CODES_AN_HOUR):
        await turn(ResendProof(), slots=slots, ask=f"c:{number}")
    found, texts, _ = await turn(ResendProof(), slots=slots, ask="c:99")
    assert (found, texts) == ({"warmline_form_end": "too_often"}, [])
    _, texts, _ = await turn(ChangeAddress(), slots={**slots, **found})
    assert texts == ["utter_reset_too_often"]


async def test_another_address_needs_another_proof(shop: DemoShop) -> None:
    """What was proved for one says nothing of the next."""
    talk = Talk(ValidateEndForm(), warmline_identity=SIGNED, email=MARA)
    found, _ = await talk.say("end it", "subscription_cancel")
    assert found["about"]
    found, texts = await talk.say("no, use x@example.com", asked="confirm", told={"email": "x@example.com"})
    assert texts == ["utter_proof_sent"]
    assert not found.get("about")


async def test_an_address_is_changed_after_a_correction_and_a_yes(shop: DemoShop) -> None:
    """At the last question a whole address replaces the one before."""
    talk = Talk(ValidateAddressForm(), warmline_identity=SIGNED, email=MARA)
    await talk.say("new address", "change_address")
    found, _ = await talk.say("3 Oak Road, Leeds LS2 8AA", asked="new_address")
    assert found["about"] == "3 Oak Road, Leeds LS2 8AA"
    found, _ = await talk.say("no, it's 8 Oak Road, Leeds LS2 8AA", "deny", "confirm")
    assert (found["about"], found.get("warmline_form_end")) == ("8 Oak Road, Leeds LS2 8AA", None)
    await talk.say("yes", "affirm", "confirm")
    _, texts, dispatcher = await turn(ChangeAddress(), slots=talk.slots)
    assert texts == ["utter_address_changed"]
    assert dispatcher.messages[0]["address"] == "8 Oak Road, Leeds LS2 8AA"
    assert "8 Oak Road" in (await shop.outbox())[0].text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("my new address is 12 Mill Lane, Leeds LS1 4AB", "12 Mill Lane, Leeds LS1 4AB"),
        ("Hauptstrasse 5\n10115 Berlin", "Hauptstrasse 5 10115 Berlin"),
        ("Leeds", None),
        ("12 Mill Lane", None),
        ("LS1 4AB Leeds", None),
        ("12 Mill Lane, Leeds LS1 4AB, mail me@example.com", "12 Mill Lane, Leeds LS1 4AB"),
        ("<b>12 Mill Lane</b>, Leeds LS1 4AB", None),
        ("12 Mill Lane, " + "Leeds " * 50 + "LS1 4AB", None),
    ],
)
def test_an_address_has_number_postcode_and_place(text: str, line: str | None) -> None:
    """In one line, without what was said around it; nothing else is taken for one."""
    assert address_of(text, tracker()) == line


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("two", 2),
        ("for 3 months", 3),
        ("half a year", 6),
        ("a month", 1),
        ("just one", 1),
        ("soon", None),
        ("12", 12),
        ("when does the next one come", None),
        ("give me a second", None),
    ],
)
def test_months_are_read_as_people_say_them(text: str, months: int | None) -> None:
    """More than six is read too, and refused with a hint; not every "one" is a number."""
    assert months_of(text, tracker()) == months


async def test_a_pause_is_set_once_and_then_refused(shop: DemoShop) -> None:
    """The correction at the last question counts."""
    talk = Talk(ValidatePauseForm(), warmline_identity=SIGNED, email=MARA)
    await talk.say("pause", "subscription_pause")
    _, texts = await talk.say("12", asked="pause_months")
    assert texts == ["utter_months_wrong"]
    await talk.say("two", asked="pause_months")
    found, _ = await talk.say("make it four months", asked="confirm")
    assert found["pause_words"] == "four months"
    await talk.say("yes", "affirm", "confirm")
    _, texts, _ = await turn(Pause(), slots=talk.slots)
    assert texts == ["utter_paused"]
    again = Talk(ValidatePauseForm(), warmline_identity=SIGNED, email=MARA)
    found, _ = await again.say("pause", "subscription_pause")
    assert found["warmline_form_end"] == "no:paused"
    _, texts, dispatcher = await turn(Pause(), slots=again.slots)
    assert texts == ["utter_box_is"]
    assert dispatcher.messages[0]["why"] == "is paused already"


async def test_the_end_of_a_box_that_is_near_says_that_it_still_comes(shop: DemoShop) -> None:
    """Nothing is promised that the shop did not say."""
    for email, response in (("chloe.martin@example.com", "utter_ended_after_one_more"), (MARA, "utter_ended")):
        talk = Talk(ValidateEndForm(), warmline_identity={"email": email, "by": "code"}, email=email)
        await talk.say("end it", "subscription_cancel")
        await talk.say("yes", "affirm", "confirm")
        _, texts, _ = await turn(End(), slots=talk.slots, ask=f"c:{email}")
        assert texts == [response]


async def test_without_a_box_there_is_nothing_to_end(shop: DemoShop) -> None:
    """Said at once."""
    tom = "tom.baker@example.com"
    talk = Talk(ValidateEndForm(), warmline_identity={"email": tom, "by": "code"}, email=tom)
    found, _ = await talk.say("end it", "subscription_cancel")
    assert found["warmline_form_end"] == "no:unknown"
    _, texts, _ = await turn(End(), slots=talk.slots)
    assert texts == ["utter_box_none"]


@pytest.mark.parametrize(("wish", "asked"), [("access", ["email"]), ("delete", ["email", "confirm"])])
async def test_only_a_deletion_needs_a_yes(shop: DemoShop, wish: str, asked: list[str]) -> None:
    """A copy goes to the address' own mailbox, after a link in it was opened."""
    form = ValidateDataForm()
    assert await form.required_slots(form.slots, None, tracker(slots={"data_wish": wish}), {}) == asked  # type: ignore[arg-type]
    slots = {"email": MARA, "data_wish": wish, "confirm": "yes"}
    _, texts, _ = await turn(RequestData(), slots=slots)
    assert texts == [f"utter_data_{wish}_asked"]
    assert len(await shop.outbox()) == 1


CHLOE = "chloe.martin@example.com"


async def test_a_box_that_is_too_near_still_comes_and_is_said_to(shop: DemoShop) -> None:
    """The question, the answer, the mail and what is told afterwards say the same."""
    talk = Talk(ValidatePauseForm(), warmline_identity={"email": CHLOE, "by": "code"}, email=CHLOE)
    found, _ = await talk.say("pause it for a month", "subscription_pause")
    near = (await shop.subscription(CHLOE)).next_on  # type: ignore[union-attr]
    assert found["still_comes"] == {"email": CHLOE, "on": near}
    assert "still comes" in found["about"]
    assert (found["pause_months"], found["pause_words"]) == (1, "one month")
    await talk.say("yes", "affirm", "confirm")
    events, texts, dispatcher = await turn(Pause(), slots=talk.slots)
    assert texts == ["utter_paused_after_one_more"]
    assert f"The box of {near} still comes" in (await shop.outbox())[0].text
    assert f"the box of {near} still comes" in events["deeds"][0]
    asked = {"text": "will the next box still come?", "intent": "subscription_pause"}
    again = Talk(ValidatePauseForm(), **{**talk.slots, **events})
    await again.say(**asked)
    _, texts, dispatcher = await turn(Pause(), slots=again.slots, **asked)
    assert texts == ["utter_box_when"]
    assert dispatcher.messages[0]["comes"].startswith("Yes, the box of ")


async def test_a_question_when_a_box_comes_begins_nothing(shop: DemoShop) -> None:
    """For a proved address the shop's day is told, and nothing is asked."""
    asked = {"text": "when does my next box come?", "intent": "subscription_pause"}
    talk = Talk(ValidatePauseForm(), warmline_identity=SIGNED, email=MARA)
    found, _ = await talk.say(**asked)
    assert found["warmline_form_end"] == "no:active"
    _, texts, _ = await turn(Pause(), slots=talk.slots, **asked)
    assert texts == ["utter_box_when"]


async def test_a_question_at_the_last_question_is_answered_with_what_a_yes_would_do(shop: DemoShop) -> None:
    """Once; the second useless answer is one."""
    talk = Talk(ValidatePauseForm(), warmline_identity=SIGNED, email=MARA)
    await talk.say("pause it for two months", "subscription_pause")
    found, texts = await talk.say("hmm is it the december box?", "subscription_pause", "confirm")
    assert (texts, found.get("warmline_form_end")) == (["utter_warmline_confirm_question"], None)
    _, texts = await talk.say("and what then?", "nlu_fallback", "confirm")
    assert texts == ["utter_warmline_confirm_wrong"]


@pytest.mark.parametrize(
    ("text", "slots", "said"),
    [
        ("change the address of A1185", {}, "utter_address_not_placed"),
        ("can my parcel go to another address", {}, "utter_address_not_placed"),
        (
            "change the address of it",
            {"order": {"number": "A1157", "state": "on its way"}, "topic": {"kind": "order"}},
            "utter_address_not_placed",
        ),
        ("my address has changed", {}, "utter_address_next"),
    ],
)
async def test_that_a_parcel_keeps_its_address_is_said_before_the_code(
    shop: DemoShop, text: str, slots: dict[str, Any], said: str
) -> None:
    """First the fact, then the proof."""
    talk = Talk(ValidateAddressForm(), email=MARA, **slots)
    _, texts = await talk.say(text, "change_address")
    assert texts == [said, "utter_proof_sent"]


async def test_an_address_that_was_told_at_once_is_not_asked_again(shop: DemoShop) -> None:
    """The last question follows the proof."""
    talk = Talk(ValidateAddressForm(), email=MARA)
    await talk.say("change it to 5 Rose St, Leeds LS1 1AA", "change_address")
    await prove(talk, "111111")
    assert (talk.slots["new_address"], talk.slots["about"]) == ("5 Rose St, Leeds LS1 1AA",) * 2


async def test_who_means_a_placed_order_is_told_that_it_keeps_its_address(shop: DemoShop) -> None:
    """Nothing is changed, and a person is offered."""
    talk = Talk(ValidateAddressForm(), warmline_identity=SIGNED, email=MARA)
    await talk.say("change it to 5 Rose St, Leeds LS1 1AA", "change_address")
    found, _ = await talk.say("no, A1042 must go there, not future orders", "order_status", "confirm")
    assert found["warmline_form_end"] == "no:placed"
    _, texts, _ = await turn(ChangeAddress(), slots=talk.slots)
    assert texts == ["utter_address_placed"]


@pytest.mark.parametrize(
    "text",
    ["then leave it as it is", "keep my old address as it was", "don't change anything", "leave the address alone"],
)
async def test_everything_stays_as_it_is_on_request(shop: DemoShop, text: str) -> None:
    """At any question, not only at the last."""
    talk = Talk(ValidateAddressForm(), warmline_identity=SIGNED, email=MARA)
    await talk.say("new address", "change_address")
    found, texts = await talk.say(text, "nlu_fallback", "new_address")
    assert (found["warmline_form_end"], texts) == ("declined", [])


@pytest.mark.parametrize(
    "text", ["don't move it to friday, monday please", "I can't leave it as it is", "5 Rose St, Leeds LS1 1AA"]
)
def test_what_wants_a_change_is_not_left(text: str) -> None:
    """Words of leaving beside a request, or refused."""
    assert not leaves_it(text)
