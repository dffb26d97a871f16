"""``python -m bot.cli`` is ``warmline``."""

from bot.cli import main

main()
