"""kill -9 of the process that works on a job: nothing is half done, and the next worker does it all, once."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from goals.agreement.services import accept, propose
from goals.bulk import tasks
from goals.locking import services as locking
from goals.models import Goal, GoalStep, MonthlyTarget, State
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.forecast import services as forecasting
from perfmgmt.metrics.forecast import tasks as forecasts
from perfmgmt.metrics.models import Forecast
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import Grain, Period, add_months
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company, today_here
from tests.goals.conftest import QUARTER, TODAY, Goals


def killed(company: Company, job: Job, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Run a job in a process of its own, and kill it when `name` of a module has done its work."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        connection.connection = None  # the parent's: this one opens its own
        work: Callable[..., Any] = getattr(module, name)

        def worked(*args: Any, **kwargs: Any) -> Any:
            work(*args, **kwargs)
            os.write(write, b"x")
            time.sleep(60)

        monkeypatch.setattr(module, name, worked)
        try:
            jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
        finally:
            os._exit(1)
    os.close(write)
    assert os.read(read, 1) == b"x", "the job ended before it could be killed"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(read)


def finished(company: Company, job: Job) -> Job:
    """Run it again, as the sweep does, as soon as the database has noticed that the other one is gone."""
    for _attempt in range(100):
        jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
        with company.scope():
            job.refresh_from_db()
        if not job.is_open:
            break
        time.sleep(0.1)
    return job


def test_goals_are_assigned_once(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company.create("acme")
    period = Period.containing(Grain.QUARTER, today_here()).next()
    with company.scope():
        query = {"what": "single", "metric": "orders", "title": "Fifty orders", "value": "50",
                 "period": period.label, "then": "propose"}  # fmt: skip
        params = {"query": query, "language": "en"}
        job = jobs.start(tasks.KIND, params, user_id=company.users["hr"].pk)
    killed(company, job, monkeypatch, tasks, "write")
    with company.scope():
        assert not Goal.objects.exists() and not MonthlyTarget.objects.exists() and not GoalStep.objects.exists()
    assert finished(company, job).state == JobState.DONE
    with company.scope():
        people = Goal.objects.values("employee").distinct().count()
        assert Goal.objects.count() == people == GoalStep.objects.count() == job.result["goals"] > 1
        assert MonthlyTarget.objects.count() == 3 * people


def test_goals_are_locked_once(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company.create("acme")
    with company.scope():
        goals = Goals(company)
        made = propose(goals.make().pk, viewer=goals.viewer("manager"), today=TODAY)
        accept(made.pk, viewer=goals.viewer("assistant"), today=TODAY, version=made.version)
        period = Period(Grain.QUARTER, QUARTER[0])
        job = locking.set_lock_date(period, TODAY, viewer=goals.viewer("hr"), today=TODAY).job
        assert job is not None
    killed(company, job, monkeypatch, locking, "_lock")
    with company.scope():
        assert Goal.objects.get().state == State.AGREED and not GoalStep.objects.filter(kind="locked").exists()
    assert finished(company, job).result == {"locked": 1, "not_agreed": 0}
    with company.scope():
        assert Goal.objects.get().state == State.LOCKED
        assert GoalStep.objects.filter(kind="locked").count() == 1


def test_forecasts_are_prepared_whole_or_not_at_all(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company.create("acme")
    with company.scope():
        day = today_here()
        for month in range(1, 15):
            company.fact("ann", "sales_amount", add_months(day.replace(day=1), -month), 100_000 + month)
        company.drain()
        job = jobs.start(forecasts.KIND, {"language": "en"}, user_id=company.users["hr"].pk)
    killed(company, job, monkeypatch, forecasting, "store")
    with company.scope():
        assert not Forecast.objects.exists()
    done = finished(company, job)
    assert done.state == JobState.DONE
    with company.scope():
        assert Forecast.objects.exists()
        assert forecasting.prepare(workspace_of(company.tenant), today_here()).changed == 0  # nothing was left out
