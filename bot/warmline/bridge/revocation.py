"""
Ends agents' connections whose sessions were made void: a new password, a disabled or removed account, a sign-out.

The accounts' rows say so, whoever wrote them: the command line, this bridge, or another one on the same store.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from websockets.exceptions import ConnectionClosed

from warmline.bridge.connection import CLOSE_POLICY, Connection
from warmline.bridge.hub import Hub
from warmline.core import frames
from warmline.core.errors import NotSignedIn, StoreError
from warmline.store import Store

LOOK_EVERY_S = 0.4
GOODBYE_LIMIT_S = 1.0
ENDED = "Your session has ended. Sign in again."

log = structlog.get_logger()


class Revocation:
    """:meth:`run` until cancelled."""

    def __init__(self, store: Store, hub: Hub) -> None:
        self._store = store
        self._hub = hub

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._hub.agents:
                continue
            try:
                accounts = await self._store.accounts()
            except StoreError as failure:
                log.error("accounts_unreadable", why=failure.text)
                continue
            voided = self._hub.voided({account.id: account.sessions for account in accounts})
            # Nothing more is sent to them from here on, nor heard from them once the close has begun.
            for connection in voided:
                self._hub.drop(connection)
            await asyncio.gather(*(_end(connection) for connection in voided))


async def _end(connection: Connection) -> None:
    connection.send(frames.Error(NotSignedIn.code, ENDED))
    try:
        async with asyncio.timeout(GOODBYE_LIMIT_S):
            await connection.flush()
            with contextlib.suppress(ConnectionClosed):
                await connection.socket.close(CLOSE_POLICY, "session ended")
    except TimeoutError:
        connection.socket.transport.abort()
