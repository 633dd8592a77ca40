"""What may be done with a workspace's settings."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_SETTINGS = declare("settings.see", _("See the workspace's settings"), Role.OWNER, Role.HR, Role.AUDITOR)
EDIT_SETTINGS = declare("settings.edit", _("Change the workspace's settings and calendar"), Role.OWNER, Role.HR)
SEE_CALENDAR = declare("calendar.see", _("See the working calendar"), *Role)
