"""
Start Rasa without TensorFlow when nothing in the model needs it: seconds and hundreds of megabytes that buy nothing.

Rasa imports TensorFlow at its top whatever the pipeline is. :func:`leave_tensorflow_out` puts stand-ins in its place
that can be imported and subclassed, and raise ImportError, saying so, when something tries to use them.
"""

import importlib.abc
import importlib.machinery
import sys
import types
from typing import Any, ClassVar, Iterable, List, Mapping, Optional, Sequence

NEEDS_TENSORFLOW = (
    "DIETClassifier",
    "ResponseSelector",
    "ConveRTFeaturizer",
    "LanguageModelFeaturizer",
    "TEDPolicy",
    "UnexpecTEDIntentPolicy",
)
"""Rasa's own components that compute with TensorFlow, as they are called in config.yml and in a model's metadata."""

HEAVY = ("tensorflow", "keras", "tensorflow_hub", "tensorflow_text", "tensorflow_addons")


def needed(names: Iterable[str]) -> bool:
    """
    Whether one of the component *names*, as config.yml or a model's metadata has them, computes with TensorFlow, or may
    do so: of a component that is neither Rasa's nor ours nothing is known.
    """
    return any(
        any(heavy in name for heavy in NEEDS_TENSORFLOW)
        or ("." in name and not name.startswith(("rasa.", "warmline.")))
        for name in names
    )


def components(config: Mapping[str, Any]) -> List[str]:
    """
    The names of the components in *config*, the content of a config.yml. Where it leaves the pipeline or the policies
    to Rasa, those that Rasa takes are among them.
    """
    found: List[str] = []
    for key, default in (("pipeline", "DIETClassifier"), ("policies", "TEDPolicy")):
        part = config.get(key)
        found += [default] if part is None else [str(one.get("name")) for one in part if isinstance(one, Mapping)]
    return found


def components_of_model(metadata: Mapping[str, Any]) -> List[str]:
    """The same of a trained model, by its *metadata*; what only the training used is not among them."""
    return [str(node.get("uses")) for node in metadata["predict_schema"]["nodes"].values()]


def leave_tensorflow_out() -> None:
    """Put the stand-ins in place. Nothing happens when TensorFlow is there already; calling it twice is harmless."""
    if "tensorflow" not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _StandInType(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(f"{cls.__doc__}.{name}")


def _stand_in(path: str) -> Any:
    def refuse(self: Any, *args: Any, **kwargs: Any) -> None:
        raise ImportError(f"{path} was left out at the start: no component of this model was known to need it.")

    return _StandInType(path.rsplit(".", 1)[-1], (), {"__init__": refuse, "__doc__": path})


class _StandInModule(types.ModuleType):
    __path__: ClassVar[List[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _stand_in(f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[types.ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if fullname.split(".")[0] not in HEAVY:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: names are made when they are asked for."""
