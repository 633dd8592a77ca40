"""kill -9 of a worker in the middle of a turn, and the command that proves what is stored."""

import os
import signal
import time
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from perfmgmt.metrics.rollups.services import Turn
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import tenant_scope
from reviews.models import Score, ScoreKey, ScorePart
from reviews.scores import dirty, services
from reviews.scores.tasks import begin_scores_of, drain_scores
from tests.factories import Company
from tests.reviews.scores_factories import FEBRUARY, Q1, make_card, month_targets, score_of, settle


def scored(company: Company) -> None:
    make_card((100, [{"metric": "sales_amount"}]))
    month_targets(company, "ann", "sales_amount", 100)
    company.fact("ann", "sales_amount", FEBRUARY, 150)
    company.drain()


def killed(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drain in a process of its own, and kill it when a period's scores are written and not yet committed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        connection.connection = None  # the parent's: this one opens its own
        work = services.store

        def stored(*args: Any) -> Any:
            work(*args)
            os.write(write, b"x")
            time.sleep(60)

        monkeypatch.setattr(services, "store", stored)
        try:
            drain_scores(company.tenant.pk)
        finally:
            os._exit(1)
    os.close(write)
    assert os.read(read, 1) == b"x", "the drain ended before it could be killed"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(read)


def test_a_killed_worker_leaves_everything_to_the_next_one(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company.create("acme")
    with company.scope():
        scored(company)
        waiting = ScoreKey.objects.count()

    killed(company, monkeypatch)

    with company.scope():
        assert not Score.objects.exists() and not ScorePart.objects.exists()
        assert ScoreKey.objects.count() == waiting > 0
    assert Doorbell.objects.filter(tenant_id=company.tenant.pk, queue="scores").exists()
    for _attempt in range(100):  # until the database has noticed that the other one is gone
        with tenant_scope(company.tenant.pk):
            turn = services.drain()
        if turn is Turn.CLEAN:
            break
        time.sleep(0.1)
    with company.scope():
        score = score_of(company, "ann")
        assert score is not None and score.score == 50
        assert not ScoreKey.objects.exists()
    assert not Doorbell.objects.filter(tenant_id=company.tenant.pk, queue="scores").exists()


def test_rebuild_check_finds_a_score_that_is_not_right_and_rebuild_mends_it(
    acme: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(acme)
    settle(acme)
    call_command("rebuild", workspace="acme", check=True)
    right = capsys.readouterr().out
    Score.objects.filter(employee=acme.people["ann"], start=Q1).update(score=99)
    ScorePart.objects.filter(employee=acme.people["bob"], start=Q1).delete()

    with pytest.raises(SystemExit):
        call_command("rebuild", workspace="acme", check=True)
    wrong = capsys.readouterr().out
    call_command("rebuild", workspace="acme")

    assert "scores: " in right and "scores: 48 rows, 0 differ" in right and "groups: 0 rows, 0 differ" in right
    assert "scores: 48 rows, 1 differ" in wrong and "score parts: 48 rows, 1 differ" in wrong
    score = score_of(acme, "ann")
    assert score is not None and score.score == 50
    call_command("rebuild", workspace="acme", check=True)


def test_a_fault_in_one_persons_data_holds_up_nobody_else(
    acme: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    scored(acme)
    bad, usual = acme.people["bob"].pk, services.compute

    def compute(prepared: Any) -> Any:
        if bad in prepared.people:
            raise ArithmeticError("out of range")
        return usual(prepared)

    monkeypatch.setattr(services, "compute", compute)
    settle(acme)

    assert score_of(acme, "ann") is not None
    assert score_of(acme, "bob") is None
    assert "can't be worked out" in caplog.text


def test_a_period_that_begins_is_scored_without_any_change(acme: Company) -> None:
    scored(acme)
    settle(acme)
    newest = Score.objects.order_by("-start").values_list("start", flat=True)[0]
    Score.objects.filter(start=newest).delete()  # as if the period had not begun yet when all the rest was computed

    begin_scores_of(acme.tenant.pk)
    settle(acme)

    assert Score.objects.filter(start=newest).count() == 6


def test_no_scorecard_no_keys(acme: Company) -> None:
    acme.fact("ann", "sales_amount", FEBRUARY, 150)
    acme.drain()
    dirty.mark_everything()

    assert not ScoreKey.objects.exists()
