"""What Rasa loads, on Python 3.10. `commands` is for the other side and imports no Rasa."""
