"""What ``warmline up`` runs: the three processes, often a fourth, and what must be true before they can."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from warmline import own_actions
from warmline.cli.model import ensure_model
from warmline.cli.preconditions import as_launch
from warmline.core.errors import SettingsError
from warmline.engine import commands
from warmline.settings import Secrets, Settings, following_ports, inherited_environment
from warmline.supervisor import Launch, Spec, Warden, free_port
from warmline.supervisor.backoff import LONGEST_S as LONGEST_WAIT_S

PORT_ATTEMPTS = 50
BRIDGE_HANG_LIMIT_S = 15.0
BRIDGE_LONGEST_WAIT_S = 2.0
"""Without the bridge nobody hears anything: it gets less patience than the others, and comes back sooner."""


def processes(settings: Settings, keys: Secrets, step: Callable[[str, str], None]) -> list[Spec]:
    """
    The bridge, the actions and the engine. The first two start at once; the engine after its model was trained, if it
    has to be, of which *step* is told (process, what it is doing). The bridge stops first, and drains while the others
    still answer. Where there are several engines, the others are called engine-2 and so on. With the setting
    *actions_requirements* the project's actions are a process own-actions, to which ours pass on what is not ours.
    """
    training = asyncio.Lock()
    own_port = settings.own_actions_port or free_port()
    own = own_actions.OwnActions(settings, own_port, lambda line: step(own_actions.NAME, line))
    for_actions = msgspec.structs.replace(settings, own_actions_port=own_port)

    async def bridge(_guard: Warden) -> Launch:
        keys_env = {"WARMLINE_ENGINE_TOKEN": keys.engine_token, "WARMLINE_TICKET_KEY": keys.ticket_key.hex()}
        env = inherited_environment() | settings.as_environment() | keys_env | {"PYTHONUNBUFFERED": "1"}
        return Launch(argv=(sys.executable, "-m", "warmline.cli.bridge_process"), env=env, cwd=settings.root)

    async def actions(_guard: Warden) -> Launch:
        return as_launch(
            commands.actions(
                python=Path(sys.executable),
                root=settings.root,
                port=settings.actions_port,
                settings=for_actions.as_environment(),
                token=keys.engine_token,
            )
        )

    own_health = f"http://127.0.0.1:{own_port}{commands.ACTIONS_HEALTH}"
    actions_url = f"http://127.0.0.1:{settings.actions_port}"
    return [
        _spec(
            "bridge",
            bridge,
            settings.url + "/health",
            stop_limit_s=15.0,
            hang_limit_s=BRIDGE_HANG_LIMIT_S,
            longest_wait_s=BRIDGE_LONGEST_WAIT_S,
        ),
        _spec("actions", actions, actions_url + commands.ACTIONS_HEALTH, stop_stage=1),
        *([_spec(own_actions.NAME, own.launch, own_health, stop_stage=1)] if settings.actions_requirements else ()),
        *(
            engine_spec(
                settings, keys, step, port, name="engine" if number == 1 else f"engine-{number}", alone=training
            )
            for number, port in enumerate(settings.engine_ports, 1)
        ),
    ]


def engine_spec(
    settings: Settings,
    keys: Secrets,
    step: Callable[[str, str], None],
    port: int,
    *,
    name: str = "engine",
    alone: asyncio.Lock | None = None,
) -> Spec:
    """
    The engine with the model of the sources as they are when it is started, at *port*. Engines that share the lock
    *alone* do not train at the same time: the second finds the model that the first has made.
    """

    async def engine(guard: Warden) -> Launch:
        async with alone or contextlib.nullcontext():
            model = await ensure_model(settings, guard, lambda line: step(name, line))
        return as_launch(
            commands.engine(
                python=settings.engine_python,
                root=settings.root,
                model=model,
                port=port,
                actions_port=settings.actions_port,
                token=keys.engine_token,
            )
        )

    health = f"http://127.0.0.1:{port}{commands.ENGINE_HEALTH}"
    return _spec(name, engine, health, stop_stage=1, start_limit_s=300.0)


def _spec(
    name: str,
    launch: Callable[[Warden], Awaitable[Launch]],
    health: str,
    *,
    stop_stage: int = 0,
    stop_limit_s: float = 10.0,
    start_limit_s: float = 120.0,
    hang_limit_s: float = 60.0,
    longest_wait_s: float = LONGEST_WAIT_S,
) -> Spec:
    return Spec(
        name=name,
        launch=launch,
        health=health,
        stop_stage=stop_stage,
        stop_limit_s=stop_limit_s,
        start_limit_s=start_limit_s,
        hang_limit_s=hang_limit_s,
        longest_wait_s=longest_wait_s,
    )


def with_free_ports(settings: Settings) -> Settings:
    """
    *settings* with engines and actions at ports where nobody listens: those that follow from the bridge's port, or
    others if something is there. What was chosen otherwise stays, free or not.
    """
    usual = following_ports(settings.port)
    engine_follows, actions_follow = settings.engine_port == usual[0], settings.actions_port == usual[1]
    for attempt in range(PORT_ATTEMPTS):
        engine, actions = following_ports(settings.port, attempt)
        found = msgspec.structs.replace(
            settings,
            engine_port=engine if engine_follows else settings.engine_port,
            actions_port=actions if actions_follow else settings.actions_port,
        )
        wanted = [*(found.engine_ports if engine_follows else ()), *([found.actions_port] if actions_follow else ())]
        if not any(why_not_listen("127.0.0.1", port) for port in wanted):
            return found
    return settings


def check_ports(settings: Settings) -> None:
    """Raises SettingsError naming the first port that cannot be listened on, why, and what to do."""
    wanted = (
        ("port", settings.host, settings.port),
        *(("engine_port", "127.0.0.1", port) for port in settings.engine_ports),
        ("actions_port", "127.0.0.1", settings.actions_port),
        *([("own_actions_port", "127.0.0.1", settings.own_actions_port)] if settings.own_actions_port else ()),
    )
    for setting, host, port in wanted:
        why = why_not_listen(host, port)
        if why:
            variable = "WARMLINE_" + setting.upper()
            hint = "--port" if setting == "port" else variable
            raise SettingsError(f"{why} Choose another with {hint}, or stop what uses it.")


def why_not_listen(host: str, port: int) -> str:
    """Why nothing can listen there now, as a sentence; empty when it can."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        return f"{host} is not an address of this machine."
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as wrong:
            if wrong.errno == errno.EADDRINUSE:
                return f"Port {port} is already in use."
            if wrong.errno == errno.EACCES:
                return f"Port {port} needs more rights than this user has."
            return f"{host} is not an address of this machine."
    return ""
