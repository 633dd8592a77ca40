"""Pages of results: who sees what, the list, the file, the forms."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import pdf
from reviews.models import CalibrationMove, CalibrationSession, Participant, ReviewCycle, ReviewResult, Score
from reviews.results import exports, files
from tests.factories import Company
from tests.reviews.factories import Cycle
from tests.reviews.result_factories import closed_cycle, release, result_of, viewer

pytestmark = pytest.mark.django_db
Get = Callable[..., Any]


@pytest.fixture
def released(company: Company) -> Iterator[Cycle]:
    with company.scope():
        cycle = closed_cycle(company)
        Participant.objects.filter(pk=cycle.people["ann"].pk).update(calibrated=91)
        session = CalibrationSession.objects.create(cycle=cycle.row, name="North")
        CalibrationMove.objects.create(
            session=session, participant=cycle.people["ann"], before=86, after=91, reason="Took over a region"
        )
        release(company, cycle)
        for name in ("ann", "bob", "cid"):
            cycle.people[name].result = result_of(cycle, name)  # type: ignore[attr-defined]
    return cycle


@pytest.fixture
def page(company: Company, sign_in: Callable[[Any], Client]) -> Get:
    """Open a page of the workspace as one of the cast."""

    def opened(role: str, name: str, *args: Any, post: Any = None, query: str = "") -> Any:
        user = company.users[role]
        user.language = "en"
        client = sign_in(user)
        address = reverse(name, args=[company.tenant.slug, *args]) + query
        return client.get(address, headers={"accept-language": "en"}) if post is None else client.post(
            address, post, headers={"accept-language": "en"}
        )  # fmt: skip

    return opened


def id_of(cycle: Cycle, name: str) -> int:
    return int(cycle.people[name].result.pk)  # type: ignore[attr-defined]


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_person_sees_the_score_the_trace_and_the_comments_but_not_what_calibration_changed(
    page: Get, released: Cycle
) -> None:
    found = page("assistant", "result", id_of(released, "ann"))
    shown = found.context["shown"]
    assert shown.is_calibrated and shown.calibration is None and shown.trace is not None
    assert "Took over a region" not in text(found) and "91.00" in text(found)
    # The trace sums to what was worked out: both totals stand there and say which is which.
    said = "Computed 86.00, calibrated to 91.00 in a session"
    assert said in text(found) and "Computed score" in text(found) and "Score after calibration" in text(found)
    assert "Keep the customers close" in text(found) and "同事评语 0" in text(found)
    assert found.context["proposals"] == []


def test_the_manager_sees_the_calibration_and_hr_the_live_score(page: Get, released: Cycle, company: Company) -> None:
    with company.scope():
        Score.objects.filter(employee=company.people["ann"]).update(score=70)
    lead, hr = page("manager", "result", id_of(released, "ann")), page("hr", "result", id_of(released, "ann"))
    assert "李安 · Q1 2025</h1>" in text(lead) and "released on" in text(lead)
    assert "Took over a region" in text(lead) and "The live score differs" not in text(lead)
    assert "Computed 86.00, calibrated to 91.00 because: Took over a region" in text(lead)
    other = text(page("manager", "result", id_of(released, "bob")))
    assert "calibrated to" not in other and "Score after calibration" not in other
    assert "The live score differs" in text(hr) and "91.00" in text(hr)


def test_what_the_cycle_hides_from_people_managers_still_see(page: Get, released: Cycle, company: Company) -> None:
    with company.scope():
        ReviewCycle.objects.update(shows_comments=False, shows_groups=False)
    own = page("assistant", "result", id_of(released, "ann"))
    assert own.context["shown"].comments == own.context["shown"].forms == []
    assert "Keep the customers close" not in text(own)
    groups = [part["groups"] for one in own.context["shown"].trace["dimensions"] for part in one["parts"]]
    assert groups == [[], [], []]
    assert "Keep the customers close" in text(page("manager", "result", id_of(released, "ann")))


@pytest.mark.parametrize(
    ("role", "name", "status"),
    [
        ("assistant", "bob", 404), ("manager", "cid", 404), ("manager", "bob", 200), ("auditor", "cid", 200),
        ("executive", "ann", 403), ("payroll", "ann", 403),
    ],
)  # fmt: skip
def test_who_may_open_whose_result(page: Get, released: Cycle, role: str, name: str, status: int) -> None:
    assert page(role, "result", id_of(released, name)).status_code == status


def test_a_result_of_another_workspace_is_not_there(page: Get, released: Cycle, other_company: Company) -> None:
    with other_company.scope():
        cycle = closed_cycle(other_company)
        release(other_company, cycle)
        other = result_of(cycle, "ann").pk
    for name in ("result", "review_meeting"):
        assert page("owner", name, other).status_code == 404
    for name in ("answer_result", "print_result", "open_review_meeting", "sign_review_meeting"):
        assert page("owner", name, other, post={"state": "acknowledged", "version": "1"}).status_code == 404


def test_the_list_is_found_filtered_and_sorted(page: Get, released: Cycle) -> None:
    def names(query: str = "", role: str = "hr") -> list[str]:
        rows = page(role, "results", query=query).context["rows"]
        return [row["result"].participant.employee.name for row in rows]

    assert len(names()) == 3
    assert names("?sort=-score") == ["Bob Bell", "李安", "Cid Cole"]
    assert names("?grade=E") == ["Cid Cole"] == names("?q=cid")
    assert names("?meeting=signed") == names("?state=disagreed") == []
    assert sorted(names(role="manager")) == ["Bob Bell", "李安"]
    assert names(role="assistant") == ["李安"]
    assert names("?cycle=abc&sort=nonsense&unit=99999999999999999999") != []


def test_the_list_takes_the_same_statements_for_one_as_for_three(page: Get, released: Cycle) -> None:
    counts = []
    for query in ("?grade=E", ""):
        with CaptureQueriesContext(connection) as seen:
            page("hr", "results", query=query)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_acknowledging_on_the_page_and_a_refused_comment_stays_typed(page: Get, released: Cycle) -> None:
    pk = id_of(released, "ann")
    refused = page("assistant", "answer_result", pk, post={"state": "disagreed", "comment": " "})
    assert refused.status_code == 400 and "what you disagree with" in text(refused)
    assert page("manager", "answer_result", pk, post={"state": "acknowledged"}).status_code == 404
    assert page("assistant", "answer_result", pk, post={"state": "acknowledged"}).status_code == 302


def test_own_result_leads_to_the_newest(page: Get, released: Cycle) -> None:
    assert page("assistant", "own_result").url.endswith(f"/results/{id_of(released, 'ann')}/")
    assert page("hr", "own_result").url.endswith("/results/")


def test_a_meeting_is_written_and_signed_on_its_page(page: Get, released: Cycle, company: Company) -> None:
    pk = id_of(released, "ann")
    assert page("assistant", "review_meeting", pk).status_code == 404
    assert page("manager", "open_review_meeting", pk, post={}).status_code == 302
    form = {
        "version": "1",
        "kept": ["0"],
        "held_on": "2025-04-02",
        "notes": "n",
        "agreed": "a",
        "own_lines": "x\n\ny",
    }
    assert page("manager", "review_meeting", pk, post=form).status_code == 302
    stale = page("manager", "review_meeting", pk, post=form)
    assert stale.status_code == 400 and "changed meanwhile" in text(stale)
    assert page("assistant", "review_meeting", pk, post={"version": "2", "notes": "mine"}).status_code == 302
    for role in ("assistant", "manager"):
        assert page(role, "sign_review_meeting", pk, post={"version": "3"}).status_code == 302
    signed = page("auditor", "review_meeting", pk)
    assert "stays as it is" in text(signed) and "mine" in text(signed)
    late = page("manager", "review_meeting", pk, post={**form, "version": "3"})
    assert late.status_code == 400 and "can&#x27;t be changed" in text(late)
    assert page("auditor", "review_meeting", pk, post={"version": "3", "notes": "x"}).status_code == 403


def test_hr_releases_on_the_page_and_a_double_click_is_one_job(page: Get, company: Company) -> None:
    with company.scope():
        cycle = closed_cycle(company)
    assert page("manager", "release_results").status_code == 403
    before = page("hr", "release_results")
    assert before.context["standing"].waiting == 3
    nobody = page("hr", "release_results", post={"scope": "units"})
    assert nobody.status_code == 400
    form = {"scope": "all", "confirmed": "1"}
    first = page("hr", "release_results", post=form, query=f"?cycle={cycle.row.pk}")
    second = page("hr", "release_results", post=form, query=f"?cycle={cycle.row.pk}")
    assert first.status_code == 302 and first.url == second.url
    assert page("hr", "release_results", query="?cycle=999999").status_code == 404


def test_proposals_are_decided_on_their_page(page: Get, released: Cycle, company: Company) -> None:
    found = page("manager", "proposals")
    one = next(each for each in found.context["page"] if each.result.participant.employee.name == "Bob Bell")
    assert "the highest" in text(found)
    back = f"/w/{company.tenant.slug}/results/"
    done = page("manager", "decide_proposal", one.pk, post={"state": "accepted", "note": "Yes", "back": back})
    assert done.url == back
    away = page("manager", "decide_proposal", one.pk, post={"state": "accepted", "back": "https://evil.example/"})
    assert away.url.endswith("/results/proposals/")
    assert page("assistant", "proposals").status_code == 403


def test_two_questions_are_answered_and_heard_by_hr_only(page: Get, released: Cycle) -> None:
    asked = page("assistant", "fairness")
    assert asked.context["cycle"] == released.row
    incomplete = page("assistant", "fairness", post={"cycle": released.row.pk, "fair": "4"})
    assert incomplete.status_code == 400
    form = {"cycle": released.row.pk, "fair": "4", "useful": "5", "text": "ok"}
    assert page("assistant", "fairness", post=form).status_code == 302
    assert page("assistant", "fairness").context["cycle"] is None
    assert page("assistant", "fairness", post=form).status_code == 400
    assert page("manager", "heard_fairness").status_code == 403
    assert "still coming in" in text(page("hr", "heard_fairness"))


def test_a_persons_tab_lists_their_results(page: Get, released: Cycle, company: Company) -> None:
    found = page("manager", "person_results", company.people["ann"].pk)
    assert [row.pk for row in found.context["rows"]] == [id_of(released, "ann")]
    assert page("manager", "person_results", company.people["cid"].pk).status_code == 404


# Files


@pytest.fixture
def run(company: Company, settings: Any, tmp_path: Any) -> Callable[..., bytes]:
    """Do the work of a job as somebody; return the file."""
    settings.MEDIA_ROOT = tmp_path

    def done(role: str, work: Callable[[JobContext], dict[str, Any]], **params: Any) -> bytes:
        with company.scope():
            user = viewer(company, role).user_id
            job = Job.objects.create(kind="x", params=params, created_by_id=user)
            result = work(JobContext(job.pk, job.params, user))
            with default_storage.open(result["file"]) as file:
                return bytes(file.read())

    return done


def words_of(body: bytes) -> str:
    """The text of a PDF, without the spaces that layout makes."""
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages).split())


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "销售业绩"), ("en", "Salesresults")])
def test_the_file_has_the_text_of_its_language(
    run: Callable[..., bytes], released: Cycle, language: str, said: str
) -> None:
    body = run("hr", files.print_result, result=id_of(released, "ann"), language=language)
    assert body.startswith(b"%PDF-")
    words = words_of(body)
    assert said in words and "李安" in words and "91.00" in words and "Tookoveraregion" in words


def test_the_persons_own_file_says_nothing_of_the_reason(run: Callable[..., bytes], released: Cycle) -> None:
    words = words_of(run("assistant", files.print_result, result=id_of(released, "ann"), language="zh-hans"))
    assert "Tookoveraregion" not in words and "同事评语0" in words


def test_nobody_gets_a_file_of_a_result_they_do_not_see(run: Callable[..., bytes], released: Cycle) -> None:
    with pytest.raises(NotFound):
        run("manager", files.print_result, result=id_of(released, "cid"), language="en")


def test_what_people_type_is_text_and_never_markup(
    run: Callable[..., bytes], released: Cycle, company: Company
) -> None:
    evil = '#read("/etc/passwd") *bold* $x^2$ #panic() ] \\ "'
    with company.scope():
        ReviewResult.objects.filter(pk=id_of(released, "ann")).update(comment=evil + " 😀", state="disagreed")
    words = words_of(run("hr", files.print_result, result=id_of(released, "ann"), language="en"))
    assert "".join(evil.split()) in words and pdf.REPLACEMENT in words


def test_a_character_that_the_font_lacks_is_refused(tmp_path: Any) -> None:
    template = tmp_path / "a.typ"
    template.write_text('#let d = json(bytes(sys.inputs.data))\n#set text(font: "Noto Sans SC")\n#d.text')
    assert "绩效𠮷"[:2] in words_of(pdf.render(template, {"text": "绩效"}))
    with pytest.raises(pdf.MissingGlyphs) as refused:
        pdf.render(template, {"rows": [{"text": "ok 😀"}], "text": ""})
    assert refused.value.characters == "😀"
    assert pdf.printable({"a": ["x😀\n"]}) == {"a": [f"x{pdf.REPLACEMENT}\n"]}


def test_exports_hold_what_the_pages_show(run: Callable[..., bytes], released: Cycle) -> None:
    own = run("assistant", exports.export_results, query={}, language="en").decode("utf-8-sig")
    assert own.count("\n") == 2 and "91.00" in own and "Took over a region" not in own and "86.00" not in own
    team = run("manager", exports.export_results, query={"q": "李"}, language="en").decode("utf-8-sig")
    assert "Took over a region" in team and "Bob" not in team
    found = run("hr", exports.export_proposals, query={"state": "all"}, language="en").decode("utf-8-sig")
    assert found.count("\n") == 5 and "Improvement plan" in found
