"""Agents' accounts: argon2 hashes in the store, checked off the event loop."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from warmline.core.errors import NotFound, NotSignedIn
from warmline.store import Account, Store

WRONG = "The name or the password is not right."


class Accounts:
    """Check and change accounts. Hashing takes tens of milliseconds, so it runs in a thread, two at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash("no account has this")
        self._at_once = asyncio.Semaphore(2)

    async def check(self, agent_id: str, password: str) -> Account:
        """
        The account whose password this is. An unknown name takes as long as a wrong password.

        Raises:
            NotSignedIn: no such account, or another password.
        """
        try:
            account: Account | None = await self._store.account(agent_id)
        except NotFound:
            account = None
        async with self._at_once:
            right = await asyncio.to_thread(self._verify, account.password_hash if account else self._nobody, password)
        if account is None or not right:
            raise NotSignedIn(WRONG)
        return account

    async def by_session(self, agent_id: str, sessions: int) -> Account:
        """The account of a signed token. Raises NotSignedIn when its tokens were made void."""
        try:
            account = await self._store.account(agent_id)
        except NotFound:
            raise NotSignedIn("This account is gone. Ask your supervisor.") from None
        if account.sessions != sessions:
            raise NotSignedIn("Your session has ended. Sign in again.")
        return account

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
