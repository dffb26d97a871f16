"""What Warmline calls its own in a bot's domain (engine/domain/), where the engine itself has to know it. Pure."""

PREFIX = "warmline_"
ACTION_PREFIX = "action_warmline_"
RESPONSE_PREFIX = "utter_warmline_"

VERDICT = PREFIX + "verdict"
MOOD = PREFIX + "mood"
PREFACE = PREFIX + "preface"
TONE = PREFIX + "tone"
OFFER = PREFIX + "offer"
ALSO = PREFIX + "also"

ASK_PERSON = PREFIX + "ask_person"
"""The intent of the button for a person."""

HANDOFF = ACTION_PREFIX + "handoff"
OFFER_PERSON = ACTION_PREFIX + "offer_person"
UNSURE = ACTION_PREFIX + "unsure"
