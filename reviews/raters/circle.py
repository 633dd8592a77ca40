"""How people stand to one another in a cycle, for many ratees at once: the facts behind the rules."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Count, Q

from perfmgmt.people.models import Absence, Assignment, Employee
from perfmgmt.people.viewer import Workspace
from reviews.models import CycleGroup, Participant, Rater, RaterState, ReviewCycle
from reviews.raters.rules import (
    ASKED_STATES,
    COLLEAGUES,
    LIVE_STATES,
    LONGEST_WINDOW,
    MANAGER,
    SKIP_LEVEL,
    Conflict,
    Limits,
    Standing,
    conflicts,
    is_covered,
)


@dataclass(frozen=True)
class Load:
    """How many colleagues somebody is asked to review in a cycle, and for how many more they are proposed."""

    asked: int = 0
    proposed: int = 0


@dataclass
class Line:
    """Who leads a person, or leads who leads them, and who reports to them, in the period or today."""

    leads: set[int] = field(default_factory=set)
    reports: set[int] = field(default_factory=set)


class Circle:
    """The ratees of one cycle with their raters, and what is known of candidates; fixed queries for all of them.

    `look_at(ids)` names the candidates before anything is asked about them.
    """

    def __init__(self, cycle: ReviewCycle, participants: Sequence[Participant], *, workspace: Workspace) -> None:
        self.cycle, self.workspace, self.today = cycle, workspace, workspace.today()
        self.participants = {one.pk: one for one in participants}
        self.candidates: set[int] = set()
        self._seen: set[int] = set()

    @property
    def until(self) -> date:
        """The last day on which the cycle's raters answer, today at the earliest."""
        return max(self.cycle.answer_until or self.cycle.end, self.today)

    @cached_property
    def groups(self) -> dict[str, CycleGroup]:
        """The cycle's groups by name."""
        return {one.group: one for one in CycleGroup.objects.filter(cycle=self.cycle)}

    @cached_property
    def limits(self) -> dict[str, Limits]:
        """The groups that are chosen, in the order of the page, with their limits."""
        chosen = [self.groups[name] for name in COLLEAGUES if name in self.groups and self.groups[name].most]
        return {one.group: Limits(one.least, one.most, one.minimum) for one in chosen}

    @cached_property
    def raters(self) -> dict[int, list[Rater]]:
        """The raters of each ratee in groups of colleagues, whatever their state, with their people."""
        found: dict[int, list[Rater]] = {pk: [] for pk in self.participants}
        rows = Rater.objects.filter(participant_id__in=list(found), group__in=COLLEAGUES).select_related("employee")
        for rater in rows.order_by("employee__name_key", "pk"):
            found[rater.participant_id].append(rater)
        return found

    @cached_property
    def lines(self) -> dict[int, Line]:
        """Who leads each ratee and who reports to them, by employee; four queries.

        Who reviews a ratee under their name, wherever they stand, counts as leading them.
        """
        ratees = [one.employee_id for one in self.participants.values()]
        found = {pk: Line() for pk in ratees}
        for one in self.participants.values():
            if one.manager_id is not None:
                found[one.employee_id].leads.add(one.manager_id)
        period = Q(valid_from__lte=max(self.cycle.end, self.today), valid_to__gte=self.cycle.start)
        spells = Assignment.objects.filter(period).exclude(manager=None)
        for employee, manager in spells.filter(employee_id__in=ratees).values_list("employee_id", "manager_id"):
            found[employee].leads.add(manager or 0)
        above: dict[int, set[int]] = defaultdict(set)
        managers = {pk for line in found.values() for pk in line.leads}
        for employee, manager in spells.filter(employee_id__in=managers).values_list("employee_id", "manager_id"):
            above[employee].add(manager or 0)
        named = Rater.objects.filter(
            participant_id__in=list(self.participants), group__in=(MANAGER, SKIP_LEVEL), state__in=LIVE_STATES
        )
        for line in found.values():
            line.leads |= {pk for manager in tuple(line.leads) for pk in above[manager]}
        for participant, rater in named.values_list("participant_id", "employee_id"):
            found[self.participants[participant].employee_id].leads.add(rater)
        for employee, manager in spells.filter(manager_id__in=ratees).values_list("employee_id", "manager_id"):
            found[manager or 0].reports.add(employee)
        return found

    def look_at(self, employee_ids: Iterable[int]) -> None:
        """Name candidates; what was read before is read again for all of them."""
        self.candidates |= set(employee_ids)
        for name in ("people", "loads", "_present", "_away"):
            self.__dict__.pop(name, None)

    @cached_property
    def people(self) -> dict[int, Employee]:
        """The candidates by id; ids of other workspaces are not among them."""
        return Employee.objects.in_bulk(self.candidates)

    @cached_property
    def loads(self) -> dict[int, Load]:
        """What each candidate carries in the cycle."""
        return loads_of(self.cycle, self.candidates)

    @cached_property
    def _present(self) -> set[int]:
        spells = Assignment.objects.filter(
            employee_id__in=self.candidates, valid_from__lte=self.until, valid_to__gte=self.today
        )
        return set(spells.values_list("employee_id", flat=True))

    @cached_property
    def _away(self) -> set[int]:
        """Who is away on every working day on which answers are taken."""
        first, last = self.today, self.until
        if (last - first).days > LONGEST_WINDOW:
            return set()
        spells: dict[int, list[tuple[date, date]]] = defaultdict(list)
        rows = Absence.objects.filter(
            employee_id__in=self.candidates, hours=None, first_day__lte=last, last_day__gte=first
        )
        for pk, start, end in rows.values_list("employee_id", "first_day", "last_day"):
            spells[pk].append((start, end))
        if not spells:
            return set()
        calendar = self.workspace.calendar(first, last)
        return {pk for pk, days in spells.items() if is_covered(days, first, last, calendar.works)}

    def standing(self, participant: Participant, employee_id: int) -> Standing:
        """Return how a candidate stands to a ratee."""
        line, own = self.lines[participant.employee_id], self._own(participant, employee_id)
        person = self.people.get(employee_id)
        load = self.loads.get(employee_id, Load()).asked - sum(one.state in ASKED_STATES for one in own)
        left = person is None or (person.left_on is not None and person.left_on < self.today)
        return Standing(
            is_ratee=employee_id == participant.employee_id,
            leads=employee_id in line.leads,
            is_report=employee_id in line.reports,
            is_gone=left or employee_id not in self._present,
            is_away=employee_id in self._away,
            groups=frozenset(one.group for one in own if one.state in LIVE_STATES),
            has_declined=any(one.state == RaterState.DECLINED for one in own),
            load=load,
        )

    def conflicts(self, participant: Participant, employee_id: int, group: str) -> list[Conflict]:
        """Return why a candidate can't review a ratee in a group."""
        return conflicts(group, self.standing(participant, employee_id), self.cycle.most_per_rater)

    def _own(self, participant: Participant, employee_id: int) -> list[Rater]:
        return [one for one in self.raters[participant.pk] if one.employee_id == employee_id]

    def live(self, participant: Participant, group: str) -> list[Rater]:
        """Return who reviews a ratee in a group, or is meant to."""
        return [one for one in self.raters[participant.pk] if one.group == group and one.state in LIVE_STATES]

    def available(self, participant: Participant, group: str) -> int:
        """Return how many people could be chosen in a group at all: the reports, or whoever else is employed."""
        line = self.lines[participant.employee_id]
        if group == "direct_reports":
            return len(line.reports - line.leads)
        return self._employed - len({participant.employee_id} | line.leads | line.reports)

    @cached_property
    def _employed(self) -> int:
        return Assignment.objects.filter(valid_from__lte=self.today, valid_to__gte=self.today).count()


def loads_of(cycle: ReviewCycle, employee_ids: Iterable[int] | None = None) -> dict[int, Load]:
    """Return how many colleagues people review in a cycle, by employee; everybody's without ids. One query."""
    rows = Rater.objects.filter(participant__cycle=cycle, participant__dropped_at=None, group__in=COLLEAGUES)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    counted = rows.values("employee_id").annotate(
        asked=Count("pk", filter=Q(state__in=ASKED_STATES)),
        proposed=Count("pk", filter=Q(state=RaterState.NOMINATED)),
    )
    return {row["employee_id"]: Load(row["asked"], row["proposed"]) for row in counted}
