"""Who sees which home."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import SEE_PERSON, SEE_WORKSPACE, declare
from perfmgmt.people.roles import Role

SEE_HOME = SEE_WORKSPACE
SEE_OWN_PLACE = declare(
    "home.place", _("See one's own place in the ranking of the team"), Role.ASSISTANT, leavers=True
)
__all__ = ["SEE_HOME", "SEE_OWN_PLACE", "SEE_PERSON"]
