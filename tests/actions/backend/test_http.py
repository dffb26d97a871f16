"""A shop's system that is slow, broken, mixed up or gone: each is told by its own name, and nothing is believed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actions.backend import CodeTried, Refusal, Unconfirmed
from actions.backend.demo import DemoShop
from actions.backend.http import MAX_ANSWER_BYTES, PAUSES_S, HttpShop
from warmline.core.errors import BackendError

from .conftest import NOW, TOKEN
from .reference import Reference, Reply, Request, serving

MARA = "mara@example.com"
ATTEMPTS = len(PAUSES_S) + 1


@contextlib.asynccontextmanager
async def shop_that(answer: Callable[[Request], Reply | None], limit_s: float = 10.0) -> AsyncIterator[Any]:
    """A client of a server that answers every request with *answer*; ``seen`` are the requests."""
    seen: list[Request] = []

    async def handle(request: Request, _writer: asyncio.StreamWriter) -> Reply:
        seen.append(request)
        reply = answer(request)
        if reply is None:
            await asyncio.sleep(60)
        return reply or Reply(200)

    async with serving(handle) as address:
        shop = HttpShop(address, TOKEN, limit_s=limit_s)
        try:
            yield shop, seen
        finally:
            await shop.close()


async def look_up(shop: HttpShop) -> Any:
    return await shop.order("A1042", MARA)


async def cancel(shop: HttpShop) -> Any:
    return await shop.cancel_order("A1042", MARA, key="c:7", now=NOW)


@pytest.mark.parametrize(
    ("reply", "word", "attempts", "may_be_done"),
    [
        (Reply(500, b"Traceback"), "status 500", 1, True),
        (Reply(503), "status 503", ATTEMPTS, True),
        (Reply(200, b"<html>maintenance</html>"), "not in the contract", 1, True),
        (Reply(200, b'{"order": {"number": 7}, "number": 7}'), "not in the contract", 1, True),
        (Reply(200, b"{}"), "not in the contract", 1, True),
        (Reply(200, b""), "not in the contract", 1, True),
        (Reply(200, b"x" * 10_000_000), "more than 256 KB", 1, True),
        (Reply(200, b"\x1f\x8b", ("Content-Encoding: gzip",)), "compressed", 1, True),
        (Reply(302, b"", ("Location: https://elsewhere.example/",)), "elsewhere", 1, False),
        (Reply(401), "our token", 1, False),
        (Reply(403), "our token", 1, False),
        (Reply(404, b'{"order": null}'), "WARMLINE_BACKEND_URL", 1, False),
        (Reply(400), "status 400", 1, False),
        (Reply(429), "too often", 1, False),
    ],
)
async def test_an_answer_outside_of_the_contract_is_an_error_with_a_reason(
    reply: Reply, word: str, attempts: int, may_be_done: bool
) -> None:
    """Never "no such order"; an act that may have been done says so; only what is likely to help is tried again."""
    async with shop_that(lambda _: reply) as (shop, seen):
        with pytest.raises(BackendError, match=word) as looked:
            await look_up(shop)
        assert len(seen) == attempts
        with pytest.raises(BackendError, match=word) as acted:
            await cancel(shop)
    assert not isinstance(looked.value, (Unconfirmed, Refusal))
    assert isinstance(acted.value, Unconfirmed) == may_be_done


async def test_no_such_order_is_said_with_an_answer() -> None:
    """``{"order": null}`` and status 200: that is None, and nothing else is."""
    async with shop_that(lambda _: Reply(200, b'{"order": null}')) as (shop, _):
        assert await look_up(shop) is None


async def test_a_shop_that_hangs_is_given_up_in_time() -> None:
    """Within the limit, further attempts included; an act may have been done."""
    async with shop_that(lambda _: None, limit_s=0.4) as (shop, seen):
        with pytest.raises(BackendError, match=r"broke off|within 0\.4 s"):
            await look_up(shop)
        with pytest.raises(Unconfirmed):
            await cancel(shop)
        assert len(seen) >= 2


async def test_a_shop_that_drips_is_given_up_in_time() -> None:
    """Each byte comes soon enough, the whole never."""

    async def drip(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(drip) as address:
        shop = HttpShop(address, TOKEN, limit_s=0.4)
        with pytest.raises(BackendError, match="within"):
            await look_up(shop)
        await shop.close()


async def test_a_closed_port_is_told_and_nothing_was_done() -> None:
    """An act that never left is not "may be done"."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        shop = HttpShop(f"http://127.0.0.1:{taken.getsockname()[1]}/x", TOKEN, limit_s=5.0)
        with pytest.raises(BackendError, match="cannot be reached") as failed:
            await cancel(shop)
        assert not isinstance(failed.value, Unconfirmed)
        await shop.close()


async def test_an_act_is_tried_again_under_its_own_key_and_done_once(tmp_path: Path) -> None:
    """The shop acts, and its answer is lost on the way; the second attempt gets the answer of the first."""
    demo = DemoShop(tmp_path / "shop.db", NOW)
    reference = Reference(demo, TOKEN, lambda: NOW)
    seen: list[Request] = []

    async def loses_the_first(request: Request, writer: asyncio.StreamWriter) -> Reply | None:
        seen.append(request)
        reply = await reference.answer(request)
        return reply if len(seen) > 1 else None

    async with serving(loses_the_first) as address:
        shop = HttpShop(address, TOKEN, limit_s=10.0)
        order = await shop.cancel_order("A1101", "jonas.ode@example.com", key="c:1", now=NOW)
        await shop.close()
    assert order.state == "cancelled"
    assert [request.headers["idempotency-key"] for request in seen] == ["c:1", "c:1"]
    assert len(await demo.outbox()) == 1
    await demo.close()


@pytest.mark.parametrize(("body", "reason"), [(b'{"refused": "packed"}', "packed"), (b'{"refused": "??"}', "other")])
async def test_a_refusal_is_taken_by_the_reasons_of_the_contract(body: bytes, reason: str) -> None:
    """One that is not listed is "other", and never reaches the customer's eyes."""
    async with shop_that(lambda _: Reply(409, body)) as (shop, seen):
        with pytest.raises(Refusal) as refusal:
            await cancel(shop)
        assert (refusal.value.reason, len(seen)) == (reason, 1)


async def test_a_refusal_that_cannot_be_read_is_none() -> None:
    """Nor is one of an endpoint that has nothing to refuse."""
    async with shop_that(lambda _: Reply(409, b"conflict")) as (shop, _):
        with pytest.raises(Unconfirmed):
            await cancel(shop)
        with pytest.raises(BackendError, match="409"):
            await look_up(shop)


@pytest.mark.parametrize(("number", "email"), [("A1024", MARA), ("A1042", "tom.baker@example.com")])
async def test_somebody_else_s_order_is_never_believed(tmp_path: Path, number: str, email: str) -> None:
    """A mix-up in the shop's system must not tell a stranger's order."""
    demo = DemoShop(tmp_path / "shop.db", NOW)
    order = await demo.order("A1042", MARA)
    await demo.close()
    body = msgspec.json.encode({"order": order})
    async with shop_that(lambda _: Reply(200, body)) as (shop, _):
        assert await shop.order("A1042", MARA) == order
        with pytest.raises(BackendError, match="another order"):
            await shop.order(number, email)


async def test_a_list_with_somebody_else_s_order_is_never_believed(tmp_path: Path) -> None:
    """Not even the part of it that fits; a list that fits is sorted and cut."""
    demo = DemoShop(tmp_path / "shop.db", NOW)
    mine, other = await demo.orders(MARA, now=NOW), await demo.order("A1101", "jonas.ode@example.com")
    await demo.close()
    async with shop_that(lambda _: Reply(200, msgspec.json.encode({"orders": [*mine, other]}))) as (shop, _):
        with pytest.raises(BackendError, match="another address"):
            await shop.orders(MARA, now=NOW)
    async with shop_that(lambda _: Reply(200, msgspec.json.encode({"orders": mine[::-1]}))) as (shop, _):
        assert await shop.orders(MARA, limit=2, now=NOW) == mine[:2]


async def test_a_shop_that_knows_no_undo_leaves_it_out(tmp_path: Path) -> None:
    """An answer without the field, as shops gave it before there was one, is read as "cannot be undone"."""
    demo = DemoShop(tmp_path / "shop.db", NOW)
    order = msgspec.to_builtins(await demo.order("A1042", MARA))
    await demo.close()
    del order["undo_until"]
    async with shop_that(lambda _: Reply(200, msgspec.json.encode(order))) as (shop, _):
        assert (await cancel(shop)).undo_until is None


@pytest.mark.parametrize(
    ("field", "value"), [("due_on", "soon"), ("state", "lost"), ("expected_on", "2026-02-30"), ("total_cents", "12")]
)
async def test_a_date_that_is_none_is_refused_at_the_door(tmp_path: Path, field: str, value: str) -> None:
    """The actions count days with it later on."""
    demo = DemoShop(tmp_path / "shop.db", NOW)
    order = msgspec.to_builtins(await demo.order("A1042", MARA))
    await demo.close()
    async with shop_that(lambda _: Reply(200, msgspec.json.encode({"order": {**order, field: value}}))) as (shop, _):
        with pytest.raises(BackendError, match="not in the contract"):
            await look_up(shop)


async def test_free_times_are_sorted_limited_and_read() -> None:
    """What is no time of the shop's is an error."""
    body = b'{"times": ["2026-11-25T10:00", "2026-11-24T10:00", "2026-11-24T10:00"]}'
    async with shop_that(lambda _: Reply(200, body)) as (shop, _):
        assert await shop.free_times(limit=3, now=NOW) == ("2026-11-24T10:00", "2026-11-25T10:00")
        assert await shop.free_times(day="2026-11-25", now=NOW) == ("2026-11-25T10:00",)
    async with shop_that(lambda _: Reply(200, b'{"times": ["tomorrow"]}')) as (shop, _):
        with pytest.raises(BackendError, match="a time that is none"):
            await shop.free_times(now=NOW)


async def test_the_token_is_in_the_header_and_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    """Not in the address, the body, the error, the log; no personal data is in the address or the log either."""
    caplog.set_level(logging.DEBUG)
    async with shop_that(lambda _: Reply(500)) as (shop, seen):
        with pytest.raises(BackendError) as failed:
            await cancel(shop)
    [request] = seen
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in request.path + request.body.decode() + failed.value.text + repr(shop)
    assert "/orders/cancel" in caplog.text
    for private in (TOKEN, MARA, "A1042"):
        assert private not in caplog.text + request.path


async def test_nothing_around_the_process_changes_where_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment does not get the token."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with shop_that(lambda _: Reply(200, b'{"result": "wrong", "tries_left": 4}')) as (shop, _):
        assert await shop.try_code("reset", MARA, "1", key="c:1", now=NOW) == CodeTried("wrong", 4)


async def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    """TLS is verified; with the authority's file the same server is trusted."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here to make a certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    made = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject),
        *("-keyout", str(key), "-out", str(cert)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if await made.wait() != 0:
        pytest.skip("openssl is too old to make a certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{"status": "ok"}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0, ssl=context)
    address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    stranger, trusting = HttpShop(address, TOKEN, limit_s=10.0), HttpShop(address, TOKEN, limit_s=10.0, ca_file=cert)
    with pytest.raises(BackendError, match=r"(?i)certificate"):
        await stranger.check()
    await trusting.check()
    await stranger.close()
    await trusting.close()
    server.close()
    with pytest.raises(BackendError, match="cannot be read"):
        HttpShop(address, TOKEN, ca_file=tmp_path / "nothing.pem")


def test_the_limit_on_an_answer_holds_an_ordinary_one_many_times() -> None:
    """A thousand free times are far below it."""
    times = {"times": ["2026-11-24T10:00"] * 1_000}
    assert len(msgspec.json.encode(times)) * 10 < MAX_ANSWER_BYTES
