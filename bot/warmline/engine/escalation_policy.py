"""
The last word on each turn: when action_warmline_watch's verdict says that a person must take over, nothing else is
done.
"""

from typing import Any, Dict, List, Optional, Text

from rasa.core.policies.policy import Policy, PolicyPrediction, confidence_scores_for
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

HANDOFF = "action_warmline_handoff"
VERDICT = "warmline_verdict"
BEFORE_A_FORM = frozenset({"asked", "topic", "crisis"})
"""Causes of warmline.core.escalation that a form's own answer must not hide."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class EscalationPolicy(Policy):
    """
    Predicts ``action_warmline_handoff`` right after a customer's turn whose verdict escalates, then listens; also while
    a form waits for an answer, whatever that answer is, when a person or something grave was named in it. A mood waits
    for the form: "hell no" is an answer.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"priority": 100}

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """There is nothing to learn: the decision was made by warmline.core.escalation."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[Text, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        action = self._next(tracker)
        if action is None:
            return self._prediction(self._default_predictions(domain))
        # Rasa puts a form's own next step, a "no user prediction", before those of every other policy whatever their
        # confidence; only another of the same kind is held against it by priority.
        return self._prediction(
            confidence_scores_for(action, 1.0, domain), is_no_user_prediction=self._goes_first(tracker)
        )

    @staticmethod
    def _goes_first(tracker: DialogueStateTracker) -> bool:
        return (tracker.get_slot(VERDICT) or {}).get("cause") in BEFORE_A_FORM

    @staticmethod
    def _next(tracker: DialogueStateTracker) -> Optional[Text]:
        if tracker.latest_action_name == HANDOFF:
            return ACTION_LISTEN_NAME
        verdict = tracker.get_slot(VERDICT)
        escalates = isinstance(verdict, dict) and verdict.get("escalate") is True
        return HANDOFF if escalates and tracker.latest_action_name == ACTION_LISTEN_NAME else None
