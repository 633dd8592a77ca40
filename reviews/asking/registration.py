"""What asking customers hangs into the rest: the export of skips, contacts and metrics that change."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.customers import actions, erasing, merging
from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.metrics import usage as metric_usage
from perfmgmt.tenants.events import subscribe
from reviews.asking import campaign_jobs, exports, hooks, tasks, usage  # noqa: F401 - tasks for the worker
from reviews.permissions import MANAGE_SURVEYS, START_SURVEYS


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`."""
    register_job(JobKind(exports.SKIPS, _("Export of who was not asked"), exports.export_skips, MANAGE_SURVEYS))
    register_job(
        JobKind(campaign_jobs.RUN, _("Choosing the customers of a campaign"), campaign_jobs.run, MANAGE_SURVEYS,
                against_retry=campaign_jobs.against_retry, retried=campaign_jobs.retried,
                result_template=campaign_jobs.RESULT)
    )  # fmt: skip
    actions.register(actions.ContactAction("start_survey", _("Ask with a survey"), "message-question", START_SURVEYS))
    metric_usage.register("reviews.asking", usage.uses_of)
    subscribe("customers.consent_changed", hooks.on_consent_changed)
    merging.register(hooks.on_merged)
    erasing.register(hooks.on_erased)
