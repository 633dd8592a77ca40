"""Who needs attention now: people (or units) with the reasons in words, the most urgent first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Exists, Max, OuterRef
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.homes.attention_rules import QUIET_DAYS, Spell, last_day_ahead, quiet_days
from analytics.homes.heat import Cell, Heat, Row, heat_map
from analytics.homes.heat_rules import Tone
from analytics.homes.scope import HomeScope
from goals.agreement.selectors import waiting_for_answer
from goals.permissions import SEE_GOALS, SEE_TARGETS
from perfmgmt.metrics.models import EmployeeRollup, ParkedKey
from perfmgmt.metrics.permissions import SEE_FACTS
from perfmgmt.people.models import Absence, Assignment, Employee, StandIn
from perfmgmt.people.permissions import SEE_WORKSPACE, Permission
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Grain
from perfmgmt.web import formats
from perfmgmt.worklog.models import EntryState, WorkEntry

# How far back a last fact is looked for.
WINDOW = timedelta(days=60)
BAD, WARN, INFO = "bad", "warn", "info"


@dataclass(frozen=True)
class Reason:
    """Why: a smaller `severity` is more urgent; `url` opens what it speaks of, for who has its `permission`."""

    severity: int
    tone: str
    text: str
    url: str
    permission: Permission = SEE_WORKSPACE


@dataclass
class Case:
    """A person, a unit or (without an id) the whole team, with the reasons, the most urgent first."""

    id: int
    name: str
    is_unit: bool
    url: str
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True)
class _Known:
    """What is known of the people beside their figures, by person."""

    last_fact: dict[int, date]
    spells: dict[int, list[Spell]]
    away: dict[int, list[Spell]]
    alone: set[int]
    left_on: dict[int, date]
    waiting: dict[int, int]
    parked: set[int]
    offers: dict[int, list[int]]


def attention(scope: HomeScope, viewer: Viewer) -> list[Case]:
    """Return who needs attention, most urgent first, in a fixed number of queries.

    The scope is the home's, of the month of today.
    """
    scope = replace(scope, calendar=scope.workspace.calendar(scope.today - WINDOW, scope.period.end))
    heat = heat_map(scope, QueryDict())
    heat = replace(heat, rows=[row for row in heat.rows if not row.elsewhere])
    people = [row.id for row in heat.rows if not row.is_unit]
    known = _known(scope, people) if people else _Known({}, {}, {}, set(), {}, {}, set(), {})
    cases = _together(scope, heat, known)
    for row in heat.rows:
        reasons = list(_of_unit(scope, row, heat) if row.is_unit else _of_person(scope, row, heat, known))
        if reasons:
            address = _page(scope, row)
            cases.append(Case(row.id, row.name, row.is_unit, address, reasons))
    for case in cases:
        case.reasons = sorted((_linked(reason, viewer) for reason in case.reasons), key=lambda it: it.severity)
    # The sort is stable: who comes first in the ranking stays first among the equally urgent.
    return sorted(cases, key=lambda case: (case.reasons[0].severity, -len(case.reasons)))


def _linked(reason: Reason, viewer: Viewer) -> Reason:
    """Return a reason without its link for who may not open it."""
    return reason if viewer.may(reason.permission) else replace(reason, url="")


def _known(scope: HomeScope, ids: list[int]) -> _Known:
    today, first = scope.today, scope.today - WINDOW
    # By metric first: the key of the rollups begins with it.
    metrics = [metric.pk for metric in scope.metrics.values()]
    facts = EmployeeRollup.objects.filter(
        metric_id__in=metrics, grain=int(Grain.DAY), employee_id__in=ids, start__gte=first, n__gt=0
    )
    held = Assignment.objects.filter(employee_id__in=ids, valid_to__gte=first).order_by("valid_from")
    absent = Absence.objects.filter(employee_id__in=ids, last_day__gte=first, first_day__lte=today, hours=None)
    covered = StandIn.objects.filter(employee_id=OuterRef("employee_id"), first_day__lte=today, last_day__gte=today)
    rows = list(
        absent.annotate(covered=Exists(covered)).values_list("employee_id", "first_day", "last_day", "covered")
    )
    entries = WorkEntry.objects.filter(employee_id__in=ids, state=EntryState.SUBMITTED)
    parked = ParkedKey.objects.filter(employee_id__in=ids)
    leaving = Employee.objects.filter(pk__in=ids, left_on__isnull=False)
    return _Known(
        last_fact=dict(facts.values_list("employee_id").annotate(Max("start"))),
        spells=_grouped(held.values_list("employee_id", "valid_from", "valid_to")),
        away=_grouped((pk, start, end) for pk, start, end, _covered in rows),
        alone={pk for pk, start, end, is_covered in rows if start <= today <= end and not is_covered},
        left_on={pk: day for pk, day in leaving.values_list("pk", "left_on") if day is not None},
        waiting=dict(entries.values_list("employee_id").annotate(Count("pk"))),
        offers=waiting_for_answer(ids),
        parked={pk for (pk,) in parked.values_list("employee_id") if pk is not None},
    )  # fmt: skip


def _grouped(rows: Iterable[tuple[int, date, date]]) -> dict[int, list[Spell]]:
    found: dict[int, list[Spell]] = {}
    for employee_id, first, last in rows:
        found.setdefault(employee_id, []).append(Spell(first, last))
    return found


def _has_targets(heat: Heat, row: Row | None = None) -> bool:
    rows = heat.rows if row is None else [row]
    return any(cell.target is not None for each in rows for cell in each.cells)


def _together(scope: HomeScope, heat: Heat, known: _Known) -> list[Case]:
    """What is missing for everybody is said once."""
    slug, reasons = scope.workspace.slug, []
    people = [row for row in heat.rows if not row.is_unit]
    if heat.rows and not _has_targets(heat):
        text = _("No targets are set for {period}: nobody can see how they stand.").format(
            period=formats.period(scope.period)
        )
        reasons.append(
            Reason(55, WARN, text, f"{reverse('targets', args=[slug])}?month={scope.period.label}", SEE_TARGETS)
        )
    if len(people) > 1 and not known.last_fact:
        text = _("Nobody has had a fact in the last {n} days.").format(n=formats.number(WINDOW.days))
        reasons.append(Reason(20, BAD, text, reverse("facts", args=[slug]), SEE_FACTS))
    name = str(scope.unit) if scope.unit else _("The company") if scope.people is None else _("The team")
    home = reverse("home", args=[slug])
    return [Case(0, name, True, home, reasons)] if reasons else []


def _of_unit(scope: HomeScope, row: Row, heat: Heat) -> Iterator[Reason]:
    yield from _behind(scope, row)
    if not any(cell.n for cell in row.cells):
        text = _("No facts in {period}").format(period=formats.period(scope.period))
        yield Reason(30, WARN, text, _page(scope, row))
    if _has_targets(heat) and not _has_targets(heat, row):
        yield _no_target(scope)


def _of_person(scope: HomeScope, row: Row, heat: Heat, known: _Known) -> Iterator[Reason]:
    yield from _behind(scope, row)
    yield from _quiet(scope, row, known)
    slug, today = scope.workspace.slug, scope.today
    if row.id in known.parked:
        yield Reason(25, BAD, _("Figures can't be worked out: a fault in the data"), _facts(scope, row))
    if row.id in known.alone:
        until = max(spell.last for spell in known.away[row.id] if spell.holds(today))
        text = _("Away until {day}, and nobody stands in").format(day=formats.day(until))
        yield Reason(40, WARN, text, reverse("person_absences", args=[slug, row.id]))
    if offers := known.offers.get(row.id):
        text = ngettext("{n} goal waits for your answer", "{n} goals wait for your answer", len(offers))
        address = reverse("goal", args=[slug, offers[0]])
        yield Reason(38, WARN, text.format(n=formats.number(len(offers))), address, SEE_GOALS)
    if number := known.waiting.get(row.id, 0):
        text = ngettext("{n} entry waits for approval", "{n} entries wait for approval", number)
        address = f"{reverse('approvals', args=[slug])}?{urlencode({'state': 'submitted', 'q': row.name})}"
        yield Reason(50, INFO, text.format(n=formats.number(number)), address)
    if _has_targets(heat) and not _has_targets(heat, row):
        yield _no_target(scope)
    last = last_day_ahead(left_on=known.left_on.get(row.id), spells=known.spells.get(row.id, []), today=today)
    if last is not None:
        text = _("Last day on {day}").format(day=formats.day(last))
        yield Reason(60, INFO, text, reverse("person_assignments", args=[slug, row.id]))


def _behind(scope: HomeScope, row: Row) -> Iterator[Reason]:
    """Metrics whose pace by working days is off track or at risk (RULES.md section 9)."""
    for cell in row.cells:
        if not cell.judged or cell.tone not in (Tone.OFF_TRACK, Tone.AT_RISK):
            continue
        off = cell.tone is Tone.OFF_TRACK
        words = _("{metric} is off track: {share} of the target") if off else _(
            "{metric} is at risk: {share} of the target"
        )  # fmt: skip
        share = formats.percent(None if cell.share is None else float(cell.share), 0)
        yield Reason(10 if off else 35, BAD if off else WARN, words.format(metric=cell.metric.name, share=share),
                     _page(scope, row, cell))  # fmt: skip


def _quiet(scope: HomeScope, row: Row, known: _Known) -> Iterator[Reason]:
    """No fact for several working days on which the person was there."""
    spells = [spell for spell in known.spells.get(row.id, []) if spell.holds(scope.today)]
    if not known.last_fact or not spells:
        return
    first = max(scope.today - WINDOW, min(spell.first for spell in known.spells[row.id])) - timedelta(days=1)
    last = known.last_fact.get(row.id)
    days = quiet_days(
        scope.calendar, since=max(last or first, first), today=scope.today, away=known.away.get(row.id, [])
    )
    if days < QUIET_DAYS:
        return
    text = _("No fact for {n} working days, the last one on {day}") if last else _("No fact for {n} working days")
    yield Reason(20, BAD, text.format(n=formats.number(days), day=formats.day(last)), _facts(scope, row))


def _no_target(scope: HomeScope) -> Reason:
    text = _("No target for {period}").format(period=formats.period(scope.period))
    address = f"{reverse('targets', args=[scope.workspace.slug])}?month={scope.period.label}"
    return Reason(55, WARN, text, address, SEE_TARGETS)


def _page(scope: HomeScope, row: Row, cell: Cell | None = None) -> str:
    query = {"period": scope.period.label, **({"metric": cell.metric.code} if cell else {})}
    if row.is_unit:
        return f"{reverse('home', args=[scope.workspace.slug])}?{urlencode({**query, 'unit': row.id})}"
    return f"{reverse('person', args=[scope.workspace.slug, row.id])}?{urlencode(query)}"


def _facts(scope: HomeScope, row: Row) -> str:
    first = scope.today - WINDOW
    query = {"employee": row.id, "from": first.isoformat(), "to": scope.today.isoformat()}
    return f"{reverse('facts', args=[scope.workspace.slug])}?{urlencode(query)}"
