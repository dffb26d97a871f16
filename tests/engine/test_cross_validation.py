"""Rasa's own cross-validation, as `warmline test --folds` runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, inherited

pytestmark = pytest.mark.engine

EXAMPLES = {
    "order_status": ["where is my order", "track my parcel", "has it been sent", "when will my order come"],
    "refund_status": ["where is my refund", "I want my money back", "has the refund been paid", "no refund yet"],
}


def test_it_ends_says_how_far_it_is_and_leaves_rasas_reports(tmp_path: Path) -> None:
    """Each example is read once, by a model that did not learn from it."""
    nlu = "".join(
        f"- intent: {name}\n  examples: |\n    - " + "\n    - ".join(texts) + "\n" for name, texts in EXAMPLES.items()
    )
    (tmp_path / "nlu.yml").write_text('version: "3.1"\nnlu:\n' + nlu)
    command = [sys.executable, "-m", "warmline.teaching.rasa_lean", "test", "nlu", "--nlu", str(tmp_path / "nlu.yml")]
    command += ["--config", "config.yml", "--cross-validation", "--folds", "2", "--out", str(tmp_path / "out")]
    env = {**inherited(), "RASA_TELEMETRY_ENABLED": "false", "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=260, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = [line for line in ended.stdout.splitlines() if line.startswith(("fold", "  reading", "writing"))]
    assert told == [
        "fold 1 of 2: training with 4 examples",
        "  reading the 4 that were left out",
        "fold 2 of 2: training with 4 examples",
        "  reading the 4 that were left out",
        "writing Rasa's reports and pictures",
    ]
    assert (tmp_path / "out" / "intent_report.json").exists()
