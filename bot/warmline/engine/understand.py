"""How one text is read, and what the policies would do first: for people who teach the assistant. Nothing is done."""

import re
from typing import Any, Dict, Text

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

RANKED = 5


FAQ = "utter_faq_"
_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|$)", re.DOTALL)
SURE_OF_FAQ = 0.75
"""A general question is answered to somebody who waits for a person only when it is one for sure."""


async def _faq(processor: MessageProcessor, tracker: DialogueStateTracker, action: Text) -> Text:
    """The words of the response *action*, when it answers a general question; else empty. Nothing is said by it."""
    sure = float((tracker.latest_message.intent or {}).get("confidence") or 0.0) if tracker.latest_message else 0.0
    if not action.startswith(FAQ) or sure < SURE_OF_FAQ:
        return ""
    said = await processor.nlg.generate(action, tracker, "warmline")
    # what the answer offers to do ("Shall I mail you a label?") is not offered: a yes would go to the queue
    return " ".join(part for part in _SENTENCE.findall(str((said or {}).get("text") or "")) if not part.endswith("?"))


async def understand(processor: MessageProcessor, text: Text) -> Dict[Text, Any]:
    """
    The likeliest intents of *text*, its entities, and the first action in a new conversation; ``faq`` is the
    answer when the text is a general question and nothing else.

    The mood is not looked at: action_warmline_watch does that, in the actions' process, and a handoff goes before
    everything.
    """
    parsed = await processor.parse_message(UserMessage(text))
    tracker = DialogueStateTracker("understand", processor.domain.slots)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
    tracker.update(UserUttered(text, parsed.get("intent"), parsed.get("entities"), parsed), processor.domain)
    action, prediction = processor.predict_next_with_tracker_if_should(tracker)
    return {
        "faq": await _faq(processor, tracker, action.name()),
        "intents": [
            {"name": one["name"], "confidence": float(one["confidence"])}
            for one in (parsed.get("intent_ranking") or [])[: RANKED + 1]
        ],
        "entities": [{"entity": one["entity"], "value": str(one["value"])} for one in parsed.get("entities") or []],
        "action": action.name(),
        "policy": (prediction.policy_name or "").rsplit(".", 1)[-1],
    }
