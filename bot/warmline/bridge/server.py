"""The bridge: the only process the outside reaches, and the only user of the websockets server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from warmline.bridge import metrics
from warmline.bridge.accounts import Accounts
from warmline.bridge.agents import AgentSession, vanished
from warmline.bridge.client_address import client_address, counted_as, networks
from warmline.bridge.connection import CLOSE_RESTART, Connection
from warmline.bridge.customers import CustomerSession
from warmline.bridge.engine import Engine
from warmline.bridge.engines import Engines
from warmline.bridge.hub import Hub
from warmline.bridge.meanwhile import Meanwhile
from warmline.bridge.outbox import Outbox
from warmline.bridge.pages import WEB, Pages
from warmline.bridge.presence import Presence
from warmline.bridge.reading import warm
from warmline.bridge.refresh import Refresh
from warmline.bridge.revocation import Revocation
from warmline.bridge.session import Session
from warmline.bridge.session_context import SessionContext
from warmline.bridge.steps import Steps
from warmline.bridge.tickets import Tickets
from warmline.bridge.timers import Timers
from warmline.core.conversation import Owner
from warmline.core.frames import MAX_FRAME_BYTES
from warmline.core.limits import Buckets
from warmline.core.rules import Rules
from warmline.identifiers_file import IdentifierFiles
from warmline.plugins import Demo
from warmline.settings import Secrets, Settings
from warmline.store import Store

HANDSHAKE_LIMIT_S = 10.0
CATCHING_UP = 8
DRAIN_LIMIT_S = 5.0
GOODBYE_LIMIT_S = 1.0
"""A drain waits so long for clients to answer its close: one whose line is dead must not hold up all the others."""

PING_EVERY_S = 10.0
PONG_LIMIT_S = 10.0
"""An agent's or customer's half-open line is found within both together."""

SESSIONS: dict[str, type[Session]] = {"/ws/customer": CustomerSession, "/ws/agent": AgentSession}

log = structlog.get_logger()


class Bridge:
    """
    A running bridge. ``async with`` starts it and drains it.

    *rules* gives those in force, and is asked at each use. *demo* is what the project shows beside the chat, *name*
    tells bridges on one store apart, *clock* gives Unix seconds: it may step, and only what is written down or shown
    comes from it.
    """

    def __init__(
        self,
        settings: Settings,
        secrets_: Secrets,
        store: Store,
        rules: Callable[[], Rules],
        *,
        demo: Demo | None = None,
        name: str = "bridge-1",
        clock: Callable[[], float] = time.time,
    ) -> None:
        hub = Hub()
        steps = Steps(store, hub, team=settings.team_name, helps_with=settings.helps_with, clock=clock)
        presence = Presence(store, name, settings.hours, grace_s=settings.agent_grace_s, clock=clock)
        engine = Engines(
            [Engine(url, secrets_.engine_token, limit_s=settings.engine_limit_s) for url in settings.engine_urls]
        )
        refresh = Refresh(store, hub, presence, engine, rules, clock=clock)
        self._meanwhile = Meanwhile(store, steps, engine, presence, refresh, rules)
        self._outbox = Outbox(
            store,
            steps,
            engine,
            hub,
            presence,
            rules,
            limit_s=settings.engine_limit_s,
            each_at_once=settings.client_at_once,
            clock=clock,
        )
        self._timers = Timers(store, steps, presence, hub, rules, grace_s=settings.agent_grace_s, clock=clock)
        steps.touched, steps.asked, steps.timer_set = refresh.touch, self._outbox.wake, self._timers.wake
        engine.changed = refresh.touch_desk
        self.context = SessionContext(
            settings=settings,
            store=store,
            in_force=rules,
            hub=hub,
            steps=steps,
            presence=presence,
            refresh=refresh,
            engine=engine,
            tickets=Tickets(
                secrets_.ticket_key,
                ticket_s=settings.ticket_lifetime_s,
                session_s=settings.session_lifetime_s,
                clock=clock,
            ),
            accounts=Accounts(store),
            openings=Buckets(burst=30, per_s=0.5),
            sign_ins=Buckets(burst=10, per_s=0.2),
            writing=Buckets(burst=8, per_s=0.8),
            acting=Buckets(burst=6, per_s=0.3),
            clients=Buckets(burst=settings.client_burst, per_s=settings.client_per_s),
            catching_up=asyncio.Semaphore(CATCHING_UP),
            meanwhile=self._meanwhile,
            identifiers=IdentifierFiles(settings.root).now,
        )
        self._pages = Pages(_folders(demo), self._health, demo.json if demo else None)
        self._warming: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._sessions: dict[asyncio.Task[Any], ServerConnection] = {}
        self._draining = False
        self._trusted = networks(settings.trusted_proxies)
        self._server: Server | None = None
        self.failed: asyncio.Future[None] | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; useful when 0 was asked for."""
        assert self._server is not None
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def __aenter__(self) -> Bridge:
        context, settings = self.context, self.context.settings
        await context.store.open()
        here = await context.presence.sweep()
        away = {c.agent.id for c in await context.store.at_desk() if c.owner is Owner.AGENT and c.agent} - here
        for agent_id in away:
            await vanished(context, agent_id)
        self.failed = asyncio.get_running_loop().create_future()
        self._warming = asyncio.create_task(warm())
        for work in (
            context.refresh.run,
            self._outbox.run,
            self._timers.run,
            context.engine.watch,
            Revocation(context.store, context.hub).run,
        ):
            self._spawn(work)
        self._server = await serve(
            self._handle,
            settings.host,
            settings.port,
            process_request=self._http,
            compression=None,
            max_size=MAX_FRAME_BYTES,
            max_queue=16,
            write_limit=65_536,
            open_timeout=HANDSHAKE_LIMIT_S,
            ping_interval=PING_EVERY_S,
            ping_timeout=PONG_LIMIT_S,
            close_timeout=3,
            server_header=None,
            logger=_quiet(),
        )
        log.info("bridge_up", host=settings.host, port=self.port)
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Drain: stop accepting, tell clients to come back, finish the steps that began, close the store."""
        assert self._server is not None
        self._draining = True
        self.context.presence.close()
        self._server.close(close_connections=False)
        sockets = list(self._sessions.values())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_LIMIT_S):
                await asyncio.gather(*(_goodbye(socket) for socket in sockets), return_exceptions=True)
        for socket in sockets:
            socket.transport.abort()
        ending = [*self._background, *([self._warming] if self._warming else [])]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        if self._sessions:
            # Sessions that are on their way out may still have something to write down.
            await asyncio.wait(self._sessions, timeout=DRAIN_LIMIT_S)
        await self._meanwhile.close()
        await self.context.steps.finish()
        await self.context.engine.close()
        await self.context.store.close()
        log.info("bridge_down")

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await work()

        task = asyncio.create_task(run())
        self._background.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """
        A background task ends only by cancellation; anything else ends the bridge, and the supervisor restarts it.
        """
        if not task.cancelled() and self.failed is not None and not self.failed.done():
            self.failed.set_exception(task.exception() or RuntimeError("a background task ended"))

    async def _health(self) -> tuple[bool, bytes]:
        body = {"bridge": True, "engine": self.context.engine.ok, "store": self.context.steps.store_ok}
        return True, msgspec.json.encode(body)

    async def _http(self, socket: ServerConnection, request: Request) -> Response | None:
        path = urlsplit(request.path).path
        if path in SESSIONS:
            if not _origin_ok(request, self.context.settings):
                log.warning("origin_refused", path=path)
                return socket.respond(HTTPStatus.FORBIDDEN, "This page may not open a chat here.\n")
            return None
        return await self._pages.respond(request, self._address(socket, request))

    def _address(self, socket: ServerConnection, request: Request) -> str:
        peer = socket.remote_address
        forwarded = request.headers.get_all("X-Forwarded-For")
        return client_address(str(peer[0]) if peer else "unknown", forwarded, self._trusted)

    async def _handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        if self._draining:
            await _goodbye(socket)
            return
        kind = SESSIONS[urlsplit(socket.request.path).path]
        address = counted_as(self._address(socket, socket.request), self.context.settings.client_network_bits)
        connection = Connection(socket, f"{kind.kind}-{secrets.token_hex(4)}", address)
        task = asyncio.current_task()
        assert task is not None
        self._sessions[task] = socket
        task.add_done_callback(self._sessions.pop)
        with metrics.CONNECTIONS.labels(kind.kind).track_inprogress():
            try:
                await kind(self.context, connection).run()
            except Exception as failure:
                log.error(
                    "session_failed",
                    kind=kind.kind,
                    error=type(failure).__name__,
                    where=traceback.format_tb(failure.__traceback__),
                )


async def _goodbye(socket: ServerConnection) -> None:
    await socket.close(CLOSE_RESTART, "restarting; connect again")


def _quiet() -> logging.Logger:
    """
    For the library: a scan of the port or a link that breaks in the handshake is not worth a traceback each. What goes
    wrong in a session is logged by :meth:`Bridge._handle`.
    """
    logger = logging.getLogger("warmline.sockets")
    logger.setLevel(logging.CRITICAL)
    return logger


def _folders(demo: Demo | None) -> dict[str, Path]:
    folders = {"/widget/": WEB / "widget", "/console/": WEB / "console", "/vendor/": WEB / "vendor"}
    if demo:
        folders["/"] = demo.pages
    return folders


def _origin_ok(request: Request, settings: Settings) -> bool:
    """
    Browsers always say where a page came from; a terminal client says nothing. Allowed are the configured sites and
    this bridge's own pages on a loopback name: a name is not taken from the Host header, which a hostile page
    chooses.
    """
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.allowed_origins:
        return True
    parts = urlsplit(origin)
    own_port = request.headers.get("Host", "").rpartition(":")[2]
    return (
        parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1") and str(parts.port) == own_port
    )
