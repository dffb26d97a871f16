"""
The wheel, installed by a stranger into an empty environment, in an empty folder, with an empty home: a project of each
template is made, set up, started, talked to, handed over, and tested; another team's bot is adopted. All run side by
side.
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from warmline.templates import SHOP

from .conversation import told_and_handed_over
from .installation import ROOT, Installation, Instance

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]


def test_the_wheel_holds_warmline_and_nothing_else(installation: Installation) -> None:
    """No other module comes into anybody's environment; with the types, pages, data and pins that it works with."""
    names = zipfile.ZipFile(installation.wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"warmline"}
    kept = {name.removeprefix("warmline/") for name in names}
    for wanted in (
        *("py.typed", "pins/engine.txt", "pins/uv.txt", "web/console/index.html", "web/widget/warmline-chat.js"),
        *("language/consent.json", "language/matters.npz", "templates/bare/domain.yml"),
    ):
        assert wanted in kept
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    installed = {path.name for path in installation.site_packages.iterdir()}
    assert not installed & {"actions", "bot", "tests", "tools", "bench"}


def test_the_template_is_the_repositorys_own_root(installation: Installation) -> None:
    """Every file of the shop that git knows, byte for byte, and no other."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *SHOP], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    packed = installation.site_packages / "warmline" / "templates" / "shop"
    found = {path.relative_to(packed).as_posix() for path in packed.rglob("*") if path.is_file()}
    assert {name for name in found if not name.endswith(".pyc")} == {name for name in listed if name}
    for name in sorted(found):
        if not name.endswith(".pyc"):
            assert (packed / name).read_bytes() == (ROOT / name).read_bytes()


def test_a_project_is_needed_and_it_is_said_how_to_come_to_one(installation: Installation, tmp_path: Path) -> None:
    """Outside of one, and among the installed packages, where there are files that look like one."""
    told = installation.run(tmp_path, "train")
    assert (told.returncode, told.stdout) == (1, "")
    assert "warmline init NAME" in told.stderr
    assert "warmline adopt" in told.stderr
    inside = installation.run(installation.site_packages / "warmline" / "templates" / "bare", "train")
    assert inside.returncode == 1
    assert "installed package" in inside.stderr
    assert installation.run(installation.site_packages, "init", "mine").returncode == 1


async def test_the_shop_answers_hands_over_and_takes_back(shop: Instance) -> None:
    """From an empty folder to a conversation with a person; the engine's environment was made on the way."""
    assert f"Project: {shop.project}" in shop.output
    question, answer = "where is my order A1042, mara@example.com", "A1042"
    await told_and_handed_over(shop.url, question, answer, "anna", shop.passwords["anna"])


async def test_the_smallest_bot_answers_hands_over_and_takes_back(installation: Installation, bare: Instance) -> None:
    """With an agent that was added by hand; what the other project had made is not made again."""
    assert not any("Making the engine's environment" in line for line in bare.output)
    added = installation.run(bare.project, "agent", "add", "kim", "--password-stdin", typed="correct horse\n")
    assert added.returncode == 0, added.stderr
    await told_and_handed_over(bare.url, "how can I contact you", "hello@example.com", "kim", "correct horse")


async def test_a_bot_of_another_teams_answers_hands_over_and_takes_back(
    installation: Installation, adopted: Instance
) -> None:
    """Two commands in its folder, none of its files changed, and the same conversation with a person."""
    theirs = ROOT / "tests" / "adopted" / "bots" / "library"
    for file in (path for path in theirs.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        assert (adopted.project / file.relative_to(theirs)).read_bytes() == file.read_bytes()
    added = installation.run(adopted.project, "agent", "add", "lee", "--password-stdin", typed="correct horse\n")
    assert added.returncode == 0, added.stderr
    question = "until when is the library open"
    await told_and_handed_over(adopted.url, question, "Tuesday to Saturday", "lee", "correct horse")


def test_instances_run_side_by_side(shop: Instance, bare: Instance) -> None:
    """Each at ports of its own, which running.json tells."""
    places = [(one["url"], one["actions_url"], *one["engine_urls"]) for one in (shop.running, bare.running)]
    assert not {*places[0]} & {*places[1]}


def test_commands_speak_to_the_projects_own_instance(installation: Installation, bare: Instance, folder: Path) -> None:
    """From any folder within it, without a word about addresses; a neighbour with the same settings has none."""
    piped = installation.run(bare.project / "data", "chat", typed="hello there\n")
    assert piped.returncode == 0, piped.stderr
    assert "assistant:  Hello, I'm an AI assistant." in piped.stdout
    tried = installation.run(bare.project, "try", "what is your mail address")
    assert re.search(r"contact", tried.stdout)
    assert "Starting" not in tried.stdout
    seen = installation.run(bare.project, "doctor")
    assert f"at {bare.url}" in seen.stdout
    assert "fail" not in seen.stdout
    assert installation.run(folder, "init", "neighbour").returncode == 0
    port = {"WARMLINE_PORT": bare.url.rpartition(":")[2]}
    for command in ("chat", "agent"):
        told = installation.run(folder / "neighbour", command, settings=port)
        assert told.returncode == 1
        assert f"Nothing runs in the project {folder / 'neighbour'}" in told.stderr
    second = installation.run(bare.project, "up")
    assert "already running" in second.stderr


def test_the_smallest_bots_own_conversations_go_as_written(installation: Installation, bare: Instance) -> None:
    """``warmline check`` finds no mistake in what it was taught, and ``warmline test`` none in what it says."""
    looked = installation.run(bare.project, "check")
    assert looked.returncode == 0, looked.stdout + looked.stderr
    tested = installation.run(bare.project, "test")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert re.search(r"Conversations: (\d+) of \1 go as written", tested.stdout)


def test_nothing_was_written_outside_the_projects(installation: Installation, shop: Instance, bare: Instance) -> None:
    """But the engine's environment, in the folder that users' data has, and what Rasa itself has in ``.config``."""
    assert {path.name for path in installation.home.iterdir()} == {".config", ".local"}
    assert {path.name for path in (installation.home / ".config").iterdir()} <= {"rasa", "matplotlib"}
    shared = installation.home / ".local" / "share" / "warmline"
    assert len([path for path in shared.iterdir() if path.is_dir() and path.name.startswith("engine-")]) == 1
    for running in (shop, bare):
        made = {path.name for path in running.project.iterdir()} - {Path(name).parts[0] for name in SHOP}
        assert made == {".gitignore", ".warmline"}
        assert json.loads((running.project / ".warmline" / "running.json").read_text())["url"] == running.url
