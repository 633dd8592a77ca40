"""The list of goals: what an address asks for, and the goals, for page and file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from goals.access import Reach
from goals.models import Goal, Level, State
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import GRAIN_BY_NAME, Grain, Period

PARAMETERS = frozenset({"period", "q", "level", "state", "whose", "sort"})
SORTS = {"title": "title", "whose": "whose", "target": "target", "state": "state", "until": "last_day"}
# What waits for somebody: proposals for the other side, counter-offers for who made the goal.
WAITING = "waiting"
# The company, its units, their teams, people.
WIDEST_FIRST = Case(
    *(When(level=level, then=Value(at)) for at, level in enumerate(Level)), output_field=IntegerField()
)
STATES = (WAITING, *State.values)


@dataclass(frozen=True)
class GoalList:
    """What the address asks for. `whose` is "mine" or "": everything within reach."""

    reach: Reach
    period: Period
    search: str
    level: str
    state: str
    whose: str
    sort: str

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the period narrows the list."""
        return bool(self.search or self.level or self.state)

    @property
    def previous(self) -> Period:
        """The period before."""
        return self.period.next(-1)

    @property
    def following(self) -> Period:
        """The period after."""
        return self.period.next()

    @property
    def grain(self) -> str:
        """The length of the period, as its tab is called."""
        return self.period.grain.name.lower()

    @property
    def grains(self) -> list[tuple[str, str]]:
        """The tabs of lengths of time."""
        return [("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year"))]

    def goals(self) -> QuerySet[Goal]:
        """Return the goals, in order, with what a row shows."""
        own = self.reach.viewer.employee_id or 0
        found = self.reach.visible().filter(first_day__lte=self.period.end, last_day__gte=self.period.start)
        found = found.filter(state=self.state) if self.state in State.values else found.exclude(state=State.CANCELLED)
        if self.state == WAITING:
            others = Q(state=State.PROPOSED) & (Q(employee_id=own) | Q(owner_id=own, employee=None))
            mine = Q(state=State.COUNTERED) & ~Q(employee_id=own)
            found = found.filter(others | mine)
        if self.level:
            found = found.filter(level=self.level)
        if self.whose == "mine":
            found = found.filter(Q(employee_id=own) | Q(owner_id=own) | Q(members__employee_id=own)).distinct()
        if self.search:
            found = found.filter(
                Q(title__icontains=self.search) | Q(employee__name__icontains=self.search)
                | Q(employee__number=self.search) | Q(unit__name__icontains=self.search)
                | Q(metric__name_zh__icontains=self.search) | Q(metric__name_en__icontains=self.search)
            )  # fmt: skip
        found = found.annotate(whose=Coalesce("employee__name_key", "unit__name"))
        return found.select_related("metric", "employee", "unit", "owner").order_by(*self._order())

    def _order(self) -> list[str | Combinable]:
        key = self.sort.removeprefix("-")
        if key not in SORTS:
            return ["first_day", WIDEST_FIRST, F("whose").asc(nulls_first=True), "metric__position", "pk"]
        field = F(SORTS[key])
        down = self.sort.startswith("-")
        return [field.desc(nulls_last=True) if down else field.asc(nulls_last=True), "pk"]


def read(query: Mapping[str, str], *, viewer: Viewer, workspace: Workspace) -> GoalList:
    """Read an address's parameters; anything that makes no sense is as if it were not there."""
    today = workspace.today()
    reach = Reach(viewer, today)
    level, state, sort = (query.get(name, "") for name in ("level", "state", "sort"))
    leads = reach.below is None or bool(reach.below)
    whose = query.get("whose", "" if leads else "mine")
    return GoalList(
        reach=reach,
        period=_period(query.get("period", ""), today, workspace.fiscal_start_month),
        search=query.get("q", "")[:100].strip(),
        level=level if level in Level.values else "",
        state=state if state in STATES else "",
        whose="mine" if whose == "mine" else "",
        sort=sort if sort.removeprefix("-") in SORTS else "",
    )


def _period(text: str, today: date, fiscal: int) -> Period:
    """Return the month, quarter or year of a label, or the present quarter."""
    if text in GRAIN_BY_NAME and GRAIN_BY_NAME[text] >= Grain.MONTH:
        return Period.containing(GRAIN_BY_NAME[text], today, fiscal)
    try:
        period = Period.parse(text, fiscal)
    except ValueError:
        return Period.containing(Grain.QUARTER, today, fiscal)
    return period if period.grain >= Grain.MONTH else Period.containing(Grain.MONTH, period.start, fiscal)
