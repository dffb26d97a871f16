"""The engine's door: who may in, what is refused, and that silence is impossible."""

import asyncio
import json
import re
import urllib.error
import urllib.request
from typing import Any

import msgspec
import pytest

from warmline.core.ask import Ask
from warmline.core.conversation import Customer
from warmline.core.features import Turn
from warmline.engine import commands
from warmline.engine.turn import Refused, Turns

from .conftest import TOKEN, Conversation, Engine, free_port

pytestmark = pytest.mark.engine


def an_ask(**changes: Any) -> Ask:
    text = changes.get("text", "hello")
    ask = Ask(
        id="c:1",
        conversation="c",
        epoch=3,
        seq=1,
        text=text,
        customer=Customer(id="g"),
        turns=(Turn(role="customer", text=text, seq=1),),
    )
    return msgspec.structs.replace(ask, **changes)


def sent(engine: Engine, **changes: Any) -> Any:
    return engine.post(msgspec.json.encode(an_ask(**changes)))


def test_health_is_open_and_names_the_model(engine: Engine) -> None:
    """No token is needed, and nothing but readiness is told."""
    with urllib.request.urlopen(engine.address + commands.ENGINE_HEALTH, timeout=5) as response:
        told = json.loads(response.read())
    assert told["ready"] is True
    assert told["model"]
    assert set(told) == {"ready", "model"}


@pytest.mark.parametrize("token", [None, "", "wrong", "a-token-for-the-tests-012345678", "ä" * 33])
def test_without_the_token_there_is_no_answer(engine: Engine, token: Any) -> None:
    """A missing, wrong, shortened or foreign token gets a refusal that says so."""
    body = msgspec.json.encode(an_ask())
    status, refusal = engine.post(body, None if token is None else token.encode().decode("latin-1"))
    assert (status, refusal["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_ask"),
        (b"[]", 400, "bad_ask"),
        (b'{"id": 1}', 400, "bad_ask"),
        (b"\xff\xfe", 400, "bad_ask"),
        (b"[" * 100_000, 400, "bad_ask"),
        (b'{"a": "' + b"x" * 600_000 + b'"}', 413, "too_large"),
    ],
)
def test_what_is_not_an_ask_is_refused(engine: Engine, body: bytes, status: int, code: str) -> None:
    """Sizes are checked before parsing; nothing gets through as silence or as a stack."""
    got, refusal = engine.post(body)
    assert (got, refusal["code"]) == (status, code)
    assert set(refusal) == {"code", "text"}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"text": "x" * 4_001}, 413, "too_large"),
        ({"payload": "/restart"}, 422, "bad_payload"),
        ({"payload": "/session_start"}, 422, "bad_payload"),
        ({"payload": "/no_such_intent"}, 422, "bad_payload"),
        ({"payload": "/ hello"}, 422, "bad_payload"),
        ({"memory": {"v": 99}}, 422, "bad_memory"),
        ({"memory": {"v": 1, "base": 3}}, 422, "bad_memory"),
        (
            {"memory": {"v": 1, "base": {"slots": {}, "loop": None}, "events": [{"event": "nonsense"}]}},
            422,
            "bad_memory",
        ),
    ],
)
def test_an_ask_that_cannot_be_answered_is_refused(engine: Engine, changes: Any, status: int, code: str) -> None:
    """No words, too many words, a payload that is not the bot's own, a memory that is not the engine's."""
    got, refusal = sent(engine, **changes)
    assert (got, refusal["code"]) == (status, code)


def test_the_answer_is_for_this_question(engine: Engine) -> None:
    """Id, conversation and epoch come back, and the answer has everything the contract asks for."""
    status, answer = sent(engine, id="abc:7", conversation="abc")
    assert status == 200
    assert (answer["id"], answer["conversation"], answer["epoch"]) == ("abc:7", "abc", 3)
    assert answer["messages"]
    assert answer["analysis"]["intent"] == "greet"
    assert answer["memory"]["v"] == 1


def test_a_typed_slash_is_never_a_command(engine: Engine) -> None:
    """The words behind the slash are read as words; only a pressed button's payload is an intent of its own."""
    for words in ("/restart", '/order_status{"order_number": "A1042"}', "/back", "//greet", "\\/greet"):
        status, answer = sent(engine, text=words)
        assert status == 200
        assert answer["analysis"]["confidence"] < 1.0
        assert not answer["facts"] or answer["facts"][0]["verified"] is False
    status, answer = sent(engine, text="Find my order", payload="/order_status")
    assert (answer["analysis"]["intent"], answer["analysis"]["confidence"]) == ("order_status", 1.0)


def test_what_was_asked_for_is_told_to_the_agent_in_words(engine: Engine) -> None:
    """Not by the name of the form that asked: an agent reads what the bot tried."""
    _, answer = sent(engine, text="where is order A1042")
    assert answer["analysis"]["outcome"] == "asked"
    assert "asked for email" in answer["analysis"]["did"]
    assert "form" not in answer["analysis"]["did"]


def test_the_same_question_again_gets_the_same_answer(engine: Engine) -> None:
    """A repeated ask is harmless: the engine kept nothing of the first."""
    talk = Conversation(engine, "again")
    talk.say("where is order A1042")
    ask = json.dumps(talk.ask("mara@example.com")).encode()
    answers = [engine.post(ask) for _ in range(3)]
    assert answers[0][0] == 200
    assert answers[0] == answers[1] == answers[2]


def test_a_wrong_code_is_counted_once_however_often_it_is_asked(engine: Engine) -> None:
    """Acts on the shop are bound to the question's id."""
    talk = Conversation(engine, "counted")
    talk.say("I forgot my password")
    talk.say("lena.brandt@example.com")
    ask = json.dumps(talk.ask("000000")).encode()
    texts = [engine.post(ask)[1]["messages"][0]["text"] for _ in range(3)]
    assert "4 tries" in texts[0]
    assert len(set(texts)) == 1


def test_conversations_at_the_same_time_do_not_mix(engine: Engine) -> None:
    """Eight conversations, interleaved on real connections, each hear only of their own order."""
    from concurrent.futures import ThreadPoolExecutor

    def one(number: int) -> Any:
        talk = Conversation(engine, f"side-{number}")
        talk.say(f"where is order A{1101 + number * 7}")
        return talk.say("mara@example.com")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    for number, answer in enumerate(answers):
        assert f"A{1101 + number * 7}" in answer["messages"][0]["text"]


def test_logs_hold_no_customer_s_words(engine: Engine) -> None:
    """Neither in a good turn nor in a refused one."""
    sent(engine, text="my secret is zanzibar")
    sent(engine, text="zanzibar", payload="/zanzibar")
    logged = (engine.home / "engine.log").read_text() + (engine.home / "actions.log").read_text()
    assert "zanzibar" not in logged


def test_a_pressed_time_leaves_no_value_in_a_log(engine: Engine) -> None:
    """The buttons of an appointment carry times, and the form keeps an address: neither is told to a log."""
    talk = Conversation(engine, "log-of-a-button")
    talk.say("I want to book a visit to your showroom")
    offered = [payload for payload in talk.buttons.values() if "T" in payload]
    assert offered
    talk.press(next(title for title, payload in talk.buttons.items() if payload == offered[0]))
    talk.say("quagga@example.com")
    logged = (engine.home / "engine.log").read_text() + (engine.home / "actions.log").read_text()
    assert not any(value in logged for value in ("quagga", *re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d", offered[0])))


def test_only_the_engine_may_call_the_actions(engine: Engine, actions_port: int) -> None:
    """Without the token a call is refused, as a page in a browser on this machine would be; health stays open."""
    address = f"http://127.0.0.1:{actions_port}"
    call = json.dumps({"next_action": "action_warmline_watch"}).encode()
    for headers in ({}, {"authorization": "Bearer wrong"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(address + "/webhook", call, headers), timeout=5)
        assert refused.value.code == 401
    with urllib.request.urlopen(address + "/health", timeout=5) as response:
        assert response.status == 200


def test_without_the_actions_there_is_a_refusal(load_agent: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Rasa would go on as if nothing had happened; the turn is refused, and no words are logged."""
    turns = Turns(load_agent(free_port()).processor)
    with pytest.raises(Refused) as refused:
        asyncio.run(turns.answer(an_ask(text="zanzibar hello")))
    assert (refused.value.status, refused.value.code) == (502, "action_failed")
    assert "zanzibar" not in caplog.text + refused.value.text


def test_a_turn_that_takes_too_long_is_refused(load_agent: Any) -> None:
    """The actions accept the call and never answer: the engine's own limit ends it."""

    async def main() -> None:
        server = await asyncio.start_server(lambda reader, writer: asyncio.sleep(30), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        turns = Turns(load_in_thread(port), limit_s=0.5)
        with pytest.raises(Refused) as refused:
            await turns.answer(an_ask())
        assert (refused.value.status, refused.value.code) == (504, "too_slow")
        server.close()

    loaded = {}

    def load_in_thread(port: int) -> Any:
        from threading import Thread

        thread = Thread(target=lambda: loaded.update(agent=load_agent(port)))
        thread.start()
        thread.join()
        return loaded["agent"].processor

    asyncio.run(main())


@pytest.mark.parametrize(
    ("text", "known"),
    [("how much is delivery?", True), ("is the return free?", True), ("where is my order A1042", False)],
)
def test_a_general_question_is_understood_with_its_answer_and_an_errand_without(
    engine: Engine, *, text: str, known: bool
) -> None:
    """For somebody who waits for a person: words only, and no turn is taken."""
    request = urllib.request.Request(
        engine.address + commands.ENGINE_UNDERSTAND,
        json.dumps({"text": text}).encode(),
        {"authorization": f"Bearer {TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        answer = json.loads(response.read())["faq"]
    assert bool(answer) is known
    assert "?" not in answer
