"""What goes wrong with teaching."""

from warmline.core.errors import WarmlineError


class TeachingError(WarmlineError):
    """What was to be taught, or has been, cannot be: *text* says why, and nothing was changed."""

    code = "teaching"
