"""The team's own action server as a process of its own, in an environment of its own (setting actions_requirements)."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from warmline.core.errors import SettingsError
from warmline.engine import commands
from warmline.environments import Tools, Unable, why
from warmline.settings import Settings, inherited_environment
from warmline.supervisor import Launch, LogFile, StartFailed, Warden, run_to_end

NAME = "own-actions"
STAMP = ".warmline"
SETUP_LOG = "own-actions-setup.log"
_INCLUDED = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)", re.MULTILINE)


class OwnActions:
    """
    Makes the environment that *settings* ask for, once and again when the requirements change, and says how the server
    is started at *port*. *step* hears what takes time.
    """

    def __init__(self, settings: Settings, port: int, step: Callable[[str], None]) -> None:
        self._settings = settings
        self._port = port
        self._step = step
        self._made: Path | None = None

    async def launch(self, guard: Warden) -> Launch:
        """:meth:`command` with the environment it will really have."""
        command = await self.command(guard)
        return Launch(argv=command.argv, env=inherited_environment() | command.env, cwd=Path(command.cwd))

    async def command(self, guard: Warden) -> commands.Command:
        """
        What to run. When the environment cannot be made anew, the last one that was made goes on.

        Raises:
            StartFailed: there is no environment, and none can be made.
            OSError: the same, after one was there: it is worth another attempt, and nothing else must stop for it.
        """
        try:
            environment = await self.environment(guard)
        except StartFailed as wrong:
            if self._made is None:
                raise
            if not _is_whole(self._made):
                raise OSError(0, wrong.text) from None
            self._step(f"{wrong.text} The environment before it goes on")
            environment = self._made
        self._made = environment
        return commands.own_actions(python=environment / "bin" / "python", root=self._settings.root, port=self._port)

    async def environment(self, guard: Warden) -> Path:
        """The environment of the present requirements, made now unless it is there. Raises StartFailed."""
        requirements = self._settings.actions_requirements
        assert requirements is not None
        home = self._settings.home / NAME
        try:
            wanted = home / digest(requirements, self._settings.actions_python)
        except (OSError, UnicodeDecodeError) as wrong:
            raise StartFailed(
                f"{requirements} cannot be read ({getattr(wrong, 'strerror', 'it is no text')})."
            ) from None
        if _is_whole(wanted):
            return wanted
        self._step(f"making an environment for your actions from {requirements.name}, which may take a few minutes")
        try:
            home.mkdir(parents=True, exist_ok=True)
            tools = Tools(self._settings.home / "tools", inherited_environment(), lambda line: self._step(line.strip()))
            uv = await asyncio.to_thread(tools.uv)
            await self._make(uv, tools, requirements, wanted, guard)
            (wanted / STAMP).write_text(wanted.name)
        except Unable as wrong:
            raise StartFailed(f"The environment of your actions cannot be made: {wrong}") from None
        except OSError as wrong:
            raise StartFailed(
                f"The environment of your actions cannot be made: {home} cannot be written ({wrong.strerror})."
            ) from None
        for other in home.iterdir():
            if other != wanted and other.is_dir():
                await asyncio.to_thread(shutil.rmtree, other, ignore_errors=True)
        return wanted

    async def _make(self, uv: str, tools: Tools, requirements: Path, wanted: Path, guard: Warden) -> None:
        python = str(wanted / "bin" / "python")
        chosen = python_of(self._settings)
        steps = (
            (uv, "venv", "--no-project", "--clear", "--python", chosen, str(wanted)),
            (uv, "pip", "install", "--python", python, "--requirement", str(requirements)),
            (python, "-c", "import rasa_sdk"),
        )
        said: list[str] = []

        def hear(line: str) -> None:
            said.append(line)
            if re.match(r"(Using|Resolved|Prepared|Installed|Downloading|Building) ", line):
                self._step(f"your actions: {line.strip()}")

        log = LogFile(self._settings.logs_dir / SETUP_LOG, hear)
        try:
            for argv in steps:
                said.clear()
                what = Launch(argv=argv, env=tools.environment(), cwd=self._settings.root)
                code, _ = await run_to_end(what, log, guard)
                if code != 0 and argv is steps[-1]:
                    raise StartFailed(f"{requirements.name} brings no rasa-sdk: add a line like rasa-sdk==3.6.2 to it.")
                if code != 0:
                    reason = why("\n".join(said), "installing what it names")
                    raise StartFailed(
                        f"The environment of your actions cannot be made from {requirements.name} with Python {chosen}:"
                        f" {reason} The whole story is in {log.path}."
                    )
        finally:
            log.close()


def python_of(settings: Settings) -> str:
    """The Python to make the environment with, as uv understands it."""
    python = settings.actions_python
    return str(settings.root / Path(python).expanduser()) if "/" in python else python


def digest(requirements: Path, python: str) -> str:
    """
    Names what decides what is installed: *python*, and the texts of *requirements* and of the files it names, in 16
    hexadecimal digits.

    Raises:
        OSError: the first file cannot be read.
    """
    found = hashlib.sha256(python.encode())
    waiting, seen = [requirements.resolve()], set[Path]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError:
            if path == requirements.resolve():
                raise
            continue  # uv will say so
        found.update(text.encode() + b"\0")
        waiting += [(path.parent / name).resolve() for name in _INCLUDED.findall(text) if "://" not in name]
    return found.hexdigest()[:16]


def check_own_actions(settings: Settings) -> None:
    """Raises SettingsError when the requirements file, or what it is for, is not there."""
    if settings.actions_requirements is None:
        return
    if not settings.actions_requirements.is_file():
        raise SettingsError(
            f"The setting actions_requirements names {settings.actions_requirements}, which is not there."
        )
    if not any((settings.root / name).exists() for name in ("actions", "actions.py")):
        raise SettingsError(
            f"The setting actions_requirements is for the package 'actions', which {settings.root} does not have."
        )


def _is_whole(environment: Path) -> bool:
    with contextlib.suppress(OSError):
        whole = (environment / STAMP).read_text() == environment.name
        return whole and os.access(environment / "bin" / "python", os.X_OK)
    return False
