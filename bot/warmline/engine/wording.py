"""
Which of a response's wordings is said: the first that was not said lately, so the bot does not repeat itself.

Variations come from the domain's responses, those whose condition on a slot (``tone``) holds first. Without luck: the
same conversation gets the same words.
"""

from typing import Any, Dict, List, Optional, Text

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from warmline.engine.memory import KEPT_TEXT_CHARS

LOOK_BACK = 6
AGAIN = "Once more: "
EXAMPLE = "utter_order_number_example"
"""What ``{order_example}`` stands for, in any response."""


class Wording(TemplatedNaturalLanguageGenerator):
    """Rasa finds it through ``nlg: type`` in endpoints.yml."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None) -> None:
        super().__init__(domain.responses if domain else {})

    async def generate(
        self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text, **kwargs: Any
    ) -> Optional[Dict[Text, Any]]:
        """The response with its slots and *kwargs* filled in; None when the domain has none of that name."""
        slots = tracker.current_slot_values()
        example = (self.responses.get(EXAMPLE) or [{}])[0].get("text")
        values = {"order_example": example, **kwargs}
        said = self.said_lately(tracker)
        wordings = [
            self._fill_response(dict(wording), slots, **values) for wording in self.suitable(utter_action, slots)
        ]
        again = [{**wording, "text": AGAIN + wording["text"]} for wording in wordings if wording.get("text")]
        candidates = wordings + again
        fresh = [wording for wording in candidates if (wording.get("text") or "")[:KEPT_TEXT_CHARS] not in said]
        if fresh or not candidates:
            return fresh[0] if fresh else None
        return min(candidates, key=lambda wording: _last_index(said, (wording.get("text") or "")[:KEPT_TEXT_CHARS]))

    def suitable(self, utter_action: Text, slots: Dict[Text, Any]) -> List[Dict[Text, Any]]:
        """The variations whose conditions hold, those with a condition first; then the ones without."""
        if utter_action not in self.responses:
            return []
        conditional = [
            wording
            for wording in self.responses[utter_action]
            if wording.get("condition") and ResponseVariationFilter._matches_filled_slots(slots, wording)
        ]
        plain = [wording for wording in self.responses[utter_action] if not wording.get("condition")]
        return conditional or plain

    @staticmethod
    def said_lately(tracker: DialogueStateTracker) -> List[Text]:
        """The bot's last texts, oldest first, as far as they are remembered."""
        texts = [
            event.text[:KEPT_TEXT_CHARS]
            for event in tracker.applied_events()
            if isinstance(event, BotUttered) and event.text
        ]
        return texts[-LOOK_BACK:]


def _last_index(texts: List[Text], text: Text) -> int:
    return len(texts) - 1 - texts[::-1].index(text) if text in texts else -1
