"""
Sentence embeddings as a Rasa featurizer: what makes the intent classifier see meaning, not only words.

Two of them may stand in a pipeline, one for each embedder, each with a *scale* of its own.
"""

from typing import Any, Dict, List, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS, TOKENS_NAMES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from warmline.language import embedding, minilm

BATCH = 512
EMBEDDERS = {
    "minilm": (minilm.MiniLM, minilm.DIMENSIONS),
    "use": (embedding.Embedder, embedding.DIMENSIONS),
}
"""``minilm`` knows English and tells fine differences; ``use`` knows 16 languages."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """
    Adds one dense vector for the whole sentence by *embedder*, one of :data:`EMBEDDERS`; *scale* is the vector's
    length, and so its weight beside the features of other components.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[Text]:
        # Rasa wants one name for the module and the distribution, and here they differ; a missing one is an ImportError
        return []

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config(), "embedder": "use", "scale": 1.0}

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        super().__init__(name, config)
        self._scale = float(self._config["scale"])
        name_of_embedder = self._config["embedder"]
        if name_of_embedder not in EMBEDDERS:
            raise InvalidConfigException(f"embedder is one of {', '.join(EMBEDDERS)}, not {name_of_embedder!r}")
        make, self._dimensions = EMBEDDERS[name_of_embedder]
        self._embedder = make()

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceFeaturizer":
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Any config will do: an unknown embedder fails when the component is made."""

    def process(self, messages: List[Message]) -> List[Message]:
        said = [message for message in messages if message.get(TEXT)]
        for start in range(0, len(said), BATCH):
            batch = said[start : start + BATCH]
            rows = self._embedder.embed([message.get(TEXT) for message in batch])
            for message, row in zip(batch, rows, strict=True):
                self._add(message, row * self._scale)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def _add(self, message: Message, vector: np.ndarray) -> None:
        tokens = message.get(TOKENS_NAMES[TEXT], [])
        alias = self._config[FEATURIZER_CLASS_ALIAS]
        # Rasa expects features of the words beside those of the sentence; nothing here reads them
        words = np.zeros((max(len(tokens), 1), self._dimensions), dtype=np.float32)
        message.add_features(Features(words, FEATURE_TYPE_SEQUENCE, TEXT, alias))
        message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, alias))
