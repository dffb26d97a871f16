"""Reading data/order_number.yml: what order numbers look like in this shop, or an error that says what to mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from warmline.core.errors import SettingsError
from warmline.core.order_number import OrderNumbers

PLACE = Path("data") / "order_number.yml"
REGEX = "order_number"
EXAMPLE = "utter_order_number_example"
EXPECTED = f"expected a regex '{REGEX}' with its pattern under examples, and a response {EXAMPLE} with a number like it"


class OrderNumberFile:
    """The file of the project at *root*, read again when it has changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: tuple[int, OrderNumbers] | None = None

    def now(self) -> OrderNumbers:
        """
        What it says. A change that cannot be read is not taken over: the training says what is wrong with it.

        Raises:
            SettingsError: as :func:`load_order_numbers`, the first time.
        """
        try:
            changed = (self._root / PLACE).stat().st_mtime_ns
        except OSError:
            changed = -1
        if self._seen is None:
            self._seen = (changed, load_order_numbers(self._root))
        elif self._seen[0] != changed:
            try:
                self._seen = (changed, load_order_numbers(self._root))
            except SettingsError:
                self._seen = (changed, self._seen[1])
        return self._seen[1]


def load_order_numbers(root: Path) -> OrderNumbers:
    """
    Read and check the file of the project at *root*.

    Raises:
        SettingsError: it cannot be read, is not written as Rasa's, or its pattern or example is of no use; the text
            says which and what was expected.
    """
    from ruamel.yaml import YAML  # here, because it takes a tenth of a second
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML(typ="safe", pure=True).load((root / PLACE).read_text(encoding="utf-8"))
    except (OSError, UnicodeError, YAMLError) as wrong:
        reason = " ".join(str(wrong).split())
        raise SettingsError(f"{PLACE}, which says what an order number looks like, cannot be read: {reason}.") from None
    try:
        patterns = patterns_of(tree)
        example = str(tree["responses"][EXAMPLE][0]["text"])
    except (KeyError, IndexError, TypeError, AttributeError):
        raise SettingsError(f"{PLACE}: {EXPECTED}.") from None
    if not patterns:
        raise SettingsError(f"{PLACE}: {EXPECTED}.")
    try:
        return OrderNumbers("|".join(patterns), example)
    except ValueError as wrong:
        raise SettingsError(f"{PLACE}: {wrong}") from None


def patterns_of(tree: Any) -> list[str]:
    """The patterns of the regex, as Rasa reads them: a line each."""
    blocks = [entry["examples"] for entry in tree["nlu"] if entry.get("regex") == REGEX]
    lines = [line.strip() for block in blocks for line in str(block).splitlines()]
    return [line.removeprefix("-").strip() for line in lines if line]
