"""Pages of links to hand over: list, link, marking, files, who sees them, and what tells of them elsewhere."""

import csv
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.customers import consents
from perfmgmt.jobs.models import Job
from perfmgmt.jobs.services import run_next
from perfmgmt.people.models import Membership
from perfmgmt.tenants.errors import NotAllowed, NotFound
from reviews.handing import selectors
from reviews.mailing import links
from reviews.models import Survey, SurveyHandover, SurveyInvitation, SurveyLink, SurveySkip
from reviews.surveys import services as surveys
from reviews.waiting import HAND, waiting_for
from tests.factories import Company, today_here
from tests.reviews.asking_factories import asked, buyer, owned
from tests.reviews.followup_factories import viewer
from tests.reviews.handing_factories import LINKS, handing, mark, mute, path_in
from tests.reviews.survey_factories import published

SignIn = Callable[[Any], Any]


def test_a_link_is_shown_with_picture_and_words_and_only_its_hash_is_kept(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        one = mute(company)
        type(one.contact).objects.update(language="en", phone="13800138000")
        until = one.expires_at
    client = sign_in(company.users["hr"])
    first, second = (client.post(f"{LINKS}{one.pk}/show/") for _ in range(2))
    assert "no-store" in first["Cache-Control"]
    assert "Hello Buyer MUTE" in unescape(first.content.decode()) and "13800138000" in first.content.decode()
    assert path_in(first) != path_in(second)
    assert [Client().get(path_in(each)).status_code for each in (first, second)] == [200, 200]
    with company.scope():
        one.refresh_from_db()
        hashes = set(SurveyLink.objects.values_list("token_hash", flat=True))
        assert links.hash_of(path_in(first).split("/")[3]) in hashes and len(hashes) == 2
        assert one.state == "chosen" and one.expires_at > until  # as long to answer as after a mail
        assert SurveyHandover.objects.get().shown_at is not None
    assert "Survey" in sign_in(company.users["owner"]).get("/w/acme/audit/").content.decode()


def test_marking_twice_or_in_two_tabs_is_once_and_can_be_taken_back(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        one = mute(company)
    client, data = sign_in(company.users["hr"]), {"link": one.pk, "how": "sms", "day": str(today_here())}
    assert "1 link is marked" in client.post(f"{LINKS}mark/", data, follow=True).content.decode()
    again = client.post(f"{LINKS}mark/", data | {"how": "phone"}, follow=True).content.decode()
    assert "They were marked before" in again
    with company.scope():
        one.refresh_from_db()
        done = SurveyHandover.objects.get()
        assert (one.state, done.how, done.handed_on) == ("mailed", "sms", today_here())
        assert done.by == company.users["hr"]
    for _click in range(2):
        assert "waits to be handed over again" in client.post(f"{LINKS}{one.pk}/back/", follow=True).content.decode()
    with company.scope():
        one.refresh_from_db()
        done.refresh_from_db()
        assert (one.state, one.mailed_at, done.how, done.handed_on, done.by) == ("chosen", None, "", None, None)
        mark(company, one)
        SurveyInvitation.objects.update(state="started")
    assert client.post(f"{LINKS}{one.pk}/back/").status_code == 409


def test_a_day_that_is_to_come_or_before_the_choice_is_refused(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        one = mute(company)
    client = sign_in(company.users["hr"])
    for days, why in ((1, "still to come"), (-9, "was chosen on")):
        day = today_here() + timedelta(days=days)
        text = client.post(f"{LINKS}mark/", {"link": one.pk, "how": "sms", "day": str(day)}, follow=True)
        assert why in unescape(text.content.decode())
    assert "Choose at least one link" in client.post(f"{LINKS}mark/", {"how": "sms"}, follow=True).content.decode()
    assert client.post(f"{LINKS}mark/", {"link": "x", "how": "", "day": "never"}, follow=True).status_code == 200
    with company.scope():
        one.refresh_from_db()
        assert one.state == "chosen"


def test_what_may_not_be_handed_over_gets_no_link(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    with company.scope():
        one = mute(company)
        consents.note_consent(one.contact_id, state="withdrawn", source="phone", at=timezone.now())
        one.refresh_from_db()
        assert one.state == "cancelled"  # and the customer is counted as who does not want it
        assert SurveySkip.objects.get().reason == "withdrawn"
    assert client.post(f"{LINKS}{one.pk}/show/").status_code == 409
    with company.scope():
        SurveyInvitation.objects.update(state="mailed")
    assert client.post(f"{LINKS}{one.pk}/show/").status_code == 409
    with company.scope():
        type(one.contact).objects.update(consent="given")
        surveys.set_state(one.survey_id, "closed")
    assert client.post(f"{LINKS}{one.pk}/show/").status_code == 409
    with company.scope():
        surveys.set_state(one.survey_id, "open")
        SurveyInvitation.objects.update(expires_at=timezone.now())
    assert client.post(f"{LINKS}{one.pk}/show/").status_code == 409
    with company.scope():
        assert not SurveyLink.objects.exists()


def test_the_list_finds_filters_and_sorts(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        version = handing()
        names = ("Waits", "Fresh", "Silent", "Begun", "Done", "Late")
        rows = {name: mute(company, name, version=version) for name in names}
        now = timezone.now()
        for name, values in {
            "Fresh": {"state": "mailed", "mailed_at": now},
            "Silent": {"state": "mailed", "mailed_at": now - selectors.SILENT_AFTER},
            "Begun": {"state": "started", "mailed_at": now}, "Done": {"state": "finished", "mailed_at": now},
            "Late": {"state": "mailed", "mailed_at": now, "expires_at": now},
        }.items():  # fmt: skip
            SurveyInvitation.objects.filter(pk=rows[name].pk).update(**values)
        asked(buyer("DEV"), version, now, origin="assistant", purpose="development", channel="link", customer="Dev")
    client = sign_in(company.users["hr"])

    def listed(query: str) -> set[str]:
        text = client.get(f"{LINKS}?{query}").content.decode()
        return {name for name in (*names, "Dev") if f'translate="no">{name}<' in text}

    assert listed("") == {"Waits"}
    assert listed("state=handed") == {"Fresh", "Silent"} and listed("state=silent") == {"Silent"}
    assert listed("state=started") == {"Begun"} and listed("state=answered") == {"Done"}
    assert listed("state=expired") == {"Late"} and listed("state=all") == set(names)
    assert listed("state=all&q=wai") == {"Waits"} and listed("q=nothing") == set()
    assert listed(f"survey={version.survey_id}") == {"Waits"} and listed("survey=99") == set()
    text = client.get(f"{LINKS}?state=all&sort=-customer").content.decode()
    assert text.index(">Waits<") < text.index(">Begun<")
    assert "No link matches" in client.get(f"{LINKS}?q=nothing").content.decode()


def test_an_empty_list_says_how_links_come_into_it(company: Company, sign_in: SignIn) -> None:
    assert "Name and purpose" in sign_in(company.users["hr"]).get(LINKS).content.decode()


def test_the_list_takes_the_same_queries_for_many(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    with company.scope():
        version = handing()
        mark(company, mute(company, "N0", version=version))
        mute(company, "N1", version=version)
    client.get(f"{LINKS}?state=all")
    with CaptureQueriesContext(connection) as few:
        client.get(f"{LINKS}?state=all")
    with company.scope():
        for at in range(2, 9):
            mark(company, mute(company, f"N{at}", version=version))
    with CaptureQueriesContext(connection) as many:
        client.get(f"{LINKS}?state=all")
    assert len(few) == len(many)


def test_the_list_and_the_links_as_files(company: Company, sign_in: SignIn, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    with company.scope():
        version = handing()
        one, other = mute(company, "=A", version=version), mute(company, "B", version=version)
    client = sign_in(company.users["hr"])
    client.post(f"{LINKS}export/?state=all&sort=customer")
    run_next(company.scope)
    with company.scope():
        file = default_storage.open(Job.objects.get().result["file"]).read().decode("utf-8-sig")
    assert "'=A" in file and "/s/" not in file and "Waits to be handed over" in file
    answer = client.post(f"{LINKS}file/", {"link": [one.pk, other.pk]})
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))
    assert "no-store" in answer["Cache-Control"] and answer["Content-Type"].startswith("text/csv")
    paths = [row[3][row[3].index("/s/") :] for row in rows[1:]]
    assert len(set(paths)) == 2 and rows[1][0] == "'=A" and rows[2][3] in rows[2][4]
    assert {Client().get(path).status_code for path in paths} == {200}
    with company.scope():
        assert SurveyHandover.objects.exclude(shown_at=None).count() == 2
        assert set(SurveyInvitation.objects.values_list("state", flat=True)) == {"chosen"}
    assert client.post(f"{LINKS}file/", {}).status_code == 302


@pytest.mark.parametrize("role", ["assistant", "manager", "executive", "payroll", "auditor"])
def test_only_who_manages_surveys_sees_whom_the_system_chose(company: Company, sign_in: SignIn, role: str) -> None:
    with company.scope():
        one = mute(company)
        assert not selectors.visible_links(viewer(company, role)).exists()
        with pytest.raises(NotAllowed):
            mark(company, one, role)
    client = sign_in(company.users[role])
    assert client.get(LINKS).status_code == 403
    for what in (f"{one.pk}/show/", f"{one.pk}/back/", "mark/", "file/", "export/"):
        assert client.post(LINKS + what, {"link": one.pk}).status_code == 403


def test_who_is_rated_neither_sees_nor_holds_the_link(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        one = mute(company, person="bob")
        Membership.objects.filter(user=company.users["hr"]).update(employee=company.people["bob"])
        with pytest.raises(NotFound):
            mark(company, one)
        assert not [each for each in waiting_for(viewer(company, "hr"), today_here()) if each.kind == HAND]
        assert [each.n for each in waiting_for(viewer(company, "owner"), today_here()) if each.kind == HAND] == [1]
    client = sign_in(company.users["hr"])
    assert "MUTE" not in client.get(f"{LINKS}?state=all").content.decode()
    assert client.post(f"{LINKS}{one.pk}/show/").status_code == 404


def test_links_of_mails_of_assistants_and_of_other_workspaces_are_not_found(
    company: Company, other_company: Company, sign_in: SignIn
) -> None:
    with company.scope():
        version = handing()
        mailed = asked(buyer("A"), version, timezone.now())
        own = asked(buyer("B"), version, timezone.now(), channel="link", origin="assistant", purpose="development")
    with other_company.scope():
        theirs = mute(other_company)
    client = sign_in(company.users["hr"])
    for one in (mailed, own, theirs):
        data = {"link": one.pk, "how": "sms", "day": str(today_here())}
        assert client.post(f"{LINKS}{one.pk}/show/").status_code == 404
        assert client.post(f"{LINKS}{one.pk}/back/").status_code == 404
        assert client.post(f"{LINKS}mark/", data).status_code == 404
        assert client.post(f"{LINKS}file/", data).status_code == 404
    with other_company.scope():
        assert not SurveyHandover.objects.exists() and not SurveyLink.objects.exists()


def test_home_says_how_many_links_wait(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        version = handing()
        mute(company, "A", version=version), mute(company, "B", version=version)
        mark(company, mute(company, "C", version=version))
    text = sign_in(company.users["hr"]).get("/w/acme/home/waiting/").content.decode()
    assert "2 links of surveys wait to be handed over" in text
    assert "handed over" not in sign_in(company.users["assistant"]).get("/w/acme/home/waiting/").content.decode()


def test_the_response_calls_links_what_they_are(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        version = handing()
        mute(company, "A", version=version)
        mark(company, mute(company, "B", version=version))
        contact = owned(buyer("DEV", email=""), company, "ann")
        asked(contact, version, timezone.now(), origin="assistant", purpose="development", channel="link",
              mailed_at=timezone.now())  # fmt: skip
    client = sign_in(company.users["manager"])
    text = re.sub(r"<[^>]+>|\s+", " ", client.get(f"/w/acme/surveys/{version.survey_id}/response/").content.decode())
    text = re.sub(r" +", " ", text)
    assert "Mail written 0" in text and "Link handed over 2" in text and "Link waits to be handed over 1" in text


def test_the_setting_is_changed_copied_and_shown(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    with company.scope():
        survey = published().survey
    data = {"name_zh": "订单", "name_en": "Orders", "purpose": "scored", "reply_to": "", "by_link": "on"}
    client.post(f"/w/acme/surveys/{survey.pk}/edit/", data)
    with company.scope():
        assert Survey.objects.get().by_link
    assert "by a link that HR hands over" in client.get(f"/w/acme/surveys/{survey.pk}/").content.decode()
    assert "checked" in client.get(f"/w/acme/surveys/{survey.pk}/copy/").content.decode()
    del data["by_link"]
    client.post(f"/w/acme/surveys/{survey.pk}/edit/", data)
    with company.scope():
        assert not Survey.objects.get().by_link
