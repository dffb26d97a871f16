"""
The words and phrases that warmline.language looks for, in the notation of warmline.language.phrases.

Written by us for any support desk, not for one shop; extend them here, and add the sentence that was missed (or wrongly
caught) to tests/language/.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of *text* as a set: a paragraph reads better than a hundred quoted strings."""
    return frozenset(text.split())


CONTRACTIONS: dict[str, str] = {
    "can't": "can not",
    "cant": "can not",
    "cannot": "can not",
    "won't": "will not",
    "wont": "will not",
    "dont": "do not",
    "doesnt": "does not",
    "didnt": "did not",
    "isnt": "is not",
    "arent": "are not",
    "wasnt": "was not",
    "werent": "were not",
    "hasnt": "has not",
    "havent": "have not",
    "couldnt": "could not",
    "wouldnt": "would not",
    "shouldnt": "should not",
    "aint": "is not",
    "ain't": "is not",
    "i'm": "i am",
    "im": "i am",
    "i'd": "i would",
    "id like": "i would like",
    "ive": "i have",
    "u": "you",
    "ur": "your",
    "ya": "you",
    "r u": "are you",
    "ui": "you i",
    "pls": "please",
    "plz": "please",
    "plse": "please",
    "wanna": "want to",
    "gonna": "going to",
    "gotta": "have to",
    "gimme": "give me",
    "lemme": "let me",
    "it's": "it is",
    "that's": "that is",
    "thats": "that is",
    "what's": "what is",
    "who's": "who is",
    "there's": "there is",
    "let's": "let us",
    "thx": "thanks",
    "ty": "thanks",
    "talk wit": "talk with",
    "speak wit": "speak with",
    "chat wit": "chat with",
    "tak to": "talk to",
    "tak with": "talk with",
    "talkk": "talk",
    "takl": "talk",
    "tlak": "talk",
    "spek": "speak",
    "chay": "chat",
    "caht": "chat",
    "chta": "chat",
    "speack": "speak",
    "spaek": "speak",
    "tal": "talk",
    "taok": "talk",
    "wirh": "with",
    "witj": "with",
    "eith": "with",
    "whit": "with",
    "udirect": "you direct",
    "uhelp": "you help",
    "uarent": "you are not",
    "haveto": "have to",
    "wantto": "want to",
    "needto": "need to",
    "wih": "with",
    "wiht": "with",
    "wth": "with",
    "withan": "with an",
    "toan": "to an",
    "toa": "to a",
    "tnx": "thanks",
}

NEGATORS = words("not no never none nothing nobody without neither nor hardly barely cannot nt n't")

FILLERS = words(
    """
    please hi hello hey ok okay yes no just now then so well thanks thank you sir madam mate bot again immediately asap
    right away today really um uh umm hmm sorry pls and or oh
    """
)

# Words that are mended when one letter is wrong (warmline.language.spelling), the real words that look like them, and
# what gets written together with them.
KEY_WORDS = words(
    """
    person human agent operator assistant someone somebody representative manager supervisor speak speaking talking
    chatting contact contacting transfer connect talk chat with want need customer service support employee colleague
    advisor anyone anybody handoff handover suicidal suicide
    """
)
OTHER_WORDS = words(
    """
    suicider suicidar suicidare suicida suicidio suicidal suicides suicides suicided
    persons persona humane humans agents arent argent gent gents aged manage managed manages managers manger mange peak
    sneak speaks spear steak spear stalking taking walking tanking tasking balking caulking peaking contract contrast
    contacts contracting sneaking spanking chanting charting transfers operators assistants someones representatives
    supervisors sparking speaker connects agnes
    walk tall tank task talks tale tack talc stalk balk calk tally tal tak that what cat hat coat cheat chart chats char
    chad cha chai chap chan chaos chant chit chut ghat phat shat wish witch wit sith width pith kith wits went wait
    wants wont cant rant wat wan ant wand pant wang wane vant wasnt hasnt swan needs feed weed nerd seed ned needy peed
    deed heed reed knead kneed nee bead neck customers costumer services serviced servile supports employees employer
    employed employe colleagues advisory advisors hangover meed nerds weeds
    """
)
PREFIXES = ("to", "a", "an", "the", "with", "human", "live", "real", "bloody", "damn", "actual")

SETS: dict[str, frozenset[str]] = {
    name: words(listed)
    for name, listed in {
        "person": """person human humans people someone somebody anyone anybody agent agents operator representative
            representatives rep reps employee employees colleague advisor adviser specialist manager supervisor
            teammate staff associate consultant""",
        "talk": "talk talking speak speaking chat chatting contact contacting reach reaching connect connecting",
        "handover": "give transfer connect forward redirect direct escalate put pass patch switch route hand get",
        "real": "real live actual human living physical proper",
        "desk": "support service care team",
        "be": "is was am are were be been being",
        "me": "me us my our",
        "my": "my our the this that",
        "not_a_person": """you it them him her me this that bot the my friends friend other others each users players
            customers everyone people strangers family mom dad""",
        "addressed": "you your yours this that it these those to how when calling waiting being having the using doing",
        "swear": """fuck fucking fucked fucker fuckin fck fcking fking effing shit shitty bullshit bs crap crappy damn
            dammit damned goddamn goddam bloody bastard bastards bitch bitches asshole assholes arsehole arse wtf
            bollocks piss pissed sucks sucked screwed motherfucker ffs stfu""",
        "fraud": "fraud fraudulent scam scams scammed scammer scammers phishing hacked hackers",
        "insult": """useless stupid idiot idiots idiotic dumb dumbass incompetent moron morons pathetic worthless
            clueless joke ridiculous rubbish trash garbage lousy brainless braindead
            thief thieves liar liars crook crooks cheat cheats robbers scammers ripoff thick""",
        "angry": """angry furious frustrated frustrating frustration annoyed annoying disgusted disgusting disgusted
            outraged outrageous unacceptable appalling appalled ridiculous disgraceful disgrace shambles infuriating
            livid terrible horrible awful atrocious abysmal horrendous worst disappointed disappointing disappointment
            fuming
            pathetic shocking shameful joke unhappy upset unbelievable inexcusable nightmare absurd""",
        "thanks": "thanks thank cheers appreciated appreciate grateful thankyou",
        "good": """great good perfect awesome excellent wonderful brilliant lovely cool nice super
            fantastic amazing sorted""",
        "approve": "authorise authorize recognise recognize approve",
        "money": "charge charges charged charging bill billed billing invoice invoiced payment payments debited debit",
        "taken": """use uses used using stole steal stolen took take taken access accessed accessing hacked hack got
            logged logging withdrew withdrawing withdrawn spent spending charged changed ordered ordering paid buying
            bought""",
        "account": "account profile card wallet password email login identity details",
    }.items()
}

# Asking for a person.
ASKS_PERSON = (
    "<talk> to|with|t|ot ..3 <person>",
    "cat with ..2 <person>",
    "<talk> to|with ..2 <real> ..1 assistant|one|being",
    "<talk> to|with your|the? customer|client|your|the|tech|technical <desk>",
    "<talk> to|with|t|ot ..2 assistant|boss|hr",
    "<talk> to|with your|the founders|boss|management|humans|people|staff|team",
    "contact|contacting|reach|reaching ..3 <person>|assistant",
    "get|getting ahold|hold|through of|to ..2 <person>|assistant",
    "need|want|get|see|have|prefer a|some|real|the? human|humans $",
    "deal|dealing|interact|interacting|communicate|converse|conversation|discuss|consult with ..3 <person>",
    "human|person|agent|operator|representative needed|required|wanted",
    "someone|somebody|person|human|agent real|human|alive|competent",
    "where is|are ..2 human|humans|agent|agents|operator|people",
    "get|want|need an|a assistant",
    "assistance|help <talk> ..3 assistant",
    "<handover> me|us|this|my? ..3 to|with|over ..3 <person>|team|assistant|department",
    "<handover> to|me|us|a|an|the ..3 <person>|assistant",
    "put|get me|us through",
    "direct|put to? me? an|a|through ..1 assistant|<person>",
    "want|need|give|prefer|like|get|demand|require a|an|me|the|some|to|have|another? a|an? <real>? <person> $",
    "want|need|give|prefer|demand me|us? a|an? <real> <person>",
    "want|need|help|assistance|support from|by a|an|some? <real>? <person>",
    "get|find|send|bring|fetch me|us? a|an human|person|agent|operator|representative|supervisor|manager",
    "get|find|send|bring|fetch me|us|in somebody|someone",
    "want|need|get|like|demand your|a|the manager|supervisor",
    "^ <real>? ..1 human|agent|operator|representative|person|humans $",
    "supervisor|manager please|now",
    "^ someone|somebody|anyone from ..2 <desk> $",
    "<real> <person> $",
    "human|live|real <desk>|assistant|assistance|chat",
    "human|live help",
    "live|human|real agent|operator|representative",
    "^ escalate|escalation|handoff|handover|escalated $",
    "escalate this|it|my|the",
    "human handoff|handover|takeover",
    "do not want|like|wish to? talk|speak|chat|talking|speaking|chatting|deal ..2 bot|robot|machine|computer",
    "rather|prefer ..2 <talk> to|with",
    "in touch|contact with ..2 <person>",
    "can|could|may|let|want|like|need|rather i|me|to talk|speak|chat to|with !<not_a_person> !<not_a_person>? $",
    "are there ..2 humans|people ..2 working|there|here|behind|available",
    "is|are there a|an|any? <real>? <person> ..3 <talk>|help|there|available|here",
    "someone|somebody|anyone|person ..1 else|smarter|competent ..2 help|talk|speak|than",
    "stop|enough talking|speaking|chatting? ..2 bot|robot|robots|bots",
    "no more bots|robots|bot|robot",
    "human please|now|instead",
    "^ a? person please|now",
    "to a bot|robot|machine|computer is stupid|pointless|useless|annoying",
    "not a|another|this bot|robot|machine|computer|chatbot",
    "call an? agent|operator|representative|supervisor|manager",
    "want|need|like ..2 called|callback by|from ..2 <person>",
)
# Not a request although it sounds like one.
NOT_ASKS_PERSON = (
    "do not|never connect|transfer|put|pass|forward|hand|redirect me|us|this ..4 <person>|team",
    "do not|never put me|us through",
    "did not want|need|ask|mean ..3 <person>",
    "never asked|wanted ..3 <person>",
    "did i ..1 ask|want ..3 <person>",
    "why ..1 a? <person>",
    "why ..3 connect|transfer|transferring|connecting ..3 <person>",
    "no human|person|agent|operator|colleague|employee please|thanks|needed|necessary|required",
    "are you ..4 <person>",
    "am i <talk>|talked|dealing ..1 to|with ..3 <person>|human|real",
    "is this|that|it|he|she ..2 <person>",
    "you are|sound|look|seem ..4 <person>",
    "do not want|need|like|wish to? <talk>? ..2 human|employee|colleague|staff|person|agent|operator|representative|"
    "people|someone|somebody|anyone",
    "not have|necessary to <talk> to|with ..2 <person>",
    "send|transfer|pay|move|sent|wire ..4 money|amount|funds|cash|balance|dollars|euros|pounds ..4 <person>",
    "transfer|transferring|transferred ..3 to someone|somebody|anyone|person else|account",
    "<person> ..2 told|said|promised|helped|called|gave|was|has|had|did|just|told",
    "i talked|spoke|chatted|contacted to|with ..2 <person>",
    "i <be>|work as? a|an|the agent|operator|representative|manager|supervisor|assistant|consultant|human|person",
    "my|our|his|her|estate|travel|insurance manager|supervisor|boss|agent|rep|colleague|specialist|assistant",
    "you|bot|it <talk> to|with <person>",
    "how many ..2 <person>",
    "to save|help|invite|find|meet|pay ..2 people|someone|somebody",
    "1|2|3|4|5|6|7|8|9|10|one|two|three|four|five|six|seven|eight person|persons|people|humans",
    "sound|sounds|act|acts|talk|talks|look|looks like ..2 <person>",
    "human -? looking|shaped|like|sized",
    "get|gets|getting|got along|on ..1 with ..2 <person>",
    "you ..2 precious|lovely|kind|good|nice|sweet|wonderful|great person|human|people",
    "get|got|have|take|fetch ..2 code|key|copy|parcel|box|number from ..2 <person>",
)

# Topics that go straight to a person, whatever the mood.
TOPICS: dict[str, tuple[str, ...]] = {
    "danger": (
        "caught|catch|catching fire",
        "exploded|explosion|electrocuted|smoking|sparks|burned|burnt ..3 me|hand|house|fire",
        "electric shock",
        "<be>|been|got ..1 injured|bleeding|poisoned|choking",
        "injured|hurt|bleeding|poisoned|burnt|burned by|from your|the|this",
        "call|called|calling|need|needs|came ..2 ambulance",
        "in|to|into the? hospital because|after",
        "ended|rushed|landed ..2 hospital",
        "gas leak|smell",
        "allergic reaction",
        "dangerous|unsafe ..3 child|children|kids|baby|product",
        "recall notice",
        "swallowed|swallows a|an|the|one|it|some|small|my|button ..4",
        "smoke|flames|sparks|fire ..2 coming|comes|come|came out|from",
        "<be> ..2 smoking|smouldering|melting|sparking|hissing",
        "smell|smells|smelling|stinks|stank ..2 burning|burnt|gas",
        "burning smell",
        "got|gave|get|gives|had|felt ..2 shock|shocks|tingle|jolt",
        "glass|needle|splinter|splinters ..3 in ..4 mouth|hand|foot|tea|cup|blanket|food|finger",
        "can not breathe|breath",
        "throat|lips|face|tongue ..3 swollen|swelling|swelled|tight|closing",
        "carbon monoxide",
        "blood|bleeding ..3 everywhere|stop|stopping",
        "deep cut",
        "fell|crashed|dropped|came from|off|down ..2 ceiling|wall|hook",
    ),
    "threat": (
        "kill|hurt|harm|shoot|stab|murder ..1 you|him|her|them|someone|somebody|everyone|people",
        "a bomb in|at|under|threat",
        "bomb threat",
        "plant|planted|set|put a bomb",
        "beats|hits|hitting|beating|abuses|stalks|stalking|follows|threatened|threatens|attacked|assaulted me|us|my",
        "stalker|stalked|abuser|abusive|refuge",
        "restraining|protection|court order against",
        "i <be>|am ..2 scared|afraid|frightened|terrified of him|her|my ..1 husband|wife|ex|partner|father|"
        "boyfriend|man|him|her $",
        "ex ..3 must|may|can|should|<be> not ..2 see|find|know|have|get",
        "threatening|threatened ..2 to? kill|hurt|beat|come|me|us",
        "know|knows where i|you live",
    ),
    "fraud": (
        "fraud|fraudulent|scam|scammed|scammer|phishing|defrauded",
        "hacked|hijacked|compromised",
        "identity theft",
        "<account> ..4 stolen|stole|hacked|breached|hijacked",
        "stolen|stole ..2 <account>",
        "someone|somebody <taken> ..3 my|our <account>",
        "someone|somebody else|other|is|has|have ..2 <taken> ..3 my|our <account>",
        "someone|somebody ..3 access|into to? my|our <account>",
        "unauthorised|unauthorized ..2 <money>|transaction|transactions|purchase|purchases|access|order|orders|login",
        "not make|<approve> ..2 <money>|transaction|purchase|transactions|payments",
        "<money>|transaction|transactions|purchase ..2 not ..1 make|made|<approve>",
    ),
    "bereavement": (
        "passed away|on",
        "husband|wife|mother|father|mum|mom|dad|nan|gran|grandma|grandpa|grandmother|grandfather|son|daughter|"
        "brother|sister|partner|aunt|uncle|flatmate|friend|boyfriend|girlfriend|child|baby|boy|girl|neighbour|"
        "customer|owner|holder ..2 died|deceased",
        "<be>|has deceased",
        "he|she has? died",
        "late husband|wife|mother|father|mum|mom|dad|son|daughter|brother|sister|aunt|uncle|gran|nan|partner|mr|mrs|ms",
        "death certificate",
        "executor|probate",
        "my|our husband|wife|mother|father|mum|mom|dad|nan|gran|grandma|son|daughter|brother|sister|partner is|"
        "<be> gone|dead",
        "no longer with us",
        "not with us any|anymore",
        "lost my|our husband|wife|mother|father|mum|mom|dad|son|daughter|brother|sister|partner",
        "buried ..2 my|our|him|her|last",
    ),
    "hardship": (
        "rent ..2 bounced|unpaid",
        "nothing|money|food left? to eat",
        "can not ..1 buy|afford|pay|get ..3 rent|food|medicine|medication|tablets|insulin|nappies|prescription|"
        "groceries",
        "need ..2 money|refund ..3 rent|food|medicine|medication|insulin|groceries",
    ),
    "carer": (
        "dementia|alzheimer|alzheimers",
        "power of attorney",
        "court -? appointed guardian",
        "legal guardian",
    ),
    "callback": (
        "^ please? call|ring|phone|telephone me|us ..2 back|on|at|please|under",
        "call|ring|phone|telephone me|us back",
        "^ please? call|ring|phone me $",
        "call -? back please",
        "callback please",
        "give me a ring|bell|call",
    ),
    "legal": (
        "lawyer|lawyers|attorney|solicitor|lawsuit|litigation",
        "sue|suing <desk>|you|your|them|this|the",
        "legal action|proceedings|steps|department|advice",
        "take ..2 to court",
        "small claims",
        "police report",
        "gdpr|data protection",
    ),
    "billing_dispute": (
        "charged|billed|debited ..3 twice|double|again|wrongly|incorrectly|two",
        "double|twice charged|billed|charge",
        "overcharged|overcharging|overbilled",
        "dispute|disputing|contest|contesting ..3 <money>|transaction",
        "wrong|incorrect|unknown|unexpected|mysterious <money>",
        "chargeback",
        "took|taken ..2 money ..3 without",
    ),
    "complaint": (
        "file|make|lodge|submit|register|raise|open|write|filing|making|lodging ..4 complaint|complaints|reclamation",
        "formal complaint|complaint",
        "i|want|like to? complain",
        "consumer protection|rights|ombudsman|watchdog",
        "better business bureau|bbb",
        "ombudsman|ofcom",
    ),
    "outage": (
        "outage|outages",
        "site|website|app|service|system|internet|network|everything ..2 is|are ..1 down|offline",
        "nothing ..2 works at all",
        "all ..2 customers|users ..2 affected|down",
    ),
    "contract_change": (
        "cancel|terminate|end|change|leave|cancelling|terminating|transfer ..2 contract|tenancy|policy",
        "contract ..3 cancelled|terminated|changed|cancellation|termination",
        "out of ..2 contract",
    ),
}

# The word alone is no report of it.
NOT_TOPICS: dict[str, tuple[str, ...]] = {
    "fraud": (
        "prevent|preventing|prevention|avoid|avoiding|against|detect|detection ..4 <fraud>",
        "fraud protection|prevention|policy|insurance|awareness|detection",
        "make|made|makes|making|paid|put ..1 deposit|deposits",
        "protect|protected|protects|protection|safe|secure ..3 from|against ..2 <fraud>",
        "can|could|able not|to ..2 make ..3 transaction|transactions|payment|payments|purchase|purchases",
        "<be> ..3 stopped|blocked|declined|flagged ..2 for ..1 <fraud>",
        "you|company|site|website|shop|store|service|app|bank|firm|business|lot|people <be> ..3 scam|scams|scammers|"
        "fraud|frauds",
        "this|that|it <be> ..3 scam",
        "what|such|total|complete|absolute|pure|big|huge a? scam|scams|scammers|fraud",
    ),
    "danger": ("driver|nurse|doctor|work|working|worked ..3 ambulance|hospital",),
    "threat": (
        "i|you|we could|would|might kill|murder for",
        "kill|killing ..1 time",
        "hits|hit|follows|following ..1 me that|how|hard|on",
        "follows|following me|us on|around|instagram",
    ),
    "bereavement": (
        "plant|plants|phone|laptop|battery|computer|lamp|bulb|car|flower|flowers|tablet|cactus|router|screen "
        "..3 died|dead",
        "my|the|your ..1 phone|battery|lamp|plant|bulb|tree ..2 passed",
        "passed on to|your|my|the",
        "dead end|line|lock|pixel|pixels|link|battery|slow|easy",
        "drop dead",
        "i ..2 died|dead laughing|of|when|at",
        "nearly|almost|practically|just died",
        "nobody|noone|none died|dead",
        "too|very late",
    ),
    "hardship": ("<be>|parental|maternity|what|how rent",),
    "callback": ("call me ..1 crazy|old|stupid|silly|anna|a|an",),
    "legal": (
        "friend|present|gift|husband|wife|boss|son|daughter ..4 lawyer|lawyers|solicitor|attorney",
        "joke|jokes|book|books|movie|series ..2 lawyer|lawyers",
        "my|a wife|husband|sister|brother is ..2 lawyer",
    ),
}

CRISIS = (
    "not ..2 need|needing anything after|where",
    "nobody|noone would ..1 notice|care if i <be> not|gone|dead",
    "kill|killing|hurt|hurting|harm|harming|cut|cutting|end|hang|shoot myself",
    "suicide|suicidal",
    "end|ending|take|taking my own? life",
    "do not want to live|exist",
    "want|wish|rather|ready|like to be? dead|die",
    "wish i <be> dead",
    "better off dead",
    "no reason to live|continue",
    "can not go on living|anymore",
    "self -? harm",
    "end|ending it all",
    "kms|unalive",
    "jump off ..2 bridge|roof|building|balcony",
    "do not want to be here|alive anymore|any",
    "overdose",
    "want to disappear forever",
    "tired of living|life",
    "never|not to? wake up again|tomorrow|any|anymore",
    "without me ..2 better|happier",
    "when|after i <be> gone",
    "standing|stood on ..2 bridge|roof|ledge",
    "saving|hoarding ..2 tablets|pills",
)
# Words of harm that are a way of speaking.
NOT_CRISIS = (
    "not suicidal",
    "suicide door|doors|hinge|hinges|squad",
    "kill|killing|kills me $",
    "kill|end|cut|hang ..1 process|task|session|call|order|subscription|chat",
    "i could|would kill for",
    "<be> killing me",
    "overdose|overdosed|overdosing on|of ..2 cuteness|chocolate|tea|coffee|sugar|christmas|cosy|coziness|fluff|kitsch",
    "when|after i <be> gone for|to|on|till|until|away",
)

NEGATED_HELP = (
    "not|never ..2 help|helped|helping|helpful|useful|work|worked|working|solve|solved|resolve|resolved|fixed|fix",
    "no help|use|luck|good|solution|answer|response|reply|progress|news|sign|clue|change|difference",
    "of no use|help",
    "still|yet ..2 not|no|nothing|waiting|broken|wrong|same",
    "still ..3 same|problem|issue",
    "same problem|issue|thing|error|answer|question again?",
    "not|never ..2 received|arrived|delivered|answered|replied|responded|refunded|got|come|came|respond|reply|answer",
    "nobody|noone|none ..3 help|helps|answer|answers|replies|cares|reply|responds",
    "no one ..3 help|helps|answer|answers|replies|cares|reply|responds|seems|has|is|can",
    "nothing ..3 works|work|happened|happens|changed|helps|helped",
    "waste|wasting|wasted ..2 time|money",
    "useless|unhelpful|pointless",
)
SOLVED = (
    "that|it|this|everything !not|never? works|worked|fixed|helped|helps",
    "<be>|got !not|never? !not|never? solved|fixed|sorted|resolved",
    "problem|issue solved|fixed|resolved|sorted",
    "works|working now|again|fine",
    "that is|was all",
    "all good|set|sorted|done",
    "never mind|nevermind",
    "it|that did|does $",
    "no complaints|complaint",
    "nothing to complain",
    "can not complain",
    "found it",
    "that|which|this helps|helped",
)
DENIAL = (
    "^ wrong|incorrect $",
    "not what i ..3",
    "that is|was not ..4 asked|question|right|correct|true|it|mean|meant|want|wanted|said",
    "that is|was wrong|incorrect",
    "you do not|never understand|listen|get|read|answer|understood",
    "you are not|never ..1 listening|understanding|helping|reading|answering",
    "wrong answer|order|item|one|number|thing|person",
    "does not answer",
    "did not ask",
    "makes no sense",
)
ASKS_OTHER = (
    "anything|something|someone|somewhere else",
    "other|another|different ..1 option|options|one|ones|time|times|choice|suggestion|suggestions|place|flight|hotel",
    "any|some|find|show|suggest|search|see|have|give|about|for ..2 other|others|another|alternative|alternatives",
    "find|show|suggest|search|see|have|give|get|need|want ..3 more options|choices|events|places|results|suggestions",
    "find|show|suggest|give ..3 some more",
    "anyone|anybody else",
    "try|search|check|look|book|reserve ..4 again",
    "how|what about",
    "change|make|move it|that|this ..2 to|for|at",
    "make it for|at|on|the",
    "change of plans",
    "what|which other|else",
    "is|are there ..2 other|others|another",
    "rather|prefer|instead",
    "do not|did not like|want|need ..2 that|it|this|them|to",
    "not interested|for|really|quite",
    "actually i|make|change|can|could",
)
TURNS_DOWN = (
    "^ no|nope|nah",
    "^ not|never $",
    "that|this|it is|was still? incorrect|wrong|inaccurate",
    "that|this|it is|was not ..2 right|correct|true|what|it|good|okay|ok|me",
    "still|all incorrect|wrong",
    "do not think so",
    "not interested",
    "too ..1 early|late|expensive|high|far|much|small|big|slow|long|short",
    "will not work|do ..1 $",
)
NOT_TURNS_DOWN = (
    "no|not problem|worries|rush|hurry|idea|matter|doubt|need|thanks|thank|more|further|longer",
    "no|nope|nah ,|.|;? ..1 that|it is|was|will|would|be ..3 all|everything|it|good|fine|enough|necessary|needed",
    "no|nope|nah ,|.|;? ..1 i|we|you are|am ..2 good|fine|done|set|sorted|all|okay|ok",
    "no|nope|nah ,|.|;? ..2 all|nothing",
    "no|nope|nah ,|.|;? ..3 thank|thanks|bye|goodbye|cheers",
    "not ..6 too",
    "no time|clue|preference|pref|particular|specific",
    "no ..1 i|it|that does|do not ..1 matter|mind|care",
    "no one|body|way",
    "oh no",
    "no good",
    "there is|are no",
    "have|has|had|got|is|are|with no",
)
CORRECTION = (
    "i meant|mean|said|told|asked|wrote|already",
    "as i|i have said|wrote|told|mentioned|explained",
    "i|we did ..1 that|this|so ..3 already|ago|yesterday|before|twice|times|monday|tuesday|wednesday|thursday|friday",
    "^ did ..1 that|this|so ..4 already|ago|yesterday|before|twice|times",
    "i already|just ..1 said|told|asked|gave|did|tried|explained|wrote|sent|answered",
    "i have already",
    "like i said",
    "how many times",
    "for the ..2 time",
    "again and again",
    "over and over",
)
ANGRY_WORDS = (
    "<angry>",
    "expect|expected better|more from|of",
    "let|lets|letting me|us|customers down",
    "fed up",
    "sick of|and",
    "had|have|got enough of",
)
# Does not know what to do any more, or pleads.
PLEADING = (
    "not know ..3 to do anymore|else|now",
    "not know ..3 to do ..2 more",
    "not know what|where|who|how else",
    "what am i supposed to do",
    "can not ..1 cope|bear|sleep",
    "can not ..1 deal|take|handle|stand with? this|it|any|that|another",
    "someone|somebody|anyone|anybody has|must|needs|should|please to? ..1 do|help|look",
    "please ,? somebody|someone|anybody|anyone",
    "please ,? please",
    "please ,? i beg|need|really",
    "beg|begging you",
    "desperate|desperately|helpless|despair|despairing",
    "end of my|the rope|tether|strength",
    "wits|wit|wit's '|'s? end",
    "in tears",
    "crying|cried|panicking|panic",
)
GIVING_UP = (
    "forget it",
    "forget this|that $",
    "i|we ..2 give|gave|giving up",
    "no point ..1 in|anymore $",
    "pointless|hopeless",
    "just|rather|simply ..2 live|do|go|manage without",
    "do not bother",
    "why ..3 bother",
    "i am ..1 done with|here|trying|waiting|asking|explaining",
    "too much to ask",
    "never going to|gonna work|happen|help|change|end",
    "not even bother|try|care|bothered",
)
STAKES = (
    "birthday|anniversary|wedding|funeral|wake|christening|graduation",
    "hospital|chemo|surgery|operation|ward",
    "rent|pension|landlord|eviction",
    "my|our ..1 child|son|daughter|baby|kids|children|girl|boy|newborn",
    "got married",
)
MILDLY = ("not angry|mad|cross|furious|upset ,? just|only ..1 disappointed|annoyed|sad",)
LEAVING = (
    "leave|leaving|write|writing|post|posting ..2 review|reviews ..3 everyone|public|google|trustpilot|see|bad|"
    "star|honest",
    "cancel ..3 account|subscription|membership|everything|service|prime",
    "close|delete ..2 account",
    "switch|switching|moving|going|move to ..3 competitor|another|different|elsewhere",
    "never ..3 again",
    "last time",
    "taking my business|money|custom elsewhere?",
    "lost a|another|my|our customer|business|custom",
    "leaving you|your",
    "money back",
    "time to cancel|leave|switch|move",
    "go|going|see|look ..4 others|competition|elsewhere",
    "post|posting|share|sharing|tell|telling|publish|warn|warning ..3 everywhere|everyone|everybody|online|facebook|"
    "twitter|instagram|tiktok|press|media|newspaper|public",
    "let|letting ..2 everyone|everybody|people|others|world know|see",
    "bad|negative|terrible|honest|one|1 ..1 star|review|reviews",
    "trustpilot",
    "stay away",
    "do not ..2 buy|use|shop|order ..3 again|anymore",
)
WAITING = (
    "waited|waiting|wait ..4 hours|days|weeks|months|minutes|long|hour|week|month|forever|ages|day",
    "hours|days|weeks|months|times ago|later|now|already|and",
    "for|over|after ..2 hours|days|weeks|months|ages",
    "how long",
    "late|delayed|overdue",
    "supposed|promised|meant to",
    "keep|kept|keeps ..1 telling|saying|getting|asking|sending|calling|trying",
    "several|many|multiple|numerous|three|four|five|3|4|5 times",
    "second|third|2nd|3rd|fourth|fifth|4th|5th time",
    "every time|day|single",
)
QUESTIONING = (
    "why|how ..2 can|do|does|is|are|did|would|should|could ..4 not|still|always|keep|so",
    "what kind|sort of",
    "what is the point",
    "what part of",
    "how hard",
    "^ seriously|really|unbelievable|incredible|wow $",
    "and you think|thought|call|expect|consider",
    "how am|shall|should i supposed? to?",
    "are you ..1 even|actually|really|ever ..1 reading|listening|trying|serious",
    "which one is it",
    "seriously|really ?",
    "are you kidding|serious|joking",
    "is this|that a|some joke",
    "do you even|people|guys|ever",
    "what the hell|heck|actual",
    "wtf|smh|omg",
    "? ?",
)
SARCASM = (
    "^ great|wow|brilliant|nice|wonderful|fantastic|congratulations|lovely|cheers ..3 job|work|service|going|start $",
    "thanks|thank for nothing|wasting|ruining|losing|ignoring",
    "thank you for nothing|wasting|ruining|losing|ignoring",
    "yeah|sure right|whatever",
    "oh great|wonderful|joy|lovely|good|brilliant|perfect",
    "how helpful|nice|lovely|convenient|kind|generous",
    "what a surprise|joke|shock",
    "slow clap",
    "great|excellent|amazing|fantastic|awesome|brilliant ..2 service|job|work not|again",
    "as usual|always",
)
ADDRESSED = (
    "you|your|yours|yourself|yourselves|u|ur|bot|robot|service|support|company|website|site|app|system|computer",
)
THIRD_PARTY = (
    "courier|driver|postman|postwoman|mailman|delivery|neighbour|neighbor|landlord ..1 man|guy|boy|driver|person? "
    "<be>|threw|left|dropped|broke|put|lost|rang|did|has|just|again",
    "hate|hates !<addressed>",
    "hate|love the? ..1 smell|weather|traffic|rain|mondays|clouds|cold|heat",
    "my boss|neighbour|neighbor|brother|sister|husband|wife|ex|landlord|teacher|colleague|coworker|mother|father|kids|"
    "girlfriend|boyfriend|dog|cat|team|football",
    "at my boss|husband|wife|brother|sister|ex|neighbour|neighbor|self",
    "angry|mad|furious|annoyed at|with myself|him|her|them|my",
    "the weather|traffic|news|government|president|game|match",
)
# Something of their own went wrong, and they say so.
OWN_FAULT = (
    "i|we ..2 forgot|forget|misread|mistyped|misplaced|overlooked|spilled|dropped|misunderstood|messed",
    "i|we ..2 took|got|picked|entered|typed|chose|ordered|booked|clicked|bought|gave|wrote|made ..2 wrong|mistake",
    "i|we <be>|feel|got ..3 lost|dumb|stupid|silly|idiot|clumsy|late|hungry|tired|bored|clueless",
    "i must be ..2 mad|stupid|blind|crazy",
    "my ..1 fault|mistake|bad|error",
    "by mistake|accident",
    "accidentally",
    "silly|stupid|dumb me",
)
JOKING = ("haha|hahaha|lol|lmao|rofl|jk|hehe|hihi", "just kidding|joking", "only joking|kidding", ": )|d|p", "; )")
POLITE = (
    "please|kindly",
    "could|would you",
    "thank you",
    "thanks|cheers",
    "would like",
    "sorry",
    "excuse me",
    "i appreciate",
)

# Goes along with what was said or offered.
ACCEPTS = (
    "^ yes|yeah|yep|yup|sure|perfect|okay|ok|correct|exactly|absolutely|definitely|agreed",
    "sounds|looks ..1 good|great|fine|perfect|nice|ideal|lovely|interesting",
    "that|it|this is|will|would ..1 fine|good|great|perfect|correct|right|ideal|work|do",
    "that|it|this works ..2 $",
    "go ahead",
)
NOT_ACCEPTS = ("yes|yeah|sure|ok|okay ,? but|right|whatever|great", "not ..2", "? ?")

GROUPS: dict[str, tuple[str, ...]] = {
    "asks_person": ASKS_PERSON,
    "not_asks_person": NOT_ASKS_PERSON,
    "crisis": CRISIS,
    "not_crisis": NOT_CRISIS,
    "negated_help": NEGATED_HELP,
    "solved": SOLVED,
    "denial": DENIAL,
    "correction": CORRECTION,
    "accepts": ACCEPTS,
    "not_accepts": NOT_ACCEPTS,
    "asks_other": ASKS_OTHER,
    "turns_down": TURNS_DOWN,
    "not_turns_down": NOT_TURNS_DOWN,
    "leaving": LEAVING,
    "waiting": WAITING,
    "questioning": QUESTIONING,
    "sarcasm": SARCASM,
    "third_party": THIRD_PARTY,
    "own_fault": OWN_FAULT,
    "addressed": ADDRESSED,
    "pleading": PLEADING,
    "giving_up": GIVING_UP,
    "stakes": STAKES,
    "mildly": MILDLY,
    "joking": JOKING,
    "polite": POLITE,
    "swearing": ("<swear>",),
    "insult": ("<insult>",),
    "angry_words": ANGRY_WORDS,
    "thanks": ("<thanks>",),
    **{f"topic:{topic}": patterns for topic, patterns in TOPICS.items()},
    **{f"not_topic:{topic}": patterns for topic, patterns in NOT_TOPICS.items()},
}

# What a bot says when it did not understand, or had to say no, for logs that carry no outcome.
BOT_UNSURE = (
    "not|..2 understand|get|follow|catch that|you|it|what|your|this",
    "not sure i|what ..2 understand|understood|follow|get|mean|meant|you",
    "do not|did not|could not ..2 understand|understood|follow|catch",
    "rephrase|reword",
    "say|try|put that|it|again ..2 again|differently|words|way",
    "am only|just able|a|trained",
    "not what i can|was|am",
)
BOT_REFUSED = (
    "not able|unable to help|assist|do|answer|find|complete|process",
    "can not|could not help|assist|answer|do|find|complete|process|be ..2",
    "unfortunately",
    "sorry ..3 no|not|unable|could|can|unavailable|inform",
    "is|are|was|were not available|possible|successful",
    "<be> unavailable",
    "failed|declined|unsuccessful",
    "do not have an? answer|information",
    "<be> ..1 not|unable|able ..1 able? to book|reserve|make|schedule|find|get|access|purchase|buy|complete|place|see",
    "could|can not ..1 book|reserve|make|schedule|find|get|access|purchase|buy|place|see",
    "not go through",
    "sadly|regrettably",
    "sold out",
    "do|does|did|will not ..1 have|serve|offer|provide|allow|accept|sell",
    "<be> not|n't ..1 allowed|served|offered|refundable|included",
    "no ..2 <be> ..1 allowed|available|left|found|served",
    "<be> no ..3 available|left|found|opening|openings",
    "^ no , they|it|there|we|the|you|that ..1 <be>|do|does",
    "^ no they|it|there|we|the ..1 <be>|do|does",
    "^ no $",
    "apologize|apologise ..3 not|unable|no",
)
