"""What Rasa loads, on Python 3.10, in its own environment. `commands` alone is for the other side: it imports no Rasa."""
