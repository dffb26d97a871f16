"""
Warmline as a stranger has it: the wheel, built from these sources, in an empty environment, with an empty home. Nothing
of the repository is on its path; only the package cache and the Pythons of this machine are shared, to save time.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from warmline.environments import Tools

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C stops everything"
READY_LIMIT_S = 280.0
COMMAND_LIMIT_S = 280.0


class Installation:
    """
    The wheel in an environment of its own, below *folder*. *home* is its user's home; :meth:`run` gives commands to it.

    Raises:
        AssertionError: it cannot be built or installed; the text holds what uv said.
    """

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self._bin = folder / "environment" / "bin"
        self._uv = Tools(ROOT / ".tools", os.environ, print)
        uv = self._uv.uv()
        self.wheel = self._build(uv, folder / "wheel")
        self._ask([uv, "venv", "--no-project", "--python", str(ROOT / ".venv/bin/python"), str(self._bin.parent)])
        self._ask([uv, "pip", "install", "--python", str(self._bin / "python"), str(self.wheel)])
        self._env = self._environment(uv)

    @property
    def site_packages(self) -> Path:
        """Where the wheel was unpacked."""
        return next(self._bin.parent.glob("lib/python3.*/site-packages"))

    def run(
        self, where: Path, *arguments: str, typed: str = "", settings: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """``warmline`` with *arguments* in the folder *where*, to its end; *typed* is its standard input."""
        return subprocess.run(
            [str(self._bin / "warmline"), *arguments],
            cwd=where,
            env=self._env | dict(settings or {}),
            input=typed,
            capture_output=True,
            text=True,
            timeout=COMMAND_LIMIT_S,
            check=False,
        )

    @contextlib.contextmanager
    def up(self, project: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> Iterator[Instance]:
        """``warmline up`` with *arguments* in *project* until the block ends, once everything answers."""
        instance = Instance([str(self._bin / "warmline"), "up", *arguments], project, self._env | dict(settings or {}))
        try:
            instance.wait()
            yield instance
        finally:
            instance.stop()

    def _build(self, uv: str, out: Path) -> Path:
        self._ask([uv, "build", "--wheel", "--out-dir", str(out), str(ROOT)])
        return next(out.glob("*.whl"))

    def _ask(self, command: list[str]) -> str:
        asked = subprocess.run(
            command, cwd=ROOT, env=self._uv.environment(), capture_output=True, text=True, check=False
        )
        assert asked.returncode == 0, asked.stdout + asked.stderr
        return asked.stdout.strip()

    def _environment(self, uv: str) -> dict[str, str]:
        """An empty home, a plain PATH; uv's cache, and the Python that the engine's environment is made with here."""
        shown = (ROOT / ".venv-engine" / "pyvenv.cfg").read_text(encoding="utf-8")
        pythons = re.search(r"^home = (.+)$", shown, re.M)
        assert pythons is not None
        env = {
            "HOME": str(self.home),
            "PATH": f"{self._bin}:{Path(uv).parent}:{pythons[1]}:{os.defpath}",
            "PYTHONUNBUFFERED": "1",
            "UV_CACHE_DIR": self._ask([uv, "cache", "dir"]),
            "UV_LINK_MODE": "hardlink",
        }
        kept = ("UV_SYSTEM_CERTS", "SSL_CERT_FILE", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "HTTPS_PROXY", "https_proxy")
        return env | {name: os.environ[name] for name in kept if name in os.environ}


class Instance:
    """A running ``warmline up``: what it said (*output*), and the agents' first passwords that were in it."""

    def __init__(self, command: list[str], project: Path, env: Mapping[str, str]) -> None:
        self.project = project
        self.output: list[str] = []
        self.passwords: dict[str, str] = {}
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            command, cwd=project, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def running(self) -> dict[str, Any]:
        """What running.json says."""
        found: dict[str, Any] = json.loads((self.project / ".warmline" / "running.json").read_text(encoding="utf-8"))
        return found

    @property
    def url(self) -> str:
        """Where the bridge is."""
        return str(self.running["url"])

    def wait(self) -> None:
        """Until everything answers. Raises AssertionError with what was said when it does not come to that."""
        self._ready.wait(READY_LIMIT_S)
        if self._process.poll() is not None or not any(READY in line for line in self.output):
            raise AssertionError("warmline up did not get ready:\n" + "\n".join(self.output) + self._logs())

    def stop(self) -> None:
        """Ctrl-C; killed when that does not help."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(10)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line.rstrip())
            if found := re.search(r"\s(\w+)\s+(\w{5}-\w{5}-\w{5})$", line.rstrip()):
                self.passwords[found[1]] = found[2]
            if READY in line:
                self._ready.set()
        self._ready.set()

    def _logs(self) -> str:
        files = sorted((self.project / ".warmline" / "logs").glob("*.log"))
        return "".join(f"\n--- {f.name}\n{f.read_text(errors='replace')[-3000:]}" for f in files)


def take_models_from_here(project: Path) -> None:
    """Give *project* the models that were trained in this clone: one of the same sources need not be made again."""
    models = ROOT / ".warmline" / "models"
    if models.is_dir():
        shutil.copytree(models, project / ".warmline" / "models", dirs_exist_ok=True)
