"""
``python -m warmline.teaching.rasa_light ...``: Rasa's own command line, in the engine's environment, without TensorFlow
when config.yml names nothing that needs it, in ``shell`` with the engine's own way to call actions, and with a
cross-validation that says how far it is. Starts in a third of the time; everything else is ``rasa ...`` itself.
"""

import runpy
import sys
import warnings
from pathlib import Path

from warmline.engine import light, project


def main() -> None:
    """Hand the arguments to Rasa; ends the process as Rasa does."""
    warnings.simplefilter("ignore")
    config = Path("config.yml")
    if not config.exists() or not light.needed(light.components(project.read(config))):
        light.leave_tensorflow_out()
    if "shell" in sys.argv[1:2]:
        from warmline.engine import tuning

        tuning.apply()  # as the engine does: without it, Rasa 3.6 does not understand what newer actions answer
    if "--cross-validation" in sys.argv:
        from warmline.engine import folds

        folds.apply()
    sys.argv[0] = "rasa"
    runpy.run_module("rasa", run_name="__main__")


if __name__ == "__main__":
    main()
