"""The bridge of tests/bridge, for faults that need no process of their own. FAULTS=full asks for the long forms."""

from __future__ import annotations

import os

import pytest

from tests.bridge.conftest import make_world, world

__all__ = ["make_world", "world"]


@pytest.fixture
def full() -> bool:
    """Whether the long forms were asked for (``make faults``)."""
    return os.environ.get("FAULTS") == "full"
