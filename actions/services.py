"""What the shop's actions stand on: its backend, and what an order number looks like in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from actions.backend import Backend
from actions.backend.demo import DemoShop
from actions.backend.http import HttpShop
from actions.settings import ShopSettings, load_backend_token
from warmline.actions.services import Services, live_rules, services
from warmline.core.errors import SettingsError
from warmline.core.identifiers import Identifier
from warmline.core.rules import Rules
from warmline.identifiers_file import IdentifierFiles
from warmline.settings import Settings


class ShopServices(Services):
    """
    As every bot's, and the shop: *backend* looks up and does, *orders* says what an order number looks like.

    Raises:
        SettingsError: data/order_number.yml under *root* cannot be read.
    """

    def __init__(
        self,
        rules: Callable[[], Rules],
        backend: Backend,
        clock: Callable[[], float] = time.time,
        *,
        root: Path,
        zone: str = "UTC",
    ) -> None:
        super().__init__(rules, clock, root=root, zone=zone)
        self.backend = backend
        self._identifiers = IdentifierFiles(root)
        _ = self.orders

    @property
    def orders(self) -> Identifier:
        """As data/order_number.yml says it now."""
        found = next((one for one in self._identifiers.now() if one.entity == "order_number"), None)
        if found is None:
            raise SettingsError("data/order_number.yml: expected a regex 'order_number', its pattern under examples.")
        return found

    async def check(self) -> None:
        await self.backend.check()


def shop() -> ShopServices:
    """The one shop of this process. Raises as :func:`warmline.actions.services.services`."""
    found = services()
    if not isinstance(found, ShopServices):
        raise RuntimeError("warmline.toml must name the plugin actions.plugin:shop, which brings the shop's backend.")
    return found


def make(chosen: Settings) -> ShopServices:
    """
    The shop that the settings choose.

    Raises:
        SettingsError: a setting, escalation.yml, data/order_number.yml or the shop's token cannot be read.
        BackendError: the certificates for the shop's system cannot be read.
    """
    return ShopServices(
        live_rules(chosen).now, backend(ShopSettings.of(chosen)), root=chosen.root, zone=chosen.hours.zone
    )


def backend(chosen: ShopSettings) -> Backend:
    """Raises as :func:`make`."""
    if chosen.backend == "demo":
        return DemoShop(chosen.database, time.time())
    token = load_backend_token(chosen.backend_token_file)
    return HttpShop(chosen.backend_url, token, limit_s=chosen.backend_limit_s, ca_file=chosen.backend_ca_file)
