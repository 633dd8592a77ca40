"""What is to be assigned, to whom and how: the address of the page, and the parameters of its job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from perfmgmt.people import directory
from perfmgmt.people.models import Employee
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period

TEMPLATE, SINGLE, COPY = "template", "single", "copy"
WHATS = [(TEMPLATE, _("From a template")), (SINGLE, _("One goal")), (COPY, _("Copy the period before"))]
AS_WRITTEN, PREVIOUS, LAST_YEAR, RECOMMENDED = "", "previous", "last_year", "recommended"
DRAFT, PROPOSE = "draft", "propose"
# What targets may be rounded to, in the metric's unit; 0 is the unit itself.
STEPS = (0, 10, 100, 1000, 10000)
MOST_PEOPLE = 5000
# Goals of more people than these are worked out by a job; the page does it for the people that it lists.
MOST_PREVIEWED = 500


@dataclass(frozen=True)
class Asked:
    """One wish to assign goals, checked: ids exist in the workspace. `growth` and `weight` are in percent.

    `numbers` are employee numbers that were picked by hand, `out` the ids of people who were taken out again.
    """

    what: str
    period: Period
    template_id: int | None = None
    metric_id: int | None = None
    title: str = ""
    value: Decimal | None = None
    weight: Decimal = Decimal(0)
    manner: str = AS_WRITTEN
    growth: Decimal = Decimal(0)
    step: int = 0
    then: str = DRAFT
    replace: bool = False
    people: directory.Wanted = field(default_factory=directory.Wanted)
    numbers: tuple[str, ...] = ()
    out: frozenset[int] = frozenset()

    @property
    def proposes(self) -> bool:
        """Whether people are asked to agree at once."""
        return self.then == PROPOSE

    def find(self, choices: directory.Options, *, viewer: Viewer, workspace: Workspace) -> QuerySet[Employee]:
        """Return the people who are meant, by name: within the viewer's reach of today, never the viewer."""
        today = workspace.today()
        found = directory.find(self.people, on=today, choices=choices, by_address=False)
        if self.numbers:
            found = found.filter(number__in=self.numbers)
        reach = visible_employees(viewer=viewer, on=today)
        if reach is not None:
            found = found.filter(pk__in=reach)
        return found.exclude(Q(pk=viewer.employee_id or 0)).order_by("name_key", "id")


def out_of(query: Mapping[str, str]) -> frozenset[int]:
    """Return the ids of the people who were taken out, from an address ("12,15")."""
    parts = query.get("out", "").split(",")[:MOST_PEOPLE]
    return frozenset(int(part) for part in parts if part.isdecimal() and len(part) < 18)


def periods(workspace: Workspace) -> list[Period]:
    """Return the periods to choose from: the next quarter first, then this one, months and years around today."""
    today, fiscal = workspace.today(), workspace.fiscal_start_month
    quarter, month, year = (
        Period.containing(grain, today, fiscal) for grain in (Grain.QUARTER, Grain.MONTH, Grain.YEAR)
    )
    quarters = [quarter.next(), quarter, quarter.next(2), quarter.next(3)]
    months = [month.next(), month, *(month.next(step) for step in (2, 3, 4, 5, 6))]
    return [*quarters, *months, year.next(), year]
