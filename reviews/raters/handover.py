"""Reviews that somebody who leaves has not handed in: somebody else is asked, or nobody.

Those of managers, which carry their name, are on the list of `cycles.handover`.
"""

from collections import defaultdict

from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from reviews.cycles.handover import GROUPS as OF_CYCLES
from reviews.models import CycleState, Rater, RaterKind, RaterState
from reviews.raters import services
from reviews.raters.rules import COLLEAGUES

OPEN_STATES = (RaterState.NOMINATED, RaterState.ASKED, RaterState.STARTED)


def find(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the reviews that people were asked for and may not have handed in, in cycles that outlast them."""
    found: dict[int, list[OpenItem]] = defaultdict(list)
    rows = (
        Rater.objects.select_related("participant__cycle", "participant__employee")
        .filter(Q(participant__cycle__answer_until=None)
                | Q(participant__cycle__answer_until__gte=min(last_days.values())),
                # Colleagues' reviews whatever their state: the list must not tell which are handed in.
                Q(state__in=OPEN_STATES) | Q(state=RaterState.DONE, group__in=COLLEAGUES),
                employee_id__in=list(last_days), participant__dropped_at=None,
                participant__cycle__state=CycleState.OPEN)
        .exclude(group__in=(RaterKind.SELF, *OF_CYCLES))
        .order_by("participant__employee__name_key", "pk")
    )  # fmt: skip
    for rater in rows:
        until = rater.participant.cycle.answer_until
        if until is None or until >= last_days[rater.employee_id]:
            label = f"{rater.participant.employee.name} · {rater.participant.cycle.name}"
            item = OpenItem(f"{rater.pk}", label, rater.get_group_display())
            found[rater.employee_id].append(item)
    return dict(found)


def hand_over(handover: Handover) -> None:
    """Ask somebody else in the leaver's place, or nobody; what was begun is removed, what is handed in stays.

    Raises DomainError for who can't review one of the people.
    """
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    keys = [int(key) for key in handover.keys]
    rows = Rater.objects.filter(pk__in=keys, employee=handover.leaver, state__in=OPEN_STATES)
    reason = _t("{name} leaves the company.").format(name=handover.leaver.name)
    for rater in rows.order_by("participant_id", "pk"):
        to = handover.to.pk if handover.to is not None else None
        services.pass_on(rater, to, reason=reason[:300], by_user_id=handover.by_user_id, workspace=workspace)


KIND = HandoverKind(
    "raters", _("Reviews that were asked for"), find, hand_over, may_drop=True, drop_label=_("ask nobody else"),
    order=50,
)  # fmt: skip
