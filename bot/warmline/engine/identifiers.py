"""
Order numbers, e-mail addresses and six-digit codes: found by their form, never guessed by a classifier.

:func:`find` is the whole of it; the component below only hands it to Rasa. Values come out in one spelling each: an
order number as the shop's own format has it, ``mara@example.com`` in lower case, ``204817`` without a gap.
"""

import json
import re
from typing import Any, Dict, List, NamedTuple, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from warmline.core.addresses import EMAIL, spelled
from warmline.core.order_number import OrderNumbers

MAX_CHARS = 4_000
ORDER_NUMBER = "order_number"
FILE = "order_numbers.json"


class Found(NamedTuple):
    """One identifier: what it is, where it stands in the text, and its value in the common spelling."""

    entity: str
    start: int
    end: int
    value: str


_CODE = re.compile(r"(?<![\w@.+-])(\d{3})[\s-]?(\d{3})(?!\w|[.,]\d|[\s-]?\d)")


def find(text: str, orders: Optional[OrderNumbers] = None) -> List[Found]:
    """
    All identifiers of *text*, in the order they stand in it; of two that overlap, the earlier kind below wins. Without
    *orders* no order number is known.
    """
    text = text[:MAX_CHARS]
    found = [Found("email", m.start(), m.end(), spelled(m.group())) for m in EMAIL.finditer(text)]
    if orders is not None:
        found += [Found("order_number", *one) for one in orders.find(text)]
    found += [Found("code", m.start(), m.end(), m.group(1) + m.group(2)) for m in _CODE.finditer(text)]
    kept: List[Found] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class IdentifierExtractor(GraphComponent, EntityExtractorMixin):
    """
    Adds what :func:`find` found to the message's entities. What an order number looks like is the regex
    ``order_number`` of the training data (data/order_number.yml); without one, none is known.
    """

    def __init__(self, model_storage: ModelStorage, resource: Resource, patterns: List[Text]) -> None:
        self._model_storage, self._resource = model_storage, resource
        self._orders = OrderNumbers("|".join(patterns)) if patterns else None

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IdentifierExtractor":
        return cls(model_storage, resource, [])

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
            return cls(model_storage, resource, json.loads((directory / FILE).read_text(encoding="utf-8")))

    def train(self, training_data: TrainingData) -> Resource:
        patterns = [one["pattern"] for one in training_data.regex_features if one["name"] == ORDER_NUMBER]
        try:
            self._orders = OrderNumbers("|".join(patterns)) if patterns else None
        except ValueError as wrong:
            raise InvalidConfigException(f"data/order_number.yml: {wrong}") from None
        with self._model_storage.write_to(self._resource) as directory:
            (directory / FILE).write_text(json.dumps(patterns), encoding="utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            entities = [one._asdict() for one in find(message.get(TEXT) or "", self._orders)]
            known = message.get(ENTITIES, [])
            message.set(ENTITIES, known + self.add_extractor_name(entities), add_to_output=True)
        return messages
