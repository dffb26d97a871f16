"""``warmline chat``: a customer's chat in the terminal, over the same protocol as the one in a page."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import click

from warmline.cli.project import open_project
from warmline.cli.running import running_url


@click.command()
@click.option("--url", help="The bridge's address; that of this project's own by default.")
@click.option("--resume", is_flag=True, help="Go on with the last conversation held from this terminal.")
@click.option(
    "--wait", "wait_s", default=20.0, show_default=True, help="From a script: seconds to wait for each line's answer."
)
def chat(url: str | None, resume: bool, wait_s: float) -> None:
    """Talk to the assistant as a customer. Lines may be piped in; each then waits for its answer."""
    from warmline.cli.customer import converse

    settings = open_project()
    ticket_path = settings.home / "chat-ticket"
    ticket = None
    if resume:
        with contextlib.suppress(OSError):
            ticket = ticket_path.read_text().strip() or None
    sys.exit(asyncio.run(converse(url or running_url(settings), ticket, ticket_path, wait_s=wait_s)))
