"""What cycles hang into the rest: navigation, jobs, notifications, handover, events."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.audit import own
from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.notify import notifications
from perfmgmt.people import handover as handovers
from perfmgmt.tenants.events import subscribe
from perfmgmt.web.navigation import NavItem, register
from reviews.cycles import changes, exports, handover, launching, notices
from reviews.permissions import FOLLOW_CYCLES, MANAGE_CYCLES

_MINE = "SELECT p.id FROM reviews_participant p WHERE p.tenant_id = %(tenant)s AND p.employee_id = %(own)s"


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`."""
    register(NavItem("cycles", _("Review cycles"), "rotate-clockwise", FOLLOW_CYCLES, group="reviews", order=31))
    register_job(
        JobKind(
            launching.LAUNCH, _("Launch of a review cycle"), launching.run, MANAGE_CYCLES, launching.against_retry,
            launching.retried, result_template=launching.RESULT,
        )
    )  # fmt: skip
    register_job(JobKind(exports.BOARD, _("Export of a review cycle"), exports.export_board, FOLLOW_CYCLES))
    register_job(JobKind(exports.CYCLES, _("Export of review cycles"), exports.export_cycles, FOLLOW_CYCLES))
    notifications.register(*notices.KINDS)
    handovers.register(handover.KIND)
    subscribe("people.assignments_changed", changes.on_assignments_changed)
    # Who reviews oneself, how far they are and what calibration did is no more in the trail than on any other page.
    own.register("reviews.Participant", "t.employee_id = %(own)s")
    own.register("reviews.Rater", f"t.participant_id IN ({_MINE})")
    own.register("reviews.CalibrationMove", f"t.participant_id IN ({_MINE})")
