"""Launching a cycle (R2): one job, one transaction, everything or nothing, and never twice.

The state LAUNCHING holds from the click to the end of the job. Of a job that failed, was cancelled or lost its
worker nothing was written, and the cycle counts as a draft again (`settle`).
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker
from perfmgmt.jobs.models import Job
from perfmgmt.people.viewer import Viewer, workspace_of
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from reviews.cycles import notices
from reviews.cycles.problems import dry_run
from reviews.cycles.writing import take_in
from reviews.models import CycleForm, CycleQuestion, CycleState, QuestionnaireItem, ReviewCycle
from reviews.permissions import MANAGE_CYCLES

LAUNCH, RESULT = "cycles.launch", "reviews/cycles/launch_result.html"


class CantLaunch(DomainError):
    """Something blocks the launch; the dry run names it."""

    code = "cant_launch"
    status = 409
    message = _("This cycle can't be launched yet: {problem}")


class Changed(Conflict):
    """Another window saved the cycle meanwhile."""

    code = "cycle_changed"
    message = _("This cycle was changed in another window. Reload the page and look at it again.")


def locked(cycle_id: int) -> ReviewCycle:
    """Return a cycle for a change, locked; one whose launch came to nothing is a draft again. Raises NotFound."""
    cycle = ReviewCycle.objects.select_for_update(of=("self",)).filter(pk=cycle_id).first()
    if cycle is None:
        raise NotFound
    if cycle.state == CycleState.LAUNCHING and not _is_at_work(cycle):
        cycle.state = CycleState.DRAFT
        cycle.save(update_fields=["state"])
    return cycle


def shown_state(cycle: ReviewCycle) -> str:
    """Return a cycle's state as it is: a launch that came to nothing has left a draft. `job` is best selected."""
    if cycle.state == CycleState.LAUNCHING and not (cycle.job is not None and cycle.job.is_open):
        return str(CycleState.DRAFT)
    return cycle.state


def _is_at_work(cycle: ReviewCycle) -> bool:
    job = Job.objects.filter(pk=cycle.job_id or 0).first()
    return job is not None and job.is_open


@transaction.atomic
def launch(cycle_id: int, *, viewer: Viewer, version: int) -> Job:
    """Start the launch of a draft and return its job; a second click returns the same one.

    Raises NotAllowed, NotFound, Changed for a page that is older than the draft, CantLaunch for what blocks it, and
    Conflict for a cycle that is launched already.
    """
    if not viewer.may(MANAGE_CYCLES):
        raise NotAllowed
    cycle = locked(cycle_id)
    if cycle.state == CycleState.LAUNCHING and cycle.job is not None:
        return cycle.job
    if cycle.state != CycleState.DRAFT:
        raise Conflict(_("This cycle was launched already."))
    if cycle.version != version:
        raise Changed
    _refuse(cycle)
    params = {"cycle": cycle.pk, "language": get_language() or "en"}
    cycle.job = jobs.start(LAUNCH, params, user_id=viewer.user_id)
    cycle.state = CycleState.LAUNCHING
    cycle.save(update_fields=["state", "job"])
    return cycle.job


def _refuse(cycle: ReviewCycle) -> None:
    run = dry_run(cycle, workspace_of(Tenant.objects.get(pk=current_tenant_id())))
    if run.blocking:
        raise CantLaunch(problem=run.blocking[0].sentence)


def run(context: JobContext) -> dict[str, Any]:
    """Launch a cycle (params: cycle, language); what was launched already is left as it is."""
    with override(context.params["language"]):
        _viewer, workspace = asker(context, MANAGE_CYCLES)
        cycle = ReviewCycle.objects.select_for_update(of=("self",)).filter(pk=context.params["cycle"]).first()
        if cycle is None or cycle.state != CycleState.LAUNCHING or cycle.job_id != context.job_id:
            raise DomainError(_t("This cycle is not waiting to be launched any more."), code="not_launching")
        context.report(_t("Checking"))
        found = dry_run(cycle, workspace)
        if found.blocking:
            raise CantLaunch(problem=found.blocking[0].sentence)
        members = found.audience.members
        context.report(_t("Taking people in"), 0, len(members), rows=0)
        copy_questions(cycle)
        written = take_in(cycle, members, found.managers, found.versions, workspace)
        context.report(_t("Telling people"), len(members), len(members), rows=written.raters)
        told = notices.tell_asked(cycle, written.by_rater, workspace)
        ReviewCycle.objects.filter(pk=cycle.pk).update(
            state=CycleState.OPEN, launched_at=timezone.now(), version=cycle.version + 1
        )
        publish("reviews.cycles_changed", grain=int(cycle.grain), start=cycle.start)
        context.report(_t("Telling people"), len(members), len(members), rows=written.raters)
        return {"cycle": cycle.pk, "people": written.participants, "raters": written.raters, "told": told,
                "warnings": _warnings(found.problems)}  # fmt: skip


def _warnings(problems: list[Any]) -> list[list[Any]]:
    """Return how many people each warning of the dry run was about, with the first one's sentence."""
    found: dict[str, list[Any]] = {}
    for each in problems:
        found.setdefault(each.code, [each.sentence, 0])[1] += 1
    return [
        [text if n == 1 else ngettext("%(text)s (and %(n)s more like this)", "%(text)s (and %(n)s more like this)",
                                      n - 1) % {"text": text, "n": n - 1}, n]
        for text, n in found.values()
    ]  # fmt: skip


def copy_questions(cycle: ReviewCycle) -> int:
    """Copy the questions of a cycle's questionnaires: what is asked never changes afterwards; return how many."""
    forms = dict(CycleForm.objects.filter(cycle=cycle).values_list("questionnaire_id", "place"))
    items = QuestionnaireItem.objects.select_related("question").filter(questionnaire_id__in=forms)
    ordered = sorted(items, key=lambda item: (forms[item.questionnaire_id], item.place))
    made = CycleQuestion.objects.bulk_create(
        CycleQuestion(
            cycle=cycle, questionnaire_id=item.questionnaire_id, place=place, code=item.question.code,
            topic=item.question.topic, kind=item.question.kind, text_zh=item.question.text_zh,
            text_en=item.question.text_en, scale=item.question.scale, anchors=item.question.anchors,
            weight=item.weight, groups=list(item.groups), required=item.required, section=item.section,
        )
        for place, item in enumerate(ordered, 1)
    )  # fmt: skip
    return len(made)


def against_retry(job: Job) -> str | Promise:
    """Return why a launch can't be done again from its page; "" when it can."""
    cycle = ReviewCycle.objects.filter(job=job).first()
    if cycle is None or cycle.state not in (CycleState.LAUNCHING, CycleState.DRAFT):
        return _("This cycle is not waiting to be launched any more.")
    return ""


def retried(job: Job, again: Job) -> None:
    """Let the cycle wait for the new job."""
    ReviewCycle.objects.filter(job=job, state__in=[CycleState.LAUNCHING, CycleState.DRAFT]).update(
        job=again, state=CycleState.LAUNCHING
    )
