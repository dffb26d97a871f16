"""``python -m warmline.actions``: see :mod:`warmline.actions.server`."""

from __future__ import annotations

import sys

from warmline.actions.server import main

if __name__ == "__main__":
    sys.exit(main())
