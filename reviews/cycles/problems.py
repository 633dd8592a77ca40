"""The dry run (R2): what speaks against launching a cycle, found before anybody is asked anything.

What blocks must be mended; a warning may be right (who leads the company has no manager).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _t

from perfmgmt.people.models import Assignment, Membership
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.models import WorkspaceRules
from perfmgmt.tenants.selectors import workspace_rules
from reviews.cycles import people
from reviews.cycles.people import Audience, Member
from reviews.cycles.rules import dates_out_of_order, possible_peers, weights_sum
from reviews.models import (
    CycleForm,
    CycleGroup,
    CycleState,
    Participant,
    QuestionKind,
    QuestionnaireItem,
    QuestionnairePurpose,
    RaterKind,
    ReviewCycle,
)
from reviews.scorecards.matching import scorecard_for

BLOCK, WARN = "block", "warn"
#: Groups with a minimum that the workspace sets, and the name of its rule.
FLOORS = {
    RaterKind.PEERS: "minimum_peers",
    RaterKind.REPORTS: "minimum_reports",
    RaterKind.INTERNAL: "minimum_internal_customers",
    RaterKind.CUSTOMERS: "minimum_customers",
}


@dataclass(frozen=True)
class Problem:
    """One thing that speaks against a launch: of a person, or of the cycle when there is none.

    `link` names the page that mends it: an address name with its argument, ("", 0) for none.
    """

    code: str
    sentence: str
    severity: str = BLOCK
    person: Member | None = None
    link: tuple[str, int] = ("", 0)

    @property
    def blocks(self) -> bool:
        """Whether the cycle can't be launched with it."""
        return self.severity == BLOCK


@dataclass(frozen=True)
class DryRun:
    """Everything a launch would need, and what speaks against it."""

    audience: Audience
    managers: Mapping[int, Mapping[int, int]]
    versions: Mapping[int, int]
    problems: list[Problem]

    @property
    def blocking(self) -> list[Problem]:
        """What must be mended first."""
        return [each for each in self.problems if each.blocks]


def problems(cycle: ReviewCycle, workspace: Workspace) -> list[Problem]:
    """Return what speaks against launching a cycle, what blocks first."""
    return dry_run(cycle, workspace).problems


def dry_run(cycle: ReviewCycle, workspace: Workspace) -> DryRun:
    """Work a launch out without writing anything; about fifteen queries for any number of people."""
    today = workspace.today()
    found = people.audience(cycle, today)
    groups = list(cycle.groups.order_by("pk"))
    led = people.managers(found.ids, cycle, workspace, today)
    versions = scorecard_for(found.ids, cycle.grain, cycle.start, workspace=workspace) if found.ids else {}
    of_cycle = [
        *_of_dates(cycle, groups, today), *_of_groups(cycle, groups), *_of_forms(cycle, groups), *_of_guideline(cycle)
    ]  # fmt: skip
    if not found.members:
        of_cycle.insert(0, Problem("nobody", _t("Nobody is in this cycle. Choose other people or another period."),
                                   link=("cycle_who", cycle.pk)))  # fmt: skip
    of_people = [
        *_absent(found), *_in_another(cycle, found.members), *_left(found.members, today),
        *_without_manager(found, led, today, groups), *_few_peers(found, groups),
        *_without_scorecard(found.members, versions), *_without_account(found.members),
    ]  # fmt: skip
    return DryRun(found, led, versions, sorted([*of_cycle, *of_people], key=lambda each: not each.blocks))


def _of_dates(cycle: ReviewCycle, groups: Iterable[CycleGroup], today: date) -> list[Problem]:
    link = ("cycle_dates", cycle.pk)
    found = []
    if cycle.answer_until is None:
        found.append(Problem("no_deadline", _t("Say until when answers are expected."), link=link))
    nominates = any(each.most for each in groups)
    deadlines = [
        (cycle.nominate_until if nominates else None, _t("The deadline of nominations, {day}, is over.")),
        (cycle.answer_until, _t("The deadline of answers, {day}, is over.")),
        (cycle.release_on, _t("The day planned for the results, {day}, is over.")),
    ]
    for day, sentence in deadlines:
        if day is not None and day < today:
            found.append(Problem("deadline_past", sentence.format(day=date_format(day)), link=link))
    if dates_out_of_order([cycle.nominate_until, cycle.answer_until, cycle.release_on]):
        text = _t("The days are out of order: first nominations, then answers, then results.")
        found.append(Problem("deadlines_order", text, link=link))
    return found


def _of_groups(cycle: ReviewCycle, groups: list[CycleGroup]) -> list[Problem]:
    link, rules = ("cycle_groups", cycle.pk), workspace_rules()
    total = weights_sum(each.weight for each in groups)
    found = []
    if total == 0:
        found.append(Problem("weights_zero", _t("All rater groups have weight 0: there would be no 360 score."),
                             link=link))  # fmt: skip
    elif total != 100:
        text = _t("The weights of the rater groups sum to {total}, not to 100.").format(
            total=f"{total.normalize():f}"
        )
        found.append(Problem("weights_not_100", text, link=link))
    for each in groups:
        floor = floor_of(each.group, rules)
        if each.minimum < floor:
            text = _t("{group}: at least {n} raters are the rule of the workspace.")
            text = text.format(group=each.get_group_display(), n=floor)
            found.append(Problem("minimum_too_small", text, link=link))
        if each.most and each.most < each.minimum:
            text = _t("{group}: at most {most} are nominated, but {minimum} are needed for a result.")
            text = text.format(group=each.get_group_display(), most=each.most, minimum=each.minimum)
            found.append(Problem("most_below_minimum", text, link=link))
    return found


def floor_of(group: str, rules: WorkspaceRules) -> int:
    """Return the smallest minimum that a group may have in this workspace; 1 for those announced as identified."""
    name = FLOORS.get(RaterKind(group))
    return 1 if name is None else int(getattr(rules, name))


def _of_forms(cycle: ReviewCycle, groups: list[CycleGroup]) -> list[Problem]:
    forms = list(CycleForm.objects.select_related("questionnaire").filter(cycle=cycle))
    link = ("cycle_forms", cycle.pk)
    if not forms:
        return [Problem("no_questionnaire", _t("No questionnaire is chosen: raters would be asked nothing."),
                        link=link)]  # fmt: skip
    items = QuestionnaireItem.objects.filter(questionnaire__in=[each.questionnaire_id for each in forms])
    rows = list(items.values_list("questionnaire_id", "question__kind", "weight", "groups"))
    asked = {each.group for each in groups}
    return [
        problem
        for each in forms
        for problem in _of_form(each, [row[1:] for row in rows if row[0] == each.questionnaire_id], asked, link)
    ]


def _of_form(
    form: CycleForm, items: list[tuple[str, Decimal, list[str]]], asked: set[str], link: tuple[str, int]
) -> list[Problem]:
    name = form.questionnaire.name
    if not items:
        return [Problem("empty_questionnaire", _t("“{name}” has no questions.").format(name=name), link=link)]
    found = []
    scales = [weight for kind, weight, _groups in items if kind == QuestionKind.SCALE]
    scored = form.questionnaire.purpose != QuestionnairePurpose.SELF  # self-reviews count in no score
    if scored and scales and not any(scales):
        text = _t("All questions of “{name}” have weight 0.").format(name=name)
        found.append(Problem("zero_items", text, link=link))
    if not any(not groups or asked & set(groups) for _kind, _weight, groups in items):
        text = _t("“{name}” asks only rater groups that are not in this cycle.").format(name=name)
        found.append(Problem("unasked", text, WARN, link=link))
    return found


def _of_guideline(cycle: ReviewCycle) -> list[Problem]:
    if not cycle.guideline:
        return []
    try:
        total = weights_sum(Decimal(str(each)) for each in cycle.guideline.values())
    except InvalidOperation:
        total = Decimal(0)
    if total == 100:
        return []
    text = _t("The guideline of the distribution sums to {total}%, not to 100%.").format(
        total=f"{total.normalize():f}"
    )
    return [Problem("guideline", text, link=("cycle_visibility", cycle.pk))]


def _absent(found: Audience) -> list[Problem]:
    text = _t("{name} was chosen but has no assignment on {day}.")
    return [
        Problem("absent", text.format(name=each.name, day=date_format(found.day)), BLOCK, each,
                ("person_assignments", each.employee_id))
        for each in found.absent
    ]  # fmt: skip


def _in_another(cycle: ReviewCycle, members: list[Member]) -> list[Problem]:
    others = Participant.objects.filter(
        cycle__state__in=(CycleState.OPEN, CycleState.CLOSED),
        cycle__grain=cycle.grain,
        cycle__start=cycle.start,
        dropped_at=None,
        results=None,
    ).exclude(cycle=cycle)
    names = dict(others.values_list("employee_id", "cycle__name"))
    text = _t("{name} is already in “{cycle}”, which is not finished for the same period.")
    return [
        Problem("in_another", text.format(name=each.name, cycle=names[each.employee_id]), BLOCK, each)
        for each in members
        if each.employee_id in names
    ]


def _left(members: list[Member], today: date) -> list[Problem]:
    text = _t("{name} has left the company on {day}: there will be no self-review.")
    return [
        Problem("left", text.format(name=each.name, day=date_format(each.left_on)), WARN, each,
                ("person_assignments", each.employee_id))
        for each in members
        if each.left_on is not None and each.left_on < today
    ]  # fmt: skip


def _without_manager(
    found: Audience, led: Mapping[int, Mapping[int, int]], today: date, groups: list[CycleGroup]
) -> list[Problem]:
    if not any(each.group == RaterKind.MANAGER for each in groups):
        return []
    text = _t("{name} has no manager in this period who could review.")
    reachable = _reachable({each.manager_id for each in found.members if each.manager_id}, today)
    return [
        Problem("no_manager", text.format(name=each.name), WARN, each, ("person_assignments", each.employee_id))
        for each in found.members
        if not led.get(each.employee_id) and each.manager_id not in reachable
    ]


def _reachable(employee_ids: set[int], today: date) -> set[int]:
    rows = Assignment.objects.filter(employee_id__in=employee_ids).filter(
        Q(employee__left_on=None) | Q(employee__left_on__gte=today)
    )
    return set(rows.values_list("employee_id", flat=True))


def _few_peers(found: Audience, groups: list[CycleGroup]) -> list[Problem]:
    group = next((each for each in groups if each.group == RaterKind.PEERS), None)
    if group is None:
        return []
    possible = possible_peers(people.places_on(found.day))
    text = _t("{name} can have {n} peers at most; {minimum} are needed for a result.")
    return [
        Problem("few_peers", text.format(name=each.name, n=n, minimum=group.minimum), WARN, each)
        for each in found.members
        if (n := max(0, possible.get(each.employee_id, 0))) < group.minimum
    ]


def _without_scorecard(members: list[Member], versions: Mapping[int, int]) -> list[Problem]:
    text = _t("No published scorecard fits {name}: there will be no composite score.")
    return [
        Problem("no_scorecard", text.format(name=each.name), WARN, each)
        for each in members
        if each.employee_id not in versions
    ]


def _without_account(members: list[Member]) -> list[Problem]:
    known: set[Any] = set(Membership.objects.exclude(employee=None).values_list("employee_id", flat=True))
    text = _t("{name} has no sign-in and can't write a self-review. Invite them.")
    return [
        Problem("no_account", text.format(name=each.name), WARN, each, ("person_assignments", each.employee_id))
        for each in members
        if each.employee_id not in known
    ]
