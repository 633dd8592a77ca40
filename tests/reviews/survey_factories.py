"""Surveys for tests: drafts as values, and published ones as rows."""

from dataclasses import replace
from typing import Any

from reviews.models import Survey, SurveyVersion
from reviews.surveys import services
from reviews.surveys.content import Both, Occasion, QuestionDraft, Rated, SurveyDraft, content_of, stamp
from reviews.surveys.pack import content, pack
from reviews.surveys.services import SurveySettings

ORDERS, NPS, EFFORT = 0, 1, 2


def ready(which: int = ORDERS, **changes: Any) -> SurveyDraft:
    """What one of the ready surveys says, with changes."""
    return replace(content(pack()[which]), **changes)


def with_question(draft: SurveyDraft, key: str, **changes: Any) -> SurveyDraft:
    """The draft with one of its questions changed."""
    asks = tuple(replace(one, **changes) if one.key == key else one for one in draft.questions)
    return replace(draft, questions=asks)


def scale(key: str = "q1", kind: str = "csat", **changes: Any) -> QuestionDraft:
    """A question with a scale, whole in both languages."""
    return replace(QuestionDraft(key, kind, Both("问", "Ask"), Both("低", "low"), Both("高", "high")), **changes)


def draft(name: str = "Orders", said: SurveyDraft | None = None, purpose: str = "scored") -> SurveyVersion:
    """A survey with a draft; needs an open scope."""
    made = services.create_survey(SurveySettings(f"{name}调查", name, purpose), said or ready())
    return made.versions.select_related("survey").get()


def published(name: str = "Orders", said: SurveyDraft | None = None) -> SurveyVersion:
    """A survey with a published version; needs an open scope."""
    version = draft(name, said)
    return services.publish(version.pk, seen=seen(version), user_id=None)


def seen(version: SurveyVersion) -> str:
    """The mark of what a version says."""
    return stamp(content_of(version))


def survey_of(version: SurveyVersion) -> Survey:
    """A version's survey as it is stored now."""
    return Survey.objects.get(pk=version.survey_id)


def occasion(**changes: Any) -> Occasion:
    """An order of a company."""
    return Occasion("Acme", "scored", replace(Rated("order", "SO-1", None, "Ann Lee"), **changes))
