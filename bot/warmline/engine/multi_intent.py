"""
Two requests in one message: "when are you open, and can I change my address". Rasa takes one of them; the other is
remembered in the slot ``also`` and offered when the first is done, so that nobody has to ask twice.
"""

import re
from typing import Any, Awaitable, Callable, Dict, List, NamedTuple, Optional, Text, Tuple

from rasa.shared.core.domain import Domain

TITLE = "utter_title_"
ALSO = "warmline_also"
FALLBACK = "nlu_fallback"
SURE = 0.75
"""How sure the classifier must be of both halves: a half sentence is easily taken for something else."""
MAX_CHARS = 300
MAX_SPLITS = 2
MIN_WORDS = 2

Parse = Callable[[Text], Awaitable[Dict[Text, Any]]]

_BETWEEN = re.compile(
    r"\s*[.?!;]+\s+(?:(?:and|also|plus|oh|btw)\b,?\s+)*|,?\s+(?:and|plus|&|also)\s+(?:(?:also|then|btw)\s+)*",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(where|when|what|how|which|who|can|could|would|will|does|is there|are there|want|wanna|need|like to|please|pls|"
    r"must|should|let me|i'd)\b|^\W*(cancel|change|pause|stop|end|return|send|track|book|move|reset|update|delete|get|"
    r"check|tell)\b|\?",
    re.IGNORECASE,
)


def halves(text: Text) -> List[Tuple[Text, Text]]:
    """The ways to cut *text* in two of which each asks for something."""
    if len(text) > MAX_CHARS:
        return []
    cut = []
    for between in _BETWEEN.finditer(text):
        mark = re.match(r"\s*([.?!;])", between[0])
        one, other = text[: between.start()] + (mark[1] if mark else ""), text[between.end() :]
        if all(len(half.split()) >= MIN_WORDS and _WISH.search(half) for half in (one, other)):
            cut.append((one, other))
    return cut[:MAX_SPLITS]


class MultiIntent(NamedTuple):
    """
    *text* is what Rasa is to read now; *also* is the intent of the request that is left, None without a second one.
    """

    text: Text
    also: Optional[Text] = None


async def apart(text: Text, domain: Domain, parse: Parse) -> MultiIntent:
    """
    The requests in *text*, the first one first: when the whole is taken for that, the whole is read, with all that it
    names; when it is taken for the second, or for neither because it could be both, the first half is.
    """
    for pair in halves(text):
        found = [_certain(await parse(half), domain) for half in pair]
        if None in found or found[0] == found[1]:
            continue
        whole = ((await parse(text)).get("intent") or {}).get("name")
        if whole in (*found, FALLBACK):
            return MultiIntent(text if whole == found[0] else pair[0], found[1])
    return MultiIntent(text)


def title(intent: Text, domain: Domain) -> Text:
    """What a button calls *intent*; empty when it is never offered."""
    wordings = domain.responses.get(TITLE + intent) or [{}]
    return str(wordings[0].get("text") or "")


def _certain(parsed: Dict[Text, Any], domain: Domain) -> Optional[Text]:
    intent = parsed.get("intent") or {}
    name = str(intent.get("name"))
    return name if float(intent.get("confidence") or 0.0) >= SURE and title(name, domain) else None
