"""
What must be heard in other languages than English: harm, the request for a person, high-stakes topics, thanks,
swearing.

Written by us, in the notation of warmline.language.phrases, for German, French, Spanish, Portuguese and Italian. The
texts come in small letters without accents ("möchte" is ``mochte``, "qu'un" is ``qu un``; see
warmline.language.phrases.folded), because customers leave them out. Each pattern holds a word that is none in English,
so that English texts stay as they are; the tests hold that. Extend them here, and add the sentence that was missed to
tests/language/.
"""

from __future__ import annotations

from warmline.language.lexicon import words

FILLERS = words(
    """
    bitte hallo hi ja nein sofort jetzt endlich einfach mal danke guten tag
    s il vous plait te svp bonjour salut oui non merci maintenant tout de suite
    por favor hola buenas si no ya ahora gracias
    ola oi sim nao agora ja obrigado obrigada
    ciao salve buongiorno per favore piacere subito adesso grazie
    """
)

_DE_PERSON = (
    "mensch|menschen|mitarbeiter|mitarbeiterin|mitarbeitern|berater|beraterin|kundenberater|jemand|jemandem|jemanden|"
    "kollegen|kollegin|agent|agenten|person|vorgesetzten|vorgesetzter|chef|kundendienst|kundenservice|kundensupport|"
    "kundenbetreuer|ansprechpartner|sachbearbeiter|servicemitarbeiter|support|team"
)
_DE_PLAIN = (
    "mensch|menschen|mitarbeiter|mitarbeiterin|berater|beraterin|kundenberater|vorgesetzten|ansprechpartner|"
    "kundenbetreuer|servicemitarbeiter|sachbearbeiter"
)
_FR_PERSON = (
    "humain|humaine|humains|personne|quelqu|agent|agente|conseiller|conseillere|operateur|operatrice|responsable|"
    "superviseur|employe|employee|collegue|interlocuteur|teleconseiller|manager"
)
_ES_PERSON = (
    "persona|humano|humana|alguien|agente|asesor|asesora|operador|operadora|representante|supervisor|supervisora|"
    "encargado|encargada|gerente|empleado|empleada|ejecutivo|ejecutiva|responsable|companero"
)
_PT_PERSON = (
    "pessoa|humano|humana|alguem|atendente|atendentes|agente|operador|operadora|representante|supervisor|supervisora|"
    "gerente|funcionario|funcionaria|responsavel|colega"
)
_IT_PERSON = (
    "persona|umano|umana|qualcuno|operatore|operatrice|agente|responsabile|consulente|supervisore|addetto|addetta|"
    "impiegato|collega"
)

ASKS_PERSON = (
    "verbinden|verbinde|verbind sie|du|ihr? mich ..3 mitarbeiter|mitarbeiterin|menschen|kollegen|berater|"
    "jemandem|person",
    "me passer ..2 conseiller|conseillere|collegue|personne|responsable|quelqu",
    "mi passa|passate|passi ..2 operatore|operatrice|collega|persona|qualcuno|responsabile",
    "alguem da loja|empresa ..3 conversar|falar",
    # German
    f"mit ..3 {_DE_PERSON} ..3 sprechen|reden|chatten|telefonieren|schreiben|verbinden|verbunden|spreche|rede",
    f"sprechen|reden|chatten|verbinden|verbinde|verbindet ..3 mit ..3 {_DE_PERSON}",
    f"an ..2 {_DE_PERSON} ..2 weiterleiten|weitergeben|ubergeben|uebergeben|vermitteln",
    "echten|echter|echte|richtigen|richtige|richtiger|realen|reale|lebendigen|menschlichen|menschliche|menschlicher "
    f"{_DE_PERSON}|hilfe|unterstutzung|kontakt",
    "will|mochte|moechte|brauche|brauch|benotige|benoetige|wunsche|verlange|gib|geben|hol|holen|schick ..3 "
    f"{_DE_PLAIN}",
    "nicht ..3 bot|roboter|maschine|chatbot|computer ..2 reden|sprechen|schreiben|chatten|diskutieren",
    "rede|spreche|schreibe|chatte nicht ..2 mit ..2 bot|roboter|maschine|chatbot|computer",
    "kein|keinen|keine bot|roboter|chatbot|bots",
    "jemand|jemanden|jemandem ..2 kundendienst|kundenservice|service|support ..3 sprechen|reden|erreichen",
    f"^ ein|einen? {_DE_PLAIN} $",
    "kann|konnte|koennte|darf ..1 jemand ..3 anrufen|helfen|ubernehmen|uebernehmen",
    # French
    f"parler|discuter|echanger|dialoguer|chatter|communiquer|parle|joindre|contacter a|avec|au|un|une ..3 {_FR_PERSON}",
    "parler|discuter|echanger|joindre ..2 service|support client|clients|clientele",
    f"vrai|vraie|veritable ..1 {_FR_PERSON}",
    f"passez|passe|mettez|mets|transferez|transferer|redirigez|connectez|dirigez ..4 {_FR_PERSON}",
    "veux|voudrais|besoin|souhaite|souhaiterais|prefere|prefererais|exige|aimerais ..3 humain|humaine|conseiller|"
    "conseillere|operateur|operatrice|superviseur|interlocuteur|teleconseiller|responsable|agent|quelqu",
    "pas ..3 a|avec ..1 un|une|des|votre ..1 robot|robots|bot|chatbot|machine|ordinateur",
    f"mise|mis en relation|contact ..3 {_FR_PERSON}",
    "pas de robot|bot|chatbot",
    "^ un|une humain|conseiller|conseillere|operateur|personne $",
    "^ humain|conseiller|conseillere $",
    "agent|conseiller|assistance humain|humaine",
    # Spanish
    f"hablar|chatear|comunicarme|contactar|conversar|hablo|platicar con|a ..3 {_ES_PERSON}",
    "hablar|comunicarme con ..2 atencion|servicio|soporte",
    f"{_ES_PERSON} real|verdadera|verdadero|humano|humana",
    "persona|alguien de verdad|carne",
    "paseme|pasame|pasenme|comuniqueme|comunicame|transfierame|transfiereme|conecteme|conectame|ponme|pongame|"
    f"derivame|derivarme|pasarme|comunicarme|transferirme ..4 {_ES_PERSON}",
    f"quiero|necesito|prefiero|exijo|quisiera|deseo|busco a|un|una|el|la|otra|otro? {_ES_PERSON}",
    "no ..4 con ..1 un|una|este|esta ..1 robot|bot|maquina|chatbot",
    "^ un|una humano|agente|asesor|asesora|persona|operador|operadora $",
    "^ humano|asesor|asesora|operadora $",
    # Portuguese
    f"falar|conversar|contatar|falo|contactar|fala com ..3 {_PT_PERSON}",
    f"{_PT_PERSON} ..1 real|verdade|humano|humana",
    f"passe|passa|transfira|transfere|transferir|conecte|encaminhe|encaminha|chame|chama ..4 {_PT_PERSON}",
    f"quero|preciso|prefiro|gostaria|exijo ..2 {_PT_PERSON}",
    "nao ..4 com ..1 um|uma|esse|este ..1 robo|robot|bot|maquina|chatbot",
    "atendimento humano",
    "^ um|uma humano|atendente|pessoa $",
    "^ atendente $",
    # Italian
    f"parlare|chattare|comunicare|parlo|parlarne|contattare con|un|una ..3 {_IT_PERSON}",
    "parlare con ..2 assistenza|servizio",
    "persona|operatore|operatrice|essere|qualcuno vera|vero|reale|umano|umana",
    "qualcuno in carne",
    "passami|passi|passatemi|trasferiscimi|trasferisca|trasferitemi|mettimi|mettetemi|metta|collegami|colleghi|"
    f"passarmi ..4 {_IT_PERSON}",
    f"voglio|vorrei|preferisco|bisogno|desidero|esigo|serve ..2 {_IT_PERSON}",
    "non ..4 con ..1 un|una|questo|il|lo ..1 robot|bot|macchina|chatbot",
    "^ un|una umano|operatore|persona $",
    "^ operatore|umano $",
)
NOT_ASKS_PERSON = (
    "bist|sind|ist du|sie|das|dies|hier ..3 mensch|menschen|person|mitarbeiter|berater|agent",
    "bin|spreche|rede|schreibe|chatte ich ..4 mensch|menschen|person|mitarbeiter|berater|jemandem|agenten",
    "habe|hab|hatte|haben ..8 gesprochen|geredet|telefoniert|geschrieben",
    "mein|meinem|meinen|meiner vorgesetzten|chef|berater|kollegen|kollegin|mitarbeiter",
    "etes|es vous|tu ..3 humain|humaine|personne|agent|conseiller",
    "vous|tu etes|es ..3 humain|humaine|personne|agent|conseiller",
    "est ce que je parle|discute ..3 humain|humaine|personne|quelqu|agent|conseiller",
    "parle je ..3 humain|humaine|personne|quelqu|agent|conseiller",
    "ai|avons|avais deja? parle|discute|echange ..4 humain|personne|quelqu|agent|conseiller|conseillere|responsable",
    "pas|plus besoin ..2 humain|personne|conseiller|agent|quelqu",
    "mon|ma|notre conseiller|conseillere|agent|responsable|collegue",
    "eres|es|sos ..2 persona|humano|humana|agente|asesor",
    "estoy|estaba hablando|chateando ..4 persona|humano|alguien|agente|asesor",
    "hable|hablado|hablaba|hablamos con ..3 persona|alguien|agente|asesor|asesora|operador|representante",
    "no ..1 necesito|quiero ..4 persona|humano|agente|asesor",
    "mi|mis asesor|asesora|gerente|agente|representante|companero",
    "voce|isso|isto e|eh ..2 pessoa|humano|humana|atendente",
    "estou|estava falando|conversando ..3 pessoa|humano|alguem|atendente",
    "falei|falado|conversei com ..3 pessoa|alguem|atendente|operador|gerente|supervisor",
    "nao ..1 preciso|quero ..4 pessoa|humano|atendente",
    "meu|minha gerente|agente|colega|atendente",
    "sei|siete|e ..2 persona|umano|umana|operatore",
    "sto|stavo parlando|chattando ..3 persona|umano|qualcuno|operatore",
    "ho|abbiamo gia? parlato ..4 persona|qualcuno|operatore|operatrice|responsabile|consulente",
    "non ..1 ho ..1 bisogno|serve ..3 persona|umano|operatore|qualcuno",
    "mio|mia responsabile|consulente|collega|agente",
)

CRISIS: dict[str, tuple[str, ...]] = {
    "de": (
        "nicht|nimmer|nichtmehr mehr ..1 da|hier|aufwachen",
        "tabletten ..3 bereit|gesammelt|gespart",
        "ritze|geritzt|ritzen",
        "umbringen|selbstmord|selbstmordgedanken|suizid|suizidal|suizidgedanken|selbsttotung|selbstverletzung",
        "nicht|nimmer ..1 mehr leben|weiterleben|existieren",
        "will|mochte|moechte ..3 sterben",
        "leben ..2 beenden|nehmen|ende",
        "mir|sich ..2 antun",
        "mich ..2 ritzen|ritze|erhangen|erhaengen|erschiessen|vergiften",
        "bringe|bring mich|dich|ihn|sie|euch ..1 um",
        "ware|waere ..2 besser? tot",
        "keinen sinn mehr ..2 leben|weiterzuleben",
    ),
    "fr": (
        "plus la|ici dimanche|lundi|mardi|mercredi|jeudi|vendredi|samedi|demain|apres",
        "prepare|prends|pris|avale ..2 comprimes|cachets|medicaments",
        "envie d|de en finir",
        "ne ..2 me reveiller",
        "suicider|suicidaire|suicidaires",
        "me|te|vous|le|la|les tuer",
        "envie de|d mourir",
        "veux|voudrais|prefere|prefererais mourir|crever",
        "plus ..2 vivre|exister",
        "fin a mes jours|ma",
        "en finir avec la|ma vie",
        "me faire du mal",
        "serais|serait mieux mort|morte",
    ),
    "es": (
        "ya no ..2 estar|estare",
        "balcon|puente|azotea ..6 no se por que",
        "mejor sin mi",
        "no ..1 seguir viviendo",
        "suicidarme|suicidarse|suicidar|suicidio|suicida|suicidas",
        "matarme|matarte|matarlo|matarla|matarlos|matarlas|ahorcarme",
        "quitarme|quitar la|mi vida",
        "no quiero ..2 vivir|existir",
        "quiero|quisiera|prefiero|ganas|deseo de? morir|morirme",
        "hacerme dano",
        "acabar|terminar con mi|su vida",
        "no tengo ganas de vivir",
        "cortarme las venas",
        "estaria mejor muerto|muerta",
    ),
    "pt": (
        "nao ..4 precisar ..3 depois de hoje|amanha",
        "me cortei de novo",
        "acabar com a ..1 vida",
        "melhor sem mim",
        "suicidar|suicidio|suicidarme|suicidas",
        "me matar",
        "matar me",
        "tirar ..1 minha ..1 vida",
        "nao quero|aguento ..2 viver|existir",
        "quero|queria|vontade|prefiro de? morrer",
        "acabar com ..1 minha vida",
        "vou te? matar ..2 voce|ele|ela|alguem|todos|voces",
        "me machucar|ferir",
        "estaria melhor morto|morta",
    ),
    "it": (
        "domani|dopo non ci saro",
        "scritto ..2 lettera ..3 figli",
        "meglio senza di me",
        "suicidarmi|suicidarsi|suicidare|suicidio",
        "uccidermi|ammazzarmi|impiccarmi|ucciderti|ammazzarti|ucciderlo|ucciderla",
        "farla finita",
        "togliermi|togliere la vita",
        "non voglio ..2 vivere|esistere",
        "voglio|vorrei|voglia di? morire",
        "farmi del? male",
        "ti|vi|lo|la uccido|ammazzo|uccidero|ammazzero",
        "starei meglio morto|morta",
        "tagliarmi le vene",
    ),
}
"""Words of harm, by language: what is said to somebody in danger is said in it."""
NOT_CRISIS = (
    "muero|morro|muoio de|dalla|da|d ganas|voglia|curiosidad|curiosita|vontade",
    "mourir de rire|faim|soif|chaud|honte|peur",
    "morir|morirme de risa|hambre|sed|calor|verguenza",
    "morrer de rir|fome|sede|calor|vergonha",
    "morire dal|di ridere|fame|sete|caldo|vergogna",
    "ammazzo dal|di ridere|risate",
    "tuer le|la|les temps|bot|session|commande",
    "zeit umbringen",
    "vivre sans",
    "vivir|viver sin|sem",
    "vivere senza",
    "leben ohne",
    "leben von",
)

TOPICS: dict[str, tuple[str, ...]] = {
    "fraud": (
        "alguien|alguem|qualcuno|jemand|quelqu ..2 entro|entrou|entrato|usa|usando|benutzt|utilise|cambio|"
        "mudou|trocou ..4 cuenta|conta|account|konto|compte|profilo|perfil",
        "sta usando il mio profilo|account|conto",
        "yo no he sido|fui",
        "nao fui eu",
        "non sono stato|stata io",
        "ce n est pas moi",
        "das war ich nicht",
        "betrug|betrogen|betruger|gehackt|identitatsdiebstahl",
        "unbekannte|unberechtigte|unautorisierte|fremde abbuchung|abbuchungen|zahlung|zahlungen|bestellung|buchung",
        "konto|karte|passwort ..3 gestohlen|geklaut|ubernommen|uebernommen",
        "nicht ..1 autorisiert|veranlasst",
        "fraude|arnaque|arnaquee|escroquerie|frauduleux|frauduleuse|usurpation",
        "compte|carte|mot ..4 pirate|piratee|hacke|hackee|vole|volee",
        "n ai pas ..1 fait|effectue|autorise|passe ..3 achat|paiement|transaction|commande|virement",
        "estafa|estafado|estafada|estafaron|hackeado|hackeada|hackearon|suplantacion",
        "cuenta|tarjeta|identidad ..3 robada|robado|robaron|hackeada",
        "robaron|robado ..3 cuenta|tarjeta|identidad",
        "no ..1 reconozco|autorice|hice ..3 cargo|pago|compra|transaccion|cobro",
        "cargo|pago|compra|transaccion|cobro ..2 no ..1 reconozco|autorice|hice|autorizado|autorizada",
        "fui|sofri|cai ..2 golpe",
        "clonaram|clonado|clonada|invadiram|hackearam|invadida",
        "roubaram ..3 conta|cartao|identidade",
        "nao ..1 reconheco|fiz|autorizei ..3 compra|cobranca|pagamento|transacao|pedido",
        "frode|truffa|truffato|truffata|hackerato|hackerata|hackerati",
        "conto|carta|account|identita ..3 rubato|rubata|violato|violata|clonata",
        "rubato ..3 conto|carta|account|identita",
        "non ..2 riconosco|autorizzato|fatto ..3 addebito|pagamento|transazione|acquisto",
        "addebito|pagamento|transazione|acquisto ..2 non ..2 riconosco|autorizzato|fatto",
    ),
    "outage": (
        "seite|webseite|website|app|system|dienst|shop ..3 nicht erreichbar|erreichbar",
        "ausfall|totalausfall|serverausfall|systemausfall",
        "site|application|appli|systeme ..3 panne|inaccessible",
        "pagina|web|app|sistema|servicio|sitio ..3 caida|caido|cayo",
        "site|aplicativo|app|sistema|servico ..3 fora do ar",
        "sito|app|sistema|servizio ..3 irraggiungibile|raggiungibile",
    ),
    "complaint": (
        "beschwerde|beschweren|beschwere|verbraucherzentrale|verbraucherschutz",
        "une|ma|cette|notre|deposer reclamation",
        "plaindre|dgccrf",
        "deposer|faire|porter une plainte",
        "queja|quejas|quejarme|reclamacion|reclamaciones|reclamo",
        "reclamacao|reclamacoes|queixa|procon",
        "reclamo|reclami|lamentela|lamentarmi",
    ),
    "billing_dispute": (
        "doppelt|zweimal|mehrfach ..1 abgebucht|belastet|berechnet",
        "abgebucht|belastet|berechnet ..2 doppelt|zweimal",
        "zu viel abgebucht|berechnet",
        "ruckbuchung|rueckbuchung",
        "debite|debitee|preleve|prelevee|facture|facturee ..3 deux|double|trop",
        "cobrado|cobraron|cobro|cobrando|cargado ..3 dos veces|doble|duplicado",
        "cobro|cargo doble|duplicado|indebido|incorrecto|desconocido",
        "cobrado|cobrada|cobraram|cobranca ..3 duas|dobro|duplicada|indevida|duplicidade",
        "addebitato|addebitati|addebito|fatturato ..3 due|doppio|doppia",
    ),
    "contract_change": (
        "vertrag ..3 kundigen|kuendigen|beenden|auflosen|kundigung|andern",
        "kundige|kuendige|kundigung ..3 vertrag|vertrags",
        "resilier|resiliation|rompre ..3 contrat",
        "cancelar|rescindir|terminar|cambiar ..2 contrato",
        "encerrar|alterar ..2 contrato",
        "disdire|recedere|rescindere|disdetta|annullare ..3 contratto",
    ),
    "legal": (
        "anwalt|anwaltin|rechtsanwalt|rechtsanwaltin|verklage|verklagen|dsgvo",
        "rechtliche|juristische schritte",
        "anzeige erstatten",
        "mon|mes|un|notre avocat|avocats",
        "porter|deposer plainte",
        "poursuivre|poursuites|poursuite ..3 justice|judiciaire|judiciaires",
        "rgpd",
        "abogado|abogada|abogados|demandar|demandare|denunciar|denunciare|denuncia",
        "advogado|advogada|advogados|lgpd",
        "processar voces|empresa|loja",
        "avvocato|avvocati|denunciare|denuncero",
        "vie|azioni|azione legali|legale",
    ),
    "danger": (
        "nao para de sangrar",
        "no para|deja de sangrar",
        "non smette di sanguinare",
        "hort nicht auf zu bluten",
        "cortou|cortei|corto ..4 vidro|vidrio|cristal",
        "feuer gefangen",
        "brennt|gebrannt|explodiert|stromschlag|verbrannt|vergiftet|krankenhaus",
        "mich|uns|sich|kind|hand ..2 verletzt",
        "pris|prend|prendre feu",
        "explose|electrocute|electrocutee|brulures|intoxique|intoxication",
        "blesse|blessee ..3",
        "incendio|incendiado|exploto|electrocuto|quemadura|quemaduras|intoxicacion|intoxicado",
        "pegou|pegando fogo",
        "explodiu|queimadura|queimaduras",
        "choque eletrico",
        "preso|prende fuoco",
        "esploso|esplosa|ustione|ustioni|ustionato|intossicato|intossicazione",
        "scossa elettrica",
        "raucht|qualmt|verschluckt|stromschlag|geschmolzen",
        "riecht|stinkt ..2 verbrannt|gas",
        "fume|fumee ..2",
        "avale|avalee ..3 pile|piece|bouton|aimant",
        "decharge electrique",
        "sent le brule|gaz",
        "echando|echa|sale humo",
        "se trago|ha tragado",
        "descarga|calambre electrica|electrico",
        "huele a quemado|gas",
        "soltando|saindo fumaca|fumo",
        "engoliu",
        "cheiro de queimado|gas",
        "fa|esce fumo",
        "ingoiato|ingoiata|inghiottito",
        "puzza di bruciato|gas",
    ),
    "threat": (
        "bote|paketbote|fahrer|kurier|lieferant ..6 angeschrien|getreten|geschubst|bedroht|angegriffen",
        "orden de alejamiento|proteccion",
        "ordinanza|ordine restrittiva|restrittivo",
        "mi ha ..1 minacciato|minacciata|picchiato|picchiata|spinto|spinta|aggredito|aggredita",
        "ex|exmarido|exmujer|exnovio ..3 no ..2 vea|sepa|veja|saiba|sapere|savoir",
        "ex ..4 adresse|direccion|morada|endereco|indirizzo",
        "mann|ex|freund|vater|partner ..2 schlagt|schlaegt|verfolgt|bedroht",
        "bedroht|verfolgt|gestalkt|stalkt|stalker",
        "angst vor ihm|ihr|meinem",
        "me|nous frappe|harcele|menace",
        "peur de lui|mon",
        "me pega|acosa|amenaza|amenazo|persigue",
        "miedo de el|mi",
        "me bate|ameacou|persegue|ameaca",
        "medo dele|do meu",
        "mi picchia|minaccia|minacciato|minacciata|perseguita",
        "paura di lui|mio",
    ),
    "bereavement": (
        "mann|frau|mutter|vater|oma|opa|bruder|schwester|sohn|tochter|mama|papa|tante|onkel|freund|freundin ist tot",
        "perdi ..1 meu|minha|mi marido|esposa|mulher|pai|mae|filho|filha|avo|padre|madre|esposo|hijo|hija|"
        "abuela|abuelo",
        "enterrement|obseques|funerailles|beerdigung|begrabnis",
        "se nos fue|nos dejo ayer|hoy|anoche",
        "nous a quittes",
        "nos deixou|ci ha lasciati|lasciato",
        "gestorben|verstorben|verstarb|todesfall|witwe|witwer",
        "est|a deces|decede|decedee|mort|morte ..1",
        "decede|decedee|deces|veuve|veuf",
        "fallecio|fallecido|fallecida|murio|viuda|viudo|difunto|difunta",
        "faleceu|falecido|falecida|morreu|viuva|viuvo",
        "e|morto|morta|mancato|mancata mio|mia",
        "deceduto|deceduta|defunto|defunta|vedova|vedovo",
        "mio|mia ..2 e morto|morta|mancato|mancata",
    ),
    "hardship": (
        "fur|fuer ..2 miete|medikamente|insulin",
        "miete|medikamente ..3 bezahlen|zahlen",
        "payer ..2 loyer",
        "pagar ..2 alquiler|aluguel|renda",
        "pagare ..2 affitto",
        "pagar ..2 medicinas|remedios|medicamentos",
    ),
    "carer": ("dement|demenz|alzheimer|demencia|demenza|vorsorgevollmacht|betreuer",),
    "callback": (
        "rufen ..3 an|zuruck|zurueck",
        "ruckruf|rueckruf",
        "rappelez|rappeler moi|nous",
        "llamenme|llameme|llamadme",
        "me ligue|liguem|ligar",
        "richiamatemi|richiamami|chiamatemi|mi richiami",
    ),
}

THANKS = ("danke|dankeschon|dankeschoen|merci|gracias|obrigado|obrigada|grazie",)
SWEARING = (
    "scheisse|scheiss|verdammt|verdammte|verfickt|verfickte|arschloch|kacke",
    "merde|putain|connard|connards|bordel|chier|foutage",
    "mierda|joder|cabron|cabrones|puta|puto|gilipollas|carajo",
    "merda|caralho|porra|foder|fodase",
    "cazzo|vaffanculo|stronzo|stronzi|schifo",
)

GROUPS: dict[str, tuple[str, ...]] = {
    "asks_person": ASKS_PERSON,
    "not_asks_person": NOT_ASKS_PERSON,
    **{f"crisis:{language}": patterns for language, patterns in CRISIS.items()},
    "not_crisis": NOT_CRISIS,
    "thanks": THANKS,
    "swearing": SWEARING,
    **{f"topic:{topic}": patterns for topic, patterns in TOPICS.items()},
}
