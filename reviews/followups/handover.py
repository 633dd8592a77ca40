"""Open follow-ups of somebody who leaves."""

from collections import defaultdict

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem
from reviews.models import FollowUp, FollowUpState, FollowUpStep, FollowUpStepKind


def find(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the open follow-ups of people who leave, by employee; one query."""
    found: dict[int, list[OpenItem]] = defaultdict(list)
    rows = FollowUp.objects.select_related("invitation__survey", "invitation__employee").filter(
        owner_id__in=list(last_days)
    )
    for task in rows.exclude(state=FollowUpState.CLOSED).order_by("due", "pk"):
        about = task.invitation.employee.name if task.invitation.employee else "—"
        label = _t("Low score for {name} · {survey}").format(name=about, survey=task.invitation.survey.name)
        item = OpenItem(f"{task.pk}", label, f"{task.due}", "follow_up", (task.pk,))
        found[task.owner_id or 0].append(item)
    return dict(found)


def hand_over(handover: Handover) -> None:
    """Give follow-ups to somebody else; each says so in its history."""
    if handover.to is None:
        return
    rows = FollowUp.objects.select_for_update(of=("self",)).filter(
        pk__in=[int(key) for key in handover.keys], owner=handover.leaver
    )
    for task in rows.exclude(state=FollowUpState.CLOSED).order_by("pk"):
        task.owner = handover.to
        task.save(update_fields=["owner"])
        FollowUpStep.objects.create(
            follow_up=task, kind=FollowUpStepKind.HANDED, by_id=handover.by_user_id, to=handover.to,
            text=_t("{name} leaves the company.").format(name=handover.leaver.name),
        )  # fmt: skip


KIND = HandoverKind("follow_ups", _("Open follow-ups of low scores"), find, hand_over, order=36)
