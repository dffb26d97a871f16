"""
Which intent a text has: multinomial logistic regression on the sentence's dense features.

Rasa's own LogisticRegressionClassifier computes the same with sparse matrices: on the dense features that carry the
accuracy here (docs/measurements.md) it trains twenty times as long. What is learnt is kept as plain arrays, so that
the engine loads no scikit-learn, and a model file can hold no code.
"""

from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

RANKED = 10
FILE = "intents.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceClassifier(IntentClassifier, GraphComponent):
    """*C* is scikit-learn's: larger trusts examples more. Each intent weighs the same, with few examples or many."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"C": 1.0, "max_iter": 300}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage, self._resource = model_storage, resource
        self._intents: List[str] = []
        self._weights: Optional[np.ndarray] = None
        self._bias: Optional[np.ndarray] = None

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SentenceClassifier":
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory, np.load(directory / FILE, allow_pickle=False) as kept:
            component._intents = [str(name) for name in kept["intents"]]
            component._weights, component._bias = kept["weights"], kept["bias"]
        return component

    def train(self, training_data: TrainingData) -> Resource:
        from sklearn.linear_model import LogisticRegression

        examples = [one for one in training_data.intent_examples if one.get(INTENT) and one.get(TEXT)]
        learner = LogisticRegression(
            C=self._config["C"], max_iter=self._config["max_iter"], class_weight="balanced", tol=1e-3
        )
        learner.fit(np.vstack([_features(one) for one in examples]), [one.get(INTENT) for one in examples])
        coefficients, bias = learner.coef_, learner.intercept_
        if len(learner.classes_) == 2:  # scikit-learn keeps one row for two classes
            coefficients, bias = np.vstack([-coefficients, coefficients]), np.concatenate([-bias, bias])
        self._intents = [str(name) for name in learner.classes_]
        self._weights, self._bias = coefficients.T.astype(np.float32), bias.astype(np.float32)
        with self._model_storage.write_to(self._resource) as directory:
            np.savez(directory / FILE, intents=np.array(self._intents), weights=self._weights, bias=self._bias)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = self._ranking(message)
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> List[Dict[Text, Any]]:
        scores = _features(message) @ self._weights + self._bias
        likely = np.exp(scores - scores.max())
        likely /= likely.sum()
        best = np.argsort(likely)[::-1][:RANKED]
        return [{"name": self._intents[n], "confidence": float(likely[n])} for n in best]


def _features(message: Message) -> np.ndarray:
    _, sentence = message.get_dense_features(attribute=TEXT)
    if sentence is None:
        raise ValueError("The pipeline has no dense featurizer before SentenceClassifier.")
    return np.asarray(sentence.features, dtype=np.float32)[-1]
