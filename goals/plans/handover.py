"""Open tasks and plans of somebody who leaves."""

from collections import defaultdict

from django.utils.translation import gettext_lazy as _

from goals.models import ActionPlan, PlanState, PlanTask
from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem


def find(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the open plans and tasks of people who leave, by employee; two queries."""
    found: dict[int, list[OpenItem]] = defaultdict(list)
    people = list(last_days)
    for plan in ActionPlan.objects.filter(owner_id__in=people, state=PlanState.OPEN).order_by("last_day", "pk"):
        label = str(_("Plan: {title}")).format(title=plan.title)
        found[plan.owner_id].append(OpenItem(f"plan-{plan.pk}", label, f"{plan.last_day}", "plan", (plan.pk,)))
    tasks = PlanTask.objects.select_related("plan").filter(
        owner_id__in=people, done_on=None, plan__state=PlanState.OPEN
    )
    for task in tasks.order_by("due", "pk"):
        item = OpenItem(f"task-{task.pk}", f"{task.text} · {task.plan.title}", f"{task.due}", "plan", (task.plan_id,))
        found[task.owner_id].append(item)
    return dict(found)


def hand_over(handover: Handover) -> None:
    """Give plans and tasks to somebody else; it is no new task for who did it, so nobody is told twice."""
    if handover.to is None:
        return
    ids: dict[str, list[int]] = {"plan": [], "task": []}
    for key in handover.keys:
        kind, _dash, pk = key.partition("-")
        ids.get(kind, []).append(int(pk))
    ActionPlan.objects.filter(pk__in=ids["plan"], owner=handover.leaver).update(owner=handover.to)
    PlanTask.objects.filter(pk__in=ids["task"], owner=handover.leaver, done_on=None).update(owner=handover.to)


KIND = HandoverKind("plans", _("Open plans and tasks"), find, hand_over, order=35)
