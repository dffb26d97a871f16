"""A client of the bridge in Python: what to keep, to send again, to ask for anew. The terminal commands stand on it."""
