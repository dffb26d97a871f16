"""
What others feel of 28 guests from one address who write long texts without end; arguments: guests, rounds (28 2).

Starts the real processes with a home of their own. Each round is a quiet half and a loud half in the same run: three
people from three addresses ask five short questions each, and the time from sending to the bot's answer counts. Prints
both medians and their ratio, and what the guests got. It needs a trained model (``warmline train``).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from warmline.core import frames
from warmline.settings import inherited_environment

ROOT = Path(__file__).resolve().parents[2]

WORDS = (
    "where",
    "is",
    "my",
    "order",
    "parcel",
    "never",
    "arrived",
    "refund",
    "please",
    "item",
    "invoice",
    "late",
    "box",
)
QUESTIONS = (
    "how long does delivery take",
    "can I pay by invoice",
    "do you ship to Norway",
    "what are your opening hours",
    "how do I send something back",
)
READY_LIMIT_S = 240.0
ANSWER_LIMIT_S = 30.0
PEOPLE = 3


def long_text(luck: random.Random) -> str:
    """4,000 characters that no cache has seen."""
    return " ".join(f"{luck.choice(WORDS)}{luck.randrange(100)}" for _ in range(900))[:4_000]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.asynccontextmanager
async def customer(port: int, address: str):  # type: ignore[no-untyped-def]
    async with connect(
        f"ws://127.0.0.1:{port}/ws/customer", additional_headers={"X-Forwarded-For": address}, compression=None
    ) as wire:
        await wire.send(frames.encode(frames.Hello()))
        while not isinstance(frames.decode_bridge(await wire.recv()), frames.Welcome):
            pass
        yield wire


async def ask(wire: ClientConnection, number: int, text: str) -> float:
    """Seconds until the bot, or the word that a person comes, is there."""
    started = time.perf_counter()
    await wire.send(frames.encode(frames.Say(f"m{number}", text)))
    seq = None
    async with asyncio.timeout(ANSWER_LIMIT_S):
        async for data in wire:
            frame = frames.decode_bridge(data)
            if isinstance(frame, frames.Nack):
                raise RuntimeError(f"refused: {frame.code}")
            if isinstance(frame, frames.Ack):
                seq = frame.seq
            if isinstance(frame, frames.MessageFrame) and frame.author == "bot" and (seq is None or frame.seq > seq):
                return time.perf_counter() - started
    raise RuntimeError("closed")


async def person(port: int, address: str) -> list[float]:
    took = []
    async with customer(port, address) as wire:
        for number, text in enumerate(QUESTIONS):
            await asyncio.sleep(0.3)
            took.append(await ask(wire, number, text))
    return took


async def guest(port: int, texts: list[str], got: Counter[str]) -> None:
    """Writes on whatever the answer is; what becomes of each text is counted."""
    try:
        async with customer(port, "198.51.100.7") as wire:

            async def write() -> None:
                for number in itertools.count():
                    await wire.send(frames.encode(frames.Say(f"m{number}", texts[number % len(texts)])))
                    got["sent"] += 1
                    await asyncio.sleep(0.3)

            writing = asyncio.create_task(write())
            try:
                async for data in wire:
                    frame = frames.decode_bridge(data)
                    if isinstance(frame, frames.Ack):
                        got["ack"] += 1
                    elif isinstance(frame, frames.Nack):
                        got[f"nack {frame.code}" + ("" if frame.retry_after_s else " without a time")] += 1
                    elif isinstance(frame, frames.MessageFrame) and frame.author == "bot":
                        got["answers"] += 1
                    elif isinstance(frame, frames.MessageFrame) and frame.author == "system":
                        got[f"told {frame.code}"] += 1
            finally:
                writing.cancel()
    except (OSError, WebSocketException) as broke:
        got[f"broke {type(broke).__name__}"] += 1


async def people(port: int, places: itertools.count[int]) -> list[float]:
    took = await asyncio.gather(*(person(port, f"203.0.113.{next(places) % 250}") for _ in range(PEOPLE)))
    return [one for each in took for one in each]


async def measure(port: int, guests: int, rounds: int) -> None:
    quiet: list[float] = []
    loud: list[float] = []
    got: Counter[str] = Counter()
    places: itertools.count[int] = itertools.count(1)
    luck = random.Random(7)
    await people(port, places)  # the first answers load what is loaded late
    for _ in range(rounds):
        # made beforehand: the clients share the machine with what is measured
        texts = [[long_text(luck) for _ in range(30)] for _ in range(guests)]
        quiet += await people(port, places)
        loudest = [asyncio.create_task(guest(port, own, got)) for own in texts]
        await asyncio.sleep(1.0)
        loud += await people(port, places)
        loud += await people(port, places)
        for task in loudest:
            task.cancel()
        await asyncio.gather(*loudest, return_exceptions=True)
        await asyncio.sleep(5.0)  # what the guests left is worked off
    for name, took in (("quiet", quiet), ("loud", loud)):
        worst = sorted(took)[int(len(took) * 0.95)]
        print(f"{name}: {len(took)} answers, median {statistics.median(took):.3f} s, 95 % under {worst:.3f} s")
    print(f"ratio of the medians: {statistics.median(loud) / statistics.median(quiet):.2f}")
    print("guests:", ", ".join(f"{name} {count}" for name, count in sorted(got.items())))


async def main(guests: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        models = Path(home) / "models"
        models.symlink_to(ROOT / ".warmline" / "models")  # what is trained for this is kept
        port = free_port()
        variables = {
            "WARMLINE_HOME": home,
            "WARMLINE_PORT": str(port),
            "WARMLINE_ENGINE_PORT": str(free_port()),
            "WARMLINE_ACTIONS_PORT": str(free_port()),
            "WARMLINE_TRUSTED_PROXIES": "127.0.0.1",
            **{name: value for name, value in os.environ.items() if name.startswith("WARMLINE_")},
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "warmline.cli", "up"),
            cwd=ROOT,
            env={**inherited_environment(), **variables},
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                while process.returncode is None:
                    with contextlib.suppress(OSError, WebSocketException, RuntimeError, TimeoutError):
                        async with customer(port, "192.0.2.1") as wire, asyncio.timeout(20):
                            await ask(wire, 0, "hello")
                            break
                    await asyncio.sleep(1.0)
            await measure(port, guests, rounds)
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


if __name__ == "__main__":
    asyncio.run(main(*(int(text) for text in (sys.argv[1:] or ["28", "2"]))))
