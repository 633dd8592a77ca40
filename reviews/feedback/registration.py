"""What feedback hangs into the rest: navigation, exports, notifications, the head of a person's page."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.notify import notifications
from perfmgmt.people import actions
from perfmgmt.web.navigation import NavItem, register
from reviews.feedback import evidence, exports, notices
from reviews.feedback.requested import exports as requested
from reviews.feedback.requested import notices as requested_notices
from reviews.permissions import GIVE_FEEDBACK, MANAGE_FEEDBACK, SEE_FEEDBACK


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`."""
    register(NavItem("feedback", _("Feedback"), "message-heart", SEE_FEEDBACK, order=45))
    register_job(JobKind(exports.EXPORT, _("Export of feedback"), exports.export_feedback, SEE_FEEDBACK))
    register_job(JobKind(exports.VALUES, _("Export of the company's values"), exports.export_values, MANAGE_FEEDBACK))
    register_job(
        JobKind(requested.REQUESTS, _("Export of requests for feedback"), requested.export_requests, SEE_FEEDBACK)
    )
    register_job(
        JobKind(requested.ASKS, _("Export of what colleagues asked of me"), requested.export_asks, SEE_FEEDBACK)
    )
    actions.register(actions.PersonAction("give_feedback", _("Give feedback"), "message-heart", GIVE_FEEDBACK))
    actions.register(actions.PersonAction("ask_for_feedback", _("Ask colleagues"), "message-question", GIVE_FEEDBACK))
    evidence.install()
    notifications.register(*notices.KINDS, *requested_notices.KINDS)
