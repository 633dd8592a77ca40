"""What may be done with jobs."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_JOBS = declare("jobs.see", _("See long-running work and its results"), Role.OWNER, Role.HR, Role.AUDITOR)
CANCEL_JOBS = declare("jobs.cancel", _("Cancel long-running work"), Role.OWNER, Role.HR)
