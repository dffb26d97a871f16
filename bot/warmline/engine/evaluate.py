"""
``python -m warmline.engine.evaluate``: train the NLU part of a config.yml on any texts and labels, and read other
texts.

Both files are CSV with the columns ``text`` and ``label``. Nothing but the labels of the training texts is learnt from;
the pipeline is the one of config.yml, run by Rasa. The answer is one JSON file of what was understood.
"""

import argparse
import csv
import json
import logging
import resource
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Dict, List, Tuple

from warmline.engine import lean_start, project

TIMED = 200
BATCH = 256
OUT_OF_SCOPE = "out_of_scope"
"""What the label ``oos`` is called while training: the name of the intent that the shipped policies know."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m warmline.engine.evaluate")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    warnings.simplefilter("ignore")
    if not lean_start.needed(lean_start.components(project.read(options.config))):
        lean_start.leave_tensorflow_out()
    answer = evaluate(options.config, read(options.train), [text for text, _ in read(options.test)])
    options.out.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    return 0


def read(file: Path) -> List[Tuple[str, str]]:
    """The texts and labels of *file*."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [(row["text"], row["label"]) for row in csv.DictReader(opened)]


def names(labels: List[str]) -> Dict[str, str]:
    """
    A name for each label that Rasa takes for one intent: it reads a slash as a sub-intent. Different labels have
    different names.
    """
    found: Dict[str, str] = {}
    for label in sorted(set(labels)):
        name = OUT_OF_SCOPE if label == "oos" else label.replace("/", "_").strip() or "_"
        while name in found.values():
            name += "_"
        found[label] = name
    return found


def evaluate(config: Path, train: List[Tuple[str, str]], texts: List[str]) -> Dict[str, Any]:
    """
    What *config*'s pipeline, trained on *train*, understands of each of *texts*.

    Returns ``read``: [best intent or ``oos``, its confidence, the ranking's best name] for each text, and the figures
    ``train_s``, ``ms_median``, ``ms_p95`` (one text at a time, processor time), ``memory_mb`` (the most, training
    included).
    """
    import rasa.model_training
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    name_of = names([label for _, label in train])
    label_of = {name: label for label, name in name_of.items()}
    examples = [{"text": text, "intent": name_of[label], "entities": []} for text, label in train if text.strip()]
    with tempfile.TemporaryDirectory(prefix="warmline-evaluate-") as room:
        data = Path(room) / "nlu.json"
        data.write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}), encoding="utf-8")
        started = time.process_time()
        model = rasa.model_training.train_nlu(str(config), str(data), room, fixed_model_name="evaluated")
        train_s = time.process_time() - started
        processor = Agent.load(model).processor
        runner, target = processor.graph_runner, processor.model_metadata.nlu_target

        def understand(some: List[str]) -> List[Any]:
            asked = [UserMessage(text) for text in some]
            answer: List[Any] = runner.run({PLACEHOLDER_MESSAGE: asked, PLACEHOLDER_TRACKER: None}, [target])[target]
            return answer

        rows: List[Any] = []
        for start in range(0, len(texts), BATCH):
            for message in understand(texts[start : start + BATCH]):
                ranking = [one for one in message.get("intent_ranking", []) if one["name"] != "nlu_fallback"]
                best = ranking[0] if ranking else {"name": "nlu_fallback", "confidence": 0.0}
                chosen = message.get("intent", {}).get("name")
                rejected = chosen in ("nlu_fallback", OUT_OF_SCOPE, None)
                guess = label_of.get(best["name"], best["name"])
                rows.append(["oos" if rejected else guess, best["confidence"], guess])
        spent = [_timed(understand, text) for text in texts[:TIMED]]
    return {
        "read": rows,
        "examples": len(examples),
        "intents": len(name_of),
        "train_s": round(train_s, 1),
        "ms_median": round(statistics.median(spent), 2),
        "ms_p95": round(sorted(spent)[int(len(spent) * 0.95)], 2),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _timed(understand: Any, text: str) -> float:
    started = time.process_time()
    understand([text])
    return (time.process_time() - started) * 1000


if __name__ == "__main__":
    sys.exit(main())
