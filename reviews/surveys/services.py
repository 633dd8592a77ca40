"""Writes of surveys: the survey, its draft as a whole, publishing, closing, archiving, copies."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import Conflict, NotFound
from perfmgmt.tenants.events import publish as announce
from reviews.models import (
    Survey,
    SurveyPurpose,
    SurveyQuestion,
    SurveyState,
    SurveyVersion,
    SurveyVersionState,
)
from reviews.surveys.checks import BadSurvey, check_draft, problems
from reviews.surveys.content import SurveyDraft, content_of, question_columns, stamp, version_columns

#: Published in the transaction in which a survey is opened, gets a new version, is closed or archived (survey_id).
CHANGED = "reviews.surveys_changed"
#: Which state may follow which; PUBLISHED_ONLY needs a published version.
STEPS: dict[str, tuple[str, ...]] = {
    SurveyState.DRAFT: (SurveyState.ARCHIVED,),
    SurveyState.OPEN: (SurveyState.CLOSED,),
    SurveyState.CLOSED: (SurveyState.OPEN, SurveyState.ARCHIVED),
    SurveyState.ARCHIVED: (SurveyState.CLOSED, SurveyState.DRAFT),
}


@dataclass(frozen=True)
class SurveySettings:
    """What a survey is called, what its answers are for, where replies go, whether links are handed over."""

    name_zh: str
    name_en: str
    purpose: str = SurveyPurpose.SCORED
    reply_to: str = ""
    by_link: bool = False


@transaction.atomic
def create_survey(settings: SurveySettings, content: SurveyDraft | None = None) -> Survey:
    """Make a survey with a first draft, empty or with `content`. Raises BadSurvey for what can't be kept."""
    if not (settings.name_zh or settings.name_en):
        raise BadSurvey(_("Give the survey a name in one of the languages."), code="name")
    found = Survey.objects.create(**asdict(settings))
    version = SurveyVersion.objects.create(survey=found, number=1)
    if content is not None:
        check_draft(content)
        _write(version, content)
    return found


@transaction.atomic
def edit_survey(survey_id: int, settings: SurveySettings) -> Survey:
    """Change what a survey is called and where replies go; its purpose only while nothing of it is published.

    Raises NotFound, BadSurvey.
    """
    found = _locked(survey_id)
    if not (settings.name_zh or settings.name_en):
        raise BadSurvey(_("Give the survey a name in one of the languages."), code="name")
    if found.purpose != settings.purpose and found.versions.exclude(state=SurveyVersionState.DRAFT).exists():
        raise BadSurvey(
            _("Customers were told what their answers are for, so the purpose stays. Make a copy for another one."),
            code="purpose",
        )
    _set(found, asdict(settings))
    return found


@transaction.atomic
def copy_survey(survey_id: int, settings: SurveySettings) -> Survey:
    """Make a survey with the content of another one's newest version. Raises NotFound, BadSurvey."""
    source = _locked(survey_id)
    newest = source.versions.order_by("-number").first()
    return create_survey(settings, replace(content_of(newest), note="") if newest is not None else None)


@transaction.atomic
def start_draft(survey_id: int) -> SurveyVersion:
    """Return the survey's draft; without one, make it from the newest version.

    Raises NotFound, Conflict for an archived one.
    """
    survey = _locked(survey_id)
    versions = list(survey.versions.order_by("-number"))
    if versions and versions[0].is_draft:
        return versions[0]
    if survey.state == SurveyState.ARCHIVED:
        raise Conflict(_("This survey is archived. Bring it back first."))
    made = SurveyVersion.objects.create(survey=survey, number=versions[0].number + 1 if versions else 1)
    if versions:
        _write(made, replace(content_of(versions[0]), note=""))
    return made


@transaction.atomic
def save_draft(version_id: int, draft: SurveyDraft, *, seen: str) -> SurveyVersion:
    """Make a draft say what `draft` says, as a whole. `seen` is `stamp` of what the page showed.

    Raises NotFound, BadSurvey for what can't be kept or a version that is published, Conflict when somebody changed
    it meanwhile.
    """
    version = _draft(version_id, seen)
    check_draft(draft)
    _write(version, draft)
    return version


@transaction.atomic
def discard_draft(version_id: int, *, seen: str) -> int:
    """Throw a draft away; a survey without any version goes with it. Return the survey's id.

    Raises as `save_draft`.
    """
    version = _draft(version_id, seen)
    survey_id = version.survey_id
    version.delete()
    if not SurveyVersion.objects.filter(survey_id=survey_id).exists():
        Survey.objects.filter(pk=survey_id).delete()
    return survey_id


@transaction.atomic
def publish(version_id: int, *, seen: str, user_id: int | None) -> SurveyVersion:
    """Publish a draft: it replaces the version before, never changes any more, and opens a survey that was a draft.

    Raises NotFound, Conflict (changed meanwhile, archived), BadSurvey for the first of `problems`.
    """
    version = _draft(version_id, seen)
    survey = version.survey
    if survey.state == SurveyState.ARCHIVED:
        raise Conflict(_("This survey is archived. Bring it back first."))
    draft = content_of(version)
    check_draft(draft)
    found = problems(draft)
    if found:
        raise BadSurvey(_("It can't be published yet: {problem}"), code=found[0].code, problem=found[0].text)
    for before in survey.versions.select_for_update().filter(state=SurveyVersionState.PUBLISHED):
        _set(before, {"state": SurveyVersionState.RETIRED})
    _set(version, {"state": SurveyVersionState.PUBLISHED, "published_at": timezone.now(),
                   "published_by_id": user_id})  # fmt: skip
    if survey.state == SurveyState.DRAFT:
        _set(survey, {"state": SurveyState.OPEN})
    announce(CHANGED, survey_id=survey.pk)
    return version


@transaction.atomic
def set_state(survey_id: int, state: str) -> Survey:
    """Close a survey, open it again, archive it or bring it back. The same state again changes nothing.

    Raises NotFound, Conflict for a step that isn't there.
    """
    survey = _locked(survey_id)
    if survey.state == state:
        return survey
    published = survey.versions.filter(state=SurveyVersionState.PUBLISHED).exists()
    # What was published once is never a draft again; what never was can't be open or closed.
    is_possible = state == SurveyState.ARCHIVED or published != (state == SurveyState.DRAFT)
    if state not in STEPS[survey.state] or not is_possible:
        raise Conflict
    _set(survey, {"state": state})
    announce(CHANGED, survey_id=survey.pk)
    return survey


def _locked(survey_id: int) -> Survey:
    found = Survey.objects.select_for_update().filter(pk=survey_id).first()
    if found is None:
        raise NotFound
    return found


def _draft(version_id: int, seen: str) -> SurveyVersion:
    """Return a draft, its survey locked first; Conflict when it doesn't say what the page showed."""
    survey_id = SurveyVersion.objects.filter(pk=version_id).values_list("survey_id", flat=True).first()
    if survey_id is None:
        raise NotFound
    survey = _locked(survey_id)
    version = SurveyVersion.objects.select_for_update().filter(pk=version_id).first()
    if version is None:
        raise NotFound
    version.survey = survey
    if not version.is_draft:
        raise BadSurvey(_("This version is published and never changes. Begin a new version."), code="published")
    if stamp(content_of(version)) != seen:
        raise Conflict(_("Someone changed this survey at the same time. Your changes are not saved."))
    return version


def _write(version: SurveyVersion, draft: SurveyDraft) -> None:
    """Make the rows what the draft says, question by question; a row that says so already stays untouched."""
    _set(version, version_columns(draft))
    rows = {row.key: row for row in version.questions.all()}
    gone = rows.keys() - {one.key for one in draft.questions}
    if gone:
        version.questions.filter(key__in=gone).delete()
    for place, one in enumerate(draft.questions, 1):
        values = {**question_columns(one), "place": place}
        row = rows.get(one.key)
        if row is None:
            SurveyQuestion.objects.create(version=version, **values)
        else:
            _set(row, values)


def _set(row: Any, values: dict[str, Any]) -> None:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
