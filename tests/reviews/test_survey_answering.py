"""The page behind the link of a mail: opening, answering, correcting, "not mine", and links that lead nowhere."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.customers.models import Contact
from reviews.models import Survey, SurveyVersion
from reviews.surveys import logos
from reviews.surveys.content import Both, ChoiceDraft, QuestionDraft, SurveyDraft
from tests.factories import Company
from tests.reviews.answering_factories import ALL, FIRST, Asked, ask, form, path_of
from tests.reviews.survey_factories import NPS, published, ready
from tests.reviews.test_survey_services import picture


@pytest.fixture
def asked(company: Company) -> Asked:
    """Somebody who was asked about an order of ann's."""
    return ask(company)


@pytest.fixture
def client() -> Client:
    """A browser that checks like a real one does, and keeps no cookies."""
    return Client(enforce_csrf_checks=True)


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found


def test_the_link_is_short_in_the_largest_workspace_too() -> None:
    assert len(path_of(2**63 - 1, "x" * 22)) <= 60


def test_the_page_names_what_is_rated_who_served_and_who_reads_and_takes_the_score_of_the_mail(
    asked: Asked, client: Client
) -> None:
    page = client.get(f"{asked.path}?a=4")
    shown = text(page)
    assert page.status_code == 200
    assert "Acme · Order SO-7 · 14 Feb 2025 · 李安" in shown
    assert "Who reads my answer?" in shown and "responsible sales manager" in shown
    assert 'value="4" checked' in shown and shown.count(" checked") == 1
    assert "Not your order?" in shown and f"{asked.path}unsubscribe/?lang=en" in shown
    chinese = text(client.get(f"{asked.path}?a=4&lang=zh-hans"))
    assert '<html lang="zh-hans">' in chinese and "谁会看到我的回答" in chinese and 'value="4" checked' in chinese
    assert f"{asked.path}?a=4&amp;lang=en" in chinese or f"{asked.path}?lang=en&amp;a=4" in chinese
    assert " checked" not in text(client.get(f"{asked.path}?a=99"))
    assert not page.cookies and not asked.answers() and asked.now().state == "mailed"


def test_a_scanner_that_opens_every_link_ten_times_changes_nothing_and_the_customer_answers(
    asked: Asked, client: Client
) -> None:
    with CaptureQueriesContext(connection) as seen:
        for _again in range(10):
            for score in range(1, 6):
                assert client.get(f"{asked.path}?a={score}").status_code == 200
            assert client.head(asked.path).status_code == 200
            assert client.get(f"{asked.path}?correct=1&not-mine=1").status_code == 200
            cache.clear()  # the limits have a test of their own
    kinds = {one["sql"].split()[0] for one in seen}
    assert kinds <= {"SELECT", "SAVEPOINT", "RELEASE"} and not [one for one in seen if "FOR UPDATE" in one["sql"]]
    assert asked.now().state == "mailed" and asked.now().started_at is None

    answer = client.post(f"{asked.path}?a=5", form(*FIRST, satisfaction=5, comment="Fine"))
    assert answer.status_code == 303 and answer["Location"] == f"{asked.path}?lang=en"
    assert asked.answers() == {"satisfaction": 5, "comment": "Fine"}
    assert asked.now().state == "finished" and asked.now().started_at is not None
    done = text(client.get(answer["Location"]))
    assert "Thank you for your answer!" in done and "in touch within two working days" in done
    assert "Correct my answer" in done and "<textarea" not in done
    assert "谢谢您的回答" in text(client.get(f"{asked.path}?lang=zh-hans"))


def test_the_page_takes_few_queries_and_the_same_for_many_questions(company: Company, client: Client) -> None:
    long = ask(company, _longest(company))
    with CaptureQueriesContext(connection) as seen:
        client.get(long.path)
    of_page = [one["sql"] for one in seen if "SAVEPOINT" not in one["sql"] and "set_config" not in one["sql"]]
    assert len(of_page) <= 6


def _longest(company: Company) -> SurveyVersion:
    """A survey that asks as much as one may, in the longest words."""
    choices = tuple(ChoiceDraft(f"c{n}", Both("选" * 80, "c" * 80)) for n in range(12))
    asking, end = Both("问" * 200, "q" * 200), Both("端" * 40, "e" * 40)
    asks = (
        *(QuestionDraft(f"n{n}", "nps", asking, end, end) for n in range(6)),
        *(QuestionDraft(f"c{n}", "choice", asking, choices=choices) for n in range(6)),
    )  # fmt: skip
    long = Both("长" * 300, "t" * 300)
    said: SurveyDraft = ready(questions=asks, reader=long, thanks=long)
    with company.scope():
        return published("Long", said)


def test_page_style_and_script_stay_below_60_kb_with_the_longest_survey_and_a_logo(
    company: Company, client: Client
) -> None:
    static = Path(settings.BASE_DIR) / "static"
    around = sum((static / name).stat().st_size for name in ("css/survey.css", "js/survey_answer.js"))
    for asked in (ask(company), ask(company, _longest(company))):
        for language in ("en", "zh-hans"):
            page = client.get(f"{asked.path}?lang={language}")
            assert len(page.content) + around + 100 < 60 * 1024
    usual = client.get(ask(company, _published_again(company)).path)
    assert len(usual.content) + around + logos.KEPT_BYTES < 45 * 1024


def published_again(company: Company) -> SurveyVersion:
    with company.scope():
        return published("Again")


def test_headers_keep_the_address_secret_and_let_nothing_else_in(asked: Asked, client: Client) -> None:
    for address in (asked.path, f"{asked.path}?not-mine=1", "/s/1/nothing/"):
        answer = client.get(address)
        assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer" and "noindex" in answer["X-Robots-Tag"]
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and 'content="no-referrer"' in text(answer)


def test_a_low_score_without_scripts_brings_its_follow_up_and_what_was_said_is_kept_on_the_way(
    asked: Asked, client: Client
) -> None:
    page = client.post(asked.path, form(*FIRST, satisfaction=2, comment="慢 🐢"))
    shown = text(page)
    assert page.status_code == 200 and "One more thing" in shown and "What should we improve first?" in shown
    assert 'value="2" checked' in shown and "慢 🐢" in shown
    assert asked.now().state == "started" and asked.answers() == {"satisfaction": 2, "comment": "慢 🐢"}
    assert not asked.facts()

    # Another day, another device: it goes on where it was. The mail's other score counts, if it is pressed.
    resumed = text(client.get(asked.path))
    assert 'value="2" checked' in resumed and "慢 🐢" in resumed
    assert 'value="3" checked' in text(client.get(f"{asked.path}?a=3"))
    assert client.post(asked.path, form(*ALL, satisfaction=2, reason="speed", comment="慢 🐢")).status_code == 303
    assert asked.answers() == {"satisfaction": 2, "reason": "speed", "comment": "慢 🐢"}


def test_what_is_wrong_is_marked_and_shown_again_and_the_rest_is_kept(asked: Asked, client: Client) -> None:
    nothing = client.post(asked.path, form(*FIRST))
    assert nothing.status_code == 400 and "Please answer this question." in text(nothing)
    long = client.post(asked.path, form(*FIRST, satisfaction=4, comment="x" * 2001))
    assert long.status_code == 400 and "below 2000 characters" in text(long) and "x" * 2001 in text(long)
    assert asked.answers() == {"satisfaction": 4} and asked.now().state == "started"
    assert client.post(asked.path, form(*FIRST, satisfaction=9, comment="ok")).status_code == 400
    assert asked.answers() == {"satisfaction": 4, "comment": "ok"}
    strange = client.post(asked.path, {**form(*FIRST, satisfaction=5), "a-other": "1"})
    assert strange.status_code == 400 and "not the one of this survey" in text(strange)
    assert asked.answers() == {"satisfaction": 4, "comment": "ok"} and not asked.facts()


def test_html_in_an_answer_is_text(asked: Asked, client: Client) -> None:
    said = "<script>alert(1)</script>\x00 & 'quotes' \u202e"
    assert client.post(asked.path, form(*FIRST, satisfaction=5, comment=said)).status_code == 303
    kept = asked.answers()["comment"]
    assert kept == "<script>alert(1)</script> & 'quotes'"
    assert "&lt;script&gt;alert(1)" in text(client.get(f"{asked.path}?correct=1"))


def test_sent_twice_is_one_answer_and_another_one_by_the_same_link_is_no_answer(asked: Asked, client: Client) -> None:
    sent = form(*FIRST, satisfaction=5, comment="Fine")
    assert [client.post(asked.path, sent).status_code for _twice in range(2)] == [303, 303]
    assert asked.now().corrected_at is None
    # The mail was forwarded: who got it finds that it was answered, and an open page of theirs changes nothing.
    assert "<form" not in text(client.get(asked.path))
    other = client.post(asked.path, form(*FIRST, satisfaction=1))
    assert other.status_code == 409 and "answered already" in text(other)
    assert asked.answers() == {"satisfaction": 5, "comment": "Fine"}


def test_an_answer_is_corrected_for_7_days_even_when_the_survey_is_over(asked: Asked, client: Client) -> None:
    client.post(asked.path, form(*FIRST, satisfaction=5, comment="Fine"))
    asked.set(expires_at=timezone.now() - timedelta(days=1))
    filled = text(client.get(f"{asked.path}?correct=1"))
    assert "This is what you answered" in filled and 'value="5" checked' in filled and ">Fine</textarea>" in filled
    # Half a correction is none.
    half = client.post(f"{asked.path}?correct=1", form(*FIRST, satisfaction=2))
    assert half.status_code == 200 and "One more thing" in text(half)
    assert asked.answers() == {"satisfaction": 5, "comment": "Fine"}
    whole = client.post(f"{asked.path}?correct=1", form(*ALL, satisfaction=2, reason="manner"))
    assert whole.status_code == 303 and asked.answers() == {"satisfaction": 2, "reason": "manner"}
    assert asked.now().corrected_at is not None and asked.now().state == "finished"

    asked.set(finished_at=timezone.now() - timedelta(days=7))
    for answer in (
        client.get(asked.path),
        client.get(f"{asked.path}?correct=1"),
        client.post(f"{asked.path}?correct=1", form(*FIRST, satisfaction=4)),
        client.post(f"{asked.path}?not-mine=1"),
    ):
        assert answer.status_code == 410 and "You have answered this survey" in text(answer)
    assert asked.answers() == {"satisfaction": 2, "reason": "manner"}


@pytest.mark.parametrize("is_finished", [False, True])
def test_not_mine_takes_two_steps_and_removes_the_answers_for_good(
    asked: Asked, client: Client, is_finished: bool
) -> None:
    client.post(asked.path, form(*FIRST, satisfaction=4) if is_finished else form(*FIRST, comment="half"))
    confirm = text(client.get(f"{asked.path}?not-mine=1&lang=en"))
    assert "Order SO-7" in confirm and "Is this not yours?" in confirm and "delete it" in confirm and asked.answers()
    for _twice in range(2):
        answer = client.post(f"{asked.path}?not-mine=1", {"lang": "en"})
        assert answer.status_code == 303
    told = client.get(answer["Location"])
    assert told.status_code == 200 and "Thank you for telling us" in text(told)
    assert not asked.answers() and not asked.facts() and asked.now().state == "disowned"
    assert client.post(asked.path, form(*FIRST, satisfaction=5)).status_code == 410
    assert not asked.answers()


def test_expired_closed_called_off_and_erased_say_so(company: Company, client: Client) -> None:
    expired, closed, cancelled, erased = (ask(company, one) for one in [_published(company)] * 4)
    expired.set(expires_at=timezone.now())
    cancelled.set(state="cancelled")
    said = form(*FIRST, satisfaction=5)
    client.post(erased.path, form(*FIRST, comment="half"))
    with company.scope():
        Contact.objects.filter(pk=erased.now().contact_id).update(
            name="", email="", match_key="", name_key="", erased_at=timezone.now()
        )
    for asked, words in ((expired, "The time to answer is over"), (cancelled, "nothing to answer here"),
                         (erased, "nothing to answer here")):  # fmt: skip
        for answer in (client.get(f"{asked.path}?a=5"), client.post(asked.path, said)):
            assert answer.status_code == 410 and words in text(answer)
    erased.set(contact=None)
    assert client.get(erased.path).status_code == 410

    # Closed while somebody answers.
    assert client.get(closed.path).status_code == 200
    with company.scope():
        Survey.objects.filter(pk=closed.now().survey_id).update(state="closed")
    answer = client.post(closed.path, said)
    assert answer.status_code == 410 and "Acme takes no more answers" in text(answer)
    assert not [one for each in (expired, closed, cancelled) for one in each.answers()]


def _published(company: Company) -> SurveyVersion:
    with company.scope():
        return published()


def test_a_wrong_link_and_one_of_another_workspace_lead_nowhere(
    company: Company, other_company: Company, client: Client
) -> None:
    mine, theirs = ask(company), ask(other_company)
    wrong = [
        path_of(company.tenant.pk, theirs.token), path_of(other_company.tenant.pk, mine.token),
        path_of(10**9, mine.token),
        path_of(company.tenant.pk, mine.token[:-1]), f"/s/0/{mine.token}/", f"/s/zzzzzzzzzzzzzzz/{mine.token}/",
        f"/s/-1/{mine.token}/", f"/s/0{mine.path[3:]}",
    ]  # fmt: skip
    for address in wrong:
        for answer in (client.get(address), client.post(address, form(*FIRST, satisfaction=1))):
            assert answer.status_code == 404 and "does not lead to a survey" in text(answer)
            assert "Acme" not in text(answer) and "Globex" not in text(answer)
        assert client.get(f"{address}logo.png").status_code == 404
    assert "没有通向任何调查" in text(client.get(f"{wrong[0]}?lang=zh-hans"))
    assert not mine.answers() and not theirs.answers()


def test_too_often_by_one_link_is_friendly_and_others_go_on(company: Company, client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "survey_open": "6/m/ip,3/m/key", "survey_answer": "9/m/ip,2/m/key",
    }  # fmt: skip
    version = _published(company)
    first, second = ask(company, version), ask(company, version)
    assert [client.get(first.path).status_code for _again in range(4)] == [200, 200, 200, 429]
    refused = client.get(f"{first.path}?lang=en")
    assert "Wait a minute" in text(refused) and refused["Retry-After"] == "60"
    # Another link of the same mailbox, up to the limit of the address; answering has a limit of its own.
    assert client.get(second.path).status_code == 200
    sent = form(*FIRST, satisfaction=5)
    assert [client.post(first.path, sent).status_code for _again in range(3)] == [303, 303, 429]
    assert client.post(second.path, sent).status_code == 303
    assert first.answers() == second.answers() == {"satisfaction": 5}


def test_the_logo_is_behind_the_link(company: Company, client: Client, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    with company.scope():
        file = picture()
        name = logos.keep(logos.encoded(file, file.size))
        version = published(said=ready(logo=name))
    asked = ask(company, version)
    assert f"{asked.path}logo.png" in text(client.get(asked.path))
    found = client.get(f"{asked.path}logo.png")
    assert found.status_code == 200 and found.content.startswith(b"\x89PNG") and found["Referrer-Policy"]
    assert client.get(f"{ask(company, _published_again(company)).path}logo.png").status_code == 404


def _published_again(company: Company) -> SurveyVersion:
    with company.scope():
        return published("No logo")


def test_a_campaign_asks_about_the_relationship(company: Company, client: Client) -> None:
    with company.scope():
        version = published("NPS", ready(NPS))
    asked = ask(company, version, after="", number="", origin="campaign")
    shown = text(client.get(f"{asked.path}?a=10"))
    assert "Acme · 李安" in shown and "Not a customer?" in shown and 'value="10" checked' in shown
