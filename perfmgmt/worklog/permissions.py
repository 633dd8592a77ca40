"""What may be done with the work log."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_LOG = declare(
    "worklog.see",
    _("See work logs: one's own, those of people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
)
WRITE_LOG = declare("worklog.write", _("Keep one's own work log"), Role.ASSISTANT)
APPROVE_LOG = declare(
    "worklog.approve", _("Approve entries of the people below, or of everybody, by role"), Role.OWNER, Role.HR,
    Role.MANAGER,
)  # fmt: skip
SEE_APPROVALS = declare(
    "worklog.see_approvals", _("See which entries wait for approval"), Role.OWNER, Role.HR, Role.MANAGER, Role.AUDITOR
)
