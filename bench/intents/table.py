"""
How well the shipped pipeline understands, beside its peers, on public data: the table of docs/measurements.md.

::

    .venv/bin/python bench/intents/table.py ../shared/data [--pipelines stock,sparse,use,minilm,shipped]
                                                           [--sets banking10,banking,clinc] [--draws 3]

BANKING77 is read on a held-out fifth of its training file, the same one for all, and learnt from all the rest or from
10 examples an intent, drawn anew for each of *draws*. CLINC150 is learnt from its training file without any
out-of-scope text and read on its validation files.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from warmline.evaluation.intent_commands import run  # noqa: E402
from warmline.evaluation.intents import OOS, Figures, Reading, figures  # noqa: E402
from warmline.settings import load  # noqa: E402

Labelled = list[tuple[str, str]]
PIPELINES = ("stock", "sparse", "use", "minilm", "shipped")
SETS = ("banking10", "banking", "clinc")
SHOTS = 10
HELD_OUT = 5


def read(file: Path) -> Labelled:
    with file.open(encoding="utf-8", newline="") as opened:
        return [(row["text"], row["label"]) for row in csv.DictReader(opened)]


def split(rows: Labelled) -> tuple[Labelled, Labelled]:
    """All but a fifth of each label, and that fifth: the same one every time."""
    learnt, tested = [], []
    for label in sorted({label for _, label in rows}):
        its = [row for row in rows if row[1] == label]
        random.Random(label).shuffle(its)
        tested += its[: len(its) // HELD_OUT]
        learnt += its[len(its) // HELD_OUT :]
    return learnt, tested


def few(rows: Labelled, draw: int) -> Labelled:
    """:data:`SHOTS` of each label."""
    chosen = []
    for label in sorted({label for _, label in rows}):
        its = [row for row in rows if row[1] == label]
        chosen += random.Random(f"{label} {draw}").sample(its, min(SHOTS, len(its)))
    return chosen


def rounds(data: Path, name: str, draws: int) -> list[tuple[Labelled, Labelled]]:
    """What is learnt and what is read in each run of the set *name*."""
    if name == "clinc":
        tested = read(data / "clinc150_val.csv") + [(text, OOS) for text, _ in read(data / "clinc150_oos_val.csv")]
        return [(read(data / "clinc150_train.csv"), tested)]
    learnt, tested = split(read(data / "banking77_train.csv"))
    return [(few(learnt, draw), tested) for draw in range(draws)] if name == "banking10" else [(learnt, tested)]


def percent(values: list[float | None]) -> str:
    known = [100 * one for one in values if one is not None]
    if not known:
        return "-"
    spread = f" ({min(known):.1f} to {max(known):.1f})" if len(known) > 1 else ""
    return f"{statistics.mean(known):.1f}{spread}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--pipelines", default=",".join(PIPELINES))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--draws", type=int, default=3)
    options = parser.parse_args()
    python = load().engine_python
    print("| set | pipeline | likeliest right | right and sure | oos caught | ms, p95 | MB | training s |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in options.sets.split(","):
        for pipeline in options.pipelines.split(","):
            config = ROOT / "config.yml" if pipeline == "shipped" else ROOT / "bench" / "intents" / f"{pipeline}.yml"
            found: list[Figures] = []
            for learnt, tested in rounds(options.data / "intents", name, options.draws):
                answer = run(python, ROOT, config, learnt, tested)
                found.append(
                    figures(
                        [
                            Reading(text, label, intent, best, confidence)
                            for (text, label), (intent, confidence, best) in zip(tested, answer["read"], strict=True)
                        ]
                    )
                )
            cells = [
                *(name, pipeline, percent([one.in_scope_accuracy_unthresholded for one in found])),
                *(percent([one.in_scope_accuracy for one in found]), percent([one.oos_recall for one in found])),
                *(f"{answer['ms_median']}, {answer['ms_p95']}", str(answer["memory_mb"]), str(answer["train_s"])),
            ]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
