"""Making the statistics of a cycle: a job when it is closed, and again whenever HR asks (R7)."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.rollups.services import Turn
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, NotAllowed, NotFound
from reviews.answers.shown import ENDED, NotYetShown
from reviews.answers.shuffling import reshuffle
from reviews.models import ReviewCycle
from reviews.permissions import SEE_STATISTICS
from reviews.scores import dirty
from reviews.scores.services import drain
from reviews.statistics.adjusting import made
from reviews.statistics.storing import store

KIND = "reviews.statistics"


@transaction.atomic
def start(cycle_id: int, *, viewer: Viewer) -> Job:
    """Queue the job for a closed cycle. Raises NotAllowed, NotFound, NotYetShown, Conflict when one is waiting."""
    if not viewer.may(SEE_STATISTICS):
        raise NotAllowed
    cycle = ReviewCycle.objects.select_for_update(of=("self",)).filter(pk=cycle_id).first()
    if cycle is None:
        raise NotFound
    if cycle.state not in ENDED:
        raise NotYetShown
    waiting = Job.objects.filter(kind=KIND, params__cycle=cycle_id, state__in=[JobState.QUEUED, JobState.RUNNING])
    if waiting.exists():
        raise Conflict(_("The statistics of this cycle are being made already."))
    return jobs.start(KIND, {"cycle": cycle_id}, user_id=viewer.user_id)


def on_cycle_closed(*, cycle_id: int) -> None:
    """A cycle was closed: its answers are rewritten in random order, and the statistics are made, in one job."""
    jobs.start(KIND, {"cycle": cycle_id}, user_id=None)


def run(context: JobContext) -> dict[str, Any]:
    """The job: rewrite the answers, bring scores up to date, compute and store. Params: cycle.

    A cycle that was opened again meanwhile keeps what it has. The result has counts, nothing of a single rater.
    """
    cycle = ReviewCycle.objects.select_for_update(of=("self",)).filter(pk=context.params["cycle"]).first()
    if cycle is None or cycle.state not in ENDED:
        return {"summary": [[_t("People"), 0]]}
    context.report("computing", 0, 4)
    reshuffle(cycle.pk)
    context.report("computing", 1, 4)
    while drain(wait=True) is Turn.MORE:
        continue
    context.report("computing", 2, 4)
    found = made(cycle)
    context.report("computing", 3, 4)
    store(cycle, found)
    if cycle.uses_adjusted:
        dirty.mark([(employee, cycle.start, cycle.start) for employee, _score in found.people])
    return {"summary": [[_t("People"), len(found.people)], [_t("Raters"), len(found.raters)]]}
