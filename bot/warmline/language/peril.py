"""
Danger in the words of somebody who waits: what warmline.language.reading hears in a text by itself, and beside that
what is clear only to whoever knows that this person waits, and why.

"My hand hurts from the spark" is clear at any time; "it still gets hot" only after a lamp has smoked, "nothing matters"
only after words of harm. A warning too many costs a sentence, one too few may cost a hand. In the six languages; a
function of the texts alone.
"""

from __future__ import annotations

import re

from warmline.language.phrases import folded

MAX_CHARS = 1_000

_CLEAR = {
    "en": r"spark(s|ed|ing)?\b(?! (of|plugs?|joy|interest))|(there( is| s)|i (see|smell)|lots? of|full of|"
    r"more) (\w+ )?(smoke|flames|fire)\b|smok(e|es|ing) "
    r"(is )?(coming|comes|from|out|again|still)|(smells?|smelling|stinks?) (\w+ ){0,2}(burn\w*|smoke|gas)|"
    r"(is|it s|started|starts|still) (\w+ )?(burning|smoking|smouldering|on fire|melting)\b(?! (nicely|well|"
    r"fine|with))|burn(t|ed|s)? my (\w+ )?(hand|hands|"
    r"fingers?|thumb|arms?|legs?|face|skin|palm|wrist|foot|feet|hair|eyes?|mouth|tongue)|"
    r"(got|had|gave me) (an? )?(\w+ )?(shock|zap)\b(?! (when|at|about))|(hurts?|sore|burns?|"
    r"aches?) .{0,20}(from|because of|after) the "
    r"(smoke|spark|fumes|shock|fire|glass|smell)|(throat|chest|lungs|eyes) (\w+ ){0,2}(hurts?|burns?|burning|sore)|"
    r"can (not|t) breathe|hard to breathe|bleed(s|ing)\b(?! (money|cash|me))|call(ed|ing)? (an ambulance|the fire)",
    "de": r"funken?\b|funkt\b|qualm\w*|es raucht|rauch (kommt|steigt)|(riecht|stinkt) (\w+ ){0,2}(verbrannt|"
    r"verschmort|nach "
    r"(rauch|gas))|(es|noch|immer) brennt\b(?! (nicht|kein))|schmort|schmilzt|stromschlag|(hals|augen|brust|"
    r"lunge) (\w+ ){0,2}(weh|"
    r"brenn\w*|schmerz\w*)|weh (vom|von dem|von der) (rauch|funken|schlag)|blute\w*|bekomme keine luft|verbrannt an",
    "fr": r"etincelles?\b|de la fumee|ca (fume|brule)|(sent|odeur de) (le )?(brule|gaz)|decharge electrique|"
    r"(gorge|yeux|"
    r"poitrine) .{0,20}(mal|brul\w*)|mal a la (gorge|poitrine)|saigne\w*|n arrive pas a respirer",
    "es": r"chispas?\b|(sale|hay|echa) humo|huele a (quemado|humo|gas)|(esta|se esta) quemando|"
    r"descarga electrica|calambre|"
    r"(garganta|ojos|pecho) .{0,20}(duele\w*|arde\w*)|(duele|arde) .{0,20}(garganta|pecho|mano)|sangr\w*|"
    r"no puedo respirar",
    "pt": r"faiscas?\b|(saindo|ha|sai) fumaca|fumo a sair|cheir\w+ a? ?(queimado|fumaca|gas)|(esta|"
    r"a) (pegando fogo|queimando|"
    r"arder)|choque eletrico|levei um choque|(garganta|olhos|peito) .{0,20}(do\w+|arde\w*)|(doi|"
    r"arde) .{0,20}(garganta|peito|mao)|"
    r"sangr\w*|nao consigo respirar",
    "it": r"scintill\w*|(esce|c e) (del )?fumo|(puzza|odore) di (bruciato|fumo|gas)|(sta|sta ancora) bruciando|"
    r"va a fuoco|"
    r"(presa|preso) (la )?scossa|scossa elettrica|(gola|occhi|petto) .{0,20}(male|brucia\w*)|(male|"
    r"brucia) .{0,20}(gola|petto|mano)|"
    r"sanguin\w*|non riesco a respirare",
}
_AFTER_DANGER = {
    "en": r"smok\w+|smell\w*|stink\w*|burn\w*|hot\b|heat\w*|hurt\w*|pain\w*|sore\b|dizzy|sick\b|cough\w*|"
    r"nause\w*|faint\w*|"
    r"headache|vomit\w*|throw(ing)? up|breath\w*|swell\w*|swollen|hiss\w*|buzz\w*|crackl\w*|flames?|fire\b|"
    r"black\b|melt\w*|"
    r"worse|blood\w*|unwell",
    "de": r"rauch\w*|riech\w*|stink\w*|brenn\w*|heiss\w*|weh\b|tut weh|schmerz\w*|schwindel\w*|ubel\b|"
    r"schlecht\b|hust\w*|"
    r"atem\w*|atmen|knister\w*|schlimmer|blut\w*",
    "fr": r"fum\w+|odeur|brul\w*|chaud\w*|mal\b|douleur|vertige\w*|nausee|touss\w*|respir\w*|pire|sang\b",
    "es": r"humo|huele|quem\w*|caliente|duele\w*|dolor|mareo\w*|maread\w*|nausea\w*|tos\b|respirar|peor|sangre",
    "pt": r"fum\w+|cheir\w*|queim\w*|quente|doi\b|doendo|dor\b|tont\w*|enjoo\w*|tosse|respirar|pior|sangue",
    "it": r"fumo|puzza|bruci\w*|caldo|male\b|dolore|giramenti|vertigini|nausea|toss\w*|respir\w*|peggio|sangue",
}
_AFTER_HARM = {
    "en": r"nothing matters|what s the point|no point|(can t|cannot|can not) (go on|do this|take (it|this)|"
    r"any ?more)|give up|"
    r"given up|so tired|tired of|alone\b|no ?body (cares|would|is)|no one cares|worthless|hopeless|end it|goodbye|"
    r"(don t|dont|do not) (care|want to (live|be here|wake up))|doesn t matter|hate myself|better off|pills|"
    r"help me|hurt myself",
    "de": r"egal\b|keinen sinn|sinnlos|kann nicht mehr|mag nicht mehr|allein\b|aufgeben|niemand\w* (kummert|vermisst)|"
    r"hoffnungslos|tabletten|helft mir|leb(t)? wohl",
    "fr": r"plus rien n a|a quoi bon|je n en peux plus|seule?\b|abandonne|personne ne|inutile|adieu|aidez moi|"
    r"medicaments",
    "es": r"nada importa|para que\b|no puedo mas|sol[oa]\b|me rindo|a nadie|inutil|adios|ayud\w+|pastillas",
    "pt": r"nada importa|para que\b|nao aguento|sozinh[oa]\b|desist\w*|ninguem\b|inutil|adeus|ajud\w+|comprimidos",
    "it": r"niente (ha|importa)|non ce la faccio|sol[oa]\b|mi arrendo|a nessuno|inutile|addio|aiut\w+|pillole",
}
_MEANT_TO_BURN = re.compile(
    r"\b(candles?|incense|fire ?places?|fire ?wood|bbq|grill|kerzen?|kamin\w*|raucher\w*|bougies?|cheminee|"
    r"encens|velas?|"
    r"incienso|incenso|candel[ae]|camino)\b"
)
"""What burns and smells when all is well: only what comes of it beside is danger."""
_HURT = re.compile(r"\b(hurt\w*|burnt? my|burned my|throat|lungs|breathe|weh|hals|mal|duele\w*|doi|male)\b")
_NOT_SO = re.compile(
    r"\b(no (more )?|not |never |n t |doesn t |didn t |isn t |stopped |kein\w* |nicht (mehr )?|aufgehort |"
    r"plus de |pas de |sin |"
    r"ya no |sem |nao |senza |non )(\w+ ){0,2}$"
)


def _compiled(lines: dict[str, str]) -> dict[str, re.Pattern[str]]:
    return {language: re.compile(rf"\b(?:{line})") for language, line in lines.items()}


_heard = {
    "": (("danger", _compiled(_CLEAR)),),
    "danger": (("danger", _compiled(_AFTER_DANGER)),),
    "crisis": (("crisis", _compiled(_AFTER_HARM)),),
}


def peril(text: str, waits_for: str = "") -> tuple[str, str]:
    """
    What *text* speaks of, ``danger`` or ``crisis``, and the language it was heard in ("" for English); two empty
    strings when of neither. *waits_for* is why a person is needed already, ``danger``, ``crisis`` or anything else.
    """
    plain = " ".join(word for word in folded(text[:MAX_CHARS]).split() if word[:1].isalnum() or word in ".!?,;")
    if _MEANT_TO_BURN.search(plain) and waits_for != "danger" and not _HURT.search(plain):
        return "", ""
    for known in ("", *((waits_for,) if waits_for in _heard and waits_for else ())):
        for kind, languages in _heard[known]:
            for language, pattern in languages.items():
                for found in pattern.finditer(plain):
                    if not _NOT_SO.search(plain[: found.start()]):
                        return kind, "" if language == "en" else language
    return "", ""
