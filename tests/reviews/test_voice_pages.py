"""Results, words and themes as each role sees them: masks, minimums, nobody's names where none were promised."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.jobs.models import Job
from perfmgmt.tenants.scope import tenant_scope
from reviews.models import SurveyAnswer, SurveyVersion, ThemedWords, VoiceTheme
from reviews.voice import exports
from reviews.voice.hiding import shown_id
from reviews.voice.rebuilding import rebuild
from reviews.voice.themes import install_ready
from tests.browser.world import run_job
from tests.factories import Company
from tests.reviews.answering_factories import DAY, Asked, ask
from tests.reviews.survey_factories import published, ready, scale, with_question

SignIn = Callable[[Any], Any]
LONG_AGO = datetime(2025, 2, 20, tzinfo=UTC)


def answered(company: Company, version: SurveyVersion, score: int, words: str = "", **values: Any) -> Asked:
    """A customer who has finished, as it is stored."""
    made = ask(company, version, state="finished", **values)
    with company.scope():
        SurveyAnswer.objects.create(invitation_id=made.pk, key="satisfaction", kind="csat", number=score)
        if words:
            SurveyAnswer.objects.create(invitation_id=made.pk, key="comment", kind="text", text=words)
    return made


def theme_of(words_id: int, slug: str = "acme") -> str:
    """Where words are given a theme."""
    return f"/w/{slug}/surveys/words/{shown_id(words_id)}/theme/"


@pytest.fixture
def filled(company: Company) -> SurveyVersion:
    """Ann has four answers, bob three, cid four (South); words with personal data."""
    with company.scope():
        version = published()
    for person, scores in (("ann", (5, 5, 4, 1)), ("bob", (3, 4, 5)), ("cid", (2, 2, 3, 4))):
        for at, score in enumerate(scores):
            words = f"Kim 说 <b>价格</b> 13800138000 kim@globex.example {person} {at}"
            answered(company, version, score, words, person=person, day=DAY + timedelta(days=at))
    with company.scope():
        rebuild()
    return version


def page(client: Any, version: SurveyVersion, what: str, query: str = "") -> str:
    answer = client.get(f"/w/acme/surveys/{version.survey_id}/{what}/{query}")
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_who_sees_everybody_sees_all_a_manager_their_line_an_assistant_their_own(
    company: Company, sign_in: SignIn, filled: SurveyVersion
) -> None:
    for role in ("owner", "hr", "executive", "auditor"):
        text = page(sign_in(company.users[role]), filled, "results")
        assert "11 answers" in text and all(name in text for name in ("李安", "Bob Bell", "Cid Cole")), role
    text = page(sign_in(company.users["manager"]), filled, "results")
    assert "7 answers" in text and "李安" in text and "Cid Cole" not in text and "South" not in text
    text = page(sign_in(company.users["assistant"]), filled, "results")
    assert "4 answers" in text and "Bob Bell" not in text and "Response by step" not in text
    assert "3.75" in text  # the mean of ann's own, and beside it the one that scores use
    assert "3.81" in text  # (4 * 3.75 + 5 * 27/7) / 9 with the mean of North
    assert sign_in(company.users["payroll"]).get(f"/w/acme/surveys/{filled.survey_id}/results/").status_code == 403
    executive = sign_in(company.users["executive"])
    assert executive.get(f"/w/acme/surveys/{filled.survey_id}/words/").status_code == 403


def test_a_manager_sees_what_was_served_while_the_person_was_in_their_line(
    company: Company, sign_in: SignIn, filled: SurveyVersion
) -> None:
    with company.scope():
        company.people["ann"].assignments.update(valid_to=DAY + timedelta(days=1))
    text = page(sign_in(company.users["manager"]), filled, "results")
    assert "5 answers" in text


def test_words_are_masked_for_assistants_whole_for_hr_and_html_is_text(
    company: Company, sign_in: SignIn, filled: SurveyVersion
) -> None:
    text = page(sign_in(company.users["hr"]), filled, "words")
    assert "13800138000" in text and "kim@globex.example" in text and "Globex" in text
    assert "&lt;b&gt;价格" in text and "<b>价格" not in text
    for role in ("assistant", "manager"):  # the customers are nobody's, so the manager doesn't see them in full
        text = page(sign_in(company.users[role]), filled, "words")
        assert "价格" in text and "***" in text
        for secret in ("13800138000", "kim@globex", "Globex", "Kim", "/contacts/"):
            assert secret not in text.split("<main")[1], (role, secret)
    assistant = sign_in(company.users["assistant"])
    assert "Nothing found" in page(assistant, filled, "words", "?q=Kim")  # what is masked can't be searched for
    assert "价格" in page(assistant, filled, "words", "?q=价格&band=low")
    assert page(assistant, filled, "words", "?q=ann").count("voice-text") == 4
    assert "cid 0" not in page(assistant, filled, "words", f"?employee={company.people['cid'].pk}")


def test_an_answer_without_a_name_shows_neither_customer_nor_assistant_and_obeys_the_minimum(
    company: Company, sign_in: SignIn
) -> None:
    with company.scope():
        version = published("Quiet", with_question(ready(), "comment", identified=False))
    client = sign_in(company.users["hr"])
    for at in range(3):
        answered(company, version, 1, f"Kim {at} told Globex 集团", finished_at=LONG_AGO)
        with company.scope():
            rebuild()
        text = page(client, version, "words")
        assert ("told" in text) is (at == 2)
    for hidden in ("Kim", "Globex", "李安", "/contacts/"):
        assert hidden not in text.split("<main")[1].split("voice-said")[1]
    for query in ("?band=low", "?from=2025-02", f"?employee={company.people['ann'].pk}"):
        assert "told" not in page(client, version, "words", query)
    with company.scope():
        words = SurveyAnswer.objects.filter(kind="text")
        assert words.count() == 3
        install_ready()
        ids = [one.pk for one in words]
    text = page(client, version, "words")
    assert not any(f"words/{pk}/theme" in text for pk in ids)  # beside those of the same customer's name
    assert all(theme_of(pk) in text for pk in ids)


def test_few_answers_are_not_shown_nor_what_follows_from_two_filters_or_two_months(
    company: Company, sign_in: SignIn
) -> None:
    with company.scope():
        version = published()
    for person, month, n in (("ann", 2, 4), ("bob", 2, 4), ("cid", 2, 1), ("ann", 3, 2)):
        for _ in range(n):
            answered(company, version, 5, person=person, day=date(2025, month, 10))
    with company.scope():
        rebuild()
    client = sign_in(company.users["executive"])  # who reads no single answers
    text = page(client, version, "results")
    assert "11 answers" in text and "Cid Cole</th>" not in text
    assert "Bob Bell</th>" not in text  # with the total and ann's it would give cid's away
    cid, bob, ann = (company.people[one].pk for one in ("cid", "bob", "ann"))
    for query in (
        f"?employee={cid}",
        f"?employee={bob}",
        "?from=2025-03",
        "?to=2025-02",
        f"?employee={ann}&to=2025-02",
    ):
        assert "Not enough answers for this filter" in page(client, version, "results", query), query
    assert "6 answers" in page(client, version, "results", f"?employee={ann}")


def test_who_reads_every_answer_by_name_filters_by_anything_from_the_minimum_on(
    company: Company, sign_in: SignIn
) -> None:
    with company.scope():
        version = published()
    for person, month, n in (("ann", 2, 4), ("bob", 2, 4), ("cid", 2, 1), ("ann", 3, 2)):
        for _ in range(n):
            answered(company, version, 5, person=person, day=date(2025, month, 10), product="Lamp")
    with company.scope():
        rebuild()
    client = sign_in(company.users["hr"])
    cid, bob, ann = (company.people[one].pk for one in ("cid", "bob", "ann"))
    text = page(client, version, "results")
    assert "Bob Bell</th>" in text and "Cid Cole</th>" not in text
    assert "4 answers" in page(client, version, "results", f"?employee={ann}&to=2025-02&product=Lamp&by=unit")
    assert "4 answers" in page(client, version, "results", f"?employee={bob}&from=2025-02&to=2025-02")
    assert "9 answers" in page(client, version, "results", "?to=2025-02&product=Lamp")
    assert "North</th>" in page(client, version, "results", "?to=2025-02&product=Lamp&by=unit")
    for few in (f"?employee={cid}", "?from=2025-03", f"?employee={ann}&from=2025-03&product=Lamp"):
        assert "Not enough answers for this filter" in page(client, version, "results", few), few


def test_every_breakdown_and_the_response_are_one_click_away(
    company: Company, sign_in: SignIn, filled: SurveyVersion
) -> None:
    hr = sign_in(company.users["hr"])
    for by, name in (
        ("employee", "Bob Bell</th>"),
        ("unit", "North</th>"),
        ("product", "Lamp</th>"),
        ("type", "Not known</th>"),
    ):
        text = page(hr, filled, "results", f"?by={by}")
        assert name in text and f'by={by}#by" aria-current="true"' in text, by
    assert "Answered</th>" in page(hr, filled, "results", "?by=response")
    assert "Answered</th>" not in page(hr, filled, "results", "?by=nonsense")
    assert "by=response" not in page(sign_in(company.users["assistant"]), filled, "results")


def test_a_scale_without_a_name_is_shown_as_a_whole_only(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        version = published("Q", ready(questions=(scale("satisfaction", identified=False),)))
    for person in ("ann", "bob"):
        for _ in range(4):
            answered(company, version, 4, person=person, finished_at=LONG_AGO)
    with company.scope():
        rebuild()
    client = sign_in(company.users["hr"])
    text = page(client, version, "results")
    assert "8 answers" in text and "Bob Bell</th>" not in text
    assert "Not enough answers" in page(client, version, "results", f"?employee={company.people['ann'].pk}")
    assert "Not enough answers" in page(client, version, "results", "?from=2025-02")
    assert "Not enough answers" in page(sign_in(company.users["manager"]), version, "results")


def test_unnamed_answers_come_out_in_batches_and_only_to_who_sees_all(company: Company, sign_in: SignIn) -> None:
    questions = (scale("satisfaction", identified=False), replace(ready().questions[-1], identified=False))
    with company.scope():
        version = published("Q", ready(questions=questions))
    for at in range(3):
        answered(company, version, 4, f"quiet {at}", finished_at=LONG_AGO)
    for at in range(2):
        answered(company, version, 1, f"late {at}", finished_at=LONG_AGO + timedelta(days=30))
    answered(company, version, 1, "fresh", finished_at=timezone.now())
    with company.scope():
        rebuild()
    hr = sign_in(company.users["hr"])
    assert "3 answers" in page(hr, version, "results")
    text = page(hr, version, "words")
    assert len(re.findall(r">quiet \d<", text)) == 3 and ">late" not in text and ">fresh" not in text
    file = export(company, exports.WORDS, version)
    assert "quiet 2" in file and "late" not in file
    assert ",4," in export(company, exports.RESULTS, version) or "4.0" in export(company, exports.RESULTS, version)
    with company.scope():
        late, quiet = (SurveyAnswer.objects.filter(text=text).get().pk for text in ("late 0", "quiet 0"))
        theme = VoiceTheme.objects.create(name_en="X")
    assert hr.post(theme_of(late), {"theme": f"{theme.pk}:1"}).status_code == 404
    assert hr.post(theme_of(quiet), {"theme": f"{theme.pk}:1"}).status_code == 302
    manager = sign_in(company.users["manager"])
    assert ">quiet " not in page(manager, version, "words") and "3 answers" not in page(manager, version, "results")
    assert manager.post(theme_of(quiet), {"theme": f"{theme.pk}:1"}).status_code == 404
    answered(company, version, 1, "late 2", finished_at=LONG_AGO + timedelta(days=30))
    with company.scope():
        rebuild()
    assert "6 answers" in page(hr, version, "results") and "late 2" in page(hr, version, "words")


def test_a_score_without_a_name_stands_beside_no_words(company: Company, sign_in: SignIn) -> None:
    questions = (scale("satisfaction", identified=False), ready().questions[-1])
    with company.scope():
        version = published("Q", ready(questions=questions))
    answered(company, version, 1, "by name")
    client = sign_in(company.users["hr"])
    text = page(client, version, "words")
    assert "by name" in text and 'class="pill' not in text.split("voice-said", 1)[1].split("</li>")[0]
    assert "by name" not in page(client, version, "words", "?band=low")


def test_the_mean_that_scores_use_does_not_give_a_colleagues_answer_away(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        version = published()
    for person, n in (("ann", 4), ("bob", 1)):
        for _ in range(n):
            answered(company, version, 4, person=person)
    with company.scope():
        rebuild()
    assert _used(page(sign_in(company.users["assistant"]), version, "results")) == ["—"]
    assert _used(page(sign_in(company.users["hr"]), version, "results")) == ["4.00"]
    for _ in range(2):
        answered(company, version, 4, person="bob")
    with company.scope():
        rebuild()
    assistant = sign_in(company.users["assistant"])
    assert _used(page(assistant, version, "results")) == ["4.00"]
    assert _used(page(assistant, version, "results", "?from=2025-02")) == ["—"]  # one period from another


def _used(text: str) -> list[str]:
    return re.findall(r'data-label="Mean that scores use">([^<]*)<', text)


def export(company: Company, kind: str, version: SurveyVersion, role: str = "hr") -> str:
    """The file that an export writes."""
    pk = run_job(company, kind, {"survey_id": version.survey_id, "query": {}, "language": "en"}, role=role)
    with company.scope(), default_storage.open((Job.objects.get(pk=pk).result or {})["file"]) as file:
        return str(file.read().decode())


def test_what_customers_say_opens_the_newest_survey_with_enough_answers_of_ones_own(
    company: Company, sign_in: SignIn, filled: SurveyVersion
) -> None:
    with company.scope():
        empty, other = published("Empty"), published("Other")
    answered(company, other, 5, person="cid", day=DAY + timedelta(days=60))
    with company.scope():
        rebuild()
    assert empty.survey_id != other.survey_id
    for role in ("hr", "assistant", "manager"):
        answer = sign_in(company.users[role]).get("/w/acme/surveys/voice/")
        assert answer["Location"] == f"/w/acme/surveys/{filled.survey_id}/results/", role


def test_purposes_are_never_mixed(company: Company, sign_in: SignIn, filled: SurveyVersion) -> None:
    for _ in range(3):
        answered(company, filled, 1, purpose="development", origin="assistant")
    with company.scope():
        rebuild()
    client = sign_in(company.users["hr"])
    assert "11 answers" in page(client, filled, "results")
    assert "3 answers" in page(client, filled, "results", "?purpose=development")


def test_themes_are_suggested_given_counted_and_archived(
    company: Company, sign_in: SignIn, filled: SurveyVersion
) -> None:
    with company.scope():
        assert (install_ready(), install_ready()) == (7, 0)
        price = VoiceTheme.objects.get(name_en="Price")
        words = list(SurveyAnswer.objects.filter(kind="text", invitation__employee=company.people["ann"]))
        foreign = SurveyAnswer.objects.filter(kind="text", invitation__employee=company.people["cid"]).earliest("pk")
    manager = sign_in(company.users["manager"])
    assert page(manager, filled, "words").count("is-suggested") == 7
    for one in words[:3]:
        address = theme_of(one.pk)
        assert manager.post(address, {"theme": f"{price.pk}:1"}).status_code == 302
        answer = manager.post(address, {"theme": f"{price.pk}:1"}, headers={"HX-Request": "true"})
        assert b'aria-pressed="true"' in answer.content
    assert manager.post(theme_of(foreign.pk), {"theme": f"{price.pk}:1"}).status_code == 404
    assistant = sign_in(company.users["assistant"])
    assert assistant.post(theme_of(one.pk), {"theme": f"{price.pk}:0"}).status_code == 403
    with company.scope():
        assert ThemedWords.objects.count() == 3
    assert "0% low" in page(manager, filled, "words")
    with company.scope():
        second = VoiceTheme.objects.get(name_en="Speed")
        ThemedWords.objects.bulk_create(ThemedWords(answer=one, theme=second) for one in words[:3])
    counted = re.findall(r'<td class="num">(\d+)</td>', page(manager, filled, "words"))
    assert counted == ["3", "3"]  # words with two themes count once for each
    hr = sign_in(company.users["hr"])
    assert hr.post(f"/w/acme/surveys/themes/{price.pk}/archive/", {"on": "1"}).status_code == 302
    assert page(hr, filled, "words").count("is-suggested") == 0
    assert hr.post("/w/acme/surveys/themes/new/", {"name_zh": "", "name_en": ""}).status_code == 400
    assert hr.post("/w/acme/surveys/themes/new/", {"name_zh": "包装", "words_zh": "包装"}).status_code == 302


def test_themes_are_searched_filtered_sorted_and_exported(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        install_ready()
        VoiceTheme.objects.filter(name_en="Price").update(is_archived=True)
    client = sign_in(company.users["manager"])

    def names(query: str = "") -> list[str]:
        answer = client.get(f"/w/acme/surveys/themes/{query}")
        return re.findall(r'class="name" translate="no">([^<]*)<', answer.content.decode())

    assert len(names()) == 7 and names()[-1] == "Price"
    assert names("?q=warranty") == ["After-sales"] and names("?q=物流") == ["Delivery"]
    assert names("?state=archived") == ["Price"] and names("?sort=-state")[0] == "Price"
    assert names("?sort=name") == sorted(names()) and names("?sort=-name") == sorted(names(), reverse=True)
    assert b"No theme matches" in client.get("/w/acme/surveys/themes/?q=zzz").content
    assert client.post("/w/acme/surveys/themes/export/?q=warranty").status_code == 302
    pk = run_job(company, exports.THEMES, {"query": {"state": "archived"}, "language": "en"}, role="manager")
    with company.scope(), default_storage.open((Job.objects.get(pk=pk).result or {})["file"]) as file:
        lines = file.read().decode().splitlines()
    assert len(lines) == 2 and "Price" in lines[1] and "Archived" in lines[1]


def test_results_and_words_mark_what_customers_say_in_the_navigation(
    company: Company, sign_in: SignIn, filled: SurveyVersion
) -> None:
    for role in ("assistant", "hr"):
        client = sign_in(company.users[role])
        for name in ("results", "words"):
            marked = re.findall(r'<a href="([^"]+)" aria-current="page"', page(client, filled, name))
            assert marked[:1] == ["/w/acme/surveys/voice/"], (role, name)


def test_nobody_of_another_workspace_reaches_anything(
    company: Company, other_company: Company, sign_in: SignIn, filled: SurveyVersion
) -> None:
    client = sign_in(other_company.users["hr"])
    for what in ("results", "words"):
        assert client.get(f"/w/globex/surveys/{filled.survey_id}/{what}/").status_code == 404
    with company.scope():
        words, theme = (
            SurveyAnswer.objects.filter(kind="text").earliest("pk").pk,
            VoiceTheme.objects.create(name_en="X"),
        )
    assert client.post(theme_of(words, "globex"), {"theme": f"{theme.pk}:1"}).status_code == 404
    with tenant_scope(other_company.tenant.pk):
        assert rebuild(check=True) == (0, 0)


@pytest.mark.parametrize("kind", [exports.RESULTS, exports.WORDS])
def test_files_have_the_masks_and_minimums_of_the_pages(
    company: Company, sign_in: SignIn, filled: SurveyVersion, kind: str
) -> None:
    params = {"survey_id": filled.survey_id, "query": {}, "language": "en"}
    texts = {}
    for role in ("hr", "assistant"):
        pk = run_job(company, kind, params, role=role)
        with company.scope(), default_storage.open((Job.objects.get(pk=pk).result or {})["file"]) as file:
            texts[role] = file.read().decode()
    assert "Cid Cole" in texts["hr"] and "Cid Cole" not in texts["assistant"]
    if kind == exports.WORDS:
        assert "13800138000" in texts["hr"] and "13800138000" not in texts["assistant"]
        assert "Globex" not in texts["assistant"]


def test_the_number_of_queries_does_not_grow(company: Company, sign_in: SignIn, filled: SurveyVersion) -> None:
    client = sign_in(company.users["hr"])
    counts: dict[str, set[int]] = {}
    for turn in (1, 2):
        for what in ("results", "words"):
            page(client, filled, what)
            with CaptureQueriesContext(connection) as queries:
                page(client, filled, what)
            counts.setdefault(what, set()).add(len(queries))
        for _ in range(5):
            answered(company, filled, turn, "more", person="cid")
        with company.scope():
            rebuild()
    assert all(len(each) == 1 for each in counts.values()), counts
