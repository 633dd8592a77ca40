"""Surveys that are sent after the facts of a metric."""

from django.utils.translation import gettext as _

from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.usage import Use
from reviews.models import SurveyTrigger


def uses_of(metric: Metric) -> list[Use]:
    """Return the surveys that ask after a metric; while one is on, the metric can't be archived."""
    found = SurveyTrigger.objects.filter(metric=metric).select_related("survey")
    return [
        Use(_("The survey “{name}” asks after it").format(name=one.survey.name), "survey_asking", (one.survey_id,),
            blocks=one.is_on)
        for one in found
    ]  # fmt: skip
