"""What may be done with metrics and facts."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_METRICS = declare("metrics.see", _("See the metric library"), *Role)
EDIT_METRICS = declare("metrics.edit", _("Add, change and archive metrics"), Role.OWNER, Role.HR)
SEE_FACTS = declare(
    "facts.see",
    _("See facts: one's own, those of people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
    leavers=True,
)
IMPORT_FACTS = declare("facts.import", _("Import facts"), Role.OWNER, Role.HR)

SEE_FORECASTS = declare(
    "forecasts.see",
    _("See what people may be expected to reach: oneself, those below, or everybody, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
)
SEE_MARKET = declare("market.see", _("See the market index"), *Role)
EDIT_MARKET = declare("market.edit", _("Keep the market index, and prepare forecasts anew"), Role.OWNER, Role.HR)
