"""
What every bot of Warmline's needs is joined to a Rasa project here, while it is read for training; none of its files is
changed. The slots, the intent, the actions and the responses of ``engine/domain/`` are merged into its domain, and the
escalation policy goes before the policies of its config.yml.

``warmline train`` uses it for every project. A project that is also trained by ``rasa train`` names it itself::

    importers:
      - name: warmline.engine.importer.WarmlineImporter
"""

import copy
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Union

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import CombinedDataImporter, TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method, class_from_module_path
from rasa.shared.utils.io import read_config_file

from warmline.core.errors import SettingsError
from warmline.engine import project

POLICY = "warmline.engine.escalation_policy.EscalationPolicy"
FIRST = 100
"""The least priority of the escalation policy; it is always above that of every other."""


class WarmlineImporter(TrainingDataImporter):
    """
    A project's own importers, or Rasa's for files where it names none, and what Warmline adds to them.

    *project_config* is the project's config.yml where *config_file* is another (warmline.engine.train).
    """

    def __init__(
        self,
        config_file: Optional[Text] = None,
        domain_path: Optional[Text] = None,
        training_data_paths: Optional[Union[List[Text], Text]] = None,
        project_config: Optional[Text] = None,
        **kwargs: Any,
    ) -> None:
        """
        Raises:
            SettingsError: an importer that the project names cannot be found.
        """
        file = project_config or config_file
        self._own = CombinedDataImporter(_own_importers(file, domain_path, training_data_paths))

    @cached_method
    def get_domain(self) -> Domain:
        """
        The project's domain with Warmline's in it; a response ``utter_warmline_...`` of the project's replaces ours.

        Raises:
            SettingsError: the project's domain defines what is Warmline's.
        """
        own = self._own.get_domain()
        if own.is_empty():
            return own  # Rasa trains no more than the reading of texts then
        ours = Domain.load(str(project.DOMAIN)).as_dict()
        _refuse(own)
        ours["responses"] = {
            name: said for name, said in ours.get("responses", {}).items() if name not in own.responses
        }
        return Domain.from_dict(Domain.merge_domain_dicts(copy.deepcopy(ours), copy.deepcopy(own.as_dict())))

    @cached_method
    def get_config(self) -> Dict:
        """The project's configuration and the escalation policy, completed as Rasa would where it leaves things out."""
        config = copy.deepcopy(self._own.get_config())
        missing = {key for key in ("pipeline", "policies") if config.get(key) is None}
        if missing:  # here, for Rasa itself would write them into the project's file
            config = DefaultV1Recipe.complete_config(config, missing)
        config.pop("importers", None)
        others = [policy for policy in config["policies"] if policy.get("name") != POLICY]
        ours = next((policy for policy in config["policies"] if policy.get("name") == POLICY), {"name": POLICY})
        first = max([FIRST, *(_priority(policy) + 1 for policy in others)])
        config["policies"] = [{**ours, "priority": max(first, ours.get("priority", 0))}, *others]
        return config

    def get_config_file_for_auto_config(self) -> Optional[Text]:
        """None: nothing is left to be written into the project's file."""
        return None

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        """The project's stories and rules. Ours needs none: the escalation policy knows what to do, in any bot."""
        return self._own.get_stories(exclusion_percentage)

    def get_conversation_tests(self) -> StoryGraph:
        """The project's."""
        return self._own.get_conversation_tests()

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        """The project's."""
        return self._own.get_nlu_data(language)


def _own_importers(
    file: Optional[Text], domain: Optional[Text], data: Optional[Union[List[Text], Text]]
) -> List[TrainingDataImporter]:
    named = (read_config_file(file).get("importers") or []) if file else []
    found: List[TrainingDataImporter] = []
    for one in named:
        if one.get("name") == project.OWN_IMPORTER:
            continue
        importer = TrainingDataImporter._importer_from_dict(dict(one), file, domain, data)
        if importer is None:  # Rasa would go on without it
            raise SettingsError(f"{file} names the importer '{one.get('name')}', which cannot be imported.")
        found.append(importer)
    return found or [RasaFileImporter(file, domain, data)]


def _refuse(own: Domain) -> None:
    """What :func:`warmline.engine.project.refuse_collisions` cannot see: names that an importer brought."""
    theirs = {
        *(("slot", slot.name) for slot in own.slots),
        *(("intent", intent) for intent in own.intents),
        *(("action", action) for action in own.user_actions),
        *(("form", form) for form in own.forms),
        *(("entity", entity) for entity in own.entities),
    }
    for kind, name in sorted(theirs & project.reserved()):
        raise SettingsError(
            f"The {kind} '{name}' of the project's domain is Warmline's own, and is added by it. "
            "Give yours another name."
        )


def _priority(policy: Dict[Text, Any]) -> int:
    """What config.yml says, else what the policy itself does."""
    if isinstance(policy.get("priority"), int):
        return int(policy["priority"])
    name = str(policy.get("name"))
    try:
        clazz = class_from_module_path(name) if "." in name else None
        return int(clazz.get_default_config().get("priority", 0)) if clazz else 0
    except (ImportError, AttributeError, TypeError, ValueError):
        return 0  # Rasa will say that it does not know it


def as_config(own: Path) -> Dict[Text, Any]:
    """A configuration that has Rasa read the project of the config.yml *own* through this importer."""
    return {"importers": [{"name": project.OWN_IMPORTER, "project_config": str(own)}]}
