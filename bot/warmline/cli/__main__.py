"""``python -m warmline.cli`` is ``warmline``."""

from warmline.cli import main

main()
