"""What ``warmline test`` leaves behind: a report to read, and a picture of what is taken for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

import msgspec

from warmline.teaching.conversation_tests import Played

MOST = 24
CELL, LEFT, TOP = 22, 190, 170


class Guess(msgspec.Struct, frozen=True):
    """A sentence, what it means, and what it was taken for."""

    text: str
    intent: str
    guess: str
    confidence: float = 0.0


def picture(guesses: Sequence[Guess], most: int = MOST) -> str:
    """
    An SVG of the intents that are confused most: a row for what was meant, a column for what was understood.

    The darker, the larger the share of the row; the diagonal is outlined. Only the *most* most confused are drawn.
    """
    wrong: Counter[str] = Counter()
    for one in guesses:
        if one.intent != one.guess:
            wrong.update((one.intent, one.guess))
    names = sorted(name for name, _ in wrong.most_common(most))
    place = {name: at for at, name in enumerate(names)}
    cells = Counter((one.intent, one.guess) for one in guesses if one.intent in place and one.guess in place)
    totals = Counter(one.intent for one in guesses)
    width, height = LEFT + CELL * len(names) + 20, TOP + CELL * len(names) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="{height - 12}" fill="#555">across: what was understood; down: what was meant</text>',
    ]
    for name, at in place.items():
        middle = CELL * at + CELL // 2
        parts.append(f'<text x="{LEFT - 6}" y="{TOP + middle + 4}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<text transform="translate({LEFT + middle + 4},{TOP - 6}) rotate(-60)">{escape(name)}</text>')
    for row, meant in enumerate(names):
        for column, taken in enumerate(names):
            count = cells[meant, taken]
            x, y = LEFT + CELL * column, TOP + CELL * row
            colour, share = ("#2E7D6B" if meant == taken else "#E4572E"), count / max(1, totals[meant])
            stroke = "#999" if meant == taken else "#eee"
            parts.append(
                f'<rect x="{x}" y="{y}" width="{CELL - 1}" height="{CELL - 1}" fill="{colour}" '
                f'fill-opacity="{min(1.0, share * (1 if meant == taken else 4)):.2f}" stroke="{stroke}">'
                f"<title>{escape(meant)} taken for {escape(taken)}: {count} of {totals[meant]}</title></rect>"
            )
            if count:
                parts.append(f'<text x="{x + CELL // 2}" y="{y + 15}" text-anchor="middle">{count}</text>')
    return "\n".join([*parts, "</svg>\n"])


def markdown(how: str, guesses: Sequence[Guess], played: Sequence[Played]) -> str:
    """The report: understanding, the worst intent first; then the conversations that did not go as written."""
    right = sum(one.intent == one.guess for one in guesses)
    lines = ["# How well the assistant does", "", "## Understanding", ""]
    lines += [f"{right} of {len(guesses)} examples ({share(right, len(guesses))}) are understood. {how}", ""]
    lines += ["![What is taken for what](confusion.svg)", ""]
    lines += ["| intent | examples | found | right when said |", "|---|---|---|---|"]
    meant, taken = Counter(one.intent for one in guesses), Counter(one.guess for one in guesses)
    hits = Counter(one.intent for one in guesses if one.intent == one.guess)
    for name in sorted(meant, key=lambda name: (hits[name] / meant[name], name)):
        found, right_when_said = share(hits[name], meant[name]), share(hits[name], taken[name])
        lines.append(f"| {name} | {meant[name]} | {found} | {right_when_said} |")
    lines += ["", "### Not understood", "", "| said | meant | taken for |", "|---|---|---|"]
    lines += [f"| {_cell(one.text)} | {one.intent} | {one.guess} |" for one in guesses if one.intent != one.guess]
    bad = [one for one in played if one.wrong]
    lines += ["", "## Conversations", "", f"{len(played) - len(bad)} of {len(played)} go as written.", ""]
    for one in bad:
        lines += [f"### {one.conversation.name} ({one.conversation.file}.yml)", ""]
        lines += [f"- {_cell(sentence)}" for sentence in one.wrong] + [""]
    return "\n".join(lines) + "\n"


def share(part: int, whole: int) -> str:
    """As a percentage; a dash when there is nothing to share."""
    return f"{part / whole:.0%}" if whole else "–"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def write(directory: Path, how: str, guesses: Sequence[Guess], played: Sequence[Played]) -> Path:
    """Write report.md and confusion.svg into *directory*; returns the report."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "confusion.svg").write_text(picture(guesses), encoding="utf-8")
    report = directory / "report.md"
    report.write_text(markdown(how, guesses, played), encoding="utf-8")
    return report
