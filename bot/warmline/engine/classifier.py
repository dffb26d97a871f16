"""
Which intent a text has, and how sure that is: multinomial logistic regression on meaning and letters, with the voice of
the training texts most like it (warmline.engine.kernel) added to its scores.

The text is read as the dense features of the featurizers before, and as its letters (warmline.language.ngrams), which
keep what an embedding blurs. What is learnt is kept as plain arrays, so that the engine loads no scikit-learn, and a
model file can hold no code.

A text most of whose words never occurred in the training texts is likely in another language, where the letters and an
English embedder say nothing but "this is strange": it is read by a multilingual embedder instead, with weights learnt
for that. Only such a text is embedded twice: reading every text with both costs a quarter of the time and gains nothing
(docs/measurements.md).

Confidence is calibrated: one example in five is set aside, a trial model never sees those, and the temperature is the
one that makes its probabilities of them most honest (Guo et al. 2017). So one threshold means the same with ten
examples an intent as with two hundred.

Probabilities add up to 1 for a text that is like nothing in training, too. What tells such a text is its energy, the
logarithm of the sum of all exponentiated scores (Liu et al. 2020): where it is lower than that of nearly all texts that
were set aside, confidence goes down with it.
"""

import warnings
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from warmline.engine import kernel
from warmline.engine.featurizer import EMBEDDERS
from warmline.language import ngrams

RANKED = 10
FILE = "intents.npz"
HOME, ABROAD = "home", "abroad"
"""The views: features and letters, and the multilingual embedder alone."""
HELD_OUT = 5
"""One example in so many is set aside to calibrate."""
PARTS = ("weights", "bias", "directions", "places", "voices", "energy")
"""What the file keeps of a view."""
NEVER = -1e4
TEMPERATURES = np.geomspace(0.2, 20.0, 95)
ENOUGH = 20
"""With fewer examples set aside than this, the temperature is left at 1, and every text is taken for familiar."""
UNUSUAL = 0.02
"""The share of the texts set aside whose energy counts as unusually low."""
FLOOR, WIDTH = 1 / 4, 1 / 12
"""How far below the unusual a stranger's energy lies, and how wide the step is, as shares of the way from there to the
median (docs/measurements.md)."""


class View(NamedTuple):
    """
    What was learnt of one kind of rows. *weights* (features x intents) and *bias* are calibrated; at the energy *floor*
    a text is as likely a stranger as not, and *width* is the scale on which that changes. All energies are familiar
    when *width* is 0.
    """

    weights: np.ndarray
    bias: np.ndarray
    neighbours: Optional[kernel.Kernel] = None
    floor: float = 0.0
    width: float = 0.0

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Of each intent, for *rows* (texts x features, or one text)."""
        scores: np.ndarray = rows @ self.weights + self.bias
        return scores if self.neighbours is None else scores + self.neighbours.scores(rows)

    def over(self, temperature: float) -> "View":
        """The same with all scores divided."""
        by = np.float32(temperature)
        voice = self.neighbours and self.neighbours._replace(weights=self.neighbours.weights / by)
        return self._replace(weights=self.weights / by, bias=self.bias / by, neighbours=voice)

    def likely(self, row: np.ndarray) -> np.ndarray:
        """The confidence in each intent; they add up to at most 1."""
        if not row.any():  # without a letter or digit there is nothing to go by, and the bias alone understands nothing
            return np.full(len(self.bias), 1 / len(self.bias))
        scores = self.scores(row)
        return softmax(scores) * familiar(energy(scores), self.floor, self.width)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceClassifier(IntentClassifier, GraphComponent):
    """
    *C* is scikit-learn's: larger trusts examples more. *letters* is the weight of the letters beside the dense
    features, *neighbours* that of the training texts most like a text beside the regression (0: without), *calibrate*
    whether temperature and energy are sought, *multilingual* the one of :data:`EMBEDDERS` that reads texts in other
    languages (none: all texts are read alike).
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"C": 30.0, "max_iter": 80, "letters": 0.5, "neighbours": 5.0, "calibrate": True, "multilingual": None}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage, self._resource = model_storage, resource
        self._intents: List[str] = []
        self._rarity: Optional[np.ndarray] = None
        self._words: Optional[np.ndarray] = None
        self._views: Dict[Text, View] = {}
        abroad = self._config["multilingual"]
        if abroad and abroad not in EMBEDDERS:
            raise InvalidConfigException(f"multilingual is one of {', '.join(EMBEDDERS)}, or left out, not {abroad!r}")
        self._abroad = EMBEDDERS[abroad][0]() if abroad else None

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
            component._rarity, component._words = kept["rarity"], kept["words"]
            for view in kept["views"]:
                its = {part: kept[f"{view}_{part}"] for part in PARTS}
                voice = kernel.Kernel(its["directions"], its["places"], its["voices"])
                component._views[str(view)] = View(
                    its["weights"], its["bias"], voice if len(voice.places) else None, *map(float, its["energy"])
                )
        if component._abroad:
            component._abroad.embed(["hello"])  # its weights take a second to load, which no customer should wait for
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [one for one in training_data.intent_examples if one.get(INTENT) and one.get(TEXT)]
        labels = [str(one.get(INTENT)) for one in examples]
        self._intents = sorted(set(labels))
        texts = [one.get(TEXT) for one in examples]
        self._rarity = ngrams.rarity(texts)
        self._words = ngrams.words_of(texts)
        wanted = np.searchsorted(self._intents, labels)
        self._views = {HOME: self._learnt(self._rows(examples), wanted)}
        if self._abroad:
            self._views[ABROAD] = self._learnt(self._abroad.embed(texts), wanted)
        kept = {"intents": np.array(self._intents), "rarity": self._rarity, "words": self._words}
        for name, view in self._views.items():
            voice = view.neighbours or kernel.Kernel(*[np.empty((0, 0), dtype=np.float32)] * 3)
            its = (view.weights, view.bias, *voice, np.array([view.floor, view.width]))
            kept.update({f"{name}_{part}": value for part, value in zip(PARTS, its, strict=True)})
        with self._model_storage.write_to(self._resource) as directory:
            np.savez_compressed(directory / FILE, views=np.array(list(self._views)), **kept)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = self._ranking(message)
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> List[Dict[Text, Any]]:
        text = message.get(TEXT) or ""
        if self._abroad and ngrams.unknown(text, self._words):
            likely = self._views[ABROAD].likely(self._abroad.embed([text])[0])
        else:
            likely = self._views[HOME].likely(self._rows([message])[0])
        best = np.argsort(likely)[::-1][:RANKED]
        return [{"name": self._intents[n], "confidence": float(likely[n])} for n in best]

    def _rows(self, messages: Sequence[Message]) -> np.ndarray:
        """One row of features for each message."""
        meaning = np.vstack([_dense(one) for one in messages])
        letters = ngrams.sketch([one.get(TEXT) or "" for one in messages], self._rarity)
        return np.hstack([meaning, np.float32(self._config["letters"]) * letters])

    def _learnt(self, rows: np.ndarray, wanted: np.ndarray) -> View:
        learnt = self._fit(rows, wanted)
        aside = set_aside(wanted)
        if not self._config["calibrate"] or aside.sum() < ENOUGH:
            return learnt
        scores = self._fit(rows[~aside], wanted[~aside]).scores(rows[aside])
        temperature = honest_temperature(scores, wanted[aside])
        unusual, median = np.quantile(energy(scores / temperature), [UNUSUAL, 0.5])
        return learnt.over(temperature)._replace(
            floor=float(unusual - FLOOR * (median - unusual)), width=float(WIDTH * (median - unusual))
        )

    def _fit(self, rows: np.ndarray, wanted: np.ndarray) -> View:
        """A view that is not calibrated; an intent that *wanted* does not hold is never predicted."""
        from sklearn.linear_model import LogisticRegression

        weights = np.zeros((rows.shape[1], len(self._intents)), dtype=np.float32)
        bias = np.full(len(self._intents), NEVER, dtype=np.float32)
        present = np.unique(wanted)
        if len(present) == 1:
            bias[present] = 0.0
            return View(weights, bias)
        learner = LogisticRegression(C=self._config["C"], max_iter=self._config["max_iter"], tol=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that max_iter was reached is meant: more steps gain nothing measurable
            learner.fit(rows, wanted)
        coefficients, intercept = learner.coef_, learner.intercept_
        if len(present) == 2:  # scikit-learn keeps one row for two classes
            coefficients, intercept = np.vstack([-coefficients, coefficients]), np.concatenate([-intercept, intercept])
            coefficients, intercept = coefficients / 2, intercept / 2
        weights[:, present], bias[present] = coefficients.T, intercept
        if not self._config["neighbours"] or len(rows) > kernel.MOST:
            return View(weights, bias)
        voice = kernel.fit(rows, wanted, len(self._intents))
        return View(weights, bias, voice._replace(weights=voice.weights * np.float32(self._config["neighbours"])))


def honest_temperature(scores: np.ndarray, right: np.ndarray) -> float:
    """What *scores* (texts x intents) are divided by, so that a confidence of 0.8 is *right* four times in five."""
    losses = [-np.log(softmax(scores / t)[np.arange(len(right)), right] + 1e-12).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def energy(scores: np.ndarray) -> np.ndarray:
    """The logarithm of the sum of the exponentiated *scores*, along the last axis."""
    top = scores.max(axis=-1)
    return top + np.log(np.exp(scores - top[..., None]).sum(axis=-1))


def familiar(energies: np.ndarray, floor: float, width: float) -> np.ndarray:
    """From 0 (like nothing in training) over 0.5 at *floor* to 1."""
    if width <= 0:
        return np.ones_like(energies)
    return 1 / (1 + np.exp(-np.clip((energies - floor) / width, -40, 40)))


def set_aside(wanted: np.ndarray) -> np.ndarray:
    """Which examples a trial model does not see: every fifth of each intent, the same ones each time."""
    aside = np.zeros(len(wanted), dtype=bool)
    order = np.random.RandomState(0).permutation(len(wanted))
    for intent in np.unique(wanted):
        its = order[wanted[order] == intent]
        aside[its[: len(its) // HELD_OUT]] = True
    return aside


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    likely = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return likely / likely.sum(axis=-1, keepdims=True)


def _dense(message: Message) -> np.ndarray:
    _, sentence = message.get_dense_features(attribute=TEXT)
    if sentence is None:
        raise ValueError("The pipeline has no dense featurizer before SentenceClassifier.")
    return np.asarray(sentence.features, dtype=np.float32)[-1]
