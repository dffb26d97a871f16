"""The same shop twice: the demo shop itself, and the demo shop behind HTTP, over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from actions.backend import Mail
from actions.backend.demo import DemoShop
from actions.backend.http import HttpShop
from tests.actions.backend.reference import Reference, serving

NOW = 1_790_000_000.0
TOKEN = "a-token-for-the-tests"


class Demo:
    """The demo shop."""

    def __init__(self, path: Path) -> None:
        codes = iter(f"{n:06d}" for n in range(111_111, 999_999))
        self.path, self.now = path, NOW
        self.demo = DemoShop(path, NOW, lambda: next(codes))
        self.shop: Any = self.demo

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shop, name)

    async def outbox(self) -> list[Mail]:
        return await self.demo.outbox()


class OverHttp(Demo):
    """The same over HTTP. The shop's own clock counts there: it is set to what a call says."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.shop, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            self.now = kwargs.get("now", self.now)
            return await method(*args, **kwargs)

        return call


@pytest.fixture(params=["demo", "http"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Demo]:
    if request.param == "demo":
        made = Demo(tmp_path / "shop.db")
        yield made
    else:
        made = OverHttp(tmp_path / "shop.db")
        async with serving(Reference(made.demo, TOKEN, lambda: made.now).handle) as address:
            made.shop = HttpShop(address, TOKEN, limit_s=20.0)
            yield made
            await made.shop.close()
    await made.demo.close()
