"""
What a customer who waits for a person writes: a question about the waiting, a mere courtesy, or something to pass on.

In English, German, French, Spanish, Portuguese and Italian; a function of the text alone. The texts come in small
letters without accents (bot.language.phrases.folded).
"""

from __future__ import annotations

import re
from typing import Literal

from bot.language.lexicon import words
from bot.language.phrases import folded

Said = Literal["wait", "courtesy", "more"]
MAX_CHARS = 400
SHORT_WORDS = 12
"""A longer text is about more than the waiting, whatever it asks beside."""

_WAIT = re.compile(
    r"\b("
    # English
    r"how (much )?long(er)?( (do|does|will|is|must|should|until|till|to|now|still)\b.*)?$|"
    r"how long (do|will|must|should|"
    r"is|until|till|before|to wait)|how much longer|what s taking|why (is it|is this|does it) tak\w+|"
    r"any ?(one|body)"
    r"( (there|here|home|else|around))?$|any ?(one|body) (out )?(there|here|around)|(is|"
    r"are) (any ?(one|body)|some ?(one|body)|"
    r"you( guys| all)?) (still |even )?(there|here|around|coming|online)|(you|u) (still )?there|"
    r"still (there|waiting|"
    r"nobody|no ?one|here)|hello ?\?|what (is )?my (place|position|spot)|(place|position|number|"
    r"where am i) in (the )?"
    r"(queue|line)|am i (still )?(in|next|first)\b.*|when (will|does|can|do) (some ?(one|body)|"
    r"an agent|a person|"
    r"a human|a colleague|your colleague|they|you|i)\b.*(come|answer|reply|join|here|free|speak|talk|"
    r"get|connect)\w*|"
    r"been waiting|waiting (for )?(so long|ages|forever)|how many (people|others|persons|customers)( are)?"
    r"( (before|ahead|in front|waiting))?|where (is|are) (your|the|my) (colleague|agent|person)s?|"
    # German
    r"wie lang\w*|dauert (es|das) noch|noch (jemand|wer) da|(ist|sind) (da|hier|noch|sie|"
    r"ihr)( noch)?( jemand| da)+|"
    r"jemand da|noch da|wann (kommt|meldet|antwortet|bin ich)|warte (schon|noch|immer)|"
    r"welche\w* (platz|position|stelle)|"
    r"wie viele (sind )?(noch )?vor mir|"
    # French
    r"combien de temps|(il y a|y a t il|y a) (encore |toujours )?quelqu un|vous etes (toujours |"
    r"encore )?la|etes vous "
    r"(toujours |encore )?la|toujours (la|personne)|quand (est ce que )?(quelqu un|un|une|vous)|"
    r"j attends|ma (place|position)|"
    # Spanish
    r"cuanto (tiempo|tarda\w*|falta|mas)|hay alguien|(sigues|siguen|sigue|estas|estan|esta) (ahi|"
    r"alli)|alguien (ahi|alli)|"
    r"cuando (me|viene|va|van|atiende\w*|contesta\w*)|(llevo|estoy|sigo) (\w+ )*esperando|mi (turno|"
    r"lugar|posicion)|"
    # Portuguese
    r"quanto tempo|(tem|ha) alguem|alguem (ai|aqui)|(voces|voce) (ainda )?(estao|esta) (ai|la)|"
    r"ainda (ai|esta ai)|"
    r"quando (alguem|vao|vai|serei)|(estou|continuo|fico) (\w+ )*(esperando|a espera)|minha (posicao|vez)|"
    # Italian
    r"quanto (tempo|manca|ci vuole|devo|dura)|c e (ancora )?qualcuno|qualcuno (c e|li|qui)|(siete|"
    r"sei) (ancora )?(li|la|"
    r"qui)|quando (qualcuno|arriva|risponde\w*|tocca)|(sto|aspetto) (\w+ )*(aspettando|da)|mia posizione"
    r")"
)
_AROUND = words(
    """
    a about an and any are how many much there out us long hay que
    be been before being but can could do does else even ever for from get go going guys have hello hey
    hi here i if im in is it just line long longer me minutes more most much my need no not now number of on or people
    person please queue really so someone somebody anyone anybody agent human colleague rep representative take takes
    taking talk tell speak reply answer come connected join help that the their there they this time to until up wait
    waiting we what when where which who will with would yet you your already still approximately roughly ages forever
    ahead front position place spot u s ll m re next turn am
    aber bitte bis da das denn der die ein eine einen es etwa gerade geht habe hier ich ihr immer in ist ja jemand lange
    lang man mal mir mit mich minuten muss noch nun oder schlange schon sein sie sind so und ungefahr wann warte warten
    warteschlange was wer wie wird wo zu zeit dauert dauern kommt mensch mitarbeiter stelle platz position viele vor
    a ai attendre attente attends avant avec avez bonjour ca cela combien d dans de depuis des dois en encore environ
    est
    et etes faut file il j je la le les ma moi n on ou pas personne place pour prend que quelqu quand qu reste s t temps
    toujours tu un une va vais vous y repondre
    a ahi alguien alli aqui aun cola con cuando cuanto de el en es espera esperando esperar esta estan estas estoy falta
    hay hola la llevo lo mas me mi minutos no para por posicion que rato se sigo sigue siguen sigues tarda tardan
    tardara
    tengo tiempo todavia turno un una va van y ya
    a ai aguardando aguardar ainda alguem aqui atender atendimento com continuo da de demora demorar demorando e ela ele
    em espera esperando esperar esta estao estou falta fila ha la leva mais me meu mim minha minutos muito o ola para
    por quando quanto que sera tem tempo tenho um uma vai vao vez voce voces
    a ancora anni ai aspettando aspettare aspetto attendere attesa c ce che chi ci coda con da devo di dura e fila ho
    ho il
    in io la li lo ma mi mia minuti o per piu posizione prima quando quanto qualcuno qui sei siete si sono sto tempo
    tocca
    un una vuole manca rispondere risponde arriva
    """
)
"""Words that may stand around such a question. With any other the text is about something else: "how long is the
warranty"."""
_GREETING = re.compile(r"^((hello|hi|hey|hallo|bonjour|allo|hola|oi|ola|ciao|pronto)\W*)+$|^\W*\?+\W*$")
_COURTESY_WORDS = words(
    """
    ok okay k kk thanks thank you thx ty so much a lot great good fine cool alright all right sure yes yep no nope np
    perfect super nice got it i see will wait i ll waiting no problem no worries take your time
    please appreciated cheers
    danke schon sehr gut alles klar prima ja nein bitte
    merci beaucoup d accord tres bien oui non parfait
    gracias muchas vale de acuerdo si bien perfecto esta
    obrigado obrigada muito sim ta bom beleza perfeito
    grazie mille va bene perfetto certo
    """
)


def said_while_waiting(text: str) -> Said:
    """
    What *text*, written by somebody who waits, wants: ``wait`` asks about the waiting, ``courtesy`` says nothing new,
    ``more`` is anything else.
    """
    plain = folded(text[:MAX_CHARS])
    told = [word for word in plain.split() if any(char.isalnum() for char in word)]
    if _GREETING.search(plain):
        return "wait"
    if not told or set(told) <= _COURTESY_WORDS:
        return "courtesy"
    about_it = set(told) <= _AROUND | _COURTESY_WORDS
    if about_it and len(told) <= SHORT_WORDS and _WAIT.search(" ".join(told)):
        return "wait"
    return "more"
