"""A customer's answer reaches scores by itself, within seconds, also when an import held the facts."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from perfmgmt.tenants.models import Doorbell
from reviews.models import ScorePart
from reviews.scores.services import drain_all
from tests.embedded.support import eventually
from tests.factories import Company
from tests.reviews.answering_factories import FIRST, Asked, ask, elsewhere, form
from tests.reviews.scores_factories import Q1, make_card
from tests.workers.support import Worker, running

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("workers")]


@pytest.fixture
def asked(committed: None) -> Asked:
    """Somebody was asked about an order of ann's, whose scorecard has customer satisfaction."""
    company = Company.create("acme")
    with company.scope():
        points = [["1", "0"], ["5", "100"]]
        make_card((100, [{"metric": "csat", "kind": "csat", "input": "actual", "points": points}]))
        company.drain()
    drain_all(company.scope)
    return ask(company)


@pytest.fixture
def worker(asked: Asked, tmp_path: Path) -> Iterator[Worker]:
    with running(tmp_path) as worker:
        yield worker


def raw(asked: Asked) -> Decimal | None:
    """The satisfaction that ann's score shows."""
    with asked.company.scope():
        part = ScorePart.objects.filter(employee=asked.company.people["ann"], start=Q1).first()
        return part.raw if part else None


def test_an_answer_and_its_correction_are_in_the_score_within_seconds(asked: Asked, worker: Worker) -> None:
    assert Client().post(asked.path, form(*FIRST, satisfaction=4)).status_code == 303
    eventually(lambda: raw(asked) == 4, worker.said, 15)
    assert Client().post(f"{asked.path}?correct=1", form(*FIRST, satisfaction=5)).status_code == 303
    eventually(lambda: raw(asked) == 5, worker.said, 10)
    assert Client().post(f"{asked.path}?not-mine=1").status_code == 303
    eventually(lambda: raw(asked) is None, worker.said, 10)


def test_an_answer_during_an_import_is_in_the_score_soon_after_it(asked: Asked, worker: Worker) -> None:
    with elsewhere(asked.company):
        assert Client().post(asked.path, form(*FIRST, satisfaction=4)).status_code == 303
        eventually(lambda: "reviews.feed_answers" in worker.said(), worker.said, 10)
        assert raw(asked) is None
    eventually(lambda: raw(asked) == 4, worker.said, 20)
    eventually(lambda: not Doorbell.objects.exists(), worker.said, 10)
