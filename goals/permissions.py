"""What may be done with targets."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_TARGETS = declare(
    "targets.see",
    _("See targets: one's own, those of people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
    leavers=True,
)
SET_TARGETS = declare(
    "targets.set", _("Set targets of the people below, or of everybody, by role"), Role.OWNER, Role.HR, Role.MANAGER
)
