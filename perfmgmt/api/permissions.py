"""Who may hand out tokens."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

MANAGE_TOKENS = declare("api.tokens", _("Create and revoke API tokens"), Role.OWNER)
