"""
Order numbers, e-mail addresses and six-digit codes: found by their form, never guessed by a classifier.

:func:`find` is the whole of it; the component below only hands it to Rasa. Values come out in one spelling each:
``A1042``, ``mara@example.com`` in lower case, ``204817`` without a gap.
"""

import re
from typing import Any, Dict, List, NamedTuple, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

MAX_CHARS = 4_000


class Found(NamedTuple):
    """One identifier: what it is, where it stands in the text, and its value in the common spelling."""

    entity: str
    start: int
    end: int
    value: str


# local part and domain are bounded, so that no text makes the search slow
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+%'-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?![\w-])", re.IGNORECASE)
_ORDER = re.compile(r"(?<![\w@.])#?\s?(a)[\s-]?(\d{4})(?!\w|[.,]\d)", re.IGNORECASE)
_BARE_ORDER = re.compile(
    r"\b(?:order|package|parcel)(?:\s+(?:number|no\.?|nr\.?|is|#))*\s*:?\s*#?(\d{4})\b", re.IGNORECASE
)
_CODE = re.compile(r"(?<![\w@.+-])(\d{3})[\s-]?(\d{3})(?!\w|[.,]\d|[\s-]?\d)")


def find(text: str) -> List[Found]:
    """All identifiers of *text*, in the order they stand in it; of two that overlap, the earlier kind below wins."""
    text = text[:MAX_CHARS]
    found = [Found("email", m.start(), m.end(), m.group().lower().strip("'.")) for m in _EMAIL.finditer(text)]
    found += [Found("order_number", m.start(), m.end(), "A" + m.group(2)) for m in _ORDER.finditer(text)]
    found += [Found("order_number", m.start(1), m.end(1), "A" + m.group(1)) for m in _BARE_ORDER.finditer(text)]
    found += [Found("code", m.start(), m.end(), m.group(1) + m.group(2)) for m in _CODE.finditer(text)]
    kept: List[Found] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class IdentifierExtractor(GraphComponent, EntityExtractorMixin):
    """Adds what :func:`find` found to the message's entities."""

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IdentifierExtractor":
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            entities = [one._asdict() for one in find(message.get(TEXT) or "")]
            known = message.get(ENTITIES, [])
            message.set(ENTITIES, known + self.add_extractor_name(entities), add_to_output=True)
        return messages
