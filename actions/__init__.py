"""
Custom actions, thin: they read the tracker, call bot.core, bot.language or bot.backend, and return events.

rasa-sdk imports every module here and registers every concrete Action: nothing happens at import.
"""
