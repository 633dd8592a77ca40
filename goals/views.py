"""The page of targets: a month's number for each person."""

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from goals import selectors, services
from goals.permissions import SEE_TARGETS, SET_TARGETS
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import employee_figures
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.selectors import employed, visible_employees
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound

PEOPLE_PER_PAGE = 50
LARGEST = Decimal(10) ** 15


class BadTarget(DomainError):
    """A text that is no target."""

    code = "bad_target"


@workspace_view(SEE_TARGETS)
@require_http_methods(["GET", "POST"])
def targets(request: WorkspaceRequest) -> HttpResponse:
    """Show and, for who may, set the targets of one metric in one month."""
    today = request.workspace.today()
    month = _month(request)
    metrics = list(Metric.objects.filter(aggregation__in=services.ADDING, archived_at=None))
    code = request.GET.get("metric", "") or "sales_amount"
    metric = next((metric for metric in metrics if metric.code == code), None)
    if metric is None:
        raise NotFound
    if request.method == "POST":
        if not request.viewer.may(SET_TARGETS):
            raise NotAllowed
        try:
            seen = _typed(request.POST, "seen")
            typed = {pk: value for pk, value in _typed(request.POST, "target").items() if value != seen.get(pk)}
            changed = services.set_targets(metric, month.start, typed, viewer=request.viewer, today=today, seen=seen)
        except BadTarget as error:
            messages.error(request, str(error))
            return _page(request, metric, metrics, month, typed=request.POST)
        text = ngettext("%(n)s target saved.", "%(n)s targets saved.", changed) % {"n": changed}
        messages.success(request, text if changed else _("Nothing was different; nothing was saved."))
        return HttpResponseRedirect(f"{reverse('targets', args=[request.workspace.slug])}?{request.GET.urlencode()}")
    return _page(request, metric, metrics, month)


def _page(
    request: WorkspaceRequest, metric: Metric, metrics: list[Metric], month: Period, typed: QueryDict | None = None
) -> HttpResponse:
    """Show the month; `typed` is a form that could not be saved, whose fields stay as they were typed."""
    today = request.workspace.today()
    reach = visible_employees(viewer=request.viewer, on=today)
    people = employed(on=month.start, last=month.end)
    if reach is not None:
        people = people.filter(pk__in=reach)
    search = request.GET.get("q", "")[:100].strip()
    if search:
        people = people.filter(name__icontains=search)
    page = Paginator(people, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    ids = [employee.pk for employee in page]
    set_now = selectors.targets(metric, period=month, employee_ids=ids)
    last_year = month.next(-12)
    before, ago = (
        employee_figures(metric, grain=Grain.MONTH, first=then.start, last=then.start, employee_ids=ids)
        for then in (month.next(-1), last_year)
    )
    may_set = request.viewer.may(SET_TARGETS)
    rows = [
        {
            "employee": employee,
            "target": set_now.get(employee.pk),
            "seen": _plain(set_now.get(employee.pk)),
            "typed": (typed or QueryDict()).get(f"target-{employee.pk}", _plain(set_now.get(employee.pk))),
            "before": before.value(employee.pk, month.next(-1).start),
            "ago": ago.value(employee.pk, last_year.start),
            "may_set": may_set and (reach is None or employee.pk != request.viewer.employee_id),
        }
        for employee in page
    ]
    context = {
        "metric": metric,
        "metrics": metrics,
        "month": month,
        "previous": month.next(-1),
        "following": month.next(),
        "last_year": last_year,
        "page": page,
        "rows": rows,
        "total": sum(set_now.values(), Decimal(0)),
        "may_set": any(row["may_set"] for row in rows),
        "search": search,
    }
    return render(request, "goals/targets.html", context, status=200 if typed is None else 400)


def _plain(value: Decimal | None) -> str:
    """Return a number as it is typed: no grouping, no needless zeros."""
    if value is None:
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _month(request: WorkspaceRequest) -> Period:
    """Return the month of `?month=`, or the present one."""
    fiscal = request.workspace.fiscal_start_month
    try:
        period = Period.parse(request.GET.get("month", ""), fiscal)
    except ValueError:
        return Period.containing(Grain.MONTH, request.workspace.today(), fiscal)
    return Period.containing(Grain.MONTH, period.start, fiscal)


def _typed(form: QueryDict, field: str) -> dict[int, Decimal | None]:
    """Return employee id -> number in `<field>-<id>`, None for an empty one; raise BadTarget naming the text."""
    typed: dict[int, Decimal | None] = {}
    for name, text in form.items():
        prefix, _dash, number = name.partition("-")
        if prefix != field or not number.isdecimal() or len(number) > 18:
            continue
        plain = str(text).strip().replace(",", "").replace("，", "").replace(" ", "")
        try:
            value = Decimal(plain) if plain else None
        except InvalidOperation as error:
            raise BadTarget(_("“{text}” is not a number; nothing was saved."), text=str(text)[:40]) from error
        if value is not None and (not value.is_finite() or not 0 <= value < LARGEST):
            raise BadTarget(_("“{text}” can't be a target; nothing was saved."), text=str(text)[:40])
        typed[int(number)] = None if value is None else value.quantize(Decimal("0.0001"))
    return typed
