"""
An engine that does as the customer's text says: it speaks the engine's HTTP, and misbehaves on request.

``slow:1.5`` answers after that many seconds, ``hang`` never, ``crash`` kills the process, ``garbage``, ``nothing``,
``huge``, ``other`` and ``refuse`` answer wrongly, ``person`` escalates, ``who`` says its port. Anything else is echoed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import msgspec

from warmline.core.ask import Answer, Ask, BotMessage, TurnAnalysis
from warmline.core.escalation import Decision
from warmline.core.mood import Mood

VERDICT = Decision(True, "frustrated", "mood", 5, "support", "I'm passing you to a colleague now.")


def plain(ask: Ask, text: str, decision: Decision | None = None) -> bytes:
    analysis = TurnAnalysis("faq", 0.9, Mood(0.1), "handoff" if decision else "answered", "echo")
    messages = (BotMessage(text),)
    return msgspec.json.encode(
        Answer(ask.id, ask.conversation, ask.epoch, messages, analysis, (), {"n": ask.seq}, decision)
    )


async def answer(ask: Ask, here: int) -> tuple[int, bytes]:
    word, _, _ = ask.text.partition(" ")
    word, _, amount = word.partition(":")
    match word:
        case "slow":
            await asyncio.sleep(float(amount))
        case "hang":
            await asyncio.sleep(3_600)
        case "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        case "garbage":
            return 200, b"\xff\xfe{not json"
        case "nothing":
            return 200, b"[]"
        case "huge":
            return 200, plain(ask, "x" * 10_000_000)
        case "other":
            return 200, plain(msgspec.structs.replace(ask, id="c_other:1", conversation="c_other"), "not yours")
        case "refuse":
            return 500, b'{"code":"broken","text":"it broke"}'
        case "person":
            return 200, plain(ask, VERDICT.say, VERDICT)
        case "who":
            return 200, plain(ask, f"engine {here}")
    return 200, plain(ask, f"re: {ask.text}")


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            lengths = [int(row.split(":")[1]) for row in head.split("\r\n") if row.startswith("content-length")]
            body = await reader.readexactly(lengths[0] if lengths else 0)
            here = writer.get_extra_info("sockname")[1]
            asked = None if head.startswith("get") else msgspec.json.decode(body, type=Ask)
            status, said = (200, b"{}") if asked is None else await answer(asked, here)
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(said)}\r\n\r\n".encode() + said)
            await writer.drain()
    writer.close()


async def run(port: int) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", port, reuse_address=True)
    async with server:
        await server.serve_forever()


def main(port: int) -> None:
    asyncio.run(run(port))
