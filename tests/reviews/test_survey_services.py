"""Surveys are drafted, published, replaced, closed, archived, copied; what is published never changes."""

import io
from dataclasses import replace

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction
from PIL import Image

from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.removal import remove_workspace
from reviews.models import Survey, SurveyQuestion, SurveyVersion
from reviews.surveys import logos, services
from reviews.surveys.checks import BadSurvey
from reviews.surveys.content import Both, content_of, stamp
from reviews.surveys.pack import install_pack
from reviews.surveys.services import SurveySettings
from tests.factories import Company
from tests.reviews.survey_factories import draft, published, ready, scale, seen, survey_of, with_question


def test_a_draft_is_saved_as_a_whole(acme: Company) -> None:
    version = draft()
    wanted = with_question(ready(), "comment", required=True)
    wanted = replace(wanted, questions=(wanted.questions[2], wanted.questions[0], scale("new")), note="Better")
    services.save_draft(version.pk, wanted, seen=seen(version))
    version.refresh_from_db()
    assert stamp(content_of(version)) == stamp(wanted)


def test_a_stale_page_saves_nothing(acme: Company) -> None:
    version = draft()
    before = seen(version)
    services.save_draft(version.pk, ready(note="first"), seen=before)
    with pytest.raises(Conflict):
        services.save_draft(version.pk, ready(note="second"), seen=before)
    with pytest.raises(Conflict):
        services.publish(version.pk, seen=before, user_id=None)
    with pytest.raises(Conflict):
        services.discard_draft(version.pk, seen=before)
    version.refresh_from_db()
    assert version.note == "first"


def test_publishing_opens_the_survey_and_replaces_the_version_before(acme: Company) -> None:
    first = published()
    assert survey_of(first).state == "open"
    second = services.start_draft(first.survey_id)
    assert second.number == 2 and stamp(content_of(second)) == seen(first)
    assert services.start_draft(first.survey_id).pk == second.pk
    services.publish(second.pk, seen=seen(second), user_id=acme.users["hr"].pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, second.published_by_id) == ("retired", "published", acme.users["hr"].pk)


def test_publishing_is_refused_with_the_first_problem(acme: Company) -> None:
    version = draft(said=ready(reader=Both()))
    with pytest.raises(BadSurvey) as refused:
        services.publish(version.pk, seen=seen(version), user_id=None)
    assert refused.value.code == "missing"
    assert survey_of(version).state == "draft"


def test_what_is_published_never_changes(acme: Company) -> None:
    version = published()
    with pytest.raises(BadSurvey):
        services.save_draft(version.pk, ready(note="other"), seen=seen(version))
    question = SurveyQuestion.objects.filter(version=version).earliest("place")
    refused = [
        lambda: SurveyVersion.objects.filter(pk=version.pk).update(subject_en="Other"),
        lambda: SurveyVersion.objects.filter(pk=version.pk).update(state="draft", published_at=None),
        lambda: SurveyVersion.objects.filter(pk=version.pk).delete(),
        lambda: SurveyQuestion.objects.filter(pk=question.pk).update(text_en="Other"),
        lambda: SurveyQuestion.objects.filter(pk=question.pk).delete(),
        lambda: SurveyQuestion.objects.create(version=version, place=9, key="more", kind="text"),
    ]
    for write in refused:
        with pytest.raises(DatabaseError, match="never"), transaction.atomic():
            write()
    # It forgets who published it when the sign-in goes, and is replaced by the next one.
    SurveyVersion.objects.filter(pk=version.pk).update(published_by=None)
    SurveyVersion.objects.filter(pk=version.pk).update(state="retired")
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        SurveyVersion.objects.filter(pk=version.pk).update(state="published")


def test_a_question_cant_move_into_a_published_version(acme: Company) -> None:
    version, other = published(), draft("Other")
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        SurveyQuestion.objects.filter(version=other, key="comment").update(version=version, key="x", place=9)


def test_states_follow_one_another(acme: Company) -> None:
    version = published()
    survey = version.survey_id
    for state in ("closed", "open", "closed", "archived", "closed", "closed", "archived"):
        assert services.set_state(survey, state).state == state
    for state in ("open", "draft", "nonsense", ""):
        with pytest.raises(Conflict):
            services.set_state(survey, state)
    with pytest.raises(Conflict):
        services.start_draft(survey)
    never = draft("Never")
    services.set_state(never.survey_id, "archived")
    with pytest.raises(Conflict):
        services.set_state(never.survey_id, "closed")
    with pytest.raises(Conflict):
        services.publish(never.pk, seen=seen(never), user_id=None)
    assert services.set_state(never.survey_id, "draft").state == "draft"
    with pytest.raises(NotFound):
        services.set_state(2**40, "open")


def test_settings_copies_and_discarded_drafts(acme: Company) -> None:
    version = published()
    with pytest.raises(BadSurvey) as refused:
        services.edit_survey(version.survey_id, SurveySettings("名", "", "development"))
    assert refused.value.code == "purpose"
    with pytest.raises(BadSurvey):
        services.edit_survey(version.survey_id, SurveySettings("", ""))
    services.edit_survey(version.survey_id, SurveySettings("名", "", "scored", "care@acme.example"))
    assert survey_of(version).reply_to == "care@acme.example"
    copy = services.copy_survey(version.survey_id, SurveySettings("", "Copy", "development")).versions.get()
    assert stamp(content_of(copy)) == seen(version) and copy.number == 1 and copy.is_draft
    services.discard_draft(copy.pk, seen=seen(copy))
    assert not Survey.objects.filter(name_en="Copy").exists()
    second = services.start_draft(version.survey_id)
    services.discard_draft(second.pk, seen=seen(second))
    assert Survey.objects.filter(pk=version.survey_id).exists()


def test_the_ready_surveys_come_once(acme: Company) -> None:
    assert len(install_pack()) == 3
    assert install_pack() == []


def test_a_workspace_with_published_surveys_can_be_removed(company: Company) -> None:
    with company.scope():
        published()
    remove_workspace(company.tenant)


def picture(size: tuple[int, int] = (800, 300), form: str = "PNG", mode: str = "RGBA") -> ContentFile:
    """A picture that does not shrink well: noise."""
    kept = io.BytesIO()
    Image.effect_noise(size, 90).convert(mode).save(kept, form)
    return ContentFile(kept.getvalue())


@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGB"), ("PNG", "P")])
def test_logos_are_written_anew_and_small(form: str, mode: str) -> None:
    file = picture(form=form, mode=mode)
    data = logos.encoded(file, file.size)
    with Image.open(io.BytesIO(data)) as kept:
        assert kept.format == "PNG" and kept.width <= logos.WIDE and kept.height <= logos.HIGH
    assert len(data) <= logos.KEPT_BYTES


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + b"\0" * 40, b"\x89PNG\r\n\x1a\n" + b"\0" * 60,
     picture().read()[:900], b"x" * (logos.MOST_BYTES + 1)],
)  # fmt: skip
def test_what_is_no_logo_is_refused(content: bytes) -> None:
    with pytest.raises(DomainError):
        logos.encoded(ContentFile(content), len(content))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    kept = io.BytesIO()
    Image.new("1", (9000, 9000)).save(kept, "PNG", optimize=True)
    with pytest.raises(DomainError):
        logos.encoded(kept, kept.tell())


def test_a_logo_is_stored_once_and_read_again(acme: Company) -> None:
    file = picture()
    data = logos.encoded(file, file.size)
    assert logos.keep(data) == logos.keep(data)
    assert logos.read(logos.keep(data)) == data
    assert logos.read("") is None and logos.read("surveys/gone.png") is None
