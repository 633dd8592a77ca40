"""Entries of the work log: decided by the manager, facts once approved."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from perfmgmt.closing.services import lock_period
from perfmgmt.metrics.models import EmployeeRollup, Fact, FactVersion
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.worklog import services
from perfmgmt.worklog.models import EnterableMetric, WorkEntry
from tests.factories import Company
from tests.worklog.work import PDF, enter, metric, submitted, viewer

pytestmark = pytest.mark.django_db


def test_an_approved_entry_is_a_fact_and_counts(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today, customer="恒达贸易")
        assert not Fact.objects.exists()
        boss = viewer(company, "manager", today)
        assert services.approve([entry.pk], viewer=boss, today=today) == 1
        fact = Fact.objects.get()
        assert (fact.source.code, fact.external_id, fact.value, fact.customer) == (
            "manual", f"entry-{entry.pk}", 3, "恒达贸易")  # fmt: skip
        company.drain()
        assert EmployeeRollup.objects.get(grain=int(Grain.DAY)).total == 3


def test_approving_twice_adds_nothing(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
        boss = viewer(company, "manager", today)
        services.approve([entry.pk], viewer=boss, today=today)
        assert services.approve([entry.pk], viewer=boss, today=today) == 0
        assert services.send_back([entry.pk], viewer=boss, today=today, comment="x") == 0
        assert Fact.objects.count() == 1


def test_a_returned_entry_is_changed_and_submitted_again(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
        boss = viewer(company, "manager", today)
        with pytest.raises(DomainError):
            services.send_back([entry.pk], viewer=boss, today=today, comment=" ")
        services.send_back([entry.pk], viewer=boss, today=today, comment="Which customer?")
        entry.refresh_from_db()
        assert (entry.state, entry.comment, entry.decided_by_id) == ("returned", "Which customer?", boss.user_id)
        ann = viewer(company, "assistant", today)
        services.save_entry(entry, viewer=ann, today=today, metric=metric(), day=today, value=Decimal(4),
                            token=entry.token)  # fmt: skip
        services.submit([entry.pk], viewer=viewer(company, "assistant", today))
        services.approve([entry.pk], viewer=boss, today=today)
        assert Fact.objects.get().value == 4


def test_taking_an_approval_back_removes_the_fact_and_keeps_what_it_said(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
        boss = viewer(company, "manager", today)
        with pytest.raises(Conflict):
            services.take_back(entry.pk, viewer=boss, today=today, comment="x")
        services.approve([entry.pk], viewer=boss, today=today)
        company.drain()
        services.take_back(entry.pk, viewer=boss, today=today, comment="Counted twice")
        company.drain()
        assert not Fact.objects.exists()
        assert list(FactVersion.objects.values_list("value", "version")) == [(3, 1)]
        assert not EmployeeRollup.objects.exists()
        entry.refresh_from_db()
        assert (entry.state, entry.comment) == ("returned", "Counted twice")


def test_a_decided_entry_can_not_be_changed(company: Company, today: date) -> None:
    with company.scope():
        ann = viewer(company, "assistant", today)
        entry = submitted(company, today)
        with pytest.raises(Conflict):
            services.save_entry(entry, viewer=ann, today=today, metric=metric(), day=today, value=Decimal(9),
                                token=entry.token)  # fmt: skip
        with pytest.raises(Conflict):
            services.delete_entry(entry.pk, viewer=ann)
        services.withdraw(entry.pk, viewer=ann)
        services.delete_entry(entry.pk, viewer=ann)
        assert not WorkEntry.objects.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"days": 1}, "future"),
        ({"days": -400}, "too_old"),
        ({"value": Decimal(-1)}, "bad_value"),
        ({"code": "hours_worked", "value": Decimal(25)}, "bad_value"),
        ({"code": "sales_amount"}, "not_enterable"),
        ({"code": "win_rate"}, "not_enterable"),
    ],
    ids=str,
)
def test_an_entry_that_can_not_be_is_refused(
    company: Company, today: date, values: dict[str, Any], code: str
) -> None:
    with company.scope():
        days, name = values.pop("days", 0), values.pop("code", "visits_arranged")
        with pytest.raises(DomainError) as refused:
            enter(company, today, day=today + timedelta(days=days), metric=metric(name), **values)
        assert refused.value.code == code
        assert not WorkEntry.objects.exists()


def test_a_day_in_a_locked_month_must_be_meant(company: Company, today: date) -> None:
    last_month = Period.containing(Grain.MONTH, today).next(-1)
    with company.scope():
        lock_period(last_month, today=today, user_id=None, job_id=None, slug="acme")
        with pytest.raises(DomainError) as refused:
            enter(company, today, day=last_month.end)
        assert refused.value.code == "locked"
        assert enter(company, today, day=last_month.end, late=True).pk


def test_a_metric_that_needs_a_proof_is_not_submitted_without(company: Company, today: date) -> None:
    with company.scope():
        services.open_metrics({metric().pk: True})
        entry = enter(company, today)
        ann = viewer(company, "assistant", today)
        with pytest.raises(DomainError) as refused:
            services.submit([entry.pk], viewer=ann)
        assert refused.value.code == "needs_proof"
        services.add_proof(entry.pk, SimpleUploadedFile("visit.pdf", PDF), viewer=ann)
        assert services.submit([entry.pk], viewer=ann) == 1


def test_who_decides_follows_from_todays_reporting_line(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
        draft = enter(company, today)
        stranger = Viewer(1, "Rex", "", company.people["rival"].pk, viewer(company, "manager", today).roles)
        own = Viewer(1, "Ann", "", company.people["ann"].pk, viewer(company, "owner", today).roles)
        for who in (stranger, own):
            for decide in (services.approve, lambda *a, **k: services.send_back(*a, comment="x", **k)):
                with pytest.raises(NotFound):
                    decide([entry.pk], viewer=who, today=today)
        for who in ("manager", "hr", "owner"):
            with pytest.raises(NotFound):
                services.approve([draft.pk], viewer=viewer(company, who, today), today=today)
        with pytest.raises(NotFound):  # one that is not theirs spoils the lot
            services.approve([entry.pk, draft.pk], viewer=viewer(company, "manager", today), today=today)
        assert not Fact.objects.exists()
        assert services.approve([entry.pk], viewer=viewer(company, "hr", today), today=today) == 1


def test_another_workspaces_entries_are_not_there(company: Company, other_company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
    with other_company.scope():
        boss = viewer(other_company, "owner", today)
        with pytest.raises(NotFound):
            services.approve([entry.pk], viewer=boss, today=today)
        with pytest.raises(NotFound):
            services.open_metrics({entry.metric_id: False})


def test_a_new_workspace_begins_with_the_usual_metrics(company: Company) -> None:
    with company.scope():
        codes = set(EnterableMetric.objects.values_list("metric__code", flat=True))
        assert {"hours_worked", "overtime_hours", "visits_arranged", "documents_prepared"} <= codes
        assert codes == set(services.DEFAULTS)
