"""Small pictures as SVG, written out by hand: three kinds of line chart do not need a plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from warmline.evaluation.metrics import Bin

INK, SOFT, ACCENT = "#3b3733", "#d9d2ca", "#e4572e"
FONT = "font-family='system-ui, sans-serif' font-size='13'"


def _page(width: int, height: int, body: str) -> str:
    size = f"width='{width}' height='{height}'"
    head = f"<svg xmlns='http://www.w3.org/2000/svg' {size} viewBox='0 0 {width} {height}' {FONT}>"
    return f"{head}<rect {size} fill='#fffdfa'/>{body}</svg>\n"


def _text(x: float, y: float, words: str, more: str = "text-anchor='middle'") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' fill='{INK}' {more}>{escape(words)}</text>"


def _square(left: int, top: int, side: int, title: str, across: str, up: str) -> str:
    """The frame of a chart of 0..1 by 0..1, with its diagonal."""
    middle, bottom = left + side / 2, top + side
    parts = [
        _text(middle, top - 14, title, "text-anchor='middle' font-weight='600'"),
        _text(middle, bottom + 42, across),
    ]
    for n in range(5):
        y = top + side * n / 4
        parts.append(f"<line x1='{left}' x2='{left + side}' y1='{y}' y2='{y}' stroke='{SOFT}'/>")
        parts.append(_text(left - 8, y + 4, f"{1 - n / 4:g}", "text-anchor='end'"))
        parts.append(_text(left + side * n / 4, bottom + 20, f"{n / 4:g}"))
    ends = f"x1='{left}' y1='{bottom}' x2='{left + side}' y2='{top}'"
    parts.append(f"<line {ends} stroke='{INK}' stroke-opacity='0.4' stroke-dasharray='4'/>")
    parts.append(f"<g transform='translate({left - 44} {top + side / 2}) rotate(-90)'>{_text(0, 0, up)}</g>")
    return "".join(parts)


def _line(points: Sequence[tuple[float, float]], colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>"


def roc_and_calibration(curve: Sequence[tuple[float, float, float]], bins: Sequence[Bin], area: float) -> str:
    """The ROC *curve* and the calibration *bins* side by side; a dot of the latter grows with its bin."""
    side, top, first, second = 280, 50, 70, 450
    body = _square(first, top, side, f"ROC (area {area:.3f})", "false positive rate", "true positive rate")
    body += _line([(first + x * side, top + (1 - y) * side) for x, y, _ in curve], ACCENT)
    body += _square(second, top, side, "Calibration", "mood (larger dots: more turns)", "share that was frustrated")
    body += _line([(second + one.mean * side, top + (1 - one.share) * side) for one in bins], ACCENT)
    most = max((one.size for one in bins), default=1)
    body += "".join(
        f"<circle cx='{second + one.mean * side:.1f}' cy='{top + (1 - one.share) * side:.1f}' "
        f"r='{2 + 6 * (one.size / most) ** 0.5:.1f}' fill='{ACCENT}'><title>{one.size} turns</title></circle>"
        for one in bins
    )
    return _page(780, 400, body)


def mood_curve(
    values: Sequence[tuple[int, float]], handed: Sequence[tuple[int, str]], upset: float, angry: float
) -> str:
    """
    The mood (0..1) after each customer turn (its seq), with the levels. *handed* are the turns after which a person was
    called for, with the rule: a ring, and the rule's name at the first, after which the bot is not asked any more.
    """
    left, top, high, step = 100, 56, 220, 46
    wide = max(1, len(values) - 1) * step
    rings = dict(handed)
    first = min(rings, default=None)
    parts = [_text(left, 22, "Mood after each message of the customer", "font-weight='600'")]
    if first is not None:
        parts.append(_text(left, 40, "A ring: a person is called for. Dark: the first time.", ""))
    for level, name in ((0.0, "calm 0"), (upset, f"upset {upset:g}"), (angry, f"angry {angry:g}"), (1.0, "1")):
        y = top + high * (1 - level)
        dash = "" if level in (0.0, 1.0) else "stroke-dasharray='4'"
        parts.append(
            f"<line x1='{left}' x2='{left + max(wide, 340)}' y1='{y:.1f}' y2='{y:.1f}' stroke='{SOFT}' {dash}/>"
        )
        parts.append(_text(left - 10, y + 4, name, "text-anchor='end'"))
    points = [(left + n * step, top + high * (1 - value)) for n, (_, value) in enumerate(values)]
    parts.append(_line(points, ACCENT))
    for (x, y), (seq, value) in zip(points, values, strict=True):
        ring = f"stroke='{INK}' stroke-width='3'" if seq in rings else ""
        fill = INK if seq == first else "#fffdfa" if seq in rings else ACCENT
        title = f"{value:.2f} {rings.get(seq, '')}".strip()
        parts.append(
            f"<circle cx='{x}' cy='{y:.1f}' r='5' fill='{fill}' {ring}><title>{escape(title)}</title></circle>"
        )
        parts.append(_text(x, top + high + 22, str(seq)))
        if seq == first:
            # Beside the curve, on the side where there is room.
            leans, shift = ("start", 12) if x < left + wide / 2 else ("end", -12)
            words = rings[seq].replace("_", " ")
            parts.append(_text(x + shift, y + (20 if value > 0.5 else -12), words, f"text-anchor='{leans}'"))
    parts.append(_text(left + max(wide, 340) / 2, top + high + 44, "message"))
    return _page(left + max(wide, 340) + 40, top + high + 60, "".join(parts))
