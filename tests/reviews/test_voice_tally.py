"""The tally of answers: kept by differences it is what a rebuild makes, whatever customers and assignments do."""

from datetime import UTC, date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfmgmt.customers.erasing import erased
from perfmgmt.people.models import Assignment
from perfmgmt.people.services import assign
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.scope import tenant_scope
from reviews.answering import services
from reviews.answering.services import NotOpen
from reviews.models import SurveyTally
from reviews.surveys.page import parse
from reviews.voice.rebuilding import rebuild
from tests.factories import START, Company
from tests.reviews.answering_factories import DAY, FIRST, Asked, ask, form
from tests.reviews.survey_factories import published


def says(asked: Asked, score: int, comment: str = "", *, correcting: bool = False) -> None:
    """Let the customer answer; needs no scope."""
    draft = asked.draft()
    answers: dict[str, Any] = {"satisfaction": score, **({"comment": comment} if comment else {})}
    shown = ("satisfaction", "reason", "comment") if score <= 3 else FIRST
    data = QueryDict(mutable=True)
    for name, value in form(*shown, **answers).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    with asked.company.scope():
        services.answer(asked.pk, parse(draft, data), draft, correcting=correcting, now=timezone.now())


def counts(company: Company, by: str, **where: Any) -> dict[tuple[Any, ...], int]:
    with company.scope():
        rows = SurveyTally.objects.filter(by=by, kind="csat", **where)
        return {(row.employee_id, row.unit_id, row.day, row.said): row.n for row in rows}


def test_a_finished_answer_counts_a_correction_moves_it_and_not_mine_takes_it_out(company: Company) -> None:
    asked, ann = ask(company), company.people["ann"].pk
    north, month = company.units["north"].pk, DAY.replace(day=1)
    with company.scope():
        assert not SurveyTally.objects.exists()
    says(asked, 5, "好")
    assert counts(company, "cell") == {(ann, north, DAY, "5"): 1}
    assert counts(company, "all") == {(0, 0, month, "5"): 1}
    assert counts(company, "employee") == {(ann, north, month, "5"): 1}
    assert counts(company, "unit") == {(0, north, month, "5"): 1}
    done = (asked.now().finished_at or timezone.now()).astimezone(UTC).date().replace(day=1)
    assert counts(company, "finished") == {(0, 0, done, "5"): 1}
    says(asked, 2, correcting=True)
    assert counts(company, "all") == {(0, 0, month, "2"): 1}
    with company.scope():
        assert not SurveyTally.objects.filter(kind="text").exists()
        services.disown(asked.pk, now=timezone.now())
        assert not SurveyTally.objects.exists()


def test_an_answer_counts_in_the_unit_of_the_day_also_when_that_is_known_later(company: Company) -> None:
    says(ask(company), 4)
    says(ask(company, day=DAY + timedelta(days=20)), 3)
    north, south, ann = company.units["north"].pk, company.units["south"].pk, company.people["ann"]
    with company.scope():
        now = Assignment.objects.get(employee=ann)
        Assignment.objects.filter(pk=now.pk).update(valid_to=DAY + timedelta(days=5))
        assign(ann, unit=company.units["south"], valid_from=DAY + timedelta(days=6), manager=company.people["rival"])
        publish("people.assignments_changed", employee_ids=[ann.pk], first_day=START, last_day=date(2030, 1, 1))
        units = dict(SurveyTally.objects.filter(by="unit", kind="csat").values_list("unit_id").annotate(n=Sum("n")))
        assert units == {north: 1, south: 1}
        assert rebuild(check=True)[1] == 0


def test_who_is_erased_takes_the_words_along_and_leaves_the_score(company: Company) -> None:
    asked = ask(company)
    says(asked, 1, "call me at 13800138000")
    with company.scope():
        erased(asked.now().contact_id or 0)
        assert rebuild(check=True)[1] == 0
    assert asked.answers() == {"satisfaction": 1} and len(counts(company, "cell")) == 1


def test_a_rebuild_finds_and_mends_what_is_wrong(company: Company) -> None:
    says(ask(company), 5)
    with company.scope():
        SurveyTally.objects.filter(by="all").update(n=7)
        SurveyTally.objects.filter(by="unit").delete()
        assert rebuild(check=True) == (7, 2)
        assert rebuild() == (7, 2)
        assert rebuild(check=True) == (7, 0)


def test_customers_who_finish_at_the_same_time_are_all_counted(committed: None) -> None:
    company = Company.create("acme")
    with company.scope():
        version = published()
    several = [ask(company, version) for _ in range(6)]
    together = Barrier(len(several))

    def finish(asked: Asked) -> None:
        try:
            with tenant_scope(company.tenant.pk):
                connection.ensure_connection()
            together.wait(timeout=30)
            says(asked, 4)
        finally:
            connection.close()

    threads = [Thread(target=finish, args=[one]) for one in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(counts(company, "all").values()) == [6]
    with company.scope():
        assert rebuild(check=True)[1] == 0


ACTS = st.tuples(
    st.integers(0, 2), st.sampled_from(["answer", "correct", "disown", "erase", "move"]), st.integers(1, 5),
    st.booleans(),
)  # fmt: skip


@pytest.fixture
def three(company: Company) -> list[Asked]:
    with company.scope():
        version = published()
    people = ("ann", "bob", "ann")
    return [
        ask(company, version, one, day=DAY + timedelta(days=20 * at), product=("Lamp", "灯")[at % 2])
        for at, one in enumerate(people)
    ]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS, max_size=10))
def test_whatever_happens_the_tally_by_differences_is_the_one_made_anew(
    three: list[Asked], acts: list[tuple[int, str, int, bool]]
) -> None:
    company = three[0].company
    with company.scope():
        for which, act, score, has_words in acts:
            asked = three[which]
            contact = asked.now().contact_id
            try:
                if act == "disown":
                    services.disown(asked.pk, now=timezone.now())
                elif act == "erase" and contact is not None:
                    erased(contact)
                elif act == "move":
                    unit = company.units["south" if has_words else "north"]
                    mine = Assignment.objects.filter(employee=company.people["ann"])
                    mine.update(unit=unit)
                    publish("people.assignments_changed", employee_ids=[company.people["ann"].pk],
                            first_day=START, last_day=date(2030, 1, 1))  # fmt: skip
                else:
                    says(asked, score, "words" if has_words else "", correcting=act == "correct")
            except NotOpen:
                continue
        assert rebuild(check=True)[1] == 0
