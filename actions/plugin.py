"""What the shop brings to Warmline; named in warmline.toml."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import msgspec

from actions.backend.demo import DemoShop
from actions.forms import describe_slots
from actions.services import backend, make
from actions.settings import ShopSettings
from actions.test_data import ShopTestData
from warmline.core.errors import BackendError, SettingsError
from warmline.plugins import Demo, Level, Plugins
from warmline.settings import Settings

OUTBOX_SHOWN = 20


def shop(plugins: Plugins) -> None:
    """Register the shop's backend, its demo page and the check of its system."""
    describe_slots()
    plugins.provide_services(make)
    plugins.provide_demo(demo)
    plugins.provide_test_data(ShopTestData)
    plugins.add_check("shop", check)


def demo(settings: Settings) -> Demo:
    """The page of the demo shop; its mails are shown there in place of a mailbox."""
    mails = DemoShop(ShopSettings.of(settings).database, time.time())

    async def outbox() -> bytes:
        shown = await mails.outbox(OUTBOX_SHOWN)
        return msgspec.json.encode([{"to": m.to, "subject": m.subject, "body": m.text, "at": m.at} for m in shown])

    return Demo(
        pages=Path(__file__).with_name("page"),
        json={"/demo/outbox.json": outbox},
        team_name="Fjord & Fern",
    )


def check(settings: Settings) -> tuple[Level, str]:
    """Whether the shop's system answers."""
    try:
        chosen = ShopSettings.of(settings)
        if chosen.backend == "demo":
            hint = "" if settings.demo else "; customers of a real shop need SHOP_BACKEND=http (docs/backend.md)."
            return "ok" if settings.demo else "warn", f"the demo shop, with orders that nobody made{hint}"
        asyncio.run(backend(chosen).check())
    except (SettingsError, BackendError) as wrong:
        return "fail", wrong.text
    file = chosen.backend_token_file
    if file.stat().st_mode & 0o077:
        return "warn", f"others on this machine can read its token; 'chmod 600 {file}' mends that."
    return "ok", f"{chosen.backend_url} answers, and knows our token"
