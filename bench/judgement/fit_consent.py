"""
Make bot/warmline/language/consent.json: what a plain yes sounds like, from the answers in bench/judgement/texts that
are not kept for measuring.

    .venv-engine/bin/python -m bench.judgement.fit_consent           # some seconds
    .venv-engine/bin/python -m bench.judgement.fit_consent --folds   # each file read by weights made without it
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bench.judgement.answers import Said, load
from warmline.language import consent_model
from warmline.language.consent import consent, known_words, says_yes, signs_of
from warmline.language.consent_model import Weights, clauses, grams
from warmline.language.wording import strengths

TEXTS = Path(__file__).with_name("texts")
FITTED = (
    "seen.jsonl",
    "seen_answers.jsonl",
    "unseen.jsonl",
    "unseen_answers.jsonl",
    "unseen_answers_second.jsonl",
    "unseen_answers_third.jsonl",
)
"""Looked at by now, whatever their name: what is measured on is kept elsewhere."""
RARE = 2
KEPT = 5_000
C = 10.0


def fit(said: Sequence[Said]) -> Weights:
    """The weights learned from *said*."""
    words = Counter(word for one in said if one.meant == "yes" for word in set(agreeing(one)))
    vocabulary = frozenset(word for word, texts in words.items() if texts >= RARE)
    known = known_words(vocabulary)
    counts = [grams(signs_of(one.text, one.acts, one.named, known=known)) for one in said]
    texts = Counter(gram for found in counts for gram in found)
    idf = {gram: math.log((1 + len(said)) / (1 + many)) + 1.0 for gram, many in sorted(texts.items()) if many >= RARE}
    wanted = np.array([one.meant == "yes" for one in said])
    weight = dict(zip(idf, _regression(counts, idf, wanted).coef_[0]))  # noqa: B905 (mypy reads 3.9)
    strongest = sorted(idf, key=lambda gram: -abs(weight[gram] * idf[gram]))[:KEPT]
    idf = {gram: idf[gram] for gram in sorted(strongest)}
    model = _regression(counts, idf, wanted)
    return Weights(
        provenance=(
            "Made by bench/judgement/fit_consent.py; do not edit by hand.",
            f"{len(said)} answers to last questions, written for Warmline by many hands: {', '.join(FITTED)}.",
        ),
        grams={
            gram: (round(of, 3), round(float(weight), 3))
            for (gram, of), weight in zip(idf.items(), model.coef_[0])  # noqa: B905
            if round(float(weight), 3)
        },
        bias=round(float(model.intercept_[0]), 4),
        words=vocabulary,
    )


def agreeing(one: Said) -> list[str]:
    """The words of the clauses of a consent that say it; those that tell a story are no part of any yes."""
    found = signs_of(one.text, one.acts, one.named, known=frozenset())
    return [word for clause in clauses(found) if says_yes(clause) for word in clause]


def _regression(counts: Sequence[dict[str, int]], idf: dict[str, float], wanted: np.ndarray) -> LogisticRegression:
    place = {gram: n for n, gram in enumerate(idf)}
    table = {gram: (value,) for gram, value in idf.items()}
    rows, columns, values = [], [], []
    for row, found in enumerate(counts):
        here = strengths(found, table)
        rows += [row] * len(here)
        columns += [place[gram] for gram in here]
        values += list(here.values())
    matrix = csr_matrix((values, (rows, columns)), shape=(len(counts), len(idf)))
    return LogisticRegression(C=C, max_iter=1_000).fit(matrix, wanted)


def report(name: str, said: Sequence[Said], show: bool = True) -> None:
    """How *said* are taken with the weights in use."""
    found = [consent(one.text, acts=one.acts, named=one.named) for one in said]
    for meant in ("yes", "no", None):
        taken = Counter(was for one, was in zip(said, found, strict=True) if one.meant == meant)
        print(
            f"{name:<24} meant {meant!s:<5} {sum(taken.values()):>4}: "
            + ", ".join(f"{n} {w}" for w, n in taken.items())
        )
    if show:
        for one, was in zip(said, found, strict=True):
            if (was == "yes") != (one.meant == "yes"):
                print(f"    {one.meant!s:<5} taken for {was!s:<5} {one.text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--folds", action="store_true")
    if not parser.parse_args().folds:
        made = fit(load(TEXTS / name for name in FITTED))
        plain = {"provenance": made.provenance, "bias": made.bias, "words": sorted(made.words)}
        lines = ",\n".join(f"{json.dumps(gram, ensure_ascii=False)}: [{a}, {b}]" for gram, (a, b) in made.grams.items())
        head = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in plain.items())
        consent_model.WEIGHTS.write_text(f'{{\n{head},\n"grams": {{\n{lines}\n}}\n}}\n', encoding="utf-8")
        return
    parts = {name: load([TEXTS / name]) for name in FITTED}
    answers = parts.pop("seen_answers.jsonl")
    hands = (
        ("A", 0, 200),
        ("E", 200, 510),
        ("F", 510, 820),
        ("G", 820, 1130),
        ("Q", 1130, 1490),
        ("BH", 1490, 1850),
        ("R", 1850, 2230),
        ("S", 2230, 2630),
        ("U", 2630, 2990),
        ("V", 2990, 3350),
        ("W", 3350, 3710),
        ("X", 3710, 4070),
        ("Y", 4070, 4430),
    )
    parts |= {f"answers {hand}": answers[begins:ends] for hand, begins, ends in hands}
    for name, said in parts.items():
        others = [one for other, its in parts.items() if other != name for one in its]
        made = fit(others)
        consent_model.weights = lambda made=made: made  # type: ignore[assignment]
        report(name, said)


if __name__ == "__main__":
    main()
