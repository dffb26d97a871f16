"""``warmline up``: everything on one machine, under one supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

import click
import msgspec

from warmline.cli.project import ensure_engine, open_project
from warmline.cli.running import Running, only_one, write
from warmline.settings import Settings, load_secrets

if TYPE_CHECKING:
    from warmline.cli.display import Display
    from warmline.supervisor import Report


@click.command()
@click.option("--demo", is_flag=True, default=None, help="With the project's demo page, and two demo agents.")
@click.option("--host", help="Address to listen on (setting host).")
@click.option("--port", type=int, help="Port of the bridge (setting port).")
@click.option("--engine-port", type=int, help="Port of the engine, on loopback (setting engine_port).")
@click.option("--actions-port", type=int, help="Port of the actions, on loopback (setting actions_port).")
@click.option(
    "--dev", is_flag=True, help="Show what the processes print, and take changes of code and training data over."
)
def up(
    demo: bool | None,
    host: str | None,
    port: int | None,
    engine_port: int | None,
    actions_port: int | None,
    dev: bool,
) -> None:
    """Start everything and keep it running, until Ctrl-C."""
    settings = open_project(demo=demo, host=host, port=port, engine_port=engine_port, actions_port=actions_port)
    click.echo("Warmline is starting.")
    if dev:
        settings = msgspec.structs.replace(settings, log_level="debug", engines=1)
    sys.exit(0 if asyncio.run(_up(settings, dev)) else 1)


async def _up(settings: Settings, dev: bool) -> bool:
    from warmline.cli.agent import ensure_demo_agents
    from warmline.cli.preconditions import check_room
    from warmline.cli.processes import check_ports, with_free_ports
    from warmline.own_actions import check_own_actions
    from warmline.rules_file import load_rules

    load_rules(settings.rules_path, settings.queues)
    check_room(settings)
    check_own_actions(settings)
    ensure_engine(settings)
    settings = with_free_ports(settings)
    running = Running(
        pid=os.getpid(),
        url=settings.url,
        children={},
        engine_urls=settings.engine_urls,
        actions_url=f"http://127.0.0.1:{settings.actions_port}",
    )
    with only_one(settings, running):
        check_ports(settings)
        new_agents = await ensure_demo_agents(settings) if settings.demo else []
        return await _supervise(settings, dev, running, new_agents)


async def _supervise(settings: Settings, dev: bool, running: Running, new_agents: list[tuple[str, str]]) -> bool:
    from warmline.cli.dev import Dev, with_engine
    from warmline.cli.processes import engine_spec, processes
    from warmline.supervisor import AllReady, Started, Supervisor

    keys = load_secrets(settings)
    display: Display

    def tell(report: Report) -> None:
        display.hear(report)
        if isinstance(report, Started):
            running.children[report.name] = report.pid
            write(settings, running)
        if isinstance(report, AllReady):
            for line in [*addresses(settings), *first_passwords(new_agents), "Ctrl-C stops everything."]:
                display.say(line)
            new_agents.clear()

    specs = processes(settings, keys, lambda name, line: display.step(name, line))
    display = _display(tuple(spec.name for spec in specs), live=sys.stdout.isatty() and not dev)
    developing: Dev | None = None
    if dev:
        developing = Dev(settings, lambda port: engine_spec(settings, keys, display.step, port), display.say)
        specs = with_engine(specs, await developing.open())
    supervisor = Supervisor(
        specs,
        logs_dir=settings.logs_dir,
        tell=tell,
        echo=(lambda name, line: display.say(f"[{name}] {line}")) if dev else None,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    background = [asyncio.create_task(_tick(display))]
    if developing is not None:
        background.append(asyncio.create_task(developing.watch(supervisor)))
    try:
        good = await supervisor.run()
    finally:
        for task in background:
            task.cancel()
        if developing is not None:
            await developing.close()
        display.close()
    for line in first_passwords(new_agents):  # not shown yet, and never again
        display.say(line)
    if good:
        display.say("Warmline has stopped.")
    else:
        display.say(f"Warmline could not start. The logs are in {settings.logs_dir}.")
    return good


def addresses(settings: Settings) -> list[str]:
    """Where to go, once everything answers."""
    from warmline.plugins import load_plugins

    shown = settings.demo and load_plugins(settings).demo is not None  # not every project has a page to show
    page = [f"Demo page, with the chat:  {settings.url}/"] if shown else []
    return [*page, f"Agents' console:           {settings.url}/console/"]


def first_passwords(new_agents: list[tuple[str, str]]) -> list[str]:
    """How to sign in as the agents that were made in this run."""
    if not new_agents:
        return []
    return [
        "Sign in at the console as one of these; the passwords are shown only this once:",
        *(f"    {name:<8} {password}" for name, password in new_agents),
        "    To set another one: warmline agent password NAME",
    ]


def _display(names: tuple[str, ...], *, live: bool) -> Display:
    from rich.console import Console

    from warmline.cli.display import LiveDisplay, PlainDisplay

    if live:
        return LiveDisplay(names, Console(highlight=False))

    def write(line: str) -> None:
        with contextlib.suppress(OSError):  # a terminal that was closed must not keep us from stopping in order
            click.echo(line)

    return PlainDisplay(names, write)


async def _tick(display: Display) -> None:
    while True:
        await asyncio.sleep(1.0)
        display.tick()
