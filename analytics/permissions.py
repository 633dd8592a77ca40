"""Who sees which home, and which of its parts."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import SEE_PERSON, SEE_WORKSPACE, declare
from perfmgmt.people.roles import Role

SEE_HOME = SEE_WORKSPACE
SEE_OWN_PLACE = declare(
    "home.place", _("See one's own place in the ranking of the team"), Role.ASSISTANT, leavers=True
)
SEE_DATA_STATE = declare(
    "data.state", _("See how fresh and complete the data are"), Role.OWNER, Role.HR, Role.AUDITOR
)
SET_UP = declare("workspace.set_up", _("See the set-up checklist and add the template pack"), Role.OWNER, Role.HR)
__all__ = ["SEE_DATA_STATE", "SEE_HOME", "SEE_OWN_PLACE", "SEE_PERSON", "SET_UP"]
