"""Pages of raters: choosing, approving, the load, declining; what each of them shows and hides."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.tenants.scope import tenant_scope
from reviews.models import Participant, Rater, ReviewCycle
from reviews.raters import jobs as rater_jobs
from reviews.raters import services
from tests.factories import Company
from tests.reviews.factories import add_rater
from tests.reviews.rater_factories import Choice, choosing, share_customers

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
FOUR = ("p1", "p2", "p3", "p4")


@pytest.fixture
def choice(company: Company) -> Choice:
    with company.scope():
        made = choosing(company)
        share_customers(made, "s1", 12)
        return made


def text(response: Any) -> str:
    return unescape(response.content.decode())


def boxes(choice: Choice, *names: str, group: str = "peers") -> list[str]:
    return [f"{group}:{choice.people[name].pk}" for name in names]


def test_the_assistant_chooses_with_reasons_and_proposes(choice: Choice, sign_in: SignIn) -> None:
    ann = sign_in(choice.company.users["assistant"])
    pk = choice.cycle.people["ann"].pk
    address = f"/w/acme/raters/{pk}/choose/"
    page = text(ann.get(address))
    assert "12 shared customers" in page
    assert "same manager" in page
    assert "Mia Manager" not in page.split("<main")[1].replace("Your manager", "")  # who leads her is no choice
    # Searching keeps what was ticked.
    found = ann.post(address, {"act": "search", "q": "Cid", "pick": boxes(choice, "p1")})
    assert found["Location"].endswith("?q=Cid#found")
    page = text(ann.get(found["Location"]))
    assert "No work in common found" in page
    assert f'value="peers:{choice.people["p1"].pk}" id="pick-peers-{choice.people["p1"].pk}" checked' in page
    ann.post(address, {"act": "propose", "pick": boxes(choice, *FOUR)})
    page = text(ann.get(address))
    assert "waits for approval" in page
    ann.post(address, {"act": "take_back"})
    with choice.company.scope():
        assert choice.is_("open")


def test_what_cant_be_is_said_and_nothing_changes(choice: Choice, sign_in: SignIn) -> None:
    ann = sign_in(choice.company.users["assistant"])
    address = f"/w/acme/raters/{choice.cycle.people['ann'].pk}/choose/"
    answer = ann.post(address, {"act": "propose", "pick": boxes(choice, "p1", "manager")}, follow=True)
    assert "leads this person" in text(answer)
    answer = ann.post(address, {"act": "propose", "pick": boxes(choice, "p1")}, follow=True)
    assert "At least 3 are needed" in text(answer)
    assert answer.status_code == 400
    assert f'id="pick-peers-{choice.people["p1"].pk}" checked' in text(answer)  # no tick is lost
    assert ann.post(address, {"act": "save", "pick": ["peers:x", "nonsense", "peers:99999999"]}).status_code == 404
    with choice.company.scope():
        assert not Rater.objects.filter(state="nominated").exists()


def test_after_the_approval_the_ratee_sees_counts_only(choice: Choice, sign_in: SignIn) -> None:
    with choice.company.scope():
        services.propose(choice.ann.pk, choice.picks(*FOUR), **choice.by("assistant"))
        services.approve(choice.ann.pk, **choice.by("manager"))
    page = text(sign_in(choice.company.users["assistant"]).get(f"/w/acme/raters/{choice.ann_id}/choose/"))
    assert "not who" in page
    assert "Person p1" not in page
    # Nor does the page of who approves open for them.
    ann = sign_in(choice.company.users["assistant"])
    assert ann.get(f"/w/acme/raters/{choice.ann_id}/approve/").status_code == 403


def test_a_manager_sees_load_and_problems_and_approves_the_rest(choice: Choice, sign_in: SignIn) -> None:
    with choice.company.scope():
        services.propose(choice.ann.pk, choice.picks(*FOUR), **choice.by("assistant"))
        add_rater(choice.cycle, "bob", choice.people["boss"], "peers", state="nominated")
        Participant.objects.filter(pk=choice.cycle.people["bob"].pk).update(nomination="proposed")
    manager = sign_in(choice.company.users["manager"])
    address = f"/w/acme/cycles/{choice.row.pk}/raters/"
    page = text(manager.get(address))
    assert "leads this person" in page
    assert "Cid Cole" not in page  # not theirs
    chosen = [str(one.pk) for one in choice.cycle.people.values()]
    done = text(manager.post(address, {"person": chosen}, follow=True))
    assert "Approved the raters of 1 person." in done
    with choice.company.scope():
        assert choice.is_("approved")
    page = text(manager.get(f"/w/acme/raters/{choice.ann_id}/approve/"))
    assert "Person p1" in page
    assert "reviews 1 of 12" in page


def test_nobody_sees_who_has_answered(choice: Choice, sign_in: SignIn) -> None:
    with choice.company.scope():
        services.propose(choice.ann.pk, choice.picks(*FOUR), **choice.by("assistant"))
        services.approve(choice.ann.pk, **choice.by("manager"))
    pages = [f"/w/acme/raters/{choice.ann_id}/approve/", f"/w/acme/cycles/{choice.row.pk}/raters/?state=all",
             f"/w/acme/cycles/{choice.row.pk}/load/"]  # fmt: skip
    hr = sign_in(choice.company.users["hr"])

    def seen() -> list[str]:
        return [text(hr.get(path)).split("<main")[1].split("csrfmiddlewaretoken")[0] for path in pages]

    before = seen()
    with choice.company.scope():
        Rater.objects.filter(employee=choice.people["p1"]).update(state="done")
        Rater.objects.filter(employee=choice.people["p2"]).update(state="started")
    assert seen() == before


def test_a_choice_is_sent_back_with_words(choice: Choice, sign_in: SignIn) -> None:
    with choice.company.scope():
        services.propose(choice.ann.pk, choice.picks(*FOUR), **choice.by("assistant"))
    manager = sign_in(choice.company.users["manager"])
    address = f"/w/acme/raters/{choice.ann_id}/approve/"
    assert "Say why" in text(manager.post(address, {"act": "send_back", "reason": ""}, follow=True))
    manager.post(address, {"act": "send_back", "reason": "Ask the South as well"})
    page = text(sign_in(choice.company.users["assistant"]).get(f"/w/acme/raters/{choice.ann_id}/choose/"))
    assert "Ask the South as well" in page


def test_declining_and_asking_somebody_else(choice: Choice, sign_in: SignIn) -> None:
    with choice.company.scope():
        services.propose(choice.ann.pk, choice.picks(*FOUR), **choice.by("assistant"))
        services.approve(choice.ann.pk, **choice.by("manager"))
        choice.viewer("p1")
        rater = choice.rater("p1")
    p1, manager = sign_in(choice.company.users["p1"]), sign_in(choice.company.users["manager"])
    address = f"/w/acme/raters/{rater.pk}/decline/"
    assert manager.get(address).status_code == 404
    assert "Why can't you review this person?" in text(p1.get(address))
    assert p1.post(address, {"reason": " "}).status_code == 400
    assert p1.post(address, {"reason": "Never worked together"}).status_code == 302
    person = f"/w/acme/raters/{choice.ann_id}/approve/"
    page = text(manager.get(f"{person}?instead={rater.pk}&q=s1"))
    assert "Never worked together" in page
    assert "Ask somebody in place of Person p1" in page
    ask = f"/w/acme/raters/{choice.ann_id}/ask/"
    instead = {"pick": boxes(choice, "p5")[0], "instead": str(rater.pk)}
    assert manager.post(ask, instead).status_code == 302
    for bad in ({"pick": "peers:x"}, {"pick": "peers:99999999999"}, {**instead, "instead": "x"}, {}):
        assert manager.post(ask, bad).status_code == 404
    with choice.company.scope():
        assert choice.rater("p5").replaces_id == rater.pk
        p5 = choice.rater("p5")
    remove = f"/w/acme/raters/{p5.pk}/remove/"
    assert sign_in(choice.company.users["assistant"]).post(remove).status_code == 403
    assert manager.post(remove).status_code == 302
    with choice.company.scope():
        assert choice.state("p5") == "removed"


def test_the_load_of_raters_for_hr(choice: Choice, sign_in: SignIn) -> None:
    with choice.company.scope():
        ReviewCycle.objects.update(most_per_rater=1)
        add_rater(choice.cycle, "ann", choice.people["p1"], "peers")
        add_rater(choice.cycle, "bob", choice.people["p1"], "peers")
        add_rater(choice.cycle, "bob", choice.people["p2"], "peers", state="nominated")
    hr = sign_in(choice.company.users["hr"])
    address = f"/w/acme/cycles/{choice.row.pk}/load/"
    page = text(hr.get(address))
    assert "2 of 1" in page
    assert page.index("Person p1") < page.index("Person p2")
    assert "Person p2" not in text(hr.get(f"{address}?state=over"))
    assert "Person p1" not in text(hr.get(f"{address}?state=free"))
    assert "Nothing matches" in text(hr.get(f"{address}?q=zzzz"))
    assert sign_in(choice.company.users["manager"]).get(address).status_code == 403


def run(company: Company, kind: str, params: dict[str, Any], role: str) -> dict[str, Any]:
    with company.scope():
        job = jobs.start(kind, {**params, "language": "en"}, user_id=company.users[role].pk)
    from perfmgmt.jobs.tasks import run_next

    run_next(company.tenant.pk)
    with tenant_scope(company.tenant.pk):
        done = Job.objects.get(pk=job.pk)
        assert done.state == "done", done.error
        return dict(done.result)


def test_everything_without_a_problem_is_approved_by_a_job(choice: Choice, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    with choice.company.scope():
        services.propose(choice.ann.pk, choice.picks(*FOUR), **choice.by("assistant"))
        add_rater(choice.cycle, "bob", choice.people["p1"], "peers", state="nominated")
        Participant.objects.filter(pk=choice.cycle.people["bob"].pk).update(nomination="proposed")
    result = run(choice.company, rater_jobs.APPROVE, {"cycle": choice.row.pk}, "hr")
    assert (result["people"], result["left"]) == (1, [["AC005", "Bob Bell", "Peers: At least 3 are needed."]])
    for kind, rows in ((rater_jobs.EXPORT, 6), (rater_jobs.EXPORT_LOAD, 4)):
        done = run(choice.company, kind, {"cycle": choice.row.pk, "query": {"state": "all"}}, "hr")
        assert done["rows"] == rows, kind


def test_the_list_asks_the_same_queries_for_many_people(choice: Choice, sign_in: SignIn) -> None:
    hr = sign_in(choice.company.users["hr"])
    address = f"/w/acme/cycles/{choice.row.pk}/raters/?state=all"

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert hr.get(address).status_code == 200
        return len(queries)

    with choice.company.scope():
        add_rater(choice.cycle, "ann", choice.people["p1"], "peers", state="nominated")
    count()
    before = count()
    with choice.company.scope():
        for name in ("p2", "p3", "p4", "p5"):
            person = choice.people[name]
            whom = Participant.objects.create(cycle=choice.row, employee=person, manager=choice.people["manager"])
            for peer in ("p1", "s1", "s2"):
                Rater.objects.create(participant=whom, employee=choice.people[peer], group="peers")
    assert count() == before
