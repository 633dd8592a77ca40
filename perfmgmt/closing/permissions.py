"""What may be done with locked periods."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_PERIODS = declare(
    "periods.see",
    _("See which periods are locked, and late changes"),
    Role.OWNER,
    Role.HR,
    Role.AUDITOR,
    Role.PAYROLL,
)
LOCK_PERIODS = declare("periods.lock", _("Lock periods and take late changes in"), Role.OWNER, Role.HR)
