"""
What ``warmline init`` makes a project from. Standard library only: ``hatch_build.py`` runs this file to pack the wheel.

``bare`` stands here. ``shop``, the demo shop, is the repository's own root: the wheel holds a copy that is made when it
is built, and a clone takes it from where it is.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent

SHOP = (
    "config.yml",
    "domain.yml",
    "endpoints.yml",
    "credentials.yml",
    "escalation.yml",
    "warmline.toml",
    "data",
    "actions",
    "tests/assistant/conversations",
)
"""The files and folders of the repository's root that are the shop's, relative to it."""


def contents(template: str) -> dict[str, Path]:
    """
    What a project made from *template* (``bare`` or ``shop``) begins with: its files and folders, by their place in the
    project.

    Raises:
        FileNotFoundError: this Warmline has no such template.
    """
    packed = HERE / template
    if packed.is_dir():
        return {path.name: path for path in sorted(packed.iterdir())}
    clone = HERE.parents[2]
    if template == "shop" and (clone / "pyproject.toml").is_file():
        return {name: clone / name for name in SHOP}
    raise FileNotFoundError(template)
