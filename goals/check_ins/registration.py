"""What check-ins hang into the rest: navigation, jobs, notifications, a person's tab and timeline, handover."""

from django.utils.translation import gettext_lazy as _

from goals.check_ins import exports, handover, notices, timeline
from goals.permissions import CHECK_IN, FOLLOW_CHECK_INS, MANAGE_GOALS, SEE_CHECK_INS
from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.notify import notifications
from perfmgmt.people import handover as handovers
from perfmgmt.people.records import timeline as timelines
from perfmgmt.people.tabs import PersonTab
from perfmgmt.people.tabs import register as register_tab
from perfmgmt.web.navigation import NavItem, register


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`."""
    register(NavItem("check_in", _("My check-in"), "calendar-check", CHECK_IN, group="goals", order=22))
    register(NavItem("check_ins", _("Check-ins"), "calendar-user", FOLLOW_CHECK_INS, group="goals", order=22))
    register(NavItem("goal_rules", _("Rules of goals"), "adjustments", MANAGE_GOALS, group="admin", order=45))
    register_job(JobKind(exports.EXPORT, _("Export of check-ins"), exports.export, FOLLOW_CHECK_INS))
    notifications.register(*notices.KINDS)
    register_tab(PersonTab("person_check_ins", _("Check-ins"), SEE_CHECK_INS, order=35))
    timelines.register(timeline.events)
    handovers.register(handover.KIND)
