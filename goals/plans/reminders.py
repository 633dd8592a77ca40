"""Reminding people of overdue tasks and stage reviews: by notification and by one mail a day at most."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override

from goals.models import PlanReminder, PlanReview, PlanState, PlanTask
from goals.plans.notices import OVERDUE, tell_overdue
from perfmgmt.notify.letters import Letter
from perfmgmt.notify.services import queue_mail
from perfmgmt.people.models import Absence, Employee, Membership
from perfmgmt.people.viewer import Workspace
from perfmgmt.web import formats

HOURS = range(8, 18)
KIND = "plans.digest"
KEPT = timedelta(days=30)
MOST_LINES = 20


@dataclass
class Digest:
    """What one person is reminded of: tasks by id, and stage reviews by id, as (what, which plan, when)."""

    tasks: dict[int, PlanTask] = field(default_factory=dict)
    reviews: dict[int, PlanReview] = field(default_factory=dict)


def remind(workspace: Workspace, now: datetime) -> int:
    """Remind whoever has something overdue, once a day, on working days from 8 to 18 o'clock of the workspace.

    A task's owner and who answers for its plan are reminded; not who is away today, has left or has no sign-in.
    Returns how many people were reminded. The row of the day is unique, so that two runs at once remind once.
    """
    local = timezone.localtime(now, ZoneInfo(workspace.time_zone))
    today = local.date()
    if local.hour not in HOURS or not workspace.calendar(today, today).working_days(today, today):
        return 0
    PlanReminder.objects.filter(day__lt=today - KEPT).delete()
    digests = _digests(today)
    here = _reachable(set(digests), today)
    members = Membership.objects.select_related("user", "employee").filter(employee_id__in=here)
    count = 0
    for member in members.order_by("employee_id"):
        _row, is_new = PlanReminder.objects.get_or_create(employee=member.employee, day=today)
        if is_new:
            _send(member, digests[member.employee_id or 0], workspace)
            count += 1
    return count


def _digests(today: date) -> dict[int, Digest]:
    """Return what is overdue on a day, by person; two queries."""
    found: dict[int, Digest] = defaultdict(Digest)
    tasks = PlanTask.objects.select_related("plan", "owner").filter(
        done_on=None, due__lt=today, plan__state=PlanState.OPEN
    )
    for task in tasks.order_by("due", "pk"):
        for person in {task.owner_id, task.plan.owner_id}:
            found[person].tasks[task.pk] = task
    reviews = PlanReview.objects.select_related("plan").filter(found="", day__lt=today, plan__state=PlanState.OPEN)
    for review in reviews.order_by("day", "pk"):
        found[review.plan.owner_id].reviews[review.pk] = review
    return found


def _reachable(people: set[int], today: date) -> set[int]:
    """Return who of these people works today."""
    away = Absence.objects.filter(employee_id__in=people, first_day__lte=today, last_day__gte=today)
    gone = Employee.objects.filter(pk__in=people, left_on__lt=today)
    return people - set(away.values_list("employee_id", flat=True)) - set(gone.values_list("pk", flat=True))


def _send(member: Membership, digest: Digest, workspace: Workspace) -> None:
    user = member.user
    if digest.tasks:
        tell_overdue(user.pk, len(digest.tasks))
    if OVERDUE in user.muted:
        return
    language = user.language or workspace.language
    queue_mail(letter(digest, workspace, language), to=user.email, kind=KIND, language=language, at_most_once=True)


def letter(digest: Digest, workspace: Workspace, language: str) -> Letter:
    """Return the mail: what is overdue, the oldest first, and where to say how far it is."""
    with override(language):
        lines: list[tuple[str, str]] = [
            (task.text, f"{formats.day(task.due)} · {task.plan.title} · {task.owner.name}")
            for task in digest.tasks.values()
        ]
        lines += [(str(_("Stage review")), f"{formats.day(review.day)} · {review.plan.title}")
                  for review in digest.reviews.values()]  # fmt: skip
        many = len(lines)
        subject = ngettext("%(n)s thing in your plans is overdue", "%(n)s things in your plans are overdue", many)
        link = f"{settings.SITE_URL}/w/{workspace.slug}/plans/?state=overdue" if settings.SITE_URL else ""
        return Letter(
            subject % {"n": many},
            [str(_("Say how far each is, move it, or ask for help. What is done no longer appears here."))],
            action=(str(_("Open my tasks")), link) if link else None,
            details=[(label, value) for label, value in lines[:MOST_LINES]],
            footnote=str(_("You get this once on a working day, while something is overdue. "
                           "In your account you choose what you are told.")),
        )  # fmt: skip
