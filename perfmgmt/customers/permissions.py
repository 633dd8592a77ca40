"""What may be done with customers.

Assistants read only: who could change an address or a consent could choose who answers about them.
"""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_CUSTOMERS = declare(
    "customers.see",
    _("See customers and their contacts: one's own, those of people below, or all, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
)
EDIT_CUSTOMERS = declare(
    "customers.edit",
    _("Change customers and contacts and record consents: those of people below, or all, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
)
MANAGE_CUSTOMERS = declare(
    "customers.manage",
    _("Add customers, say who owns them, import and merge contacts, erase a contact"),
    Role.OWNER,
    Role.HR,
)
