"""What reads a text: the embedder, the letters, the classifier and its calibration, against the real Rasa."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from warmline.engine.classifier import SentenceClassifier, familiar, set_aside, softmax
from warmline.engine.evaluate import names
from warmline.engine.featurizer import SentenceFeaturizer
from warmline.language import ngrams
from warmline.language.minilm import DIMENSIONS, MiniLM

from .conftest import ROOT, inherited

pytestmark = pytest.mark.engine

TOPICS = {"bikes": "the bicycle wheel", "tea": "a cup of green tea", "rain": "heavy rain tomorrow"}


def message(text: str, label: str | None, row: Any) -> Message:
    made = Message(data={TEXT: text, **({INTENT: label} if label else {})})
    made.add_features(Features(np.asarray([row], dtype=np.float32), FEATURE_TYPE_SENTENCE, TEXT, "meaning"))
    return made


def drawn(count: int, noise: float = 0.3, told: bool = True) -> list[Message]:
    """
    Texts about the topics, with made-up features: one direction a topic, and noise. Not *told*, letters say nothing.
    """
    luck = np.random.RandomState(3)
    made = []
    for n in range(count):
        place = n % len(TOPICS)
        row = np.eye(8)[place] + noise * luck.standard_normal(8)
        label = list(TOPICS)[place]
        made.append(message(f"{TOPICS[label] if told else ''} number {n}", label, row))
    return made


def classifier(room: Path, **config: Any) -> SentenceClassifier:
    return SentenceClassifier(config, LocalModelStorage(room), Resource("intents"))


def test_minilm_places_texts_of_one_meaning_close_together() -> None:
    """Closer than texts of different meaning; a text without words is the zero vector; one thread of texts or many."""
    texts = ["where is my parcel", "my package has not come", "what is the return policy", "🙂 ...", ""]
    rows = MiniLM().embed(texts)
    assert rows.shape == (5, DIMENSIONS)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1
    assert np.allclose(np.linalg.norm(rows[:3], axis=1), 1.0, atol=1e-3)
    assert not rows[3:].any()
    assert np.allclose(MiniLM().embed(texts[:1])[0], rows[0], atol=1e-3)


def test_a_long_text_is_cut_and_read() -> None:
    """Ten thousand characters are read as their beginning."""
    rows = MiniLM().embed(["where is my parcel " * 600, "where is my parcel " * 6000])
    assert np.allclose(rows[0], rows[1], atol=1e-5)


def test_letters_see_spelling_and_rare_words() -> None:
    """A misspelt word stays close; a word that every text has weighs less than one that few have."""
    texts = ["my invoice is wrong", "my parcel is late", "my account is locked"]
    rows = ngrams.sketch([*texts, "my invioce is wrong", "!!"], ngrams.rarity(texts))
    assert rows[0] @ rows[3] > max(rows[3] @ rows[1], rows[3] @ rows[2]) + 0.2
    assert np.isclose(np.linalg.norm(rows[0]), 1.0, atol=1e-4)
    assert not rows[4].any()


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("where is my parcel", False),
        ("wher is my parsel please", False),
        ("parsel", False),
        ("wo ist mein Paket", True),
        ("посылка", True),
        ("", False),
        ("?!", False),
    ],
)
def test_another_language_is_told_by_its_unknown_words(text: str, strange: bool) -> None:
    """Most words unknown means another language; a misspelt English text or word does not."""
    known = ngrams.words_of(["where is my parcel", "please help"])
    assert ngrams.unknown(text, known) is strange


def test_what_is_learnt_survives_being_stored(tmp_path: Path) -> None:
    """A classifier that was loaded gives the ranking of the one that was trained, as probabilities, best first."""
    trained = classifier(tmp_path, multilingual="use")
    trained.train(TrainingData(drawn(120)))
    loaded = SentenceClassifier.load(trained._config, trained._model_storage, Resource("intents"), None)
    asked = [message("a cup of tea", None, np.eye(8)[1]), message("wo ist der Regen", None, np.eye(8)[2])]
    first, second = trained.process(asked[:]), loaded.process(asked[:])
    for one, other in zip(first, second, strict=True):
        assert one.get("intent_ranking") == other.get("intent_ranking")
    assert [one.get("intent")["name"] for one in second] == ["tea", "rain"]
    assert 0.9 < sum(each["confidence"] for each in first[0].get("intent_ranking")) < 1.0001


def test_confidence_is_about_as_often_right_as_it_says(tmp_path: Path) -> None:
    """On texts not seen, mean confidence and accuracy lie closer with calibration than without."""
    gaps = {}
    learnt, unseen = np.split(np.array(drawn(1200, 0.9, told=False)), [600])
    for calibrate in (True, False):
        (tmp_path / str(calibrate)).mkdir()
        trained = classifier(tmp_path / str(calibrate), calibrate=calibrate, C=1000.0)
        trained.train(TrainingData(list(learnt)))
        read = [one.get("intent") for one in trained.process(drawn(1200, 0.9, told=False)[600:])]
        right = np.mean([one["name"] == asked.get(INTENT) for one, asked in zip(read, unseen, strict=True)])
        gaps[calibrate] = abs(np.mean([one["confidence"] for one in read]) - right)
    assert gaps[True] < 0.5 * gaps[False], gaps


def test_what_is_like_nothing_in_training_is_not_sure(tmp_path: Path) -> None:
    """A faint likeness to one intent is enough for probability alone to be sure; with the energy, confidence is not."""
    stranger = 0.3 * np.eye(8)[1] + 0.9 * np.eye(8)[7]
    found = {}
    for calibrate in (True, False):
        room = tmp_path / str(calibrate)
        room.mkdir()
        trained = classifier(room, calibrate=calibrate, letters=0.0)
        trained.train(TrainingData(drawn(300, noise=0.2)))
        asked = [message("xyz", None, stranger), message("a cup of tea", None, np.eye(8)[1])]
        found[calibrate] = [one.get("intent")["confidence"] for one in trained.process(asked)]
    assert found[False][0] > 0.7
    assert found[True][0] < 0.5 < found[True][1]


def test_familiarity_grows_with_energy() -> None:
    """From 0 over a half at the floor to 1, without overflow; without a width everything is familiar."""
    grown = familiar(np.array([-1e9, 4.0, 5.0, 6.0, 1e9]), floor=5.0, width=0.5)
    assert (np.diff(grown) > 0).all()
    assert grown[2] == 0.5
    assert (familiar(np.array([-1e9, 1e9]), 0.0, 0.0) == 1.0).all()


def test_two_intents_or_one_example_are_enough(tmp_path: Path) -> None:
    """Two intents are told apart, and an intent with one example does not stop the training."""
    few = [one for one in drawn(30) if one.get(INTENT) != "rain"]
    trained = classifier(tmp_path)
    trained.train(TrainingData(few))
    assert trained.process([message("a cup of green tea", None, np.eye(8)[1])])[0].get("intent")["name"] == "tea"
    (tmp_path / "second").mkdir()
    more = classifier(tmp_path / "second")
    more.train(TrainingData([*few, message("heavy rain", "rain", np.eye(8)[2])]))
    assert len(more._intents) == 3


def test_a_text_without_words_is_no_intent(tmp_path: Path) -> None:
    """All intents are as likely as each other, so that the threshold refuses it."""
    trained = classifier(tmp_path)
    trained.train(TrainingData(drawn(30)))
    read = trained.process([message("...", None, np.zeros(8))])[0].get("intent")
    assert read["confidence"] == pytest.approx(1 / 3)


def test_every_fifth_example_of_each_intent_is_set_aside() -> None:
    """Always the same ones, and none of an intent with fewer than five."""
    wanted = np.array([0] * 10 + [1] * 7 + [2] * 4)
    aside = set_aside(wanted)
    assert [int(aside[wanted == n].sum()) for n in range(3)] == [2, 1, 0]
    assert (aside == set_aside(wanted)).all()


def test_softmax_bears_large_scores() -> None:
    """No overflow, and rows sum to one."""
    assert np.allclose(softmax(np.array([[1000.0, 0.0], [-1e4, -1e4]])), [[1.0, 0.0], [0.5, 0.5]])


def test_an_unknown_embedder_is_refused_by_name(tmp_path: Path) -> None:
    """The message says which there are."""
    with pytest.raises(InvalidConfigException, match="minilm, use"):
        SentenceFeaturizer({**SentenceFeaturizer.get_default_config(), "embedder": "elmo"}, "featurizer")
    with pytest.raises(InvalidConfigException, match="minilm, use"):
        classifier(tmp_path, multilingual="elmo")


def test_labels_become_names_that_rasa_keeps_whole() -> None:
    """A slash is no sub-intent, two labels never share a name, oos is the shipped name for out of scope."""
    given = ["a/b", "a_b", "oos", "plain"]
    found = names(given)
    assert found["oos"] == "out_of_scope"
    assert len(set(found.values())) == 4
    assert not any("/" in name for name in found.values())


def test_any_labelled_texts_can_be_learnt_and_read(tmp_path: Path) -> None:
    """The real pipeline of config.yml, trained on a file: known texts are read right, nonsense is not any of them."""
    train, test, out = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "answer.json"
    bikes = ["my bike has a flat tyre", "repair a bicycle wheel", "the bike chain is broken", "new brakes for my bike"]
    tea = ["a cup of green tea", "which tea do you sell", "boil water for tea", "black tea with milk, please"]
    rows = [f'"{text}",x/bikes' for text in bikes] + [f'"{text}",tea' for text in tea]
    train.write_text("text,label\n" + "\n".join(rows), encoding="utf-8")
    test.write_text('text,label\nmy bicycle tyre is flat,x/bikes\n"tea, green",tea\n🙂,oos\n', encoding="utf-8")
    argv = ["-m", "warmline.engine.evaluate", "--config", str(ROOT / "config.yml"), "--train", str(train)]
    argv += ["--test", str(test), "--out", str(out)]
    subprocess.run([sys.executable, *argv], cwd=ROOT, env=inherited(), check=True, timeout=110, capture_output=True)
    answer = json.loads(out.read_text())
    assert [best for _, _, best in answer["read"]][:2] == ["x/bikes", "tea"]
    assert all(0.0 <= confidence <= 1.0 for _, confidence, _ in answer["read"])
    assert {"train_s", "ms_median", "ms_p95", "memory_mb"} <= set(answer)
