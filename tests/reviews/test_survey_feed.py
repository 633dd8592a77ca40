"""Answers become facts of whoever served, once each, whatever happens on the way; then scores."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfmgmt.closing.models import Part as FrozenPart
from perfmgmt.closing.selectors import frozen_figures, lock_of
from perfmgmt.closing.services import lock_period
from perfmgmt.metrics.models import Fact, FactVersion, Metric
from perfmgmt.metrics.rollups.full import Outcome
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.models import Doorbell
from reviews.answering import feed, services
from reviews.answering.services import NotOpen
from reviews.answering.tasks import feed_answers
from reviews.models import SurveyVersion
from reviews.surveys.page import parse
from tests.factories import Company
from tests.reviews.answering_factories import ALL, DAY, FIRST, Asked, ask, elsewhere, form
from tests.reviews.scores_factories import make_card, parts_of, settle
from tests.reviews.survey_factories import NPS, published, ready, scale


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def version_of(company: Company, *args: Any) -> SurveyVersion:
    """A published survey; opens the scope."""
    with company.scope():
        return published(*args)


def test_a_finished_answer_is_a_fact_of_who_served_that_day_with_the_customers_attributes(
    company: Company, client: Client
) -> None:
    asked = ask(company, person="bob")
    client.post(asked.path, form(*FIRST, satisfaction=2))
    assert not asked.facts()
    client.post(asked.path, form(*ALL, satisfaction=2, reason="speed"))
    assert asked.facts() == [(f"{asked.pk}:satisfaction", "csat", company.people["bob"].pk, DAY, 2)]
    with company.scope():
        fact = Fact.objects.get(source__code="surveys")
        assert (fact.customer, fact.product, fact.region, fact.line) == ("Globex 集团", "Lamp", "South", 0)
        assert fact.source.name == "满意度调查"  # the workspace's language, not the customer's


def test_a_fact_of_a_question_answered_without_a_name_has_no_customer_nor_has_one_written_before(
    company: Company, client: Client
) -> None:
    quiet = (scale("q1", "csat", identified=False), scale("q2", "nps"))
    version = version_of(company, "Quiet", ready(questions=quiet))
    asked, later = ask(company, version), ask(company, version)

    def names(one: Asked) -> dict[str, str]:
        with company.scope():
            return dict(
                Fact.objects.filter(external_id__startswith=f"{one.pk}:").values_list("external_id", "customer")
            )

    for one in (asked, later):
        client.post(one.path, form("q1", "q2", q1=4, q2=9))
        assert names(one) == {f"{one.pk}:q1": "", f"{one.pk}:q2": "Globex 集团"}
    with company.scope():
        Fact.objects.update(customer="Globex 集团")  # as they were written once
    client.post(f"{asked.path}?correct=1", form("q1", "q2", q1=3, q2=9))
    assert names(asked)[f"{asked.pk}:q1"] == "" and names(later)[f"{later.pk}:q1"] == "Globex 集团"
    with company.scope():
        assert list(FactVersion.objects.values_list("value", "customer")) == [(4, "")]
    publish("metrics.rebuilt", open_scope=company.scope, outcome=Outcome())
    assert names(later) == {f"{later.pk}:q1": "", f"{later.pk}:q2": "Globex 集团"}


@pytest.mark.parametrize(("said", "counts"), [(10, 100), (9, 100), (8, 0), (7, 0), (6, -100), (0, -100)])
def test_nps_counts_as_its_metric_says(company: Company, client: Client, said: int, counts: int) -> None:
    asked = ask(company, version_of(company, "NPS", ready(NPS)), after="", number="", origin="campaign")
    follow_up = "liked" if said >= 9 else "missing"
    shown = ("recommend",) if said in (7, 8) else ("recommend", follow_up)
    assert client.post(asked.path, form(*shown, recommend=said)).status_code == 303
    assert [(code, value) for _id, code, _who, _day, value in asked.facts()] == [("nps", counts)]


def test_what_is_for_development_started_by_an_assistant_or_of_nobody_is_never_a_fact(
    company: Company, client: Client
) -> None:
    version = version_of(company)
    for values in (
        {"purpose": "development"}, {"purpose": "development", "origin": "assistant"}, {"employee": None},
    ):  # fmt: skip
        asked = ask(company, version, **values)
        assert client.post(asked.path, form(*FIRST, satisfaction=5)).status_code == 303
        assert asked.answers() and not asked.facts()
        assert client.post(f"{asked.path}?correct=1", form(*FIRST, satisfaction=4)).status_code == 303
        assert not asked.facts()


def test_a_correction_corrects_the_fact_and_not_mine_takes_it_back_with_what_it_said_kept(
    company: Company, client: Client
) -> None:
    asked = ask(company)
    client.post(asked.path, form(*FIRST, satisfaction=5))
    with company.scope():
        company.drain()
        first = Fact.objects.get(source__code="surveys").id
    client.post(f"{asked.path}?correct=1", form(*FIRST, satisfaction=4))
    assert [fact[-1] for fact in asked.facts()] == [4]
    client.post(f"{asked.path}?not-mine=1", {"lang": "en"})
    assert not asked.facts()
    with company.scope():
        kept = FactVersion.objects.filter(fact_id=first).order_by("version")
        assert [int(one.value) for one in kept] == [5, 4]


def test_an_answer_moves_the_score_and_few_answers_are_drawn_to_the_units_mean(
    company: Company, client: Client
) -> None:
    version = version_of(company)
    ann, *bob = (ask(company, version, person) for person in ("ann", "bob", "bob", "bob"))
    points = [["1", "0"], ["5", "100"]]
    with company.scope():
        make_card((100, [{"metric": "csat", "kind": "csat", "input": "actual", "points": points}]))
    client.post(ann.path, form(*FIRST, satisfaction=5))
    for asked in bob:
        client.post(asked.path, form(*ALL, satisfaction=3))
    with company.scope():
        settle(company)
        # The unit's mean is (5 + 3 * 3) / 4 = 3.5: (1 * 5 + 5 * 3.5) / 6 = 3.75.
        (part,) = parts_of(company, "ann")
        assert (part.raw, part.target, part.x) == (5, Decimal("3.5"), Decimal("3.75"))
    client.post(f"{bob[0].path}?not-mine=1", {"lang": "en"})
    client.post(f"{ann.path}?correct=1", form(*FIRST, satisfaction=4))
    with company.scope():
        settle(company)
        (part,) = parts_of(company, "ann")
        mean = Decimal(10) / 3
        assert part.raw == 4 and part.x is not None and abs(part.x - (4 + 5 * mean) / 6) < Decimal("0.0001")


def test_an_answer_about_a_locked_period_counts_there_only_when_late_changes_are_accepted(
    company: Company, client: Client
) -> None:
    asked = ask(company)
    february = Period.parse("2025-02")
    with company.scope():
        company.drain()
        lock_period(february, today=date(2025, 3, 2), user_id=None, job_id=None, slug="acme")
    assert client.post(asked.path, form(*FIRST, satisfaction=5)).status_code == 303
    with company.scope():
        company.drain()
        lock, ann = lock_of(february), company.people["ann"].pk
        assert lock is not None
        csat = metrics_with_parts().get(code="csat")
        frozen = frozen_figures(lock, [csat], part=FrozenPart.EMPLOYEE, owner_ids=[ann])
        assert frozen[csat.pk].value(ann, february.start) is None
    assert [fact[-1] for fact in asked.facts()] == [5]


def test_a_workspace_without_the_metric_keeps_the_answer(company: Company, client: Client) -> None:
    with company.scope():
        Metric.objects.filter(code="csat").update(code="other")
    asked = ask(company)
    assert client.post(asked.path, form(*FIRST, satisfaction=5)).status_code == 303
    assert asked.answers() == {"satisfaction": 5} and not asked.facts()


def test_a_customer_does_not_wait_for_an_import_and_the_fact_comes_after_it(committed: None) -> None:
    company = Company.create("acme")
    asked, client = ask(company), Client(enforce_csrf_checks=True)
    with elsewhere(company):
        assert client.post(asked.path, form(*FIRST, satisfaction=5)).status_code == 303
        assert asked.answers() and not asked.facts()
        with company.scope():
            assert not feed.catch_up()
    assert Doorbell.objects.filter(tenant=company.tenant, queue=feed.QUEUE).exists()
    publish("tenants.sweep", queue=feed.QUEUE, tenant_id=company.tenant.pk)  # a lost message is no lost work
    feed_answers(company.tenant.pk)
    feed_answers(company.tenant.pk)
    assert [fact[-1] for fact in asked.facts()] == [5]
    assert not Doorbell.objects.filter(tenant=company.tenant, queue=feed.QUEUE).exists()
    with company.scope():
        assert not FactVersion.objects.exists()


def test_two_presses_at_the_same_moment_are_one_answer_and_one_fact(committed: None) -> None:
    company = Company.create("acme")
    asked, together, codes = ask(company), Barrier(2), []

    def press() -> None:
        try:
            together.wait(timeout=30)
            codes.append(Client().post(asked.path, form(*FIRST, satisfaction=4, comment="好")).status_code)
        finally:
            connections.close_all()

    threads = [Thread(target=press) for _press in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    feed_answers(company.tenant.pk)
    assert codes == [303, 303]
    assert asked.answers() == {"satisfaction": 4, "comment": "好"} and asked.now().corrected_at is None
    assert [fact[-1] for fact in asked.facts()] == [4]


ACT = st.tuples(
    st.sampled_from(["send", "correct", "disown"]),
    st.sampled_from([None, 1, 2, 3, 4, 5, 77]),
    st.sampled_from([None, 0, 6, 7, 9, 10]),
    st.booleans(),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACT, min_size=1, max_size=8))
def test_whatever_is_sent_in_whatever_order_there_is_one_fact_per_question_and_it_is_the_last_whole_answer(
    property_asked: tuple[Asked, Any], acts: list[tuple[str, int | None, int | None, bool]]
) -> None:
    asked, again = property_asked
    again(asked)
    draft = asked.draft()
    valid: dict[str, int] = {}
    is_gone = False
    with asked.company.scope():
        for act, satisfied, recommends, is_whole in acts:
            said = {key: one for key, one in (("q1", satisfied), ("q2", recommends)) if one is not None}
            data = QueryDict(mutable=True)
            for name, value in form("q1", *(["q2"] if is_whole else []), **said).items():
                data.setlist(name, value if isinstance(value, list) else [value])
            parsed = parse(draft, data)
            try:
                if act == "disown":
                    services.disown(asked.pk, now=timezone.now())
                    valid, is_gone = {}, True
                    continue
                services.answer(asked.pk, parsed, draft, correcting=act == "correct", now=timezone.now())
            except NotOpen:
                continue
            if parsed.is_finished and not is_gone:
                valid = {key: int(one) for key, one in parsed.answers.items()}
    expected = {f"{asked.pk}:{key}": int(feed.value_of({"q1": "csat", "q2": "nps"}[key], one))
                for key, one in valid.items()}  # fmt: skip
    assert {fact[0]: fact[-1] for fact in asked.facts()} == expected
    assert len(asked.facts()) == len(expected)


@pytest.fixture
def property_asked(company: Company) -> tuple[Asked, Any]:
    """An invitation to a survey of two scales, and how to begin anew with it."""
    asks = (scale("q1", "csat", required=True), scale("q2", "nps"))
    asked = ask(company, version_of(company, "Two", ready(questions=asks)))

    def again(one: Asked) -> None:
        with company.scope():
            one.now().answers.all().delete()
            Fact.objects.all().delete()
        one.set(state="mailed", started_at=None, finished_at=None, corrected_at=None)

    return asked, again
