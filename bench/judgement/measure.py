"""
Who reaches a person, and by which rule: single messages, each the first of a conversation, through the real engine and
the real actions.

    .venv/bin/python -m bench.judgement.measure FILE.jsonl ... [--show]

A line of a file has a ``kind`` and a ``text``. For each kind it prints how many of its texts were handed over, by the
rules that serve it or by any, and the mood after them; with ``--show`` also the texts that went otherwise. Kinds in
``NOBODY`` need no person: there every handover is a false one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from warmline.cli.model import ensure_model
from warmline.core.ask import Answer, Ask
from warmline.core.conversation import Customer
from warmline.core.features import Turn
from warmline.settings import load
from warmline.supervisor import Warden
from warmline.teaching.sandbox import Engine, sandbox_engine

ROOT = Path(__file__).resolve().parents[2]
SERVED_BY = {
    "danger": {"danger", "crisis"},
    "crisis": {"crisis"},
    "threat": {"threat", "danger", "crisis"},
    "bereavement": {"bereavement"},
    "takeover": {"fraud"},
    "hardship": {"hardship", "billing_dispute", "fraud"},
    "legal": {"legal", "complaint", "fraud", "billing_dispute"},
    "callback": {"callback", "asked"},
    "carer": {"carer", "bereavement"},
    "person": {"asked", "callback", "bereavement", "carer"},
}
"""The kinds of which everybody needs a person, and the rules whose words fit."""
NOBODY = ("harmless", "negated", "calm")
SKIPPED = ("reservation", "consent", "refusal", "no_answer")
"""Answers to a question: they are judged by tests/core/test_consent.py."""


async def answer(engine: Engine, number: int, text: str) -> Answer:
    """The bot's answer to *text* as a first message."""
    turns = (Turn("customer", text, 1, 1.0),)
    return await engine.turn(Ask(f"m{number}:1", f"m{number}", 1, 1, text, Customer(f"g_{number}"), turns))


async def measure(files: Sequence[Path], show: bool) -> None:
    lines = [
        json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    lines = [line for line in lines if line["kind"] not in SKIPPED]
    settings, guard = load({}, root=ROOT), Warden()
    try:
        model = await ensure_model(settings, guard, print)
    finally:
        guard.close()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    moods: dict[str, list[float]] = defaultdict(list)
    other: list[str] = []
    async with sandbox_engine(settings, model, actions=True, say=print) as (engine, _):
        for number, line in enumerate(lines):
            kind, got = line["kind"], await answer(engine, number, line["text"])
            rule = got.decision.rule if got.decision else ""
            fits = rule in SERVED_BY.get(kind, set())
            counts[kind].update({"all": 1, "person": bool(rule), "fits": fits})
            moods[kind].append(got.analysis.mood.value)
            if (kind in SERVED_BY and not fits) or (kind in NOBODY and rule) or (kind == "quiet" and not rule):
                what = f"{got.analysis.intent} {got.analysis.confidence:.2f}, mood {got.analysis.mood.value:.2f}"
                other.append(f"  {kind:<12} {rule or '-':<16} ({what}) {line['text']}")
    print(f"{'kind':<12} {'texts':>5} {'a person':>9} {'right rule':>10}   mean mood, highest")
    for kind, count in counts.items():
        of = moods[kind]
        fits = f"{count['fits']:>10}" if kind in SERVED_BY else " " * 10
        print(f"{kind:<12} {count['all']:>5} {count['person']:>9} {fits}   {sum(of) / len(of):.2f}  {max(of):.2f}")
    if show:
        print("\nwent otherwise:", *other, sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="also print the texts that went otherwise")
    options = parser.parse_args()
    asyncio.run(measure(options.files, options.show))


if __name__ == "__main__":
    main()
