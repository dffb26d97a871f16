"""Reading one text: everything warmline.core.mood and warmline.core.escalation want to know about it, as Features."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from warmline.core.features import GRAVE, TOPICS, Features, OwnSignal, Turn
from warmline.core.rules import OwnPhrases
from warmline.language import other_languages
from warmline.language.feeling import felt
from warmline.language.language_detection import likeliest, other_language
from warmline.language.lexicon import BOT_REFUSED, BOT_UNSURE, GROUPS, words
from warmline.language.matters import NONE, likely
from warmline.language.phrases import Phrases, as_read, folded, negated, normalise
from warmline.language.vader import tone
from warmline.language.wording import clean, log_odds

if TYPE_CHECKING:
    from warmline.language.embedding import Embedder

Vector = Sequence[float]

READ_AT_MOST = 1_000
REMEMBERED = 500
"""Texts of which the features are kept, some 4 KB each, under a digest of the text."""

_stretched = re.compile(r"([a-z])\1{2,}", re.IGNORECASE)
_capital_word = re.compile(r"\b[A-Z][A-Z']{2,}\b")
_word = re.compile(r"[^\W\d_]{2,}")
_long_word = re.compile(r"\b[A-Za-z][A-Za-z']{2,}\b")
_noise = re.compile(r"https?\s*:\s*//\S+|www\.\S+|[@#]\w+")
_sentence_end = re.compile(r"[.!?;\n]+\s*|,\s+")
_why_not = re.compile(r"\bwhy (?:(?:do|ca|wo|could|would)n[\u2019']?t|not|can ?not)\b", re.IGNORECASE)
MOST_SENTENCES = 8
_reading = Lock()
_lately: dict[bytes, Features] = {}

_STOP = words(
    """
    a an and any are as at be been but by can could did do does for from get got had has have hello hey hi how i if in
    is it its just me my need no not of ok on or our please should so some than thanks that the their them then there
    they this to too up us want was we were what when where which who why will with would yes you your am
    """
)


@cache
def _phrases() -> Phrases:
    return Phrases(GROUPS)


@cache
def _other_phrases() -> Phrases:
    return Phrases(other_languages.GROUPS, other_languages.FILLERS)


@cache
def _bot_phrases() -> Phrases:
    return Phrases({"unsure": BOT_UNSURE, "refused": BOT_REFUSED})


def _sound(text: str) -> str:
    return text[:READ_AT_MOST].encode("utf-8", "ignore").decode("utf-8").replace("\x00", " ")


@cache
def _embedder() -> Embedder | None:
    """None where the package with its weights is not installed: reading then does without."""
    from warmline.language.embedding import Embedder

    embedder = Embedder()
    try:
        embedder.embed(["hello"])
    except ImportError:
        return None
    return embedder


def warm() -> None:
    """Load everything that :func:`read` needs, some seconds: for a process that wants its first turn to be quick."""
    read("hello")


def embed(texts: Sequence[str]) -> list[Vector | None]:
    """The sentence embeddings of *texts* as :func:`read` takes them; None for each where no embedder is installed."""
    embedder = _embedder()
    if embedder is None or not texts:
        return [None] * len(texts)
    return list(embedder.embed([clean(_sound(text)) for text in texts]))


LIKELY_GRAVE, LIKELY = 0.5, 0.55
"""How likely a text must be about something for a person, by what was learned, when no phrase says so."""
UNLIKELY, MOST_UNLIKELY = 0.05, 0.003
"""Below this a phrase of a topic is another use of its words ("fire sale"); for harm and a request for a human, below
the second (docs/measurements.md)."""
_DOUBTABLE = frozenset({"crisis", "asks_person", *(f"topic:{topic}" for topic in TOPICS)})
SURE, ALMOST_SURE = 0.8, 0.98
"""So likely, it counts also where a phrase says that its words are meant in another way."""
MILD = 1.5
"""How annoyed the words of somebody can sound who says "not angry, just disappointed"."""


def read(text: str, vector: Vector | None = None) -> Features:
    """
    Read *text*: the first 1,000 characters of it. Never raises, whatever the characters; an empty text is calm.

    *vector* is its embedding by :func:`embed`, to spare making it. The first call takes some seconds: see :func:`warm`.
    """
    text = _sound(text)
    if vector is None:
        vector = embed([text])[0]
    return _with_own(text, _read(text, vector))


def _read(text: str, vector: Vector | None) -> Features:
    plain = _noise.sub(" ", text)
    felt_text = felt(text)
    feeling = vector if felt_text == text else embed([felt_text])[0] if vector is not None else None
    with _reading:
        tokens, spans = _phrases().find(normalise(plain))
        if _why_not.search(plain):  # "why don't you put me through to somebody" asks for it
            spans.pop("not_asks_person", None)
        _, others = _other_phrases().find(folded(plain))

    def kept(group: str) -> int:
        return sum(1 for start, _ in _merged(spans.get(group, ())) if not negated(tokens, start))

    def found(group: str) -> int:
        return len(_merged(spans.get(group, ())))

    def reported(topic: str) -> bool:
        said = [span for span in spans.get(f"topic:{topic}", ()) if not negated(tokens, span[0])]
        return _unless({**spans, "said": said}, "said", f"not_topic:{topic}")

    shares = likely(text, vector)
    concern = 1.0 - shares[NONE] if shares else None
    matter = max(shares.keys() - {NONE}, key=shares.__getitem__, default="")
    abroad = other_language(plain) or ""
    learned = matter if concern is not None and _is_meant(matter, shares, bool(abroad)) else ""
    another_use = {"asked": "not_asks_person", "crisis": "not_crisis"}.get(learned, f"not_topic:{learned}")
    if another_use in spans and concern is not None and concern < (ALMOST_SURE if learned == "asked" else SURE):
        learned = ""
    if learned == "legal" and reported("complaint") and not reported("legal"):
        learned = ""  # a complaint may be formal without being a threat
    meant_by = 1.0 if concern is None else concern
    if meant_by < UNLIKELY and (spans.keys() & _DOUBTABLE):
        meant_by = max(meant_by, _most_concerning(plain))
    meant, perhaps = meant_by >= UNLIKELY, meant_by >= MOST_UNLIKELY
    harm = [language for language in other_languages.CRISIS if _unless(others, f"crisis:{language}", "not_crisis")]
    crisis_here = _unless(spans, "crisis", "not_crisis")
    long_words = _long_word.findall(plain)
    capital_words = _capital_word.findall(plain)
    capitals = len(capital_words) / len(long_words) if len(long_words) >= 2 else 0.0
    return Features(
        wording=round(min(log_odds(felt_text, feeling), MILD if "mildly" in spans else 6.0), 3),
        vader=tone(_noise.sub(" ", felt_text)),
        words=len(_word.findall(plain)),
        capitals=capitals if len(capital_words) >= 2 else 0.0,
        exclamations=plain.count("!") + plain.count("！"),
        stretched=len(_stretched.findall(plain)),
        swearing=found("swearing") + len(others.get("swearing", ())),
        insults=kept("insult"),
        angry_words=kept("angry_words"),
        negated_help=found("negated_help"),
        waiting=found("waiting"),
        leaving=found("leaving"),
        questioning=found("questioning"),
        sarcasm=found("sarcasm"),
        asks_person=learned == "asked"
        or (perhaps and _unless(spans, "asks_person", "not_asks_person"))
        or _unless(others, "asks_person", "not_asks_person"),
        crisis=learned == "crisis" or (perhaps and crisis_here) or bool(harm),
        topics=tuple(
            topic
            for topic in TOPICS
            if topic == learned or f"topic:{topic}" in others or ((meant or topic not in shares) and reported(topic))
        ),
        thanks=kept("thanks") > 0 or "thanks" in others,
        solved=kept("solved") > 0,
        denial=found("denial") > 0,
        correction=found("correction") > 0,
        turns_down=_unless(spans, "turns_down", "not_turns_down"),
        asks_other=found("asks_other") > 0,
        accepts=_unless(spans, "accepts", "not_accepts"),
        third_party=found("third_party") > 0,
        joking=found("joking") > 0,
        own_fault=found("own_fault") > 0,
        addressed=found("addressed") > 0,
        pleading=found("pleading"),
        giving_up=found("giving_up"),
        stakes=found("stakes"),
        language="" if crisis_here else likeliest(plain, harm) if harm else abroad,
        polite=found("polite") > 0,
        content=tuple(sorted({word for word in tokens if len(word) > 1 and word not in _STOP and word.isalnum()})),
        meaning=_steps(vector),
        concern=None if concern is None else round(concern, 3),
    )


def _most_concerning(text: str) -> float:
    """The concern of the sentence of *text* that has most: one may say what the others play down."""
    sentences = [part for part in _sentence_end.split(text) if _word.search(part)][:MOST_SENTENCES]
    vectors = embed(sentences) if len(sentences) > 1 else []
    shares = [likely(part, vector) for part, vector in zip(sentences, vectors)]  # noqa: B905 (of the same length)
    return max((1.0 - share[NONE] for share in shares if share), default=0.0)


def _is_meant(matter: str, shares: dict[str, float], abroad: bool) -> bool:
    """
    Whether the likeliest *matter* counts; of torn ones that may be grave it is enough that one of them is likely. Of
    what is written *abroad*, in another language than the examples, only the grave is told well enough.
    """
    grave = sum(shares[kind] for kind in GRAVE)
    if abroad:
        return matter in GRAVE and shares[matter] >= LIKELY
    return shares[matter] >= LIKELY_GRAVE if matter in GRAVE and grave < LIKELY else 1.0 - shares[NONE] >= LIKELY


def _steps(vector: Vector | None) -> bytes:
    if vector is None:
        return b""
    import numpy

    return numpy.rint(numpy.asarray(vector) * 127).astype(numpy.int8).tobytes()


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """*spans* with overlapping ones made one, in order."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _unless(spans: dict[str, list[tuple[int, int]]], wanted: str, veto: str) -> bool:
    """True when a span of *wanted* lies outside every span of *veto*."""
    vetoes = spans.get(veto, [])
    return any(
        not any(start < veto_end and end > veto_start for veto_start, veto_end in vetoes)
        for start, end in spans.get(wanted, [])
    )


@lru_cache(maxsize=4)
def _own_phrases(own: OwnPhrases) -> Phrases:
    return Phrases({topic: [as_read(pattern) for pattern in patterns] for topic, patterns in own})


def with_own_topics(features: Features, text: str, own: OwnPhrases) -> Features:
    """
    *features* of *text* with the topics whose phrases in *own* (``Rules.phrases``) it holds, not after a "not" just
    before. What *own* adds to ``crisis`` are words of harm.
    """
    if not own:
        return features
    with _reading:
        tokens, spans = _own_phrases(own).find(normalise(_noise.sub(" ", _sound(text))))
    said = [topic for topic, found in spans.items() if any(not negated(tokens, start) for start, _ in found)]
    new = tuple(topic for topic, _ in own if topic in said and topic not in ("crisis", *features.topics))
    if not new and "crisis" not in said:
        return features
    return msgspec.structs.replace(
        features, topics=(*features.topics, *new), crisis=features.crisis or "crisis" in said
    )


Reader = Callable[[str, Features], Features]
_readers: list[Reader] = []
_own_signals: list[tuple[str, str, float, Callable[[str], float]]] = []


def use_own(readers: Sequence[Reader], signals: Sequence[tuple[str, str, float, Callable[[str], float]]]) -> None:
    """
    From now on each text is read by *readers*, too, one after the other: text and what was found so far to the features
    that count. *signals* (name, sentence, weight, function of the text to 0..1) come after them.
    """
    _readers[:], _own_signals[:] = readers, signals
    _lately.clear()


def _with_own(text: str, features: Features) -> Features:
    for reader in _readers:
        features = reader(text, features)
    if not _own_signals:
        return features
    found = [
        OwnSignal(name, min(1.0, max(0.0, float(read_one(text)))), weight, sentence)
        for name, sentence, weight, read_one in _own_signals
    ]
    return msgspec.structs.replace(features, own=tuple(one for one in found if one.value))


def with_features(turns: Sequence[Turn], *, infer_outcomes: bool = False, own: OwnPhrases = ()) -> tuple[Turn, ...]:
    """
    The same *turns*, with the features of customer turns read where they are missing. The topics of *own*, the phrases
    of the rules in force (``Rules.phrases``), are read in the last of these only: rules ask about no other.

    With *infer_outcomes* also the outcome of bot turns that have none, from their words: for logs of other systems.
    """
    unread = [turn.text for turn in turns if turn.role == "customer" and turn.features is None]
    found = _features([_sound(text) for text in unread])
    if found:
        found[-1] = with_own_topics(found[-1], unread[-1], own)
    features = iter(found)
    done = []
    for turn in turns:
        if turn.role == "customer" and turn.features is None:
            turn = msgspec.structs.replace(turn, features=next(features))
        elif infer_outcomes and turn.role == "bot" and turn.outcome is None:
            turn = msgspec.structs.replace(turn, outcome=bot_outcome(turn.text))
        done.append(turn)
    return tuple(done)


def _features(texts: Sequence[str]) -> list[Features]:
    """
    The features of each of *texts*. Each turn comes with the turns before it, so a text is wanted again up to eleven
    times: what was read lately is remembered.
    """
    keys = [blake2b(text.encode(), digest_size=16).digest() for text in texts]
    found = {key: _lately[key] for key in keys if key in _lately}
    new = {key: text for key, text in zip(keys, texts) if key not in found}  # noqa: B905 (of the same length)
    vectors = embed(list(new.values()))
    for (key, text), vector in zip(new.items(), vectors):  # noqa: B905
        found[key] = _lately[key] = _with_own(text, _read(text, vector))
    with _reading:
        for key in keys:
            _lately[key] = _lately.pop(key, found[key])
        for key in list(_lately)[:-REMEMBERED]:
            _lately.pop(key, None)
    return [found[key] for key in keys]


def bot_outcome(text: str) -> str:
    """
    How a bot did, from its *text*: ``unsure`` when it says that it did not understand, ``refused`` when it had to
    say no, ``asked`` when it asks, else ``answered``.
    """
    text = _sound(text)
    with _reading:
        _, spans = _bot_phrases().find(normalise(text))
    for outcome in ("unsure", "refused"):
        if outcome in spans:
            return outcome
    return "asked" if text.rstrip().endswith("?") else "answered"
