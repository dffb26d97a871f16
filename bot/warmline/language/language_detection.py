"""Which language a text is clearly in, when that is not English. Few words decide nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

MIN_HITS = 2
MAX_CHARS = 1_000
SCRIPTS = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "THAI": "th",
    "DEVANAGARI": "hi",
}
"""First word of a letter's Unicode name, to the likeliest language."""

_COMMON = {
    "en": "the is are was my i you it of to and for in on what where when how can do have not with me order this that "
    "please a an your we from be has",
    "de": "der die das ist sind war mein meine meinen ich sie es und für mit wo wann wie kann können haben habe nicht "
    "bestellung bitte ein eine einen auf zu von dem den wurde noch mir was warum",
    "fr": "le la les est sont mon ma mes je vous il et pour avec où quand comment peut puis avoir ai pas commande un "
    "une des du de sur dans ce que s'il plaît bonjour pourquoi n'est c'est suis",
    "es": "el la los las es está son mi mis yo usted y para con dónde donde cuándo cómo puede puedo tengo he no pedido "
    "por favor un una de del en que hola quiero mi se ha",
    "it": "il lo la gli le è sono mio mia io lei e per con dove quando come può posso ho non ordine un una di del "
    "della nel che ciao vorrei mi si ha questo",
    "pt": "o a os as é está são meu minha eu você e para com onde quando como pode posso tenho não pedido um uma de do "
    "da em que olá quero por favor se foi",
    "nl": "de het een is zijn mijn ik u je en voor met waar wanneer hoe kan heb niet bestelling van op te dat wat "
    "waarom graag wordt nog",
    "pl": "jest są moje mój moja ja i dla z gdzie kiedy jak mogę mam nie zamówienie proszę na do w się czy to że",
}
COMMON = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_word = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")


def likeliest(text: str, among: Sequence[str]) -> str:
    """The language of *among*, at least one, whose common words *text* has most of; the first of them in a tie."""
    words = {word.replace("\u2019", "'") for word in _word.findall(text[:MAX_CHARS].lower())}
    return max(among, key=lambda language: sum(word in COMMON[language] for word in words))


def other_language(text: str) -> str | None:
    """
    The language of *text* as a two-letter code when it is clearly not English, else None. Reads the first
    :data:`MAX_CHARS` characters.
    """
    text = text[:MAX_CHARS]
    letters = [char for char in text if char.isalpha()]
    scripts = Counter(unicodedata.name(char, "").split(" ")[0] for char in letters)
    for script, count in scripts.most_common():
        if script in SCRIPTS and count >= MIN_HITS and count * 2 > len(letters):
            return "ja" if script == "CJK" and scripts.keys() & {"HIRAGANA", "KATAKANA"} else SCRIPTS[script]
    words = {word.replace("\u2019", "'") for word in _word.findall(text.lower())}
    hits = {language: sum(word in known for word in words) for language, known in COMMON.items()}
    best = max(hits, key=lambda language: (hits[language], language == "en"))
    if best == "en" or hits[best] < MIN_HITS or hits[best] <= 2 * hits["en"]:
        return None
    return best
