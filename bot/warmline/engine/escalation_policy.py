"""
The last word on each turn: when action_warmline_watch's verdict says that a person must take over, nothing else is
done. It needs no rules and no stories, so it stands before whatever policies a bot has.
"""

from typing import Any, Dict, List, Optional, Text

from rasa.core.policies.policy import Policy, PolicyPrediction, confidence_scores_for
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from warmline.engine.names import ASK_PERSON, HANDOFF, OFFER_PERSON, VERDICT

BEFORE_A_FORM = frozenset({"asked", "topic", "crisis"})
"""Causes of warmline.core.escalation that a form's own answer must not hide."""
SENTENCE_WORDS = 5
"""What is shorter may be an answer, however it is said."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class EscalationPolicy(Policy):
    """
    Predicts ``action_warmline_handoff`` right after a customer's turn whose verdict escalates, then listens; also while
    a form waits for an answer, whatever that answer is, when a person or something grave was named in it. A mood waits
    for the form ("hell no" is an answer), unless the form would take a whole angry sentence for what it asked.

    The pressed button for a person, where no rule of escalation.yml heeds it, is answered by
    ``action_warmline_offer_person``.
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
        # confidence, and then what TEDPolicy predicts of a text; only another of the same kind is held against the
        # first by priority.
        waits = action == HANDOFF and self._waits_for_the_form(tracker, domain)
        return self._prediction(confidence_scores_for(action, 1.0, domain), is_no_user_prediction=not waits)

    @staticmethod
    def _waits_for_the_form(tracker: DialogueStateTracker, domain: Domain) -> bool:
        if tracker.active_loop_name not in domain.forms:
            return False  # a two-stage fallback is a loop as well, and no answer is lost with it
        if (tracker.get_slot(VERDICT) or {}).get("cause") in BEFORE_A_FORM:
            return False
        return not _took_a_sentence(tracker)

    @staticmethod
    def _next(tracker: DialogueStateTracker) -> Optional[Text]:
        pressed = tracker.latest_message is not None and tracker.latest_message.intent_name == ASK_PERSON
        if tracker.latest_action_name == HANDOFF or (pressed and tracker.latest_action_name == OFFER_PERSON):
            return ACTION_LISTEN_NAME
        if tracker.latest_action_name != ACTION_LISTEN_NAME:
            return None
        verdict = tracker.get_slot(VERDICT)
        escalates = isinstance(verdict, dict) and verdict.get("escalate") is True
        return HANDOFF if escalates else OFFER_PERSON if pressed else None


def _took_a_sentence(tracker: DialogueStateTracker) -> bool:
    """Whether the whole of a longer text has just been taken for the slot that a form asks for."""
    asked = tracker.get_slot(REQUESTED_SLOT)
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, SlotSet) and event.key == asked and event.value is not None:
            text = tracker.latest_message.text if tracker.latest_message else None
            return event.value == text and len(str(text).split()) >= SENTENCE_WORDS
    return False
