"""
What a customer who waits for a person writes: a question about the waiting or about what was kept, a wish to go back to
the assistant, a mere courtesy, or something to pass on.

In English, German, French, Spanish, Portuguese and Italian; a function of the text alone. The texts come in small
letters without accents (warmline.language.phrases.folded).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from warmline.core.inputs import Said
from warmline.language.lexicon import words
from warmline.language.phrases import folded

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


_THANKS = re.compile(
    r"\b(thanks?|thx|ty|cheers|appreciated|danke|merci|gracias|obrigad[oa]|grazie)\b"
)  # of courtesies only: "no thanks, I need a person" is none
_READ = re.compile(
    r"\b("
    r"(is|are|does|do|has|will) (any ?(one|body)|some ?(one|body)|no ?body|no one|you) (\w+ )?(read|see|do|look|answer|"
    r"listen|help|work|repl|care)\w*|(no ?body|no one) (is |s )?(\w+ )?(read|answer|repl|here|there|doing|help)\w*|"
    r"when (will|do|are) (they|you) (going to )?(call|ring|phone|write|mail|e ?mail|contact|come back)|"
    r"liest (hier |das |es )?(jemand|wer)|(hort|hilft|antwortet) (mir |mich )?(jemand|niemand|keiner)|"
    r"wann (rufen|ruft|schreiben|schreibt|melden|meldet)|"
    r"quelqu un (me |m |nous )?(lit|repond|ecoute)|quand (allez vous|va t on|vont ils) (me |m )?(appeler|"
    r"rappeler|ecrire)|"
    r"alguien (me |lo |esta )?(lee|leyendo|responde|escucha)|cuando (me )?(llaman|llamaran|escriben)|"
    r"alguem (me |esta |a )?(le|lendo|ler|responde|ouve)|quando (me )?(ligam|vao ligar|escrevem)|"
    r"qualcuno (mi |lo |sta )?(legge|leggendo|risponde|ascolta)|quando (mi )?(chiamate|chiamano|scrivete)"
    r")\b"
)
"""Asks about the waiting whatever else stands beside it."""
_THING = (
    r"(requests?|case|ticket|messages?|questions?|number|phone|e ?mail|mail|address|photos?|pictures?|notes?|details|"
    r"contact|text)"
)
_KEPT = re.compile(
    r"\b("
    rf"(do|did) you (still )?(have|get|got) (my|the) (\w+ )?{_THING}\b|"
    r"how (do|can|will) i know (if |that |whether )?(you|this|it|any ?one|any ?body|they) (\w+ )?(got|get|read|see|saw|"
    r"receive|arriv)\w*|"
    r"(haben|habt) (sie|ihr) (jetzt )?meine (nummer|telefonnummer|adresse|mail|e mail|nachricht)|avez vous (mon numero|"
    r"mon adresse|mon mail)|(tiene|tienen|tenéis|teneis) mi (numero|correo|direccion)|(tem|tem o|tem a) (meu|"
    r"minha) (numero|"
    r"e mail|endereco)|avete (il mio numero|la mia mail|il mio indirizzo)|"
    r"(is|are) (my|the) (request|case|ticket|message|messages|question|number|phone|phone number|e ?mail|mail|address|"
    r"photo|it|that|this) (\w+ )?(still |now )?(open|there|saved|noted|kept|arrived|in the system)|"
    r"is (it|that|this) (still )?(open|saved|noted|kept)|"
    r"did (you|they|any ?body|any ?one|some ?one|your (team|colleagues?)) (\w+ )?(get|receive|see|read|save|"
    r"note|write down) "
    rf"((my|the) (\w+ )?{_THING}|it|that|this|all|everything|what)\b|"
    r"(have|has) (you|they|any ?body|any ?one) (\w+ )?(got|received|seen|read|noted|saved|kept) "
    rf"((my|the) (\w+ )?{_THING}|it|that|this|all|everything|what)\b|"
    r"(did|has|have) (my|the) (\w+ )?(request|message|messages|photo|photos|picture|number|phone|mail|e ?mail|"
    r"address|note|"
    r"details) (arrive|come|go|reach|get|been)\w*|you (got|have) my (\w+ )?(number|e ?mail|mail|address|request|"
    r"message)|"
    r"(ist|sind) (meine?|die|der|das) (\w+ )?(anfrage|anliegen|nachricht|frage|nummer|telefonnummer|e mail|mail|"
    r"adresse|"
    r"foto) (\w+ )?(offen|da|angekommen|gespeichert|notiert)|(haben|habt|hat) (sie|ihr|man|jemand) (mein\w*|das|"
    r"die|es) "
    r"(\w+ )*(erhalten|bekommen|notiert|gespeichert|gelesen|gesehen)|"
    r"ma demande (est |est elle )?(toujours |encore )?(ouverte|enregistree)|avez vous (bien )?(recu|note|"
    r"enregistre|lu) "
    r"(mon|ma|mes|tout|cela|ca)|"
    r"(mi|la) (solicitud|peticion|consulta) (\w+ )*(abierta|guardada)|(han|ha|has|habeis) (recibido|anotado|"
    r"apuntado|leido) "
    r"(mi|todo|eso|lo)|(recibieron|recibio|les llego|le llego) (mi|todo|eso|lo)|"
    r"(meu|minha|o meu|a minha) (pedido de atendimento|solicitacao|mensagem) (\w+ )*(abert[oa]|salv[oa]|guardad[oa])|"
    r"(receberam|recebeu|anotaram|anotou) (o meu|a minha|meu|minha|tudo|isso)|"
    r"(la )?mia richiesta (\w+ )*(aperta|salvata)|(avete|ha|hai) (ricevuto|annotato|segnato|letto) (il|la|mio|"
    r"mia|tutto|"
    r"quello)"
    r")\b"
)
_NUMBER = re.compile(
    r"\b(phone|mobile|number|telefon\w*|nummer|handynummer|telephone|numero|telefono|movil|celular|telemovel|cellulare)\b"
)
_OTHER_NUMBER = re.compile(r"\b(order|tracking|invoice|customer) number|bestellnummer|auftragsnummer|kundennummer")
_ADDRESS = re.compile(
    r"\b(mail|mails|e ?mail|address|contact|contact details|adresse|adress|mailadresse|correo|direccion|email|endereco|"
    r"indirizzo|courriel)\b"
)
_BOT = r"(chat ?bot|bot|assistant|ai|robot|machine)"
_BACK = re.compile(
    r"\b("
    rf"(back|return|switch|change|go on|carry on|continue) (to|with) (the |your |an )?{_BOT}|"
    rf"(want to|like to|can i|could i|may i|let me|rather) (\w+ )?(talk|chat|speak|write) (to|with) (the |your |"
    rf"an )?{_BOT}|"
    rf"(give|get) me (back )?the {_BOT}|(the )?{_BOT} (again|instead|is (fine|enough|ok))|"
    r"zuruck zum? (\w+ )?(chatbot|bot|assistent\w*|ki)|(weiter|lieber|wieder) (mit|zu|zum) (dem |der )?(chatbot|bot|"
    r"assistent\w*|ki)|"
    r"(retour|revenir|retourner|reviens|continuer) (au|a l|vers le|avec le|avec l|chez le) ?(chatbot|bot|"
    r"assistant|robot)|"
    r"(volver|regresar|vuelvo|volvamos|seguir|continuar) (al|con el|a el) (chatbot|bot|asistente|robot)|"
    r"(voltar|volto|retornar|continuar|seguir) (ao|para o|pro|com o|a o) (chatbot|bot|assistente|robo)|"
    r"(tornare|torna|torno|continuare|proseguire) (al|con il|col|all|con l) ?(chatbot|bot|assistente|robot)"
    r")\b"
)
_NOT = re.compile(r"\b(not|no|never|don t|dont|won t|nicht|kein\w*|nie|pas|jamais|nunca|nao|non|mai)( \w+){0,3} ?$")
_CLAUSE = re.compile(r" [.,;:!?] ")
_LEAVING = re.compile(
    r"^((ok|okay|fine|well|then|no|so|just|please|oh|ach|na|gut|dann|bon|bueno|bom|va bene|allora) )*"
    r"(forget (it|about it|that)|never ?mind|no need( any ?more)?|don t need (it|you|any ?one|any ?body|a person|help)"
    r"( any ?more)?|i don t need .{0,20}any ?more|cancel (my|the|this) request|(good ?)?bye( bye)?|see you|leave it|"
    r"i m (off|gone|leaving)|vergessen sie (es|das)|vergiss (es|das)|hat sich erledigt|tschuss\w*|auf wiedersehen|"
    r"laissez tomber|oubliez( ca)?|au revoir|olvidelo|olvidalo|dejelo|adios|hasta luego|esqueca|deixa( pra la)?|"
    r"tchau|adeus|"
    r"lasci (stare|perdere)|lascia (stare|perdere)|arrivederci|addio)\b"
)
_BYE = re.compile(r"\b(good ?)?bye$|\b(tschuss|adieu|au revoir|adios|adeus|addio)$")
_WHO = re.compile(
    r"\b(are|is) (you|this|that|it|i)( \w+){0,3} (bot|robot|machine|computer|program|ai|automatic|automated|human|"
    r"real|person)\b|\bam i (talking|speaking|writing)( \w+){0,3} (bot|robot|machine|human|person)\b|"
    r"\b(bist du|sind sie)( \w+){0,3} (bot|roboter|maschine|mensch)\b|\bes (usted )?(un )?(robot|bot|maquina|humano)\b|"
    r"\betes vous (un )?(robot|bot|humain)\b"
)
LEAVING_WORDS = 7
"""A longer text that begins so goes on to something else."""
_QUESTION = re.compile(
    r"^(and |but |so |ok |okay |hey |und |aber |et |mais |y |pero |e |mas |ma )*"
    r"(?!are you (kidding|joking|serious))(what|where|when|which|who|why|how|can|could|shall|should|do|does|is|"
    r"are|may|will|would|"
    r"was|wo|wohin|wann|welche\w*|wer|warum|wieso|wie|kann|konnen|konnten|soll|sollen|darf|muss|"
    r"ou|quand|comment|pourquoi|quel\w*|est ce|puis je|peut on|qu est ce|"
    r"donde|cuando|como|por que|cual|puedo|pueden|onde|posso|quale|dove|perche|quando|come) \w+|"
    r"\b(where|how|what|which|when|why) (do|does|did|can|should|is|are|will|would|must|shall) (i|we|you|it|they|"
    r"the|my)\b"
)


def said_while_waiting(text: str) -> Said:
    """What *text*, written by somebody who waits, wants: see warmline.core.inputs.Said."""
    plain = folded(text[:MAX_CHARS])
    told = [word for word in plain.split() if any(char.isalnum() for char in word)]
    line = " ".join(told)
    if _GREETING.search(plain):
        return "wait"
    if not told or set(told) <= _COURTESY_WORDS:
        return "thanks" if _THANKS.search(line) else "courtesy"
    if len(told) <= SHORT_WORDS and _WHO.search(line):
        return "who"
    about_it = set(told) <= _AROUND | _COURTESY_WORDS
    if about_it and len(told) <= SHORT_WORDS and _WAIT.search(line):
        return "wait"
    if _KEPT.search(line):
        if _OTHER_NUMBER.search(line):
            return "open"
        if _NUMBER.search(line):
            return "number"
        return "address" if _ADDRESS.search(line) else "open"
    back = _BACK.search(plain)
    if back is not None and not _NOT.search(_CLAUSE.split(plain[: back.start()])[-1]):
        return "back"
    if _READ.search(line):
        return "wait"
    if len(told) <= LEAVING_WORDS and (_LEAVING.search(line) or _BYE.search(line)):
        return "leaving"
    return "question" if "?" in text or _QUESTION.search(line) else "more"


def said_in(texts: Sequence[str]) -> Said:
    """
    What *texts*, written one after the other without a word between, want together: the last that says what, a question
    before what is only told.
    """
    said = [said_while_waiting(text) for text in reversed(texts)]
    for weaker in (("question", "more", "thanks", "courtesy"), ("more", "thanks", "courtesy"), ("thanks", "courtesy")):
        found = next((one for one in said if one not in weaker), None)
        if found is not None:
            return found
    return said[0]
