"""
Every figure of docs/measurements.md on knowing when to hand over, from the public data beside the repository.

::

    .venv/bin/python bench/mood/measure.py ../shared/data [satisfaction ordinary transfers requests tweets speed ...]

``warmline eval mood`` and ``warmline eval handover`` make the figures on the support dialogues.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from warmline.core.escalation import assess, escalates, gather  # noqa: E402
from warmline.core.features import Features, Turn  # noqa: E402
from warmline.core.mood import WINDOW  # noqa: E402
from warmline.core.rules import Evidence, Rules  # noqa: E402
from warmline.evaluation import handover  # noqa: E402
from warmline.evaluation.dialogues import Line, read_lines  # noqa: E402
from warmline.evaluation.metrics import auroc, count, interval  # noqa: E402
from warmline.evaluation.score import score, streamed  # noqa: E402
from warmline.language import embed, read  # noqa: E402
from warmline.rules_file import SENSITIVITIES, load_rules  # noqa: E402

OWN_TALK = ("own_talk.jsonl", "own_talk_later.jsonl")


def looked_at(dialogue: str) -> bool:
    """Whether signals were developed on this dialogue of USS: every third, by its name."""
    return hashlib.sha256(dialogue.encode()).digest()[0] % 3 == 0


def satisfaction(data: Path, rules: Rules) -> None:
    """USS, SGD part: does a higher mood go with dissatisfied turns? Its last line, "OVERALL", is no turn."""
    rated = [
        (
            one.line.raw["mean"],
            one.line.raw["label3"] == "dissatisfied",
            one.assessment.mood.value,
            one.line.dialogue,
            bool(one.line.raw.get("overall")),
        )
        for one in score(read_lines(data / "mood/uss_sgd.jsonl"), rules)
        if one.assessment is not None and one.line.raw.get("ratings")
    ]
    turns = [one for one in rated if not one[4]]
    for who, some in (
        ("two thirds not looked at", [one for one in turns if not looked_at(one[3])]),
        ("the third looked at", [one for one in turns if looked_at(one[3])]),
        ("all, and the lines OVERALL", rated),
    ):
        values, names = [one[2] for one in some], [one[3] for one in some]
        for what, labels in (
            ("labelled dissatisfied", [int(one[1]) for one in some]),
            ("mean below 2.5", [int(one[0] < 2.5) for one in some]),
        ):
            low, high = interval(auroc, labels, values, names, rounds=200)
            print(
                f"satisfaction, {who}, {what} ({len(some)} turns, base rate {sum(labels) / len(labels):.3f}): "
                f"AUROC {auroc(labels, values):.3f} [{low:.3f}, {high:.3f}]"
            )


def star_lines(data: Path, rest: int) -> Iterator[Line]:
    """STAR as lines: the dialogues whose id leaves *rest* when divided by 4 (0 was fitted on, 2 was not)."""
    for text in (data / "handover/star_even.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(text)
        if one["id"] % 4 != rest:
            continue
        for number, turn in enumerate(one["turns"]):
            role = "customer" if turn["role"] == "user" else "bot"
            raw = {"tasks": one["tasks"]}
            yield Line(number, str(one["id"]), role, turn["text"], raw)


def ordinary(data: Path, rules: Rules) -> None:
    """STAR: how many of 100 ordinary dialogues are handed over, by rule."""
    for rest, what in ((0, "fitted on"), (2, "not fitted on")):
        handed: dict[str, str] = {}
        seen, fraud = set(), set()
        for one in score(star_lines(data, rest), rules):
            seen.add(one.line.dialogue)
            if "bank_fraud_report" in one.line.raw["tasks"]:
                fraud.add(one.line.dialogue)
            if one.assessment is not None and one.assessment.decision.escalate:
                handed.setdefault(one.line.dialogue, one.assessment.decision.rule)
        others = {name: rule for name, rule in handed.items() if name not in fraud}
        print(
            f"ordinary talk ({what}): {len(seen)} dialogues, "
            f"handed over {100 * len(handed) / len(seen):.2f} per 100; "
            f"without the {len(fraud)} that report a fraud {100 * len(others) / (len(seen) - len(fraud)):.2f} per 100"
        )
        print("   all:", dict(Counter(handed.values()).most_common()))
        print("   without fraud reports:", dict(Counter(others.values()).most_common()))


def at_each(rules_file: Path) -> dict[str, Rules]:
    """The rules of the file at each of the three sensitivities."""
    source = rules_file.read_text(encoding="utf-8")
    found = {}
    with TemporaryDirectory() as folder:
        for name in SENSITIVITIES:
            file = Path(folder) / "escalation.yml"
            file.write_text(re.sub(r"(?m)^sensitivity: \w+", f"sensitivity: {name}", source), encoding="utf-8")
            found[name] = load_rules(file)
    return found


def moments(lines: Iterable[Line]) -> dict[str, list[tuple[Line, Evidence]]]:
    """The customer turns of each dialogue, with what the rules look at."""
    found: dict[str, list[tuple[Line, Evidence]]] = {}
    for line, turns in streamed(lines):
        if line.role == "customer":
            found.setdefault(line.dialogue, []).append((line, gather(turns)[1]))
    return found


def caught_and_alarmed(talks: dict[str, list[tuple[Line, Evidence]]], rules: Rules) -> handover.Row:
    """As ``warmline eval handover`` counts."""
    return handover.row(
        "ours",
        [
            [handover.Point(line.raw.get("mean"), {"ours": escalates(evidence, rules)}) for line, evidence in talk]
            for talk in talks.values()
        ],
    )


def sensitivities(data: Path, rules: Rules) -> None:
    """Calm, balanced and eager: who needs a person, who is fine, and ordinary talk without the reports of a fraud."""
    talks = moments(read_lines(data / "mood/support_frustration_even.jsonl"))
    own = moments(line for name in OWN_TALK for line in read_lines(ROOT / "tests/evaluation" / name))
    for name, some in at_each(ROOT / "escalation.yml").items():
        for what, these in (("support dialogues", talks), ("of our own", own)):
            row = caught_and_alarmed(these, some)
            print(
                f"{name}, {what}: {row.caught} of {row.needing} caught, {row.alarmed} of {row.fine} fine ones alarmed"
            )
    for rest, what in ((0, "fitted on"), (2, "not fitted on")):
        ordinary_talks = {
            dialogue: talk
            for dialogue, talk in moments(star_lines(data, rest)).items()
            if "bank_fraud_report" not in talk[0][0].raw["tasks"]
        }
        for name, some in at_each(ROOT / "escalation.yml").items():
            handed = sum(any(escalates(one, some) for _, one in talk) for talk in ordinary_talks.values())
            print(f"{name}, ordinary talk ({what}): {100 * handed / len(ordinary_talks):.2f} per 100 handed over")


def own_talk(data: Path, rules: Rules) -> None:
    """The written conversations of tests/evaluation: those read while mending, and those written later."""
    for name in OWN_TALK:
        row = caught_and_alarmed(moments(read_lines(ROOT / "tests/evaluation" / name)), rules)
        print(f"{name}: {row.caught} of {row.needing} caught, {row.alarmed} of {row.fine} fine ones alarmed")


def transfers(data: Path, rules: Rules) -> None:
    """
    RSSN: role and sentiment in, a decision after each utterance out, compared with where a person was needed.

    Within a tolerance of t: the share of the golden transfers with one of ours at most t utterances away, and the other
    way round.
    """
    felt = (Features(wording=6.0, vader=-1.0), Features(), Features(wording=-4.0, vader=0.6))
    gold: list[int] = []
    ours: list[bool] = []
    near = {t: [0, 0, 0, 0] for t in (1, 2, 3)}
    for text in (data / "handover/rssn_makeup_eval.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(text)
        turns: list[Turn] = []
        said = []
        for number, (role, sentiment) in enumerate(zip(one["role"], one["sentiment"], strict=True)):
            customer = role == "customer"
            turns.append(
                Turn(
                    "customer" if customer else "bot",
                    f"utterance {number}",
                    seq=number + 1,
                    features=felt[sentiment] if customer else None,
                )
            )
            said.append(customer and assess(turns[-WINDOW:], rules).decision.escalate)
        gold += one["handoff"]
        ours += said
        golden = [n for n, label in enumerate(one["handoff"]) if label]
        called = [n for n, call in enumerate(said) if call]
        for t, found in near.items():
            found[0] += sum(any(abs(n - other) <= t for other in called) for n in golden)
            found[1] += len(golden)
            found[2] += sum(any(abs(n - other) <= t for other in golden) for n in called)
            found[3] += len(called)
    found = count(gold, ours)
    print(f"transfers: F1 {found.f1:.3f}, precision {found.precision:.3f}, recall {found.recall:.3f}")
    for t, (met, golden_all, right, called_all) in near.items():
        print(f"   within {t}: {met / golden_all:.3f} of the golden ones met, {right / called_all:.3f} of ours right")


def part_of(text: str) -> str:
    """Which part of asks_for_human a text is in: half for writing the phrases, two quarters held out."""
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).digest()
    return "half 1" if digest[0] % 2 == 0 else f"quarter {3 + digest[1] % 2}"


def requests(data: Path, rules: Rules) -> None:
    """asks_for_human: requests for a person heard, and others taken for one."""
    found: dict[str, Counter[str]] = {}
    with (data / "intents/asks_for_human.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            heard = read(row["text"]).asks_person
            kind = ("heard" if heard else "missed") + (" yes" if row["label"] == "1" else " no")
            for part in (part_of(row["text"]), "all"):
                found.setdefault(part, Counter())[kind] += 1
    for part, kinds in sorted(found.items()):
        yes, no = kinds["heard yes"] + kinds["missed yes"], kinds["heard no"] + kinds["missed no"]
        print(
            f"requests, {part}: {kinds['heard yes']} of {yes} heard ({100 * kinds['heard yes'] / yes:.2f} %), "
            f"{kinds['heard no']} of {no} others taken for one ({100 * kinds['heard no'] / no:.2f} %)"
        )


def slip(text: str, luck: random.Random) -> str | None:
    """*text* with one letter of one longer word left out, swapped, doubled or wrong; None when there is none."""
    words = text.split()
    longer = [n for n, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    if not longer:
        return None
    chosen = luck.choice(longer)
    word, at = words[chosen], luck.randrange(1, len(words[chosen]) - 1)
    words[chosen] = luck.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at] + word[at:],
            word[:at] + luck.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :],
        )
    )
    return " ".join(words)


def slips(data: Path, rules: Rules) -> None:
    """Requests for a person that are heard as written, with one slip of the pen each, ten times over."""
    luck = random.Random(20_261_122)
    with (data / "intents/asks_for_human.csv").open(encoding="utf-8", newline="") as file:
        asked = [row["text"] for row in csv.DictReader(file) if row["label"] == "1" and read(row["text"]).asks_person]
    wrong = [one for text in asked for one in (slip(text, luck) for _ in range(10)) if one]
    heard = sum(read(one).asks_person for one in wrong)
    print(f"slips of the pen: {heard} of {len(wrong)} heard ({100 * heard / len(wrong):.1f} %)")


def tweets(data: Path, rules: Rules) -> None:
    """Airline tweets, never looked at while building: does the wording tell negative from the rest?"""
    with (data / "mood/airline_tweets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::5]
    texts = [row["text"] for row in rows]
    vectors = [vector for start in range(0, len(texts), 256) for vector in embed(texts[start : start + 256])]
    labels = [int(row["label"] == "negative") for row in rows]
    values = [read(text, vector).wording for text, vector in zip(texts, vectors, strict=True)]
    vader = [-read(text, vector).vader for text, vector in zip(texts, vectors, strict=True)]
    print(
        f"airline tweets ({len(rows)}, base rate {sum(labels) / len(labels):.2f}): AUROC of the wording "
        f"{auroc(labels, values):.3f}, of VADER {auroc(labels, vader):.3f}"
    )


def other_languages(data: Path, rules: Rules) -> None:
    """Ten calm and ten annoyed lines of our own each, in three languages."""
    rows = [
        line.split("\t") for line in (Path(__file__).parent / "other_languages.tsv").read_text("utf-8").splitlines()[1:]
    ]
    for language in sorted({row[0] for row in rows}):
        some = [row for row in rows if row[0] == language]
        labels = [int(row[1]) for row in some]
        print(
            f"language {language}: AUROC {auroc(labels, [read(row[2]).wording for row in some]):.3f} "
            f"on {len(some)} lines"
        )


def speed(data: Path, rules: Rules) -> None:
    """Milliseconds a turn, and turns a second of ``score``, on one core."""
    lines = list(read_lines(data / "mood/support_frustration_even.jsonl"))
    texts = [line.text for line in lines if line.role == "customer"]
    vectors = [vector for start in range(0, len(texts), 256) for vector in embed(texts[start : start + 256])]
    read("warm")

    def per_turn(work: list[float]) -> str:
        work.sort()
        return f"median {1000 * work[len(work) // 2]:.2f} ms, 95 % {1000 * work[int(0.95 * len(work))]:.2f} ms"

    for what, given in (("with the embedding", vectors), ("without", [None] * len(texts))):
        took = []
        for text, vector in zip(texts, given, strict=True):
            started = time.process_time()
            read(text, vector)
            took.append(time.process_time() - started)
        print(f"speed, read {what}: {per_turn(took)} of processor time")
    started = time.process_time()
    judged = sum(1 for one in score(lines, rules) if one.assessment is not None)
    spent = time.process_time() - started
    print(f"speed, score: {judged / spent:.0f} customer turns ({len(lines) / spent:.0f} lines) a second")


MEASURES = (satisfaction, ordinary, sensitivities, own_talk, transfers, requests, slips, tweets, other_languages, speed)
ALL = {one.__name__: one for one in MEASURES}

if __name__ == "__main__":
    chosen = sys.argv[2:] or list(ALL)
    for name in chosen:
        ALL[name](Path(sys.argv[1]), load_rules(ROOT / "escalation.yml"))
