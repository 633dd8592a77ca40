"""What no page of ours sends: wrong types, foreign ids, missing fields, huge texts, NUL, days out of range.

The answer is always a page or a 4xx with a sentence in the reader's language, never an error of the server.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from goals.grid.views import MOST_CHANGES
from goals.models import ActionPlan, CheckIn, Goal, GoalTemplate, MonthlyTarget
from perfmgmt.metrics.models import Metric
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
HUGE, FAR = "很" * 100_000, str(2**70)
FORMS = {
    "targets/grid/save/": ("changes",),
    "goals/new/": ("title", "level", "employee", "unit", "metric", "form", "target", "period", "first_day",
                   "last_day", "weight", "parent", "owner", "member_0", "share_0", "growth", "baseline", "version"),
    "goals/smart/": ("title", "level", "employee", "metric", "target", "period", "first_day", "parent", "read_from"),
    "goals/propose/": ("goal", "goals", "ids"),
    "goals/lock/": ("day", "period", "first_day", "goal"),
    "goals/rules/": ("large_change", "check_in_weekday", "remind"),
    "check-in/": ("week", "next_steps", "help_wanted", "task_new0", "action", "confidence_m1"),
    "check-in/take-back/": ("week",),
    "check-in/tasks/": ("week", "task", "done"),
    "goals/assign/": ("what", "template", "metric", "value", "weight", "period", "manner", "growth", "step", "unit",
                      "position", "numbers", "out"),
    "goals/templates/new/": ("name", "position", "sales_role_type", "line-TOTAL_FORMS", "line-INITIAL_FORMS",
                             "line-0-metric", "line-0-form", "line-0-value", "line-0-weight", "seen"),
    "plans/new/": ("name", "title", "kind", "goal", "unit", "owner", "starts_on", "ends_on", "first_day",
                   "budget", "template"),
    "people/{ann}/key-tasks/": ("task", "done", "week"),
    "plans/{far}/edit/": ("name",),
    "people/positions/{far}/duties/{far}/metrics/": ("metric",),
    "goals/{far}/act/": ("action", "target", "version"),
    "goals/templates/{far}/": ("name",),
    "check-ins/{far}/answer/": ("text",),
}  # fmt: skip
VALUES = {
    "nothing": None, "empty": "", "word": "<b>x</b>", "minus": "-1", "far id": FAR, "huge": HUGE, "nul": "a\0b",
    "old day": "0001-01-01", "late day": "9999-12-31", "no day": "2025-02-30", "list": "[[1,2,3]]",
    "nan": "NaN", "infinite": "1e999999", "foreign": "{foreign}",
}  # fmt: skip


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_no_post_breaks_a_page_of_goals(company: Company, sign_in: SignIn, value: str | None) -> None:
    other = Company.create("other")
    with other.scope():
        foreign = Metric.objects.values_list("pk", flat=True)[0]
    client = sign_in(company.users["hr"])
    client.raise_request_exception = False
    text = None if value is None else value.replace("{foreign}", str(foreign))
    before = _rows(company)
    for address, names in FORMS.items():
        path = "/w/acme/" + address.format(ann=company.people["ann"].pk, far=2**40)
        sent = {} if text is None else dict.fromkeys(names, text)
        answer = client.post(path, sent, headers={"accept-language": "zh-hans"})
        assert answer.status_code < 500, (address, answer.status_code)
        if answer.status_code >= 400:
            is_json = answer["Content-Type"] == "application/json"
            told = answer.json()["message"] if is_json else answer.content.decode()
            assert any("一" <= char <= "鿿" for char in told), address
    assert _rows(company) == before


def _rows(company: Company) -> list[int]:
    """What must not be there afterwards: goals, targets, templates that nobody could have meant."""
    with company.scope():
        return [model.objects.count() for model in (Goal, MonthlyTarget, ActionPlan, CheckIn)]


@pytest.mark.parametrize(("count", "says"), [(10_000, ""), (MOST_CHANGES + 1, "too many to save at once")])
def test_very_many_cells_are_refused_with_a_sentence(
    company: Company, sign_in: SignIn, count: int, says: str
) -> None:
    with company.scope():
        metric = Metric.objects.get(code="orders").pk
    rows = [[metric, 10**9 + n, "2030-01-01", None, "5"] for n in range(count)]  # nobody whom the viewer may set
    client = sign_in(company.users["hr"])
    answer = client.post(
        "/w/acme/targets/grid/save/", {"changes": json.dumps(rows)}, headers={"accept-language": "en"}
    )
    assert 400 <= answer.status_code < 500
    assert says in answer.json()["message"] and answer.json()["message"]
    with company.scope():
        assert not MonthlyTarget.objects.exists() and not GoalTemplate.objects.exists()
