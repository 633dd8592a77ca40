"""A closed review cycle with scores, put together from rows, and its release."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import User
from perfmgmt.people.services import add_member
from perfmgmt.people.viewer import Viewer, viewer_in, workspace_of
from reviews.models import (
    Dimension,
    Part,
    Rater,
    ReviewResult,
    Score,
    Scorecard,
    ScorecardVersion,
    ScoreKey,
    ScorePart,
)
from reviews.results import services
from reviews.results.access import Reach
from reviews.results.checking import Chosen
from tests.factories import Company
from tests.reviews.factories import GRAIN, QUARTER, Cycle, add_peers, answer, open_cycle

#: (names, weight, kind): the dimensions of the scorecard, each with one part of its weight.
DIMENSIONS = (
    ("销售业绩", "Sales results", 40, "metric"),
    ("客户满意度", "Customer satisfaction", 30, "csat"),
    ("态度与行为", "Attitude and behaviour", 30, "questionnaire"),
)


def scorecard(cycle: Cycle) -> ScorecardVersion:
    """Make a published scorecard of three dimensions, one part each."""
    row = Scorecard.objects.create(name_zh="销售助理", name_en="Sales assistant")
    version = ScorecardVersion.objects.create(
        scorecard=row, number=1, state="published", published_at=timezone.now(), valid_from=QUARTER
    )
    for place, (zh, en, weight, kind) in enumerate(DIMENSIONS, 1):
        dimension = Dimension.objects.create(version=version, place=place, name_zh=zh, name_en=en, weight=weight)
        reads: dict[str, Any] = {"questionnaire": cycle.questionnaire}
        if kind != "questionnaire":
            reads = {"metric": metric_by_code("sales_amount" if kind == "metric" else "csat")}
        Part.objects.create(
            dimension=dimension, place=1, kind=kind, weight=100, name_zh=f"{zh}指标", name_en=en, **reads
        )
    return version


def score(company: Company, cycle: Cycle, version: ScorecardVersion, name: str, *values: str | None) -> Score:
    """Write the score of a person, a value for each part (None: missing, left out); the parts weigh as set."""
    employee, period = company.people[name], {"grain": GRAIN, "start": QUARTER}
    parts = list(Part.objects.filter(dimension__version=version).order_by("dimension__place"))
    weights = [Decimal(row[2]) for row in DIMENSIONS]
    there = sum((w for w, value in zip(weights, values, strict=True) if value is not None), Decimal(0))
    total = Decimal(0)
    for part, weight, value in zip(parts, weights, values, strict=True):
        used = Decimal(0) if value is None else weight * 100 / there
        given = Decimal(0) if value is None else (used * Decimal(value) / 100).quantize(Decimal("0.0001"))
        total += given
        ScorePart.objects.create(
            pk=(company.tenant.pk, GRAIN, QUARTER, employee.pk, part.pk), employee=employee, part_id=part.pk,
            raw=None if value is None else 1000, target=1200, x=None, score=value, weight=weight, used=used,
            contribution=given, out="missing" if value is None else "", **period,
        )  # fmt: skip
    grade = "A" if total >= 90 else "B" if total >= 80 else "C" if total >= 70 else "D" if total >= 60 else "E"
    return Score.objects.create(
        pk=(company.tenant.pk, GRAIN, QUARTER, employee.pk), employee=employee, version_id=version.pk,
        cycle_id=cycle.row.pk, score=total if there else None, before=total, grade=grade, **period,
    )  # fmt: skip


def closed_cycle(company: Company, *names: str, peers: int = 3) -> Cycle:
    """Make a closed cycle of ann, bob and cid with a score each: ann 86.00 (B), bob 95.20 (A), cid 45.00 (E)."""
    cycle = open_cycle(company, *names)
    version = scorecard(cycle)
    scores = {"ann": ("91", "88", "77.3333"), "bob": ("98", "94", "92.6667"), "cid": ("40", "50", "46.6667")}
    for name in cycle.people:
        score(company, cycle, version, name, *scores[name])
    if "ann" in cycle.people and peers:
        for at, rater in enumerate(add_peers(company, cycle, "ann", peers)):
            answer(cycle, rater, 4, 5, 3 + at % 3, text=f"同事评语 {at}")
        manager = Rater.objects.get(participant=cycle.people["ann"], group="manager")
        answer(cycle, manager, 5, 4, 4, text="Keep the customers close")
    cycle.row.state, cycle.row.closed_at = "closed", timezone.now()
    cycle.row.save()
    ScoreKey.objects.all().delete()  # the scores above are made by hand: a worker would work them out anew
    return cycle


def viewer(company: Company, name: str) -> Viewer:
    """One of the cast, or a person of the company, who gets a sign-in."""
    user = company.users.get(name)
    if user is None:
        user = User.objects.create_user(f"{name}.signin@{company.tenant.slug}.example", name=name)
        add_member(user, employee=company.people[name])
        company.users[name] = user
    found = viewer_in(user.pk, workspace_of(company.tenant).today())
    assert found is not None
    return found


def reach(company: Company, name: str) -> Reach:
    """Whose results somebody sees today."""
    return Reach(viewer(company, name), workspace_of(company.tenant).today())


def release(
    company: Company, cycle: Cycle, chosen: Chosen | None = None, *, confirmed: bool = True
) -> dict[str, Any]:
    """Release results as HR, as the worker does it; return the job's result."""
    job = services.start_release(
        cycle.row.pk, chosen or Chosen(), confirmed=confirmed, language="en", viewer=viewer(company, "hr")
    )
    done = services.release(JobContext(job.pk, job.params, job.created_by_id))
    Job.objects.filter(pk=job.pk).update(state="done", result=done)
    cycle.row.refresh_from_db()
    return done


def result_of(cycle: Cycle, name: str) -> ReviewResult:
    """Return a person's result."""
    return ReviewResult.objects.get(participant=cycle.people[name])
