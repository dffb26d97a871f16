"""Teaching the assistant: what it has been taught, what is wrong with that, and how more is added without harm."""
