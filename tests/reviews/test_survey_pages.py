"""Pages of surveys: list, editor, publishing, previews, test by mail; who may do what."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perfmgmt.notify.models import WorkspaceMail
from reviews.models import Survey, SurveyVersion
from reviews.surveys import services
from reviews.surveys.content import Both, content_of, stamp
from tests.factories import Company
from tests.reviews.survey_factories import draft, published, ready, seen
from tests.reviews.test_survey_rules import form_of
from tests.reviews.test_survey_services import picture

SignIn = Callable[[Any], Any]
BASE = "/w/acme/surveys/"


def made(company: Company, make: Callable[..., SurveyVersion] = draft, **values: Any) -> SurveyVersion:
    """A version, made in the company's scope."""
    with company.scope():
        return make(**values)


def mark(company: Company, version: SurveyVersion) -> str:
    with company.scope():
        return seen(SurveyVersion.objects.get(pk=version.pk))


def saved(company: Company, version: SurveyVersion) -> Any:
    with company.scope():
        return content_of(SurveyVersion.objects.get(pk=version.pk))


def test_the_list_begins_with_ready_ones_and_is_filtered(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    empty = client.get(BASE).content.decode()
    assert "Begin with the ready ones" in empty and "Customer relationship (NPS)" in empty
    assert "3 surveys added as drafts" in client.post(f"{BASE}ready/", follow=True).content.decode()
    assert "all there already" in client.post(f"{BASE}ready/", follow=True).content.decode()
    found = client.get(f"{BASE}?purpose=development").content.decode()
    assert "Effort after a service request" in found and "Satisfaction after an order" not in found
    assert "No survey matches" in client.get(f"{BASE}?q=nothing").content.decode()
    for sort in ("name", "-name", "purpose", "-state", "version", "-published", "nonsense"):
        assert client.get(f"{BASE}?sort={sort}&state=draft").status_code == 200
    # What was never published is for who makes it.
    assert "No survey is published yet" in sign_in(company.users["manager"]).get(BASE).content.decode()


def test_the_list_takes_the_same_queries_for_many(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    made(company, published)
    with CaptureQueriesContext(connection) as one:
        client.get(BASE)
    client.post(f"{BASE}ready/")
    with CaptureQueriesContext(connection) as many:
        client.get(BASE)
    assert len(many) == len(one)


def test_a_survey_is_made_renamed_copied_closed_and_archived(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    bad = client.post(f"{BASE}new/", {"purpose": "scored"})
    assert bad.status_code == 400 and "Give the survey a name" in bad.content.decode()
    answer = client.post(f"{BASE}new/", {"name_en": "Mine", "purpose": "scored", "reply_to": "x@acme.example"})
    assert answer.status_code == 302 and answer.url.endswith("/edit/")
    version = made(company, published)
    address = f"{BASE}{version.survey_id}/"
    fixed = client.post(f"{address}edit/", {"name_en": "Renamed", "purpose": "development"}, follow=True)
    assert "Renamed" in fixed.content.decode() and "Counts in scores" in fixed.content.decode()
    copied = client.post(f"{address}copy/", {"name_en": "Copy", "purpose": "development"})
    assert copied.status_code == 302
    assert "not sent" in client.post(f"{address}state/", {"state": "closed"}, follow=True).content.decode()
    assert "Archived" in client.post(f"{address}state/", {"state": "archived"}, follow=True).content.decode()
    assert client.post(f"{address}state/", {"state": "open"}).status_code == 409
    assert client.post(f"{address}draft/").status_code == 409
    assert "Renamed" not in client.get(BASE).content.decode()


def test_the_editor_saves_everything_that_it_sends(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/edit/"
    wanted = replace(ready(), heading=Both("标题", "Heading <b>"), accent="#0b6b4b", note="n", first_language="en")
    response = client.post(address, form_of(wanted, do="save", seen=mark(company, version)).dict() | {
        key: form_of(wanted).getlist(key) for key in ("q", "reason-c", "satisfaction-c", "comment-c")})  # fmt: skip
    assert response.status_code == 302, response.content.decode()
    assert stamp(saved(company, version)) == stamp(wanted)
    page = client.get(address).content.decode()
    assert "Heading &lt;b&gt;" in page
    # The first language stands first.
    assert page.index('id="subject_en"') < page.index('id="subject_zh"')


def sends(company: Company, version: SurveyVersion, said: Any, **more: Any) -> dict[str, Any]:
    """What the editor sends, as the test client takes it."""
    data = form_of(said, seen=mark(company, version), **more)
    return {key: values if len(values) > 1 else values[0] for key, values in data.lists() if values}


def test_buttons_change_the_form_and_save_nothing(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    address, before = f"{BASE}versions/{version.pk}/edit/", mark(company, version)
    whole = client.post(address, sends(company, version, ready(), do="add:nps"))
    assert (
        whole.status_code == 200 and 'value="q1"' in whole.content.decode() and "<!doctype" in whole.content.decode()
    )
    part = client.post(address, sends(company, version, ready(), do="up:comment"), headers={"HX-Request": "true"})
    text = part.content.decode()
    assert "<!doctype" not in text and text.index('id="q-comment"') < text.index('id="q-reason"')
    assert mark(company, version) == before


def test_a_stale_editor_is_refused_and_keeps_what_was_typed(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    old = sends(company, version, ready(note="mine"), do="save")
    with company.scope():
        services.save_draft(version.pk, ready(note="theirs"), seen=mark(company, version))
    answer = client.post(f"{BASE}versions/{version.pk}/edit/", old)
    assert answer.status_code == 409 and "at the same time" in answer.content.decode()
    assert 'value="mine"' in answer.content.decode() and saved(company, version).note == "theirs"


def test_what_cant_be_kept_is_said_and_stays_typed(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    bad = ready(heading=Both("您好", "Dear {name}"))
    answer = client.post(f"{BASE}versions/{version.pk}/edit/", sends(company, version, bad, do="save"))
    assert answer.status_code == 400
    assert "nothing can be filled in for {name}" in answer.content.decode()
    assert 'value="Dear {name}"' in answer.content.decode()


def test_publishing_lists_and_links_each_missing_place(company: Company, sign_in: SignIn) -> None:
    said = ready(reader=Both("谁", ""), accent="#ffcc00")
    version, client = made(company, said=said), sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/"
    page = client.get(f"{address}publish/").content.decode()
    assert f'href="/w/acme/surveys/versions/{version.pk}/edit/?check=1#reader_en"' in page
    assert "#accent" in page and "“Who reads the answer” is missing in English." in page
    assert client.post(f"{address}publish/", {"seen": mark(company, version)}).status_code == 400
    marked = client.get(f"{address}edit/?check=1").content.decode()
    assert 'id="reader_en-error"' in marked and 'id="accent-error"' in marked
    # Every link leads to a field that is there.
    for field in re.findall(r"\?check=1#([\w-]+)", page):
        assert f'id="{field}"' in marked, field


def test_publishing_and_the_next_version_with_what_changed(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/"
    stale = client.post(f"{address}publish/", {"seen": "stale"})
    assert stale.status_code == 400 and "at the same time" in stale.content.decode()
    done = client.post(f"{address}publish/", {"seen": mark(company, version)}, follow=True)
    assert "what customers get from now on" in done.content.decode()
    assert client.get(f"{address}edit/").status_code == 302 and client.get(f"{address}publish/").status_code == 302
    client.post(f"{BASE}{version.survey_id}/draft/")
    with company.scope():
        second = SurveyVersion.objects.get(state="draft")
    asks = ready(subject=Both("新主题", "New subject"))
    client.post(f"{BASE}versions/{second.pk}/edit/", sends(company, second, asks, do="publish"))
    page = client.get(f"{BASE}versions/{second.pk}/publish/").content.decode()
    assert "It replaces version 1" in page and "New subject" in page
    client.post(f"{BASE}versions/{second.pk}/publish/", {"seen": mark(company, second)})
    assert "What changed since version 1" in client.get(f"{BASE}versions/{second.pk}/").content.decode()
    assert "Replaced by a newer version" in client.get(address).content.decode()


def test_a_logo_is_uploaded_shown_and_removed(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/"
    file = SimpleUploadedFile("logo.webp", picture(form="WEBP", mode="RGB").read())
    assert (
        client.post(f"{address}edit/", sends(company, version, ready(), do="save") | {"logo": file}).status_code
        == 302
    )
    logo = client.get(f"{address}logo/")
    assert logo["Content-Type"] == "image/png" and logo["X-Content-Type-Options"] == "nosniff"
    mail = client.get(f"{address}preview/mail/?lang=en").content.decode()
    assert 'src="data:image/png;base64,' in mail
    svg = SimpleUploadedFile("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    bad = client.post(f"{address}edit/", sends(company, version, ready(), do="save") | {"logo": svg})
    assert bad.status_code == 400 and "must be a PNG, JPEG or WebP" in bad.content.decode()
    gone = sends(company, version, ready(), do="save", remove_logo="1")
    assert client.post(f"{address}edit/", gone).status_code == 302
    assert client.get(f"{address}logo/").status_code == 404


def test_previews_show_mail_text_and_page_in_the_customers_language_first(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/preview/"
    page = client.get(address)
    assert f'src="{address}mail/?lang=zh-hans"' in page.content.decode()
    text = client.get(f"{address}?show=text&lang=en").content.decode()
    assert "How was Li Xiaowen&#x27;s service?" in text and "preview/page/?lang=en&amp;score=5" in text
    mail = client.get(f"{address}mail/?lang=en")
    assert mail["X-Frame-Options"] == "SAMEORIGIN"
    policy = mail["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "frame-ancestors 'self'" in policy
    shown = client.get(f"{address}page/?lang=en&score=2")
    assert 'value="2" checked' in shown.content.decode() and "Preview: nothing is saved." in shown.content.decode()
    assert "frame-ancestors 'self'" in shown["Content-Security-Policy"]
    assert "'unsafe-inline'" not in shown["Content-Security-Policy"]


def test_the_page_can_be_tried_without_scripts(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/preview/page/"
    first = {"lang": "en", "shown": ["satisfaction", "comment"], "a-comment": "<b>Hi"}
    wrong = client.post(address, first)
    assert wrong.status_code == 400 and "Please answer this question." in wrong.content.decode()
    assert "&lt;b&gt;Hi" in wrong.content.decode()
    low = client.post(address, first | {"a-satisfaction": "1"})
    assert low.status_code == 200 and "hidden disabled" not in low.content.decode()
    assert "&lt;b&gt;Hi" in low.content.decode()
    done = client.post(address, first | {"a-satisfaction": "1", "shown": ["satisfaction", "reason", "comment"]})
    assert "Thank you for your answer!" in done.content.decode()


def test_a_draft_with_nothing_in_it_is_previewed_without_an_error(company: Company, sign_in: SignIn) -> None:
    version, client = (
        made(company, said=ready(questions=(), subject=Both(), reader=Both())),
        sign_in(company.users["hr"]),
    )
    address = f"{BASE}versions/{version.pk}/preview/"
    assert "There is no mail yet" in client.get(address).content.decode()
    assert client.get(f"{address}mail/").status_code == 404
    assert client.get(f"{address}page/").status_code == 200
    refused = client.post(f"{BASE}versions/{version.pk}/test/", {"to": "hr@acme.example", "language": "en"})
    assert refused.status_code == 400


def test_a_test_goes_to_oneself_or_an_employee_and_nobody_else(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    with company.scope():
        company.people["ann"].email = "ann@acme.example"
        company.people["ann"].save()
    address = f"{BASE}versions/{version.pk}/test/"
    for to in ("HR@acme.example", "ANN@acme.example"):
        assert client.post(address, {"to": to, "language": "en"}).status_code == 302
    stranger = client.post(address, {"to": "customer@x.example", "language": "en"})
    assert stranger.status_code == 400 and "Nobody who works here" in stranger.content.decode()
    assert client.post(address, {"to": "hr@acme.example", "language": "fr"}).status_code == 400
    with company.scope():
        mails = list(WorkspaceMail.objects.filter(kind="surveys.test").order_by("pk"))
    assert [mail.recipient for mail in mails] == ["hr@acme.example", "ann@acme.example"]
    assert mails[0].subject.startswith("[Test] ") and "This is a test" in mails[0].html and mails[0].at_most_once
    assert f"http://testserver{BASE}versions/{version.pk}/preview/page/?lang=en&score=5" in mails[0].text


def test_tests_are_limited(company: Company, sign_in: SignIn, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "survey_test": "2/h/user"}
    version, client = made(company), sign_in(company.users["hr"])
    sent = [client.post(f"{BASE}versions/{version.pk}/test/", {"to": "hr@acme.example", "language": "en"}).status_code
            for _again in range(3)]  # fmt: skip
    assert sent == [302, 302, 429]


def test_managers_and_auditors_read_what_was_published(company: Company, sign_in: SignIn) -> None:
    version = made(company, published)
    with company.scope():
        second = services.start_draft(version.survey_id)
    for role in ("manager", "auditor"):
        client = sign_in(company.users[role])
        page = client.get(f"{BASE}{version.survey_id}/").content.decode()
        assert "Version 1" in page and "Version 2" not in page and "Name and purpose" not in page
        for name in ("", "preview/", "preview/mail/", "preview/page/"):
            assert client.get(f"{BASE}versions/{version.pk}/{name}").status_code == 200
            assert client.get(f"{BASE}versions/{second.pk}/{name}").status_code == 404
        assert client.get(f"{BASE}versions/{second.pk}/edit/").status_code == 403
        assert client.post(f"{BASE}versions/{version.pk}/test/").status_code == 403
    for role in ("assistant", "payroll", "executive"):
        assert sign_in(company.users[role]).get(BASE).status_code == 403


def test_a_draft_is_thrown_away(company: Company, sign_in: SignIn) -> None:
    version, client = made(company), sign_in(company.users["hr"])
    done = client.post(f"{BASE}versions/{version.pk}/discard/", {"seen": mark(company, version)}, follow=True)
    assert "thrown away" in done.content.decode()
    with company.scope():
        assert not Survey.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("colour", "shown"), [("0b6b4b", "#0b6b4b"), ("ffcc00", "#2457d6")])
def test_the_look_is_a_style_sheet_without_a_workspace(client: Any, colour: str, shown: str) -> None:
    answer = client.get(f"/survey-look/{colour}.css")
    assert answer["Content-Type"].startswith("text/css") and shown in answer.content.decode()
    assert client.get("/survey-look/zzzzzz.css").status_code == 404
