"""What a form says to a text that is no number."""

from django.utils.translation import gettext as _

from goals.smart.typed import BadNumber, TooSmall


def said(error: BadNumber) -> str:
    """Return the sentence for the reader, in the active language."""
    if isinstance(error, TooSmall):
        return _("This number is too small: four decimals are kept, and it would become 0.")
    return _("This is not a number.")
