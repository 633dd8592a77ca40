"""What may be done with jobs."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_JOBS = declare("jobs.see", _("See and cancel one's own long-running work"), *Role)
SEE_ALL_JOBS = declare("jobs.see_all", _("See everybody's long-running work"), Role.OWNER, Role.HR, Role.AUDITOR)
CANCEL_ALL_JOBS = declare("jobs.cancel_all", _("Cancel everybody's long-running work"), Role.OWNER, Role.HR)
