"""
Whether the answer to a last question is a yes. Pure.

An act that cannot be undone needs an unambiguous consent: a pressed button, a text that is nothing but a yes, or one
that sounds like a plain yes (warmline.language.consent_model, or the classifier of intents) and in which no word makes
a reservation. Everything else is no consent, whatever word it begins with: "ok forget it then" is not one, nor is "yes
but only one of the items".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from warmline.language import consent_model
from warmline.language.consent_model import ACT, NAMED, OTHER, TIMES

CERTAIN = 0.9
"""How sure the classifier must be of the intent affirm where the words alone do not settle it."""
SURE, SURE_OF_A_STORY = 0.65, 0.85
"""How likely a yes must be, by what was learned; more so where it has words that no yes had."""
DETAIL = 2
"""A clause of so few words that no yes had is no story, but a detail: "..., Cork"."""
ORDER = 4
"""Up to so many words, beside "please" or "it", may be an order of its own: "please anonymize it"."""
MAX_WORDS = 40
"""A longer text is a story with more in it than a yes."""

Consent = Literal["yes", "no"]


def _shortened(found: re.Match[str]) -> str:
    """One letter for many, two where English has two of it ("gooood", "yesss")."""
    return found[1] * 2 if found[1] in "oe" else found[1]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRONG = _words(
    "yes yep yeah yea yup yh yass ya aye y sure absolutely definitely certainly confirm confirmed confirming "
    "correct right exactly agreed agree proceed accept accepted approved affirmative indeed 👍 ✅ ✔ 👌 ☑ ja "
    "jawohl genau jep oui si sí sim tak да certo claro ye yas yess yus yis yarp yeh yeap yessir aye-aye roger "
    "haan haanji aight lgtm absolument granted authorised authorized approve confirms positive yupp yesh "
    "okeydoke righto"
)
"""Each of these alone is a yes."""
_WEAK = _words("ok okay okey okie k kk alright perfect vale okey-dokey okie-dokie okeydokey")
"""A yes as well, while nothing else is said with it that could take it back."""
_FILLERS = _words(
    "please pls plz thanks thank thx ty ta cheers you u ever so much very kindly kind love mate dear sir madam "
    "pal bro oh ah well and just-fine good great lovely cool nice fine super indeed thats it's its is the that "
    "this it me i my your for do all everything to of with by am 'm a an really quite totally 100 % 🙂 😊 😀 😁 🙏 "
    "❤ 💯 😉 👏 🎉 bitte danke merci gracias obrigado obrigada grazie por favor per favore s'il vous plaît plait "
    "mm mhm uh huh hi hello in on at hereby forever permanently exactly precisely bruv fam bro man baby ma'am ji yaar "
    "fr lol forthwith said regards wishes best many hun darling chief boss "
    "buddy captain mister miss sweetie x xx xxx there away straight forward immediately asap now-ish as "
    "proposed planned suggested stated discussed shown above new address given done happily gladly perfectly "
    "pure simply absolutely fully entirely yours faithfully sincerely go it’s we us our they them"
)
_PHRASES = (
    r"go ahead",
    r"go for it",
    r"go on",
    r"(please )?do (it|that|so)",
    r"(please|pls|plz) do",
    r"of course",
    r"by all means",
    r"sounds (good|great|fine|perfect)( to me)?",
    r"(that'?s|thats|that is|this is) (the one|it|right|correct|fine|ok|okay|perfect|good)",
    r"(fine|good|ok|okay|great|perfect|happy|cool) (by|with|for) (me|that|it|this)",
    r"all right",
    r"(suits|works for) me( (very |perfectly )?(well|fine))?",
    r"(kindly |please )?(put|pencil|sign) me (down|in)",
    r"why not",
    r"(i )?(hereby |fully )?(give (you )?my )?consent( to (it|this|that))?",
    r"you (may|can)( do (it|that|so))?",
    r"so ordered",
    r"(you have|consider this) my (full )?(approval|permission|authority|consent|ok|okay|blessing)"
    r"( (for|to) (this|that|it|do so))?",
    r"(that|this) is (exactly |just )?what i want",
    r"lock (it|that|me) in",
    r"with (great |much )?pleasure",
    r"(i would|i'd|i'll) be (delighted|glad|happy)( to)?",
    r"(please |kindly )?make the (change|booking|switch)",
    r"make it so",
    r"be my guest",
    r"let'?s (do (it|this|that)|go)",
    r"see (you|u) then",
    r"as you (say|said|suggest|suggested)",
    r"spot on|crack on|carry on|fire away|go right ahead|you bet|sure thing|for sure|too right",
    r"no objections?|okey doke",
    r"(i (do )?)?(hereby )?(confirm|authorise|authorize|approve|agree|accept)( (it|this|that))?",
    r"(you are|you're) (hereby )?(authorised|authorized|free|welcome|allowed) to",
    r"consent (is )?(hereby )?given",
    r"(i do )?(wish|want|would like|'d like|like) you to",
    r"(it'?s|its|it is|that'?s|thats) (all right|alright|ok|okay|fine|good|perfect)( (for|with|by) me)?",
    r"(is|are) (just |quite )?(perfect|fine|good|great|right|correct|ok|okay)",
    r"(that|this|it) is my (new )?address",
    r"get rid( of (it|that|them))?",
    r"(works|suits|fits)( me| us)? (perfectly|fine|well|nicely|great)",
    r"(kind|best|warm) (regards|wishes)[, ]*\w*( \w+)?$",
    r"(i am|i'?m|im) (certain|sure|happy|positive)( (with|about|of) (that|it|this))?",
    r"d'accord|va bene|está bien|tá bom|de acordo|bien sûr|natürlich|selbstverständlich|gerne|ja gern",
)
"""Ways of saying yes in more words than one."""
_PRAISE = _words("great good lovely nice super perfect wonderful cool")
"""After an "oh" hardly meant."""
_NEUTRAL = (
    r"(that|this|the right) one",
    r"no (problem|worries|objections?|issue|issues|doubt( about it)?)( at all)?",
    r"(don'?t|do not|dont) worry",
    r"(i )?(am |'m )?(know|understand|aware|have read|'ve read|get)( that| what)* "
    r"(it|this|that) (can'?t|cannot|can not) be undone",
    r"i know what (that|this|it) means",
    r"(it|that|this) (can'?t|cannot|can not) be undone",
    r"(that'?s|thats|that is) no problem",
    r"no need to ask( (me )?(twice|again))?",
    r"(can'?t|cannot) wait",
    r"if you (would|could|please)( (be so kind|do so|do it|please))?",
)
"""Words that would be a reservation anywhere else."""
_RESERVATIONS = _words(
    "but however although though or nor instead only just except unless if when whenever while until till once "
    "after before  first later then rather better prefer either not no nope nah never n't dont don't cant "
    "can't cannot won't wont  wouldn't shouldn't didn't doesn't isn't keep wait hold stop hang leave forget "
    "mind think thinking thought maybe perhaps  possibly probably guess suppose supposing hmm hm hmmm erm um "
    "actually honestly although another other different else  one half part some both change swap exchange "
    "pause skip move what how why which who whom whose where can could will  would does did has have had "
    "should might may must need want wanted wanna wish whatever bet care brilliant provided  providing "
    "condition otherwise despite still yet also too as without unsure doubt tomorrow today tonight check ask "
    "tell explain show sleep supposed sort kinda seriously joking kidding lol lmao haha sarcasm surely assume "
    "aber oder wenn nur erst nein nicht doch statt lieber mais ou si-jamais seulement non pas pero o-si sólo "
    "solo no  mas ou-se só não ma però se solo-se aspetta warte espera attends 🙄 🤔 😬 🙃 😒 👎 😡 🤬"
)
_TAKES_BACK = _words(
    "but however although though unless if instead except rather wait hold maybe perhaps possibly probably provided "
    "providing condition otherwise whatever sleep supposed joking kidding haha lmao unsure doubt think thinking dunno "
    "tentatively provisionally hm hmm hmmm erm actually exchange swap refund pause skip both half another different "
    "else also plus only two three four five six seven eight nine ten eleven twelve "
    "nah nope don't dont won't wont wouldn't cannot forget leave keep 🙄 🤔 😬 🙃 😒 👎 😡 🤬 ❌"
)
"""Beside a story that nobody can read, each of these may take the yes back."""
_ASKS = _words("what which when where who whose why how can could do does did is are was will would should have has")
"""A clause that begins so asks, with or without a question mark."""
_HOURS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_UNDOING = _words("cancel stop end finish kill bin terminate drop")
"""Verbs that may as well be about the request itself: "cancel that" alone says neither."""
_REFUSALS = (
    r"no|nope|nah|naw|non|nein|nee|não|nao|nie|нет|👎|❌|✋",
    r"(don'?t|do not|dont|not?) "
    r"(you dare|do (it|that|this)|want|wish|cancel|end|delete|book|change|send|touch|go ahead)",
    r"(please )?(leave|keep) (it|that|them|this|the|my|everything)",
    r"forget (it|that|about it)",
    r"never ?mind",
    r"(rather|better|certainly|absolutely|definitely|of course) not",
    r"under no circumstances",
    r"(i('?ve| have)? )?changed my mind",
    r"not (now|yet|today|any ?more|at all|after all)",
    r"(i )?(do not|don'?t|dont) (consent|agree|want)",
    r"(don'?t|do not|dont)$",
    r"(stop|halt|abort)( it| that| everything)?",
    r"hold off|call it off|scrap that",
)
_ANY_PHRASE = re.compile("|".join(rf"(?:{one})" for one in _PHRASES))
_ANY_NEUTRAL = re.compile("|".join(rf"\b(?:{one})\b" for one in _NEUTRAL))
_ANY_REFUSAL = re.compile("|".join(rf"(?:(?<!\w){one}(?!\w))" for one in (f"(?:{each})" for each in _REFUSALS)))
_PHRASE = re.compile(rf"(?<!\w)(?:{_ANY_PHRASE.pattern})(?!\w)")
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[^\w\s.,;:!?…'\"()\-–—~*]")
_NUMBERED = re.compile(r"[a-z]+-?\d")
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th|am|h)\b")
_STRETCHED = re.compile(r"(.)\1{2,}")
SKIN_AND_STYLE = dict.fromkeys(map(ord, "\ufe0f\ufe0e\u200d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"))
"""What only varies an emoji: presentation and skin."""


def consent(
    text: str, *, acts: Iterable[str] = (), named: str = "", intent: str = "", confidence: float = 0.0
) -> Consent | None:
    """
    What *text* says to a last question: ``yes``, ``no``, or None where it is neither and has to be asked again.

    *acts* are the verbs of what would be done ("cancel"), *named* are words of the question that may be said again (an
    order number, an address): with a yes they add nothing. *intent* and *confidence* (0..1) are the classifier's. A
    payload (``/affirm``, ``/deny``) is a pressed button.
    """
    if text.startswith("/"):
        return {"/affirm": "yes", "/deny": "no"}.get(text.strip())  # type: ignore[return-value]
    lower = _plain(text)
    tells = _FACT.search(lower) is not None and not (frozenset(acts) - _THINGS) & set(_TOKEN.findall(lower))
    asks = (
        "?" in lower
        or tells
        or _TALKS.search(lower) is not None
        or (lower.startswith("oh ") and bool(_PRAISE & set(_TOKEN.findall(lower))))
    )
    bare = _ANY_NEUTRAL.sub(" ", lower)
    neutral = bare != lower
    verbs = _with_forms(acts)
    rest, phrases = _PHRASE.subn(" ", bare)
    said = _TOKEN.findall(rest)
    again = frozenset(_TOKEN.findall(named.lower())) | _also_said(named.lower())
    asked_for = re.search(r"\b(please|pls|plz|do|kindly)\b", bare) is not None
    does = any(word in verbs and (asked_for or word not in _UNDOING) for word in said)
    strong = phrases > 0 or does or any(word in _STRONG for word in said)
    if not asks:
        known = (
            verbs | _STRONG | _WEAK | _FILLERS | again | (frozenset({"then", "now", "just"}) if strong else frozenset())
        )
        weak = neutral or any(word in _WEAK for word in said)
        if (strong or weak) and all(word in known for word in said) and (phrases > 0 or said or neutral):
            return "yes"
    if not asks and (strong or any(word in _WEAK for word in said)) and agreed(text, acts=verbs, named=named):
        return "yes"
    reserved = asks or any(
        word in _RESERVATIONS or (word not in again and (word[0].isdigit() or word in TIMES)) for word in said
    )
    if not reserved and strong and intent == "affirm" and confidence >= CERTAIN and len(said) <= MAX_WORDS:
        return "yes"
    if _WAITS.search(bare):
        return None
    if not asks and not any(word in _STRONG | _WEAK for word in said) and _ANY_REFUSAL.search(bare):
        return "no"
    if intent == "deny" and not asks and not (strong and not _ANY_REFUSAL.search(bare)):
        return "no"
    return None


_THINGS = _words("data personal box subscription fern order appointment slot showroom visit label address")
_FACT = re.compile(
    r"\b(that'?s|that is|it'?s|it is) (my|the) (?!new\b|one\b|(right|correct)( one| address)?\b|address\b|plan\b)\w+"
)
"""Says what is so ("yes, it is the brass one"), and not that anything is to be done."""
_WAITS = re.compile(r"\b(wait|hang on|hold on)\b.*\b(what|how|can|does|do|is|are|will|would|if|first|which|when)\b")
"""Asks for something before it says yes or no: "no wait, what if the box is open"."""
_WANTS = _words("please pls plz kindly it them")
_PLACES = _words(
    "road rd street st lane avenue ave drive close court square way place flat house unit floor number no new"
)
"""Beside a name of the question each makes it another place."""
_TALKS = re.compile(
    r"\b(i|we) (really |do )?(like|love|enjoy|got|received|have got)\b(?! (it|this|that|you) to)|\b(arrived|came|got) "
    r"(it|them|here|fine|safely|this|today)\b|\b(a|the) new (one|lamp|label|box|order)\b|\bnew one\b"
)
"""Talk of the thing, not of what is to be done with it."""


def agreed(text: str, *, acts: frozenset[str], named: str) -> bool:
    """
    Whether *text* says yes and more: why, for example. What says it must be made of known words alone, and nothing that
    may be a request of its own may stand beside it.
    """
    known = known_words(consent_model.weights().words)
    found = signs_of(text, acts, named, known=known)
    if _TAKES_BACK & set(found) or "?" in found or _strange_number(text, named):
        return False
    plain = tells = False
    for clause in consent_model.clauses(found):
        if clause[0] in _ASKS or _TALKS.search(" ".join(clause)) or (NAMED in clause and _PLACES & set(clause)):
            return False
        says_it = says_yes(clause)
        if OTHER in clause and (says_it or NAMED in clause):
            return False
        if not known.issuperset(clause):
            if says_it or len(clause) <= DETAIL or (len(clause) <= ORDER and _WANTS & set(clause)):
                return False
            tells = True
        tells = tells or OTHER in clause
        plain = plain or says_it
    return plain and consent_model.probability(found) >= (SURE_OF_A_STORY if tells else SURE)


def says_yes(clause: Sequence[str]) -> bool:
    """Whether *clause* (signs) agrees, or names the act."""
    return ACT in clause or any(word in _STRONG | _WEAK for word in clause) or bool(_PHRASE.search(" ".join(clause)))


def _strange_number(text: str, named: str) -> bool:
    """Whether *text* has an order number or the like that the question did not name."""
    its = frozenset(_TOKEN.findall(named.lower()))
    return any(token not in its and _NUMBERED.match(token) for token in _TOKEN.findall(text.lower()))


def signs_of(text: str, acts: Iterable[str], named: str, *, known: frozenset[str]) -> list[str]:
    """*text* as the model reads it."""
    again = frozenset(_TOKEN.findall(named.lower())) | _also_said(named.lower())
    acts = _with_forms(acts)
    return consent_model.signs(
        _ORDINAL.sub(r"\1", _plain(text)), acts=acts, named=again, known=known, meant=_STRONG | _WEAK | _FILLERS
    )


def known_words(learned: frozenset[str]) -> frozenset[str]:
    """The words that a yes may be made of: those that were *learned*, and those that are written here."""
    return learned | _STRONG | _WEAK | _FILLERS | _TAKES_BACK


def _plain(text: str) -> str:
    """*text* in lower case, without stretched letters and variants of emoji."""
    lower = " ".join(text.translate(SKIN_AND_STYLE).replace("’", "'").lower().split())
    return _STRETCHED.sub(_shortened, lower)


def _with_forms(acts: Iterable[str]) -> frozenset[str]:
    """*acts* with their forms in -ing: "proceed with ending it"."""
    acts = frozenset(acts)
    return acts | {f"{verb.removesuffix('e')}ing" for verb in acts} | {f"{verb}{verb[-1]}ing" for verb in acts}


def _also_said(named: str) -> frozenset[str]:
    """Other ways to say the days and hours that *named* has: "mon", "ten"."""
    found = {day[:3] for day in TIMES if day.endswith("day") and day in named}
    found |= {word for hour, word in enumerate(_HOURS) if re.search(rf"\b{hour}:00\b", named)}
    found |= {str(int(hour)) for hour in re.findall(r"\b(\d\d?):00\b", named)}
    return frozenset(found)
