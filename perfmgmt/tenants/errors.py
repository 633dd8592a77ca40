"""The one family of errors that a user may see.

A domain error carries a stable `code` for programs and a translatable message for people. Pages turn it into
a page (`perfmgmt.web.middleware`), commands into one line, jobs into their result.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Something the user can understand and mend.

    `code` names the case, `message` is a lazy translation with `{placeholders}`, `params` fill them, `status` is
    the HTTP status a page answers with.
    """

    code = "invalid"
    status = 400
    message: str | Promise = _("That did not work. Check what you entered and try again.")

    def __init__(self, message: str | Promise | None = None, *, code: str | None = None, **params: Any) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message).format(**self.params) if self.params else str(self.message)


class NotAllowed(DomainError):
    """The viewer's roles do not permit this."""

    code = "not_allowed"
    status = 403
    message = _("You don't have permission to do this. Ask an owner of the workspace.")


class NotFound(DomainError):
    """It does not exist, or not for this viewer: both look the same from outside."""

    code = "not_found"
    status = 404
    message = _("We can't find that here. It may have been removed, or it belongs to another workspace.")


class Conflict(DomainError):
    """Somebody else changed it first, or it is already there."""

    code = "conflict"
    status = 409
    message = _("Someone changed this at the same time. Reload the page and try again.")
