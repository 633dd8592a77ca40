"""The typed permission registry: one line per thing that may be done, with the roles that may do it.

Apps declare theirs with `declare` in their own `permissions.py`; views name one of them. `ROLE_MATRIX` in the
tests runs every page against every role.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.roles import Role


@dataclass(frozen=True)
class Permission:
    """One permission: `code` is stable, `label` says it to people, `roles` may do it."""

    code: str
    label: str | Promise
    roles: frozenset[Role]

    def __str__(self) -> str:
        return self.code


REGISTRY: dict[str, Permission] = {}


def declare(code: str, label: str | Promise, *roles: Role) -> Permission:
    """Register and return a permission; a code is declared once."""
    if code in REGISTRY:
        raise ValueError(f"Permission {code!r} is declared twice.")
    REGISTRY[code] = Permission(code, label, frozenset(roles))
    return REGISTRY[code]


EVERY_ROLE = tuple(Role)
SEE_WORKSPACE = declare("workspace.see", _("Open the workspace"), *EVERY_ROLE)
SEE_PEOPLE = declare(
    "people.see",
    _("See people and their units"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
)
IMPORT_PEOPLE = declare("people.import", _("Import people"), Role.OWNER, Role.HR)
SEE_MEMBERS = declare("members.see", _("See who has access, and open invitations"), Role.OWNER, Role.HR, Role.AUDITOR)
INVITE = declare("members.invite", _("Invite people"), Role.OWNER, Role.HR)
MANAGE_MEMBERS = declare("members.manage", _("Give and take roles, remove members"), Role.OWNER)
SEE_MAIL = declare("mail.see", _("See the mail that was sent"), Role.OWNER, Role.HR, Role.AUDITOR)
SEND_MAIL_AGAIN = declare("mail.retry", _("Send mail again that failed"), Role.OWNER, Role.HR)
