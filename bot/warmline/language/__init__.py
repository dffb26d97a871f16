"""Text to features: the only user of vaderSentiment, spaCy and the sentence embedder. Functions of the text alone."""

from warmline.language.reading import bot_outcome, embed, read, use_own, warm, with_features, with_own_topics

__all__ = ["bot_outcome", "embed", "read", "use_own", "warm", "with_features", "with_own_topics"]
