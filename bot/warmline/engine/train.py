"""``python -m warmline.engine.train``: make a model of a Rasa project with what Warmline adds, whole or not at all."""

import argparse
import json
import logging
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import List, Optional

from warmline.engine import lean_start, project


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m warmline.engine.train")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    warnings.simplefilter("ignore")
    started = time.monotonic()
    _tell("Loading Rasa")
    try:
        found = project.find(options.root)
        project.refuse_older(found)
        project.refuse_collisions(found)
        if not lean_start.needed(lean_start.components(project.read(found.config))):
            lean_start.leave_tensorflow_out()
        train(found, options.out)
    except (Exception, SystemExit) as failure:
        print(f"The training failed: {reason(failure)}", file=sys.stderr)  # noqa: T201 (the supervisor shows this)
        return 1
    _tell(f"Trained {options.out.name} in {time.monotonic() - started:.0f} s")
    return 0


def reason(failure: BaseException) -> str:
    """
    Why the training failed, whole, in one line: what was raised first, then what Rasa said around it that adds to it,
    such as the file it was in.
    """
    said: List[str] = []
    wrong: Optional[BaseException] = failure
    while wrong is not None:
        text = " ".join(str(wrong).split()) or type(wrong).__name__
        if not any(text in other for other in said):
            said = [text, *(other for other in said if other not in text)]
        wrong = wrong.__cause__ or (None if wrong.__suppress_context__ else wrong.__context__)
    named = [text for text in said if '"<unicode string>"' not in text]  # YAML's own, which knows no file
    said = named or said
    return ". ".join(text.rstrip(".") for text in said) + "."


def train(found: project.Project, out: Path) -> None:
    """
    Train the project *found* into *out*; an existing file is replaced only by a whole one.

    Raises:
        Exception: whatever Rasa raises about the training data; *out* is unchanged then.
    """
    import rasa.model_training
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.shared.core.domain import Domain
    from rasa.shared.data import TrainingType
    from rasa.utils.log_utils import configure_structlog

    from warmline.engine.importer import as_config

    configure_structlog(logging.ERROR)
    _tell("Training")
    out.parent.mkdir(parents=True, exist_ok=True)
    if found.domain is not None:
        Domain.load(str(found.domain))  # Rasa's importer would go on without one that is wrong
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".training-") as room:
        config = Path(room) / "config.json"  # which is YAML, too
        config.write_text(json.dumps(as_config(found.config)), encoding="utf-8")
        result = rasa.model_training.train(
            domain=str(found.domain) if found.domain else None,
            config=str(config),
            training_files=[str(found.data)] if found.data else [],
            output=room,
            force_training=True,
            fixed_model_name=out.name,
        )
        if result.code != 0 or not result.model:
            raise RuntimeError("Rasa made no model of these files.")
        if LocalModelStorage.metadata_from_archive(result.model).training_type is TrainingType.NLU:
            raise RuntimeError("There are no rules and no stories, so the bot would not know what to answer.")
        os.replace(result.model, out)


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (this is the progress that the supervisor shows)


if __name__ == "__main__":
    sys.exit(main())
