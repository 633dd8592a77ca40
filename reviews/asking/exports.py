"""Who was passed over as a file, made by a job with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.web import formats
from reviews.asking import selectors
from reviews.models import SurveySkip
from reviews.permissions import MANAGE_SURVEYS
from reviews.surveys.selectors import survey_of

SKIPS = "surveys.export_skips"


def export_skips(context: JobContext) -> dict[str, Any]:
    """Write each skip of the report with its reason (params: survey_id, query, language).

    For who manages surveys only: whom the list leaves out was chosen.
    """
    with override(context.params["language"]):
        viewer, workspace = asker(context, MANAGE_SURVEYS)
        survey = survey_of(context.params["survey_id"], viewer=viewer)
        header = [_t("Day"), _t("Reason"), _t("Customer"), _t("Employee number"), _t("Employee"), _t("Asked by"),
                  _t("Decided at")]  # fmt: skip
        found = selectors.skips(survey, selectors.read(context.params["query"]))
        name = f"survey-skips-{workspace.today()}.csv"
        return write_csv(context, name, header, _rows(found.iterator(2000), workspace.time_zone), total=found.count())


def _rows(skips: Iterator[SurveySkip], time_zone: str) -> Iterator[list[Any]]:
    for one in skips:
        by = one.trigger.metric.name if one.trigger else (one.campaign.name if one.campaign else "")
        who = (one.employee.number, one.employee.name) if one.employee else ("", "")
        yield [one.day, one.get_reason_display(), one.customer, *who, by, formats.moment(one.at, time_zone)]
