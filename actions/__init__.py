"""
Custom actions, thin: they read the tracker, call warmline.core, bot.language or actions.backend, and return events.

rasa-sdk imports every module here and registers every concrete Action: nothing happens at import.
"""
