"""Lines in and lines out for the terminal clients."""

from __future__ import annotations

import asyncio
import shutil
import sys
import textwrap
import threading
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TextIO

import click

from warmline.core.errors import WarmlineError


async def lines(source: TextIO) -> AsyncIterator[str]:
    """
    The lines of *source* as they come, without their ends.

    A thread reads, because a terminal cannot be read without blocking and without changing it for our parent too; it is
    a daemon, so that a line nobody types does not keep the program from ending.
    """
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            for line in iter(source.readline, ""):
                loop.call_soon_threadsafe(queue.put_nowait, line.rstrip("\r\n"))
            loop.call_soon_threadsafe(queue.put_nowait, None)
        except RuntimeError:
            return  # the loop has ended before the input

    threading.Thread(target=read, daemon=True, name="input").start()
    while (line := await queue.get()) is not None:
        yield line


def show(speaker: str, text: str) -> None:
    """One message: every line of it carries its speaker, so that nobody can forge a line by a line break."""
    for line in printable(text).split("\n"):
        click.echo(f"{speaker + ':':<11} {line}")


def note(text: str) -> None:
    """A line of the program's own."""
    for line in printable(text).split("\n"):
        click.echo(f"-- {line}")


def complain(text: str) -> None:
    """Something is wrong; on standard error, so that a script's output stays a transcript."""
    click.echo(f"-- {printable(text)}", err=True)


def printable(text: str) -> str:
    """*text* without control characters: what somebody else wrote must not steer this terminal."""
    return "".join(char if char == "\n" or char.isprintable() else "\ufffd" for char in text.replace("\t", " "))


def wrapped(text: str, indent: str = "") -> str:
    """*text*, whole, in lines as wide as the terminal (100 where there is none); all but the first stand further in."""
    width = max(40, shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100)
    lines: list[str] = []
    for line in printable(text).splitlines():
        inner = indent + "  " if lines else indent
        lines += textwrap.wrap(
            line, width, initial_indent=inner, subsequent_indent=indent + "  ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
    return "\n".join(lines)


def is_terminal() -> bool:
    """Whether a person is typing."""
    return sys.stdin.isatty()


async def until_input_ends(linking: Coroutine[Any, Any, None], obeying: Coroutine[Any, Any, int]) -> int:
    """Run a client's connection *linking* beside what obeys its lines, *obeying*; returns the exit code of that."""
    tasks = asyncio.create_task(linking), asyncio.create_task(obeying)
    link, typing = tasks
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if link.done() and (wrong := link.exception()) is not None:
            raise wrong
        return await typing
    except WarmlineError as wrong:
        complain(wrong.text)
        return 1
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
