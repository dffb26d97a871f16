"""The small parts the engine is made of, each against the real Rasa."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import ValidationError, validate
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import all_subclasses

from warmline.core.identifiers import Identifier
from warmline.engine import commands, lean_start, project, tuning
from warmline.engine.extractor import IdentifierExtractor, find
from warmline.engine.train import reason
from warmline.engine.wording import AGAIN, ONCE_MORE, Wording
from warmline.language.embedding import DIMENSIONS, Embedder

from .conftest import ROOT

pytestmark = pytest.mark.engine

RESULTS: list[Any] = [
    {},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{}]},
    {"events": [{"event": "slot"}]},
    {"events": [{"event": "no such event"}]},
    {"events": "none"},
    {"events": [1]},
    {"responses": {}},
    {"responses": [1]},
    {"responses": None},
    [],
    None,
    "ok",
    {"events": [{"event": "active_loop"}], "responses": []},
    {"events": [{"event": "bot", "text": 3}], "responses": []},
    {"events": [{"event": ["slot"]}]},
    {"events": [{}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": "noon"}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "metadata": 3}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None, "metadata": None}]},
    {"events": [{"event": "slot", "name": "a", "value": 1}, {"event": "slot", "name": 3}]},
    {"events": [{"event": "action_execution_rejected", "name": "f"}, {"event": "active_loop", "name": None}]},
    {"events": [{"event": "restart"}, {"event": "pause"}, {"event": "followup", "name": "action_x"}]},
]


@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_the_validator_that_is_built_once_refuses_the_same(result: Any) -> None:
    """What Rasa's own validation lets through and refuses, ours does."""
    tuning.apply()
    try:
        validate(result, RemoteAction.action_response_format_spec())
        valid = True
    except ValidationError:
        valid = False
    action = RemoteAction("action_any", None)
    if valid:
        assert action._validate_action_result(result) is True
    else:
        with pytest.raises(ValidationError):
            action._validate_action_result(result)


def test_every_kind_of_event_is_found_as_rasa_finds_it() -> None:
    """Also the ones that do not exist: an error stays an error, a default a default."""
    tuning.apply()
    for cls in all_subclasses(Event):
        if cls.type_name:
            assert Event.resolve_by_type(cls.type_name) is Event.resolve_by_type(cls.type_name)
            assert Event.resolve_by_type(cls.type_name).type_name == cls.type_name
    assert Event.resolve_by_type("no such event", SlotSet) is SlotSet
    assert Event.resolve_by_type("topic") is None
    with pytest.raises(ValueError):
        Event.resolve_by_type("no such event")


def test_the_mending_is_done_once() -> None:
    """A second call does not wrap what is wrapped already."""
    tuning.apply()
    run = RemoteAction.run
    tuning.apply()
    assert RemoteAction.run is run


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("where is A1042", ["A1042"]),
        ("a 1042 or #A-1024?", ["A1042", "A1024"]),
        ("my order number is 1042", ["A1042"]),
        ("order 1042, please", ["A1042"]),
        ("Mail me: Mara.K+x@Example.co.uk.", ["mara.k+x@example.co.uk"]),
        ("(mara@example.com)", ["mara@example.com"]),
        ("204817", ["204817"]),
        ("the code is 204 817.", ["204817"]),
        ("118-204", ["118204"]),
        ("call 0171 204817 9", []),
        ("123456789", []),
        ("in 1042 the king", []),
        ("AA1042B", []),
        ("a1042@example.com", ["a1042@example.com"]),
        ("A10421", []),
        ("it cost 204817.50", []),
        ("", []),
        ("A1042 " * 2000, ["A1042"] * 666),
    ],
)
def test_identifiers_are_found_by_their_form(text: str, values: list[str]) -> None:
    """One spelling each, and nothing inside of something else."""
    assert [one.value for one in find(text, [Identifier("order_number", r"A\d{4}")])] == values


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"ORD-\d{4}-\d{5}", "where is ord 2024 00017", [("order_number", "ORD-2024-00017")]),
        (r"#\d{5}", "and 10023, for mara@example.com?", [("email", "mara@example.com")]),
        (r"#\d{5}", "no, 10023", [("order_number", "#10023")]),
        (r"\d{6}", "204817", [("code", "204817")]),
        (r"\d{6}", "order 204817", [("order_number", "204817")]),
        ("", "order A1042 and 204 817", [("code", "204817")]),
    ],
)
def test_the_extractor_learns_what_identifiers_look_like(
    pattern: str, text: str, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    """From the regexes of the training data, by way of the model; without one only addresses and codes are found."""
    storage, resource = LocalModelStorage(tmp_path), Resource("identifiers")
    regex = [{"name": "order_number", "pattern": pattern}] if pattern else []
    context = ExecutionContext(GraphSchema({}))
    made = IdentifierExtractor.create({}, storage, resource, context)
    made.train(TrainingData(regex_features=[*regex, {"name": "another", "pattern": "x"}]))
    loaded = IdentifierExtractor.load({}, storage, resource, context)
    message = Message({TEXT: text})
    loaded.process([message])
    assert [(one["entity"], one["value"]) for one in message.get("entities")] == found


def test_a_pattern_that_cannot_be_used_stops_the_training_with_the_reason(tmp_path: Path) -> None:
    """The place, and what to write instead."""
    storage, resource = LocalModelStorage(tmp_path), Resource("identifiers")
    made = IdentifierExtractor.create({}, storage, resource, ExecutionContext(GraphSchema({})))
    regex = [{"name": "order_number", "pattern": r"\d+"}]
    example = {"utter_order_number_example": [{"text": "1042"}]}
    with pytest.raises(InvalidConfigException, match=r"of order_number must say .*\\d\{4,8\} instead"):
        made.train(TrainingData(regex_features=regex, responses=example))
    made.train(TrainingData(regex_features=regex))


def test_the_extractor_finds_only_what_is_an_entity_of_the_models_domain(tmp_path: Path) -> None:
    """A regex may help a bot to understand and be no entity; the words of a lookup table announce a number."""
    storage, resource = LocalModelStorage(tmp_path), Resource("identifiers")
    context = ExecutionContext(GraphSchema({}))
    domain = Domain.from_dict({"entities": ["city", {"policy": {"roles": ["old", "new"]}}]})
    with storage.write_to(Resource("domain_provider")) as directory:
        domain.persist(directory / "domain.yml")
    data = TrainingData(
        regex_features=[{"name": "policy", "pattern": r"P-\d{5}"}, {"name": "other", "pattern": r"X\d{5}"}],
        lookup_tables=[{"name": "policy_words", "elements": ["contract"]}],
    )
    IdentifierExtractor.create({}, storage, resource, context).train(data)
    message = Message({TEXT: "my contract 20481, not X20482, for a@example.com"})
    IdentifierExtractor.load({}, storage, resource, context).process([message])
    assert [(one["entity"], one["value"]) for one in message.get("entities")] == [("policy", "P-20481")]


def test_no_text_makes_the_search_slow() -> None:
    """Ten times the text takes about ten times the time: no pattern goes back and forth."""
    import time

    def cost(text: str) -> float:
        start = time.perf_counter()
        for _ in range(5):
            find(text, [Identifier("order_number", r"A\d{4}")])
        return time.perf_counter() - start

    for part in ("a.", "a@", "1 ", "a-", "x@y.", "order number "):
        short, long = cost(part * 150), cost(part * 1500)
        assert long < 60 * max(short, 0.0005), part


def test_the_bot_does_not_say_the_same_twice_in_a_row() -> None:
    """One wording after the other, then again with words that say so, and never the last one."""
    responses = {"utter_x": [{"text": "One {thing}"}, {"text": "Two"}], ONCE_MORE: [{"text": AGAIN}]}
    wording = Wording(domain=Domain.from_dict({"responses": responses}))
    tracker = DialogueStateTracker("c", [])
    said: list[str] = []
    for _ in range(12):
        response = asyncio.run(wording.generate("utter_x", tracker, "warmline", thing="lamp"))
        assert response is not None
        assert response["text"] != (said[-1] if said else None)
        said.append(response["text"])
        tracker.update(BotUttered(response["text"]))
    assert said[:4] == ["One lamp", "Two", AGAIN + "One lamp", AGAIN + "Two"]


def test_a_wording_for_the_customer_s_mood_goes_first() -> None:
    """A condition on a slot chooses; without one that holds, the plain wordings are used."""
    responses: dict[str, Any] = {
        "utter_x": [
            {"text": "Plain"},
            {"text": "Careful", "condition": [{"type": "slot", "name": "warmline_tone", "value": "annoyed"}]},
        ]
    }
    domain = Domain.from_dict(
        {"responses": responses, "slots": {"warmline_tone": {"type": "text", "mappings": [{"type": "custom"}]}}}
    )
    wording = Wording(domain=domain)
    assert [one["text"] for one in wording.suitable("utter_x", {"warmline_tone": "annoyed"})] == ["Careful"]
    assert [one["text"] for one in wording.suitable("utter_x", {"warmline_tone": "calm"})] == ["Plain"]
    assert wording.suitable("utter_y", {}) == []


def test_the_example_of_an_identifier_stands_for_it_in_any_response() -> None:
    """``utter_<entity>_example`` is ``{<entity>_example}``."""
    responses = {"utter_ask": [{"text": "Like {policy_example}?"}], "utter_policy_example": [{"text": "P-20481"}]}
    wording = Wording()
    wording.responses = Domain.from_dict({"responses": responses}).responses  # as Rasa does, after it is made
    said = asyncio.run(wording.generate("utter_ask", DialogueStateTracker("c", []), "warmline"))
    assert said is not None
    assert said["text"] == "Like P-20481?"


def test_texts_of_one_meaning_lie_close() -> None:
    """Closer than texts of different meaning, whatever the words; a text without words is the zero vector."""
    rows = Embedder().embed(
        ["where is my parcel", "my package has not come", "what is the return policy", "🙂 ...", ""]
    )
    assert rows.shape == (5, DIMENSIONS)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1
    assert np.allclose(np.linalg.norm(rows[:3], axis=1), 1.0, atol=1e-3)
    assert not rows[3:].any()


def test_a_model_that_needs_tensorflow_gets_it() -> None:
    """The pipeline of config.yml does not; one with DIETClassifier does."""
    assert not lean_start.needed(lean_start.components(project.read(ROOT / "config.yml")))
    assert lean_start.needed(lean_start.components({"pipeline": [{"name": "DIETClassifier"}], "policies": []}))
    assert lean_start.needed(lean_start.components({"pipeline": [], "policies": None}))  # Rasa's own choice
    assert lean_start.needed(["rasa.core.policies.ted_policy.TEDPolicy"])
    assert lean_start.needed(["components.their_own.Classifier"])  # nobody knows


def test_what_was_left_out_says_so_when_it_is_used() -> None:
    """Importing and subclassing works, using raises an ImportError that names it; the real TensorFlow stays away."""
    script = (
        "from warmline.engine import lean_start; lean_start.leave_tensorflow_out(); import rasa.core.agent, sys\n"
        "import tensorflow as tf\n"
        "class Layer(tf.keras.layers.Layer): pass\n"
        "try: Layer()\n"
        "except ImportError as wrong: print(wrong)\n"
        "print('tensorflow.python.eager' in sys.modules)\n"
    )
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90
    )
    assert told.stdout.splitlines() == [
        "tensorflow.keras.layers.Layer was left out at the start: no component of this model was known to need it.",
        "False",
    ], told.stderr


def test_the_reason_of_a_failed_training_is_whole() -> None:
    """What was raised first, and what Rasa said around it; what is said twice, or names no file, is left out."""

    def raised(*texts: str) -> BaseException:
        try:
            if len(texts) > 1:
                raise RuntimeError(texts[0]) from raised(*texts[1:])
            raise ValueError(texts[0])
        except Exception as failure:
            return failure

    assert reason(raised("In the graph node x.", "the pattern\n  is bad")) == "the pattern is bad. In the graph node x."
    assert reason(raised("Failed to read 'a.yml': line 9 is bad", "line 9 is bad")) == (
        "Failed to read 'a.yml': line 9 is bad."
    )
    assert reason(raised("In 'a.yml', line 9.", 'in "<unicode string>", line 9')) == "In 'a.yml', line 9."
    assert reason(raised("")) == "ValueError."


def test_a_training_that_fails_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    """One sentence on stderr, a non-zero exit, and no half-written model."""
    for name in ("config.yml", "domain.yml"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rules.yml").write_text(
        "version: '3.1'\nrules:\n- rule: x\n  steps:\n  - intent: greet\n  - action: action_that_is_nowhere\n"
        "- rule: y\n  steps:\n  - intent: greet\n  - action: action_stop\n",
        encoding="utf-8",
    )
    out = tmp_path / "models" / "m.tar.gz"
    command = commands.train(python=Path(sys.executable), root=tmp_path, model=out)
    done = subprocess.run(
        command.argv,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **command.env},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode != 0
    assert done.stderr.strip().splitlines()[-1].startswith("The training failed:")
    assert list(out.parent.iterdir()) == []
