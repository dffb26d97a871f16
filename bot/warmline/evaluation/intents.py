"""How well texts are understood: figures over what a pipeline read, compared with the labels people gave."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from warmline.core.errors import SettingsError

OOS = "oos"
"""The label, and the answer, that means: none of the intents."""


class Reading(msgspec.Struct, frozen=True):
    """
    One text. *label* is a person's, *intent* what the pipeline answers (``oos`` when it is not sure enough), *best* its
    likeliest intent even so, with *confidence* 0..1.
    """

    text: str
    label: str
    intent: str
    best: str
    confidence: float


class Figures(msgspec.Struct, frozen=True):
    """
    All from 0 to 1, None where no text counts for it.

    *in_scope_accuracy* counts an in-scope text that was answered ``oos`` as wrong, *in_scope_accuracy_unthresholded*
    takes the likeliest intent; *accuracy* is over all texts, out-of-scope ones included. *macro_f1* is the mean F1 over
    the labels of the test, ``oos`` included when there is one. *oos_recall* is how many of the out-of-scope texts were
    answered ``oos``, *oos_precision* how many so answered were out of scope, *in_scope_rejected* how many in-scope
    texts were answered ``oos``.
    """

    texts: int
    in_scope: int
    out_of_scope: int
    accuracy: float | None
    macro_f1: float | None
    in_scope_accuracy: float | None
    in_scope_accuracy_unthresholded: float | None
    in_scope_rejected: float | None
    oos_recall: float | None
    oos_precision: float | None


def figures(readings: Sequence[Reading]) -> Figures:
    """The figures of *readings*; of none at all, all None."""
    inside = [one for one in readings if one.label != OOS]
    outside = [one for one in readings if one.label == OOS]
    refused = [one for one in readings if one.intent == OOS]
    return Figures(
        texts=len(readings),
        in_scope=len(inside),
        out_of_scope=len(outside),
        accuracy=_share([one.intent == one.label for one in readings]),
        macro_f1=_macro_f1(readings),
        in_scope_accuracy=_share([one.intent == one.label for one in inside]),
        in_scope_accuracy_unthresholded=_share([one.best == one.label for one in inside]),
        in_scope_rejected=_share([one.intent == OOS for one in inside]),
        oos_recall=_share([one.intent == OOS for one in outside]),
        oos_precision=_share([one.label == OOS for one in refused]),
    )


def confusions(readings: Sequence[Reading]) -> list[tuple[str, str, int]]:
    """Which label was read as which other answer, and how often; the most frequent first."""
    counted = Counter((one.label, one.intent) for one in readings if one.label != one.intent)
    return [(label, intent, times) for (label, intent), times in counted.most_common()]


def read_labelled(file: Path) -> list[tuple[str, str]]:
    """
    The texts and labels of a CSV file; texts of nothing but white space are left out.

    Raises:
        SettingsError: it is not UTF-8, has no columns ``text`` and ``label``, holds no text, or lacks a label.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.DictReader(opened)
            if not {"text", "label"} <= set(rows.fieldnames or ()):
                raise SettingsError(f"{file} needs the columns text and label in its first line, separated by a comma.")
            found = [(row["text"] or "", (row["label"] or "").strip()) for row in rows]
    except UnicodeDecodeError as wrong:
        raise SettingsError(f"{file} is not UTF-8 ({wrong.reason} at byte {wrong.start}); save it as UTF-8.") from None
    found = [(text, label) for text, label in found if text.strip()]
    if not found:
        raise SettingsError(f"{file} holds no text.")
    without = [text for text, label in found if not label]
    if without:
        raise SettingsError(f"{file} has a text without a label: {without[0][:80]!r}.")
    return found


def write_labelled(file: Path, rows: Sequence[tuple[str, str]]) -> None:
    """Write *rows* as :func:`read_labelled` reads them."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("text", "label"))
        writer.writerows(rows)


def write_readings(file: Path, readings: Sequence[Reading]) -> None:
    """One line for each text, in their order: ``text,label,intent,confidence``."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("text", "label", "intent", "confidence"))
        writer.writerows((one.text, one.label, one.intent, f"{one.confidence:.6f}") for one in readings)


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def _macro_f1(readings: Sequence[Reading]) -> float | None:
    labels, answers = Counter(one.label for one in readings), Counter(one.intent for one in readings)
    right = Counter(one.label for one in readings if one.intent == one.label)
    if not labels:
        return None
    return sum(2 * right[label] / (labels[label] + answers[label]) for label in labels) / len(labels)
