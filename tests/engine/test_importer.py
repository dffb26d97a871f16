"""What Warmline adds to a Rasa project while it is read, and what it leaves and refuses."""

from pathlib import Path
from typing import Any

import pytest
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.policy import PolicyPrediction, confidence_scores_for
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.importers.importer import TrainingDataImporter

from warmline.core.errors import SettingsError
from warmline.engine import commands, project
from warmline.engine.escalation_policy import EscalationPolicy
from warmline.engine.importer import POLICY, WarmlineImporter

pytestmark = pytest.mark.engine

BOTS = Path(__file__).resolve().parents[1] / "adopted" / "bots"


def imported(root: Path) -> WarmlineImporter:
    found = project.find(root)
    return WarmlineImporter(str(found.config), str(found.domain), [str(found.data)] if found.data else [])


def a_project(root: Path, **files: str) -> Path:
    """A small project at *root*; *files* are laid over it, ``__`` in a name being a slash."""
    whole = {
        "config.yml": "recipe: default.v1\nlanguage: en\npipeline: []\npolicies:\n- name: RulePolicy\n",
        "domain.yml": 'version: "3.1"\nintents:\n- greet\nresponses:\n  utter_greet:\n  - text: Hi\n',
        "data/rules.yml": "version: '3.1'\nrules:\n- rule: hi\n  steps:\n  - intent: greet\n  - action: utter_greet\n",
        **{name.replace("__", "/") + ".yml": text for name, text in files.items()},
    }
    for name, text in whole.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("name", sorted(path.name for path in BOTS.iterdir()))
def test_a_project_keeps_all_it_has(name: str) -> None:
    """Its own domain is in the merged one, word for word, and nothing of ours influences a prediction."""
    found = project.find(BOTS / name)
    own, merged = Domain.load(str(found.domain)), imported(BOTS / name).get_domain()
    assert set(own.intents) <= set(merged.intents)
    assert {slot.name for slot in own.slots} <= {slot.name for slot in merged.slots}
    assert own.responses.items() <= merged.responses.items()
    assert set(own.user_actions) <= set(merged.user_actions)
    assert own.forms == merged.forms
    assert own.session_config == merged.session_config
    added = [slot for slot in merged.slots if slot.name.startswith("warmline_")]
    assert len(added) == 10
    assert not any(slot.influence_conversation for slot in added)
    assert own.input_state_map.keys() <= merged.input_state_map.keys()
    assert [state for state in merged.input_state_map if "slot" in state] == [
        state for state in own.input_state_map if "slot" in state
    ]


def test_the_escalation_policy_stands_before_all_others(tmp_path: Path) -> None:
    """Whatever priority another one has; what stands in config.yml stays, in its order."""
    config = "pipeline: []\npolicies:\n- name: RulePolicy\n  priority: 250\n- name: MemoizationPolicy\n"
    read = imported(a_project(tmp_path, config=config)).get_config()
    assert [policy["name"] for policy in read["policies"]] == [POLICY, "RulePolicy", "MemoizationPolicy"]
    assert read["policies"][0]["priority"] == 251


def test_what_a_config_leaves_to_rasa_is_chosen_and_written_nowhere(tmp_path: Path) -> None:
    """Rasa itself would write its choice into the file."""
    root = a_project(tmp_path, config="language: en\n")
    importer = imported(root)
    assert "DIETClassifier" in [one["name"] for one in importer.get_config()["pipeline"]]
    assert importer.get_config()["policies"][0]["name"] == POLICY
    assert importer.get_config_file_for_auto_config() is None
    assert (root / "config.yml").read_text(encoding="utf-8") == "language: en\n"


def test_importers_of_the_project_go_on_working(tmp_path: Path) -> None:
    """Theirs read the project, and ours reads them; one that cannot be found is an error, which Rasa only logs."""
    multi = "importers:\n- name: MultiProjectImporter\nimports:\n- other\npipeline: []\npolicies:\n- name: RulePolicy\n"
    root = a_project(
        tmp_path,
        config=multi,
        other__domain='version: "3.1"\nintents:\n- thanks\nresponses:\n  utter_thanks:\n  - text: Welcome\n',
        other__config="pipeline: []\n",
    )
    domain = imported(root).get_domain()
    assert {"greet", "thanks", "warmline_ask_person"} <= set(domain.intents)
    assert root / "other" / "domain.yml" in project.sources(project.find(root))
    (root / "config.yml").write_text("importers:\n- name: nowhere.Importer\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"nowhere\.Importer"):
        imported(root)


def test_it_can_be_named_in_a_config_for_rasas_own_commands(tmp_path: Path) -> None:
    """``rasa train`` of such a project makes the same."""
    config = f"pipeline: []\npolicies:\n- name: RulePolicy\nimporters:\n- name: {project.OWN_IMPORTER}\n"
    root = a_project(tmp_path, config=config)
    importer = TrainingDataImporter.load_from_config(
        str(root / "config.yml"), str(root / "domain.yml"), [str(root / "data")]
    )
    assert "warmline_mood" in {slot.name for slot in importer.get_domain().slots}


def test_a_project_words_our_responses_itself(tmp_path: Path) -> None:
    """In its domain or beside its training data; the others stay ours."""
    said = 'version: "3.1"\nresponses:\n  utter_warmline_unsure:\n  - text: Pardon?\n'
    root = a_project(tmp_path, domain='version: "3.1"\nintents:\n- greet\n' + said[15:], data__words=said)
    found = project.find(root)
    whole = TrainingDataImporter.load_from_dict(
        {"importers": [{"name": project.OWN_IMPORTER, "project_config": str(found.config)}]},
        str(found.config),
        str(found.domain),
        [str(found.data)],
    ).get_domain()
    assert whole.responses["utter_warmline_unsure"] == [{"text": "Pardon?"}]
    assert "utter_warmline_failed" in whole.responses


@pytest.mark.parametrize(
    ("files", "line", "name"),
    [
        ({"domain": "version: '3.1'\nintents:\n- greet\n- warmline_ask_person\n"}, 4, "warmline_ask_person"),
        ({"domain": "version: '3.1'\nactions:\n- a\n- action_warmline_watch: {}\n"}, 4, "action_warmline_watch"),
        ({"data__nlu": "nlu:\n- intent: greet\n- intent: warmline_ask_person\n"}, 3, "warmline_ask_person"),
        (
            {"domain": "slots:\n  warmline_mood:\n    type: text\n    mappings:\n    - type: from_text\n"},
            2,
            "warmline_mood",
        ),
    ],
)
def test_a_name_of_ours_is_refused_with_its_place(tmp_path: Path, files: Any, line: int, name: str) -> None:
    """The file and the line that the team has to change."""
    found = project.find(a_project(tmp_path, **files))
    with pytest.raises(SettingsError) as refused:
        project.refuse_collisions(found)
    assert f", line {line}: " in refused.value.text
    assert f"'{name}'" in refused.value.text


def test_a_name_of_ours_in_a_folder_of_domains_is_refused_too(tmp_path: Path) -> None:
    """Wherever below it; a name of their own that only looks like ours is nobody's business."""
    root = a_project(tmp_path, domain__deep__x="actions:\n- action_warmline_handoff\n- action_warmline_dance\n")
    (root / "domain.yml").unlink()
    found = project.find(root)
    assert [(place.line, place.name) for place in project.collisions(found)] == [(2, "action_warmline_handoff")]


@pytest.mark.parametrize(
    ("domain", "what"),
    [
        ("version: '2.0'\nintents:\n- greet\n", "line 1"),
        ("intents:\n- greet\nslots:\n  name:\n    type: text\n", "line 4"),
        ("intents:\n- greet\ntemplates:\n  utter_greet:\n  - text: hi\n", "line 3"),
    ],
)
def test_a_domain_of_an_older_rasa_is_refused(tmp_path: Path, domain: str, what: str) -> None:
    """By its version, or by what Rasa 3 no longer reads."""
    with pytest.raises(SettingsError, match="works with Rasa 3") as refused:
        project.refuse_older(project.find(a_project(tmp_path, domain=domain)))
    assert what in refused.value.text


def test_every_source_of_a_model_counts(tmp_path: Path) -> None:
    """The folder of the domain, nested training data, components of the project's own; not its notes."""
    root = a_project(tmp_path, domain__a='version: "3.1"\nintents:\n- greet\n', data__deep__nlu="nlu: []\n")
    (root / "domain.yml").unlink()
    (root / "config.yml").write_text("pipeline:\n- name: parts.mine.Part\npolicies: []\n", encoding="utf-8")
    (root / "parts").mkdir()
    (root / "parts" / "mine.py").write_text("X = 1\n", encoding="utf-8")
    seen = {commands.fingerprint(root)}
    for name in ("domain/a.yml", "data/deep/nlu.yml", "parts/mine.py", "config.yml"):
        file = root / name
        file.write_text(file.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
        seen.add(commands.fingerprint(root))
    assert len(seen) == 5
    (root / "notes.txt").write_text("nothing", encoding="utf-8")
    assert commands.fingerprint(root) in seen


def predicted(tracker: DialogueStateTracker, domain: Domain, other: PolicyPrediction) -> str:
    """Which action wins against *other*."""
    config = {**EscalationPolicy.get_default_config()}
    policy = EscalationPolicy(config, None, Resource("policy"), ExecutionContext(GraphSchema({})))
    ours = policy.predict_action_probabilities(tracker, domain)
    best = DefaultPolicyPredictionEnsemble().combine_predictions([other, ours], tracker, domain)
    return str(domain.action_names_or_texts[best.probabilities.index(max(best.probabilities))])


@pytest.mark.parametrize("cause", ["asked", "mood"])
@pytest.mark.parametrize("kind", ["plain", "end_to_end", "no_user"])
def test_a_handoff_beats_every_prediction(cause: str, kind: str) -> None:
    """TED's of a text, a fallback's, a form's own next step; a mood alone waits for a form's short answer."""
    domain = imported(BOTS / "clinic").get_domain()
    tracker = DialogueStateTracker("x", domain.slots)
    text = "you are all useless idiots and I hate this"
    for event in (
        ActionExecuted("visit_form"),
        ActiveLoop("visit_form"),
        SlotSet("requested_slot", "when"),
        ActionExecuted("action_listen"),
        UserUttered(text, {"name": "greet", "confidence": 1.0}),
        SlotSet("when", text),
        SlotSet("warmline_verdict", {"escalate": True, "cause": cause}),
    ):
        tracker.update(event)
    other = PolicyPrediction(
        confidence_scores_for("visit_form", 1.0, domain),
        "policy_0_Other",
        99,
        is_end_to_end_prediction=kind == "end_to_end",
        is_no_user_prediction=kind == "no_user",
    )
    assert predicted(tracker, domain, other) == "action_warmline_handoff"
    tracker.update(UserUttered("hell no", {"name": "greet", "confidence": 1.0}))
    tracker.update(SlotSet("when", "hell no"))
    waits = kind != "plain" and cause == "mood"
    assert predicted(tracker, domain, other) == ("visit_form" if waits else "action_warmline_handoff")
