"""
Identifiers, e-mail addresses and six-digit codes: found by their form, never guessed by a classifier.

:func:`find` is the whole of it; the component below only hands it to Rasa. Values come out in one spelling each: an
identifier as the project's own form has it, ``mara@example.com`` in lower case, ``204817`` without a gap.
"""

import json
import re
from typing import AbstractSet, Any, Dict, List, NamedTuple, Optional, Sequence, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from ruamel.yaml import YAML

from warmline.core.addresses import EMAIL, spelled
from warmline.core.identifiers import Identifier, found_in

MAX_CHARS = 4_000
FILE = "identifiers.json"
DOMAIN = Resource("domain_provider")
"""Where Rasa's recipe keeps the domain in a model."""


class Found(NamedTuple):
    """One identifier: what it is, where it stands in the text, and its value in the common spelling."""

    entity: str
    start: int
    end: int
    value: str


_CODE = re.compile(r"(?<![\w@.+-])(\d{3})[\s-]?(\d{3})(?!\w|[.,]\d|[\s-]?\d)")


def find(text: str, identifiers: Sequence[Identifier] = ()) -> List[Found]:
    """
    All addresses, *identifiers* and codes of *text*, in the order they stand in it; of two that overlap, the earlier
    kind wins.
    """
    text = text[:MAX_CHARS]
    found = [Found("email", m.start(), m.end(), spelled(m.group())) for m in EMAIL.finditer(text)]
    found += [Found(entity, *one) for entity, one in found_in(text, identifiers)]
    found += [Found("code", m.start(), m.end(), m.group(1) + m.group(2)) for m in _CODE.finditer(text)]
    kept: List[Found] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class IdentifierExtractor(GraphComponent, EntityExtractorMixin):
    """
    Adds what :func:`find` found to the message's entities, as far as the domain has such an entity. What an identifier
    looks like is the regex of the training data with the entity's name (docs/extending.md); without one, only
    addresses and codes are found.
    """

    def __init__(
        self,
        model_storage: ModelStorage,
        resource: Resource,
        identifiers: Sequence[Identifier] = (),
        entities: Optional[AbstractSet[Text]] = None,
    ) -> None:
        self._model_storage, self._resource = model_storage, resource
        self._identifiers, self._entities = tuple(identifiers), entities

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IdentifierExtractor":
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "IdentifierExtractor":
        with model_storage.read_from(resource) as directory:
            kept = json.loads((directory / FILE).read_text(encoding="utf-8"))
        entities = _entities(model_storage)
        known = [one for one in kept if entities is None or one["entity"] in entities]
        return cls(model_storage, resource, [_made(**one) for one in known], entities)

    def train(self, training_data: TrainingData) -> Resource:
        kept = _taught(training_data)
        try:
            self._identifiers = tuple(_made(**one) for one in kept)
        except ValueError as wrong:
            raise InvalidConfigException(f"A regex of the training data: {wrong}") from None
        with self._model_storage.write_to(self._resource) as directory:
            (directory / FILE).write_text(json.dumps(kept), encoding="utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            found = find(message.get(TEXT) or "", self._identifiers)
            entities = [one._asdict() for one in found if self._entities is None or one.entity in self._entities]
            known = message.get(ENTITIES, [])
            message.set(ENTITIES, known + self.add_extractor_name(entities), add_to_output=True)
        return messages


def _taught(training_data: TrainingData) -> List[Dict[Text, Any]]:
    """Every regex with its example and its words: which of them are an entity's, only the finished model knows."""
    words = {table["name"]: table["elements"] for table in training_data.lookup_tables}
    patterns: Dict[Text, List[Text]] = {}
    for one in training_data.regex_features:
        patterns.setdefault(one["name"], []).append(one["pattern"])
    kept = []
    for name, forms in patterns.items():
        wordings = (training_data.responses or {}).get(f"utter_{name}_example") or [{}]
        spoken = words.get(f"{name}_words")
        kept.append(
            {
                "entity": name,
                "pattern": "|".join(forms),
                "example": wordings[0].get("text"),
                "words": spoken if isinstance(spoken, list) else [],
            }
        )
    return kept


def _made(entity: Text, pattern: Text, example: Optional[Text], words: Sequence[Text]) -> Identifier:
    return Identifier(entity, pattern, example, words=words)


def _entities(model_storage: ModelStorage) -> Optional[AbstractSet[Text]]:
    """
    The entities of the model's domain; None for a model without one, such as one of understanding alone. Rasa has
    checked the file, and reads the whole of it for itself, which takes seconds: here only the names are wanted.
    """
    try:
        with model_storage.read_from(DOMAIN) as directory:
            domain = YAML(typ="safe").load((directory / "domain.yml").read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return None
    return frozenset(next(iter(one)) if isinstance(one, dict) else one for one in domain.get("entities") or ())
