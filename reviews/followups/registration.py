"""What follow-ups hang into the rest: navigation, export, notifications, handover, mail, contacts that change."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.customers import erasing
from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.notify import fates, notifications
from perfmgmt.people import handover as handovers
from perfmgmt.tenants.events import subscribe
from perfmgmt.web.navigation import NavItem, register
from reviews.followups import exports, handover, notices, tasks, telling  # noqa: F401 - tasks for the worker
from reviews.permissions import SEE_FOLLOW_UPS


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`, before what unlinks erased contacts."""
    register(NavItem("follow_ups", _("Follow-ups"), "flag", SEE_FOLLOW_UPS, group="customers", order=39))
    register_job(JobKind(exports.EXPORT, _("Export of follow-ups"), exports.export_follow_ups, SEE_FOLLOW_UPS))
    notifications.register(*notices.KINDS)
    handovers.register(handover.KIND)
    fates.register(telling.KIND, telling.held_back)
    subscribe("customers.consent_changed", telling.on_consent_changed)
    erasing.register(telling.forget)
