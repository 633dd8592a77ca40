"""What somebody who leaves has open of cycles: reviews that carry their name. Somebody else gets them, or nobody.

Reviews in anonymous groups are not listed: which of them are open would tell which are done.
"""

from collections import defaultdict

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem
from reviews.cycles.one_group import leave_colleagues
from reviews.cycles.services import COUNTED, WAITING, put_in_place
from reviews.models import CycleState, Participant, Rater, RaterKind, RaterState

GROUPS = (RaterKind.MANAGER, RaterKind.SKIP_LEVEL)


def find(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the reviews that these people still have to write in open cycles; one query."""
    found: dict[int, list[OpenItem]] = defaultdict(list)
    rows = Rater.objects.select_related("participant__employee", "participant__cycle").filter(
        employee_id__in=list(last_days), group__in=GROUPS, state__in=WAITING,
        participant__cycle__state=CycleState.OPEN, participant__dropped_at=None,
    )  # fmt: skip
    for row in rows.order_by("participant__cycle_id", "participant__employee__name_key"):
        label = _t("Review of {name}").format(name=row.participant.employee.name)
        item = OpenItem(f"rater-{row.pk}", label, row.participant.cycle.name, "cycle_person", (row.participant_id,))
        found[row.employee_id].append(item)
    return dict(found)


def hand_over(handover: Handover) -> None:
    """Ask somebody else for the reviews, or nobody; the approval of nominations goes with a manager's review."""
    ids = [int(key.removeprefix("rater-")) for key in handover.keys]
    people = Participant.objects.filter(raters__in=ids).order_by("pk").values_list("pk", flat=True)
    list(
        Participant.objects.select_for_update(of=("self",))
        .filter(pk__in=list(people))
        .order_by("pk")
        .values_list("pk")
    )
    rows = list(
        Rater.objects.select_for_update(of=("self",))
        .select_related("participant")
        .filter(pk__in=ids, employee=handover.leaver, group__in=GROUPS, state__in=WAITING)
        .order_by("pk")
    )
    for row in rows:
        row.state, row.reason = RaterState.REMOVED, _t("{name} leaves.").format(name=handover.leaver.name)
        row.save(update_fields=["state", "reason", "updated_at"])
        to = handover.to
        if to is None or to.pk == row.participant.employee_id:
            continue
        theirs = Rater.objects.filter(participant=row.participant, employee=to, group__in=GROUPS, state__in=COUNTED)
        if not theirs.exists():
            leave_colleagues(row.participant_id, [to.pk])
            put_in_place(row, to.pk)
        if row.group == RaterKind.MANAGER and row.participant.manager_id == handover.leaver.pk:
            Participant.objects.filter(pk=row.participant_id).update(manager=to)


KIND = HandoverKind(
    "reviews", _("Reviews to write"), find, hand_over, may_drop=True, drop_label=_("ask nobody for them"), order=46
)
