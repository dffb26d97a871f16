"""
What is done after a last question: answers of other hands, read by the real engine and judged as the forms judge them.

    .venv/bin/python -m bench.judgement.consents FILE.jsonl ...

A line has a ``kind`` (reservation, consent or refusal), a ``text`` and the question, as ``context`` or ``question``.
Prints for each kind how many were taken for a yes, for a no, and asked again, and every reservation that was taken for
a yes and every consent that was not.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from bench.judgement import answers as texts
from warmline.cli.model import ensure_model
from warmline.language.consent import consent
from warmline.language.signs import in_words
from warmline.settings import load
from warmline.supervisor import Warden
from warmline.teaching.sandbox import sandbox_engine

ROOT = Path(__file__).resolve().parents[2]
KINDS_OF = {meant: kind for kind, meant in texts.KINDS.items()}


async def measure(files: Sequence[Path]) -> None:
    answers = texts.load(files)
    settings, guard = load({}, root=ROOT), Warden()
    try:
        model = await ensure_model(settings, guard, print)
    finally:
        guard.close()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    shown: list[str] = []
    async with sandbox_engine(settings, model, actions=False, say=print) as (engine, _):
        for one in answers:
            text = in_words(one.text, asked=True)
            top = (await engine.understand(text)).intents[0]
            said = consent(
                text, acts=one.acts, named=one.named, intent=str(top["name"]), confidence=float(top["confidence"])
            )
            kind = KINDS_OF[one.meant]
            counts[kind][said or "asked again"] += 1
            if (said == "yes") != (one.meant == "yes"):
                shown.append(f"  {kind:<12} {said or 'asked again':<12} {one.text}")
    for kind, count in counts.items():
        print(f"{kind:<12} {sum(count.values()):>4}  " + ", ".join(f"{n} {what}" for what, n in count.most_common()))
    print(*shown, sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    asyncio.run(measure(parser.parse_args().files))


if __name__ == "__main__":
    main()
