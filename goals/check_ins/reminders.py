"""Reminding people of their check-in, and telling managers who is missing: once a week each, by mail and notice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override, pgettext

from goals.check_ins.lines import expected_people
from goals.check_ins.notices import MISSING, REMINDER
from goals.check_ins.rules import ONE_DAY, ONE_WEEK, due_day, monday_of, week_label
from goals.check_ins.selectors import goal_rules, is_present
from goals.models import CheckIn, CheckInMail, CheckInState, GoalRules
from perfmgmt.notify.letters import Letter
from perfmgmt.notify.notifications import tell
from perfmgmt.notify.services import queue_mail
from perfmgmt.people.models import Assignment, Employee, Membership, StandIn
from perfmgmt.people.own_days import own_days
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.locks import Lock, try_lock
from perfmgmt.tenants.workdays import WorkingCalendar
from perfmgmt.web import formats

REMIND, DIGEST = "reminder", "digest"
MAIL_KINDS = {REMIND: "check_ins.reminder", DIGEST: "check_ins.missing"}
MOST_NAMES = 30


@dataclass(frozen=True)
class Clock:
    """The moment on the workspace's clock, and what is due then."""

    workspace: Workspace
    rules: GoalRules
    today: date
    calendar: WorkingCalendar

    def due(self, week: date) -> date | None:
        """Return the day on which a week's check-in is due."""
        return due_day(week, self.rules.check_in_day, self.calendar.works)

    def digest_day(self, week: date) -> date | None:
        """Return the first working day after the one on which a week's check-in is due; None beyond a fortnight."""
        due = self.due(week)
        if due is None:
            return None
        return next(self.calendar.each(due + ONE_DAY, due + 2 * ONE_WEEK), None)


def remind(workspace: Workspace, now: datetime) -> int:
    """Remind whoever is to be reminded by now; return how many people were. Nobody twice for a week.

    From the hour that the workspace has set, on its clock, to the end of the day. Two runs at once: the second one
    does nothing.
    """
    local, rules = timezone.localtime(now, ZoneInfo(workspace.time_zone)), goal_rules()
    if local.hour < rules.check_in_hour or not try_lock(Lock.CHECK_INS, workspace.id):
        return 0
    today = local.date()
    week = monday_of(today)
    clock = Clock(workspace, rules, today, workspace.calendar(week - 2 * ONE_WEEK, week + 3 * ONE_WEEK))
    count = _remind_people(week, clock) if clock.due(week) == today else 0
    for before in (week, week - ONE_WEEK, week - 2 * ONE_WEEK):
        if clock.digest_day(before) == today:
            count += _tell_managers(before, clock)
    return count


def _without(week: date) -> list[int]:
    """Return who is to check in in a week and has not; three queries."""
    sent = CheckIn.objects.filter(week=week, state=CheckInState.SENT).values_list("employee_id", flat=True)
    return sorted(set(expected_people(None, week)) - set(sent))


def _remind_people(week: date, clock: Clock) -> int:
    """Remind who has not sent theirs; not who is away today."""
    waiting = _without(week)
    days = own_days(waiting, clock.today, clock.today)
    here = [pk for pk in waiting if days[pk].weight(clock.calendar, clock.today) > 0]
    members = _new(here, week, REMIND)
    label = week_label(week)
    tell(REMINDER, user_ids=[each.user_id for each in members], path=f"check-in/?week={label}", key=label, week=label)
    for member in members:
        _send(member, reminder_letter(week, clock.workspace, _language(member, clock)), REMIND, REMINDER, clock)
    return len(members)


def _tell_managers(week: date, clock: Clock) -> int:
    """Tell managers who of the people they lead today is missing; of one who is away, who stands in is told."""
    missing = _without(week)
    days = own_days(missing, week, week + 6 * ONE_DAY)
    missing = [pk for pk in missing if is_present(days[pk], clock.calendar, week)]
    by_leader = _leaders(missing, clock)
    members = {each.employee_id: each for each in _new(by_leader, week, DIGEST)}
    names = dict(Employee.objects.filter(pk__in=missing).values_list("pk", "name"))
    label = week_label(week)
    for pk, member in members.items():
        team = [names[each] for each in by_leader[pk or 0]]
        path = f"check-ins/?week={label}&state=missing"
        tell(MISSING, user_ids=[member.user_id], path=path, key=label, week=label, n=len(team))
        letter = digest_letter(team, week, clock.workspace, _language(member, clock))
        _send(member, letter, DIGEST, MISSING, clock)
    return len(members)


def _leaders(employee_ids: Iterable[int], clock: Clock) -> dict[int, list[int]]:
    """Return people by who decides about them today: the manager, or who stands in for one who is away."""
    spells = Assignment.objects.filter(
        employee_id__in=list(employee_ids), valid_from__lte=clock.today, valid_to__gte=clock.today,
        manager__isnull=False,
    )  # fmt: skip
    led: dict[int, list[int]] = defaultdict(list)
    for pk, manager_id in spells.order_by("employee__name_key", "pk").values_list("employee_id", "manager_id"):
        led[manager_id or 0].append(pk)
    days = own_days(led, clock.today, clock.today)
    away = {pk for pk in led if days[pk].is_away(clock.today)}
    acting = StandIn.objects.filter(employee_id__in=away, first_day__lte=clock.today, last_day__gte=clock.today)
    instead: Mapping[int, int] = dict(acting.values_list("employee_id", "stand_in_id"))
    found: dict[int, list[int]] = defaultdict(list)
    for manager_id, people in led.items():
        leader = instead.get(manager_id) if manager_id in away else manager_id
        if leader is not None:
            found[leader] += [pk for pk in people if pk != leader]
    return {pk: people for pk, people in found.items() if people}


def _new(employee_ids: Iterable[int], week: date, kind: str) -> list[Membership]:
    """Note that people are told about a week, and return those with a sign-in who had not been."""
    ids = set(employee_ids)
    told = CheckInMail.objects.filter(employee_id__in=ids, week=week, kind=kind).values_list("employee_id", flat=True)
    members = Membership.objects.select_related("user").filter(employee_id__in=ids - set(told))
    found = list(members.order_by("employee_id"))
    CheckInMail.objects.bulk_create(
        CheckInMail(employee_id=each.employee_id or 0, week=week, kind=kind) for each in found
    )
    return found


def _language(member: Membership, clock: Clock) -> str:
    return member.user.language or clock.workspace.language


def _send(member: Membership, letter: Letter, kind: str, notice: str, clock: Clock) -> None:
    """Queue the mail, except for who does not want to be told such things."""
    if notice in member.user.muted or not member.user.is_active:
        return
    language = _language(member, clock)
    queue_mail(letter, to=member.user.email, kind=MAIL_KINDS[kind], language=language, at_most_once=True)


def _link(workspace: Workspace, path: str) -> str:
    return f"{settings.SITE_URL}/w/{workspace.slug}/{path}" if settings.SITE_URL else ""


def reminder_letter(week: date, workspace: Workspace, language: str) -> Letter:
    """Return the mail that reminds somebody of their check-in."""
    with override(language):
        label = week_label(week)
        link = _link(workspace, f"check-in/?week={label}")
        return Letter(
            str(_("Your check-in of {week}")).format(week=formats.period(label)),
            [str(_("Say in two minutes where you stand: your figures are filled in already."))],
            action=(str(_("Open my check-in")), link) if link else None,
            details=[(str(_("Workspace")), workspace.name)],
            footnote=str(_("You get this once a week, not when you are away or have checked in. In your account you "
                           "choose what you are told.")),
        )  # fmt: skip


def digest_letter(names: list[str], week: date, workspace: Workspace, language: str) -> Letter:
    """Return the mail that tells a manager who is missing."""
    with override(language):
        label = week_label(week)
        link = _link(workspace, f"check-ins/?week={label}&state=missing")
        subject = ngettext(
            "%(n)s check-in of %(week)s is missing", "%(n)s check-ins of %(week)s are missing", len(names)
        )
        more = len(names) - MOST_NAMES
        listed = pgettext("between names", ", ").join(names[:MOST_NAMES])
        if more > 0:
            listed += " " + pgettext("after names", "and {n} others").format(n=more)
        return Letter(
            subject % {"n": len(names), "week": formats.period(label)},
            [str(_("They can still send it this week. Who was away all week is not counted."))],
            action=(str(_("Open the check-ins")), link) if link else None,
            details=[(str(_("Missing")), listed), (str(_("Workspace")), workspace.name)],
            footnote=str(_("You get this once a week, while somebody of your team is missing. In your account you "
                           "choose what you are told.")),
        )  # fmt: skip
