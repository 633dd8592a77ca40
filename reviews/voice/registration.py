"""What results of surveys hang into the rest: navigation, exports, the tally that follows assignments and erasing."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.customers import erasing
from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.tenants.events import subscribe
from perfmgmt.web.navigation import NavItem, register
from reviews.permissions import SEE_SURVEY_RESULTS, SEE_WORDS, TAG_WORDS
from reviews.voice import exports, rebuilding, tally


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`."""
    register(
        NavItem(
            "survey_voice",
            _("What customers say"),
            "messages",
            SEE_SURVEY_RESULTS,
            group="customers",
            order=39,
            pages=("survey_results", "survey_words"),
        )
    )
    register_job(JobKind(exports.RESULTS, _("Export of survey results"), exports.export_results, SEE_SURVEY_RESULTS))
    register_job(JobKind(exports.WORDS, _("Export of customers' words"), exports.export_words, SEE_WORDS))
    register_job(JobKind(exports.THEMES, _("Export of themes"), exports.export_themes, TAG_WORDS))
    subscribe("people.assignments_changed", tally.on_assignments_changed)
    erasing.register(tally.forget_words)
    subscribe("metrics.rebuilt", rebuilding.on_rebuilt)
    subscribe("metrics.rebuild_checked", rebuilding.on_rebuild_checked)
