"""``warmline doctor``: looks at everything that ``warmline up`` needs, and says what to do about what is wrong."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

import click
import msgspec

from warmline.core.errors import SettingsError, StoreError
from warmline.plugins import Level, load_plugins
from warmline.settings import Settings, load

MOST_PROBLEMS = 20
"""Of one kind: one mistake may make many, and nobody reads more."""


class Finding(msgspec.Struct, frozen=True):
    """One line of the report; *text* says what to do unless it is ``ok``."""

    level: Level
    subject: str
    text: str


@click.command()
def doctor() -> None:
    """Check the installation; each line that is not ok says what to do. Exits 1 when something fails."""
    failed = False
    for finding in findings():
        colour = {"ok": "green", "warn": "yellow", "fail": "red"}[finding.level]
        click.echo(f"{click.style(f'{finding.level:<4}', fg=colour)}  {finding.subject:<12} {finding.text}")
        failed = failed or finding.level == "fail"
    sys.exit(1 if failed else 0)


def findings() -> Iterator[Finding]:
    """Every check, one after the other, as each is done. Changes nothing but a database that was never opened."""
    try:
        settings = load()
    except SettingsError as wrong:
        yield Finding("fail", "settings", wrong.text)
        return
    yield Finding("ok", "settings", f"from {settings.root}, state in {settings.home}")
    for check in CHECKS:
        found = check(settings)
        if isinstance(found, Finding):
            yield found
        else:
            yield from found
    yield from brought(settings)


def project_environment(_settings: Settings) -> Finding:
    from importlib.metadata import version

    python = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):
        return Finding(
            "fail", "environment", f"Python {python} is too old: install Warmline with Python 3.11 or newer."
        )
    names = ("rasa-sdk", "websockets", "msgspec", "sqlite-utils")
    return Finding("ok", "environment", f"Python {python}, " + ", ".join(f"{name} {version(name)}" for name in names))


def engine_environment(settings: Settings) -> Finding:
    code = "import sys; from importlib.metadata import version as v; print(sys.version.split()[0], v('rasa'))"
    try:
        answer = subprocess.run(
            [settings.engine_python, "-c", code], capture_output=True, text=True, timeout=60, check=True
        )
        python, rasa = answer.stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return Finding("fail", "engine", f"{settings.engine_python} does not work; run 'warmline setup'.")
    if not python.startswith("3.10."):
        return Finding("fail", "engine", f"its Python is {python}, Rasa needs 3.10; name another engine_python.")
    return Finding("ok", "engine", f"Python {python}, Rasa {rasa}")


def domain(settings: Settings) -> list[Finding]:
    from warmline.engine.commands import domain_path
    from warmline.teaching.diagnosis import of_domain

    at = domain_path(settings.root)
    good = f"{at.name}{'/' if at.is_dir() else ''} can be read, and what it names is there"
    return _told("domain", of_domain(settings.root), good)


def config(settings: Settings) -> list[Finding]:
    from warmline.teaching.diagnosis import of_config

    return _told("config", of_config(settings.root), "config.yml can be read, and has components that there are")


def nlu(settings: Settings) -> list[Finding]:
    from warmline.teaching.diagnosis import of_nlu

    return _told("nlu", of_nlu(settings.root), "data/ can be read, and its examples fit the domain")


def _told(subject: str, problems: Sequence[object], good: str) -> list[Finding]:
    """A line for each of *problems*, in which file and line stand first; or one that all is well."""
    if not problems:
        return [Finding("ok", subject, good)]
    told = [Finding("fail", subject, str(problem)) for problem in problems[:MOST_PROBLEMS]]
    left = len(problems) - len(told)
    return [*told, Finding("fail", subject, f"and {left} more; mend these first.")] if left else told


def rules(settings: Settings) -> Finding:
    from warmline.rules_file import load_rules

    try:
        load_rules(settings.rules_path, settings.queues)
    except SettingsError as wrong:
        return Finding("fail", "rules", wrong.text)
    return Finding("ok", "rules", f"{settings.rules_path.name} can be read, and every rule makes sense")


def identifiers(settings: Settings) -> Finding:
    from warmline.identifiers_file import load_identifiers

    try:
        found = load_identifiers(settings.root)
    except SettingsError as wrong:
        return Finding("fail", "identifiers", wrong.text)
    looks = ", ".join(f"{one.entity} looks like {one.example or one.pattern}" for one in found)
    return Finding("ok", "identifiers", looks or "no regex has the name of an entity: only e-mail addresses are read")


def model(settings: Settings) -> Finding:
    from warmline.engine.commands import model_path

    try:
        path = model_path(settings.root, settings.models_dir)
    except SettingsError as wrong:
        return Finding("fail", "model", wrong.text)
    if path.exists():
        return Finding("ok", "model", f"{path.name} is as new as what it is made from")
    older = any(settings.models_dir.glob("warmline-*.tar.gz"))
    why = "its sources have changed since it was trained" if older else "it has not been trained yet"
    return Finding("warn", "model", f"{why}; 'warmline up' does it, or 'warmline train' now.")


def store(settings: Settings) -> Finding:
    from warmline.cli.agent import with_store

    if not settings.store_path.exists():
        return Finding("ok", "store", "there is none yet; 'warmline up' makes it")
    try:
        accounts = asyncio.run(with_store(settings, lambda opened: opened.accounts()))
    except (SettingsError, StoreError) as wrong:
        return Finding("fail", "store", wrong.text)
    size = settings.store_path.stat().st_size / 1e6
    if not accounts:
        return Finding("warn", "store", f"sound, {size:.1f} MB, but nobody can sign in; 'warmline agent add NAME'.")
    return Finding("ok", "store", f"sound, {size:.1f} MB, {len(accounts)} agents")


def disk(settings: Settings) -> Finding:
    from warmline.cli.preconditions import ROOM_BYTES, check_room

    try:
        check_room(settings)
    except SettingsError as wrong:
        return Finding("fail", "disk", wrong.text)
    free = shutil.disk_usage(settings.home).free
    level: Level = "ok" if free > 10 * ROOM_BYTES else "warn"
    hint = "" if level == "ok" else "; make room before it is full, nothing can be kept then."
    return Finding(level, "disk", f"{free / 1e9:.1f} GB free{hint}")


def ports(settings: Settings) -> Finding:
    from warmline.cli.processes import check_ports, with_free_ports
    from warmline.cli.running import running_now

    running = running_now(settings)
    if running is not None:
        return Finding("ok", "ports", f"Warmline is running (process {running.pid}) at {running.url}")
    settings = with_free_ports(settings)
    try:
        check_ports(settings)
    except SettingsError as wrong:
        return Finding("fail", "ports", wrong.text)
    wanted = f"{settings.port}, {settings.engine_port} and {settings.actions_port}"
    return Finding("ok", "ports", f"{wanted} are free")


def team_actions(settings: Settings) -> Finding:
    """Where the project's own actions run, and whether anything answers there."""
    import httpx

    from warmline.actions.server import find_team
    from warmline.own_actions import check_own_actions

    try:
        check_own_actions(settings)
        endpoint = find_team(settings)
    except SettingsError as wrong:
        return Finding("fail", "actions", wrong.text)
    if settings.actions_requirements is not None:
        return Finding("ok", "actions", f"yours run by themselves, as {settings.actions_requirements.name} asks")
    if endpoint is None:
        return Finding("ok", "actions", "yours, if there are any, run in Warmline's action server")
    try:
        httpx.get(endpoint.where, timeout=3.0, trust_env=False, follow_redirects=False)
    except httpx.TransportError:
        why = f"nothing answers at {endpoint.where}; start your action server: turns that need it go to a person."
        return Finding("warn", "actions", why)
    return Finding("ok", "actions", f"yours run at {endpoint.where}, where something answers")


def exposure(settings: Settings) -> Finding:
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        return Finding("ok", "exposure", f"only this machine reaches it ({settings.host})")
    if settings.demo:
        return Finding(
            "warn", "exposure", f"the demo shows its mails to all who reach {settings.host}; set demo = false."
        )
    if not settings.allowed_origins:
        return Finding(
            "warn", "exposure", "no other site may embed the chat; name yours in allowed_origins if one should."
        )
    return Finding("ok", "exposure", f"on {settings.host}, for {', '.join(settings.allowed_origins)}")


def brought(settings: Settings) -> Iterator[Finding]:
    """What the project's plugins find."""
    try:
        for name, check in load_plugins(settings).checks:
            level, text = check(settings)
            yield Finding(level, name, text)
    except SettingsError as wrong:
        yield Finding("fail", "plugins", wrong.text)


CHECKS: tuple[Callable[[Settings], Finding | list[Finding]], ...] = (
    project_environment,
    engine_environment,
    domain,
    config,
    nlu,
    rules,
    identifiers,
    disk,
    model,
    store,
    ports,
    team_actions,
    exposure,
)
