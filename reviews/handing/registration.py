"""What handing links over hangs into the rest: the page in the navigation and the export."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.web.navigation import NavItem, register
from reviews.handing import exports
from reviews.permissions import MANAGE_SURVEYS


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`."""
    register(NavItem("survey_links", _("Links to hand over"), "link", MANAGE_SURVEYS, group="customers", order=41))
    register_job(JobKind(exports.EXPORT, _("Export of links to hand over"), exports.export_links, MANAGE_SURVEYS))
