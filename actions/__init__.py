"""
The shop's own actions: what it can look up and do, on top of what every bot has from :mod:`warmline.actions`.

rasa-sdk imports every module here and registers every concrete Action: nothing happens at import.
"""
