"""What calibration hangs into the rest: navigation and exports."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.notify import notifications
from perfmgmt.web.navigation import NavItem, register
from reviews.calibration import comparison_exports, exports, notices
from reviews.permissions import CALIBRATE, COMPARE_RESULTS


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`."""
    register(
        NavItem("calibrations", _("Calibration"), "adjustments-horizontal", CALIBRATE, group="reviews", order=34)
    )
    notifications.register(*notices.KINDS)
    register(
        NavItem("comparison", _("Compare results"), "chart-histogram", COMPARE_RESULTS, group="reviews", order=36)
    )
    register_job(JobKind(exports.EXPORT, _("Export of a calibration"), exports.export_calibration, CALIBRATE))
    register_job(
        JobKind(
            comparison_exports.EXPORT, _("Export of the comparison of results"),
            comparison_exports.export_comparison, COMPARE_RESULTS,
        )
    )  # fmt: skip
