"""
``python -m warmline.teaching.rasa_lean ...``: Rasa's own command line, in the engine's environment, without TensorFlow
when config.yml names nothing that needs it, in ``shell`` with the engine's own way to call actions, and with a
cross-validation that says how far it is. ``data validate`` sees what Warmline adds to the project. Starts in a third of
the time; everything else is ``rasa ...`` itself.
"""

import json
import runpy
import sys
import tempfile
import warnings
from pathlib import Path

from warmline.engine import lean_start, project


def main() -> None:
    """Hand the arguments to Rasa; ends the process as Rasa does."""
    warnings.simplefilter("ignore")
    config = Path("config.yml")
    if not config.exists() or not lean_start.needed(lean_start.components(project.read(config))):
        lean_start.leave_tensorflow_out()
    if "shell" in sys.argv[1:2]:
        from warmline.engine import tuning

        tuning.apply()  # as the engine does: without it, Rasa 3.6 does not understand what newer actions answer
    if "--cross-validation" in sys.argv:
        from warmline.engine import cross_validation

        cross_validation.apply()
    sys.argv[0] = "rasa"
    with tempfile.TemporaryDirectory() as room:
        if sys.argv[1:3] == ["data", "validate"] and config.exists():
            from warmline.engine.importer import as_config

            joined = Path(room, "config.json")
            joined.write_text(json.dumps(as_config(config.resolve())), encoding="utf-8")
            sys.argv = [str(joined) if word == str(config) else word for word in sys.argv]
        runpy.run_module("rasa", run_name="__main__")


if __name__ == "__main__":
    main()
