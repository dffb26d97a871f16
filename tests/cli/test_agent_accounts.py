"""Agents' accounts from the command line, in a real store."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.cli.conftest import Outcome
from warmline.cli.agent import ensure_demo_agents, new_password
from warmline.settings import load
from warmline.store import Account
from warmline.store.sqlite import SqliteStore


def account(home: Path, name: str) -> Account:
    async def read() -> Account:
        store = SqliteStore(home / "store.db")
        await store.open()
        try:
            return await store.account(name)
        finally:
            await store.close()

    return asyncio.run(read())


def test_a_new_agent_can_sign_in_with_the_password_shown(warmline: Callable[..., Outcome], tmp_path: Path) -> None:
    """It is shown once, and only its argon2id hash is kept."""
    shown = warmline("agent", "add", "mara").out
    password = re.search(r"shown only now: (\S+)", shown)
    assert password is not None
    kept = account(tmp_path / "home", "mara")
    assert (kept.name, kept.role) == ("Mara", "agent")
    assert kept.password_hash.startswith("$argon2id$")
    assert PasswordHasher().verify(kept.password_hash, password[1])


def test_ones_own_password_comes_by_standard_input_and_is_not_shown(
    warmline: Callable[..., Outcome], tmp_path: Path
) -> None:
    """Not on the command line, where others could read it."""
    outcome = warmline(
        *("agent", "add", "ben", "--role", "supervisor", "--display-name", "Ben O.", "--password-stdin"),
        typed="correct horse battery\nnot this line\n",
    )
    assert outcome.out == "Added ben.\n"
    kept = account(tmp_path / "home", "ben")
    assert (kept.name, kept.role) == ("Ben O.", "supervisor")
    assert PasswordHasher().verify(kept.password_hash, "correct horse battery")


def test_a_new_password_ends_open_sessions(warmline: Callable[..., Outcome], tmp_path: Path) -> None:
    """All tokens given out so far become void."""
    warmline("agent", "add", "mara")
    before = account(tmp_path / "home", "mara")
    assert warmline("agent", "password", "mara").code == 0
    after = account(tmp_path / "home", "mara")
    assert after.sessions == before.sessions + 1
    assert after.password_hash != before.password_hash


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (["agent", "add", "Mara"], "", "lower-case"),
        (["agent", "add", "a b"], "", "lower-case"),
        (["agent", "add", "-x"], "", "No such option"),
        (["agent", "add", "x", "--password-stdin"], "", "no password on standard input"),
        (["agent", "add", "x", "--password-stdin"], "short\n", "8 to 256"),
        (["agent", "add", "x", "--password-stdin"], "y" * 257 + "\n", "8 to 256"),
        (["agent", "password", "nobody"], "", "warmline agent add nobody"),
        (["agent", "disable", "nobody"], "", "There is no agent nobody"),
        (["agent", "remove", "nobody"], "", "There is no agent nobody"),
    ],
)
def test_what_cannot_be_done_is_said(
    warmline: Callable[..., Outcome], arguments: list[str], typed: str, says: str
) -> None:
    """One sentence, and nobody was added."""
    outcome = warmline(*arguments, typed=typed)
    assert outcome.code in (1, 2)
    assert says in outcome.err
    assert warmline("agent", "list").out == ""


def test_nobody_is_added_twice(warmline: Callable[..., Outcome], tmp_path: Path) -> None:
    """The first account stays as it was."""
    warmline("agent", "add", "mara")
    before = account(tmp_path / "home", "mara")
    again = warmline("agent", "add", "mara", "--role", "supervisor")
    assert again.code == 1
    assert "already" in again.err
    assert account(tmp_path / "home", "mara") == before


def test_the_list_is_for_reading_and_for_scripts(warmline: Callable[..., Outcome]) -> None:
    """Sign-in name and role in columns, the name last; the hint that nobody is there is not part of it."""
    empty = warmline("agent", "list")
    assert (empty.out, empty.code) == ("", 0)
    assert "warmline agent add" in empty.err
    warmline("agent", "add", "mara", "--display-name", "Mara K.")
    assert warmline("agent", "list").out.split(maxsplit=2) == ["mara", "agent", "Mara K.\n"]


async def test_the_demos_agents_are_made_once(tmp_path: Path) -> None:
    """Their passwords are told the first time; nothing is made where anybody is."""
    settings = load({}, root=tmp_path)
    made = await ensure_demo_agents(settings)
    assert [name for name, _ in made] == ["anna", "ben"]
    assert await ensure_demo_agents(settings) == []


def test_passwords_are_for_typing_and_hard_to_guess() -> None:
    """Three groups of five without what is easily misread; no two alike."""
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[a-hj-km-np-z2-9]{5}(-[a-hj-km-np-z2-9]{5}){2}", password) for password in made)


@pytest.mark.parametrize("name", ["customer", "bot", "system", "Mara", "", "a b"])
def test_a_name_that_could_be_somebody_else_is_refused(warmline: Callable[..., Outcome], name: str) -> None:
    """The record names customers, the bot and itself; a sentence says so, and nothing is added."""
    outcome = warmline("agent", "add", name)
    assert outcome.code != 0
    assert "sign" in outcome.err
    assert warmline("agent", "list").out.strip() == ""


def test_a_disabled_agent_is_let_in_again_by_a_new_password(warmline: Callable[..., Outcome], tmp_path: Path) -> None:
    """Disabling twice is no different from once; the list says it; each ends the sessions."""
    password = re.search(r"shown only now: (\S+)", warmline("agent", "add", "mara").out)
    assert password is not None
    first = account(tmp_path / "home", "mara")
    assert warmline("agent", "disable", "mara").code == 0
    assert warmline("agent", "disable", "mara").code == 0
    off = account(tmp_path / "home", "mara")
    assert (off.disabled, off.sessions) == (True, first.sessions + 2)
    assert off.password_hash == "!" + first.password_hash
    assert "(disabled)" in warmline("agent", "list").out
    warmline("agent", "password", "mara")
    assert not account(tmp_path / "home", "mara").disabled


def test_a_removed_agents_tokens_do_not_fit_a_new_account_of_that_name(
    warmline: Callable[..., Outcome], tmp_path: Path
) -> None:
    """The number that tokens carry begins anywhere."""
    warmline("agent", "add", "mara")
    first = account(tmp_path / "home", "mara")
    assert warmline("agent", "remove", "mara").out == "Removed mara.\n"
    assert warmline("agent", "list").out == ""
    warmline("agent", "add", "mara")
    assert account(tmp_path / "home", "mara").sessions != first.sessions
