"""The evidence that is there already: goals with their progress, figures, check-ins, the last released result."""

from decimal import Decimal

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from goals.check_ins.rules import week_label
from goals.following.selectors import Standing, standings
from goals.models import CheckIn, CheckInState, Goal, Level, State
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import employee_figures_of, metrics_with_parts
from perfmgmt.tenants.calendar import Grain
from perfmgmt.web import formats
from reviews.forms.evidence import Asked, Evidence, Item, Source, register
from reviews.models import ReviewResult

MOST = 12
LAST_CHECK_INS = 5


def install() -> None:
    """Register the sources; called once, from `AppConfig.ready()`."""
    register(Source("goals", _("Goals"), goals, order=10))
    register(Source("figures", _("Figures"), figures, order=20))
    register(Source("check_ins", _("Check-ins"), check_ins, order=30))
    register(Source("last_result", _("Last result"), last_result, order=40))


def _link(asked: Asked, name: str, *args: object) -> str:
    """Return the address of a page, "" where the viewer can't open it or another slice has not built it yet."""
    if not asked.opens:
        return ""
    try:
        return reverse(name, args=[asked.workspace.slug, *args])
    except NoReverseMatch:
        return ""


def goals(asked: Asked) -> Evidence:
    """Return the agreed goals of the period with how far they are."""
    rows = list(
        Goal.objects.select_related("metric")
        .filter(
            employee=asked.employee, level=Level.PERSON, state__in=(State.AGREED, State.LOCKED),
            first_day__lte=asked.cycle.end, last_day__gte=asked.cycle.start,
        )
        .order_by("-weight", "first_day", "pk")[:MOST]
    )  # fmt: skip
    found = standings(rows, today=asked.today)
    return Evidence(
        _t("Goals"), [_goal(asked, found[row.pk]) for row in rows], _t("No agreed goals in this period."),
    )  # fmt: skip


def _goal(asked: Asked, standing: Standing) -> Item:
    goal, currency = standing.goal, asked.workspace.currency
    text = ""
    if standing.metric is not None and standing.target is not None:
        text = _t("{actual} of {target}").format(
            actual=formats.metric_value(standing.actual, standing.metric, currency),
            target=formats.metric_value(standing.target, standing.metric, currency),
        )
    elif standing.metric is not None:
        text = formats.metric_value(standing.actual, standing.metric, currency)
    return Item(
        goal.title,
        text,
        formats.percent(standing.attainment, 0) if standing.attainment is not None else "",
        standing.status,
        None if standing.attainment is None else float(standing.attainment),
        None if standing.expected_share is None else float(standing.expected_share),
        _link(asked, "goal", goal.pk),
    )


def figures(asked: Asked) -> Evidence:
    """Return the figures of the period that have anything, each with the link to its facts."""
    grain, start = Grain(asked.cycle.grain), asked.cycle.start
    found = employee_figures_of(
        metrics_with_parts().filter(archived_at=None), grain=grain, start=start, employee_ids=[asked.employee.pk]
    )
    rows: list[tuple[Metric, Decimal]] = []
    for one in found.values():
        value = one.value(asked.employee.pk, start)
        if value is not None and one.n(asked.employee.pk, start):
            rows.append((one.metric, value))
    rows.sort(key=lambda row: (row[0].position, row[0].pk))
    items = [
        Item(metric.name, value=formats.metric_value(value, metric, asked.workspace.currency),
             url=_facts(asked, metric))
        for metric, value in rows[:MOST]
    ]  # fmt: skip
    return Evidence(_t("Figures"), items, _t("No figures of this period yet."))


def _facts(asked: Asked, metric: Metric) -> str:
    address = _link(asked, "facts")
    days = f"from={asked.cycle.start.isoformat()}&to={asked.cycle.end.isoformat()}"
    return f"{address}?metric={metric.code}&employee={asked.employee.pk}&{days}" if address else ""


def check_ins(asked: Asked) -> Evidence:
    """Return the last check-ins of the period: what stood in the way, and what help was asked for."""
    rows = list(
        CheckIn.objects.filter(
            employee=asked.employee, state=CheckInState.SENT, week__gte=asked.cycle.start, week__lte=asked.cycle.end
        ).order_by("-week")
    )
    items = [
        Item(formats.period(week_label(row.week)), row.help_text if row.help_wanted else row.next_steps,
             url=_link(asked, "check_in_page", row.pk))
        for row in rows[:LAST_CHECK_INS]
    ]  # fmt: skip
    title = ngettext("{n} check-in", "{n} check-ins", len(rows)).format(n=len(rows))
    url = _link(asked, "person_check_ins", asked.employee.pk)
    return Evidence(title, items, _t("No check-ins in this period."), url, _t("All check-ins"))


def last_result(asked: Asked) -> Evidence | None:
    """Return the last released result before this period."""
    row = (
        ReviewResult.objects.select_related("participant__cycle")
        .filter(participant__employee=asked.employee, participant__cycle__end__lt=asked.cycle.start)
        .order_by("-participant__cycle__end", "-pk")
        .first()
    )
    if row is None:
        return None
    value = " · ".join(part for part in (row.grade, formats.number(row.score, 2)) if part)
    return Evidence(
        _t("Last result"), [Item(row.participant.cycle.name, value=value, url=_link(asked, "result", row.pk))]
    )
