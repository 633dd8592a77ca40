"""Who is found, who is let in, and what an odd address answers."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from goals.services import set_targets
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.registry import JobKind, register
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Employee
from perfmgmt.people.names import name_key
from perfmgmt.people.selectors import directory
from perfmgmt.people.services import add_employee
from perfmgmt.people.viewer import viewer_in
from perfmgmt.tenants.errors import Conflict
from tests.factories import Company

pytestmark = pytest.mark.django_db
MARCH = date(2025, 3, 1)


def test_people_are_found_by_pinyin_with_and_without_spaces(company: Company) -> None:
    with company.scope():
        for search in ("lian", "li an", "LI", "李"):
            assert company.people["ann"] in directory(search=search, on=MARCH), search


def test_people_are_found_by_initials(company: Company) -> None:
    with company.scope():
        xiaowen, xiaowei = add_employee("N1", "李晓文"), add_employee("N2", "刘小伟")
        add_employee("N3", "王小伟")
        for search in ("lxw", "LXW", "l x w", "lx"):
            assert set(directory(search=search, on=MARCH)) == {xiaowei, xiaowen}, search
        assert company.people["bob"] in directory(search="bb", on=MARCH)
        assert not directory(search="lxz", on=MARCH)


def test_initials_follow_the_name_whoever_writes_it(company: Company) -> None:
    with company.scope():
        ann = company.people["ann"]
        Employee.objects.filter(pk=ann.pk).update(name="王小伟", name_key=name_key("王小伟"))
        assert list(directory(search="wxw", on=MARCH)) == [ann]
        assert not directory(search="la", on=MARCH).filter(pk=ann.pk)


def test_an_address_finds_nobody_for_who_may_not_see_addresses(company: Company) -> None:
    with company.scope():
        assert not directory(search="ann@acme", on=MARCH)
        assert list(directory(search="ann@acme", on=MARCH, by_address=True)) == [company.people["ann"]]


def test_who_has_left_comes_in_only_with_a_role_given_by_hand(company: Company) -> None:
    client = Client()
    client.force_login(company.users["assistant"])
    assert client.get("/w/acme/").status_code == 200
    with company.scope():
        company.people["ann"].left_on = date(2025, 1, 31)
        company.people["ann"].save()
    assert client.get("/w/acme/").status_code == 404


def test_a_nul_in_an_address_and_a_body_beyond_bounds_are_refused(company: Company) -> None:
    client = Client()
    client.force_login(company.users["owner"])
    assert client.get("/w/acme/people/?q=%00").status_code == 400
    assert client.post("/language/", {"next": "x" * 4_000_000}).status_code == 413


def test_pages_of_a_workspace_are_not_kept_by_the_browser(company: Company) -> None:
    client = Client()
    client.force_login(company.users["owner"])
    assert "no-store" in client.get("/w/acme/about/")["Cache-Control"]


def test_a_target_that_somebody_changed_meanwhile_is_not_overwritten(company: Company) -> None:
    with company.scope():
        viewer = viewer_in(company.users["owner"].pk, MARCH)
        assert viewer is not None
        metric, ann = metric_by_code("orders"), company.people["ann"].pk

        def save(value: Any, seen: Any) -> int:
            return set_targets(metric, MARCH, {ann: value}, viewer=viewer, today=MARCH, seen={ann: seen})

        assert save(5, None) == 1
        with pytest.raises(Conflict):
            save(7, None)
        assert save(7, 5) == 1


def test_a_fault_of_ours_ends_the_job_with_a_sentence(company: Company) -> None:
    def broken(context: Any) -> dict[str, Any]:
        raise ZeroDivisionError

    register(JobKind("test.broken", "Broken", broken))
    with company.scope():
        job = jobs.start("test.broken", {"language": "zh-hans"}, user_id=None)
    jobs.run(company.scope, job.pk)
    with company.scope():
        found = Job.objects.get(pk=job.pk)
    assert (found.state, found.error_code) == (JobState.FAILED, "internal")
    assert "没有任何更改" in found.error


def test_one_person_holds_up_the_queue_only_so_far(company: Company) -> None:
    with company.scope():
        for _ in range(jobs.MOST_OPEN):
            jobs.start("people.export", {}, user_id=company.users["hr"].pk)
        with pytest.raises(Conflict):
            jobs.start("people.export", {}, user_id=company.users["hr"].pk)
        jobs.start("people.export", {}, user_id=company.users["owner"].pk)


def test_an_earlier_owner_of_a_fact_is_not_shown_to_the_present_one(company: Company) -> None:
    from django.db import connection

    with company.scope():
        fact_id = company.fact("ann", "sales_amount", date(2025, 3, 5), 77777)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO metrics_factversion (tenant_id, fact_id, version, metric_id, employee_id, day, value,
                       currency, credit_share, customer, customer_type, product, series, region, channel,
                       external_id, line, credit_role)
                   SELECT tenant_id, id, 1, metric_id, %s, day, 4242, '', 1, '', '', '', '', '', '',
                          external_id, 0, 'owner'
                   FROM metrics_fact WHERE id = %s""",
                [company.people["cid"].pk, fact_id],
            )
    for role, shown in (("assistant", False), ("owner", True)):
        client = Client()
        client.force_login(company.users[role])
        page = client.get(f"/w/acme/facts/{fact_id}/").content.decode()
        assert ("4,242" in page) is shown


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-05", "9999-12-31", "nonsense"])
def test_a_log_of_a_day_that_no_calendar_has_is_that_of_today(company: Company, day: str) -> None:
    client = Client()
    client.force_login(company.users["assistant"])
    answer = client.get(f"/w/acme/log/?day={day}")
    assert answer.status_code == 200
    assert answer.context["day"] == answer.context["today"]
