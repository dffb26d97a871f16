"""
Make bot/warmline/language/matters.npz: what a text is about that a person should see.

    .venv-engine/bin/python -m bench.judgement.fit_matters ../shared/data           # some minutes
    .venv-engine/bin/python -m bench.judgement.fit_matters ../shared/data --folds   # each hand read without its texts

Learned from texts written for Warmline by many hands (texts/hand_*.jsonl, texts/seen.jsonl), the training examples of
the demo shop, and as examples of what needs nobody also BANKING77's training part (CC BY 4.0), CLINC150's (CC BY 3.0),
GoEmotions' (CC BY 4.0, lines without trouble), customers' lines of twitter_care (Apache-2.0)
and customers' turns of the STAR dialogues whose id is divisible by 4 (MIT); in BANKING77 and CLINC150 the intents that
may need somebody (GRAVE) are left out. NLU++'s even folds (CC BY 4.0) give requests for a person.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from warmline.language import embed
from warmline.language.lexicon import words
from warmline.language.matters import GRAM_SHARE, NONE, WEIGHTS
from warmline.language.wording import clean, ngrams, strengths

ROOT = Path(__file__).resolve().parents[2]
TEXTS = Path(__file__).with_name("texts")
KINDS = {
    "crisis": "crisis",
    "danger": "danger",
    "threat": "threat",
    "takeover": "fraud",
    "bereavement": "bereavement",
    "hardship": "hardship",
    "carer": "carer",
    "callback": "callback",
    "person": "asked",
    "legal": "legal",
    "harmless": NONE,
    "negated": NONE,
    "calm": NONE,
}
"""Kinds of texts, and the topics they are."""
INTENTS = {"ask_person": "asked", "fraud": "fraud", "legal_threat": "legal"} | {
    kind: kind for kind in ("crisis", "danger", "threat", "bereavement", "hardship", "carer", "callback")
}
LEFT_OUT = frozenset({"complaint", "billing_dispute", "outage", "contract_change", "affirm", "deny", "inform"})
GRAVE = re.compile(
    r"compromised|not_recogni|lost_or_stolen|fraud|report_lost|unable_to_verify|swallowed|terminate|freeze|blocked"
)
AT_EASE = words(
    "admiration amusement approval caring curiosity desire excitement gratitude joy love optimism pride realization "
    "relief surprise confusion annoyance embarrassment neutral"
)
"""Emotions of GoEmotions in which nobody needs help."""
DARK = re.compile(
    r"suicid|kill|die\b|died|dead|death|funeral|passed|depress|lonely|abus|stalk|threat|rape|fraud|scam|hack|stolen|"
    r"lawyer|court|sue\b|suing|legal|police|hurt|blood|burn|fire|human|person|agent|someone|call me|speak to|talk to|"
    r"rent\b|afford|disab|dementia|widow",
    re.IGNORECASE,
)
"""Among other people's lines these words may mean it."""
EVERY = 4
RARE, KEPT, C = 3, 6_000, 10.0
Text = tuple[str, str]


def hands() -> dict[str, list[Text]]:
    """The texts of each hand, with their topics."""
    found = {}
    for path in (TEXTS / "seen.jsonl", *sorted(TEXTS.glob("hand_*.jsonl"))):
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found[path.stem] = [(one["text"], KINDS[one["kind"]]) for one in lines if one["kind"] in KINDS]
    return found


def examples() -> list[Text]:
    """The demo shop's training examples."""
    found = []
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            if "intent" not in block or block["intent"] in LEFT_OUT:
                continue
            for line in block["examples"].splitlines():
                text = re.sub(r"\[([^\]]*)\](\([^)]*\)|\{[^}]*\})", r"\1", line.strip().lstrip("- ")).strip()
                found.append((text, INTENTS.get(block["intent"], NONE)))
    return found


def ordinary(data: Path) -> list[Text]:
    """Ordinary requests to other companies, and requests for a person."""
    found: list[Text] = []
    for name, every in (("banking77_train", 2), ("clinc150_train", 4)):
        with (data / f"intents/{name}.csv").open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if not GRAVE.search(list(row.values())[1])]
        found += [(row["text"], NONE) for row in rows[::every]]
    with (data / "intents/nlupp_even_handoff.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if not re.search("fraud|stolen|lost|scam|recogni", row["text"])]
        found += [(row["text"], "asked" if row["label"] == "1" else NONE) for row in rows]
    for line in (data / "handover/star_even.jsonl").read_text(encoding="utf-8").splitlines():
        dialogue = json.loads(line)
        if dialogue["id"] % 4 == 0 and not any("fraud" in task for task in dialogue["tasks"]):
            found += [(turn["text"], NONE) for turn in dialogue["turns"] if turn["role"] == "user"]
    with (data / "mood/goemotions_train.csv").open(encoding="utf-8") as file:
        told = [row["text"] for row in csv.DictReader(file) if set(row["labels"].split("|")) <= AT_EASE]
    for line in (data / "real_text/twitter_care_dev.jsonl").read_text(encoding="utf-8").splitlines():
        told += [turn["text"] for turn in json.loads(line)["turns"] if turn["role"] == "user"]
    return [*dict.fromkeys(found), *((text, NONE) for text in told[::EVERY] if not DARK.search(text))]


def counted(texts: Sequence[str]) -> list[dict[str, int]]:
    """The n-grams of each of *texts*, words as ``w...`` and letters as ``l...``, each with its count."""
    found = []
    for text in texts:
        whole, letters = ngrams(clean(text))
        found.append({**{f"w{k}": v for k, v in whole.items()}, **{f"l{k}": v for k, v in letters.items()}})
    return found


def rows(counts: Sequence[dict[str, int]], table: dict[str, int], idf: np.ndarray) -> csr_matrix:
    """Words and letters each of length 1, as warmline.language.matters reads them."""
    known = {gram: (float(idf[n]),) for gram, n in table.items()}
    at, columns, values = [], [], []
    for row, found in enumerate(counts):
        for kind in "wl":
            here = strengths({gram: many for gram, many in found.items() if gram[0] == kind}, known)
            at += [row] * len(here)
            columns += [table[gram] for gram in here]
            values += [GRAM_SHARE * value for value in here.values()]
    return csr_matrix((values, (at, columns)), shape=(len(counts), len(table)), dtype=np.float32)


class Fitted:
    """Weights for *texts*; *vectors* are their embeddings."""

    def __init__(self, texts: Sequence[Text], vectors: np.ndarray, kept: int = KEPT) -> None:
        counts = counted([text for text, _ in texts])
        many = Counter(gram for found in counts for gram in found)
        names = sorted(gram for gram, n in many.items() if n >= RARE)
        self.kinds = sorted({kind for _, kind in texts})
        wanted = [kind for _, kind in texts]
        names = self._strongest(names, many, counts, wanted, kept)
        self.table = {gram: n for n, gram in enumerate(names)}
        self.idf = np.array([math.log((1 + len(texts)) / (1 + many[gram])) + 1.0 for gram in names])
        matrix = hstack([csr_matrix(vectors), rows(counts, self.table, self.idf)]).tocsr()
        self.model = LogisticRegression(C=C, max_iter=300, multi_class="multinomial").fit(matrix, wanted)

    @staticmethod
    def _strongest(
        names: list[str], many: Counter[str], counts: Sequence[dict[str, int]], wanted: list[str], kept: int
    ) -> list[str]:
        """The *kept* n-grams that tell most of the kinds: by chi square."""
        total = Counter(wanted)
        seen: dict[str, Counter[str]] = {name: Counter() for name in names}
        for found, kind in zip(counts, wanted):  # noqa: B905 (Python 3.10 has it, mypy reads 3.9)
            for gram in found:
                if gram in seen:
                    seen[gram][kind] += 1

        def tells(name: str) -> float:
            share = many[name] / len(wanted)
            return sum((seen[name][kind] - share * n) ** 2 / (share * n) for kind, n in total.items())

        return sorted(sorted(names, key=tells, reverse=True)[:kept])

    def shares(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        matrix = hstack([csr_matrix(vectors), rows(counted(texts), self.table, self.idf)]).tocsr()
        found: np.ndarray = self.model.predict_proba(matrix)
        return found

    def save(self) -> None:
        width = self.model.coef_.shape[1] - len(self.table)
        np.savez_compressed(
            WEIGHTS,
            kinds=np.array(self.kinds),
            names=np.array(sorted(self.table)),
            idf=self.idf.astype(np.float32),
            meaning=self.model.coef_[:, :width].T.astype(np.float16),
            grams=self.model.coef_[:, width:].T.astype(np.float16),
            bias=self.model.intercept_.astype(np.float32),
        )


def vectors_of(texts: Sequence[Text]) -> np.ndarray:
    return np.array(embed([text for text, _ in texts]), dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds", action="store_true")
    given = parser.parse_args()
    parts = {**hands(), "examples": examples(), "ordinary": ordinary(given.data)}
    known = {name: vectors_of(texts) for name, texts in parts.items()}
    print({name: len(texts) for name, texts in parts.items()}, file=sys.stderr)
    if not given.folds:
        Fitted([one for texts in parts.values() for one in texts], np.vstack(list(known.values()))).save()
        return
    for name in [name for name in parts if name.startswith("hand_")]:
        others = [other for other in parts if other != name]
        fitted = Fitted([one for other in others for one in parts[other]], np.vstack([known[o] for o in others]))
        shares = fitted.shares([text for text, _ in parts[name]], known[name])
        any_matter = 1.0 - shares[:, fitted.kinds.index(NONE)]
        kinds = np.array([kind for _, kind in parts[name]])
        best = np.array([fitted.kinds[i] for i in np.where(np.array(fitted.kinds) == NONE, -1, shares).argmax(axis=1)])
        for least in (0.3, 0.4, 0.5, 0.6, 0.7):
            found = any_matter >= least
            print(
                f"{name} {least}: found {found[kinds != NONE].mean():.3f}, of the right kind "
                f"{(found & (best == kinds))[kinds != NONE].mean():.3f}, false {found[kinds == NONE].mean():.3f}"
            )


if __name__ == "__main__":
    main()
