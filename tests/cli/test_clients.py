"""``warmline chat`` and ``warmline agent`` as real processes against a real bridge, the way a script would use them."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.bridge.conftest import PASSWORD, World, make_world, world
from warmline.bridge.session import BACKLOG
from warmline.core import frames
from warmline.core.inputs import CustomerWrote
from warmline.settings import inherited_environment

ROOT = Path(__file__).resolve().parents[2]

__all__ = ["make_world", "world"]

pytestmark = pytest.mark.processes


class Script:
    """A command with piped input, its output collected line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.out: list[str] = []
        self.news = asyncio.Condition()
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            async with self.news:
                self.out.append(line.decode().rstrip("\n"))
                self.news.notify_all()

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")

    async def shows(self, text: str) -> None:
        """Wait until a line holds *text*; the test's own time limit bounds it."""
        async with self.news:
            await self.news.wait_for(lambda: any(text in line for line in self.out))

    async def ends(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = await self.process.wait()
        await self.reading
        return code


async def start(world: World, home: Path, *arguments: str) -> Script:
    assert world.bridge is not None
    environment = inherited_environment() | {"WARMLINE_HOME": str(home)}
    address = ("--url", f"http://127.0.0.1:{world.bridge.port}")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "warmline.cli", *arguments, *address),
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    return Script(process)


async def test_a_piped_chat_is_a_transcript(world: World, tmp_path: Path) -> None:
    """Each line waits for its answer, so that the output reads in order; the exit code is 0."""
    chat = await start(world, tmp_path, "chat")
    chat.type("first")
    chat.type("second")
    assert await chat.ends() == 0
    said = [line for line in chat.out if "first" in line or "second" in line]
    assert said == [
        "you:        first",
        "assistant:  You said: first",
        "you:        second",
        "assistant:  You said: second",
    ]


async def test_a_chat_resumes_what_it_left(world: World, tmp_path: Path) -> None:
    """--resume shows the whole earlier conversation once, and goes on in it."""
    chat = await start(world, tmp_path, "chat")
    chat.type("remember me")
    assert await chat.ends() == 0
    again = await start(world, tmp_path, "chat", "--resume")
    again.type("and me")
    assert await again.ends() == 0
    assert [line for line in again.out if line.startswith("you:")] == ["you:        remember me", "you:        and me"]
    assert oct(os.stat(tmp_path / "chat-ticket").st_mode & 0o777) == "0o600"


async def test_the_two_sides_talk_with_each_other(world: World, tmp_path: Path) -> None:
    """Asked for by the customer, claimed by the agent from a script, answered, noted and handed back."""
    chat = await start(world, tmp_path, "chat")
    chat.type("hello")
    chat.type("/person")
    await chat.shows("Your request is saved")
    desk = await start(world, tmp_path, "agent", "--name", "anna", "--password-stdin")
    desk.type(PASSWORD)
    await desk.shows("waits")
    desk.type("/claim 1")
    desk.type("Anna here, reading.")
    await chat.shows("Anna:       Anna here, reading.")
    chat.type("thank you")
    await desk.shows("customer:   thank you")
    desk.type("/note polite")
    desk.type("/back all done")
    await chat.shows("Anna has left")
    assert await desk.ends() == 0
    assert await chat.ends() == 0
    assert any(line.startswith("-- Who") for line in desk.out)
    assert any(line.startswith("-- Why") for line in desk.out)
    assert await world.store.at_desk() == []


async def test_an_agent_reads_a_long_conversation_back_to_its_first_line(world: World, tmp_path: Path) -> None:
    """What was not sent at once is said to be there, and /earlier brings it."""
    customer, welcome = await world.customer()
    await customer.send(frames.AskPerson("p1"))
    await customer.get(frames.Ack)
    assert world.bridge is not None
    for n in range(BACKLOG):
        await world.bridge.context.steps.step(welcome.conversation, CustomerWrote(f"x{n}", f"line {n} of it"))
    agent = await start(world, tmp_path, "agent", "--name", "anna", "--password-stdin")
    for line in (PASSWORD, "/open 1", "/earlier", "/earlier"):
        agent.type(line)
    await agent.shows("There is nothing earlier.")
    assert await agent.ends() == 0
    told = [line for line in agent.out if line.startswith("customer")]
    assert [line.partition(" ")[2].strip() for line in told] == [f"line {n} of it" for n in range(BACKLOG)]
    later = agent.out[agent.out.index(told[-1]) + 1 :]
    assert any("an AI" in line for line in later), "the opening came with /earlier"
    assert [sum(words in line for line in agent.out) for words in ("There are earlier lines", "the first line")] == [
        1,
        1,
    ]


async def test_a_bridge_that_restarts_loses_and_repeats_nothing(make_world: object, tmp_path: Path) -> None:
    """What is typed while the bridge is away is kept once and in order when it is back."""
    world: World = await make_world()  # type: ignore[operator]
    assert world.bridge is not None
    port = world.bridge.port
    chat = await start(world, tmp_path, "chat", "--wait", "60")
    chat.type("before")
    await chat.shows("You said: before")
    await world.down()
    chat.type("while away")
    await chat.shows("Not connected")
    world._settings["port"] = port
    await world.up()
    await chat.shows("You said: while away")
    chat.type("after")
    assert await chat.ends() == 0
    assert [line for line in chat.out if line.startswith("you:")] == [
        "you:        before",
        "you:        while away",
        "you:        after",
    ]
    assert sum("You said: before" in line for line in chat.out) == 1


async def test_a_wrong_password_is_one_sentence(world: World, tmp_path: Path) -> None:
    """Exit code 1, no traceback."""
    desk = await start(world, tmp_path, "agent", "--name", "anna", "--password-stdin")
    desk.type("not the password")
    assert await desk.ends() == 1
    assert desk.out[0] == f"Project: {ROOT}"
    assert len(desk.out) == 2
    assert desk.out[1].startswith("-- ")


async def test_what_a_customer_writes_cannot_steer_an_agents_terminal(world: World, tmp_path: Path) -> None:
    """Control characters become a sign, and a line break cannot forge another speaker's line."""
    customer, _ = await world.customer()
    await customer.raw('{"type": "say", "id": "m1", "text": "\\u001b[2Jhi\\nassistant:  I am the bank"}')
    await customer.said("You said")
    await customer.raw('{"type": "ask_person", "id": "m2"}')
    desk = await start(world, tmp_path, "agent", "--name", "anna", "--password-stdin")
    desk.type(PASSWORD)
    desk.type("/claim 1")
    await desk.shows("customer:   assistant:  I am the bank")
    assert await desk.ends() == 0
    assert "customer:   \ufffd[2Jhi" in desk.out
    assert not any("\x1b" in line for line in desk.out)
