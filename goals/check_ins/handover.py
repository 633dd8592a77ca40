"""What somebody who leaves has open of check-ins: calls for help that nobody answered, key tasks not done."""

from collections import defaultdict
from datetime import date

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from goals.check_ins.rules import ONE_WEEK, monday_of, week_label
from goals.models import CheckIn, CheckInState, KeyTask
from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem
from perfmgmt.people.models import Employee
from perfmgmt.web import formats

# Older ones are settled, whatever they say.
RECENT = 4 * ONE_WEEK


def find(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return what people leave open of the last weeks: unanswered calls for help, undone tasks; two queries."""
    found: dict[int, list[OpenItem]] = defaultdict(list)
    since = {pk: monday_of(day) - RECENT for pk, day in last_days.items()}
    oldest = min(since.values())
    calls = CheckIn.objects.filter(
        employee_id__in=list(last_days), week__gte=oldest, state=CheckInState.SENT, help_wanted=True, answered_at=None
    )
    for call in calls.order_by("week"):
        if call.week >= since[call.employee_id]:
            label = _t("Asks for help: {text}").format(text=call.help_text)
            found[call.employee_id].append(
                OpenItem(f"help-{call.pk}", label, _week(call.week), "check_in_page", (call.pk,))
            )
    tasks = KeyTask.objects.filter(employee_id__in=list(last_days), week__gte=oldest, done=False)
    for task in tasks.order_by("week", "place"):
        if task.week >= since[task.employee_id]:
            found[task.employee_id].append(OpenItem(f"task-{task.pk}", task.text, _week(task.week)))
    return dict(found)


def _week(monday: date) -> str:
    return formats.period(week_label(monday))


def hand_over(handover: Handover) -> None:
    """Make them key tasks of somebody else in the week after the last day, or drop them."""
    helps = [int(key.removeprefix("help-")) for key in handover.keys if key.startswith("help-")]
    tasks = [int(key.removeprefix("task-")) for key in handover.keys if key.startswith("task-")]
    calls = CheckIn.objects.filter(pk__in=helps, employee=handover.leaver)
    rows = KeyTask.objects.filter(pk__in=tasks, employee=handover.leaver)
    if handover.to is not None:
        texts = [_t("{name} asked for help: {text}").format(name=handover.leaver.name, text=call.help_text)
                 for call in calls.order_by("week")]  # fmt: skip
        _give(handover.to, [*texts, *rows.order_by("week", "place").values_list("text", flat=True)], handover)
    calls.update(answered_at=timezone.now(), answered_by_id=handover.by_user_id)
    rows.delete()


def _give(to: Employee, texts: list[str], handover: Handover) -> None:
    week = monday_of(handover.last_day) + ONE_WEEK
    Employee.objects.select_for_update().get(pk=to.pk)  # places are taken one after another
    last = KeyTask.objects.filter(employee=to, week=week).aggregate(last=Max("place"))["last"] or 0
    KeyTask.objects.bulk_create(
        KeyTask(employee=to, week=week, place=place, text=text[:200]) for place, text in enumerate(texts, last + 1)
    )


KIND = HandoverKind(
    "check_ins", _("Calls for help and key tasks"), find, hand_over, may_drop=True, drop_label=_("close them"),
    order=45,
)  # fmt: skip
