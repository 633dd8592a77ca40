"""What is wrong with a person's data, as far as they can do something about it; one query."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, DateField, F, Model, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from analytics.homes.scope import LOOK_BACK
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports.facts import KIND as IMPORT
from perfmgmt.metrics.imports.reasons import said
from perfmgmt.people.models import Absence
from perfmgmt.tenants.workdays import WorkingCalendar
from perfmgmt.worklog.models import DutyTime, EntryState, WorkEntry

# So far back rows of imports are looked at, and so far back a day without a log is worth a word.
IMPORTS_BACK, LOG_BACK = timedelta(days=30), LOOK_BACK
# Who has written something in this time keeps a log.
KEEPS_A_LOG = timedelta(days=45)
MOST_ROWS, MOST_REFUSED = 300, 5


@dataclass(frozen=True)
class Returned:
    """An entry that the manager sent back, with the remark."""

    entry_id: int
    day: date
    metric_id: int
    comment: str


@dataclass(frozen=True)
class RefusedRow:
    """A row of an import that names the person and could not be used."""

    day: date
    file_name: str
    row: int
    reason: str


@dataclass
class Problems:
    """Everything that stands between what a person did and their figures."""

    returned: list[Returned] = field(default_factory=list)
    drafts: list[date] = field(default_factory=list)
    waiting: list[date] = field(default_factory=list)
    missing_days: list[date] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.returned or self.drafts or self.waiting or self.missing_days or self.refused)


def problems_of(employee_id: int, *, today: date, calendar: WorkingCalendar) -> Problems:
    """Return a person's data problems as of today; `calendar` knows the working days of the last two weeks."""
    found = Problems()
    logged: set[date] = set()
    away: set[date] = set()
    for kind, ref, since, until, words, name, about in _rows(employee_id, today):
        if kind == "absence":
            # An absence may be open-ended: only the days that are looked at count.
            first, last = max(since, today - LOG_BACK), min(until, today)
            away.update(first + timedelta(days=step) for step in range((last - first).days + 1))
        elif kind == "refused":
            found.refused += _refused(since, name, words)
        else:
            logged.add(since)
            _sort_in(found, kind, ref, since, words, about)
    found.refused = found.refused[:MOST_REFUSED]
    found.missing_days = days_without_log(logged, away, today=today, calendar=calendar)
    return found


def days_without_log(
    logged: Iterable[date], away: Iterable[date], *, today: date, calendar: WorkingCalendar
) -> list[date]:
    """Return the working days of the last two weeks, up to yesterday, on which somebody who keeps a log wrote none.

    The first day on which they wrote something is where their log begins; days of absence are excused. Who has never
    written anything keeps none, and nothing is missing.
    """
    days, excused = set(logged), set(away)
    if not days:
        return []
    first = max(today - LOG_BACK, min(days))
    expected = calendar.each(first, today - timedelta(days=1))
    return [day for day in expected if day not in days and day not in excused]


def _sort_in(found: Problems, kind: str, ref: int, day: date, words: str, about: int) -> None:
    if kind == EntryState.RETURNED:
        found.returned.append(Returned(ref, day, about, words))
    elif kind == EntryState.SUBMITTED:
        found.waiting.append(day)
    elif kind == EntryState.DRAFT:
        found.drafts.append(day)


def _refused(day: date, file_name: str, words: str) -> list[RefusedRow]:
    return [RefusedRow(day, file_name, int(each["row"]), said(each)) for each in json.loads(words or "[]")]


def _rows(employee_id: int, today: date) -> list[tuple[Any, ...]]:
    """Read entries, hours by duty, absences and refused rows at once, newest first.

    Each as (kind, id, first day, last day, words, name, metric id).
    """
    recent = today - KEEPS_A_LOG
    entries = WorkEntry.objects.filter(employee_id=employee_id)
    undecided = entries.filter(state__in=[EntryState.DRAFT, EntryState.SUBMITTED, EntryState.RETURNED])
    logged = entries.filter(state=EntryState.APPROVED, day__gte=recent)
    times = DutyTime.objects.filter(employee_id=employee_id, day__gte=recent)
    absences = Absence.objects.filter(employee_id=employee_id, first_day__lte=today, last_day__gte=today - LOG_BACK)
    jobs = Job.objects.filter(
        kind=IMPORT, state=JobState.DONE, created_at__date__gte=today - IMPORTS_BACK,
        result__named__has_key=str(employee_id),
    )  # fmt: skip
    parts = [
        _part(undecided, F("state"), F("day"), words=F("comment"), about=F("metric_id")),
        _part(logged, F("state"), F("day")),
        _part(times, Value("duty"), F("day")),
        _part(absences, Value("absence"), F("first_day"), until=F("last_day")),
        _part(
            jobs, Value("refused"), F("created_at__date"), words=KT(f"result__named__{int(employee_id)}"),
            name=KT("params__file_name"),
        ),
    ]  # fmt: skip
    return list(parts[0].union(*parts[1:], all=True).order_by("-part_since", "-part_ref")[:MOST_ROWS])


def _part(
    rows: QuerySet[Model], kind: Any, since: Any, *, until: Any = None, words: Any = None, name: Any = None,
    about: Any = None,
) -> QuerySet[Any, Any]:  # fmt: skip
    """Return rows of one table in the columns that all of them share."""
    columns = {
        "kind": Cast(kind, TextField()),
        "ref": F("pk"),
        "since": Cast(since, DateField()),
        "until": Cast(until or since, DateField()),
        "words": Cast(words or Value(""), TextField()),
        "name": Cast(name or Value(""), TextField()),
        "about": Cast(about or Value(0), BigIntegerField()),
    }
    # Names of their own: a model's field may be called as one of the columns.
    own = {f"part_{name}": value for name, value in columns.items()}
    return rows.order_by().annotate(**own).values_list(*own)
