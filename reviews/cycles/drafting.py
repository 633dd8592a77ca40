"""Planning a cycle, step by step (R2): each step is saved as a draft, and only a draft can be changed.

`version` guards against two windows: what was typed on an older page is refused and stays on the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict, NotAllowed, NotFound
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.selectors import workspace_rules
from perfmgmt.web import formats
from reviews.cycles.launching import Changed, locked
from reviews.cycles.problems import floor_of
from reviews.cycles.rules import moved
from reviews.cycles.services import BadCycle
from reviews.models import CycleForm, CycleGroup, CycleState, Questionnaire, RaterKind, ReviewCycle
from reviews.permissions import MANAGE_CYCLES

#: What a new cycle begins with: (group, weight, merges, least, most).
USUAL_GROUPS = (
    (RaterKind.SELF, 0, False, 0, 0),
    (RaterKind.MANAGER, 60, False, 0, 0),
    (RaterKind.PEERS, 30, True, 3, 6),
    (RaterKind.REPORTS, 10, True, 0, 6),
)
#: Groups whose raters are nominated; the others follow from the reporting line, or answer surveys.
NOMINATED = (RaterKind.PEERS, RaterKind.REPORTS, RaterKind.INTERNAL)
_COPIED = (
    "grain", "audience", "most_per_rater", "uses_adjusted", "asks_potential", "shows_comments", "shows_groups",
    "guideline", "nudges", "closes_after",
)  # fmt: skip


@dataclass(frozen=True)
class GroupDraft:
    """A rater group as it was typed."""

    group: str
    weight: Decimal = Decimal(0)
    minimum: int = 1
    merges: bool = False
    least: int = 0
    most: int = 0


def _plans(viewer: Viewer) -> None:
    if not viewer.may(MANAGE_CYCLES):
        raise NotAllowed


def _draft(cycle_id: int, version: int | None, viewer: Viewer) -> ReviewCycle:
    """Return a draft for a change, locked. Raises NotAllowed, NotFound, Changed, Conflict once it is launched."""
    _plans(viewer)
    cycle = locked(cycle_id)
    if cycle.state != CycleState.DRAFT:
        raise Conflict(_("This cycle is launched: its plan no longer changes."), code="launched")
    if version is not None and version != cycle.version:
        raise Changed
    return cycle


def _free_name(name: str) -> str:
    """Return a name that no cycle has: with a number behind it, if need be."""
    wait_lock(Lock.CYCLE_NAMES, current_tenant_id())  # a double click finds what the first one named
    taken = set(ReviewCycle.objects.filter(name__startswith=name[:100]).values_list("name", flat=True))
    number, found = 1, name[:120]
    while found in taken:
        number += 1
        found = f"{name[:110]} ({number})"
    return found


def usual_name(period: Period) -> str:
    """Return what a cycle of this period is called unless somebody names it."""
    return _t("Review {period}").format(period=formats.period(period))


def _is_usual(name: str, period: Period) -> bool:
    """Return whether nobody chose this name: in whatever language the draft was made, numbered or not."""
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            usual = usual_name(period)
        if name == usual or name.startswith(f"{usual} ("):
            return True
    return False


def usual_days(after: date) -> dict[str, date]:
    """Return the deadlines proposed for a cycle that begins on this day: one, three and five weeks behind it."""
    weeks = {"nominate_until": 1, "answer_until": 3, "release_on": 5}
    return {name: after + timedelta(weeks=n) for name, n in weeks.items()}


@transaction.atomic
def create(*, viewer: Viewer, workspace: Workspace) -> ReviewCycle:
    """Make a draft with the usual groups and days, of the last quarter that is over and no cycle is about yet.

    If the quarter that is over has its cycle, the draft is about the running one: reviewing twice is refused anyway.
    """
    _plans(viewer)
    today = workspace.today()
    running = Period.containing(Grain.QUARTER, today, workspace.fiscal_start_month)
    over = running.next(-1)
    asked = ReviewCycle.objects.filter(grain=over.grain, start=over.start).exclude(state=CycleState.DRAFT)
    period = running if asked.exists() else over
    cycle = ReviewCycle.objects.create(
        name=_free_name(usual_name(period)), grain=period.grain, start=period.start, end=period.end,
        created_by_id=viewer.user_id, **usual_days(max(today, period.end)),
    )  # fmt: skip
    rules = workspace_rules()
    CycleGroup.objects.bulk_create(
        CycleGroup(cycle=cycle, group=group, weight=weight, minimum=floor_of(group, rules), merges=merges,
                   least=least, most=max(most, floor_of(group, rules)) if most else 0)
        for group, weight, merges, least, most in USUAL_GROUPS
    )  # fmt: skip
    return cycle


@transaction.atomic
def copy(cycle_id: int, *, viewer: Viewer, workspace: Workspace) -> ReviewCycle:
    """Make a draft like another cycle, for the period after it, its days as far behind the period as before."""
    _plans(viewer)
    old = ReviewCycle.objects.filter(pk=cycle_id).first()
    if old is None:
        raise NotFound
    period = Period(Grain(old.grain), old.start, workspace.fiscal_start_month).next()
    days = {name: moved(getattr(old, name), old.end, period.end) for name in
            ("nominate_until", "answer_until", "release_on")}  # fmt: skip
    cycle = ReviewCycle.objects.create(
        name=_free_name(usual_name(period)), start=period.start, end=period.end, copied_from=old,
        created_by_id=viewer.user_id, **days,
        **{name: getattr(old, name) for name in _COPIED},
    )  # fmt: skip
    CycleGroup.objects.bulk_create(
        CycleGroup(cycle=cycle, group=each.group, weight=each.weight, minimum=each.minimum, merges=each.merges,
                   least=each.least, most=each.most)
        for each in old.groups.order_by("pk")
    )  # fmt: skip
    CycleForm.objects.bulk_create(
        CycleForm(cycle=cycle, questionnaire_id=each.questionnaire_id, place=each.place)
        for each in old.forms.filter(questionnaire__archived_at=None)
    )
    return cycle


@transaction.atomic
def save(cycle_id: int, changes: Mapping[str, Any], *, version: int, viewer: Viewer) -> ReviewCycle:
    """Save fields of a draft. Raises BadCycle for a name that another cycle has, Changed, Conflict."""
    cycle = _draft(cycle_id, version, viewer)
    if "name" in changes and ReviewCycle.objects.filter(name=changes["name"]).exclude(pk=cycle.pk).exists():
        raise BadCycle("name", _("Another cycle has this name already."))
    for name, value in changes.items():
        setattr(cycle, name, value)
    return _saved(cycle)


@transaction.atomic
def save_period(
    cycle_id: int, name: str, period: Period, *, version: int, viewer: Viewer, workspace: Workspace
) -> ReviewCycle:
    """Save which period a draft is about, and its name; a name that nobody chose follows the period.

    Raises what `save` raises.
    """
    cycle = _draft(cycle_id, version, viewer)
    before = Period(Grain(cycle.grain), cycle.start, workspace.fiscal_start_month)
    if period != before and name == cycle.name and _is_usual(name, before):
        name = _free_name(usual_name(period))
    changes = {"name": name, "grain": int(period.grain), "start": period.start, "end": period.end}
    return save(cycle_id, changes, version=version, viewer=viewer)


@transaction.atomic
def leave_out(cycle_id: int, employee_ids: Sequence[int], *, version: int, viewer: Viewer) -> ReviewCycle:
    """Keep people out of a draft whom the dry run has a problem with."""
    cycle = _draft(cycle_id, version, viewer)
    audience = dict(cycle.audience or {})
    out = {*audience.get("without", []), *employee_ids}
    audience["people"] = [pk for pk in audience.get("people", []) if pk not in out]
    audience["without"] = sorted(out)
    cycle.audience = audience
    return _saved(cycle)


@transaction.atomic
def save_forms(cycle_id: int, questionnaires: Sequence[int], *, version: int, viewer: Viewer) -> ReviewCycle:
    """Save which questionnaires a draft asks, in this order; those of another workspace are not there."""
    cycle = _draft(cycle_id, version, viewer)
    known = set(Questionnaire.objects.filter(pk__in=questionnaires, archived_at=None).values_list("pk", flat=True))
    wanted = [pk for pk in dict.fromkeys(questionnaires) if pk in known]
    CycleForm.objects.filter(cycle=cycle).delete()
    CycleForm.objects.bulk_create(
        CycleForm(cycle=cycle, questionnaire_id=pk, place=place) for place, pk in enumerate(wanted, 1)
    )
    return _saved(cycle)


@transaction.atomic
def save_groups(
    cycle_id: int, groups: Sequence[GroupDraft], *, most_per_rater: int, version: int, viewer: Viewer
) -> ReviewCycle:
    """Save the rater groups of a draft; weights may be unfinished, minimums may not lie below the rules' floor."""
    cycle, rules = _draft(cycle_id, version, viewer), workspace_rules()
    for each in groups:
        floor = floor_of(each.group, rules)
        if each.minimum < floor:
            raise BadCycle(f"{each.group}-minimum", _("At least {n}: that is the rule of the workspace."), n=floor)
        if each.least > each.most:
            raise BadCycle(f"{each.group}-least", _("“At least” is more than “at most”."))
    CycleGroup.objects.filter(cycle=cycle).delete()
    CycleGroup.objects.bulk_create(
        CycleGroup(cycle=cycle, group=each.group, weight=each.weight, minimum=each.minimum, merges=each.merges,
                   least=each.least, most=each.most)
        for each in groups
    )  # fmt: skip
    cycle.most_per_rater = most_per_rater
    return _saved(cycle)


@transaction.atomic
def discard(cycle_id: int, *, viewer: Viewer) -> None:
    """Remove a draft."""
    cycle = _draft(cycle_id, None, viewer)
    ReviewCycle.objects.filter(copied_from=cycle).update(copied_from=None)
    cycle.delete()


def _saved(cycle: ReviewCycle) -> ReviewCycle:
    cycle.version += 1
    cycle.save()
    return cycle
