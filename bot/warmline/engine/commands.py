"""
How to start what runs beside the bridge: training, the engine, the actions. Pure, and imports no Rasa.

Secrets travel in the environment, never in an argument list that ``ps`` shows. Each environment is complete in what
Warmline needs; lay it over what a process inherits (without ``PYTHONDONTWRITEBYTECODE``: without ``.pyc`` files
importing Rasa takes four times as long).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from warmline.engine import project

ENGINE_HEALTH = "/webhooks/warmline/health"
"""Answers 200 ``{"ready": true, "model": "..."}`` once the model is loaded, 503 before."""

ENGINE_TURN = "/webhooks/warmline/turn"
"""POST an Ask as JSON with ``Authorization: Bearer TOKEN``: an Answer comes back with 200, else a Refusal."""

LIMIT_HEADER = "Warmline-Limit-S"
"""A header of such a POST: the seconds after which nobody waits for the answer any more. The engine refuses before."""

ENGINE_UNDERSTAND = "/webhooks/warmline/understand"
"""POST ``{"text": "..."}`` with the token: how it is read and what would be done first. Nothing is done."""

ACTIONS_HEALTH = "/health"
"""Answers 200 ``{"status": "ok"}``."""

PACKAGE = Path(__file__).resolve().parents[1]
"""Where Warmline itself lies."""

PROJECT_SOURCES = (*project.CONFIGS, *project.DOMAINS, "data")
"""Where a project keeps what its model is made from, as far as that is known without reading its config.yml."""

PACKAGE_SOURCES = (
    "engine/classifier.py",
    "engine/domain",
    "engine/escalation_policy.py",
    "engine/featurizer.py",
    "engine/extractor.py",
    "engine/importer.py",
    "language/embedding.py",
    "language/minilm.py",
    "language/ngrams.py",
)
"""
What of Warmline's a model is made from, relative to :data:`PACKAGE`; what of the project's is, says
:func:`warmline.engine.project.sources`.
"""


class Command(msgspec.Struct, frozen=True):
    """A process to start: *argv*, the variables *env* to lay over the inherited ones, the directory *cwd*."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str


QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_MAX_CACHE_SIZE": "0",  # every training is whole: what it would keep in .rasa is never read
    "SANIC_HOST": "127.0.0.1",  # for ``python -m rasa_sdk``, which listens everywhere without it
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "LOG_LEVEL": "WARNING",  # of Rasa; also turns its progress bars off
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",
}


def domain_path(root: Path) -> Path:
    """The domain of the project at *root*: its domain.yml, or the folder ``domain`` of one that is split."""
    return next(
        (at for name in ("domain.yml", "domain.yaml", "domain") if (at := root / name).exists()), root / "domain.yml"
    )


def fingerprint(root: Path) -> str:
    """
    The name a model of the present sources has: 16 hexadecimal digits of the SHA-256 over their paths and bytes.

    Raises:
        SettingsError: *root* holds no Rasa project.
    """
    digest = hashlib.sha256()
    ours = [file for source in PACKAGE_SOURCES for file in project.files_of(PACKAGE / source)]
    for base, files in ((root, project.sources(project.find(root))), (PACKAGE, ours)):
        for file in files:
            digest.update(file.relative_to(base).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def model_path(root: Path, models_dir: Path) -> Path:
    """Where the model of the present sources is, or will be once :func:`train` has run."""
    return models_dir / f"warmline-{fingerprint(root)}.tar.gz"


def train(*, python: Path, root: Path, model: Path) -> Command:
    """
    Train a model of the sources under *root* into the file *model* (:func:`model_path`), with the engine's *python*.

    Exits 0 when *model* is there, whole; else non-zero with the reason as last line of stderr. Prints a line per step.
    """
    return Command(
        argv=(str(python), "-m", "warmline.engine.train", "--root", str(root), "--out", str(model)),
        env=QUIET,
        cwd=str(root),
    )


def engine(*, python: Path, root: Path, model: Path, port: int, actions_port: int, token: str) -> Command:
    """Serve *model* on 127.0.0.1:*port*, with the engine's *python*. Ready when :data:`ENGINE_HEALTH` answers 200."""
    return Command(
        argv=(
            *(str(python), "-m", "warmline.engine.serve"),
            *("--root", str(root), "--model", str(model), "--port", str(port)),
        ),
        env={**QUIET, "WARMLINE_ENGINE_TOKEN": token, "WARMLINE_ACTIONS_PORT": str(actions_port)},
        cwd=str(root),
    )


def actions(*, python: Path, root: Path, port: int, settings: Mapping[str, str], token: str | None = None) -> Command:
    """
    Serve the custom actions on 127.0.0.1:*port*, with the project's *python*.

    *settings* is ``Settings.as_environment()``: the actions read escalation.yml and whatever else is set through it.
    With *token*, the engine's, nobody else may call them: without it any page in a browser on this machine could try.
    """
    guard, keys = (("--guarded",), {"WARMLINE_ENGINE_TOKEN": token}) if token else ((), {})
    return Command(
        argv=(str(python), "-m", "warmline.actions", "--port", str(port), *guard),
        env={**QUIET, **settings, **keys},
        cwd=str(root),
    )


def own_actions(*, python: Path, root: Path, port: int) -> Command:
    """
    Serve the project's own package ``actions`` on 127.0.0.1:*port* by rasa-sdk alone, with a *python* that has it and
    nothing of Warmline's. It gets none of our settings and keys.
    """
    return Command(
        argv=(str(python), "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)),
        env={"SANIC_HOST": "127.0.0.1", "PYTHONUNBUFFERED": "1", "RASA_TELEMETRY_ENABLED": "false"},
        cwd=str(root),
    )
