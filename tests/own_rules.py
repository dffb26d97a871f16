"""The shipped escalation.yml with a rule, topics or meanings of a project's own."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = (ROOT / "escalation.yml").read_text(encoding="utf-8")
BEFORE = "  - name: asked\n"


def source(when: str = "", *, topics: str = "", intents: str = "", queue: str = "support", name: str = "own") -> str:
    """The file's text; *when* is the rule's condition, *topics* and *intents* are lines of those sections."""
    text = SHIPPED
    if when:
        rule = f'  - name: {name}\n    when: {when}\n    urgency_min: 4\n    queue: {queue}\n    say: "Mine."\n\n'
        assert text.count(BEFORE) == 1
        text = text.replace(BEFORE, rule + BEFORE)
    if topics:
        text = text.replace("\ntopics:\n", f"\ntopics:\n  {topics}\n", 1)
    if intents:
        text = text.replace("\nintents:\n", f"\nintents:\n  {intents}\n", 1)
    return text


def written(folder: Path, text: str) -> Path:
    """A file with *text* in *folder*."""
    file = folder / "escalation.yml"
    file.write_text(text, encoding="utf-8")
    return file


def line_of(text: str, part: str) -> int:
    """The line, from 1, in which *part* stands first."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)
