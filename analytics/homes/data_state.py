"""How fresh and how complete the data are: sources, the last imports, and who lacks what (HR's home)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports import facts as facts_import
from perfmgmt.metrics.imports import people as people_import
from perfmgmt.metrics.models import Fact, ImportDraft, Source
from perfmgmt.people import directory
from perfmgmt.people.gaps import gaps
from perfmgmt.people.models import Membership
from perfmgmt.tenants.workdays import WorkingCalendar

# A source is up to date with the working day before, late from the fourth on.
FRESH_DAYS, LATE_DAYS = 1, 4
SHOWN_IMPORTS = 10
# Looking for the last day of each source reads all facts: done anew only after facts came, or after so many seconds.
KEPT_SECONDS = 600


class Freshness(StrEnum):
    """How a source stands."""

    FRESH = "fresh"
    BEHIND = "behind"
    LATE = "late"
    NEVER = "never"


@dataclass(frozen=True)
class SourceState:
    """A source: when something arrived last, the last day it knows of, and how many working days are missing."""

    name: str
    arrived: datetime | None
    last_day: date | None
    facts: int
    behind: int | None
    freshness: Freshness


@dataclass(frozen=True)
class ImportLine:
    """An import with what became of it; `draft_id` is where it can be looked at and undone."""

    job: Job
    is_people: bool
    counts: dict[str, int] | None
    draft_id: int | None
    undone: bool


@dataclass(frozen=True)
class Coverage:
    """How many of the people employed today have something; `query` finds those who lack it in the directory."""

    label: str
    have: int
    all: int
    query: str
    is_account: bool = False

    @property
    def missing(self) -> int:
        """How many lack it."""
        return self.all - self.have

    @property
    def share(self) -> float | None:
        """Which share has it; None without people."""
        return self.have / self.all if self.all else None


def freshness(behind: int | None) -> Freshness:
    """Return how a source stands that is so many working days behind (None: it has no facts)."""
    if behind is None:
        return Freshness.NEVER
    if behind <= FRESH_DAYS:
        return Freshness.FRESH
    return Freshness.BEHIND if behind < LATE_DAYS else Freshness.LATE


def sources(*, today: date, calendar: WorkingCalendar) -> list[SourceState]:
    """Return the sources, the longest behind first.

    `calendar` knows the days around today; what lies before them counts as ordinary weeks.
    """
    known = _last_days()
    found = []
    for pk, name in Source.objects.order_by("name", "pk").values_list("pk", "name"):
        last_day, arrived, number = known.get(pk, (None, None, 0))
        behind = None
        if last_day is not None:
            behind = calendar.working_days(last_day + timedelta(days=1), today - timedelta(days=1))
        found.append(SourceState(name, arrived, last_day, number, behind, freshness(behind)))
    return sorted(found, key=lambda state: (state.behind is not None, -(state.behind or 0)))


def _last_days() -> dict[int, tuple[date | None, datetime | None, int]]:
    """Return each source's last day, last arrival and number of facts."""
    newest = Fact.objects.order_by("-id").values_list("id", flat=True).first()
    kept = cache.get("data_state.sources")
    if kept is not None and kept[0] == newest:
        return dict(kept[1])
    rows = Fact.objects.values_list("source_id").annotate(Max("day"), Max("recorded_at"), Count("id"))
    found = {pk: (day, arrived, number) for pk, day, arrived, number in rows}
    cache.set("data_state.sources", (newest, found), KEPT_SECONDS)
    return found


def imports() -> list[ImportLine]:
    """Return the last imports that were run (no dry runs), newest first; two queries and one for the undone."""
    kinds = (facts_import.KIND, people_import.KIND)
    ran = Job.objects.select_related("created_by").filter(kind__in=kinds).exclude(params__has_key="dry")
    jobs = list(ran.order_by("-pk")[:SHOWN_IMPORTS])
    drafts = {
        job_id: (pk, undo)
        for pk, job_id, undo in ImportDraft.objects.filter(import_job_id__in=[job.pk for job in jobs]).values_list(
            "pk", "import_job_id", "undo_job_id"
        )
    }
    undone = _done(undo for _pk, undo in drafts.values() if undo)
    lines = []
    for job in jobs:
        draft_id, undo = drafts.get(job.pk, (None, None))
        lines.append(ImportLine(job, job.kind == people_import.KIND, _counts(job.result), draft_id, undo in undone))
    return lines


def _done(job_ids: Iterable[int]) -> set[int]:
    ids = list(job_ids)
    return set(Job.objects.filter(pk__in=ids, state=JobState.DONE).values_list("pk", flat=True)) if ids else set()


def _counts(result: dict[str, Any] | None) -> dict[str, int] | None:
    if not result or "added" not in result:
        return None
    return {name: int(result.get(name, 0)) for name in ("added", "changed", "refused")}


def coverage(*, today: date) -> list[Coverage]:
    """Return what people employed today have, counted by the directory's own filters; one query."""
    people = directory.find(
        directory.Wanted(status=directory.EMPLOYED), on=today, choices=directory.Options([], [], {}), by_address=False
    )
    account = ~Exists(Membership.objects.filter(employee_id=OuterRef("pk")))
    asked = [(gap.code, gap.having, gap.without(today)) for gap in gaps()]
    counted = people.aggregate(
        people=Count("pk"),
        without_account=Count("pk", filter=Q(account)),
        **{f"without_{code}": Count("pk", filter=condition) for code, _label, condition in asked},
    )
    whole = counted["people"]
    lines = [
        Coverage(str(label), whole - counted[f"without_{code}"], whole, f"status=employed&missing={code}")
        for code, label, _condition in asked
    ]
    have = whole - counted["without_account"]
    return [*lines, Coverage(str(_("With a sign-in")), have, whole, "status=employed&account=none", is_account=True)]
