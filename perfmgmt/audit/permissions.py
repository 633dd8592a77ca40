"""Who may read the audit trail. Nobody may change it."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_AUDIT = declare("audit.see", _("Read the audit trail"), Role.OWNER, Role.HR, Role.AUDITOR)
