"""Releasing the results of a closed cycle, and a person's answer to theirs (R9)."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.tenants.events import publish
from reviews.answers import voices
from reviews.answers.shuffling import reshuffle
from reviews.models import (
    CycleState,
    Participant,
    Proposal,
    ReleaseBatch,
    ResultState,
    ReviewCycle,
    ReviewResult,
)
from reviews.permissions import RELEASE, SEE_RESULTS
from reviews.results import notices
from reviews.results.access import Reach, locked_result
from reviews.results.checking import Chosen, standing_of, waiting_of
from reviews.results.freezing import freeze, sources_of
from reviews.scores.services import Turn, drain

KIND = "reviews.release"
BATCH = 200
LONGEST_COMMENT = 1000
CLOSED_STATES = (CycleState.CLOSED, CycleState.RELEASED)


class NotClosed(Conflict):
    """Answers still come in: nothing is released before the cycle is closed."""

    code = "cycle_not_closed"
    message = _("Close the cycle first: results are released when no answers come in any more.")


@transaction.atomic
def start_release(cycle_id: int, chosen: Chosen, *, confirmed: bool, language: str, viewer: Viewer) -> Job:
    """Queue the release of a closed cycle's results; a second click returns the job of the first one.

    Raises NotFound, NotAllowed, NotClosed, and DomainError: nobody waits (`nobody_waits`), or there are warnings that
    were not confirmed (`not_confirmed`).
    """
    if not viewer.may(RELEASE):
        raise NotAllowed
    cycle = _locked(cycle_id)
    at_work = Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING], params__cycle=cycle_id)
    if (job := at_work.first()) is not None:
        return job
    standing = standing_of(cycle)
    if not standing.may_finish and not waiting_of(cycle, chosen).exists():
        raise DomainError(_("Nobody of those you chose waits for a result."), code="nobody_waits")
    if standing.warns and not confirmed:
        raise DomainError(_("Look at the warnings first, then confirm that you release all the same."),
                          code="not_confirmed")  # fmt: skip
    params = {"cycle": cycle_id, "units": list(chosen.units), "people": list(chosen.people), "language": language}
    return jobs.start(KIND, params, user_id=viewer.user_id)


def _locked(cycle_id: int) -> ReviewCycle:
    """Return a closed cycle, locked: raters, other releases and changes of its state wait. Raises NotClosed."""
    cycle = ReviewCycle.objects.select_for_update(of=("self",)).filter(pk=cycle_id).first()
    if cycle is None:
        raise NotFound
    if cycle.state not in CLOSED_STATES:
        raise NotClosed
    return cycle


def release(context: JobContext) -> dict[str, Any]:
    """Release results (params: cycle, units, people) as one batch; the work of a job, in its transaction.

    Only who has none yet gets one, so doing it twice releases nobody twice; without anybody there is no batch.
    """
    while drain(wait=True) is Turn.MORE:  # what was marked before this froze counts
        continue
    cycle = _locked(context.params["cycle"])
    chosen = Chosen(tuple(context.params.get("units", ())), tuple(context.params.get("people", ())))
    waiting = waiting_of(cycle, chosen).select_related("employee", "unit").order_by("pk")
    people = list(waiting.select_for_update(of=("self",)))
    done = _released(cycle, people, context)
    finished = cycle.state == CycleState.CLOSED and not waiting_of(cycle).exists() and cycle.batches.exists()
    if finished:
        _finish(cycle)
    return {"released": len(done), "finished": finished, "cycle": cycle.pk}


def _released(cycle: ReviewCycle, people: Sequence[Participant], context: JobContext) -> list[ReviewResult]:
    if not people:
        return []
    number = (cycle.batches.aggregate(n=Max("number"))["n"] or 0) + 1
    if number == 1:
        reshuffle(cycle.pk)  # from here on no answer changes any more
    batch = ReleaseBatch.objects.create(
        cycle=cycle, number=number, released_by_id=context.created_by_id, job_id=context.job_id, people=len(people)
    )
    done: list[ReviewResult] = []
    for at in range(0, len(people), BATCH):
        done += _saved(batch, people[at : at + BATCH], context, (at, len(people)))
    notices.tell_released(cycle, people)
    publish("reviews.released", batch_id=batch.pk, participant_ids=[person.pk for person in people])
    return done


def _saved(
    batch: ReleaseBatch, people: Sequence[Participant], context: JobContext, progress: tuple[int, int]
) -> list[ReviewResult]:
    done, total = progress
    sources = sources_of(batch.cycle, people)
    made = []
    for at, person in enumerate(people, 1):
        made.append(freeze(batch, person, sources))
        if at % 20 == 0 or at == len(people):
            context.report(_t("Releasing results"), done + at, total)
    results = ReviewResult.objects.bulk_create([result for result, _proposals in made])
    proposals = [proposal for _result, found in made for proposal in found]
    for proposal in proposals:
        proposal.result_id = proposal.result.pk  # known only now
    Proposal.objects.bulk_create(proposals)
    return results


def _finish(cycle: ReviewCycle) -> None:
    """Everybody has a result: the cycle is over, and everybody who took part is asked whether it was fair."""
    cycle.state, cycle.released_at, cycle.version = CycleState.RELEASED, timezone.now(), cycle.version + 1
    cycle.save(update_fields=["state", "released_at", "version", "updated_at"])
    asked = voices.ask(cycle.pk)
    notices.tell_fairness(cycle, asked)
    publish("reviews.cycle_released", cycle_id=cycle.pk)


@transaction.atomic
def answer_result(result_id: int, state: str, comment: str, *, reach: Reach) -> ReviewResult:
    """Keep what a person says to their own result: acknowledged, or disagreed with the reason.

    Said once; who disagreed may acknowledge later. The same again changes nothing. Raises NotFound for somebody
    else's result, DomainError for a disagreement without a reason, Conflict for anything but that one change.
    """
    viewer = reach.viewer
    if not viewer.may(SEE_RESULTS) or viewer.left_until is not None:
        raise NotAllowed
    result = locked_result(result_id, reach)
    if result.participant.employee_id != viewer.employee_id:
        raise NotFound
    if state not in (ResultState.ACKNOWLEDGED, ResultState.DISAGREED):
        raise NotFound
    if result.state == state:
        return result
    if result.state == ResultState.ACKNOWLEDGED:
        raise Conflict(_("You have acknowledged this result already."))
    text = comment.strip()[:LONGEST_COMMENT]
    if state == ResultState.DISAGREED and not text:
        raise DomainError(_("Say in a sentence what you disagree with."), code="no_comment")
    kept = result.comment if result.state == ResultState.DISAGREED and not text else text
    result.state, result.comment, result.answered_at = state, kept, timezone.now()
    result.save(update_fields=["state", "comment", "answered_at"])
    notices.tell_answered(result, name=viewer.display_name, on=reach.on)
    publish("reviews.result_answered", result_id=result.pk, state=state)
    return result
