"""``warmline agent``: the terminal client of an agent, and the accounts of agents."""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, TypeVar

import click

from warmline.cli.project import open_project
from warmline.cli.running import running_url
from warmline.core.errors import NotFound, SettingsError, StaleVersion
from warmline.settings import Settings

if TYPE_CHECKING:
    from warmline.store import Account, Store

T = TypeVar("T")
Role = Literal["agent", "supervisor"]

DEMO_AGENTS: tuple[tuple[str, str, Role], ...] = (("anna", "Anna", "agent"), ("ben", "Ben", "supervisor"))
NOT_AGENTS = frozenset({"customer", "bot", "system"})
"""Who else writes in the record: an agent of such a name could not be told from them."""
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is easily misread


def new_password() -> str:
    """A password for a person to type: 15 characters in groups of five, 74 bits."""
    letters = [secrets.choice(_ALPHABET) for _ in range(15)]
    return "-".join("".join(letters[at : at + 5]) for at in (0, 5, 10))


def hashed(password: str) -> str:
    """argon2id, with the library's own parameters (RFC 9106, low memory)."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


async def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    """Open the record, do *work*, close it."""
    from warmline.store.sqlite import SqliteStore

    settings.home.mkdir(parents=True, exist_ok=True)
    store = SqliteStore(settings.store_path)
    await store.open()
    try:
        return await work(store)
    finally:
        await store.close()


async def ensure_demo_agents(settings: Settings) -> list[tuple[str, str]]:
    """When there is no account at all, make the demo's; returns their sign-in names and first passwords."""
    from warmline.store import Account

    async def work(store: Store) -> list[tuple[str, str]]:
        if await store.accounts():
            return []
        made = []
        for sign_in, name, role in DEMO_AGENTS:
            password = new_password()
            account = Account(id=sign_in, name=name, role=role, password_hash=await asyncio.to_thread(hashed, password))
            await store.add_account(account)
            made.append((sign_in, password))
        return made

    return await with_store(settings, work)


@click.group(invoke_without_command=True)
@click.option("--url", help="The bridge's address; that of this project's own by default.")
@click.option("--name", "sign_in", help="Sign-in name; asked for when it is not given.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
@click.pass_context
def agent(ctx: click.Context, url: str | None, sign_in: str | None, password_stdin: bool) -> None:
    """Work at the desk from this terminal; or, with a command, look after agents' accounts."""
    if ctx.invoked_subcommand is not None:
        return
    from warmline.cli.desk import work_at_desk

    settings = open_project()
    url = url or running_url(settings)
    name = sign_in or click.prompt("Name", err=True)
    password = _password_given() if password_stdin else click.prompt("Password", hide_input=True, err=True)
    sys.exit(asyncio.run(work_at_desk(url, name, password)))


@agent.command()
@click.argument("name")
@click.option("--display-name", help="What customers read; the sign-in name with a capital by default.")
@click.option("--role", type=click.Choice(["agent", "supervisor"]), default="agent", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
def add(name: str, display_name: str | None, role: Role, password_stdin: bool) -> None:
    """Add an agent who signs in as NAME."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,39}", name):
        raise SettingsError("A sign-in name has 1 to 40 lower-case letters, digits, and . _ - after the first.")
    if name in NOT_AGENTS:
        raise SettingsError(f"Nobody signs in as {name}: the record calls somebody else by that name. Choose another.")
    password = _password_given() if password_stdin else new_password()
    _check(password)

    async def work(store: Store) -> None:
        from warmline.store import Account

        try:
            await store.add_account(
                Account(
                    id=name,
                    name=display_name or name.capitalize(),
                    role=role,
                    password_hash=hashed(password),
                    # Tokens of an account of this name that was removed must not fit the new one.
                    sessions=1 + secrets.randbelow(2**40),
                )
            )
        except StaleVersion:
            raise SettingsError(
                f"There is an agent {name} already. A new password: warmline agent password {name}"
            ) from None

    asyncio.run(with_store(open_project(), work))
    click.echo(f"Added {name}." + ("" if password_stdin else f" First password, shown only now: {password}"))


@agent.command("list")
def list_agents() -> None:
    """List the agents: sign-in name, role, name."""

    async def work(store: Store) -> list[Account]:
        return await store.accounts()

    accounts = asyncio.run(with_store(open_project(), work))
    for account in accounts:
        click.echo(f"{account.id:<20} {account.role:<11} {account.name}" + (" (disabled)" if account.disabled else ""))
    if not accounts:
        click.echo("There is nobody yet. Add one: warmline agent add NAME", err=True)


@agent.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
def password(name: str, password_stdin: bool) -> None:
    """Give the agent NAME a new password, also after "disable"; open sessions end within a second."""
    chosen = _password_given() if password_stdin else new_password()
    _check(chosen)

    _change(name, lambda store: store.end_sessions(name, password_hash=hashed(chosen)))
    click.echo(f"{name} has a new password" + ("." if password_stdin else f", shown only now: {chosen}"))


@agent.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let NAME sign in no more, until there is a new password; open sessions end within a second."""
    _change(name, lambda store: store.end_sessions(name, lock=True))
    click.echo(f"{name} cannot sign in any more. To let them in again: warmline agent password {name}")


@agent.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the agent NAME; open sessions end within a second, what they wrote stays."""
    _change(name, lambda store: store.remove_account(name))
    click.echo(f"Removed {name}.")


def _change(name: str, change: Callable[[Store], Awaitable[None]]) -> None:
    async def work(store: Store) -> None:
        try:
            await change(store)
        except NotFound:
            raise SettingsError(f"There is no agent {name}. Add one: warmline agent add {name}") from None

    asyncio.run(with_store(open_project(), work))


def _password_given() -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise SettingsError("There is no password on standard input.")
    return line


def _check(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise SettingsError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
