"""What the shop's conversation tests need: its data as they were at first, and the codes that it mailed."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

SHOP = "shop.db"


class ShopTestData:
    """The demo shop in *home*; *first_day* is what it is put back to, by default what it holds now."""

    def __init__(self, home: Path, first_day: sqlite3.Connection | None = None) -> None:
        self._shop = home / SHOP
        self._first_day = first_day or sqlite3.connect(":memory:", check_same_thread=False)
        if first_day is None:
            with contextlib.closing(sqlite3.connect(self._shop)) as held:
                held.backup(self._first_day)

    def reset(self) -> None:
        """See :class:`warmline.plugins.TestData`."""
        with contextlib.closing(sqlite3.connect(self._shop)) as now:
            self._first_day.backup(now)

    def code_for(self, address: str) -> str | None:
        """See :class:`warmline.plugins.TestData`: the newest mail with six digits."""
        with contextlib.closing(sqlite3.connect(f"file:{self._shop}?mode=ro", uri=True)) as db:
            for (mail,) in db.execute('select text from outbox where "to" = ? order by id desc', [address]):
                if code := re.search(r"\b\d{6}\b", str(mail)):
                    return code[0]
        return None
