"""The set-up checklist (T9): from an empty workspace to the first report, step by step."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goals.models import MonthlyTarget
from perfmgmt.metrics import library
from perfmgmt.metrics.models import Metric, UnitRollup
from perfmgmt.people import directory
from perfmgmt.people.duties.services import install_pack
from perfmgmt.people.gaps import MANAGER
from perfmgmt.people.models import Duty, Position
from perfmgmt.tenants.calendar import Grain
from perfmgmt.web import formats
from reviews.forms.pack import install_pack as install_questions
from reviews.scorecards.pack import install_pack as install_scorecards

# With this a page that a step leads to shows the way back to the checklist.
FROM_HERE = "?from=setup"


class State(StrEnum):
    """How a step stands. `LATER` is for what this version does not have yet."""

    DONE = "done"
    NEXT = "next"
    MISSING = "missing"
    LATER = "later"


@dataclass(frozen=True)
class Step:
    """One step: what is there and what is missing in words; `url_name` is where it is done, with `query`."""

    code: str
    title: str
    text: str
    state: State
    url_name: str = ""
    query: str = ""
    button: str = ""


@dataclass(frozen=True)
class Numbers:
    """What the workspace has; everything the checklist says follows from these."""

    people: int = 0
    without_manager: int = 0
    described: int = 0
    undescribed: int = 0
    metrics: int = 0
    library_missing: int = 0
    measured: int = 0
    ever_targets: bool = False
    with_target: int = 0


@dataclass(frozen=True)
class PackResult:
    """What the template pack added."""

    metrics: int
    positions: int
    duties: int
    questions: int = 0
    questionnaires: int = 0
    scorecards: int = 0


def apply_pack() -> PackResult:
    """Add what the open workspace lacks. Twice changes nothing.

    The metric library, positions, job descriptions, questions, and the ready scorecards as drafts.
    """
    positions, duties = install_pack()
    metrics, asked = library.install(), install_questions()
    return PackResult(metrics, positions, duties, asked.questions, asked.questionnaires, len(install_scorecards()))


def count(*, today: date) -> Numbers:
    """Count what the open workspace has, in a fixed number of queries."""
    people = directory.find(
        directory.Wanted(status=directory.EMPLOYED), on=today, choices=directory.Options([], [], {}), by_address=False
    )
    month = MonthlyTarget.objects.filter(month=today.replace(day=1))
    known = set(Metric.objects.values_list("code", flat=True))
    described = Duty.objects.order_by().values_list("position_id").distinct().count()
    measured = UnitRollup.objects.filter(metric_id=OuterRef("pk"), grain=int(Grain.MONTH), n__gt=0)
    return Numbers(
        people=people.count(),
        without_manager=people.filter(MANAGER.without(today)).count(),
        described=described,
        undescribed=Position.objects.count() - described,
        metrics=len(known),
        library_missing=sum(entry["code"] not in known for entry in library.entries()),
        measured=Metric.objects.filter(Exists(measured)).count(),
        ever_targets=MonthlyTarget.objects.exists(),
        with_target=people.filter(pk__in=month.values("employee_id")).count(),
    )


def steps(has: Numbers, *, month: str) -> list[Step]:
    """Return the steps in their order; the first one that is not done is the next. `month` as people read it."""
    made = [_people(has), _template(has), _metrics(has), _goals(has, month)]
    first = next((at for at, step in enumerate(made) if step.state is State.MISSING), None)
    if first is not None:
        step = made[first]
        made[first] = Step(step.code, step.title, step.text, State.NEXT, step.url_name, step.query, step.button)
    return [
        *made,
        Step("cycle", _("First review cycle"), _("Comes with a later version."), State.LATER),
        Step("report", _("First report"), _("Comes with a later version."), State.LATER),
    ]


def is_done(found: list[Step]) -> bool:
    """Return whether everything that this version has is set up."""
    return all(step.state in (State.DONE, State.LATER) for step in found)


def _state(done: bool) -> State:
    return State.DONE if done else State.MISSING


def _people(has: Numbers) -> Step:
    text = _("Nobody is in the directory yet. Import a spreadsheet with names, numbers, units and managers.")
    if has.people:
        text = ngettext("{n} person is in the directory.", "{n} people are in the directory.", has.people)
        text = text.format(n=formats.number(has.people))
        # One person leads the rest; more than one without a manager is worth a look.
        if has.without_manager > 1:
            more = _("{n} of them have no manager.").format(n=formats.number(has.without_manager))
            text = f"{text} {more}"
    if not has.people:
        return Step("people", _("People"), text, _state(False), "imports", "", _("Import people"))
    return Step("people", _("People"), text, _state(True), "people", "", _("See people"))


def _template(has: Numbers) -> Step:
    title = _("Template pack: positions and job descriptions")
    if not has.described:
        text = _("No position has a job description. The pack brings a sales assistant's, in Chinese and English.")
        return Step("template", title, text, _state(False))
    text = ngettext(
        "{n} position has a job description.", "{n} positions have a job description.", has.described
    ).format(n=formats.number(has.described))
    if has.undescribed > 0:
        more = ngettext("{n} has none yet.", "{n} have none yet.", has.undescribed)
        text = f"{text} {more.format(n=formats.number(has.undescribed))}"
    return Step("template", title, text, _state(True), "positions", FROM_HERE, _("See positions"))


def _metrics(has: Numbers) -> Step:
    title = _("Metrics with facts")
    if has.library_missing and not has.measured:
        text = _("{n} metrics of the ready-made library are missing; the template pack adds them.")
        text = text.format(n=formats.number(has.library_missing))
        return Step("metrics", title, text, _state(False), "metrics", "", _("See metrics"))
    if not has.measured:
        text = _("{n} metrics are ready, but none has facts. Import a spreadsheet of sales.")
        text = text.format(n=formats.number(has.metrics))
        return Step("metrics", title, text, _state(False), "imports", "", _("Import facts"))
    text = _("{n} of {all} metrics have facts.").format(
        n=formats.number(has.measured), all=formats.number(has.metrics)
    )
    return Step("metrics", title, text, _state(True), "metrics", "", _("See metrics"))


def _goals(has: Numbers, month: str) -> Step:
    text = _("{n} of {all} people have a target for {month}.").format(
        n=formats.number(has.with_target), all=formats.number(has.people), month=month
    )
    return Step("goals", _("Targets"), text, _state(has.ever_targets), "targets", "", _("Set targets"))
