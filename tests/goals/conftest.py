"""What tests of goals share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from goals.making import GoalDraft, create_goal
from goals.models import Goal
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import User
from perfmgmt.people.services import add_member
from perfmgmt.people.viewer import Viewer, viewer_in
from tests.factories import Company

TODAY = date(2025, 4, 10)
QUARTER = (date(2025, 4, 1), date(2025, 6, 30))


@dataclass
class Goals:
    """A company on 10 April 2025 whose scope is open, and short ways to act as somebody."""

    company: Company

    def viewer(self, name: str) -> Viewer:
        """One of the cast, or a person of the company, who gets a sign-in."""
        user = self.company.users.get(name)
        if user is None:
            user = User.objects.create_user(f"{name}.signin@{self.company.tenant.slug}.example", name=name)
            add_member(user, employee=self.company.people[name])
            self.company.users[name] = user
        found = viewer_in(user.pk, TODAY)
        assert found is not None
        return found

    def draft(self, **changes: Any) -> GoalDraft:
        """Sales of 540,000 in the second quarter, for ann."""
        metric = changes.pop("metric", "sales_amount")
        fields: dict[str, Any] = {
            "level": "person", "title": "Sales of the quarter", "grain": 4, "first_day": QUARTER[0],
            "last_day": QUARTER[1], "employee_id": self.company.people["ann"].pk, "target": Decimal(540_000),
            "metric": metric_by_code(metric) if metric else None,
        }  # fmt: skip
        return GoalDraft(**{**fields, **changes})

    def make(self, by: str = "manager", **changes: Any) -> Goal:
        """Make a goal."""
        return create_goal(self.draft(**changes), viewer=self.viewer(by), today=TODAY)

    def person(self, name: str) -> int:
        return self.company.people[name].pk


@pytest.fixture
def goals(company: Company) -> Iterator[Goals]:
    with company.scope():
        yield Goals(company)


SignIn = Callable[[Any], Any]
