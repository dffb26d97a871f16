"""``python -m warmline.engine.train``: make a model of config.yml, domain.yml and data/, whole or not at all."""

import argparse
import logging
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

from warmline.engine import light


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
        if not light.needed((options.root / "config.yml").read_text(encoding="utf-8")):
            light.leave_tensorflow_out()
        train(options.root, options.out)
    except (Exception, SystemExit) as failure:
        wrong: BaseException = failure
        while wrong.__cause__ is not None:  # Rasa wraps what a component raised
            wrong = wrong.__cause__
        reason = " ".join(str(wrong).split()) or type(wrong).__name__
        print(f"The training failed: {reason}", file=sys.stderr)  # noqa: T201 (the supervisor shows this line)
        return 1
    _tell(f"Trained {options.out.name} in {time.monotonic() - started:.0f} s")
    return 0


def train(root: Path, out: Path) -> None:
    """
    Train the project at *root* into *out*; an existing file is replaced only by a whole one.

    Raises:
        Exception: whatever Rasa raises about the training data; *out* is unchanged then.
    """
    import rasa.model_training
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    _tell("Training")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".training-") as room:
        result = rasa.model_training.train(
            domain=str(root / "domain.yml"),
            config=str(root / "config.yml"),
            training_files=[str(root / "data")],
            output=room,
            force_training=True,
            fixed_model_name=out.name,
        )
        if result.code != 0 or not result.model:
            raise RuntimeError("Rasa made no model of these files.")
        os.replace(result.model, out)


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (this is the progress that the supervisor shows)


if __name__ == "__main__":
    sys.exit(main())
