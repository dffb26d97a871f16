"""A message of nothing but emoji, in words: a classifier of words sees nothing in it."""

from __future__ import annotations

import re

from warmline.language.consent import SKIN_AND_STYLE

_YES = frozenset("👍✅✔👌☑🆗💯")
_NO = frozenset("👎❌✋🚫")
_THANKS = frozenset("🙏❤💚💙💛💜🧡🖤🤍🤎🥰😍😊🙂😀😃😄😁☺🤗🙌👏💐🌹🌷😘💕💖🫶🎉🥳")
_NOT_A_SIGN = re.compile(r"[\s.!]+")


def in_words(text: str, *, asked: bool) -> str:
    """
    What *text* says, when it is nothing but thumbs, ticks, hearts or smiles; any other text comes back as it is.
    *asked*: a question is open, so that a thumb answers it; otherwise it is thanks.
    """
    signs = frozenset(_NOT_A_SIGN.sub("", text.translate(SKIN_AND_STYLE)))
    if not signs or not signs <= _YES | _NO | _THANKS:
        return text
    if signs & _NO:
        return "no" if asked and not signs & (_YES | _THANKS) else text
    return "yes" if asked and signs & _YES else "thanks"
