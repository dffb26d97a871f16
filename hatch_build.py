"""Packs the template ``shop`` into the wheel, from where it stands in the repository's root."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PackTheShop(BuildHookInterface[Any]):
    """Adds it to a wheel that is to be installed elsewhere; an editable one finds it in the clone."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        templates = Path(self.root, "bot", "warmline", "templates")
        shop = runpy.run_path(str(templates / "__init__.py"))["SHOP"]
        for name in shop:
            build_data["force_include"][str(Path(self.root, name))] = f"warmline/templates/shop/{name}"
