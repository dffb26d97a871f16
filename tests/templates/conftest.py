"""One installation of the wheel for all tests here, and a running project of each template in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import free_port

from .installation import ROOT, Installation, Instance, take_models_from_here


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel in an empty environment, and a user with an empty home."""
    if not (ROOT / ".venv-engine").is_dir():
        pytest.skip("the engine's environment is missing: run 'make setup' first")
    return Installation(tmp_path_factory.mktemp("installation"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder, for projects."""
    return tmp_path_factory.mktemp("projects")


@pytest.fixture(scope="session")
def shop(installation: Installation, folder: Path) -> Iterator[Instance]:
    """The demo shop as ``warmline init`` makes it, running."""
    assert installation.run(folder, "init", "shop", "--template", "shop").returncode == 0
    take_models_from_here(folder / "shop")
    with installation.up(folder / "shop", "--demo", "--port", str(free_port())) as running:
        yield running
    shutil.rmtree(folder / "shop" / ".warmline", ignore_errors=True)


@pytest.fixture(scope="session")
def bare(installation: Installation, folder: Path) -> Iterator[Instance]:
    """The smallest bot, running beside the shop, its port written in its warmline.toml."""
    assert installation.run(folder, "init", "bare").returncode == 0
    with (folder / "bare" / "warmline.toml").open("a") as settings:
        settings.write(f"\nport = {free_port()}\n")
    with installation.up(folder / "bare") as running:
        yield running


@pytest.fixture(scope="session")
def adopted(installation: Installation, folder: Path) -> Iterator[Instance]:
    """A bot of another team's, adopted as it is, running beside the others."""
    project = folder / "library"
    shutil.copytree(ROOT / "tests" / "adopted" / "bots" / "library", project)
    told = installation.run(project, "adopt")
    assert told.returncode == 0, told.stderr
    with installation.up(project, "--port", str(free_port())) as running:
        yield running
