"""An order without its number is found by a proved address, and the request that lacked it goes on."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.backend.demo import DemoShop
from actions.by_email import AskWhichOrder, FindOrder, OrderFound, ValidateFindForm, which_of
from actions.order_tasks import Cancel, Invoice, ValidateCancelForm, ValidateInvoiceForm
from actions.orders import TellOrder, ValidateOrderForm
from actions.small_talk import Stop
from warmline.core.errors import BackendError

from .conftest import Talk, custom, said, slots_of, tracker, turn

MARA, NOBODY = "mara@example.com", "nobody@example.com"
MINE = [
    {"number": "A1042", "on": "12 September", "items": "1 x Walnut desk lamp, 2 x Wool throw, moss"},
    {"number": "A1024", "on": "22 August", "items": "1 x Ceramic pour-over set"},
    {"number": "A1017", "on": "23 July", "items": "1 x Bedside clock"},
]


async def listed(**slots: Any) -> Talk:
    """A conversation up to the list of Mara's orders."""
    talk = Talk(ValidateFindForm(), **slots)
    await talk.say("which orders do I have", "find_order")
    await talk.say(MARA, asked="email", told={"email": MARA})
    await talk.say("111111", asked="proof_code", told={"proof_code": "111111"})
    return talk


def next_form(events: list[dict[str, Any]]) -> str | None:
    return next((event["name"] for event in events if event["event"] == "followup"), None)


async def test_the_orders_are_read_only_once_the_address_is_proved(
    shop: DemoShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for an address that was only told, nor for one that goes with an order; a wrong code proves nothing."""
    asked: list[str] = []
    orders = shop.orders

    async def spy(email: str, **kwargs: Any) -> Any:
        asked.append(email)
        return await orders(email, **kwargs)

    monkeypatch.setattr(shop, "orders", spy)
    talk = Talk(ValidateFindForm(), warmline_identity={"email": MARA, "name": "Mara K.", "by": "order"})
    await talk.say("which orders do I have", "find_order")
    found, texts = await talk.say(MARA, asked="email", told={"email": MARA})
    assert (texts, found.get("own_orders"), asked) == (["utter_proof_sent"], None, [])
    found, texts = await talk.say("000000", asked="proof_code", told={"proof_code": "000000"})
    assert (texts, found.get("own_orders"), asked) == (["utter_code_wrong"], None, [])
    found, texts = await talk.say("111111", asked="proof_code", told={"proof_code": "111111"})
    assert (texts, found["own_orders"], set(asked)) == ([], MINE, {MARA})
    assert found["warmline_identity"]["by"] == "code"


async def test_an_unknown_address_is_answered_like_a_known_one(shop: DemoShop) -> None:
    """The same words for each wrong code, to the lock; nothing is mailed to it."""
    stories = []
    for keys, email in enumerate((MARA, NOBODY)):
        talk = Talk(ValidateFindForm())
        talk.turns = 100 * keys  # each question has a key of its own
        await talk.say("which orders do I have", "find_order")
        story = [await talk.say(email, asked="email", told={"email": email})]
        story += [await talk.say("000000", asked="proof_code", told={"proof_code": "000000"}) for _ in range(5)]
        stories.append(([texts for _, texts in story], talk.slots["warmline_form_end"], talk.slots.get("own_orders")))
    assert stories[0] == stories[1]
    assert stories[0][1:] == ("locked", None)
    assert {mail.to for mail in await shop.outbox()} == {MARA}


async def test_the_list_names_each_order_and_has_a_button_for_it(shop: DemoShop) -> None:
    """Number, day and goods; a pressed button is the number."""
    talk = await listed()
    _, texts, dispatcher = await turn(AskWhichOrder(), slots=talk.slots)
    [message] = [one for one in dispatcher.messages if one["response"]]
    assert texts == ["utter_which_order"]
    assert message["listed"].startswith("A1042 of 12 September (1 x Walnut desk lamp, 2 x Wool throw, moss); A1024")
    titles = [one["title"] for one in message["buttons"]]
    assert titles == ["A1042, 12 September", "A1024, 22 August", "A1017, 23 July"]
    found, _ = await talk.say(message["buttons"][1]["payload"], asked="order_choice")
    assert found["order_choice"] == "A1024"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("A1017", "A1017"),
        ("A1024, not A1042", "A1024"),
        ("A1005", "A1005"),
        ("the second one", "A1024"),
        ("the newest", "A1042"),
        ("the oldest please", "A1017"),
        ("the desk lamp", "A1042"),
        ("the wool throw", None),
        ("the fourth", None),
        ("the brown one", None),
        ("the lamp " * 20, None),
    ],
)
@pytest.mark.usefixtures("shop")
def test_an_order_is_chosen_by_number_place_or_goods(text: str, number: str | None) -> None:
    """By what names just one; a number that is not in the list is looked up afterwards like any other."""
    mine = [*MINE[:2], {**MINE[2], "items": "1 x Oak side table, 1 x Wool throw, moss"}]
    assert which_of(text, tracker(text, "inform", slots={"own_orders": mine})) == number


@pytest.mark.usefixtures("shop")
async def test_a_yes_is_enough_for_the_only_order() -> None:
    """It is asked as such; of several a yes names none."""
    yes = {"text": "yes", "intent": "affirm"}
    assert which_of("yes", tracker(**yes, slots={"own_orders": MINE[:1]})) == "A1042"
    assert which_of("yes", tracker(**yes, slots={"own_orders": MINE})) is None
    assert (await turn(AskWhichOrder(), slots={"own_orders": MINE[:1]}))[1] == ["utter_only_order"]


@pytest.mark.parametrize("wanted", ["cancel_form", "invoice_form", None])
async def test_the_request_goes_on_with_the_chosen_order(shop: DemoShop, wanted: str | None) -> None:
    """Without one, where the order is is told; what was listed is forgotten."""
    talk = await listed(pending_request=wanted)
    await talk.say("the second one", asked="order_choice")
    events = await OrderFound().run(CollectingDispatcher(), tracker("the second one", slots=talk.slots), {})
    assert next_form(events) == wanted or (wanted, next_form(events)) == (None, "order_form")
    found = slots_of(events)
    assert (found["order_number"], found["own_orders"], found["pending_request"]) == ("A1024", None, None)


@pytest.mark.parametrize(("sure", "wanted"), [(0.9, "invoice_form"), (0.3, "cancel_form")])
async def test_another_wish_for_one_of_them_takes_its_place(shop: DemoShop, sure: float, wanted: str) -> None:
    """When it is understood for sure."""
    talk = await listed(pending_request="cancel_form")
    found, _ = await talk.say("an invoice for A1024 please", "invoice", "order_choice", confidence=sure)
    assert found["order_choice"] == "A1024"
    assert talk.slots["pending_request"] == wanted


async def test_whoever_only_wanted_the_list_is_let_go(shop: DemoShop) -> None:
    """ "Thanks" ends it, unless a request waits for the choice."""
    for last, response in (("thanks", "utter_thanks"), ("deny", "utter_deny"), ("bye", "utter_bye")):
        talk = Talk(ValidateFindForm(), own_orders=MINE, pending_request=None)
        found, _ = await talk.say("...", last, "order_choice")
        assert found["warmline_form_end"] == "declined"
        assert (await turn(OrderFound(), intent=last, slots=talk.slots))[1] == [response]
    talk = await listed(pending_request="cancel_form")
    found, texts = await talk.say("thanks", "thanks", "order_choice")
    assert (found.get("warmline_form_end"), texts) == (None, ["utter_which_order_wrong"])


async def test_a_proved_address_without_orders_is_told_so(shop: DemoShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a shop that does not answer is another thing."""

    async def none(*args: Any, **kwargs: Any) -> tuple[()]:
        return ()

    async def broken(*args: Any, **kwargs: Any) -> None:
        raise BackendError("down")

    for method, end, response in ((none, "no:none", "utter_find_none"), (broken, "backend", "utter_not_reached")):
        monkeypatch.setattr(shop, "orders", method)
        talk = Talk(
            ValidateFindForm(), email=MARA, warmline_identity={"email": MARA, "name": "Mara K.", "by": "signed"}
        )
        found, texts = await talk.say("which orders do I have", "find_order")
        assert (found["warmline_form_end"], texts) == (end, [])
        assert (await turn(OrderFound(), slots=talk.slots))[1] == [response]


@pytest.mark.parametrize(
    ("loop", "wanted"),
    [("cancel_form", "cancel_form"), ("order_form", "order_form"), ("address_form", None), (None, None)],
)
async def test_what_waits_for_an_order_number_is_remembered(loop: str | None, wanted: str | None) -> None:
    """A form for something else is left, and without a request it is about where the order is."""
    events = await FindOrder().run(CollectingDispatcher(), tracker("find it", "find_order", loop=loop), {})
    assert next_form(events) == "find_form"
    assert slots_of(events)["pending_request"] == wanted
    assert slots_of(events).get("wish") == (None if wanted else "status")
    assert any(event["event"] == "active_loop" for event in events) == (loop is not None)


def offered(text: str, intent: str, form: Any, hint: str = "utter_order_number_hint", **kwargs: Any) -> Any:
    """A tracker after *text*, where the bot's last words were *hint* and the question for the number."""
    made = tracker(text, intent, slots={"requested_slot": "order_number"}, loop=form.form_name(), **kwargs)
    before = [
        {"event": "user", "text": "no idea"},
        {"event": "bot", "text": "...", "metadata": {"utter_action": hint}},
        {"event": "bot", "text": "...", "metadata": {"utter_action": "utter_ask_order_number"}},
    ]
    made.events[:0] = before
    return made


@pytest.mark.parametrize("form", [ValidateOrderForm, ValidateCancelForm, ValidateInvoiceForm])
@pytest.mark.parametrize(("text", "intent"), [("yes please", "affirm"), ("Mara@example.com", "inform")])
async def test_the_offer_is_taken_with_a_yes_or_an_address(shop: DemoShop, form: Any, text: str, intent: str) -> None:
    """The form ends for it, whichever it is, and remembers what to go on with."""
    entities = [{"entity": "email", "value": text, "start": 0, "end": len(text)}] if "@" in text else []
    told = {"email": text} if "@" in text else {"order_number": text}
    dispatcher = CollectingDispatcher()
    events = await form().run(dispatcher, offered(text, intent, form(), told=told, entities=entities), {})
    found = slots_of(events)
    assert (found["warmline_form_end"], found["pending_request"], found["order_number"]) == (
        "find",
        form().form_name(),
        None,
    )
    assert (found.get("email"), said(dispatcher)) == (MARA if "@" in text else None, [])


@pytest.mark.parametrize(
    ("text", "intent", "hint"),
    [
        ("yes please", "affirm", "utter_ask_order_number"),
        ("yes, A1024", "affirm", "utter_order_number_hint"),
        ("dunno", "dont_know", "utter_order_number_hint"),
        ("how much is delivery? I'm mara@example.com", "delivery_cost", "utter_order_number_hint"),
    ],
)
async def test_what_is_no_yes_to_the_offer_does_not_take_it(shop: DemoShop, text: str, intent: str, hint: str) -> None:
    """Without the offer, with a number after all, or not knowing again."""
    entities = [{"entity": "email", "value": MARA, "start": 25, "end": 41}] if "@" in text else []
    told = {"email": MARA} if entities else {"order_number": "A1024" if "A1024" in text else text}
    made = offered(text, intent, ValidateOrderForm(), hint, told=told, entities=entities)
    events = await ValidateOrderForm().run(CollectingDispatcher(), made, {})
    assert slots_of(events).get("warmline_form_end") is None
    made = offered("yes", "affirm", ValidateCancelForm(), told={})
    made.slots["requested_slot"] = "confirm"
    assert slots_of(await ValidateCancelForm().run(CollectingDispatcher(), made, {})).get("warmline_form_end") is None


async def test_words_that_chose_an_order_are_no_question_for_the_form_after_it(shop: DemoShop) -> None:
    """ "The lamp" may sound like a question for what is in stock; it was answered by the choice already."""
    told = {"order_number": "A1042", "email": MARA}
    made = tracker("the lamp", "stock", loop="order_form", told=told)
    made.events.insert(1, {"event": "action", "name": "action_find_done"})
    events = await ValidateOrderForm().run(CollectingDispatcher(), made, {})
    assert slots_of(events)["order"]["number"] == "A1042"


@pytest.mark.parametrize("action", [TellOrder, Cancel, Invoice])
async def test_a_form_that_is_left_for_it_begins_to_find_and_says_nothing_itself(shop: DemoShop, action: Any) -> None:
    """The request stays remembered."""
    dispatcher = CollectingDispatcher()
    slots = {"warmline_form_end": "find", "pending_request": "cancel_form"}
    events = await action().run(dispatcher, tracker("yes", "affirm", slots=slots), {})
    assert (next_form(events), said(dispatcher)) == ("find_form", [])
    assert slots_of(events)["warmline_form_end"] is None
    assert "pending_request" not in slots_of(events)


async def test_it_is_offered_where_a_number_is_missing_or_does_not_fit(shop: DemoShop) -> None:
    """Not knowing, not fitting, and the second useless answer; never where a code or an address is asked."""
    talk = Talk(ValidateCancelForm())
    await talk.say("cancel it", "cancel_order")
    expected = {"utter_order_number_hint": ["/find_order"], "utter_warmline_second_miss": ["/find_order"]}
    for response, payloads in expected.items():
        _, texts, dispatcher = await turn(
            talk.form,
            text="no idea",
            intent="dont_know",
            slots={**talk.slots, "requested_slot": "order_number"},
            told={"order_number": "no idea"},
            loop="cancel_form",
        )
        assert texts == [response]
        assert [one["payload"] for one in dispatcher.messages[0]["buttons"]] == payloads
        talk.slots["warmline_tries"] = 1
    _, texts, dispatcher = await turn(
        ValidateOrderForm(), loop="order_form", told={"order_number": "A1101", "email": MARA}
    )
    assert texts == ["utter_order_not_found"]
    assert [one["payload"] for one in dispatcher.messages[0]["buttons"]] == ["/find_order"]
    slots = {"warmline_tries": 1, "requested_slot": "email"}
    _, texts, dispatcher = await turn(
        ValidateCancelForm(), text="dunno", intent="dont_know", slots=slots, told={"email": "dunno"}, loop="cancel_form"
    )
    assert (texts, dispatcher.messages[0]["buttons"]) == (["utter_warmline_second_miss"], [])


async def test_stopping_forgets_what_was_listed() -> None:
    """And the request with it."""
    slots = {"own_orders": MINE, "pending_request": "cancel_form", "order_choice": "A1024"}
    found, _, dispatcher = await turn(Stop(), slots=slots, loop="find_form")
    assert {name: found[name] for name in slots} == dict.fromkeys(slots)
    assert custom(dispatcher, "report")[0]["outcome"] == "answered"
