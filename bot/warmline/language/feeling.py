"""
A text as it is felt: what is said not to be so is not felt ("I'm not angry", "no problems at all"), and a face is
worth a sentence.

For whatever reads single words: VADER, and the wording learned from other people's texts.
"""

from __future__ import annotations

import re

_BAD = (
    r"angry|mad|upset|annoyed|furious|cross|hate|dislike|worst|bad|terrible|awful|horrible|disappointed|complaints?|"
    r"complaining|complain|problems?|issues?|trouble|worries|rush|hurry|hurt|harmed|injured|emergency|disaster|sue|threat\w*|"
    r"lawyers?|hacked|fraud|scam|suicidal|died|dead|worse|sorry"
)
_NOT_SO = re.compile(
    r"\b(?:(?:am|are|is|was|were|do|does|did|have|has|would|could|ca|wo)n[\u2019']?t|not|never|no|nobody|"
    r"no one|nothing|without|hardly|isnt|wasnt|dont|didnt|im not)\s+"
    r"(?:(?!(?:but|only|just|so|this|more|as|such|like|even|been|had|helps?|answers?|works?|cares?)\b)"
    r"[\w\u2019']+\s+){0,2}?(?:" + _BAD + r")\b"
    r"(?:(?:,? (?:and|or|nor) )(?:" + _BAD + r")\b)*",
    re.IGNORECASE,
)
_STILL_SO = re.compile(
    r"^(?:no|not|nothing|never)\s+(?:one|sorry|apolog\w*)\b|\bnot (?:only|just)\b|^nobody (?:is|was) sorry",
    re.IGNORECASE,
)
_FACES = {
    "\U0001f92c": " I am really angry ",
    "\U0001f621": " I am really angry ",
    "\U0001f620": " I am angry ",
    "\U0001f624": " I am annoyed ",
    "\U0001f44e": " this is bad ",
    "\U0001f644": " hm, seriously ",
    "\U0001f612": " I am not happy ",
    "\U0001f926": " this is ridiculous ",
    "\U0001f92e": " this is disgusting ",
}
_SHORT = {
    r"\bsmh\b": "hm, seriously",
    r"\bffs\b": "for fuck's sake",
    r"\bwtf\b": "what the fuck",
    r"\bkindly\s+(?=improve|fix|sort|do|stop|explain|learn|get)": "disappointing, do ",
    r"\b(is|are|was|were|arrived|came|got) (?:broken|damaged|cracked|chipped|torn|faulty|defective)\b": (
        r"\1 out of order"
    ),
    r"\breview (?:that )?(?:everyone|everybody) (?:will|can) (?:see|read)": "bad review",
}


def felt(text: str) -> str:
    """*text* without what it says is not so, its angry faces and abbreviations in words."""
    for face, words in _FACES.items():
        text = text.replace(face, words)
    for short, words in _SHORT.items():
        text = re.sub(short, words, text, flags=re.IGNORECASE)
    return _NOT_SO.sub(lambda found: found[0] if _STILL_SO.search(found[0]) else "fine", text)
