"""
Which of a response's wordings is said: the first that was not said lately, so the bot does not repeat itself.

Variations come from the domain's responses, those whose condition on a slot (``tone``) holds first. Without luck: the
same conversation gets the same words.
"""

import re
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from warmline.engine.memory import KEPT_TEXT_CHARS

CHANNEL = "warmline"
LOOK_BACK = 6
AGAIN = "Once more: "
"""Goes before what was said lately, where it has to be said again, in a bot that has the response of the next name."""
ONCE_MORE = "utter_warmline_once_more"
EXAMPLE = re.compile(r"utter_(\w+_example)")
"""Responses with a number that customers are shown: ``{policy_number_example}`` in any other stands for its text."""


class Wording(TemplatedNaturalLanguageGenerator):
    """Rasa finds it through ``nlg: type`` in endpoints.yml."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None) -> None:
        super().__init__(domain.responses if domain else {})
        self._examples: Tuple[Any, Dict[Text, Any]] = (None, {})

    async def generate(
        self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text, **kwargs: Any
    ) -> Optional[Dict[Text, Any]]:
        """The response with its slots and *kwargs* filled in; None when the domain has none of that name."""
        slots = tracker.current_slot_values()
        values = {**self.examples(), **kwargs}
        said = self.said_lately(tracker)
        wordings = [
            self._fill_response(dict(wording), slots, **values) for wording in self.suitable(utter_action, slots)
        ]
        again = [
            {**wording, "text": AGAIN + wording["text"]}
            for wording in wordings
            if ONCE_MORE in self.responses and wording.get("text")
        ]
        candidates = wordings + again
        fresh = [wording for wording in candidates if (wording.get("text") or "")[:KEPT_TEXT_CHARS] not in said]
        if fresh or not candidates:
            return fresh[0] if fresh else None
        return min(candidates, key=lambda wording: _last_index(said, (wording.get("text") or "")[:KEPT_TEXT_CHARS]))

    def examples(self) -> Dict[Text, Any]:
        """The examples of identifiers by their placeholder. Rasa gives the generator its responses after it is made."""
        if self._examples[0] is not self.responses:
            named = [(EXAMPLE.fullmatch(name), wordings) for name, wordings in self.responses.items() if wordings]
            self._examples = (self.responses, {found[1]: said[0].get("text") for found, said in named if found})
        return self._examples[1]

    def suitable(self, utter_action: Text, slots: Dict[Text, Any]) -> List[Dict[Text, Any]]:
        """The variations for this channel whose conditions hold; where none does, those without a condition."""
        if utter_action not in self.responses:
            return []
        wordings = [one for one in self.responses[utter_action] if one.get("channel") in (None, CHANNEL)]
        conditional = [
            wording
            for wording in wordings
            if wording.get("condition") and ResponseVariationFilter._matches_filled_slots(slots, wording)
        ]
        plain = [wording for wording in wordings if not wording.get("condition")]
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
