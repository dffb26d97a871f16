"""
What every bot's actions need: the mood action on every turn, the handoff, forms that count wrong answers, clarifying,
repeat, stop, the offer of a person. Thin: they read the tracker, call warmline.core and warmline.language, and return
events.

rasa-sdk imports every module here and registers every concrete Action: nothing happens at import.
"""
