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
    """One permission: `code` is stable, `label` says it to people, `roles` may do it.

    `leavers` marks what somebody who has left may still do for a while: read their own records.
    """

    code: str
    label: str | Promise
    roles: frozenset[Role]
    leavers: bool = False

    def __str__(self) -> str:
        return self.code


REGISTRY: dict[str, Permission] = {}


def declare(code: str, label: str | Promise, *roles: Role, leavers: bool = False) -> Permission:
    """Register and return a permission; a code is declared once. `leavers`: see `Permission`."""
    if code in REGISTRY:
        raise ValueError(f"Permission {code!r} is declared twice.")
    REGISTRY[code] = Permission(code, label, frozenset(roles), leavers)
    return REGISTRY[code]


EVERY_ROLE = tuple(Role)
SEE_WORKSPACE = declare("workspace.see", _("Open the workspace"), *EVERY_ROLE, leavers=True)
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
KEEP_SUPPRESSED = declare("mail.suppress", _("Keep the list of addresses that get no surveys"), Role.OWNER, Role.HR)
SEE_PERSON = declare(
    "people.person",
    _("Open a person's page: one's own, those of people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
    leavers=True,
)
EDIT_PEOPLE = declare(
    "people.edit", _("Add and change people, units, positions and assignments"), Role.OWNER, Role.HR
)
RECORD_ABSENCES = declare(
    "people.absences", _("Record absences of the people below, or of everybody, by role"),
    Role.OWNER, Role.HR, Role.MANAGER,
)  # fmt: skip
ARRANGE_STAND_INS = declare(
    "people.stand_ins", _("Name a stand-in for oneself, or for everybody, by role"),
    Role.OWNER, Role.HR, Role.MANAGER, Role.ASSISTANT,
)  # fmt: skip
RECORD_LEAVERS = declare(
    "people.leavers", _("Record who leaves and hand over what they leave open"), Role.OWNER, Role.HR
)
