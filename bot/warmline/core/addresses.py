"""E-mail addresses in a text, found by their form."""

from __future__ import annotations

import re

EMAIL = re.compile(r"(?<![\w.+-])[\w.+%'-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?![\w-])", re.IGNORECASE)
"""Local part and domain are bounded, so that no text makes the search slow."""


def spelled(found: str) -> str:
    """The address that :data:`EMAIL` *found*, in its one spelling."""
    return found.lower().strip("'.")
